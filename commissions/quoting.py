"""What something would earn: asked by the API, by estimates (through ``referrals.quotes``) and by the calculator.

Nothing is posted; the live version computes, and no other.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from commissions import rates
from commissions.models import PlanVersion
from commissions.queries import plans as queries
from commissions.queries.recruitments import recruitment_of
from core import clock
from core.i18n import gettext as _
from core.settings import PROGRAMME_TIME_ZONE
from referrals import quotes

SOMEBODY = "0"
"""The partner of a quote that is for nobody in particular; no partner has this id."""


def quote_line(version: PlanVersion, asked: dict[str, Any]) -> dict[str, Any]:
    """The API's quote for one line; ``asked`` as ``commissions.schemas.QuoteQuery`` loads it."""
    plan = queries.parsed(version)
    line = _line_of(
        quotes.QuotedLine(asked["kind"], asked.get("product"), asked["quantity"], asked["amount_minor"])
    )
    zone = ZoneInfo(PROGRAMME_TIME_ZONE.value())
    occurred_at, pair = _moment_of(asked["type"], zone)
    sale = rates.SaleFacts(
        occurred_at=occurred_at,
        currency=asked.get("currency") or version.currency,
        partner=rates.PartnerFacts(SOMEBODY, asked.get("tier"), asked.get("partner_type")),
        customer=rates.CustomerFacts(None, asked.get("country")),
        lines=(line,),
        type=asked["type"],
        billed_by=asked["billed_by"],
        country=asked.get("country"),
        pair=pair,
        time_zone=zone,
    )
    computation = rates.compute(plan, sale)
    return {
        "plan_version": version.label,
        "currency": sale.currency,
        "entries": [
            {
                "kind": entry.key.kind,
                "beneficiary": {
                    "type": entry.key.beneficiary.type,
                    "id": None if entry.key.beneficiary.id == SOMEBODY else entry.key.beneficiary.id,
                },
                "rule": entry.key.name,
                "amount_minor": entry.amount_minor,
                "currency": entry.currency,
                "proof": dict(entry.proof),
            }
            for entry in computation.entries
        ],
    }


def quote_estimate(
    inquiry: quotes.Inquiry,
    *,
    in_words: Callable[[Mapping[str, Any]], str] = lambda proof: str(proof["formula"]),
) -> quotes.Quote | None:
    """What an estimate would earn partner and vendor: a row a rule, with its formulas as ``in_words`` says them.

    It is what the engine grants on the new customer's sale of the same lines now (:meth:`quotes.QuotedLine.as_sold`),
    before the caps that earlier sales have used.
    """
    version = queries.live_version(inquiry.partner.plan_code)
    if version is None:
        return None
    partner = inquiry.partner
    zone = ZoneInfo(PROGRAMME_TIME_ZONE.value())
    occurred_at, pair = _moment_of(inquiry.sale_type, zone)
    sale = rates.SaleFacts(
        occurred_at=occurred_at,
        currency=inquiry.currency,
        partner=rates.PartnerFacts(
            str(partner.id), partner.tier, str(partner.type), partner.country, _recruiter_of(partner.id)
        ),
        customer=rates.CustomerFacts(
            None if inquiry.customer is None else inquiry.customer.external_id or str(inquiry.customer.id),
            inquiry.country or (inquiry.customer.country if inquiry.customer is not None else None),
            None if inquiry.customer is None else inquiry.customer.size,
        ),
        lines=tuple(_line_of(line) for line in inquiry.lines),
        type=inquiry.sale_type,
        billed_by=inquiry.billed_by,
        source=inquiry.origin,
        country=inquiry.country,
        pair=pair,
        time_zone=zone,
    )
    entries = rates.compute(queries.parsed(version), sale).entries
    earned = [_before_what_was_collected(entry) for entry in entries]
    total = sum(line.net_minor for line in sale.lines)
    commissions = [entry for entry in earned if _is(entry, partner.id) and _is_commission(entry, sale.lines)]
    theirs = sum(entry.amount_minor for entry in entries if _is(entry, partner.id))
    others = sum(entry.amount_minor for entry in entries if _is_anothers(entry, partner.id))
    collected = total if inquiry.billed_by == "partner" else 0
    kept = collected - sum(entry.working.collected_minor for entry in entries)
    rows = [_kept_row(kept, sale, inquiry.reader)] if kept else []
    partner_minor = collected + theirs
    return quotes.Quote(
        partner_minor=partner_minor,
        vendor_minor=total - partner_minor - others,
        commission_minor=sum(entry.amount_minor for entry in commissions),
        plan=_("%(name)s, version %(number)s", name=version.name, number=version.number),
        rows=(*rows, *_rows([entry for entry in earned if not _is_anothers(entry, partner.id)], in_words)),
    )


def _recruiter_of(partner_id: int) -> str | None:
    """Who has a share where a plan gives one to whoever brought the partner."""
    recruitment = recruitment_of(partner_id)
    return str(recruitment.recruiter_id) if recruitment is not None else None


def _moment_of(sale_type: str, zone: ZoneInfo) -> tuple[datetime, rates.Pair]:
    """When what is quoted is sold, and whether it is the customer's first sale.

    A new sale is the first, now. A renewal comes twelve months after it, so that what a plan pays for the first sale
    or the first year only is not promised for the years that follow. An expansion comes now, after the first.
    """
    now = clock.now()
    if sale_type == "new":
        return now, rates.Pair()
    later = rates.add_months(now, 12, zone) if sale_type == "renewal" else now
    return later, rates.Pair(now, is_first_sale=False)


def _is_commission(entry: rates.Entry, lines: tuple[rates.LineFacts, ...]) -> bool:
    """Granted by a rule, or as a share of a licence; a share of services is what the partner works for."""
    line = entry.key.line
    return entry.key.kind == "commission" or (line is not None and lines[line].kind == "licence")


def _before_what_was_collected(entry: rates.Entry) -> rates.Entry:
    """What the rule grants. The books take off it what a partner collects itself; here that is a row of its own."""
    collected = entry.working.collected_minor
    if not collected or isinstance(entry.working, rates.CorrectionWorking):
        return entry
    return replace(
        entry, amount_minor=entry.amount_minor + collected, working=replace(entry.working, collected_minor=0)
    )


def _kept_row(kept: int, sale: rates.SaleFacts, reader: Literal["partner", "vendor"]) -> quotes.QuoteRow:
    """What a partner that bills the project keeps of it: its services, where the vendor's part is the licence."""
    services = sum(line.net_minor for line in sale.lines if line.kind != "licence")
    if reader == "vendor":
        label = (
            _("Services of the partner") if kept == services else _("What stays with the partner of its bill")
        )
        return quotes.QuoteRow("partner", label, kept, _("The partner bills it to the customer."))
    label = _("Your services") if kept == services else _("What stays of your bill")
    return quotes.QuoteRow("partner", label, kept, _("You bill it to the customer."))


def _line_of(line: quotes.QuotedLine) -> rates.LineFacts:
    """The line as the engine takes it of the sale, its sum exact."""
    return rates.LineFacts(
        line.kind, line.quantity, line.unit_amount_minor, line.product, discount_minor=line.discount_minor
    )


def _is(entry: rates.Entry, partner_id: int) -> bool:
    return entry.key.beneficiary == rates.Beneficiary("partner", str(partner_id))


def _is_anothers(entry: rates.Entry, partner_id: int) -> bool:
    """A share of a third: neither side's row, and nobody's to read here."""
    return entry.key.beneficiary.type == "partner" and not _is(entry, partner_id)


def _rows(
    entries: Iterable[rates.Entry], in_words: Callable[[Mapping[str, Any]], str]
) -> list[quotes.QuoteRow]:
    """What one rule gives one side on all lines together is one row."""
    gathered: dict[tuple[Literal["partner", "vendor"], str], list[rates.Entry]] = {}
    for entry in entries:
        to: Literal["partner", "vendor"] = "vendor" if entry.key.beneficiary.type == "vendor" else "partner"
        gathered.setdefault((to, entry.key.name), []).append(entry)
    return [
        quotes.QuoteRow(
            to,
            name,
            sum(entry.amount_minor for entry in same),
            " + ".join(in_words(proof) for proof in _together(entry.proof for entry in same)),
        )
        for (to, name), same in gathered.items()
    ]


def _together(proofs: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Proofs of one rate on many lines as one proof of their sum, to be read; each line is still rounded by itself."""
    found: dict[Any, dict[str, Any]] = {}
    for number, proof in enumerate(proofs):
        inputs = proof.get("inputs") or {}
        amount = inputs.get("amount") or {}
        is_plain = not inputs.get("granted_minor") and not inputs.get("collected_minor")
        if is_plain and inputs.get("kind") == "split":
            key: Any = ("split", inputs["share"], tuple(inputs["percents"]))
            if key in found:
                found[key]["inputs"]["whole_minor"] += inputs["whole_minor"]
                found[key]["formula"] += f" + {proof['formula']}"
                continue
        elif is_plain and amount.get("type") == "percent" and not _is_bounded(inputs):
            key = ("percent", amount["rate"])
            if key in found:
                found[key]["inputs"]["amount"]["base_minor"] += amount["base_minor"]
                found[key]["formula"] += f" + {proof['formula']}"
                continue
        else:
            key = number
        found[key] = {**proof, "inputs": {**inputs, "amount": dict(amount)} if amount else dict(inputs)}
    return list(found.values())


def _is_bounded(inputs: Mapping[str, Any]) -> bool:
    """A cap, a floor or a part taken back belongs to one line, and is said with it."""
    limits = any(inputs.get(name) is not None for name in ("room_minor", "not_below_minor"))
    return limits or inputs.get("kept_minor") != inputs.get("of_minor")
