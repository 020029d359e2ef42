"""Who brought a partner: on the vendor's page of the firm, and the page to say it or put it right."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from markupsafe import Markup
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from accounts.access import requires, signed_in_user, visitor
from accounts.permissions import Permission
from commissions.operations.recruitments import note_recruiter
from commissions.queries.recruitments import recruited_by, recruitment_of
from commissions.views import pages
from core.database import session
from core.errors import InvalidInput
from core.forms import Form
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.slots import fills, rendered
from partners.forms.choosing import PartnerField, in_words
from partners.models import Partner
from partners.queries import partners_visible_to


class RecruiterForm(Form):
    """Which partner brought another one."""

    recruiter_id = PartnerField(
        _l("Brought by"), [Optional()], description=_l("The partner's name or its number. Empty: nobody.")
    )
    because = TextAreaField(_l("Why"), [InputRequired(_l("This is needed.")), Length(max=500)])


@fills("partners.partner.aside", order=45)
def recruiter_of_a_partner(partner: Partner, **_more: Any) -> Markup | None:
    """On the vendor's page of a partner: who brought it, and whom it brought."""
    person = visitor()
    if person is None or not person.is_staff:
        return None
    return rendered(
        "commissions/recruitments/_of_a_partner.html",
        partner=partner,
        known=recruitment_of(partner.id),
        brought=session.scalars(recruited_by(partner.id).limit(20)).all(),
        may_write=person.may(Permission.PARTNERS_WRITE),
    )


@pages.route("/staff/partners/<int:partner_id>/recruiter", methods=["GET", "POST"])
@requires(Permission.PARTNERS_WRITE)
def partner_recruiter(partner_id: int) -> Any:
    """Says who brought a partner. What was granted for it moves along."""
    user = signed_in_user()
    partner = session.scalar(partners_visible_to(user).where(Partner.id == partner_id))
    if partner is None or not user.is_staff:
        abort(404)
    known = recruitment_of(partner.id)
    now = known.recruiter if known is not None else None
    form = RecruiterForm(data={"recruiter_id": in_words(now) if now is not None else ""})
    form.recruiter_id.among(partners_visible_to(user))
    if form.was_sent_and_holds():
        try:
            note_recruiter(partner, form.recruiter_id.firm, because=form.because.data or "", by=user)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Noted. Sales from now on are shared so."), "good")
            return redirect(url_for("partners.partner", partner_id=partner.id))
    page = render_template("commissions/recruitments/recruiter.html", form=form, partner=partner)
    return page, form.status
