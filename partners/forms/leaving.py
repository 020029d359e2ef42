"""What a manager types when a firm leaves, is merged, or becomes a branch."""

from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.forms import Form
from core.i18n import lazy_gettext as _l


class LeavingForm(Form):
    """Why; the other firm was chosen before and stands in the address and here."""

    other = HiddenField()
    reason = TextAreaField(
        _l("Why"),
        [InputRequired(_l("This is needed.")), Length(max=4000, message=_l("At most 4,000 characters."))],
        description=_l("The firm's admins read it, and it stays in the audit trail."),
    )
