"""Passkeys (WebAuthn): making one, and signing in or confirming with one.

A passkey answers for one address only, that of ``BASE_URL``, and signs a challenge that the portal gave out within the
last five minutes and takes back once. That is what makes it proof against imitation pages and against replays.
"""

import json
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts import queries
from accounts.models import Ceremony, Passkey, PasskeyChallenge, User
from accounts.operations.factors import note_new_factor
from core import clock, mail, signing
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.settings import VENDOR_NAME


def _origin() -> str:
    parts = urlsplit(mail.absolute_url(""))
    return f"{parts.scheme}://{parts.netloc}"


def _host() -> str:
    return str(urlsplit(mail.absolute_url("")).hostname)


def _no_good() -> InvalidInput:
    return InvalidInput(
        {"credential": _("That passkey did not work here. Try again, or sign in another way.")}
    )


def _descriptors(user: User) -> list[PublicKeyCredentialDescriptor]:
    known = {transport.value for transport in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(key.credential_id),
            transports=[AuthenticatorTransport(name) for name in key.transports if name in known],
        )
        for key in session.scalars(queries.passkeys_of(user))
    ]


def enrolment_options(user: User) -> dict[str, Any]:
    """What the browser needs to make a passkey for ``user``, as JSON."""
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=VENDOR_NAME.value(),
        user_id=bytes.fromhex(signing.sign("passkey of", str(user.id))),
        user_name=user.email,
        user_display_name=user.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(user),
    )
    _remember(options.challenge, Ceremony.ENROLMENT, user)
    return dict(json.loads(webauthn.options_to_json(options)))


def use_options(ceremony: Ceremony, user: User | None) -> dict[str, Any]:
    """What the browser needs to ask for a passkey, as JSON: any of this portal, or one of ``user``'s."""
    options = webauthn.generate_authentication_options(
        rp_id=_host(),
        allow_credentials=_descriptors(user) if user is not None else None,
        user_verification=_verification(ceremony),
    )
    _remember(options.challenge, ceremony, user)
    return dict(json.loads(webauthn.options_to_json(options)))


def _verification(ceremony: Ceremony) -> UserVerificationRequirement:
    """Alone, a passkey has to ask for a finger or a PIN; after a password, being there is enough."""
    if ceremony is Ceremony.SECOND_FACTOR:
        return UserVerificationRequirement.DISCOURAGED
    return UserVerificationRequirement.REQUIRED


def _remember(challenge: bytes, ceremony: Ceremony, user: User | None) -> None:
    session.add(
        PasskeyChallenge(
            challenge=bytes_to_base64url(challenge),
            ceremony=ceremony,
            user_id=user.id if user is not None else None,
            created_at=clock.now(),
        )
    )


def _spend_challenge(answer: dict[str, Any], ceremony: Ceremony, user: User | None) -> bytes:
    """The challenge that the browser's answer was made for, used up. Raises InvalidInput."""
    try:
        client = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
        challenge = str(client["challenge"])
    except (KeyError, TypeError, ValueError) as error:
        raise _no_good() from error
    row = session.scalar(
        sa.select(PasskeyChallenge).where(
            PasskeyChallenge.challenge == challenge, PasskeyChallenge.ceremony == ceremony
        )
    )
    if row is None or not row.is_good or row.user_id != (user.id if user is not None else None):
        raise _no_good()
    used = session.execute(
        sa.update(PasskeyChallenge)
        .where(PasskeyChallenge.id == row.id, PasskeyChallenge.used_at.is_(None))
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise _no_good()
    return base64url_to_bytes(challenge)


def _read(answer: str) -> dict[str, Any]:
    try:
        read = json.loads(answer)
    except ValueError as error:
        raise _no_good() from error
    if not isinstance(read, dict) or not isinstance(read.get("response"), dict):
        raise _no_good()
    return read


def add_passkey(user: User, answer: str, *, name: str) -> list[str]:
    """Keeps the passkey that the browser made. Answers recovery codes when it is the first factor.

    Raises InvalidInput at ``credential``.
    """
    read = _read(answer)
    challenge = _spend_challenge(read, Ceremony.ENROLMENT, user)
    try:
        made = webauthn.verify_registration_response(
            credential=read, expected_challenge=challenge, expected_rp_id=_host(), expected_origin=_origin()
        )
    except (WebAuthnException, ValueError) as error:
        raise _no_good() from error
    credential_id = bytes_to_base64url(made.credential_id)
    if session.scalar(sa.select(Passkey.id).where(Passkey.credential_id == credential_id)) is not None:
        raise InvalidInput({"credential": _("This passkey is known already.")})
    named = name.strip()[:80] or _("Passkey")
    session.add(
        Passkey(
            user_id=user.id,
            name=named,
            credential_id=credential_id,
            public_key=bytes_to_base64url(made.credential_public_key),
            sign_count=made.sign_count,
            transports=[str(one) for one in read["response"].get("transports") or [] if isinstance(one, str)][
                :8
            ],
            is_synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            created_at=clock.now(),
        )
    )
    session.flush()
    return note_new_factor(user, named)


def use_passkey(answer: str, ceremony: Ceremony, user: User | None = None) -> User:
    """Whose passkey the browser has shown; with ``user``, it has to be theirs.

    Raises InvalidInput at ``credential``.
    """
    read = _read(answer)
    key = session.scalar(sa.select(Passkey).where(Passkey.credential_id == str(read.get("id", ""))))
    challenge = _spend_challenge(read, ceremony, user)
    if key is None or (user is not None and key.user_id != user.id) or key.user.suspended_at is not None:
        raise _no_good()
    try:
        shown = webauthn.verify_authentication_response(
            credential=read,
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
            require_user_verification=_verification(ceremony) is UserVerificationRequirement.REQUIRED,
        )
    except (WebAuthnException, ValueError) as error:
        raise _no_good() from error
    key.sign_count = shown.new_sign_count
    key.last_used_at = clock.now()
    return key.user
