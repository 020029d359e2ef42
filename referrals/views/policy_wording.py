"""What a routing policy says, in words: the same for its page, an older version's, and what a draft would change."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from core.i18n import country_name, format_money, format_number, ngettext
from core.i18n import gettext as _
from core.interface import dotted
from core.settings import PROGRAMME_CURRENCY
from referrals.operations.routing import Queue
from referrals.queries.names import Names
from referrals.routing import Factor, Mode, Policy, choice_label, factor_label, mode_label, services_label

Said: TypeAlias = list[tuple[str, str]]
"""(rule, what it says)."""


class PolicyInWords(NamedTuple):
    """A policy by the questions that it answers."""

    given: Said
    may_have: Said
    measured: Said


def in_words(rules: Policy, queues: Sequence[Queue]) -> PolicyInWords:
    """Everything that the policy says but the weights, which are drawn."""
    names = Names()
    return PolicyInWords(
        given=[
            (_("Mode"), _way(rules.mode, rules.k)),
            *((_leads_of(queue), _way(queue.mode, queue.k)) for queue in queues),
            (_("Who is first"), choice_label(rules.choice)),
        ],
        may_have=[
            (_("Open leads a partner can hold"), format_number(rules.open_leads_cap)),
            (_("Leads a partner can get a day"), format_number(rules.daily_cap)),
            (
                _("Services that a customer wants"),
                services_label(needs_every=rules.needs_every_service),
            ),
            *(
                (
                    _("From %(number)s people on", number=format_number(band.employees)),
                    _("partners from %(tier)s upwards", tier=names("tier", band.tier)),
                )
                for band in rules.tier_minimums
            ),
        ],
        measured=[
            (_("Kilometres at which distance counts half"), format_number(rules.half_distance_km)),
            (_("Working hours at which the answer time counts half"), format_number(rules.half_answer_hours)),
            (_("Decided deals until which a partner is a newcomer"), format_number(rules.newcomer_deals)),
            (
                _("Win rate that newcomers count with at least"),
                _("%(percent)s %%", percent=format_number(100 * rules.newcomer_floor)),
            ),
        ],
    )


def differences(
    before: tuple[Policy, Sequence[Queue]], after: tuple[Policy, Sequence[Queue]]
) -> list[tuple[str, str, str]]:
    """What the second says otherwise than the first: (rule, before, after); what one does not have is empty there.

    Lines of leads that go another way are told apart by the leads that they take. Where both have some and have them
    in another order, that is a difference too, since the first that takes a lead counts.
    """
    one, other = (_weights(rules) | _all(in_words(rules, queues)) for rules, queues in (before, after))
    orders = [list(dict.fromkeys(_leads_of(queue) for queue in queues)) for _rules, queues in (before, after)]
    order, new_order = ([leads for leads in own if leads in one and leads in other] for own in orders)
    reordered = (_("Order of the lines"), _numbered(order), _numbered(new_order))
    return [
        *(
            (rule, one.get(rule, ""), other.get(rule, ""))
            for rule in [*one, *(rule for rule in other if rule not in one)]
            if one.get(rule) != other.get(rule)
        ),
        *([reordered] if order != new_order else []),
    ]


def weight_in_words(weight: Decimal) -> str:
    """With every decimal that it has, of which there are four at most."""
    return format_number(weight, digits=None if weight * 1000 % 1 == 0 else 4)


def _weights(rules: Policy) -> dict[str, str]:
    return {factor_label(factor): weight_in_words(rules.weights.get(factor, Decimal(0))) for factor in Factor}


def _all(words: PolicyInWords) -> dict[str, str]:
    """By rule. Of two lines that take the same leads the first counts."""
    said: dict[str, str] = {}
    for rule, says in (one for part in words for one in part):
        said.setdefault(rule, says)
    return said


def _numbered(lines: Sequence[str]) -> str:
    return "; ".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def _way(mode: Mode, k: int) -> str:
    several = _("at most %(number)s", number=format_number(k)) if mode is Mode.K_AT_ONCE else ""
    return dotted(mode_label(mode), several)


def _leads_of(queue: Queue) -> str:
    """*Fewer than 10 people · Source: shop*: what it takes to go this way."""
    currency = PROGRAMME_CURRENCY.value()
    return dotted(
        _("Source: %(sources)s", sources=", ".join(queue.sources)) if queue.sources else "",
        ", ".join(country_name(code) for code in queue.countries),
        ngettext("Fewer than %(number)s person", "Fewer than %(number)s people", queue.employees_below,
                 number=format_number(queue.employees_below))
        if queue.employees_below is not None else "",
        _("A project below %(sum)s", sum=format_money(queue.size_below_minor, currency))
        if queue.size_below_minor is not None else "",
    )  # fmt: skip
