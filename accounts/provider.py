"""The vendor's identity provider, spoken to by OpenID Connect: code flow with PKCE, state and nonce.

Where it is and what we are to it stands in the environment (``OIDC_…``). Its addresses come from its own discovery
document, its keys from there; an identity is believed only when its token is signed by one of those keys, was made for
us, answers this very sign-in, and names an e-mail address that the provider has verified.
"""

import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from flask import current_app
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

_SECONDS_TO_ANSWER = 10
_DISCOVERY_HOLDS_SECONDS = 3600
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


class NotBelieved(RuntimeError):
    """The provider's answer is not what it should be, or it does not answer; the message is for the log."""


@dataclass(frozen=True)
class Provider:
    """An identity provider as this installation is set up with it."""

    issuer: str
    client_id: str
    client_secret: str
    name: str


@dataclass(frozen=True)
class Errand:
    """What we keep while somebody is at the provider, to recognise the answer by."""

    state: str
    nonce: str
    verifier: str
    #: Where to go afterwards; ``confirms`` when somebody signed in shows once more who they are.
    back: str
    confirms: bool
    began_at: int
    #: A form waits with us until the confirmation.
    has_form: bool = False


@dataclass(frozen=True)
class Identity:
    """Who the provider says has signed in there."""

    subject: str
    email: str
    name: str
    signed_in_at: int | None


def configured() -> Provider | None:
    """The provider, or ``None`` where the vendor has none."""
    config = current_app.config
    if not config["OIDC_ISSUER"] or not config["OIDC_CLIENT_ID"]:
        return None
    name = config["OIDC_NAME"] or str(urlsplit(config["OIDC_ISSUER"]).hostname)
    return Provider(config["OIDC_ISSUER"], config["OIDC_CLIENT_ID"], config["OIDC_CLIENT_SECRET"], name)


_discovered: dict[str, tuple[float, dict[str, Any]]] = {}


def _fetch(address: str) -> dict[str, Any]:
    """A JSON document of the provider's. Raises NotBelieved."""
    parts = urlsplit(address)
    if parts.scheme != "https" and (current_app.config["KIND"] == "production" or parts.scheme != "http"):
        raise NotBelieved(f"{address} is not https")
    try:
        answer = requests.get(address, timeout=_SECONDS_TO_ANSWER, allow_redirects=False)
        document = answer.json() if answer.status_code == 200 else None
    except (requests.RequestException, ValueError) as error:
        raise NotBelieved(f"{address} did not answer: {error}") from error
    if not isinstance(document, dict):
        raise NotBelieved(f"{address} answered {answer.status_code}")
    return document


def _discover(provider: Provider) -> dict[str, Any]:
    """The provider's own description of itself, kept for an hour."""
    kept = _discovered.get(provider.issuer)
    if kept is not None and time.monotonic() - kept[0] < _DISCOVERY_HOLDS_SECONDS:
        return kept[1]
    document = _fetch(f"{provider.issuer}/.well-known/openid-configuration")
    if str(document.get("issuer", "")).rstrip("/") != provider.issuer:
        raise NotBelieved(f"{provider.issuer} says it is {document.get('issuer')!r}")
    missing = {"authorization_endpoint", "token_endpoint", "jwks_uri"} - set(document)
    if missing:
        raise NotBelieved(f"{provider.issuer} does not name its {', '.join(sorted(missing))}")
    _discovered[provider.issuer] = (time.monotonic(), document)
    return document


def _client(provider: Provider, redirect_uri: str) -> OAuth2Session:
    return OAuth2Session(
        client_id=provider.client_id,
        client_secret=provider.client_secret or None,
        scope="openid email profile",
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic" if provider.client_secret else "none",
    )


def begin(
    provider: Provider, *, redirect_uri: str, back: str, confirms: bool, has_form: bool = False
) -> tuple[str, Errand]:
    """The provider's address to send the browser to, and what to keep until it comes back. Raises NotBelieved."""
    document = _discover(provider)
    errand = Errand(
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        back=back,
        confirms=confirms,
        began_at=int(time.time()),
        has_form=has_form,
    )
    again = {"prompt": "login", "max_age": 0} if confirms else {}
    with _client(provider, redirect_uri) as client:
        address, _state = client.create_authorization_url(
            document["authorization_endpoint"],
            state=errand.state,
            code_verifier=errand.verifier,
            nonce=errand.nonce,
            **again,
        )
    return str(address), errand


def finish(provider: Provider, errand: Errand, *, redirect_uri: str, code: str) -> Identity:
    """Exchanges the code that the browser brought for who has signed in. Raises NotBelieved."""
    document = _discover(provider)
    try:
        with _client(provider, redirect_uri) as client:
            token = client.fetch_token(
                document["token_endpoint"],
                code=code,
                code_verifier=errand.verifier,
                timeout=_SECONDS_TO_ANSWER,
                allow_redirects=False,
            )
    except (OAuthError, requests.RequestException, ValueError) as error:
        raise NotBelieved(f"{provider.issuer} gave no token: {error}") from error
    claims = _claims(provider, document, str(token.get("id_token", "")), errand)
    if claims.get("email_verified") is not True or not claims.get("email"):
        raise NotBelieved(f"{provider.issuer} has not verified the e-mail of {claims['sub']}")
    signed_in_at = claims.get("auth_time")
    return Identity(
        subject=f"{provider.issuer}|{claims['sub']}",
        email=str(claims["email"]).strip().lower(),
        name=str(claims.get("name") or claims["email"]),
        signed_in_at=signed_in_at if isinstance(signed_in_at, int) else None,
    )


def _claims(provider: Provider, document: dict[str, Any], id_token: str, errand: Errand) -> dict[str, Any]:
    """What a genuine token for us and this sign-in says."""
    try:
        keys = KeySet.import_key_set(_fetch(document["jwks_uri"]))  # type: ignore[arg-type]
        decoded = jwt.decode(id_token, keys, algorithms=_ALGORITHMS)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "values": [document["issuer"]]},
                "aud": {"essential": True, "value": provider.client_id},
                "nonce": {"essential": True, "value": errand.nonce},
            },
            params={"nonce": errand.nonce, "client_id": provider.client_id},
        )
        claims.validate(leeway=60)
    except (JoseError, ValueError) as error:
        raise NotBelieved(f"{provider.issuer} sent a token that does not hold: {error}") from error
    return dict(claims)
