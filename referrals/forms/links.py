"""What is typed about referral links, codes and missing referrals."""

from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from core.forms import NEEDED, Form
from core.i18n import lazy_gettext as _l
from partners.forms.choosing import PartnerField


class LinkForm(Form):
    """Where a link leads, and what it is for."""

    path = StringField(
        _l("Page on the vendor's site"),
        [Optional(), Length(max=300, message=_l("At most 300 characters."))],
        description=_l("Such as /cloud. Empty: the first page."),
    )
    campaign = StringField(
        _l("What the link is for"),
        [Optional(), Length(max=80, message=_l("At most 80 characters."))],
        description=_l("Such as newsletter or fair in May: your own word, to tell links apart."),
    )


class CodeForm(Form):
    """A code that people can say and type."""

    code = StringField(
        _l("Referral code"), [NEEDED], description=_l("3 to 30 Latin letters, digits and dashes.")
    )


class FindByPartnerForm(Form):
    """Of all partners' links or codes: whose, or by a word. It stands in the address."""

    class Meta(Form.Meta):
        csrf = False

    partner = PartnerField(_l("Partner"), description=None)
    q = StringField(_l("Word"), [Length(max=200, message=_l("At most 200 characters."))])


class MissingForm(Form):
    """Which order, and how the customer was brought."""

    order_number = StringField(_l("Number of the order or invoice"), [NEEDED, Length(max=100)])
    ordered_on = DateField(_l("Ordered on"), [NEEDED])
    company = StringField(_l("Company that ordered"), [NEEDED, Length(max=200)])
    text = TextAreaField(
        _l("How you brought it"),
        [NEEDED, Length(max=2000)],
        description=_l("When, with whom, by which link or code. The vendor compares it with its records."),
    )


class MissingDecisionForm(Form):
    """Yes or no, with the sentence that the partner reads."""

    reason = TextAreaField(_l("Why"), [NEEDED, Length(max=900)], description=_l("The partner reads it."))
