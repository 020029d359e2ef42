"""A form that came before its sender had shown who they are: kept in the page that asks, and sent on afterwards.

The page carries it, sealed, so that only what the portal itself was sent is ever sent on. Nothing of it is stored, but
while its sender is at the identity provider (:mod:`accounts.operations.waiting`), where no page can carry it along.
"""

import json
from dataclasses import dataclass

from flask import Request

from accounts.models import User
from core.sealing import CannotUnseal, seal, unseal


@dataclass(frozen=True)
class HeldForm:
    """Where a form was sent, and its fields without the token, which belongs to the page they stood on."""

    address: str
    fields: list[tuple[str, str]]


def held_form(request: Request) -> HeldForm:
    """The form of ``request``. Files are not in it: a page cannot carry them."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return HeldForm(request.full_path.rstrip("?"), fields)


def sealed_for(user: User, form: HeldForm) -> str:
    """``form`` as text that the browser may carry and nobody can read or change."""
    return seal(_purpose(user), json.dumps([form.address, form.fields], ensure_ascii=False))


def opened_for(user: User, sealed: str) -> HeldForm | None:
    """What :func:`sealed_for` made for the same person; nothing when it is not that."""
    if not sealed:
        return None
    try:
        address, fields = json.loads(unseal(_purpose(user), sealed))
    except CannotUnseal:
        return None
    return HeldForm(address, [(name, value) for name, value in fields])


def _purpose(user: User) -> str:
    return f"form held for {user.id}"
