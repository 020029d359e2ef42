"""Taking messages to their endpoints, and keeping endpoints: making, changing, stopping, sending again."""

import secrets
from base64 import b64encode
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from standardwebhooks.webhooks import Webhook

from core import clock, jobs, retention
from core.activity import Actor
from core.database import lock, outside, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.sealing import seal
from core.signals import announce
from core.webhooks import calling
from core.webhooks.addresses import NotAllowed, Target, check, networks
from core.webhooks.models import (
    PURPOSE,
    Delivery,
    DeliveryStatus,
    Endpoint,
    EndpointAdded,
    EndpointChanged,
    EndpointDisabled,
    EndpointSecretChanged,
    EndpointStarted,
    Message,
)
from core.webhooks.publishing import JOB, TYPES, enqueue, write_message

#: Pauses before each further attempt, as the specification proposes: about three days in all.
PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
#: An endpoint at which nothing has arrived for so long is stopped.
PATIENCE = timedelta(days=5)
OLD_SECRET_HOLDS = timedelta(days=1)
_LONGEST_WAIT = timedelta(days=1)
_KEPT_ANSWER = 2000


def where(url: str) -> Target:
    """Where ``url`` leads, by the operator's rules. Raises NotAllowed."""
    return check(url, networks(current_app.config["WEBHOOK_PRIVATE_ADDRESSES"]))


# Endpoints


def _new_secret() -> str:
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


def _refuse_bad(url: str, event_types: list[str]) -> None:
    try:
        where(url)
    except NotAllowed as problem:
        raise InvalidInput({"url": str(problem)}) from problem
    if not event_types or set(event_types) - set(TYPES):
        raise InvalidInput({"event_types": _("Choose at least one.")})


def make_endpoint(*, name: str, url: str, event_types: list[str], by: Actor | None) -> tuple[Endpoint, str]:
    """A new endpoint and its secret, which is shown once. Raises InvalidInput at ``url`` or ``event_types``."""
    _refuse_bad(url, event_types)
    secret = _new_secret()
    endpoint = Endpoint(
        name=name,
        url=url,
        event_types=sorted(event_types),
        sealed_secret=seal(PURPOSE, secret),
        created_at=clock.now(),
        created_by_id=by.id if by is not None else None,
        disabled_because="",
    )
    session.add(endpoint)
    session.flush()
    announce(EndpointAdded(endpoint, by))
    return endpoint, secret


def change_endpoint(endpoint: Endpoint, *, name: str, url: str, event_types: list[str], by: Actor) -> None:
    """Another name, address or choice of types. Raises InvalidInput."""
    _refuse_bad(url, event_types)
    endpoint.name, endpoint.url, endpoint.event_types = name, url, sorted(event_types)
    announce(EndpointChanged(endpoint, by))


def change_secret(endpoint: Endpoint, *, by: Actor) -> str:
    """A new secret, shown once; messages carry signatures of both for a day."""
    lock(endpoint)
    endpoint.sealed_old_secret = endpoint.sealed_secret
    endpoint.old_secret_until = clock.now() + OLD_SECRET_HOLDS
    secret = _new_secret()
    endpoint.sealed_secret = seal(PURPOSE, secret)
    announce(EndpointSecretChanged(endpoint, by))
    return secret


def stop_endpoint(endpoint: Endpoint, *, because: str, by: Actor | None) -> None:
    """Nothing is sent there until somebody starts it again."""
    lock(endpoint)
    if endpoint.disabled_at is not None:
        raise Refusal(_("%(name)s is stopped already.", name=endpoint.name))
    endpoint.disabled_at = clock.now()
    endpoint.disabled_because = because
    announce(EndpointDisabled(endpoint, by, reason=because))


def start_endpoint(endpoint: Endpoint, *, by: Actor) -> None:
    """Messages are sent there again from now on; what was missed can be sent again from the log."""
    lock(endpoint)
    if endpoint.disabled_at is None:
        raise Refusal(_("%(name)s is not stopped.", name=endpoint.name))
    endpoint.disabled_at = endpoint.failing_since = None
    endpoint.disabled_because = ""
    announce(EndpointStarted(endpoint, by))


def send_test(endpoint: Endpoint) -> Message:
    """A message of type ``webhook.test``, to see whether it arrives."""
    return write_message("webhook.test", {"endpoint": str(endpoint.id), "name": endpoint.name}, [endpoint])


def send_again(delivery: Delivery) -> None:
    """Sends a message once more, with its own id, at once."""
    lock(delivery)
    if delivery.endpoint.disabled_at is not None:
        raise Refusal(_("%(name)s is stopped. Start it first.", name=delivery.endpoint.name))
    delivery.status = DeliveryStatus.WAITING
    delivery.resent += 1
    delivery.attempts = 0
    delivery.next_at = None
    enqueue(delivery)


# Delivering


def headers_of(message: Message, keys: list[str]) -> dict[str, str]:
    """The three headers of the specification, signed with each of ``keys``; by the world's clock, as the receiver's."""
    moment = clock.real_now()
    signatures = [Webhook(key).sign(message.public_id, moment, message.body) for key in keys]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Guildhall",
        "webhook-id": message.public_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


@jobs.job(JOB)
def deliver(payload: dict[str, Any]) -> None:
    """One attempt. The call is made while no transaction is open; what came of it is written afterwards."""
    delivery = session.get(Delivery, payload["delivery"])
    if delivery is None or delivery.status is not DeliveryStatus.WAITING:
        return
    endpoint = delivery.endpoint
    if endpoint.disabled_at is not None:
        delivery.status = DeliveryStatus.GIVEN_UP
        return
    url, body = endpoint.url, delivery.message.body.encode()
    headers = headers_of(delivery.message, endpoint.secrets())
    with outside():
        answer = _call(url, body, headers)
    _note(lock(session.get_one(Delivery, payload["delivery"])), answer)


def _call(url: str, body: bytes, headers: dict[str, str]) -> calling.Answer:
    try:
        return calling.post(where(url), body, headers)
    except NotAllowed as problem:
        return calling.Answer(0, str(problem))


def _note(delivery: Delivery, answer: calling.Answer) -> None:
    endpoint = lock(delivery.endpoint)
    delivery.attempts += 1
    delivery.last_at = clock.now()
    delivery.last_status = answer.status or None
    delivery.last_answer = answer.text.replace("\x00", "")[:_KEPT_ANSWER]
    delivery.next_at = None
    if 200 <= answer.status < 300:
        delivery.status = DeliveryStatus.DELIVERED
        endpoint.failing_since = None
        return
    endpoint.failing_since = endpoint.failing_since or clock.now()
    if delivery.attempts > len(PAUSES):
        delivery.status = DeliveryStatus.GIVEN_UP
    else:
        delivery.next_at = clock.now() + _pause(delivery.attempts, answer.retry_after)
        enqueue(delivery)
    if endpoint.disabled_at is not None:
        return
    if answer.status == 410:
        stop_endpoint(endpoint, because=_("The receiver says that it is gone for good (410)."), by=None)
    elif clock.now() - endpoint.failing_since >= PATIENCE:
        stop_endpoint(endpoint, because=_("Nothing has arrived there for five days."), by=None)


def _pause(attempts: int, retry_after: int | None) -> timedelta:
    asked = timedelta(seconds=retry_after) if retry_after is not None else timedelta()
    return max(PAUSES[attempts - 1], min(asked, _LONGEST_WAIT))


def _forget(ids: list[int]) -> None:
    session.execute(sa.delete(Delivery).where(Delivery.message_id.in_(ids)))
    session.execute(sa.delete(Message).where(Message.id.in_(ids)))


retention.rule(
    "webhooks",
    _l("Log of web hooks"),
    _l("Messages that were sent are removed, with what the receivers answered."),
    months=2,
    due=lambda limit: sa.select(Message.id).where(Message.at < limit),
    clear=_forget,
)
