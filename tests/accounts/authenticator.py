"""An authenticator app and a passkey as a test has them: the other end of what the portal asks for."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
import pyotp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

from accounts.models import User
from accounts.operations import factors


def an_app(user: User, name: str = "Phone") -> tuple[pyotp.TOTP, list[str]]:
    """An authenticator app that ``user`` has set up, and the recovery codes that came with it."""
    app = factors.begin_app(user, name=name)
    totp = pyotp.TOTP(factors.secret_of(app))
    codes = factors.confirm_app(app, totp.now())
    # The digits of this half minute are used up; a test may type them once more
    app.last_step = 0
    return totp, codes


@dataclass
class SecurityKey:
    """A WebAuthn authenticator on one origin: ES256, attestation "none"."""

    origin: str = "http://localhost"
    host: str = "localhost"
    verifies_its_owner: bool = True
    count: int = 0
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def credential_id(self) -> bytes:
        numbers = self._key.public_key().public_numbers()
        return hashlib.sha256(numbers.x.to_bytes(32, "big")).digest()

    def _authenticator_data(self, *, with_key: bool) -> bytes:
        flags = 0x01 | (0x04 if self.verifies_its_owner else 0) | (0x40 if with_key else 0)
        self.count += 1
        data = hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")
        if with_key:
            numbers = self._key.public_key().public_numbers()
            x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
            cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
            data += bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cose
        return data

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        named = bytes_to_base64url(self.credential_id)
        return json.dumps(
            {
                "id": named,
                "rawId": named,
                "type": "public-key",
                "clientExtensionResults": {},
                "response": response,
            }
        )

    def make(self, options: dict[str, Any]) -> str:
        """What the browser answers when it makes a passkey."""
        client = self._client_data("webauthn.create", options["challenge"])
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._authenticator_data(with_key=True)}
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(client),
                "attestationObject": bytes_to_base64url(cbor2.dumps(attestation)),
                "transports": ["usb"],
            }
        )

    def show(self, options: dict[str, Any]) -> str:
        """What the browser answers when it shows the passkey."""
        client = self._client_data("webauthn.get", options["challenge"])
        data = self._authenticator_data(with_key=False)
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(client),
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(signature),
            }
        )
