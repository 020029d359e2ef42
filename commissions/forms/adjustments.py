"""What is typed for a line that finance writes by hand."""

import secrets
from typing import Any

from wtforms import HiddenField, StringField
from wtforms.validators import Length, Regexp

from commissions.models import EntryKind
from commissions.operations.adjustments import LONGEST_REASON
from core.forms import NEEDED, Form, MoneyField, SelectField, choices
from core.i18n import lazy_gettext as _l

_WHAT = {
    EntryKind.BONUS: _l("Bonus, for something that the partner did"),
    EntryKind.ADJUSTMENT: _l("Correction of what it earned"),
    EntryKind.SET_OFF: _l("Set-off of something else: no service, no VAT, no tax withheld"),
}


class ByHandForm(Form):
    """What for, how much, and why."""

    kind = SelectField(_l("What it is"), [NEEDED])
    currency = SelectField(_l("Currency"), [NEEDED])
    amount = MoneyField(
        _l("Amount"), [NEEDED], description=_l("With a minus sign it is owed by the partner.")
    )
    reason = StringField(
        _l("Why, for the partner"),
        [NEEDED, Length(max=LONGEST_REASON)],
        description=_l("It stands on the line, on its statement, and in the trail."),
    )
    token = HiddenField(validators=[Regexp(r"[0-9a-f]{24}\Z")])

    def __init__(self, codes: list[str], **kwargs: Any) -> None:
        super().__init__(data={"currency": codes[0], "token": secrets.token_hex(12)}, **kwargs)
        self.kind.choices = choices({str(kind): said for kind, said in _WHAT.items()})
        self.currency.choices = choices((code, code) for code in codes)
        self.amount.read_in(self.currency.data if self.currency.data in codes else codes[0])
