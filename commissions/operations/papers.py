"""Acceptance acts and self-billing invoices: made once from a frozen statement, and the same bytes ever after.

Which partner gets which paper is a matter of its agreement (``commissions.settings``). A paper is in the partner's
language.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from commissions import settings
from commissions.models import SERVICES, PaperKind, PayoutProfile, Statement, StatementPaper, VatStatus
from commissions.operations.paper_words import printed
from commissions.queries import papers as queries
from commissions.queries.payouts import profile_of
from commissions.queries.vat import LineVat, vat_of_lines
from commissions.signals import StatementPapersMade
from core import clock, storage
from core.activity import Actor
from core.database import lock, session
from core.errors import Refusal
from core.i18n import LOCALES, speaking
from core.i18n import gettext as _
from core.pdf import render_pdf
from core.settings import PROGRAMME_COUNTRY, VENDOR_NAME
from core.signals import announce
from partners.models import AgreementAcceptance, Partner

_SOURCE = "commissions/pdf/paper.typ"
_PREFIXES = {PaperKind.ACT: "ACT", PaperKind.SELF_BILLING: "SB"}

#: Where something can be said that a paper waits for.
Place = Literal["settings", "payout_profile", "firm"]


@dataclass(frozen=True)
class PaperDue:
    """A paper that a statement has, or should have.

    ``missing`` says what it still waits for, ``place`` where that is said; both are ``None`` when it waits for nothing.
    """

    kind: PaperKind
    paper: StatementPaper | None
    missing: str | None = None
    place: Place | None = None


def papers_due(statement: Statement) -> list[PaperDue]:
    """What belongs to a statement by the agreement that held when it was issued, made or not."""
    made = {paper.kind: paper for paper in queries.papers_of([statement])[statement.id]}
    wanted = set(_kinds_by_agreement(statement)) if _has_services(statement) else set()
    return [
        PaperDue(kind, made.get(kind), *((None, None) if kind in made else _missing(statement, kind)))
        for kind in PaperKind
        if kind in made or kind in wanted
    ]


def make_papers(statement: Statement, *, by: Actor | None) -> list[StatementPaper]:
    """Makes what is due and can be made; answers the new ones. Again: nothing new."""
    lock(statement)
    ready = [due.kind for due in papers_due(statement) if due.paper is None and due.missing is None]
    papers = [_make(statement, kind) for kind in ready]
    session.add_all(papers)
    session.flush()
    if papers:
        hashes = {paper.number: paper.sha256 for paper in papers}
        announce(StatementPapersMade(statement, by, hashes=hashes))
    return papers


def paper_bytes(paper: StatementPaper) -> bytes:
    """The PDF exactly as it was made; made anew from its frozen words when the file is lost or was changed.

    Raises Refusal when it cannot be had as it was: then nobody is given another one.
    """
    try:
        kept = storage.read(paper.storage_key)
    except FileNotFoundError:
        kept = b""
    if _hash_of(kept) == paper.sha256:
        return kept
    again = render_pdf(_SOURCE, paper.content["words"])
    if _hash_of(again) != paper.sha256:
        raise Refusal(
            _(
                "The file of %(number)s is not the one that was made, so it is not handed out. "
                "Restore it from a backup.",
                number=paper.number,
            )
        )
    storage.put(paper.storage_key, again)
    return again


def _hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _kinds_by_agreement(statement: Statement) -> list[PaperKind]:
    accepted = queries.acceptance_at(statement.partner_id, statement.issued_at)
    if accepted is None:
        return []
    country = statement.content["partner"]["country"]
    rules = {
        PaperKind.ACT: (settings.ACT_COUNTRIES.value(), settings.ACT_AGREEMENT.value()),
        PaperKind.SELF_BILLING: (
            settings.SELF_BILLING_COUNTRIES.value(),
            settings.SELF_BILLING_AGREEMENT.value(),
        ),
    }
    return [
        kind
        for kind, (countries, first) in rules.items()
        if 0 < first <= accepted.agreement.number
        and (countries == "*" or country in [code.strip() for code in countries.split(",")])
    ]


def _has_services(statement: Statement) -> bool:
    return any(line["kind"] in SERVICES for line in statement.content["lines"])


def _missing(statement: Statement, kind: PaperKind) -> tuple[str, Place] | tuple[None, None]:
    if not settings.LEGAL_ADDRESS.value() or not settings.LEGAL_TAX_ID.value():
        return _("The vendor's address and tax number are not in the settings yet."), "settings"
    if kind is PaperKind.ACT:
        return None, None
    profile = profile_of(statement.partner)
    stands = profile.vat_status if profile is not None else VatStatus.UNKNOWN
    if stands is VatStatus.UNKNOWN:
        said = _("The payout details do not say yet how the partner stands to value added tax.")
        return said, "payout_profile"
    if stands is VatStatus.REGISTERED and not _tax_id(statement, profile):
        return _("The partner's profile has no tax number yet."), "firm"
    return None, None


def _make(statement: Statement, kind: PaperKind) -> StatementPaper:
    accepted = queries.acceptance_at(statement.partner_id, statement.issued_at)
    assert accepted is not None  # no paper is due without it
    locale = _language(accepted, statement.partner)
    number = f"{_PREFIXES[kind]}-{statement.number}"
    facts = _facts(statement, kind, number, accepted)
    with speaking(locale):
        words = printed(facts)
    content = render_pdf(_SOURCE, words)
    return StatementPaper(
        statement=statement,
        kind=kind,
        number=number,
        locale=locale,
        content={"facts": facts, "words": words},
        storage_key=storage.keep(content, folder="papers"),
        sha256=_hash_of(content),
        made_at=clock.now(),
    )


def _language(accepted: AgreementAcceptance, partner: Partner) -> str:
    """The partner's: in which it accepted the agreement itself, or the first that it works in and we can speak."""
    if not accepted.on_paper and accepted.locale in LOCALES:
        return accepted.locale
    return next((language for language in partner.languages if language in LOCALES), "en")


def _facts(
    statement: Statement, kind: PaperKind, number: str, accepted: AgreementAcceptance
) -> dict[str, Any]:
    """Everything a paper says, in plain values."""
    zone = ZoneInfo(statement.content["time_zone"])
    first, last = _days_of(statement, zone)
    rows, left_out, services = _sums(statement)
    net = sum(services.values())
    profile = profile_of(statement.partner)
    stands = profile.vat_status if profile is not None else VatStatus.UNKNOWN
    rate = profile.paid_vat_bp if profile is not None else 0
    taxed = vat_of_lines(dict.fromkeys(services, rate))
    vat = sum(line.vat_minor for line in taxed.values())
    return {
        "kind": str(kind),
        "number": number,
        "statement": statement.number,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "dated": (last if kind is PaperKind.ACT else clock.now().astimezone(zone).date()).isoformat(),
        "agreement": accepted.agreement.number,
        "accepted_on": accepted.accepted_at.astimezone(zone).date().isoformat(),
        "vendor": _vendor(),
        "partner": _about(statement, profile),
        "currency": statement.currency,
        "rows": rows,
        "left_out": left_out,
        "net_minor": net,
        "vat_status": str(stands),
        "vat_bp": rate,
        "other_rates": {str(number): line.bp for number, line in taxed.items() if line.bp != rate},
        "taxes": _taxes(services, taxed),
        "vat_minor": vat,
        "total_minor": net + vat,
    }


def _days_of(statement: Statement, zone: ZoneInfo) -> tuple[date, date]:
    """The first and the last day of the month, in the programme's zone."""
    starts = datetime.fromisoformat(statement.content["starts_at"]).astimezone(zone)
    ends = datetime.fromisoformat(statement.content["ends_at"]).astimezone(zone)
    return starts.date(), ends.date() - timedelta(days=1)


def _sums(statement: Statement) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[int, int]]:
    """The services by kind, what stands on the statement without being one, and the amount of each service."""
    lines = [line for line in statement.content["lines"] if "entry_id" in line]
    vendors = queries.vendors_parts([line["entry_id"] for line in lines])
    rows: dict[str, list[int]] = {kind: [0, 0] for kind in SERVICES}
    left_out: dict[str, int] = {}
    services: dict[int, int] = {}
    for line in lines:
        if line["entry_id"] in vendors:
            left_out["vendors_part"] = left_out.get("vendors_part", 0) + line["amount_minor"]
        elif line["kind"] in rows:
            rows[line["kind"]][0] += 1
            rows[line["kind"]][1] += line["amount_minor"]
            services[line["entry_id"]] = line["amount_minor"]
        else:
            left_out[line["kind"]] = left_out.get(line["kind"], 0) + line["amount_minor"]
    return (
        [{"what": kind, "lines": number, "amount_minor": sum_} for kind, (number, sum_) in rows.items() if number],
        [{"what": what, "amount_minor": sum_} for what, sum_ in left_out.items()],
        services,
    )  # fmt: skip


def _taxes(services: dict[int, int], taxed: dict[int, LineVat]) -> list[dict[str, int]]:
    """The services and their VAT by rate, the highest first."""
    sums: dict[int, list[int]] = {}
    for number, amount in services.items():
        net, vat = sums.setdefault(taxed[number].bp, [0, 0])
        sums[taxed[number].bp] = [net + amount, vat + taxed[number].vat_minor]
    return [
        {"vat_bp": bp, "net_minor": net, "vat_minor": vat}
        for bp, (net, vat) in sorted(sums.items(), reverse=True)
    ]


def _vendor() -> dict[str, str]:
    return {
        "name": settings.LEGAL_NAME.value() or VENDOR_NAME.value(),
        "address": settings.LEGAL_ADDRESS.value(),
        "tax_id": settings.LEGAL_TAX_ID.value(),
        "signatory": settings.SIGNATORY.value(),
        "country": PROGRAMME_COUNTRY.value(),
    }


def _about(statement: Statement, profile: PayoutProfile | None) -> dict[str, str]:
    """The partner as the statement froze it; its street and tax codes from its payout details."""
    partner = statement.content["partner"]
    return {
        "name": partner["legal_name"] or partner["name"],
        "street": profile.street if profile is not None else "",
        "postcode": partner["postcode"],
        "city": partner["city"],
        "country": partner["country"],
        "tax_id": _tax_id(statement, profile),
        "tax_code": profile.tax_code if profile is not None else "",
    }


def _tax_id(statement: Statement, profile: PayoutProfile | None) -> str:
    """As it was when the month was closed; what was unknown then may be known by now."""
    known = statement.content["partner"]["tax_id"] or statement.partner.tax_id
    return known or (profile.tax_id if profile is not None else "")
