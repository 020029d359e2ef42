"""Second factors: authenticator apps and recovery codes, and taking every factor away from somebody who lost them."""

import secrets

import pyotp
import sqlalchemy as sa

from accounts import queries, signals
from accounts.models import AuthenticatorApp, Passkey, RecoveryCode, SignIn, User, digest
from accounts.settings import SECOND_FACTOR, is_required
from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.sealing import seal, unseal
from core.settings import VENDOR_NAME
from core.signals import announce

RECOVERY_CODES = 10
#: Neither 0 nor O, neither 1, I nor L: people copy these by hand.
_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_STEP_SECONDS = 30


def needs_a_second_factor(user: User) -> bool:
    """Whether ``user`` has to add a second factor before anything else.

    Who comes in through the identity provider alone has theirs there.
    """
    vouched_for = user.provider_subject is not None and user.password_hash is None
    return not (user.has_two_factors or vouched_for) and must_keep_one(user)


def begin_app(user: User, *, name: str) -> AuthenticatorApp:
    """A new secret for an authenticator app; it counts once :func:`confirm_app` has seen digits of it.

    One that was begun earlier and never finished is dropped.
    """
    session.execute(
        sa.delete(AuthenticatorApp).where(
            AuthenticatorApp.user_id == user.id, AuthenticatorApp.confirmed_at.is_(None)
        )
    )
    app = AuthenticatorApp(
        user=user,
        name=name.strip() or _("Authenticator app"),
        sealed_secret=seal("authenticator app", pyotp.random_base32()),
        created_at=clock.now(),
        last_step=0,
    )
    session.add(app)
    session.flush()
    return app


def secret_of(app: AuthenticatorApp) -> str:
    """The secret that the app shares with the portal, in base32."""
    return unseal("authenticator app", app.sealed_secret)


def address_of(app: AuthenticatorApp) -> str:
    """The ``otpauth://`` address that a QR code carries into the app."""
    return pyotp.TOTP(secret_of(app)).provisioning_uri(name=app.user.email, issuer_name=VENDOR_NAME.value())


def confirm_app(app: AuthenticatorApp, code: str) -> list[str]:
    """The app has shown the right digits and counts from now on.

    Answers the recovery codes when it is the person's first factor, to be shown once. Raises InvalidInput at ``code``.
    """
    if app.confirmed_at is not None:
        raise Refusal(_("This app has been set up already."))
    if not _is_right(app, code):
        raise InvalidInput({"code": _("Those are not the digits the app shows now.")})
    app.confirmed_at = clock.now()
    return note_new_factor(app.user, app.name)


def note_new_factor(user: User, name: str) -> list[str]:
    """Says that ``user`` has one more factor; with the first come the recovery codes, which are answered."""
    lock(user)
    is_first = user.two_factor_since is None
    if is_first:
        user.two_factor_since = clock.now()
    announce(signals.FactorAdded(user, user, name=name))
    return new_recovery_codes(user) if is_first else []


def spend_code(user: User, code: str) -> None:
    """Takes the digits of an authenticator app or a recovery code, each good once. Raises InvalidInput at ``code``."""
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    if plain.isascii() and plain.isdigit() and len(plain) == 6:
        apps = session.scalars(queries.apps_of(user)).all()
        if any(_is_right(app, plain) for app in apps):
            return
    elif _spend_recovery_code(user, plain):
        return
    raise InvalidInput({"code": _("That code is not right, or it has been used.")})


def _is_right(app: AuthenticatorApp, code: str) -> bool:
    """Whether the digits are of these thirty seconds or the ones beside them, and of later ones than were used last."""
    # Apps live in the world's time, whatever the clock of the demo says
    now = int(clock.real_now().timestamp()) // _STEP_SECONDS
    totp = pyotp.TOTP(secret_of(app))
    typed = "".join(code.split())
    step = next(
        (one for one in (now - 1, now, now + 1) if secrets.compare_digest(totp.generate_otp(one), typed)),
        None,
    )
    if step is None:
        return False
    used = session.execute(
        sa.update(AuthenticatorApp)
        .where(AuthenticatorApp.id == app.id, AuthenticatorApp.last_step < step)
        .values(last_step=step, last_used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    session.expire(app, ["last_step", "last_used_at"])
    return bool(used.rowcount == 1)  # type: ignore[attr-defined]


def new_recovery_codes(user: User) -> list[str]:
    """Ten new codes, to be shown once; earlier ones stop working."""
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = ["".join(secrets.choice(_SIGNS) for _sign in range(16)) for _code in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(user_id=user.id, code_digest=digest(f"{user.id}:{code}"), created_at=clock.now())
        for code in codes
    )
    announce(signals.RecoveryCodesMade(user, user))
    return ["-".join(code[start : start + 4] for start in range(0, 16, 4)) for code in codes]


def _spend_recovery_code(user: User, code: str) -> bool:
    used = session.execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_digest == digest(f"{user.id}:{code}"),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        return False
    announce(signals.RecoveryCodeUsed(user, user))
    return True


def must_keep_one(user: User) -> bool:
    """Whether the role of ``user`` asks for a second factor, so that the last one stays."""
    return user.guards_money_or_people and is_required(SECOND_FACTOR.value())


def remove_factor(factor: AuthenticatorApp | Passkey, *, by: User) -> None:
    """Takes an app or a passkey away. The last one stays where the role asks for a second factor."""
    user = lock(factor.user)
    others = queries.factors_of(user) - 1
    if others == 0:
        if must_keep_one(user):
            raise Refusal(_("Your role needs a second factor. Add another one before you remove this."))
        session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        user.two_factor_since = None
    name = factor.name
    session.delete(factor)
    announce(signals.FactorRemoved(user, by, name=name))


def rename_factor(factor: AuthenticatorApp | Passkey, name: str) -> None:
    """Gives an app or a passkey the name its owner knows it by."""
    factor.name = name.strip()[:80] or factor.name


def reset_factors(user: User, *, by: Actor | None) -> None:
    """For somebody who lost phone, keys and codes: everything goes, every session ends, and they hear of it by mail."""
    lock(user)
    if user.two_factor_since is None:
        raise Refusal(_("%(name)s has no second factor.", name=user.name))
    for kind in (AuthenticatorApp, Passkey, RecoveryCode):
        session.execute(sa.delete(kind).where(kind.user_id == user.id))
    user.two_factor_since = None
    session.execute(
        sa.update(SignIn)
        .where(SignIn.user_id == user.id, SignIn.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
    announce(signals.FactorsReset(user, by))
