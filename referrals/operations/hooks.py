"""Takes other systems' own messages in as leads, by a mapping that people set."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

import sqlalchemy as sa

from core import clock
from core.activity import Actor
from core.database import lock, session, write_once
from core.digits import number_in
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.inputs import read_json
from core.signals import announce
from core.signing import sign
from referrals.matching import duplicate_of
from referrals.models.hooks import HookKind, HookMessage, LeadHook
from referrals.models.leads import Lead, LeadOrigin
from referrals.operations.identity import identity_of, lead_hits
from referrals.operations.intake import LeadData, lead_from, receive_lead
from referrals.signals.hooks import HookClosed, HookMade
from referrals.signals.leads import LeadWarmed

#: What a mapping can fill; ``event`` says what happened in the product.
FIELDS = (
    "company", "person", "email", "phone", "website", "tax_id", "country", "region", "city", "postcode", "language",
    "industry", "employees", "products", "services", "text", "campaign", "referral_code", "event",
)  # fmt: skip
#: How much warmer a lead is for what happened in the product; what is not listed counts as least.
WARMTH = {"limit_reached": 3, "trial_ending": 2, "signed_up": 1}
LONGEST_PATH = 200
OLDEST_MESSAGE = timedelta(minutes=5)


def make_hook(
    name: str, kind: HookKind, mapping: Mapping[str, str], *, source: str = "", by: Actor | None
) -> LeadHook:
    """Opens an address. Raises InvalidInput at a field of the mapping."""
    row = LeadHook(
        name=name.strip(),
        kind=kind,
        slug=secrets.token_urlsafe(18),
        mapping=_checked(mapping, kind),
        source=source.strip()[:80],
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    announce(HookMade(row, by))
    return row


def change_mapping(hook: LeadHook, mapping: Mapping[str, str]) -> None:
    """Says anew which part of a message is what. Raises InvalidInput at a field."""
    hook.mapping = _checked(mapping, hook.kind)


def close_hook(hook: LeadHook, *, by: Actor | None) -> None:
    """The address answers no more."""
    if hook.closed_at is None:
        hook.closed_at = clock.now()
        announce(HookClosed(hook, by))


def renew_secret(hook: LeadHook) -> None:
    """Another secret from now on; whoever has the old one is no longer believed."""
    lock(hook).generation += 1


def secret_of(hook: LeadHook) -> str:
    """What the sender signs with, as the Standard Webhooks specification writes it."""
    made = bytes.fromhex(sign("lead hook", f"{hook.id}:{hook.generation}"))
    return "whsec_" + base64.b64encode(made[:24]).decode()


class Headers(Protocol):
    """Where the values of a request's headers are found by name, whatever their case."""

    def get(self, key: str, default: str, /) -> str: ...


def is_from_sender(hook: LeadHook, body: bytes, headers: Headers) -> bool:
    """Whether the very bytes were signed with the hook's secret.

    By Standard Webhooks (``webhook-id``, ``webhook-timestamp``, ``webhook-signature``, at most five minutes old), or,
    as CRMs do, by ``X-Signature: sha256=<hex HMAC of the body>`` with the secret as it is written.
    """
    signed = headers.get("webhook-signature", "")
    if signed:
        moment = headers.get("webhook-timestamp", "")
        seconds = number_in(moment)
        if seconds is None or abs(clock.real_now().timestamp() - seconds) > OLDEST_MESSAGE.total_seconds():
            return False
        key = base64.b64decode(secret_of(hook).removeprefix("whsec_"))
        said = f"{headers.get('webhook-id', '')}.{moment}.".encode() + body
        expected = base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
        return any(
            hmac.compare_digest(one.removeprefix("v1,").encode(), expected.encode())
            for one in signed.split()
            if one.startswith("v1,")
        )
    plain = headers.get("X-Signature", "").removeprefix("sha256=")
    expected = hmac.new(secret_of(hook).encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(plain.lower().encode(), expected.encode())


def take_message(hook: LeadHook, body: bytes, message_id: str | None) -> HookMessage:
    """Makes a lead of a message that is known to come from the sender; the same again is answered as before.

    A message that says no lead is kept with what is wrong, so that the mapping can be mended. Raises Refusal when it is
    no JSON object.
    """
    try:
        said = read_json(body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Refusal(_("Send a JSON object."))
    key = (message_id or hashlib.sha256(body).hexdigest())[:200]
    write_once(
        HookMessage,
        {"hook_id": hook.id, "message_key": key, "received_at": clock.now(), "body": said, "problem": "new"},
        unique=["hook_id", "message_key"],
    )
    message = session.scalars(
        sa.select(HookMessage)
        .where(HookMessage.hook_id == hook.id, HookMessage.message_key == key)
        .with_for_update()
    ).one()
    if message.problem != "new":
        return message
    message.problem = ""
    try:
        with session.begin_nested():
            message.lead_id = _lead_of(hook, said, key).id
    except (InvalidInput, Refusal) as problem:
        sentences = problem.problems.values() if isinstance(problem, InvalidInput) else [problem.sentence]
        message.problem = " ".join(str(sentence) for sentence in sentences)
    session.flush()
    return message


def _lead_of(hook: LeadHook, said: dict[str, Any], key: str) -> Lead:
    found = {name: value_at(said, path) for name, path in hook.mapping.items()}
    texts: dict[str, Any] = {
        name: _text(found.get(name))
        for name in FIELDS
        if name not in {"employees", "products", "services", "event"}
    }
    data = LeadData(
        origin=LeadOrigin.PRODUCT if hook.kind is HookKind.PRODUCT else LeadOrigin.API,
        employees=_whole(found.get("employees")),
        products=_list(found.get("products")),
        services=_list(found.get("services")),
        source=hook.source or None,
        caller_key=f"hook-{hook.id}-{key}",
        **texts,
    )
    if hook.kind is HookKind.PRODUCT:
        return product_event(data, _text(found.get("event")) or "", by=None)
    return receive_lead(data, by=None)


def product_event(data: LeadData, event: str, *, by: Actor | None) -> Lead:
    """Something happened in the vendor's product: a known open lead grows warmer, an unknown one comes in warm."""
    warmth = WARMTH.get(event, 1)
    hits = lead_hits(identity_of(lead_from(data, by)))
    known = duplicate_of(hits, completed_at=clock.now())
    if known is None:
        lead = receive_lead(replace(data, origin=LeadOrigin.PRODUCT), by=by)
    else:
        lead = lock(session.get_one(Lead, int(known.reference.partition(":")[2])))
    lead.warmth += warmth
    session.flush()
    announce(LeadWarmed(lead, by, event=event[:80], warmth=lead.warmth))
    return lead


def _checked(mapping: Mapping[str, str], kind: HookKind) -> dict[str, str]:
    """The paths without blanks. Raises InvalidInput."""
    paths = {name: path.strip() for name, path in mapping.items() if path.strip()}
    problems = {name: _("There is no such field.") for name in paths if name not in FIELDS}
    problems |= {
        name: _("At most %(most)s characters.", most=LONGEST_PATH)
        for name, path in paths.items()
        if len(path) > LONGEST_PATH
    }
    if not {"company", "email"} & paths.keys():
        problems["company"] = _("Say where the company stands, the e-mail, or both.")
    if kind is HookKind.PRODUCT and "event" not in paths:
        problems["event"] = _("Say where the kind of the event stands.")
    if problems:
        raise InvalidInput(problems)
    return paths


def value_at(said: Any, path: str) -> Any:
    """What stands at ``contact.emails.0.value``; None where the message does not go so far."""
    here = said
    for step in path.split("."):
        if isinstance(here, dict):
            here = here.get(step)
        elif isinstance(here, list) and (place := number_in(step)) is not None and place < len(here):
            here = here[place]
        else:
            return None
    return here


def _text(value: Any) -> str | None:
    return (
        str(value)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip()
        else None
    )


def _whole(value: Any) -> int | None:
    return number_in(_text(value), most_digits=14)


def _list(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(",")
    return tuple(str(one).strip() for one in value if str(one).strip()) if isinstance(value, list) else ()
