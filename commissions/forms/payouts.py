"""Proposing and deciding a run, and what became of a payout."""

from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from core.forms import Form, ListField
from core.i18n import lazy_gettext

_L = lazy_gettext

_NEEDED = DataRequired(_L("Fill this in."))


class ProposalForm(Form):
    """Proposing exactly what was shown, without those who are left out by hand."""

    digest = HiddenField(validators=[DataRequired()])
    leave_out = ListField(_L("Leave out of this run"), [Optional()])


class ApprovalForm(Form):
    """Approving exactly what was shown."""

    digest = HiddenField(validators=[DataRequired()])
    total_minor = HiddenField(validators=[DataRequired()])


class ReasonForm(Form):
    """A word why."""

    reason = TextAreaField(_L("Why"), [_NEEDED, Length(max=500)])


class AgainForm(Form):
    """Proposing a run again that was sent back, without the partners whose numbers stand in ``drop``."""

    drop = HiddenField(validators=[Optional(), Regexp(r"\d{1,17}(,\d{1,17})*\Z")])

    @property
    def partner_ids(self) -> list[int]:
        return [int(partner_id) for partner_id in (self.drop.data or "").split(",") if partner_id]


class ReferenceForm(Form):
    """The bank's own name for what it did."""

    reference = StringField(_L("The bank's reference"), [_NEEDED, Length(max=140)])


class ExecutionForm(ReferenceForm):
    """A file was carried out, perhaps not all of it."""

    refused = ListField(_L("Payouts the bank refused"), [Optional()])
    reason = StringField(
        _L("What the bank says about them"),
        [Optional(), Length(max=200)],
        description=_L("Empty when it took all."),
    )
