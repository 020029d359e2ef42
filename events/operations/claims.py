"""A funding claim as the partner writes it: costs with their receipts, proofs, and handing it in."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from core import clock, uploads
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.exchange import rate_on
from core.i18n import format_day
from core.i18n import gettext as _
from core.money import LIMIT, currencies
from core.settings import PROGRAMME_TIME_ZONE
from core.signals import announce
from core.uploads import CheckedFile
from core.vendor_time import in_working_days
from events import signals
from events.documents import document_keys
from events.models import (
    ClaimLine,
    ClaimStatus,
    CostKind,
    EventStatus,
    FundingClaim,
    FundingRequest,
    Proof,
    ProofKind,
    Receipt,
    RequestStatus,
)
from events.operations.gatherings import hold_event
from events.queries.claims import missing
from events.settings import CLAIM_DAYS

MOST_LINES = 60
MOST_PROOFS = 20

#: What a partner writes into a line.
WRITTEN = [
    "kind",
    "description",
    "supplier",
    "supplier_tax_id",
    "number",
    "dated_on",
    "currency",
    "gross_minor",
    "tax_minor",
    "excluded_minor",
    "excluded_because",
    "answer",
]


def start_claim(request: FundingRequest, *, by: Actor | None) -> FundingClaim:
    """Opens the claim of an approved request once its event is over; the one there is, if there is one."""
    lock(request)
    if request.claim is not None:
        return request.claim
    event = request.event
    if request.status is not RequestStatus.APPROVED or event is None:
        raise Refusal(_("Only the cost of an approved event can be claimed."))
    if event.status is EventStatus.CANCELLED:
        raise Refusal(_("“%(title)s” was cancelled.", title=event.title))
    if not event.is_over:
        raise Refusal(_("Claim the cost once the event is over."))
    if event.is_planned:
        hold_event(event, by=by)
    claim = FundingClaim(
        request=request,
        partner_id=request.partner_id,
        currency=request.currency,
        status=ClaimStatus.DRAFT,
        version=1,
        created_by_id=by.id if by is not None else None,
        created_at=clock.now(),
    )
    session.add(claim)
    session.flush()
    announce(signals.FundingClaimStarted(claim, by))
    return claim


def _editable(claim: FundingClaim) -> None:
    """Locks the claim for a change of what is claimed. Raises Refusal when it is with the vendor or decided."""
    lock(claim)
    if not claim.is_editable:
        raise Refusal(_("The claim is with the vendor. It can't be changed now."))
    claim.version += 1


def keep_receipt(file: CheckedFile, *, partner_id: int, by: Actor | None) -> Receipt:
    """Stores a checked file."""
    receipt = Receipt(
        partner_id=partner_id,
        storage_key=uploads.keep_file(file, folder="receipts"),
        name=file.name,
        content_type=file.content_type,
        size=len(file.content),
        sha256=file.sha256,
        likeness=file.likeness,
        uploaded_at=clock.now(),
        uploaded_by_id=by.id if by is not None else None,
    )
    session.add(receipt)
    session.flush()
    return receipt


def save_line(
    claim: FundingClaim,
    values: dict[str, Any],
    *,
    line: ClaimLine | None = None,
    file: CheckedFile | None = None,
    by: Actor | None,
) -> ClaimLine:
    """Writes one cost down, with its receipt. Raises InvalidInput by field; a receipt counts once, for anybody."""
    strangers = sorted(set(values) - set(WRITTEN))
    if strangers:
        raise TypeError(f"A cost has no {', '.join(strangers)}.")
    _editable(claim)
    _refuse_bad_line(claim, values, line)
    if line is None:
        line = ClaimLine(
            claim_id=claim.id,
            partner_id=claim.partner_id,
            **dict.fromkeys(
                ("description", "supplier_tax_id", "excluded_because", "vendor_note", "answer"), ""
            ),
            **dict.fromkeys(("tax_minor", "excluded_minor", "cut_minor"), 0),
            is_refused=False,
            is_live=True,
        )
    old_receipt = line.receipt
    before = {name: getattr(line, name) for name in ("file_key", "document_by_tax", "document_by_name")}
    with session.no_autoflush:
        for name in WRITTEN:
            if name in values:
                setattr(line, name, values[name])
        line.kind = CostKind(line.kind)
        line.mended_at = clock.now() if line.vendor_note else None
        line.rate = rate_on(line.dated_on, line.currency, claim.currency)
        line.document_by_tax, line.document_by_name = document_keys(
            line.supplier, line.supplier_tax_id, line.number, line.dated_on
        )
        if file is not None:
            line.file_key = file.sha256
        changed = {name for name, key in before.items() if getattr(line, name) != key}
        _refuse_known_receipt(line, changed)
    if file is not None:
        line.receipt = keep_receipt(file, partner_id=claim.partner_id, by=by)
    if line not in claim.lines:
        claim.lines.append(line)
    try:
        with session.begin_nested():
            session.flush()
    except sa.exc.IntegrityError as error:
        # Somebody claimed the same receipt at the same instant.
        raise InvalidInput({"receipt": _known_receipt()}) from error
    if file is not None and old_receipt is not None:
        session.delete(old_receipt)
        uploads.forget_later(old_receipt.storage_key)
    announce(signals.ClaimLineSaved(line, by))
    return line


def _known_receipt() -> str:
    return _("This receipt is in a claim already. A receipt can be claimed once.")


def _refuse_known_receipt(line: ClaimLine, changed: set[str]) -> None:
    """Raises InvalidInput when a live line of anybody has the same file, or the same supplier, number and day."""
    for column, field in (
        ("file_key", "receipt"),
        ("document_by_tax", "number"),
        ("document_by_name", "number"),
    ):
        key = getattr(line, column)
        if column not in changed or key is None:
            continue
        other = sa.select(ClaimLine.id).where(getattr(ClaimLine, column) == key, ClaimLine.is_live)
        if line.id is not None:
            other = other.where(ClaimLine.id != line.id)
        if session.scalar(other) is not None:
            if line in session:
                session.expire(line)
            raise InvalidInput({field: _known_receipt()})


def _refuse_bad_line(claim: FundingClaim, values: dict[str, Any], line: ClaimLine | None) -> None:
    problems: dict[str, str] = {}
    today = clock.today(PROGRAMME_TIME_ZONE.value())
    for field, most in (("supplier", 160), ("number", 60)):
        if not 1 <= len(values[field]) <= most:
            problems[field] = _("Type up to %(most)s characters.", most=most)
    if not any(sign.isalnum() for sign in values["number"]):
        problems["number"] = _("Type the number that stands on the receipt.")
    if values["currency"] not in currencies():
        problems["currency"] = _("Choose a currency by its code, such as EUR.")
    earliest = claim.request.starts_at.date() - timedelta(days=366)
    if not earliest <= values["dated_on"] <= today + timedelta(days=1):
        problems["dated_on"] = _(
            "The receipt is from %(first)s to today.",
            first=format_day(date(earliest.year, earliest.month, earliest.day)),
        )
    gross, tax, excluded = values["gross_minor"], values.get("tax_minor", 0), values.get("excluded_minor", 0)
    if not 0 < gross < LIMIT:
        problems["gross_minor"] = _("Type an amount above zero.")
    elif not 0 <= tax < gross:
        problems["tax_minor"] = _("Tax is a part of the amount.")
    elif not 0 <= excluded <= gross:
        problems["excluded_minor"] = _("It is a part of the amount.")
    if len(values.get("answer", "")) > 500:
        problems["answer"] = _("Type up to %(most)s characters.", most=500)
    if excluded and not values.get("excluded_because"):
        problems["excluded_because"] = _("Say what it is, such as alcohol.")
    if line is None and len(claim.lines) >= MOST_LINES:
        problems["supplier"] = _("A claim has up to %(most)s costs.", most=MOST_LINES)
    if problems:
        raise InvalidInput(problems)


def remove_line(line: ClaimLine, *, by: Actor | None) -> None:
    """Takes a cost out; its receipt can be claimed elsewhere."""
    claim = line.claim
    _editable(claim)
    announce(signals.ClaimLineRemoved(claim, by, line.supplier, line.number))
    receipt = line.receipt
    claim.lines.remove(line)
    session.flush()
    _drop(receipt)


def _drop(receipt: Receipt | None) -> None:
    if receipt is not None:
        session.delete(receipt)
        uploads.forget_later(receipt.storage_key)
        session.flush()


def add_proof(
    claim: FundingClaim, kind: ProofKind, *, file: CheckedFile | None = None, url: str = "", by: Actor | None
) -> Proof:
    """Adds a file or an address that shows the event took place. Raises InvalidInput."""
    _editable(claim)
    if len(claim.proofs) >= MOST_PROOFS:
        raise Refusal(_("A claim has up to %(most)s proofs.", most=MOST_PROOFS))
    if kind is ProofKind.LINK:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or len(url) > 500:
            raise InvalidInput({"url": _("Type an address that begins with https://.")})
    elif file is None:
        raise InvalidInput({"file": _("Choose a file.")})
    proof = Proof(
        kind=kind,
        url=url if kind is ProofKind.LINK else "",
        receipt=keep_receipt(file, partner_id=claim.partner_id, by=by) if file is not None else None,
        created_at=clock.now(),
    )
    claim.proofs.append(proof)
    session.flush()
    announce(signals.ProofAdded(proof, by))
    return proof


def remove_proof(proof: Proof, *, by: Actor | None) -> None:
    """Takes a proof out."""
    claim, receipt = proof.claim, proof.receipt
    _editable(claim)
    announce(signals.ProofRemoved(claim, by))
    claim.proofs.remove(proof)
    session.flush()
    _drop(receipt)


def submit_claim(claim: FundingClaim, *, by: Actor | None) -> None:
    """Hands it to the vendor, whose clock runs from now. Raises Refusal: something is missing, it is too late."""
    lock(claim)
    request = claim.request
    if claim.status is ClaimStatus.DRAFT and request.claim_by is not None:
        today = clock.today(request.time_zone)
        if today > request.claim_by:
            raise Refusal(_("The cost could be claimed until %(day)s.", day=format_day(request.claim_by)))
    sentences = missing(claim)
    if sentences:
        raise Refusal(" ".join(sentences))
    note_rates(claim.lines, claim.currency)
    claim.become(ClaimStatus.SUBMITTED)
    claim.submitted_at = clock.now()
    claim.due_at = in_working_days(CLAIM_DAYS.value())
    claim.question = ""
    session.flush()
    announce(signals.FundingClaimSubmitted(claim, by))


def note_rates(lines: Sequence[ClaimLine], currency: str) -> None:
    """Gives lines without a rate the one of their day, if it is known by now. A rate once noted stays."""
    for line in lines:
        if line.rate is None:
            line.rate = rate_on(line.dated_on, line.currency, currency)
