"""What is typed about a disputed line: the question, answers, and the decision."""

from typing import Any

from wtforms import TextAreaField
from wtforms.validators import Length, Optional

from commissions.operations.disputes import LONGEST_TEXT
from core.forms import NEEDED, Form, MoneyField
from core.i18n import lazy_gettext as _l
from core.i18n import lazy_pgettext

_TEXT = [NEEDED, Length(max=LONGEST_TEXT, message=_l("It can have at most 5,000 characters."))]


class DisputeForm(Form):
    """Why a line is wrong, and what it should come to."""

    text = TextAreaField(
        _l("What is wrong"),
        _TEXT,
        description=_l("The invoice, the tier, the rule that should have counted: whatever helps to check."),
    )
    expected_minor = MoneyField(_l("What the line should come to"), [Optional()])

    def __init__(self, currency: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.expected_minor.read_in(currency)


class TextForm(Form):
    """An answer, or a reply to one."""

    text = TextAreaField(lazy_pgettext("dispute", "Answer"), _TEXT)


class ReplyForm(Form):
    """What the answer did not explain."""

    text = TextAreaField(_l("Reply"), _TEXT)


class CorrectionForm(Form):
    """What the line comes to from now on, and why."""

    should_be_minor = MoneyField(
        _l("What the line should come to"),
        [NEEDED],
        description=_l("All in all. The difference to what it comes to now is posted as a line of its own."),
    )
    reason = TextAreaField(_l("Why, for the partner"), _TEXT)

    def __init__(self, currency: str, **kwargs: Any) -> None:
        super().__init__(prefix="correction", **kwargs)
        self.should_be_minor.read_in(currency)


class RejectionForm(Form):
    """Why the line is right as it is."""

    reason = TextAreaField(_l("Why the line is right, for the partner"), _TEXT)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(prefix="rejection", **kwargs)
