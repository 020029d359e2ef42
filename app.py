"""The application: the foundations, then the domains from the ground up, then the check that every route has a door."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

import academy
import accounts
import commissions
import core.api
import core.clock
import core.config
import core.database
import core.headers
import core.i18n
import core.inputs
import core.interface
import core.jobs
import core.logs
import core.metrics
import core.pages
import core.templating
import core.typeface
import demo
import events
import partners
import referrals
import serving
from accounts.access import own_path, refuse_undeclared_doors
from accounts.permissions import scopes_granting
from core.doors import public


class Portal(Flask):
    """No view here is a coroutine, so nobody has to ask each of them."""

    def ensure_sync(self, func: Any) -> Any:
        return func


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Makes the portal. ``overrides`` replace what the environment says (tests)."""
    app = Portal(__name__)
    app.jinja_environment = core.templating.Environment
    core.config.init_app(app, overrides)
    core.logs.init_app(app)
    core.typeface.cut_typeface()
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    core.inputs.init_app(app)
    core.database.init_app(app)
    core.headers.init_app(app)
    core.metrics.init_app(app)
    core.pages.init_app(app)
    core.i18n.init_app(app)
    core.clock.init_app(app)
    core.jobs.init_app(app)
    core.api.init_app(app)
    core.templating.init_app(app)
    core.interface.init_app(app)
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    Bootstrap5(app)
    _open_to_all(app, "static", "bootstrap.static")
    app.extensions["csrf"] = CSRFProtect(app)
    app.extensions["own_path"] = own_path
    app.extensions["scopes_granting"] = scopes_granting
    app.extensions["front_page"] = "partners.programme"
    for domain in (accounts, partners, academy, events, referrals, commissions):
        domain.init_app(app)
    demo.init_app(app)
    serving.init_app(app)
    refuse_undeclared_doors(app)
    return app


def _open_to_all(app: Flask, *endpoints: str) -> None:
    """Declares the doors of views that libraries made: files that anybody may load."""
    for endpoint in endpoints:
        view = app.view_functions[endpoint]

        def send(view: Any = view, **arguments: Any) -> Any:
            return view(**arguments)

        app.view_functions[endpoint] = public(send)
