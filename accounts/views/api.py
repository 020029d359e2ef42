"""The API of keys: stopping one that was found in the open."""

from typing import Any

from flask import Flask
from marshmallow import fields, validate

from accounts import operations
from accounts.access import public
from accounts.limits import per_address
from core.api import Schema, api_blueprint

blueprint = api_blueprint("keys", __name__, "Keys that were found where others can read them.")


class FoundKeySchema(Schema):
    """A key of the portal, whole, as it was found."""

    key = fields.String(required=True, validate=validate.Length(1, 200))


class StoppedKeySchema(Schema):
    """Whether there was such a key, and it worked until now."""

    stopped = fields.Boolean(required=True)


@blueprint.route("/leaked-keys", methods=["POST"])
@public
@per_address("60 per hour")
@blueprint.doc(security=[])
@blueprint.arguments(FoundKeySchema)
@blueprint.response(200, StoppedKeySchema)
def post_leaked_key(data: dict[str, Any]) -> Any:
    """Stops a key that was found in the open, at once; its owners are told. Needs no key, and may be repeated."""
    return {"stopped": operations.stop_leaked_key(data["key"])}


def init_app(app: Flask) -> None:
    app.extensions["portal_api"].register_blueprint(blueprint)
    app.extensions["csrf"].exempt(blueprint)
