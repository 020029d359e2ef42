"""What accounts holds about people: who they are here, how they sign in, what they were told, what they did."""

from typing import Any

import sqlalchemy as sa

from accounts import emails
from accounts.models import (
    EXPORT_LIFE,
    AuthenticatorApp,
    DataExport,
    Notice,
    OneTimeToken,
    Passkey,
    PasskeyChallenge,
    RecoveryCode,
    SignIn,
    StoppedMail,
    User,
)
from accounts.operations.asking import NEW_ADDRESS, WAY_IN
from accounts.operations.erasure import EXPORT_JOB, exports_to_forget, forget_exports, make_export
from core import clock, jobs, retention
from core.activity import Activity
from core.bounces import Bounce
from core.database import session
from core.i18n import lazy_gettext as _l
from core.jobs import Job
from core.personal_data import Holding, Person, holds

#: What the trail's details say of a person besides numbers; the same inside of ``before`` and ``after``.
_NAMING = {"name", "email", "address"}


def _account(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return sa.select(
        User.id, User.email, User.name, User.role, User.locale, User.time_zone, User.theme, User.created_at,
        User.password_changed_at, User.two_factor_since, User.suspended_at, User.provider_subject,
    ).where(User.id == person.user_id)  # fmt: skip


def _erase_account(person: Person) -> int:
    """The row stays, since the books name it by its number; nobody signs in with it any more."""
    if person.user_id is None:
        return 0
    user = session.get_one(User, person.user_id)
    user.name = f"#{user.id}"
    user.email = f"erased-{user.id}@invalid"
    user.password_hash = user.provider_subject = user.locale = user.time_zone = None
    user.password_changed_at = user.two_factor_since = None
    user.theme = "auto"
    user.suspended_at = user.suspended_at or clock.now()
    session.execute(sa.delete(OneTimeToken).where(OneTimeToken.user_id == user.id))
    session.flush()
    return 1


def _sign_ins(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return (
        sa.select(SignIn.created_at, SignIn.ended_at, SignIn.expires_at, SignIn.address, SignIn.browser)
        .where(SignIn.user_id == person.user_id)
        .order_by(SignIn.id)
    )


def _erase_sign_ins(person: Person) -> int:
    session.execute(
        sa.update(SignIn).where(SignIn.viewing_as_id == person.user_id).values(viewing_as_id=None)
    )
    return _delete(SignIn, SignIn.user_id == person.user_id)


def _factors(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    parts = [
        sa.select(sa.literal(kind).label("kind"), row.name, row.created_at, row.last_used_at).where(
            row.user_id == person.user_id
        )
        for kind, row in (("authenticator app", AuthenticatorApp), ("passkey", Passkey))
    ]
    both = sa.union_all(*parts).subquery()
    return sa.select(both)


def _erase_factors(person: Person) -> int:
    owned = (PasskeyChallenge, RecoveryCode, AuthenticatorApp, Passkey)
    return sum(_delete(row, row.user_id == person.user_id) for row in owned)


def _notices(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return (
        sa.select(Notice.at, Notice.kind, Notice.text, Notice.path, Notice.read_at)
        .where(Notice.user_id == person.user_id)
        .order_by(Notice.id)
    )


def _erase_notices(person: Person) -> int:
    return _delete(StoppedMail, StoppedMail.user_id == person.user_id) + _delete(
        Notice, Notice.user_id == person.user_id
    )


def _choices(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return sa.select(StoppedMail.kind, StoppedMail.stopped_at).where(StoppedMail.user_id == person.user_id)


def _mail(person: Person) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Job.created_at, Job.finished_at, Job.payload["subject"].as_string().label("subject"),
            Job.payload["text"].as_string().label("text"),
        )
        .where(_is_to(person))
        .order_by(Job.id)
    )  # fmt: skip


def _is_to(person: Person) -> sa.ColumnElement[bool]:
    kinds = ("core.mail", WAY_IN, NEW_ADDRESS)
    return sa.and_(Job.kind.in_(kinds), sa.func.lower(Job.payload["to"].as_string()) == person.email)


def _erase_mail(person: Person) -> int:
    return _delete(Job, _is_to(person))


def _bounces(person: Person) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(Bounce.at, Bounce.subject, Bounce.reason).where(Bounce.address == person.email)


def _erase_bounces(person: Person) -> int:
    return _delete(Bounce, Bounce.address == person.email)


def _exports(person: Person) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(DataExport.asked_at, DataExport.made_at, DataExport.records).where(
        DataExport.email == person.email
    )


def _erase_exports(person: Person) -> int:
    about = sa.or_(DataExport.email == person.email, DataExport.asked_by_id == person.user_id)
    rows = list(session.scalars(sa.select(DataExport).where(about)))
    forget_exports(rows)
    session.flush()
    return len(rows)


def _deeds(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return (
        sa.select(Activity.at, Activity.verb, Activity.subject_type, Activity.subject_id, Activity.address)
        .where(Activity.actor_id == person.user_id)
        .order_by(Activity.id)
    )


def _erase_deeds(person: Person) -> int:
    """The trail keeps who it was by number; the database allows this of an erased person's rows only."""
    if person.user_id is None:
        return 0
    own = Activity.actor_id == person.user_id
    number = _changed(sa.update(Activity).where(own).values(actor_name=f"#{person.user_id}", address=None))
    about = sa.select(Activity.id, Activity.details).where(
        Activity.subject_type == "user", Activity.subject_id == person.user_id
    )
    for row_id, details in session.execute(about).all():
        nameless = _without_names(details)
        if nameless != details:
            session.execute(sa.update(Activity).where(Activity.id == row_id).values(details=nameless))
    return number


def _without_names(details: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in details.items():
        if isinstance(value, dict):
            kept[key] = _without_names(value)
        elif key not in _NAMING and not (isinstance(value, str) and "@" in value):
            kept[key] = value
    return kept


def _delete(row: Any, condition: Any) -> int:
    return _changed(sa.delete(row).where(condition))


def _changed(statement: Any) -> int:
    done: Any = session.execute(statement.execution_options(synchronize_session=False))
    return int(done.rowcount)


# In the order of the file; taken away from the last to the first.
holds(
    Holding(
        "account", _l("Account and name"), _account, _erase_account,
        kept=_l("The number stays: contracts and books name it."),
    ),
    Holding("sign_ins", _l("Where one was signed in"), _sign_ins, _erase_sign_ins),
    Holding("second_factors", _l("Second factors"), _factors, _erase_factors),
    Holding("notices", _l("Notices"), _notices, _erase_notices),
    Holding("mail_choices", _l("Stopped mail"), _choices),
    Holding(
        "mail", _l("Mail of the last weeks"), _mail, _erase_mail,
        kept=_l("The mail that says that it is done is kept for a month."),
    ),
    Holding("bounces", _l("Mail that came back"), _bounces, _erase_bounces),
    Holding("exports", _l("Files of personal data"), _exports, _erase_exports),
    Holding(
        "deeds", _l("Audit trail"), _deeds, _erase_deeds,
        kept=_l("What was done stays in the audit trail, by number and without a name."),
    ),
)  # fmt: skip


@jobs.recurring("accounts.forget-data-exports", at="03:42")
def forget_old_exports(_payload: dict[str, Any]) -> None:
    """Files of personal data are kept for a week."""
    forget_exports(list(session.scalars(exports_to_forget(clock.now() - EXPORT_LIFE))))


@jobs.job(EXPORT_JOB)
def make_file(payload: dict[str, Any]) -> None:
    """Makes the file that somebody asked for, and says that it is there."""
    export = session.get(DataExport, payload["export"])
    if export is not None and export.made_at is None:
        make_export(export)
        emails.data_export_ready(export)


retention.rule(
    "notices",
    _l("Notices"),
    _l("Notices are removed, opened or not."),
    months=12,
    due=lambda limit: sa.select(Notice.id).where(Notice.at < limit),
    clear=lambda ids: _delete(Notice, Notice.id.in_(ids)),
)
retention.rule(
    "sign_ins",
    _l("Ended sessions"),
    _l("Address and browser of sessions that are over are removed."),
    months=3,
    due=lambda limit: sa.select(SignIn.id).where(sa.or_(SignIn.ended_at < limit, SignIn.expires_at < limit)),
    clear=lambda ids: _delete(SignIn, SignIn.id.in_(ids)),
)
retention.rule(
    "bounces",
    _l("Mail that came back"),
    _l("Those that somebody has seen to are removed."),
    months=6,
    due=lambda limit: sa.select(Bounce.id).where(Bounce.settled_at < limit),
    clear=lambda ids: _delete(Bounce, Bounce.id.in_(ids)),
)
