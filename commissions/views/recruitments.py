"""Who brought a partner: on the vendor's page of the firm, and the page to say it or put it right."""

from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, url_for
from markupsafe import Markup
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from accounts.access import requires, signed_in_user, visitor
from accounts.permissions import Permission
from commissions.operations.recruitments import note_recruiter
from commissions.queries.recruitments import recruited_by, recruitment_of
from commissions.views import pages
from core.database import session
from core.digits import number_in
from core.errors import InvalidInput
from core.forms import Form
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.slots import fills, rendered
from partners.models import Partner
from partners.queries import partners_visible_to


class RecruiterForm(Form):
    """Which partner brought another one."""

    recruiter_id = StringField(
        _l("Brought by"),
        [Optional(), Length(max=200)],
        description=_l("The partner's exact name or its number. Empty: nobody."),
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
    form = RecruiterForm(data={"recruiter_id": known.recruiter.name if known is not None else ""})
    if form.was_sent_and_holds():
        try:
            note_recruiter(
                partner, _named(form.recruiter_id.data or ""), because=form.because.data or "", by=user
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Noted. Sales from now on are shared so."), "good")
            return redirect(url_for("partners.partner", partner_id=partner.id))
    page = render_template("commissions/recruitments/recruiter.html", form=form, partner=partner)
    return page, form.status


def _named(text: str) -> Partner | None:
    """The partner of that name or number. Raises InvalidInput when it is none, or not only one."""
    text = text.strip()
    if not text:
        return None
    query = sa.select(Partner).where(sa.func.lower(Partner.name) == text.lower())
    number = number_in(text)
    if number is not None:
        query = sa.select(Partner).where(Partner.id == number)
    found = session.scalars(query.limit(2)).all()
    if len(found) != 1:
        raise InvalidInput(
            {
                "recruiter_id": _("Several partners are called so. Give the number.")
                if found
                else _("There is no such partner.")
            }
        )
    return found[0]
