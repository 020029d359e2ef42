"""An identity provider on loopback: discovery, authorization, token and keys, as OpenID Connect describes them."""

import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from webauthn.helpers import bytes_to_base64url
from werkzeug.wrappers import Request, Response

from tests.portal import served

CLIENT, SECRET = "guildhall", "known to both"


class IdentityProvider:
    """Signs somebody in and vouches for them. ``claims`` overrides what its tokens say."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig", "alg": "RS256"})
        self.signs_with = self.key
        self.claims: dict[str, Any] = {}
        self.issuer = ""
        self.codes: dict[str, dict[str, str]] = {}

    def sign_in(self, address: str, **who: Any) -> str:
        """What the browser is sent back to after somebody signed in at the ``address`` we sent it to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT and "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        self.claims = {"email_verified": True, **who}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path == "/.well-known/openid-configuration":
            return self._json(
                issuer=self.issuer,
                authorization_endpoint=f"{self.issuer}/authorize",
                token_endpoint=f"{self.issuer}/token",
                jwks_uri=f"{self.issuer}/keys",
            )
        if request.path == "/keys":
            return self._json(keys=[self.key.as_dict(private=False)])
        if request.path == "/token":
            return self._token(request)
        return Response(status=404)

    def _token(self, request: Request) -> Response:
        given = request.authorization
        if given is None or (given.username, given.password) != (CLIENT, SECRET):
            return self._json(401, error="invalid_client")
        asked = self.codes.pop(request.form["code"], None)
        proof = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
        if asked is None or bytes_to_base64url(proof) != asked["code_challenge"]:
            return self._json(400, error="invalid_grant")
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "8f14e45f", "iat": now, "exp": now + 300, "auth_time": now,
            "nonce": asked["nonce"], **self.claims,
        }  # fmt: skip
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signs_with)
        return self._json(access_token="opaque", token_type="Bearer", expires_in=300, id_token=token)

    @staticmethod
    def _json(status: int = 200, **document: Any) -> Response:
        return Response(json.dumps(document), status=status, mimetype="application/json")


@contextmanager
def an_identity_provider() -> Iterator[IdentityProvider]:
    """The provider on a port of this machine, gone at the end."""
    provider = IdentityProvider()
    with served(provider) as provider.issuer:
        yield provider
