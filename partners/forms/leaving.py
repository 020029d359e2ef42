"""What is typed when a firm leaves, is merged, or one of its people goes."""

from collections.abc import Sequence

from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from core.forms import Form, choices
from core.i18n import gettext
from core.i18n import lazy_gettext as _l
from partners.models import Member


class LeavingForm(Form):
    """Why; the other firm was chosen before and stands in the address and here."""

    other = HiddenField()
    reason = TextAreaField(
        _l("Why"),
        [InputRequired(_l("This is needed.")), Length(max=4000, message=_l("At most 4,000 characters."))],
        description=_l("The firm's admins read it, and it stays in the audit trail."),
    )


class MemberLeavingForm(Form):
    """Who of the firm goes on with what somebody had open, and what they should know."""

    successor = SelectField(_l("Who takes over what is open"), [Optional()])
    note = TextAreaField(
        _l("What they should know"), [Length(max=2000, message=_l("At most 2,000 characters."))]
    )

    def prepare(self, colleagues: Sequence[Member]) -> "MemberLeavingForm":
        """Offers these to choose from."""
        self._colleagues = {str(one.id): one for one in colleagues}
        self.successor.choices = choices(
            ((number, one.user.name) for number, one in self._colleagues.items()),
            empty=gettext("Nobody in particular"),
        )
        return self

    @property
    def chosen(self) -> Member | None:
        """The colleague who was chosen."""
        return self._colleagues.get(self.successor.data or "")
