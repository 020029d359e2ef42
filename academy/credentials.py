"""Certificates as Open Badges 3.0: signed statements that anybody can verify from the public key alone, offline.

A credential is a JSON document of the W3C's Verifiable Credentials Data Model 2.0 as 1EdTech's Open Badges 3.0 profiles
it, in their *JSON Web Token proof format*: a compact JWS (RFC 7515) signed with Ed25519 (``EdDSA``, RFC 8037), whose
``kid`` is the address of the public key. What became of it afterwards stands in signed lists of bits (W3C Bitstring
Status List 1.0). The paper carries a seal: a signature over its every byte in a comment behind the PDF's end.
"""

import base64
import binascii
import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
#: The least number of bits of a status list, so that one certificate hides among many.
LIST_LENGTH = 131_072
#: How long a copy of a status list may be used; the lists are signed anew whenever they are asked for.
LIST_LASTS = timedelta(days=1)
LIST_TTL_MS = 300_000


# Keys


def new_key() -> bytes:
    """A private key: 32 random bytes."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_part(private: bytes) -> str:
    """The public key as JSON Web Keys write it (``x``)."""
    return encoded(Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw())


def thumbprint(public: str) -> str:
    """The name of a public key by RFC 7638 and RFC 8037: the same wherever it is computed."""
    members = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": public}, separators=(",", ":"), sort_keys=True)
    return encoded(hashlib.sha256(members.encode()).digest())


def sealed_away(private: bytes, secret: str) -> str:
    """A private key as it may lie in the database: AES-256-GCM under a key derived from the installation's secret."""
    import os

    nonce = os.urandom(12)
    return encoded(nonce + AESGCM(_wrapping_key(secret)).encrypt(nonce, private, b"academy signing key"))


def brought_back(kept: str, secret: str) -> bytes | None:
    """The private key, or ``None`` when the installation's secret is not the one it was kept under."""
    blob = decoded(kept)
    try:
        return AESGCM(_wrapping_key(secret)).decrypt(blob[:12], blob[12:], b"academy signing key")
    except InvalidTag:
        return None


def _wrapping_key(secret: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"guildhall:academy:signing-key").derive(secret.encode())


def encoded(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The other way round. Raises ValueError."""
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as problem:
        raise ValueError("not base64url") from problem


# Tokens


def signed(claims: Mapping[str, Any], private: bytes, kid: str, *, kind: str = "JWT") -> str:
    """``claims`` as a compact JWS. The same claims and key give the same token: Ed25519 uses no chance."""
    header = {"alg": "EdDSA", "kid": kid, "typ": kind}
    said = ".".join(encoded(_plain(part)) for part in (header, claims))
    return f"{said}.{encoded(Ed25519PrivateKey.from_private_bytes(private).sign(said.encode()))}"


def _plain(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Token:
    """A token taken apart and not yet believed: which key it names, and what it says."""

    kid: str
    claims: dict[str, Any]
    said: bytes
    signature: bytes

    def is_genuine(self, public: str) -> bool:
        """Whether the holder of the key signed exactly this."""
        return _signed_by(public, self.said, self.signature)


def taken_apart(text: str) -> Token | None:
    """A compact JWS under EdDSA; ``None`` for anything else, an unsigned one above all."""
    parts = text.strip().split(".")
    if len(parts) != 3 or len(text) > 100_000:
        return None
    try:
        header, claims = (json.loads(decoded(part)) for part in parts[:2])
        signature = decoded(parts[2])
    except (ValueError, RecursionError):
        return None
    if not isinstance(header, dict) or not isinstance(claims, dict) or header.get("alg") != "EdDSA":
        return None
    return Token(str(header.get("kid", "")), claims, ".".join(parts[:2]).encode(), signature)


def _signed_by(public: str, content: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(decoded(public)).verify(signature, content)
    except InvalidSignature:
        return False
    return True


# Documents


@dataclass(frozen=True)
class Issuer:
    """Who signs: the programme at its address (``https://partners.example``, without a slash)."""

    address: str
    name: str
    mailbox: str = ""

    @property
    def id(self) -> str:
        return f"{self.address}/credentials/issuer"

    def key_address(self, name: str) -> str:
        """Where the public key called ``name`` stands: the ``kid`` of what it signs."""
        return f"{self.address}/credentials/keys/{name}"

    def list_address(self, purpose: str, number: int) -> str:
        return f"{self.address}/credentials/status/{purpose}/{number}"

    def profile(self) -> dict[str, Any]:
        """The issuer as every credential names it."""
        profile: dict[str, Any] = {
            "id": self.id,
            "type": ["Profile"],
            "name": self.name,
            "url": f"{self.address}/",
        }
        return {**profile, "email": self.mailbox} if self.mailbox else profile


@dataclass(frozen=True)
class Achievement:
    """What was learned: one version of a course, in one language."""

    code: str
    version: int
    title: str
    summary: str
    level: str
    language: str
    #: What the exam asks for, in a sentence.
    criteria: str
    #: The results there are.
    bands: tuple[str, ...]

    def document(self, issuer: Issuer) -> dict[str, Any]:
        """The achievement at its stable address."""
        own = f"{issuer.address}/credentials/achievements/{self.code}/{self.version}"
        return {
            "id": own,
            "type": ["Achievement"],
            "achievementType": "Certification",
            "name": self.title,
            "description": self.summary or self.title,
            "criteria": {"id": f"{issuer.address}/courses", "narrative": self.criteria},
            "creator": issuer.profile(),
            "humanCode": self.code,
            "version": str(self.version),
            "inLanguage": self.language,
            "tag": [self.level],
            "resultDescription": [
                {
                    "id": f"{own}#result",
                    "type": ["ResultDescription"],
                    "name": "Result",
                    "resultType": "Result",
                    "allowedValue": list(self.bands),
                }
            ],
        }


@dataclass(frozen=True)
class Certified:
    """One certificate as its credential states it. ``index`` is its place in the status lists."""

    serial: str
    #: A name for the person that says nothing about them, the same in all their credentials (``urn:uuid:…``).
    subject: str
    holder: str
    mailbox: str
    salt: str
    band: str
    issued_at: datetime
    expires_at: datetime
    index: int


def badge(one: Certified, achievement: Achievement, issuer: Issuer) -> dict[str, Any]:
    """The claims of an ``OpenBadgeCredential``: the document, and what the token format asks for beside it.

    The mailbox stands in it as a salted hash only, so that whoever knows the mailbox can confirm it.
    """
    own = f"{issuer.address}/certificates/{one.serial}"
    described = achievement.document(issuer)
    return {
        "@context": CONTEXT,
        "id": own,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": achievement.title,
        "issuer": issuer.profile(),
        "validFrom": moment(one.issued_at),
        "validUntil": moment(one.expires_at),
        "credentialSubject": {
            "id": one.subject,
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityHash": one.holder,
                    "identityType": "name",
                },
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": mailbox_hash(one.mailbox, one.salt),
                    "identityType": "emailAddress",
                    "salt": one.salt,
                },
            ],
            "achievement": described,
            "result": [
                {
                    "type": ["Result"],
                    "resultDescription": described["resultDescription"][0]["id"],
                    "value": one.band,
                }
            ],
        },
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        "credentialStatus": [_status(one.index, purpose, issuer) for purpose in ("revocation", "message")],
        "iss": issuer.id,
        "jti": own,
        "sub": one.subject,
        "nbf": int(one.issued_at.timestamp()),
        "exp": int(one.expires_at.timestamp()),
    }


#: What the bits of the list *message* say.
MESSAGES = [
    {"status": "0x0", "message": "in force"},
    {"status": "0x1", "message": "superseded by a newer certificate of the same person"},
]


def _status(index: int, purpose: str, issuer: Issuer) -> dict[str, Any]:
    number, place = divmod(index, LIST_LENGTH)
    address = issuer.list_address(purpose, number)
    entry: dict[str, Any] = {
        "id": f"{address}#{place}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(place),
        "statusListCredential": address,
    }
    return {**entry, "statusSize": 1, "statusMessage": MESSAGES} if purpose == "message" else entry


def status_list(
    purpose: str, number: int, raised: Iterable[int], issuer: Issuer, *, now: datetime
) -> dict[str, Any]:
    """The claims of a status list: bit ``i`` stands for certificate ``number * LIST_LENGTH + i``, leftmost first."""
    bits = bytearray(LIST_LENGTH // 8)
    for index in raised:
        place = index - number * LIST_LENGTH
        bits[place >> 3] |= 0x80 >> (place & 7)
    own = issuer.list_address(purpose, number)
    until = now + LIST_LASTS
    return {
        "@context": CONTEXT[:1],
        "id": own,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.id,
        "validFrom": moment(now),
        "validUntil": moment(until),
        "credentialSubject": {
            "id": f"{own}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            # Multibase: u is base64url without padding. No moment in the archive, so that equal bits are equal texts
            "encodedList": "u" + encoded(gzip.compress(bytes(bits), mtime=0)),
            "ttl": LIST_TTL_MS,
        },
        "iss": issuer.id,
        "jti": own,
        "sub": f"{own}#list",
        "nbf": int(now.timestamp()),
        "exp": int(until.timestamp()),
    }


def mailbox_hash(mailbox: str, salt: str) -> str:
    """A mailbox as Open Badges hash it: SHA-256 over address and salt."""
    return "sha256$" + hashlib.sha256((mailbox.lower() + salt).encode()).hexdigest()


def moment(when: datetime) -> str:
    """An aware moment in UTC, to the second."""
    from datetime import UTC

    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def json_web_key(public: str, address: str) -> dict[str, str]:
    """A public key as RFC 7517 writes it, named by its address."""
    return {"kty": "OKP", "crv": "Ed25519", "x": public, "kid": address, "alg": "EdDSA", "use": "sig"}


# The paper's seal

_SEAL = re.compile(
    rb"\n%%Guildhall-Seal (?P<serial>[0-9A-Z-]{24}) (?P<key>[\w-]{43}) (?P<signature>[\w-]{86})\n\Z"
)


@dataclass(frozen=True)
class Seal:
    """The seal found on a paper and not yet believed."""

    serial: str
    key: str
    signed: bytes
    signature: bytes

    def is_whole(self, public: str) -> bool:
        """Whether every byte of the paper is as it was when it was sealed."""
        return _signed_by(public, self.signed, self.signature)


def sealed_paper(pdf: bytes, serial: str, private: bytes) -> bytes:
    """The PDF with its seal behind it. Readers pass over it: it is a comment behind the end of the file."""
    key = thumbprint(public_part(private))
    said = pdf + _bound(serial, key)
    signature = encoded(Ed25519PrivateKey.from_private_bytes(private).sign(said))
    return pdf + b"\n%%Guildhall-Seal " + f"{serial} {key} {signature}\n".encode()


def seal_of(paper: bytes) -> Seal | None:
    """The seal at the end of a paper; ``None`` when there is none."""
    found = _SEAL.search(paper[-250:])
    if found is None:
        return None
    serial, key = found["serial"].decode(), found["key"].decode()
    pdf = paper[: len(paper) - (found.end() - found.start())]
    return Seal(serial, key, pdf + _bound(serial, key), decoded(found["signature"].decode()))


def _bound(serial: str, key: str) -> bytes:
    return f"\n{serial} {key}".encode()
