"""Forms for web hooks in: an address, and which part of a message says what."""

from typing import Any

from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional

from core.forms import Form, choices
from core.i18n import lazy_gettext as _l
from referrals.models.hooks import HookKind
from referrals.operations.hooks import FIELDS

_PATH = Length(max=200, message=_l("At most 200 characters."))

_LABELS: dict[str, Any] = {
    "company": _l("Company"), "person": _l("Person"), "email": _l("E-mail"), "phone": _l("Phone"),
    "website": _l("Website"), "tax_id": _l("Tax number"), "country": _l("Country"), "region": _l("Region"),
    "city": _l("City"), "postcode": _l("Postcode"), "language": _l("Language"), "industry": _l("Industry"),
    "employees": _l("People"), "products": _l("Products"), "services": _l("Services wanted"),
    "text": _l("What they need"), "campaign": _l("Campaign"), "referral_code": _l("Referral code"),
    "event": _l("What happened in the product"),
}  # fmt: skip


class _Paths(Form):
    def mapping(self) -> dict[str, str]:
        """The path of each field that has one."""
        return {name: self[name].data for name in FIELDS if self[name].data}


def _path(name: str) -> StringField:
    hint = _l("signed_up, trial_ending or limit_reached") if name == "event" else ""
    return StringField(
        _LABELS[name], [Optional(), _PATH], description=hint, render_kw={"spellcheck": "false"}
    )


MappingForm: Any = type(
    "MappingForm", (_Paths,), {"__doc__": "Which part of a message is what.", **{n: _path(n) for n in FIELDS}}
)


class HookForm(MappingForm):
    """A new address."""

    name = StringField(_l("Name"), [InputRequired(_l("This is needed.")), Length(max=80)])
    kind = RadioField(
        _l("What it sends"), [InputRequired(_l("This is needed."))], default=HookKind.LEAD.value
    )
    source = StringField(_l("Source"), [Optional(), Length(max=80)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices((kind.value, kind.label) for kind in HookKind)
