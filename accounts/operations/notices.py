"""What somebody is told in the portal and by mail, and stopping a kind of mail."""

import sqlalchemy as sa

from accounts import queries, signals
from accounts.models import Notice, StoppedMail, User
from core import clock, signing
from core.activity import Actor
from core.database import session
from core.letters import KINDS, Delivery, Kind, Letter
from core.signals import announce

_PURPOSE = "stop mail"


def take_note(letter: Letter) -> Delivery | None:
    """Keeps a letter to one of our people among their notices, and says whether they want it as mail."""
    user = queries.user_by_email(letter.to)
    if user is None:
        return None
    if letter.kind.is_noted:
        session.add(
            Notice(
                user_id=user.id,
                kind=letter.kind.code,
                text=letter.subject[:500],
                path=letter.path[:500],
                at=clock.now(),
            )
        )
    if not letter.kind.can_be_stopped:
        return Delivery(is_wanted=True)
    return Delivery(
        is_wanted=letter.kind.code not in queries.mail_stopped_by(user),
        stop_path=stop_path(user, letter.kind),
    )


def stop_path(user: User, kind: Kind) -> str:
    """Where ``user`` stops mail of a kind without signing in."""
    return f"/mail-stop/{user.id}/{kind.code}/{signing.sign(_PURPOSE, f'{user.id}:{kind.code}')[:40]}"


def whose_stop(user_id: int, code: str, signature: str) -> tuple[User, Kind] | None:
    """Whose mail of which kind a link stops; ``None`` for a link that we have not made."""
    kind = KINDS.get(code)
    right = signing.sign(_PURPOSE, f"{user_id}:{code}")[:40]
    if kind is None or not kind.can_be_stopped or not signing.same(right, signature):
        return None
    user = session.get(User, user_id)
    return (user, kind) if user is not None else None


def choose_mail(user: User, wanted: set[str], *, by: Actor | None) -> None:
    """Mails ``user`` the kinds in ``wanted`` and none of the others that can be stopped."""
    before = queries.mail_stopped_by(user)
    after = {kind.code for kind in KINDS.values() if kind.can_be_stopped and kind.code not in wanted}
    if before == after:
        return
    session.execute(
        sa.delete(StoppedMail).where(StoppedMail.user_id == user.id, StoppedMail.kind.in_(before - after))
    )
    session.add_all(
        StoppedMail(user_id=user.id, kind=code, stopped_at=clock.now()) for code in sorted(after - before)
    )
    announce(signals.MailChosen(user, by, stopped=sorted(after)))


def stop_mail(user: User, kind: Kind) -> None:
    """No more mail of that kind; the second time changes nothing."""
    stopped = queries.mail_stopped_by(user)
    if kind.code not in stopped:
        session.add(StoppedMail(user_id=user.id, kind=kind.code, stopped_at=clock.now()))
        announce(signals.MailChosen(user, user, stopped=sorted({*stopped, kind.code})))


def read_notice(notice: Notice) -> None:
    """It was opened."""
    if notice.read_at is None:
        notice.read_at = clock.now()


def read_all_notices(user: User) -> None:
    """Everything that stands there was seen."""
    session.execute(
        sa.update(Notice)
        .where(Notice.user_id == user.id, Notice.read_at.is_(None))
        .values(read_at=clock.now())
    )
