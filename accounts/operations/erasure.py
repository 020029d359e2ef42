"""Somebody's own data: the file of it, and taking it away."""

import io
import json
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from accounts import queries, signals
from accounts.models import DataExport, User
from accounts.operations.people import refuse_to_lose_the_last_admin
from accounts.permissions import Role
from core import clock, jobs, personal_data, storage
from core.activity import Activity
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.i18n import speaking
from core.personal_data import Person
from core.settings import VENDOR_NAME
from core.signals import announce

EXPORT_JOB = "accounts.data-export"
_FOLDER = "personal-data"
_FORGET_AT_ONCE = 500


def person_behind(email: str) -> Person:
    """Whoever writes from ``email``: with a number, when they sign in with it."""
    user = queries.user_by_email(email)
    return person_of(user) if user is not None else Person(email.strip().lower())


def person_of(user: User) -> Person:
    """The person who is ``user``."""
    return Person(user.email, user.id, user.name)


# The file


def ask_for_data(person: Person, *, by: User) -> DataExport:
    """Has the file of everything held about ``person`` made for ``by``. One at a time for one person."""
    lock(by)
    waiting = session.scalar(
        queries.data_exports_for(by).where(DataExport.email == person.email, DataExport.made_at.is_(None))
    )
    if waiting is not None:
        raise Refusal(_("That file is being made already."))
    export = DataExport(
        asked_by_id=by.id, asked_at=clock.now(), email=person.email, user_id=person.user_id, records=0
    )
    session.add(export)
    session.flush()
    announce(
        signals.DataExportAsked(by if person.user_id is None else session.get_one(User, person.user_id), by)
    )
    jobs.enqueue(EXPORT_JOB, {"export": export.id})
    return export


def make_export(export: DataExport) -> None:
    """Writes the file: ``data.json`` with all records, and the person's own files beside it."""
    person = Person(export.email, export.user_id)
    with speaking(export.asked_by.locale):
        content, export.records = _zipped(person)
    export.storage_key = storage.keep(content, folder=_FOLDER)
    export.made_at = clock.now()


def _zipped(person: Person) -> tuple[bytes, int]:
    buffer = io.BytesIO()
    number = 0
    kinds = []
    for holding, records in personal_data.records_of(person):
        rows = list(records)
        number += len(rows)
        if rows:
            kinds.append({
                "code": holding.code, "what": str(holding.label), "stays_after_erasure": str(holding.kept),
                "records": rows,
            })  # fmt: skip
    whole = {
        "held_by": VENDOR_NAME.value(),
        "about": {"email": person.email, "number": person.user_id},
        "made_at": clock.now(),
        "holdings": kinds,
    }
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(whole, default=_plain, ensure_ascii=False, indent=1))
        taken: set[str] = set()
        for name, key in personal_data.files_of(person):
            try:
                content = storage.read(key)
            except FileNotFoundError:
                continue
            archive.writestr(_free_name(name, taken), content)
    return buffer.getvalue(), number


def _free_name(name: str, taken: set[str]) -> str:
    folder, _slash, file = name.partition("/")
    free, count = f"files/{folder}/{file}", 1
    while free in taken:
        count += 1
        free = f"files/{folder}/{count}-{file}"
    taken.add(free)
    return free


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return getattr(value, "value", None) or str(value)


def fetch_export(export: DataExport, *, by: User) -> bytes:
    """The file, for whoever asked for it. Raises Refusal when it is not there yet, or no more."""
    if not export.is_ready or export.storage_key is None:
        raise Refusal(_("That file is not there. Ask for a new one."))
    content = storage.read(export.storage_key)
    announce(signals.DataExportFetched(by, by))
    return content


def forget_exports(exports: list[DataExport]) -> None:
    """Files whose time is over go, and what is known of them."""
    for export in exports:
        if export.storage_key is not None:
            storage.forget(export.storage_key)
        session.delete(export)


# Erasure


def erase(person: Person, *, words: str, by: User) -> dict[str, int]:
    """Takes away what names ``person``, everywhere, for good; answers how many rows of each kind.

    ``words`` is the e-mail address, typed out. Books, contracts and the numbers in the audit trail stay. Raises
    InvalidInput at ``words``, Refusal for the last admin and for a machine.
    """
    if words.strip().lower() != person.email:
        raise InvalidInput({"words": _("Type %(email)s to go on.", email=person.email)})
    if person.user_id is None:
        numbers = personal_data.overwrite(person)
        announce(signals.ContactErased(None, by, rows=numbers))
        return numbers
    user = lock(session.get_one(User, person.user_id))
    if user.is_machine:
        raise Refusal(_("A machine has no personal data."))
    if user.is_erased:
        raise Refusal(_("The data of this person was erased."))
    if user.role is Role.PROGRAMME_ADMIN:
        refuse_to_lose_the_last_admin(user)
    user.erased_at = clock.now()
    session.flush()
    numbers = personal_data.overwrite(person)
    announce(signals.PersonErased(user, by, rows=numbers))
    session.flush()
    # The last deed of somebody who erased themselves came from somewhere, too.
    session.execute(sa.update(Activity).where(Activity.actor_id == user.id).values(address=None))
    return numbers


def exports_to_forget(limit: datetime) -> sa.Select[DataExport]:
    """Files older than ``limit``, or never made by then."""
    return sa.select(DataExport).where(DataExport.asked_at < limit).limit(_FORGET_AT_ONCE)
