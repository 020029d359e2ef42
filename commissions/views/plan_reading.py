"""A plan version made ready to be read: its rules and splits in sentences, each with an example."""

from dataclasses import dataclass

from commissions import examples, rates, wording
from commissions.examples import Example
from commissions.rates.plan import Rule, Split
from core.i18n import minor_digits
from partners.queries import tiers


@dataclass(frozen=True)
class Read:
    """A rule or split for reading."""

    position: int
    words: wording.RuleWords
    example: str | None
    #: Whether its example is a partner of the reader's tier.
    is_for_the_reader: bool = False


@dataclass(frozen=True)
class ReadPlan:
    """A version for reading."""

    order: str
    rules: list[Read]
    splits: list[Read]


def read_plan(plan: rates.PlanVersion, tier: str | None = None) -> ReadPlan:
    """Every rule and split of ``plan`` in its order; for a reader of that ``tier``."""
    names = wording.names_now()
    known = [one.code for one in tiers()]
    if tier in known:
        known.insert(0, known.pop(known.index(tier)))
    usual = 1000 * 10 ** minor_digits(plan.currency)

    def rule(position: int, one: Rule) -> Read:
        found = examples.example_of_rule(plan, one, tiers=known, minor=usual)
        return _read(
            position, wording.rule_words(one, plan.currency, names), found, plan.currency, names, tier
        )

    def split(position: int, one: Split) -> Read:
        found = examples.example_of_split(plan, one, tiers=known, minor=usual)
        return _read(
            position, wording.split_words(one, plan.currency, names), found, plan.currency, names, None
        )

    return ReadPlan(
        wording.order_sentence(plan),
        [rule(position, one) for position, one in enumerate(plan.rules, 1)],
        [split(position, one) for position, one in enumerate(plan.splits, 1)],
    )


def _read(
    position: int,
    words: wording.RuleWords,
    found: Example | None,
    currency: str,
    names: wording.Names,
    tier: str | None,
) -> Read:
    example = wording.example_sentence(found, words.name, currency, names) if found is not None else None
    partner = found.sale.partner if found is not None else None
    theirs = tier is not None and partner is not None and partner.tier == tier
    return Read(position, words, example, theirs)
