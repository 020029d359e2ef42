"""A plan version as a form keeps it: every answer as typed text, and the way from there to a definition and back.

Conditions are rows below each other. A row is joined to the one above by *and* or by *or*; rows joined by *or* stand
together, as in ``A and (B or C)``. A tree that is nested more deeply is kept as it is and said in words.
"""

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from commissions.rates.conditions import METADATA, field_named
from core.i18n import format_money, minor_digits
from core.i18n import gettext as _

Typed = dict[str, Any]
Pointer = str
Reader = Callable[[str, str], int]
"""From typed text and a currency to minor units; ValueError with a sentence."""

IS, IS_NOT, CONTAINS, KNOWN, UNKNOWN = "is", "is_not", "contains", "known", "unknown"
ORDERS = ("gte", "gt", "lte", "lt")

#: Fields whose values are chosen from a list.
LISTED = frozenset(
    {
        "line.kind", "line.product", "sale.type", "sale.billed_by", "sale.source", "sale.country", "customer.country",
        "partner.tier", "partner.type", "partner.country",
    }
)  # fmt: skip


@dataclass
class Draft:
    """What typed answers say: a definition, where each part of it was typed, and what could not be read."""

    definition: dict[str, Any] = field(default_factory=dict)
    #: From a place in the definition (a JSON pointer) to the name of a field of the form.
    fields: dict[Pointer, str] = field(default_factory=dict)
    #: Sentences by the name of a field.
    problems: list[tuple[str, str]] = field(default_factory=list)

    def field_of(self, pointer: Pointer) -> str:
        """The field nearest to a place of the definition."""
        parts = pointer.split("/")
        while len(parts) > 1:
            found = self.fields.get("/".join(parts))
            if found is not None:
                return found
            parts.pop()
        return "name"


def operators_for(name: str) -> tuple[str, ...]:
    """How a field may be compared on the page."""
    found = field_named(name)
    assert found is not None, name
    unless_known = () if found.is_always_known else (KNOWN, UNKNOWN)
    if name in LISTED:
        return (IS, IS_NOT, *unless_known)
    if found.kind in ("number", "money"):
        return ("gte", "gt", "lte", "lt", IS, IS_NOT)
    orders = ORDERS if found.kind == "any" else ()
    return (IS, IS_NOT, CONTAINS, *orders, *unless_known)


#: A share that is a partner's, whose number is typed beside.
OTHER_PARTNER = "other"

_BLANKS: dict[str, Typed] = {
    "rules": {
        "name": "", "trigger": "sale", "kind": "percent", "rate": "", "money": "", "per": "sale",
        "on": "line.net_minor", "mode": "slab", "brackets": [{"upto": "", "rate": ""}, {"upto": "", "rate": ""}],
        "term": "ever", "months": "12", "conditions": [], "kept": "", "caps": [], "with_split": False,
        "new_field": "", "new_key": "",
    },
    "splits": {
        "name": "", "conditions": [], "kept": "", "shares": [{"to": "partner", "other": "", "percent": ""}],
        "new_field": "", "new_key": "",
    },
    "brackets": {"upto": "", "rate": ""},
    "caps": {"amount": "", "per": "partner", "window": "calendar_year"},
    "shares": {"to": "vendor", "other": "", "percent": ""},
    "conditions": {"joiner": "and", "field": "", "op": "", "values": [], "text": ""},
}  # fmt: skip


def blank(what: str) -> Typed:
    """What is added: a rule, a split, a bracket, a cap, a share, a condition."""
    return copy.deepcopy(_BLANKS[what])


def completed(typed: Typed) -> Typed:
    """The answers with the usual one wherever the page did not ask, because something else was chosen before."""
    for table in ("rules", "splits"):
        for part in typed[table]:
            usual = blank(table)
            part |= {name: usual[name] for name, value in part.items() if value is None}
            if not part.get("brackets", True):
                part["brackets"] = usual["brackets"]
    return typed


# From a definition to what is typed


def typed_of(definition: Mapping[str, Any], zone: ZoneInfo) -> Typed:
    """A valid definition as the form shows it."""
    starts_at = datetime.fromisoformat(str(definition["effective_from"])).astimezone(zone)
    currency = definition["currency"]
    return {
        "name": definition["name"],
        "currency": currency,
        "effective_on": starts_at.date(),
        "effective_exactly": str(definition["effective_from"]),
        "hold_days": str(definition.get("hold_days", 30)),
        "match": definition.get("match", "first"),
        "rebinds": bool(definition.get("rebinds", False)),
        "converts": bool(definition.get("converts", False)),
        "rules": [_typed_rule(rule, currency) for rule in definition.get("rules", [])],
        "splits": [_typed_split(split, currency) for split in definition.get("splits", [])],
    }


def _typed_rule(rule: Mapping[str, Any], currency: str) -> Typed:
    amount, term = rule["amount"], rule.get("term_months")
    brackets = amount.get("brackets", [])
    return blank("rules") | {
        "name": rule["name"],
        "trigger": rule.get("trigger", "sale"),
        "kind": amount["type"],
        "rate": str(amount.get("rate", "")),
        "money": _said(amount["amount_minor"], currency) if "amount_minor" in amount else "",
        "per": amount.get("per", "sale"),
        "on": amount.get("on", "line.net_minor"),
        "mode": amount.get("mode", "slab"),
        "brackets": [
            {"upto": _said_bound(step.get("to"), amount["on"], currency), "rate": str(step["rate"])}
            for step in brackets
        ]
        or blank("rules")["brackets"],
        "term": "ever" if term is None else "months" if term else "first",
        "months": str(term or 12),
        "caps": [
            {"amount": _said(cap["amount_minor"], currency), "per": cap["per"], "window": cap["window"]}
            for cap in rule.get("caps", [])
        ],
        "with_split": bool(rule.get("with_split", False)),
        **_typed_when(rule.get("when", {"all": []}), currency),
    }


def _typed_split(split: Mapping[str, Any], currency: str) -> Typed:
    return blank("splits") | {
        "name": split["name"],
        "shares": [{"to": str(share["to"]), "percent": str(share["percent"])} for share in split["shares"]],
        **_typed_when(split.get("when", {"all": []}), currency),
    }


def _typed_when(when: Mapping[str, Any], currency: str) -> Typed:
    rows = _rows(when, currency)
    return {"conditions": [], "kept": json.dumps(when)} if rows is None else {"conditions": rows, "kept": ""}


def _rows(when: Mapping[str, Any], currency: str) -> list[Typed] | None:
    """Conditions as rows; ``None`` where rows can't say them."""
    parts = [when] if "any" in when else when["all"]
    rows: list[Typed] = []
    for part in parts:
        if "all" in part:
            return None
        together = part.get("any", [part])
        for index, condition in enumerate(together):
            if "field" not in condition:
                return None
            row = _row(condition, currency)
            if row is None:
                return None
            rows.append(row | {"joiner": "or" if index else "and"})
    return rows


def _row(condition: Mapping[str, Any], currency: str) -> Typed | None:
    name, op, value = condition["field"], condition["op"], condition.get("value", True)
    values = list(value) if isinstance(value, list | tuple) else [value]
    simple = {"eq": IS, "in": IS, "ne": IS_NOT, "not_in": IS_NOT}.get(op, op)
    if op == "exists":
        simple, values = (KNOWN if value else UNKNOWN), []
    said = [_said(each, currency) if name.endswith("_minor") else _said_scalar(each) for each in values]
    row = blank("conditions") | {"field": name, "op": simple}
    row |= {"values": said} if name in LISTED else {"text": ", ".join(said)}
    again = _condition(row, currency, _exact)
    return row if _same(again, condition) else None


def _said_scalar(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _same(condition: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    def plain(one: Mapping[str, Any]) -> tuple[str, str, Any]:
        op, value = one["op"], one.get("value", True)
        if op in ("eq", "ne"):
            return one["field"], {"eq": "in", "ne": "not_in"}[op], [value]
        return one["field"], op, list(value) if isinstance(value, tuple) else value

    left, right = plain(condition), plain(other)
    return json.dumps(left) == json.dumps(right)


def _said(minor: int, currency: str) -> str:
    return format_money(minor, currency, locale="en", bare=True).replace(",", "").replace("\u2212", "-")


def _said_bound(value: Any, on: str, currency: str) -> str:
    if value is None:
        return ""
    return _said(int(value), currency) if on.endswith("_minor") else str(value)


def _exact(text: str, currency: str) -> int:
    """Reads what :func:`_said` wrote."""
    whole, _point, part = text.partition(".")
    return int(whole + part.ljust(minor_digits(currency), "0"))


# From what is typed to a definition


def definition_of(typed: Typed, zone: ZoneInfo, read_minor: Reader) -> Draft:
    """What the answers say. Whether it makes a plan is for ``rates.problems_of`` to judge."""
    return _Writer(typed, zone, read_minor).draft


class _Writer:
    """Reads on after a problem, so that all are told together."""

    def __init__(self, typed: Typed, zone: ZoneInfo, read_minor: Reader) -> None:
        self.draft = Draft()
        self.read_minor = read_minor
        self.currency = str(typed.get("currency") or "EUR")
        definition = self.draft.definition
        for name in ("name", "currency", "match", "hold_days", "rebinds", "converts"):
            self.draft.fields[f"/{name}"] = name
        self.draft.fields["/effective_from"] = "effective_on"
        definition |= {
            "name": typed["name"] or "",
            "currency": self.currency,
            "effective_from": self._starts_at(typed, zone),
            "match": typed["match"],
            "hold_days": self.number("hold_days", typed["hold_days"]),
            "rebinds": bool(typed["rebinds"]),
            "converts": bool(typed["converts"]),
            "rules": [self.rule(rule, index) for index, rule in enumerate(typed["rules"])],
            "splits": [self.split(split, index) for index, split in enumerate(typed["splits"])],
        }

    def _starts_at(self, typed: Typed, zone: ZoneInfo) -> str:
        """The start of the day typed, unless the version began within that day before."""
        day: date | None = typed.get("effective_on")
        exactly = typed.get("effective_exactly") or ""
        if day is None:
            self.wrong("effective_on", _("Choose the day from which it holds."))
            return ""
        if exactly and datetime.fromisoformat(exactly).astimezone(zone).date() == day:
            return str(exactly)
        return datetime.combine(day, time(0), zone).isoformat()

    def wrong(self, name: str, sentence: str) -> None:
        self.draft.problems.append((name, sentence))

    def number(self, name: str, text: Any) -> int:
        try:
            return int(str(text or "").strip())
        except ValueError:
            self.wrong(name, _("Type a whole number."))
            return 0

    def minor(self, name: str, text: Any) -> int:
        if not str(text or "").strip():
            self.wrong(name, _("Type an amount, such as 1234.50."))
            return 0
        try:
            return self.read_minor(str(text), self.currency)
        except ValueError as error:
            self.wrong(name, str(error))
            return 0

    @staticmethod
    def rate(text: Any) -> str:
        return "".join(str(text or "").split()).replace(",", ".").removesuffix("%")

    def rule(self, typed: Typed, index: int) -> dict[str, Any]:
        at, name = f"/rules/{index}", f"rules-{index}"
        self.draft.fields |= {
            at: f"{name}-name",
            f"{at}/amount": f"{name}-kind",
            f"{at}/amount/rate": f"{name}-rate",
            f"{at}/amount/amount_minor": f"{name}-money",
            f"{at}/term_months": f"{name}-months",
        }
        rule: dict[str, Any] = {"name": typed["name"] or ""}
        if typed["trigger"] != "sale":
            rule["trigger"] = typed["trigger"]
        if typed["term"] != "ever":
            rule["term_months"] = (
                self.number(f"{name}-months", typed["months"]) if typed["term"] == "months" else 0
            )
        rule["when"] = self.when(typed, at, name)
        rule["amount"] = self.amount(typed, at, name)
        if typed["caps"]:
            rule["caps"] = [
                self.cap(cap, f"{at}/caps/{place}", f"{name}-caps-{place}")
                for place, cap in enumerate(typed["caps"])
            ]
        if typed["with_split"]:
            rule["with_split"] = True
        return rule

    def amount(self, typed: Typed, at: str, name: str) -> dict[str, Any]:
        is_for_a_sale = typed["trigger"] == "sale"
        match typed["kind"] if is_for_a_sale else "fixed":
            case "fixed":
                return {
                    "type": "fixed",
                    "amount_minor": self.minor(f"{name}-money", typed["money"]),
                    # Only a sale has units.
                    "per": typed["per"] if is_for_a_sale else "sale",
                }
            case "brackets":
                return {
                    "type": "brackets",
                    "on": typed["on"],
                    "mode": typed["mode"],
                    "brackets": list(self.brackets(typed, at, name)),
                }
            case kind:
                return {"type": kind, "rate": self.rate(typed["rate"])}

    def brackets(self, typed: Typed, at: str, name: str) -> Iterator[dict[str, Any]]:
        """Each begins where the one before it ends, so that there is neither a gap nor an overlap."""
        lower, last = 0, len(typed["brackets"]) - 1
        for place, step in enumerate(typed["brackets"]):
            field_name = f"{name}-brackets-{place}"
            self.draft.fields[f"{at}/amount/brackets/{place}"] = f"{field_name}-upto"
            self.draft.fields[f"{at}/amount/brackets/{place}/rate"] = f"{field_name}-rate"
            upper = None if place == last else self.bound(typed["on"], f"{field_name}-upto", step["upto"])
            yield {
                "from": str(lower),
                "to": None if upper is None else str(upper),
                "rate": self.rate(step["rate"]),
            }
            lower = upper or lower

    def bound(self, on: str, name: str, text: Any) -> int:
        return self.minor(name, text) if on.endswith("_minor") else self.number(name, text)

    def cap(self, typed: Typed, at: str, name: str) -> dict[str, Any]:
        self.draft.fields[at] = f"{name}-amount"
        return {
            "per": typed["per"],
            "window": typed["window"],
            "amount_minor": self.minor(f"{name}-amount", typed["amount"]),
        }

    def split(self, typed: Typed, index: int) -> dict[str, Any]:
        at, name = f"/splits/{index}", f"splits-{index}"
        self.draft.fields[at] = f"{name}-name"
        shares = []
        for place, share in enumerate(typed["shares"]):
            self.draft.fields[f"{at}/shares/{place}"] = f"{name}-shares-{place}-percent"
            shares.append(
                {
                    "to": self.payee(share, f"{name}-shares-{place}-other"),
                    "percent": self.rate(share["percent"]),
                }
            )
        if shares:
            self.draft.fields[f"{at}/shares"] = f"{name}-shares-{len(shares) - 1}-percent"
        return {"name": typed["name"] or "", "when": self.when(typed, at, name), "shares": shares}

    def payee(self, typed: Typed, name: str) -> str:
        """Whose a share is: a role, or a partner by its number."""
        if typed["to"] != OTHER_PARTNER:
            return str(typed["to"])
        number = str(typed.get("other") or "").strip()
        if not number.isascii() or not number.isdigit():
            self.wrong(name, _("Type the partner's number: the last part of its page's address."))
        return number

    def when(self, typed: Typed, at: str, name: str) -> dict[str, Any]:
        if typed["kept"]:
            self.draft.fields[f"{at}/when"] = f"{name}-name"
            kept: dict[str, Any] = json.loads(typed["kept"])
            return kept
        groups: list[list[int]] = []
        for index, row in enumerate(typed["conditions"]):
            if index and row["joiner"] == "or":
                groups[-1].append(index)
            else:
                groups.append([index])
        parts: list[dict[str, Any]] = []
        for place, group in enumerate(groups):
            whole = f"{at}/when" if len(groups) == 1 and len(group) > 1 else f"{at}/when/all/{place}"
            said = []
            for inner, index in enumerate(group):
                row_name = f"{name}-conditions-{index}"
                pointer = whole if len(group) == 1 else f"{whole}/any/{inner}"
                self.draft.fields[pointer] = _value_field(typed["conditions"][index], row_name)
                said.append(self.condition(typed["conditions"][index], row_name))
            parts.append(said[0] if len(said) == 1 else {"any": said})
        if len(parts) == 1 and "any" in parts[0]:
            return parts[0]
        return {"all": parts}

    def condition(self, row: Typed, name: str) -> dict[str, Any]:
        def read(text: str, currency: str) -> int:
            return self.minor(f"{name}-text", text)

        try:
            return _condition(row, self.currency, read)
        except ValueError as error:
            self.wrong(f"{name}-text", str(error))
            return {"field": row["field"], "op": "exists", "value": True}


def _value_field(row: Typed, name: str) -> str:
    return f"{name}-values" if row["field"] in LISTED else f"{name}-text"


def _condition(row: Typed, currency: str, read_minor: Reader) -> dict[str, Any]:
    """One row as a condition; ValueError with a sentence when it can't be read."""
    name, op = str(row["field"]), str(row["op"])
    if op in (KNOWN, UNKNOWN):
        return {"field": name, "op": "exists", "value": op == KNOWN}
    if name in LISTED:
        values: Sequence[Any] = list(row["values"] or [])
        if not values:
            raise ValueError(_("Choose at least one value."))
    else:
        values = [
            _scalar(text, name, op, currency, read_minor)
            for text in _pieces(str(row["text"] or ""), name, op)
        ]
        if not values:
            raise ValueError(_("Type a value."))
    if op in (IS, IS_NOT):
        if len(values) > 1:
            return {"field": name, "op": "in" if op == IS else "not_in", "value": list(values)}
        return {"field": name, "op": "eq" if op == IS else "ne", "value": values[0]}
    return {"field": name, "op": op, "value": values[0]}


def _pieces(text: str, name: str, op: str) -> list[str]:
    """Several values are written with commas; an amount may hold one itself, a text that is looked for too."""
    if name.endswith("_minor") or op not in (IS, IS_NOT):
        return [text.strip()] if text.strip() else []
    return [piece.strip() for piece in text.split(",") if piece.strip()]


def _scalar(text: str, name: str, op: str, currency: str, read_minor: Reader) -> Any:
    found = field_named(name)
    assert found is not None, name
    if found.kind == "money":
        return read_minor(text, currency)
    if found.kind == "number" or op in ORDERS:
        try:
            return int(text)
        except ValueError:
            raise ValueError(_("Type a whole number.")) from None
    if found.kind == "any" and op != CONTAINS:
        if text in ("true", "false"):
            return text == "true"
        if text.removeprefix("-").isdigit() and text.isascii():
            return int(text)
    return text


# The deeds of the page: add, remove, move


def perform(typed: Typed, deed: str) -> str | None:
    """Does ``rules:add``, ``rules-2:up``, ``rules-2-conditions-0:remove`` …; answers the name of the part it concerns.

    A deed that names nothing there changes nothing.
    """
    path, _colon, verb = deed.partition(":")
    way = path.split("-")
    try:
        *before, last = way
        holder: Any = typed
        for step in before:
            holder = holder[int(step)] if step.isdigit() else holder[step]
        if verb == "add":
            return _add(holder, last, path)
        return _change(holder, int(last), verb, before)
    except (KeyError, IndexError, ValueError, TypeError):
        return None


def _add(holder: Any, what: str, path: str) -> str:
    parts: list[Typed] = holder[what]
    added = blank(what)
    if what == "conditions":
        name = str(holder["new_field"] or "")
        name = f"{METADATA}{str(holder['new_key'] or '').strip()}" if name == METADATA else name
        if field_named(name) is None:
            raise ValueError(name)
        added |= {"field": name, "op": operators_for(name)[0]}
        holder |= {"new_field": "", "new_key": ""}
    if what == "brackets":
        parts.insert(max(len(parts) - 1, 0), added)
        return f"{path}-{max(len(parts) - 2, 0)}"
    parts.append(added)
    return f"{path}-{len(parts) - 1}"


def _change(parts: Any, index: int, verb: str, before: Sequence[str]) -> str:
    if not 0 <= index < len(parts):
        raise IndexError(index)
    base = "-".join(before)
    if verb == "remove":
        del parts[index]
        return base
    if verb in ("up", "down"):
        other = index + (-1 if verb == "up" else 1)
        if 0 <= other < len(parts):
            parts[index], parts[other] = parts[other], parts[index]
            return f"{base}-{other}"
    return f"{base}-{index}"
