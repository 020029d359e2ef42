"""Reading a plan version from its definition, the same dictionary in the API, on the page and in TOML.

Everything wrong is found at once: each problem is a JSON pointer to the place and a sentence that says what
to do. A definition with a problem makes no version.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal, NamedTuple, TypeVar, cast

from babel import Locale

from commissions.rates.conditions import FIELDS, METADATA, Field, conditions_in, field_named
from commissions.rates.contradictions import impossible_parts
from commissions.rates.plan import (
    TRIGGERS,
    Amount,
    Bracket,
    Brackets,
    Cap,
    Condition,
    Fixed,
    Group,
    Margin,
    Operator,
    Percent,
    PlanVersion,
    Rate,
    Rule,
    Scalar,
    Share,
    Split,
    Value,
)
from core.digits import number_in
from core.i18n import gettext as _
from core.moments import in_utc
from core.money import LIMIT, currencies

OPERATORS: tuple[Operator, ...] = ("eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "contains", "exists")
AMOUNT_TYPES = ("percent", "fixed", "brackets", "margin")
PAYEES = ("partner", "vendor", "recruiter")
BRACKETED = ("line.net_minor", "line.quantity", "sale.amount_minor")

Item = TypeVar("Item")

MOST_RULES = 200
MOST_CONDITIONS = 100
DEEPEST_GROUP = 8
LONGEST_NAME = 200
LONGEST_TERM = 1200
LONGEST_HOLD = 3650


class Problem(NamedTuple):
    """Something wrong in a definition: where (RFC 6901), and a sentence for whoever wrote it."""

    pointer: str
    detail: str


class InvalidDefinition(ValueError):
    """The definition makes no plan version; ``problems`` says everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{pointer}: {detail}" for pointer, detail in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Known:
    """What the programme has. Names outside of a list are refused; ``None`` lets every name pass."""

    products: Collection[str] | None = None
    tiers: Collection[str] | None = None
    partners: Collection[str] | None = None


def parse(definition: object, known: Known | None = None) -> PlanVersion:
    """The plan version that a definition says; :class:`InvalidDefinition` with all its problems if it says
    none."""
    reader = _Reader(known or Known())
    version = reader.version(definition)
    if reader.problems or version is None:
        raise InvalidDefinition(reader.problems)
    return version


def problems_of(definition: object, known: Known | None = None) -> list[Problem]:
    """Everything wrong with a definition; empty if it can be saved."""
    reader = _Reader(known or Known())
    reader.version(definition)
    return reader.problems


@cache
def _countries() -> frozenset[str]:
    return frozenset(
        code
        for code in map(str, Locale("en").territories)
        if len(code) == 2 and code.isalpha() and code != "ZZ"
    )


class _Reader:
    """Reads on after a problem, so that all are reported together."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.problems: list[Problem] = []

    def wrong(self, pointer: str, detail: str) -> None:
        self.problems.append(Problem(pointer, detail))

    # The version

    def version(self, value: object) -> PlanVersion | None:
        given = self.table(
            value,
            "",
            required=("name", "currency", "effective_from"),
            optional=("match", "hold_days", "rebinds", "converts", "rules", "splits"),
        )
        if given is None:
            return None
        name = self.name(given.get("name"), "/name") if "name" in given else ""
        currency = self.currency(given["currency"], "/currency") if "currency" in given else ""
        effective_from = (
            self.moment(given["effective_from"], "/effective_from") if "effective_from" in given else None
        )
        match = self.choice(given.get("match", "first"), "/match", ("first", "best"))
        hold_days = self.number(given.get("hold_days", 30), "/hold_days", 0, LONGEST_HOLD)
        rebinds = self.flag(given.get("rebinds", False), "/rebinds")
        converts = self.flag(given.get("converts", False), "/converts")
        rules = self.each(given.get("rules", []), "/rules", self.rule)
        splits = self.each(given.get("splits", []), "/splits", self.split)
        if not rules and not splits and not self.problems:
            self.wrong("/rules", _("A plan needs at least one rule or one split."))
        self.unique([rule.name if rule else None for rule in rules], "/rules")
        self.unique([split.name if split else None for split in splits], "/splits")
        if self.problems or effective_from is None or hold_days is None:
            return None
        return PlanVersion(
            name=name or "",
            currency=currency or "",
            effective_from=effective_from,
            rules=tuple(rule for rule in rules if rule),
            splits=tuple(split for split in splits if split),
            match=cast(Literal["first", "best"], match),
            hold_days=hold_days,
            rebinds=bool(rebinds),
            converts=bool(converts),
        )

    # Rules

    def rule(self, value: object, at: str) -> Rule | None:
        given = self.table(
            value,
            at,
            required=("name", "amount"),
            optional=("trigger", "term_months", "when", "caps", "with_split"),
        )
        if given is None:
            return None
        before = len(self.problems)
        name = self.name(given["name"], f"{at}/name") if "name" in given else None
        trigger = self.choice(given.get("trigger", "sale"), f"{at}/trigger", TRIGGERS)
        term = given.get("term_months")
        if term is not None:
            term = self.number(term, f"{at}/term_months", 0, LONGEST_TERM)
        amount = self.amount(given["amount"], f"{at}/amount") if "amount" in given else None
        when = self.group(given.get("when", {"all": []}), f"{at}/when")
        caps = self.each(given.get("caps", []), f"{at}/caps", self.cap)
        with_split = self.flag(given.get("with_split", False), f"{at}/with_split")
        if trigger is not None and trigger != "sale":
            self.rewards_an_event(amount, when, at)
        if len(self.problems) > before or amount is None or when is None or name is None:
            return None
        self.can_hold(when, f"{at}/when", _implied_by(term))
        return Rule(
            name=name,
            amount=amount,
            when=when,
            trigger=cast(Any, trigger),
            term_months=term,
            caps=tuple(cap for cap in caps if cap),
            with_split=bool(with_split),
        )

    def rewards_an_event(self, amount: Amount | None, when: Group | None, at: str) -> None:
        """Other events than a sale have no lines and no amount to take a share of."""
        if amount is not None and not (isinstance(amount, Fixed) and amount.per == "sale"):
            self.wrong(
                f"{at}/amount", _("Only a sale has an amount to reckon from: write a fixed amount here.")
            )
        for condition in conditions_in(when) if when is not None else ():
            if condition.field.startswith("line.") or condition.field == "sale.amount_minor":
                self.wrong(
                    f"{at}/when",
                    _(
                        "Only a sale has “%(field)s”: this rule rewards something else.",
                        field=condition.field,
                    ),
                )

    def amount(self, value: object, at: str) -> Amount | None:
        if not isinstance(value, Mapping):
            self.wrong(at, _("Write the amount as an object with a “type”."))
            return None
        kind = self.choice(value.get("type"), f"{at}/type", AMOUNT_TYPES)
        if kind is None:
            return None
        if kind in ("percent", "margin") and "amount_minor" in value:
            self.wrong(f"{at}/amount_minor", _("A rule grants a percentage or an amount of money, not both."))
            return None
        if kind == "fixed" and "rate" in value:
            self.wrong(f"{at}/rate", _("A rule grants a percentage or an amount of money, not both."))
            return None
        match kind:
            case "fixed":
                return self.fixed(value, at)
            case "brackets":
                return self.brackets(value, at)
        given = self.table(value, at, required=("type", "rate"))
        rate = self.rate(given["rate"], f"{at}/rate") if given is not None and "rate" in given else None
        if rate is None:
            return None
        return Percent(rate) if kind == "percent" else Margin(rate)

    def fixed(self, value: Mapping[str, object], at: str) -> Fixed | None:
        given = self.table(value, at, required=("type", "amount_minor", "per"))
        if given is None:
            return None
        amount_minor = (
            self.minor(given.get("amount_minor"), f"{at}/amount_minor") if "amount_minor" in given else None
        )
        per = self.choice(given["per"], f"{at}/per", ("sale", "unit")) if "per" in given else None
        if amount_minor is None or per is None:
            return None
        return Fixed(amount_minor, cast(Literal["sale", "unit"], per))

    def brackets(self, value: Mapping[str, object], at: str) -> Brackets | None:
        given = self.table(value, at, required=("type", "on", "mode", "brackets"))
        if given is None or not {"on", "mode", "brackets"} <= given.keys():
            return None
        before = len(self.problems)
        on = self.choice(given["on"], f"{at}/on", BRACKETED)
        mode = self.choice(given["mode"], f"{at}/mode", ("slab", "marginal"))
        found = self.each(given["brackets"], f"{at}/brackets", self.bracket)
        brackets = [bracket for bracket in found if bracket is not None]
        if len(brackets) == len(found):
            self.contiguous(brackets, f"{at}/brackets")
        if len(self.problems) > before:
            return None
        return Brackets(cast(Any, on), cast(Any, mode), tuple(brackets))

    def bracket(self, value: object, at: str) -> Bracket | None:
        given = self.table(value, at, required=("from", "rate"), optional=("to",))
        if given is None or not {"from", "rate"} <= given.keys():
            return None
        lower = self.bound(given["from"], f"{at}/from")
        upper = self.bound(given["to"], f"{at}/to") if given.get("to") is not None else None
        rate = self.rate(given["rate"], f"{at}/rate")
        if lower is None or rate is None or (upper is None and given.get("to") is not None):
            return None
        if upper is not None and upper <= lower:
            self.wrong(f"{at}/to", _("A bracket ends above where it begins."))
            return None
        return Bracket(lower, upper, rate)

    def contiguous(self, brackets: Sequence[Bracket], at: str) -> None:
        """From 0 without end, each bracket beginning where the one before it ends."""
        if not brackets:
            self.wrong(at, _("Write at least one bracket."))
            return
        if brackets[0].lower != 0:
            self.wrong(
                f"{at}/0/from", _("The first bracket begins at 0. For what earns nothing, write a rate of 0.")
            )
        for index in range(1, len(brackets)):
            upper, lower = brackets[index - 1].upper, brackets[index].lower
            if upper is None:
                self.wrong(f"{at}/{index - 1}/to", _("Only the last bracket has no end."))
            elif lower > upper:
                self.wrong(
                    f"{at}/{index}/from",
                    _("There is a gap: nothing covers %(upper)s to %(lower)s.", upper=upper, lower=lower),
                )
            elif lower < upper:
                self.wrong(
                    f"{at}/{index}/from",
                    _(
                        "Brackets overlap: two of them cover %(lower)s to %(upper)s.",
                        upper=upper,
                        lower=lower,
                    ),
                )
        if brackets[-1].upper is not None:
            self.wrong(
                f"{at}/{len(brackets) - 1}/to",
                _("The last bracket has no end. For what earns nothing, write one more with a rate of 0."),
            )

    def cap(self, value: object, at: str) -> Cap | None:
        given = self.table(value, at, required=("per", "window", "amount_minor"))
        if given is None or not {"per", "window", "amount_minor"} <= given.keys():
            return None
        per = self.choice(given["per"], f"{at}/per", ("customer", "partner"))
        windows = ("calendar_month", "calendar_quarter", "calendar_year", "lifetime")
        window = self.choice(given["window"], f"{at}/window", windows)
        amount_minor = self.minor(given["amount_minor"], f"{at}/amount_minor")
        if per is None or window is None or amount_minor is None:
            return None
        return Cap(cast(Any, per), cast(Any, window), amount_minor)

    # Splits

    def split(self, value: object, at: str) -> Split | None:
        given = self.table(value, at, required=("name", "shares"), optional=("when",))
        if given is None:
            return None
        before = len(self.problems)
        name = self.name(given["name"], f"{at}/name") if "name" in given else None
        when = self.group(given.get("when", {"all": []}), f"{at}/when")
        found = self.each(given["shares"], f"{at}/shares", self.share) if "shares" in given else []
        shares = [share for share in found if share is not None]
        if "shares" in given and not found and len(self.problems) == before:
            self.wrong(f"{at}/shares", _("Write at least one share."))
        self.unique([share.to for share in shares], f"{at}/shares", "to")
        together = sum(share.percent.share for share in shares) * 100
        if together > 100:
            self.wrong(
                f"{at}/shares",
                _(
                    "The shares come to %(together)s %%: more than the whole.",
                    together=_decimal_text(together),
                ),
            )
        if len(self.problems) > before or name is None or when is None:
            return None
        self.can_hold(when, f"{at}/when", ())
        return Split(name, tuple(shares), when)

    def share(self, value: object, at: str) -> Share | None:
        given = self.table(value, at, required=("to", "percent"))
        if given is None or not {"to", "percent"} <= given.keys():
            return None
        to = self.text(given["to"], f"{at}/to")
        known = self.known.partners
        if to is not None and to not in PAYEES and known is not None and to not in known:
            self.wrong(
                f"{at}/to",
                _(
                    "There is no partner “%(name)s”. Write partner, vendor, recruiter, or a partner's id.",
                    name=to,
                ),
            )
            to = None
        percent = self.rate(given["percent"], f"{at}/percent")
        return Share(to, percent) if to is not None and percent is not None else None

    # Conditions

    def group(self, value: object, at: str, depth: int = 1) -> Group | None:
        if not isinstance(value, Mapping) or len(value) != 1 or not {"all", "any"} & value.keys():
            self.wrong(at, _("Write conditions as {“all”: […]} or {“any”: […]}."))
            return None
        mode: Literal["all", "any"] = "all" if "all" in value else "any"
        if depth > DEEPEST_GROUP:
            self.wrong(
                at, _("Conditions are nested too deeply: at most %(most)s levels.", most=DEEPEST_GROUP)
            )
            return None
        before = len(self.problems)

        def read(part: object, place: str) -> Condition | Group | None:
            return self.part(part, place, depth)

        parts = self.each(value[mode], f"{at}/{mode}", read)
        if mode == "any" and not parts and len(self.problems) == before:
            self.wrong(f"{at}/any", _("“Any” of no conditions can never be true: write one, or use “all”."))
        if len(self.problems) > before:
            return None
        group = Group(mode, tuple(part for part in parts if part is not None))
        if depth == 1 and sum(1 for _condition in conditions_in(group)) > MOST_CONDITIONS:
            self.wrong(at, _("These are too many conditions: at most %(most)s.", most=MOST_CONDITIONS))
            return None
        return group

    def part(self, value: object, at: str, depth: int) -> Condition | Group | None:
        if isinstance(value, Mapping) and {"all", "any"} & value.keys():
            return self.group(value, at, depth + 1)
        return self.condition(value, at)

    def condition(self, value: object, at: str) -> Condition | None:
        is_exists = isinstance(value, Mapping) and value.get("op") == "exists"
        required = ("field", "op") if is_exists else ("field", "op", "value")
        given = self.table(value, at, required=required, optional=("value",) if is_exists else ())
        if given is None or not set(required) <= given.keys():
            return None
        name = given["field"]
        found = field_named(name) if isinstance(name, str) else None
        if found is None or not isinstance(name, str):
            self.wrong(
                f"{at}/field",
                _(
                    "There is no field “%(name)s”. The fields are: %(fields)s.",
                    name=name,
                    fields=", ".join((*FIELDS, f"{METADATA}…")),
                ),
            )
            return None
        op = self.choice(given["op"], f"{at}/op", OPERATORS)
        if op is None:
            return None
        if op not in found.operators:
            self.wrong(f"{at}/op", _("“%(field)s” can't be compared by “%(op)s”.", field=name, op=op))
            return None
        compared = self.value(given.get("value", True), f"{at}/value", name, found, op)
        return None if compared is None else Condition(name, op, compared)

    def value(self, value: object, at: str, name: str, found: Field, op: Operator) -> Value | None:
        if op == "exists":
            return self.flag(value, at)
        if op not in ("in", "not_in"):
            return self.scalar(value, at, name, found, op)
        if not isinstance(value, list | tuple) or not value:
            self.wrong(at, _("Write a list with at least one value."))
            return None
        values = [self.scalar(each, f"{at}/{index}", name, found, op) for index, each in enumerate(value)]
        return None if None in values else tuple(each for each in values if each is not None)

    def scalar(self, value: object, at: str, name: str, found: Field, op: Operator) -> Scalar | None:
        is_number = type(value) is int and -LIMIT < value < LIMIT
        if found.kind in ("number", "money") or op in ("gt", "gte", "lt", "lte"):
            if is_number:
                return cast(int, value)
            self.wrong(at, _("“%(field)s” is compared with a whole number.", field=name))
            return None
        if found.kind == "any" and op != "contains" and (is_number or isinstance(value, bool)):
            return cast(Scalar, value)
        if not isinstance(value, str) or not value:
            self.wrong(at, _("“%(field)s” is compared with a text.", field=name))
            return None
        if op != "contains" and not self.is_known_name(value, at, name, found):
            return None
        return value

    def is_known_name(self, value: str, at: str, name: str, found: Field) -> bool:
        if found.choices and value not in found.choices:
            self.wrong(at, _not_a_choice(value, found.choices))
        elif name == "line.product" and self.known.products is not None and value not in self.known.products:
            self.wrong(at, _("There is no product “%(name)s” in the catalogue.", name=value))
        elif name == "partner.tier" and self.known.tiers is not None and value not in self.known.tiers:
            self.wrong(at, _("There is no tier “%(name)s”.", name=value))
        elif name.endswith(".country") and value not in _countries():
            self.wrong(at, _("“%(name)s” is no country: write two capital letters, like DE.", name=value))
        else:
            return True
        return False

    def can_hold(self, when: Group, at: str, given: Sequence[Condition]) -> None:
        for place in impossible_parts(when, at, given):
            self.wrong(place, _("This condition can never be true together with the others of its rule."))

    # Plain values

    def table(
        self, value: object, at: str, required: Sequence[str] = (), optional: Sequence[str] = ()
    ) -> Mapping[str, Any] | None:
        """An object with these keys and no others."""
        if not isinstance(value, Mapping):
            self.wrong(
                at,
                _(
                    "Write an object here, with the fields: %(fields)s.",
                    fields=", ".join((*required, *optional)),
                ),
            )
            return None
        for key in value:
            if key not in required and key not in optional:
                self.wrong(
                    f"{at}/{_escaped(str(key))}", _("There is no such field here: “%(name)s”.", name=key)
                )
        for key in required:
            if key not in value:
                self.wrong(f"{at}/{key}", _("This field is missing."))
        return value

    def each(self, value: object, at: str, read: Callable[[object, str], Item]) -> list[Item]:
        if not isinstance(value, list | tuple):
            self.wrong(at, _("Write a list here."))
            return []
        if len(value) > MOST_RULES:
            self.wrong(at, _("The list is too long: at most %(most)s.", most=MOST_RULES))
            return []
        return [read(item, f"{at}/{index}") for index, item in enumerate(value)]

    def unique(self, names: Sequence[str | None], at: str, key: str = "name") -> None:
        for index, name in enumerate(names):
            if name is not None and name in names[:index]:
                self.wrong(f"{at}/{index}/{key}", _("“%(name)s” stands here twice.", name=name))

    def text(self, value: object, at: str) -> str | None:
        if isinstance(value, str) and value.strip() and len(value) <= LONGEST_NAME:
            return value
        self.wrong(at, _("Write a text of at most %(most)s characters.", most=LONGEST_NAME))
        return None

    def name(self, value: object, at: str) -> str | None:
        text = self.text(value, at)
        return text.strip() if text is not None else None

    def currency(self, value: object, at: str) -> str | None:
        if isinstance(value, str) and value in currencies():
            return value
        self.wrong(at, _("Write a currency as in ISO 4217, like EUR."))
        return None

    def moment(self, value: object, at: str) -> datetime | None:
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value
            if isinstance(moment, datetime) and moment.tzinfo is not None:
                return in_utc(moment)
        except ValueError:
            pass
        self.wrong(at, _("Write a moment with its offset, like 2026-01-01T00:00:00Z."))
        return None

    def choice(self, value: object, at: str, choices: Sequence[str]) -> str | None:
        if isinstance(value, str) and value in choices:
            return value
        self.wrong(at, _not_a_choice(value, choices))
        return None

    def flag(self, value: object, at: str) -> bool | None:
        if isinstance(value, bool):
            return value
        self.wrong(at, _("Write true or false."))
        return None

    def number(self, value: object, at: str, least: int, most: int) -> int | None:
        if type(value) is int and least <= value <= most:
            return value
        self.wrong(at, _("Write a whole number from %(least)s to %(most)s.", least=least, most=most))
        return None

    def minor(self, value: object, at: str) -> int | None:
        if type(value) is int and 0 <= value < LIMIT:
            return value
        self.wrong(at, _("Write an amount in whole minor units, like 1000 for 10.00, not below 0."))
        return None

    def bound(self, value: object, at: str) -> int | None:
        """The end of a bracket: a whole number, as text or as it is."""
        if isinstance(value, str):
            value = number_in(value, most_digits=15)
        if type(value) is int and 0 <= value < LIMIT:
            return value
        self.wrong(at, _("Write where the bracket ends as a whole number, like “100000”, not below 0."))
        return None

    def rate(self, value: object, at: str) -> Rate | None:
        """A percentage as decimal text; whole numbers pass too, binary fractions never."""
        if isinstance(value, Decimal) or type(value) is int:
            value = format(value, "f") if isinstance(value, Decimal) else str(value)
        if isinstance(value, str):
            try:
                rate = Rate.from_text(value)
            except ValueError:
                rate = None
            if rate is not None and rate.share <= 1:
                return rate
        self.wrong(at, _("Write a percentage from 0 to 100, such as “2.9”."))
        return None


def _implied_by(term_months: int | None) -> tuple[Condition, ...]:
    """What a rule's term says about the months since the first sale."""
    if term_months is None:
        return ()
    return (Condition("customer.months_since_first_sale", "lt", max(1, term_months)),)


def _not_a_choice(value: object, choices: Sequence[str]) -> str:
    return _("“%(name)s” is not one of: %(choices)s.", name=value, choices=", ".join(choices))


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _decimal_text(value: Any) -> str:
    return format(Decimal(value.numerator) / Decimal(value.denominator), "f")
