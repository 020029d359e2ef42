"""Certificates over the API: what a serial stands for, for anybody."""

from typing import Any

import marshmallow as ma
from flask import abort

from academy import badges, queries
from academy.models import Certificate, edition_of
from accounts.access import public
from core.api import Moment, Schema, WholeNumber, api_blueprint

blueprint = api_blueprint("academy", __name__, "What people of the network are certified for.")


class CertifiedCourseSchema(Schema):
    """The course as it stood when somebody was certified."""

    code = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    version = WholeNumber(required=True)


class CertificateSchema(Schema):
    """What was certified, and whether it still holds."""

    serial = ma.fields.String(required=True)
    status = ma.fields.String(
        required=True, validate=ma.validate.OneOf(["valid", "expired", "revoked", "superseded"])
    )
    holder = ma.fields.String(required=True)
    course = ma.fields.Nested(CertifiedCourseSchema, required=True)
    level = ma.fields.String(required=True)
    band = ma.fields.String(required=True)
    issued_at = Moment(required=True)
    expires_at = Moment(required=True)
    revoked_at = Moment(required=True, allow_none=True)
    superseded_at = Moment(required=True, allow_none=True)


@blueprint.route("/certificates/<serial>")
@public
@blueprint.doc(security=[])
@blueprint.response(200, CertificateSchema)
@blueprint.alt_response(404, description="No certificate has this serial.")
def certificate(serial: str) -> Any:
    """A certificate by its serial; needs no key."""
    found: Certificate = queries.certificate_by_serial(badges.tidy_code(serial)) or abort(404)
    return {
        "serial": found.serial,
        "status": str(found.status),
        "holder": found.holder,
        "course": {
            "code": found.course.code,
            "title": edition_of(found.course_version.editions, "en")["title"],
            "version": found.course_version.number,
        },
        "level": str(found.level),
        "band": str(found.band),
        "issued_at": found.issued_at,
        "expires_at": found.expires_at,
        "revoked_at": found.revoked_at,
        "superseded_at": found.superseded_at,
    }
