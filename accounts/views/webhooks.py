"""Web hooks out, for programme admins: endpoints, what they are told, and what became of each message."""

from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload

from accounts.access import confirms_password, requires, signed_in_user
from accounts.forms import WebhookForm
from accounts.permissions import Permission
from accounts.views import accounts
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from core.webhooks import TYPES, Delivery, DeliveryStatus, Endpoint, delivering


def _endpoint(endpoint_id: int) -> Endpoint:
    return session.get(Endpoint, endpoint_id) or abort(404)


@accounts.get("/staff/webhooks")
@requires(Permission.WEBHOOKS_MANAGE)
def webhooks() -> Any:
    """Who is told what happens here."""
    page = paginate(sa.select(Endpoint).order_by(Endpoint.name, Endpoint.id))
    return render_template("accounts/staff/webhooks.html", page=page)


@accounts.route("/staff/webhooks/new", methods=["GET", "POST"])
@requires(Permission.WEBHOOKS_MANAGE)
@confirms_password
def new_webhook() -> Any:
    """One more endpoint; its secret is shown once."""
    form = WebhookForm()
    if form.was_sent_and_holds():
        try:
            endpoint, secret = delivering.make_endpoint(
                name=form.name.data, url=form.url.data, event_types=form.event_types.data, by=signed_in_user()
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return _page(endpoint, secret=secret)
    return render_template("accounts/staff/new_webhook.html", form=form), form.status


@accounts.route("/staff/webhooks/<int:endpoint_id>", methods=["GET", "POST"])
@requires(Permission.WEBHOOKS_MANAGE)
def webhook(endpoint_id: int) -> Any:
    """One endpoint: what it is told, and what became of each message."""
    endpoint = _endpoint(endpoint_id)
    form = WebhookForm(obj=endpoint)
    if form.was_sent_and_holds():
        try:
            delivering.change_endpoint(
                endpoint,
                name=form.name.data,
                url=form.url.data,
                event_types=form.event_types.data,
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Saved."), "good")
            return redirect(url_for("accounts.webhook", endpoint_id=endpoint.id))
    return _page(endpoint, form), form.status


def _page(endpoint: Endpoint, form: WebhookForm | None = None, secret: str | None = None) -> str:
    query = (
        sa.select(Delivery)
        .where(Delivery.endpoint_id == endpoint.id)
        .options(joinedload(Delivery.message))
        .order_by(Delivery.id.desc())
    )
    state = request.args.get("state", "")
    if state in set(DeliveryStatus):
        query = query.where(Delivery.status == DeliveryStatus(state))
    return render_template(
        "accounts/staff/webhook.html",
        endpoint=endpoint,
        form=form or WebhookForm(formdata=None, obj=endpoint),
        secret=secret,
        page=paginate(query),
        types=TYPES,
        states=list(DeliveryStatus),
    )


@accounts.post("/staff/webhooks/<int:endpoint_id>/secret")
@requires(Permission.WEBHOOKS_MANAGE)
@confirms_password
def webhook_secret(endpoint_id: int) -> Any:
    """A new secret; the old one holds a day longer."""
    endpoint = _endpoint(endpoint_id)
    return _page(
        endpoint,
        WebhookForm(formdata=None, obj=endpoint),
        delivering.change_secret(endpoint, by=signed_in_user()),
    )


@accounts.post("/staff/webhooks/<int:endpoint_id>/stop")
@requires(Permission.WEBHOOKS_MANAGE)
def webhook_stop(endpoint_id: int) -> Any:
    """Nothing is sent there any more."""
    endpoint = _endpoint(endpoint_id)
    delivering.stop_endpoint(
        endpoint, because=_("Stopped by %(name)s.", name=signed_in_user().name), by=signed_in_user()
    )
    flash(_("Nothing is sent to %(name)s any more.", name=endpoint.name), "good")
    return redirect(url_for("accounts.webhook", endpoint_id=endpoint.id))


@accounts.post("/staff/webhooks/<int:endpoint_id>/start")
@requires(Permission.WEBHOOKS_MANAGE)
def webhook_start(endpoint_id: int) -> Any:
    """Messages are sent there again."""
    endpoint = _endpoint(endpoint_id)
    delivering.start_endpoint(endpoint, by=signed_in_user())
    flash(_("Messages go to %(name)s again.", name=endpoint.name), "good")
    return redirect(url_for("accounts.webhook", endpoint_id=endpoint.id))


@accounts.post("/staff/webhooks/<int:endpoint_id>/test")
@requires(Permission.WEBHOOKS_MANAGE)
def webhook_test(endpoint_id: int) -> Any:
    """Sends something harmless, to see whether it arrives."""
    endpoint = _endpoint(endpoint_id)
    delivering.send_test(endpoint)
    flash(_("A test message is on its way."), "good")
    return redirect(url_for("accounts.webhook", endpoint_id=endpoint.id))


@accounts.post("/staff/webhooks/deliveries/<int:delivery_id>/resend")
@requires(Permission.WEBHOOKS_MANAGE)
def webhook_resend(delivery_id: int) -> Any:
    """Sends one message once more."""
    delivery = session.get(Delivery, delivery_id) or abort(404)
    delivering.send_again(delivery)
    flash(_("It is on its way again."), "good")
    return redirect(url_for("accounts.webhook", endpoint_id=delivery.endpoint_id))
