"""What people type about success stories."""

from typing import Any

from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from core.errors import InvalidInput
from core.forms import LINE, MARKS, NEEDED, Form
from core.i18n import gettext, lazy_gettext
from partners.models import Story

_L = lazy_gettext
_TEXT = Length(max=8000, message=_L("At most 8,000 characters."))
#: What must stand before a story goes to the vendor.
_CONSENT = ("consent_by", "consent_on")


class StoryForm(Form):
    customer = StringField(_L("Customer, as it may be named"), [NEEDED, LINE])
    title = StringField(_L("Title in English"), [NEEDED, LINE])
    title_ru = StringField(_L("Title in Russian"), [LINE])
    text = TextAreaField(
        _L("The story in English"),
        [NEEDED, _TEXT],
        description=MARKS,
    )
    text_ru = TextAreaField(_L("The story in Russian"), [_TEXT], description=MARKS)
    consent_by = StringField(
        _L("Who at the customer agreed"), [LINE], description=_L("Name and function; needed to send it.")
    )
    consent_on = DateField(_L("Agreed on"), [Optional()], description=_L("Needed to send it."))
    consent_kept_in = StringField(
        _L("Where the consent is kept"), [LINE], description=_L("A mail, a signed sheet, a contract.")
    )

    def __init__(self, story: Story | None = None) -> None:
        super().__init__(obj=story)

    def check_consent(self) -> None:
        """A story is sent only with the customer's consent. Raises InvalidInput at what is missing of it."""
        missing = {name: gettext("This is needed.") for name in _CONSENT if not self[name].data}
        if missing:
            raise InvalidInput(missing)

    def answers(self) -> dict[str, Any]:
        """As :func:`partners.operations.save_story` takes them."""
        words = {
            name: self[name].data or "" for name in self._fields if name not in {"csrf_token", "consent_on"}
        }
        return words | {"consent_on": self.consent_on.data}


class ReturnForm(Form):
    reason = TextAreaField(_L("What should be mended"), [NEEDED, _TEXT])
