"""What proves a certificate without us: the credential to download, and the public documents it points to."""

from typing import Any

from flask import Response, abort, jsonify

from academy import operations, queries
from academy.credentials import json_web_key
from academy.models import Certificate, SigningKey
from academy.operations.credentials import issuer
from academy.views import academy
from accounts.access import public, requires, signed_in_user
from accounts.permissions import Permission
from core.database import session, writes


def _document(answer: Response, *, seconds: int = 300) -> Response:
    """A public document that any site's verifier may fetch and keep for a while."""
    answer.headers["Cache-Control"] = f"public, max-age={seconds}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


@academy.get("/academy/certificates/<serial>/credential")
@requires(Permission.CERTIFICATES_READ)
@writes
def credential(serial: str) -> Any:
    """The certificate as an Open Badge: for the holder, their admin, and the vendor's people."""
    certificate: Certificate = session.scalar(
        queries.certificates_visible_to(signed_in_user()).where(Certificate.serial == serial)
    ) or abort(404)
    answer = Response(operations.credential_of(certificate), mimetype="application/vc+jwt")
    answer.headers["Content-Disposition"] = f'attachment; filename="certificate-{certificate.serial}.jwt"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@academy.get("/credentials/issuer")
@public
def credential_issuer() -> Any:
    """The issuer's profile, with the keys that may sign for it."""
    by = issuer()
    keys = session.scalars(queries.public_keys()).all()
    return _document(
        jsonify(
            {
                "@context": [
                    "https://www.w3.org/ns/credentials/v2",
                    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
                ],
                **by.profile(),
                "verificationMethod": [
                    {
                        "id": by.key_address(key.name),
                        "type": "JsonWebKey",
                        "controller": by.id,
                        "publicKeyJwk": _public(key),
                    }
                    for key in keys
                ],
                "assertionMethod": [by.key_address(key.name) for key in keys if key.retired_at is None],
            }
        )
    )


def _public(key: SigningKey) -> dict[str, str]:
    return json_web_key(key.public_key, issuer().key_address(key.name))


@academy.get("/.well-known/jwks.json")
@academy.get("/credentials/keys")
@public
def credential_keys() -> Any:
    """Every public key that ever signed, as a JSON Web Key Set."""
    return _document(jsonify({"keys": [_public(key) for key in session.scalars(queries.public_keys())]}))


@academy.get("/credentials/keys/<name>")
@public
def credential_key(name: str) -> Any:
    """One public key, where the ``kid`` of what it signed points."""
    return _document(jsonify(_public(queries.public_key(name) or abort(404))), seconds=86_400)


@academy.get("/credentials/achievements/<code>/<int:number>")
@public
def credential_achievement(code: str, number: int) -> Any:
    """What a version of a course stands for."""
    course = queries.course_by_code(code) or abort(404)
    version = next((row for row in course.versions if row.number == number and not row.is_draft), None)
    if version is None:
        abort(404)
    return _document(jsonify(operations.achievement_of(version, "en").document(issuer())))


@academy.get("/credentials/status/<purpose>/<int:number>")
@public
def credential_status(purpose: str, number: int) -> Any:
    """A signed list of what was revoked or superseded, as of this moment."""
    if purpose not in ("revocation", "message"):
        abort(404)
    listed = operations.signed_status_list(purpose, number) or abort(404)
    return _document(Response(listed, mimetype="application/vc+jwt"))
