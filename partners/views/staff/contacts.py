"""Who of the vendor looks after which firm, chosen firm by firm; and handing over everything when somebody leaves."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from markupsafe import Markup

from accounts.access import requires, signed_in_user, visitor
from accounts.models import User
from accounts.permissions import Permission
from accounts.queries import staff
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from core.slots import fills, rendered
from partners import operations, queries
from partners.forms.contacts import ContactsForm, HandingOverForm
from partners.models import Partner
from partners.queries.contacts import care_of, kinds_of, places_of
from partners.queries.partners import partners_matching, with_people
from partners.views import partners as pages
from partners.views.staff.applications import managers


def _present() -> list[User]:
    """Everybody of the vendor who may sign in, by name."""
    return list(session.scalars(staff().where(User.suspended_at.is_(None))))


@pages.route("/staff/partners/<int:partner_id>/contacts", methods=["GET", "POST"])
@requires(Permission.PARTNERS_WRITE)
def partner_contacts(partner_id: int) -> Any:
    """Whom the firm turns to: its manager, and people for particular questions."""
    visible = queries.partners_visible_to(signed_in_user()).where(Partner.id == partner_id)
    firm = session.scalar(with_people(visible)) or abort(404)
    form = ContactsForm(places_of(firm), managers=managers(), staff=_present())
    if form.was_sent_and_holds():
        try:
            operations.name_contacts(firm, **form.answers(), by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Saved. %(name)s sees them under “Our firm”.", name=firm.name), "good")
            return redirect(url_for("partners.partner", partner_id=firm.id))
    title = _("Who looks after %(name)s", name=firm.name)
    return render_template(
        "partners/staff/one_form.html", form=form, title=title, verb=_("Save"), partner=firm
    ), form.status


def _colleague(user_id: int) -> User:
    return session.scalar(staff().where(User.id == user_id, User.erased_at.is_(None))) or abort(404)


@pages.get("/staff/care/<int:user_id>")
@requires(Permission.PARTNERS_READ)
def care(user_id: int) -> Any:
    """The firms that somebody of the vendor looks after, and in which respect."""
    return _care_page(_colleague(user_id), None)


@pages.post("/staff/care/<int:user_id>/handing-over")
@requires(Permission.PARTNERS_WRITE)
def care_handing_over(user_id: int) -> Any:
    """Everything goes to a colleague, in one step."""
    person = _colleague(user_id)
    form = _handing_over(person)
    if form.was_sent_and_holds():
        try:
            operations.hand_over_firms(person, form.chosen, by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("%(heir)s takes over from %(name)s.", heir=form.chosen.name, name=person.name), "good")
            return redirect(url_for("partners.care", user_id=form.chosen.id))
    return _care_page(person, form)


def _handing_over(person: User) -> HandingOverForm:
    others = managers() if care_of(person).managed else _present()
    return HandingOverForm().prepare([user for user in others if user.id != person.id])


def _care_page(person: User, form: HandingOverForm | None) -> Any:
    user = signed_in_user()
    firms = partners_matching(queries.partners_visible_to(user), carer_id=person.id)
    page = paginate(with_people(firms))
    all_of_it = care_of(person)
    if form is None and all_of_it.is_any and user.may(Permission.PARTNERS_WRITE):
        form = _handing_over(person)
    return render_template(
        "partners/staff/care.html",
        person=person,
        page=page,
        care=all_of_it,
        said=kinds_of(person, page.items),
        form=form,
    ), form.status if form is not None else 200


@fills("accounts.person.main")
def firms_in_care(user: User) -> Markup | None:
    """On the page of a colleague: what they look after, and the way to hand it over."""
    reader = visitor()
    if not user.is_staff or reader is None or not reader.may(Permission.PARTNERS_READ):
        return None
    found = care_of(user)
    return rendered("partners/staff/_care_of.html", person=user, care=found) if found.is_any else None
