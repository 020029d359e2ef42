"""How the lead form is to look on the vendor's site, and what it says of where it stands."""

from collections.abc import Mapping
from typing import Any

from wtforms import SelectField, StringField
from wtforms.validators import Length, Optional, Regexp

from core.forms import Form, choices
from core.i18n import language_name, offered_locales
from core.i18n import lazy_gettext as _l

_WORD = [Optional(), Length(max=80, message=_l("At most 80 characters."))]

#: What the tag says when nothing is chosen.
USUAL = {"source": "website"}


class LeadFormDesign(Form):
    """Everything the tag can say, read from the address of the page. Each field is named as the tag's attribute."""

    source = StringField(
        _l("Source"), _WORD, description=_l("Your own word for the site or the page, for reports.")
    )
    campaign = StringField(_l("Campaign"), _WORD)
    code = StringField(
        _l("Referral code"),
        [Optional(), Length(max=60, message=_l("At most 60 characters."))],
        description=_l("Leads of this page go to its partner."),
    )
    lang = SelectField(
        _l("Language"), [Optional()], description=_l("Otherwise that of the page it stands on.")
    )
    accent = StringField(
        _l("Colour"),
        [
            Optional(),
            Regexp("#[0-9a-fA-F]{6}$", message=_l("Type a colour as # and six digits, such as #59275f.")),
        ],
        description=_l("Such as #0b5cad. Empty: the programme's own."),
    )
    theme = SelectField(_l("Background"), [Optional()])
    corners = SelectField(_l("Corners"), [Optional()])

    class Meta(Form.Meta):
        csrf = False

    def __init__(self, sent: Mapping[str, Any]) -> None:
        super().__init__(sent, data=USUAL)
        languages = ((code, language_name(code)) for code in offered_locales())
        self.lang.choices = choices(languages, empty=_l("that of the page"))
        self.theme.choices = choices(
            [("dark", _l("dark")), ("auto", _l("as the visitor's device"))], empty=_l("light")
        )
        self.corners.choices = choices([("square", _l("square"))], empty=_l("round"))

    def chosen(self) -> dict[str, str]:
        """What the tag says, by attribute; nothing of what holds anyway or cannot be read."""
        said = {one.name: one.data for one in self if one.data and not one.errors}
        return said or dict(USUAL)
