"""Plans and proofs in words for people: rules, conditions, outcomes, formulas and accounts, in the reader's language.

A rule is said in short sentences that stand alone, so that they can be put below each other in any language. Nothing
is computed here but what has to be said: amounts come from the plan or from the proof.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from babel import Locale, lists, numbers

from commissions.examples import Example
from commissions.rates.plan import (
    LINE_KINDS,
    Amount,
    Brackets,
    Cap,
    Condition,
    Fixed,
    Group,
    Margin,
    Percent,
    PlanVersion,
    Rule,
    Split,
)
from commissions.rates.proofs import exact_text
from core.i18n import (
    NBSP,
    country_name,
    current_locale,
    format_day,
    format_money,
    format_number,
    minor_digits,
    ngettext,
)
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from partners.models import PartnerType
from partners.queries import products_by_code, services_by_code, tiers_by_code

MINUS = "\N{MINUS SIGN}"

FIELD_LABELS: dict[str, Any] = {
    "line.kind": _l("Kind of line"),
    "line.product": _l("Product"),
    "line.net_minor": _l("Amount of the line"),
    "line.quantity": _l("Quantity"),
    "sale.type": _l("Kind of sale"),
    "sale.amount_minor": _l("Amount of the sale"),
    "sale.billed_by": _l("Whose invoice"),
    "sale.source": _l("How the customer came"),
    "sale.country": _l("Country of the sale"),
    "customer.country": _l("Country of the customer"),
    "customer.size": _l("Size of the customer"),
    "customer.id": _l("Number of the customer"),
    "customer.months_since_first_sale": _l("Months since the first sale"),
    "partner.tier": _l("Tier of the partner"),
    "partner.type": _l("Kind of partner"),
    "partner.country": _l("Country of the partner"),
    "partner.id": _l("Partner"),
}
# The same within a sentence: *When the partner's tier is Gold.*
FIELD_CLAUSES: dict[str, Any] = {
    "line.kind": _l("the kind of line"),
    "line.product": _l("the product"),
    "line.net_minor": _l("the amount of the line"),
    "line.quantity": _l("the quantity"),
    "sale.type": _l("the kind of sale"),
    "sale.amount_minor": _l("the amount of the sale"),
    "sale.billed_by": _l("the invoice"),
    "sale.source": _l("the customer's way to us"),
    "sale.country": _l("the country of the sale"),
    "customer.country": _l("the customer's country"),
    "customer.size": _l("the customer's size"),
    "customer.id": _l("the customer's number"),
    "customer.months_since_first_sale": _l("the number of months since the first sale"),
    "partner.tier": _l("the partner's tier"),
    "partner.type": _l("the kind of partner"),
    "partner.country": _l("the partner's country"),
    "partner.id": _l("the partner"),
}
SALE_TYPES: dict[str, Any] = {
    "new": _l("New purchase"),
    "renewal": _l("Renewal"),
    "expansion": _l("Expansion"),
}
BILLERS: dict[str, Any] = {"vendor": _l("The vendor's"), "partner": _l("The partner's")}
SOURCES: dict[str, Any] = {
    "registered": _l("Registered by the partner"),
    "routed": _l("From a lead of the vendor"),
    "code": _l("By a referral code"),
    "link": _l("By a referral link"),
}
TRIGGERS: dict[str, Any] = {
    "sale": _l("A sale"),
    "lead_accepted": _l("A lead that it takes on"),
    "lead_qualified": _l("A lead with its code that proves good"),
    "partner_referral": _l("A new partner it brought"),
}
PAYEES: dict[str, Any] = {
    "partner": _l("The partner who sold"),
    "vendor": _l("The vendor"),
    "recruiter": _l("The partner who recruited the seller"),
}
CAP_PERIODS: dict[str, Any] = {
    "calendar_month": _l("a calendar month"),
    "calendar_quarter": _l("a calendar quarter"),
    "calendar_year": _l("a calendar year"),
    "lifetime": _l("in all"),
}
ACCOUNTS: dict[str, Any] = {
    "expense:commission": _l("Expense: commission"),
    "expense:share": _l("Expense: partners' shares of projects"),
    "expense:bonus": _l("Expense: bonuses"),
    "expense:adjustment": _l("Expense: adjustments"),
    "expense:event": _l("Expense: events"),
    "income:share": _l("Income: our share of projects"),
    "asset:projects": _l("Revenue of projects"),
    "asset:sepa": _l("Bank account"),
    "asset:foreign": _l("Account for international transfers"),
    "asset:onec": _l("Account at a Russian bank"),
    "asset:stripe": _l("Account at Stripe"),
    "asset:vat": _l("VAT paid to partners"),
    "liability:withholding": _l("Tax withheld from partners"),
    "income:fee": _l("Income: fees of payouts"),
    "asset:manual": _l("Paid by hand"),
}


@dataclass(frozen=True)
class Names:
    """What codes are called by: tiers, products, kinds of line, and partners by their ids."""

    tiers: Mapping[str, str] = field(default_factory=dict)
    products: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    partners: Mapping[str, str] = field(default_factory=dict)

    def kind(self, code: str) -> str:
        """A kind of line: the licence, or a service as the catalogue calls it."""
        return self.kinds.get(code, code)


def names_now(partners: Mapping[str, str] | None = None) -> Names:
    """The names of today's catalogue and tiers, in the reader's language."""
    services = services_by_code()
    return Names(
        tiers={code: tier.label for code, tier in tiers_by_code().items()},
        products={code: product.label for code, product in products_by_code().items()},
        kinds={
            code: _("Licence")
            if code == "licence"
            else services[code].label
            if code in services
            else _("Other service")
            for code in LINE_KINDS
        },
        partners=dict(partners or {}),
    )


# Small words


def said_rate(text: str) -> str:
    """``"2.9"`` as *2.9 %*, with every decimal it was written with."""
    value = numbers.format_decimal(Decimal(text), "#,##0.#########", locale=current_locale())
    return f"{value}{NBSP}%"


def one_of(values: Iterable[str]) -> str:
    """*A, B or C*."""
    return lists.format_list(list(values), style="or", locale=current_locale())


def label_of_field(name: str) -> str:
    """A fact's name; a key of a sale's metadata is called by itself."""
    known = FIELD_LABELS.get(name)
    return str(known) if known is not None else name.removeprefix("metadata.")


def said_value(name: str, value: object, currency: str, names: Names) -> str:
    """A fact's value as people call it."""
    if value is None:
        return _("not known")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return format_money(value, currency) if name.endswith("_minor") else format_number(value)
    text = str(value)
    match name:
        case "line.kind":
            return names.kind(text)
        case "line.product":
            return names.products.get(text, text)
        case "partner.tier":
            return names.tiers.get(text, text)
        case "partner.type":
            return str(PartnerType(text).label) if text in set(PartnerType) else text
        case "partner.id":
            return names.partners.get(text, text)
        case "sale.type":
            return str(SALE_TYPES.get(text, text))
        case "sale.billed_by":
            return str(BILLERS.get(text, text))
        case "sale.source":
            return str(SOURCES.get(text, text))
    return country_name(text) if name.endswith(".country") else text


def condition_sentence(condition: Condition, currency: str, names: Names) -> str:
    """*Tier of the partner: Gold or Platinum.* without its full stop."""
    name, op, value = label_of_field(condition.field), condition.op, condition.value
    if op == "exists":
        return _("%(field)s: known", field=name) if value else _("%(field)s: not known", field=name)
    values = value if isinstance(value, tuple) else (value,)
    said = one_of(said_value(condition.field, each, currency, names) for each in values)
    match op:
        case "eq" | "in":
            return _("%(field)s: %(value)s", field=name, value=said)
        case "ne" | "not_in":
            return _("%(field)s: not %(value)s", field=name, value=said)
        case "contains":
            return _("%(field)s: contains “%(value)s”", field=name, value=said)
        case "gt":
            return _("%(field)s: above %(value)s", field=name, value=said)
        case "gte":
            return _("%(field)s: %(value)s or more", field=name, value=said)
        case "lt":
            return _("%(field)s: below %(value)s", field=name, value=said)
        case _:
            return _("%(field)s: %(value)s or less", field=name, value=said)


def group_sentences(group: Group, currency: str, names: Names) -> list[str]:
    """The conditions that all must hold, one sentence each; of nothing, none."""
    if group.mode == "any":
        return [_either(group, currency, names)]
    return [
        condition_sentence(part, currency, names)
        if isinstance(part, Condition)
        else _either(part, currency, names)
        if part.mode == "any"
        else "; ".join(group_sentences(part, currency, names))
        for part in group.parts
    ]


def _either(group: Group, currency: str, names: Names) -> str:
    said = [
        condition_sentence(part, currency, names)
        if isinstance(part, Condition)
        else "; ".join(group_sentences(part, currency, names))
        for part in group.parts
    ]
    return f" – {_('or')} – ".join(said)


def group_clause(group: Group, currency: str, names: Names, *, nested: bool = False) -> str:
    """The conditions within a sentence: *the kind of line is Licence and the partner's tier is Gold*."""
    said = [
        condition_clause(part, currency, names)
        if isinstance(part, Condition)
        else group_clause(part, currency, names, nested=True)
        for part in group.parts
    ]
    style: Literal["or", "standard"] = "or" if group.mode == "any" else "standard"
    together = lists.format_list(said, style=style, locale=current_locale())
    return f"({together})" if nested and len(said) > 1 else together


def condition_clause(condition: Condition, currency: str, names: Names) -> str:
    """*the partner's tier is Gold or Platinum*."""
    known = FIELD_CLAUSES.get(condition.field)
    what = str(known) if known is not None else label_of_field(condition.field)
    op, value = condition.op, condition.value
    if op == "exists":
        return _("%(what)s is known", what=what) if value else _("%(what)s is not known", what=what)
    values = value if isinstance(value, tuple) else (value,)
    said = one_of(said_value(condition.field, each, currency, names) for each in values)
    match op:
        case "eq" | "in":
            return _("%(what)s is %(value)s", what=what, value=said)
        case "ne" | "not_in":
            return _("%(what)s is not %(value)s", what=what, value=said)
        case "contains":
            return _("%(what)s contains “%(value)s”", what=what, value=said)
        case "gt":
            return _("%(what)s is above %(value)s", what=what, value=said)
        case "gte":
            return _("%(what)s is %(value)s or more", what=what, value=said)
        case "lt":
            return _("%(what)s is below %(value)s", what=what, value=said)
        case _:
            return _("%(what)s is %(value)s or less", what=what, value=said)


# Rules


@dataclass(frozen=True)
class RuleWords:
    """A rule for reading: what it pays, when (all of these), for how long, and its limits.

    ``when`` are its conditions one by one, ``sentence`` is all of it as running text.
    """

    name: str
    pays: str
    when: list[str]
    term: str
    limits: list[str]
    sentence: str = ""


def rule_words(rule: Rule, currency: str, names: Names) -> RuleWords:
    """A rule in sentences."""
    limits = [_cap(cap, currency) for cap in rule.caps]
    if rule.needs_plan_currency:
        limits.append(_("Only for sales in %(currency)s.", currency=currency))
    if isinstance(rule.amount, Margin):
        limits.append(_("Only for lines whose cost is known."))
    if rule.with_split:
        limits.append(_("Also where a split divides the line."))
    pays, term = amount_sentence(rule.amount, currency), term_sentence(rule.term_months)
    when = group_sentences(rule.when, currency, names)
    sentence = _condition_sentence(pays, rule.when, currency, names)
    if rule.trigger != "sale":
        event = _("What happens: %(event)s", event=str(TRIGGERS[rule.trigger]))
        when.insert(0, event)
        sentence = f"{event}. {sentence}"
    return RuleWords(rule.name, pays, when, term, limits, " ".join([sentence, term, *limits]))


def _condition_sentence(pays: str, when: Group, currency: str, names: Names) -> str:
    """*20 % of the line when the partner's tier is Gold.*"""
    if not when.parts:
        return f"{pays}."
    return _("%(pays)s when %(conditions)s.", pays=pays, conditions=group_clause(when, currency, names))


def term_sentence(months: int | None) -> str:
    """How long a rule pays for one customer."""
    if months is None:
        return _("For as long as the customer buys.")
    if months == 0:
        return _("Only for the first sale to the customer.")
    return ngettext(
        "For %(num)s month from the first sale to the customer.",
        "For %(num)s months from the first sale to the customer.",
        months,
    )


def amount_sentence(amount: Amount, currency: str) -> str:
    """What a rule pays, without its conditions."""
    match amount:
        case Percent(rate):
            return _("%(rate)s of the line", rate=said_rate(rate.text))
        case Margin(rate):
            return _("%(rate)s of the margin of the line", rate=said_rate(rate.text))
        case Fixed(amount_minor, "sale"):
            return _("%(amount)s a sale", amount=format_money(amount_minor, currency))
        case Fixed(amount_minor, _per_unit):
            return _("%(amount)s a unit", amount=format_money(amount_minor, currency))
        case Brackets():
            return _brackets(amount, currency)


def _brackets(amount: Brackets, currency: str) -> str:
    def said(value: int) -> str:
        return format_money(value, currency) if amount.on.endswith("_minor") else format_number(value)

    steps = "; ".join(
        _("from %(lower)s: %(rate)s", lower=said(step.lower), rate=said_rate(step.rate.text))
        if step.upper is None
        else _("%(lower)s to %(upper)s: %(rate)s", lower=said(step.lower), upper=said(step.upper),
               rate=said_rate(step.rate.text))
        for step in amount.brackets
    )  # fmt: skip
    field_name = label_of_field(amount.on)
    if amount.mode == "slab":
        return _("A share of the line by brackets (%(field)s): %(steps)s", field=field_name, steps=steps)
    return _("A share of each part by brackets (%(field)s): %(steps)s", field=field_name, steps=steps)


def _cap(cap: Cap, currency: str) -> str:
    amount, period = format_money(cap.amount_minor, currency), str(CAP_PERIODS[cap.window])
    if cap.per == "customer":
        return _("At most %(amount)s per customer, %(period)s.", amount=amount, period=period)
    return _("At most %(amount)s per partner, %(period)s.", amount=amount, period=period)


def split_words(split: Split, currency: str, names: Names) -> RuleWords:
    """A split in sentences; what its shares leave is the vendor's."""
    shares = [
        _("%(share)s: %(whom)s", share=said_rate(share.percent.text), whom=said_payee(share.to, names))
        for share in split.shares
    ]
    left = 1 - sum((share.percent.share for share in split.shares), Fraction(0))
    if left:
        left_rate = said_rate(exact_text(left.numerator * 100, left.denominator))
        shares.append(_("%(share)s: stays with the vendor", share=left_rate))
    pays = " · ".join(shares)
    return RuleWords(
        split.name,
        pays,
        group_sentences(split.when, currency, names),
        "",
        [],
        _condition_sentence(pays, split.when, currency, names),
    )


def said_payee(to: str, names: Names) -> str:
    """Whose a share is."""
    return str(PAYEES[to]) if to in PAYEES else names.partners.get(to, _("Partner %(id)s", id=to))


def order_sentence(version: PlanVersion) -> str:
    """Which rule wins."""
    if version.match == "best":
        return _("Of all rules that fit, the one that gives the partner most counts.")
    return _("The first rule that fits counts, in the order printed here.")


# Why a rule applied, or not


@dataclass(frozen=True)
class Outcome:
    """What became of a rule: in words, a tone, a shape, and whether it is the one that counted."""

    words: str
    tone: str
    shape: str
    applied: bool = False


def outcome_of(step: Mapping[str, Any], currency: str, names: Names) -> Outcome:
    """A step of ``rates.explain`` for people."""
    match step["outcome"]:
        case "applied":
            return Outcome(_("Applied"), "good", "check-circle-fill", applied=True)
        case "condition":
            return Outcome(facts_sentence(step["because"], currency, names), "mute", "x-lg")
        case "term" if step["ended_at"] is None:
            return Outcome(_("Only for the first sale to the customer"), "mute", "x-lg")
        case "term":
            ended = format_day(datetime.fromisoformat(step["ended_at"]))
            return Outcome(_("Ended on %(day)s", day=ended), "mute", "x-lg")
        case "currency":
            return Outcome(_("Only for sales in %(currency)s", currency=step["currency"]), "mute", "x-lg")
        case "no_cost":
            return Outcome(_("The cost of the line is not known"), "mute", "x-lg")
        case "divided":
            return Outcome(_("A split divides the line instead"), "mute", "dash-lg")
        case "less":
            return Outcome(_("Another rule gives more"), "mute", "dash-lg")
        case "billed_by_partner":
            return Outcome(_("The partner billed it"), "mute", "x-lg")
        case _:
            return Outcome(_("Not reached"), "mute", "dash-lg")


def facts_sentence(because: Iterable[Mapping[str, Any]], currency: str, names: Names) -> str:
    """What the facts were: *Tier of the partner is Silver*."""
    return "; ".join(fact_sentence(seen, currency, names) for seen in because)


def fact_sentence(seen: Mapping[str, Any], currency: str, names: Names) -> str:
    """One fact as it was."""
    if seen.get("other_currency"):
        return _("Only for sales in %(currency)s", currency=currency)
    was = said_value(seen["field"], seen["was"], currency, names)
    return _("%(field)s is %(value)s", field=label_of_field(seen["field"]), value=was)


# Proofs


def formula_words(proof: Mapping[str, Any]) -> str:
    """A proof's formula in the reader's language; a proof that was written by hand is said as it stands."""
    inputs = proof.get("inputs")
    if not isinstance(inputs, Mapping):
        return str(proof.get("formula", ""))

    def said(amount_minor: int) -> str:
        return format_money(amount_minor, inputs["currency"])

    match inputs["kind"]:
        case "commission":
            text = _formula_of_grant(inputs, said)
        case "split":
            share = said_rate(inputs["percents"][inputs["share"]])
            text = _("%(share)s of %(whole)s", share=share, whole=said(inputs["whole_minor"]))
        case "correction":
            text = _("correction of %(amount)s", amount=said(inputs["amount_minor"]))
            if inputs["of_minor"] and abs(inputs["kept_minor"]) < abs(inputs["of_minor"]):
                text = f"{text} × {said(inputs['kept_minor'])} ÷ {said(inputs['of_minor'])}"
        case _:
            text = said(0)
    if inputs.get("collected_minor"):
        text = _(
            "%(formula)s − %(amount)s that the partner collected",
            formula=text,
            amount=said(inputs["collected_minor"]),
        )
    if inputs["granted_minor"]:
        text = _(
            "%(formula)s − %(amount)s granted before", formula=text, amount=said(inputs["granted_minor"])
        )
    return text


def _formula_of_grant(inputs: Mapping[str, Any], said: Any) -> str:
    text = _formula_of_amount(inputs["amount"], said)
    if inputs["room_minor"] is not None:
        text = _("%(formula)s, at most %(room)s", formula=text, room=said(inputs["room_minor"]))
    if inputs["of_minor"] is not None and inputs["kept_minor"] != inputs["of_minor"]:
        text = f"({text}) × {said(inputs['kept_minor'])} ÷ {said(inputs['of_minor'])}"
    if inputs["not_below_minor"] is not None:
        text = _("%(formula)s, not below %(floor)s", formula=text, floor=said(inputs["not_below_minor"]))
    return text


def _formula_of_amount(amount: Mapping[str, Any], said: Any) -> str:
    match amount["type"]:
        case "percent":
            return _(
                "%(share)s of %(whole)s", share=said_rate(amount["rate"]), whole=said(amount["base_minor"])
            )
        case "margin":
            return _(
                "%(rate)s of the margin %(margin)s (%(net)s − %(cost)s)",
                rate=said_rate(amount["rate"]),
                margin=said(amount["base_minor"]),
                net=said(amount["net_minor"]),
                cost=said(amount["cost_minor"]),
            )
        case "fixed" if amount["per"] == "sale":
            return _("%(amount)s a sale", amount=said(amount["amount_minor"]))
        case "fixed":
            return _(
                "%(amount)s a unit × %(units)s",
                amount=said(amount["amount_minor"]),
                units=format_number(amount["units"]),
            )
    return _formula_of_brackets(amount, said)


def _formula_of_brackets(amount: Mapping[str, Any], said: Any) -> str:
    value, base = amount["value"], amount["base_minor"]
    steps = [step for step in amount["brackets"] if value > step["from"]] or amount["brackets"][:1]
    if amount["mode"] == "slab":
        reached = next(step for step in amount["brackets"] if step["to"] is None or value < step["to"])
        return _("%(share)s of %(whole)s", share=said_rate(reached["rate"]), whole=said(base))
    if amount["on"] == "line.net_minor":
        sign = -1 if base < 0 else 1
        return " + ".join(
            _(
                "%(share)s of %(whole)s",
                share=said_rate(step["rate"]),
                whole=said(sign * ((value if step["to"] is None else min(value, step["to"])) - step["from"])),
            )
            for step in steps
        )
    rates = one_of(said_rate(step["rate"]) for step in steps)
    return _("%(rates)s of the parts of %(whole)s, by the brackets", rates=rates, whole=said(base))


def exact_words(exact: str, currency: str) -> str:
    """``209726.475`` minor units as *€2,097.26475*; what no decimal can say ends in an ellipsis."""
    digits = minor_digits(currency)
    value = Fraction(exact) / 10**digits
    places = digits
    while places < digits + 9 and (value * 10**places).denominator != 1:
        places += 1
    cut = (value * 10**places).denominator != 1
    places = digits + 4 if cut else places
    shown = Decimal(int(abs(value) * 10**places)).scaleb(-places)
    locale = Locale(current_locale())
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "." + "0" * places if places else "")
    text = numbers.format_currency(shown, currency, pattern, locale=locale, currency_digits=False)
    text = re.sub(r"(?<=[A-Z]{3})(?=\d)", NBSP, text)
    sign = MINUS if value < 0 else ""
    return f"{sign}{text}…" if cut else f"{sign}{text}"


def rounding_words(proof: Mapping[str, Any], currency: str) -> str:
    """What rounding added or took, and by which rule."""
    text = str(proof.get("rounding", "none"))
    way, _comma, amount = text.partition(", ")
    if not amount:
        return _("none: it is a whole number")
    sign = MINUS if amount.startswith(MINUS) else "+"
    said = f"{sign}{exact_words(amount.lstrip('+' + MINUS), currency)}"
    if way == "half up":
        return _("%(amount)s, half up, once", amount=said)
    return _("%(amount)s, so that the shares sum to the whole", amount=said)


# The books


def said_account(code: str, partner: str) -> str:
    """An account of the ledger as people call it; ``partner`` is the name of the firm it belongs to."""
    owner, _colon, rest = code.partition(":")
    if owner == "partner":
        what = rest.split(":")[1]
        if what == "in_run":
            return _("Set aside for %(partner)s in a payout run", partner=partner)
        if what == "receivable":
            return _("Owed by %(partner)s", partner=partner)
        return _("Owed to %(partner)s", partner=partner)
    return str(ACCOUNTS.get(rest.rpartition(":")[0], code))


def title_of(entry: Any) -> str:
    """A line of earnings by its kind and amount: *Commission €400.00*."""
    return f"{KINDS[entry.kind]} {format_money(entry.amount_minor, entry.currency)}"


KINDS: dict[str, Any] = {
    "commission": _l("Commission"),
    "split": _l("Share"),
    "reversal": _l("Reversal"),
    "bonus": _l("Bonus"),
    "adjustment": _l("Adjustment"),
    "reimbursement": _l("Reimbursement"),
    "set_off": _l("Set-off"),
}
JOURNAL_KINDS: dict[str, Any] = {
    "accrual": _l("Commission earned"),
    "split": _l("Share of a project"),
    "reversal": _l("Reversal"),
    "bonus": _l("Bonus"),
    "adjustment": _l("Adjustment"),
    "reimbursement": _l("Reimbursement"),
    "set_off": _l("Set-off"),
}
NOTHING_EARNED: dict[str, Any] = {
    "nobodys": _l("The sale belongs to no partner yet. It earns as soon as it is somebody's."),
    "no_rate": _l("The exchange rate of its day is not known yet. It earns as soon as the rate is there."),
    "under_review": _l("Somebody at the vendor looks at this sale first. It earns when the review is over."),
    "unknown_plan": _l(
        "The sale names the plan “%(code)s”, and no such plan is published. "
        "It earns by itself as soon as one is, or when the vendor names another plan for it."
    ),
    "no_plan": _l("The partner earns by the plan “%(code)s”, and no version of that is published."),
    "no_version": _l("The plan “%(code)s” had no version in force when the sale took place."),
    "no_rule": _l("No rule of the plan pays for it."),
}


def nothing_earned(reason: str, plan_code: str) -> str:
    """Why a sale earns nothing, with the code of the plan that it should be computed by."""
    return str(NOTHING_EARNED[reason]) % {"code": plan_code}


HOLD_REASONS: dict[str, Any] = {
    "chargeback": _l("The customer's bank is looking into a payment"),
    "dispute": _l("The line is disputed"),
    "milestone": _l("Its milestone is not accepted or paid yet"),
}


# Examples


def example_sentence(found: Example, name: str, currency: str, names: Names) -> str:
    """*Licence for €1,000.00 to a customer in Germany (new purchase), sold by a partner of the tier Gold: €200.00.*"""
    sale, line = found.sale, found.line
    earned = format_money(found.earned_by(name), currency)
    if line is None:
        return _("%(event)s: %(earned)s.", event=str(TRIGGERS[sale.trigger]), earned=earned)
    values = {
        "what": names.products.get(line.product or "", names.kind(line.kind)),
        "amount": format_money(line.net_minor, currency),
        "country": country_name(sale.customer.country),
        "type": str(SALE_TYPES.get(sale.type, sale.type)).lower(),
        "earned": earned,
    }
    tier = sale.partner.tier if sale.partner is not None else None
    if tier is None:
        return _(
            "%(what)s for %(amount)s to a customer in %(country)s (%(type)s) earns %(earned)s.", **values
        )
    return _(
        "%(what)s for %(amount)s to a customer in %(country)s (%(type)s), sold by a partner of the tier %(tier)s, "
        "earns %(earned)s.",
        tier=names.tiers.get(tier, tier),
        **values,
    )
