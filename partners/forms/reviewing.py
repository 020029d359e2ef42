"""One deed on several applications at once."""

from typing import Any

from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import Length, ValidationError

from core.forms import NEEDED, Form, choices
from core.i18n import gettext, lazy_gettext

_L = lazy_gettext

_DEEDS = (
    ("assign", _L("Give to a reviewer")),
    ("ask", _L("Ask the same question")),
    ("spam", _L("Turn down as spam, without a mail")),
)


class TogetherForm(Form):
    deed = RadioField(_L("With the chosen ones"), [NEEDED], default="assign")
    reviewer_id = SelectField(_L("Reviewer"), [NEEDED], coerce=int)
    text = TextAreaField(
        _L("Question"),
        [Length(max=4000)],
        description=_L("Only for a question; each applicant gets it by mail."),
    )

    def prepare(self, reviewers: list[Any]) -> None:
        """Who may be given applications."""
        self.deed.choices = choices(_DEEDS)
        self.reviewer_id.choices = choices((str(user.id), user.name) for user in reviewers)

    def validate_text(self, field: Any) -> None:
        if self.deed.data == "ask" and not (field.data or "").strip():
            raise ValidationError(gettext("Write the question."))
