"""How strictly people sign in, and for how long what is known of them is kept."""

from flask import current_app

from core.i18n import lazy_gettext as _l
from core.settings import one_of

_SIGNING_IN = _l("Signing in")

SECOND_FACTOR = one_of(
    "accounts.second_factor",
    "in_production",
    _l("Second factor"),
    _SIGNING_IN,
    (
        ("in_production", _l("Required, except in the demo")),
        ("required", _l("Required")),
        ("optional", _l("Left to each person")),
    ),
    hint=_l("For everybody who works here, and for partners' people who may change where money goes."),
)


def is_required(choice: str) -> bool:
    """Whether :data:`SECOND_FACTOR`, as chosen, asks for a second factor on this installation."""
    return choice == "required" or (choice == "in_production" and current_app.config["KIND"] == "production")
