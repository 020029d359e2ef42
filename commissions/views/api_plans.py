"""The API of plans: draft, simulate, publish, and what something would earn under the live version."""

from typing import Any

from flask import Flask, abort, request

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from commissions import quoting
from commissions.models import PlanVersion
from commissions.operations import plans as operations
from commissions.queries import plans as queries
from commissions.schemas import (
    DefinitionIn,
    QuoteQuery,
    QuoteSchema,
    SimulationIn,
    SimulationSchema,
    VersionSchema,
)
from core.api import api_blueprint, idempotent
from core.database import session

plans = api_blueprint("plans", __name__, "Plans and their versions")


def _answer(version: PlanVersion) -> dict[str, Any]:
    return {
        "plan": version.plan.code,
        "version": version.number,
        "status": str(version.status),
        "name": version.name,
        "currency": version.currency,
        "effective_from": version.effective_from,
        "simulated_at": version.simulated_at,
        "published_at": version.published_at,
        "definition": version.definition,
    }


def _version(code: str, number: int) -> PlanVersion:
    return queries.version_of(code, number) or abort(404)


@plans.route("/plans/<code>/versions", methods=["POST"])
@requires(Permission.PLANS_WRITE)
@idempotent
@plans.arguments(DefinitionIn)
@plans.response(201, VersionSchema)
def create_version(_checked: dict[str, Any], code: str) -> Any:
    """A draft; a plan comes to life with its first one."""
    draft = operations.draft_version(code, request.get_json(), by=signed_in_user())
    session.flush()
    return _answer(draft)


@plans.route("/plans/<code>/versions/<int:number>", methods=["GET"])
@requires(Permission.PLANS_READ)
@plans.response(200, VersionSchema)
def read_version(code: str, number: int) -> Any:
    """One version with its definition."""
    return _answer(_version(code, number))


@plans.route("/plans/<code>/versions/<int:number>/simulation", methods=["POST"])
@requires(Permission.PLANS_WRITE)
@idempotent
@plans.arguments(SimulationIn, required=False)
@plans.response(201, SimulationSchema)
def create_simulation(data: dict[str, Any], code: str, number: int) -> Any:
    """What the version would have granted over past sales; needed before it is published."""
    return operations.simulate(_version(code, number), months=data.get("months", 12), by=signed_in_user())


@plans.route("/plans/<code>/versions/<int:number>/publication", methods=["POST"])
@requires(Permission.PLANS_WRITE)
@idempotent
@plans.response(201, VersionSchema)
def create_publication(code: str, number: int) -> Any:
    """Publishes a simulated draft; it never changes again."""
    version = _version(code, number)
    operations.publish(version, by=signed_in_user())
    return _answer(version)


@plans.route("/plans/<code>/quote", methods=["GET"])
@requires(Permission.PLANS_READ)
@plans.arguments(QuoteQuery, location="query")
@plans.response(200, QuoteSchema)
def read_quote(asked: dict[str, Any], code: str) -> Any:
    """What one line would earn if it were sold now, under the live version."""
    version = queries.live_version(code) or abort(404)
    return quoting.quote_line(version, asked)


def init_app(app: Flask) -> None:
    app.extensions["portal_api"].register_blueprint(plans)
    app.extensions["csrf"].exempt(plans)
