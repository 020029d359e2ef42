"""What a manager types when customers and deals are handed to another firm, or a customer stood there twice."""

from wtforms import HiddenField, StringField
from wtforms.validators import Length

from core.forms import NEEDED, Form
from core.i18n import lazy_gettext as _l


class HandingOnForm(Form):
    """To whom, by name or number; and why. The chosen rows come as ``customer`` and ``deal``."""

    partner = StringField(
        _l("To which firm"),
        [NEEDED, Length(max=200)],
        description=_l("Its name as it stands here, or its number."),
    )
    reason = StringField(_l("Why"), [NEEDED, Length(max=300)])


class CustomerMergeForm(Form):
    """Which customer stays was chosen before and stands in the address."""

    other = HiddenField()
    reason = StringField(_l("Why"), [NEEDED, Length(max=300)])
