"""Where Stripe tells what happened: proved on the bytes as they came, stored first, handled by a job."""

from typing import Any

from flask import abort, current_app, request

from commissions.gateways import stripe
from commissions.operations.webhooks import store_event
from commissions.views import pages
from core import activity, clock
from core.database import aside
from core.doors import public
from core.i18n import gettext as _


@pages.post("/webhooks/stripe")
@public
def stripe_webhook() -> Any:
    """200 once the event is stored, also when it was before. 400 for what is not from Stripe or not from now."""
    if not current_app.config["STRIPE_WEBHOOK_SECRET"]:
        abort(404)
    try:
        event = stripe.verified_event(
            request.get_data(cache=False), request.headers.get("Stripe-Signature"), now=clock.real_now()
        )
    except stripe.BadSignature as problem:
        _note_rejection(str(problem))
        abort(400, description=_("This is not an event that Stripe signed just now."))
    if event.get("livemode") is not None and bool(event["livemode"]) != stripe.is_live():
        _note_rejection("livemode")
        return {"stored": False}, 200
    return {"stored": store_event(event)}, 200


def _note_rejection(reason: str) -> None:
    """Written down apart, since the request itself is undone."""
    with aside() as own:
        own.add(
            activity.Activity(
                at=clock.real_now(),
                actor_id=None,
                actor_name="",
                verb="webhook rejected",
                subject_type="",
                subject_id=None,
                partner_id=None,
                details={"reason": reason},
                address=request.remote_addr,
            )
        )
