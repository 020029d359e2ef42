"""Signing: the programme's key, certificates as Open Badges, the lists of what holds no more, and sealed papers."""

import uuid

import sqlalchemy as sa

from academy import credentials
from academy.credentials import Achievement, Certified, Issuer
from academy.models import Band, Certificate, CourseVersion, SigningKey
from academy.queries import key_in_use, raised_in_list
from academy.signals import SigningKeyMade
from accounts.models import User
from core import clock
from core.database import lock, session
from core.errors import Refusal
from core.i18n import gettext as _
from core.i18n import speaking
from core.mail import absolute_url
from core.settings import PROGRAMME_NAME, SENDER_ADDRESS, VENDOR_NAME
from core.signals import announce
from core.signing import sign


def _secret() -> str:
    """What private keys are kept under; nobody has it who has the database alone."""
    return sign("academy signing key", "kept")


def signing_key() -> SigningKey:
    """The key in use, made the first time it is needed; two who need it first at once get the same one."""
    known = key_in_use()
    if known is not None:
        return known
    try:
        with session.begin_nested():
            return new_signing_key(by=None)
    except sa.exc.IntegrityError:
        return session.scalars(sa.select(SigningKey).where(SigningKey.retired_at.is_(None))).one()


def new_signing_key(*, by: User | None) -> SigningKey:
    """Makes a key that signs from now on. What the one before signed stays verifiable."""
    known = key_in_use()
    if known is not None:
        lock(known).retired_at = clock.now()
        session.flush()
    private = credentials.new_key()
    public = credentials.public_part(private)
    key = SigningKey(
        purpose="certificates",
        name=credentials.thumbprint(public),
        public_key=public,
        private_key=credentials.sealed_away(private, _secret()),
        created_at=clock.now(),
    )
    session.add(key)
    session.flush()
    announce(SigningKeyMade(key, by))
    return key


def _private(key: SigningKey) -> bytes:
    private = credentials.brought_back(key.private_key, _secret())
    if private is None:
        raise Refusal(
            _("The signing key can't be opened: SECRET_KEY has changed. Make a new one by “%(command)s”.",
              command="flask academy new-signing-key")
        )  # fmt: skip
    return private


def issuer() -> Issuer:
    """The programme as it signs, by its configured address."""
    name = f"{VENDOR_NAME.value()} {PROGRAMME_NAME.value()}".strip()
    return Issuer(absolute_url(""), name, SENDER_ADDRESS.value())


def achievement_of(version: CourseVersion, locale: str) -> Achievement:
    """What passing the exam of ``version`` stands for, in one language."""
    with speaking(locale):
        return Achievement(
            code=version.course.code,
            version=version.number,
            title=version.title_in(locale),
            summary=str(version.editions.get(locale, version.edition.texts).get("summary", "")),
            level=str(version.course.level),
            language=locale,
            criteria=_(
                "Passing an exam of %(questions)s questions in %(minutes)s minutes, drawn and marked by the portal.",
                questions=version.exam.length,
                minutes=version.exam.minutes,
            ),
            bands=tuple(str(band.label) for band in Band),
        )


def credential_of(certificate: Certificate) -> str:
    """The certificate as an Open Badge, in the holder's language. The same for every download."""
    locale = certificate.user.locale or "en"
    key, by = signing_key(), issuer()
    achievement = achievement_of(certificate.course_version, locale)
    with speaking(locale):
        stated = Certified(
            serial=certificate.serial,
            subject=f"urn:uuid:{uuid.UUID(hex=sign('academy learner', str(certificate.user_id))[:32], version=4)}",
            holder=certificate.holder,
            mailbox=certificate.user.email,
            salt=sign("academy credential salt", certificate.serial)[:32],
            band=str(certificate.band.label),
            issued_at=certificate.issued_at,
            expires_at=certificate.expires_at,
            index=certificate.id,
        )
    claims = credentials.badge(stated, achievement, by)
    return credentials.signed(claims, _private(key), by.key_address(key.name))


def signed_status_list(purpose: str, number: int) -> str | None:
    """The list of what is revoked (``revocation``) or superseded (``message``); ``None`` when there is no such list."""
    raised, key, by = raised_in_list(purpose, number), key_in_use(), issuer()
    if raised is None or key is None:
        return None
    claims = credentials.status_list(purpose, number, raised, by, now=clock.now())
    return credentials.signed(claims, _private(key), by.key_address(key.name), kind="vc+jwt")


def sealed(pdf: bytes, certificate: Certificate) -> bytes:
    """The paper with the seal that breaks when a byte of it is changed."""
    return credentials.sealed_paper(pdf, certificate.serial, _private(signing_key()))
