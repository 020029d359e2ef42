"""Papers of a firm: kept by either side, changed and withdrawn by who put them there, forgotten long after."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from core import clock, uploads
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners import signals
from partners.models import Document, DocumentKind, Partner
from partners.queries.measures import programme_today

LONGEST_TITLE = 200
#: Contracts are longer than receipts.
MOST_PAGES = 200
#: So many files of one firm are kept at a time, withdrawn ones included.
MOST_FILES = 300


def keep_document(
    partner: Partner,
    *,
    kind: DocumentKind | str,
    title: str,
    valid_until: date | None,
    content: bytes,
    name: str,
    by: User,
) -> Document:
    """Keeps a paper of the firm. Raises InvalidInput by field: at ``file`` for what is not taken."""
    lock(partner)
    kind, title = _checked(kind, title)
    if valid_until is not None and valid_until < programme_today():
        raise InvalidInput({"valid_until": _("That day is over. Upload the paper that holds today.")})
    try:
        file = uploads.check_file(content, name, most_pages=MOST_PAGES)
    except uploads.RefusedFile as refused:
        raise InvalidInput({"file": str(refused)}) from refused
    _refuse_twice_or_too_many(partner, file.sha256)
    row = Document(
        partner_id=partner.id,
        kind=kind,
        title=title,
        valid_until=valid_until,
        storage_key=uploads.keep_file(file, folder="documents"),
        name=file.name,
        content_type=file.content_type,
        size=len(file.content),
        sha256=file.sha256,
        uploaded_at=clock.now(),
        uploaded_by_id=by.id,
        from_vendor=by.is_staff,
    )
    session.add(row)
    session.flush()
    announce(signals.DocumentKept(row, by, kind=str(kind), title=title))
    return row


def _checked(kind: DocumentKind | str, title: str) -> tuple[DocumentKind, str]:
    title = " ".join(title.split())
    if not title or len(title) > LONGEST_TITLE:
        raise InvalidInput({"title": _("Say in a line what it is.")})
    if kind not in set(DocumentKind):
        raise InvalidInput({"kind": _("Choose one of the list.")})
    return DocumentKind(kind), title


def _refuse_twice_or_too_many(partner: Partner, sha256: str) -> None:
    theirs = sa.select(Document).where(Document.partner_id == partner.id)
    twin = session.scalar(theirs.where(Document.sha256 == sha256, Document.withdrawn_at.is_(None)))
    if twin is not None:
        raise InvalidInput({"file": _("This file is here already: %(title)s.", title=twin.title)})
    kept = sa.select(sa.func.count()).where(
        Document.partner_id == partner.id, Document.storage_key.is_not(None)
    )
    if (session.scalar(kept) or 0) >= MOST_FILES:
        raise InvalidInput({"file": _("%(most)s files of this firm are kept already.", most=MOST_FILES)})


def change_document(
    row: Document, *, kind: DocumentKind | str, title: str, valid_until: date | None, by: User
) -> None:
    """Corrects what stands about a paper: a mistyped day, a contract that was prolonged. The file stays.

    A last day that is over is taken: it is then what is true of the paper, and the firm is asked to renew it.
    Raises InvalidInput by field, and Refusal when it is withdrawn, or the vendor's and somebody of the firm asks.
    """
    lock(row)
    if row.from_vendor and not by.is_staff:
        raise Refusal(_("The vendor put this document here, and changes it."))
    before = _said_of(row)
    row.describe(*_checked(kind, title), valid_until)
    session.flush()
    after = _said_of(row)
    changed = [name for name, value in after.items() if value != before[name]]
    if changed:
        announce(
            signals.DocumentChanged(
                row, by, {name: before[name] for name in changed}, {name: after[name] for name in changed}
            )
        )


def _said_of(row: Document) -> dict[str, Any]:
    day = row.valid_until
    return {
        "kind": row.kind.value,
        "title": row.title,
        "valid_until": day.isoformat() if day is not None else None,
    }


def withdraw_document(row: Document, *, by: User) -> None:
    """It is no longer in force; the list says so, and the file stays for as long as the programme keeps such files.

    Raises Refusal when it is the vendor's and somebody of the firm would take it away.
    """
    lock(row)
    if row.from_vendor and not by.is_staff:
        raise Refusal(_("The vendor put this document here, and withdraws it."))
    row.withdraw()
    announce(signals.DocumentWithdrawn(row, by, title=row.title))


def forget_documents(ids: list[int]) -> None:
    """The files go, and what they were called; what each was, until when it held and its fingerprint stay."""
    for row in session.scalars(sa.select(Document).where(Document.id.in_(ids))):
        if row.storage_key is not None:
            uploads.forget_later(row.storage_key)
        row.storage_key, row.name = None, ""
    session.flush()
