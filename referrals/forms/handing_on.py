"""What a manager types when customers and deals are handed to another firm, or a customer stood there twice."""

from wtforms import HiddenField, StringField
from wtforms.validators import Length

from core.forms import NEEDED, Form
from core.i18n import lazy_gettext as _l
from partners.forms.choosing import PartnerField


class HandingOnForm(Form):
    """To whom, by name or number; and why. The chosen rows come as ``customer`` and ``deal``."""

    partner = PartnerField(_l("To which firm"), [NEEDED])
    reason = StringField(_l("Why"), [NEEDED, Length(max=300)])


class CustomerMergeForm(Form):
    """Which customer stays was chosen before and stands in the address."""

    other = HiddenField()
    reason = StringField(_l("Why"), [NEEDED, Length(max=300)])
