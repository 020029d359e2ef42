"""The list of firms, one firm with everything about it, and what its manager may change."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, jsonify, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission, Role
from core import clock
from core.activity import Activity
from core.bounces import bounced_among
from core.database import session
from core.errors import InvalidInput, Refusal
from core.exports import csv_response
from core.forms import suggested
from core.i18n import format_day
from core.i18n import gettext as _
from core.pagination import paginate
from partners import operations, queries
from partners.forms import (
    FirmForm,
    MemberForm,
    NewPartnerForm,
    PlanOfFirmForm,
    ReasonForm,
    TierHoldForm,
)
from partners.forms.choosing import matches
from partners.forms.leaving import MemberLeavingForm
from partners.models import Member, Partner, PartnerStatus
from partners.queries import agreements as versions
from partners.queries import onboarding as first_steps
from partners.queries.contacts import places_of
from partners.queries.invitations import invitations_of
from partners.queries.leaving import branches_of, open_work_of, successors_of
from partners.queries.measures import programme_today
from partners.queries.partners import (
    as_lines,
    countries_of_partners,
    partners_matching,
    partners_visible_to,
    with_people,
)
from partners.queries.plans import plans_on_offer
from partners.views import partners as pages

MOST_PEOPLE = 100
#: How long a tier is held by hand unless somebody says otherwise.
USUAL_HOLD = timedelta(days=180)


def _filtered() -> sa.Select[Partner]:
    asked = request.args
    manager = asked.get("manager", "")
    return partners_matching(
        partners_visible_to(signed_in_user()),
        text=asked.get("q", "")[:200],
        status=asked.get("status", ""),
        tier=asked.get("tier", ""),
        country=asked.get("country", ""),
        manager_id=signed_in_user().id if manager == "me" else None,
        carer_id=signed_in_user().id if manager == "care" else None,
    )


@pages.get("/staff/partners")
@requires(Permission.PARTNERS_READ)
def partners() -> Any:
    """Every firm, found by name, state, tier, country."""
    return render_template(
        "partners/staff/partners.html",
        page=paginate(with_people(_filtered())),
        tiers=queries.tiers(),
        countries=countries_of_partners(),
        statuses=list(PartnerStatus),
    )


@pages.get("/staff/partners/names")
@requires(Permission.PARTNERS_READ)
def partner_names() -> Any:
    """For the field where a firm is typed: the nearest by name, each with the words that mean just that one."""
    firms = partners_visible_to(signed_in_user())
    if request.args.get("active"):
        firms = firms.where(Partner.status == PartnerStatus.ACTIVE)
    return jsonify(suggested(lambda words: matches(firms, words)))


@pages.get("/staff/partners.csv")
@requires(Permission.PARTNERS_READ)
def partners_csv() -> Any:
    """The same list as a file: every firm of it, however many there are."""
    head = (
        "id",
        "name",
        "country",
        "region",
        "city",
        "type",
        "tier",
        "status",
        "website",
        "tax_id",
        "manager",
        "plan",
        "created_at",
    )
    return csv_response(f"partners-{clock.now():%Y-%m-%d}", head, session.execute(as_lines(_filtered())))


@pages.route("/staff/partners/new", methods=["GET", "POST"])
@requires(Permission.PARTNERS_WRITE)
def new_partner() -> Any:
    """A firm by hand: its agreement is signed on paper."""
    form = NewPartnerForm()
    if form.was_sent_and_holds():
        try:
            partner = operations.make_partner(
                name=form.name.data,
                country=form.country.data,
                city=form.city.data,
                website=form.website.data,
                type=form.type.data,
                tier=form.tier.data,
                plan=form.plan.data,
                by=signed_in_user(),
            )
            _add_its_admin(partner, form)
        except InvalidInput as problem:
            form.complain(problem)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(
                _(
                    "%(name)s is a partner. An invitation is on its way to %(email)s.",
                    name=partner.name,
                    email=form.admin_email.data,
                ),
                "good",
            )
            return redirect(url_for("partners.partner", partner_id=partner.id))
    return render_template("partners/staff/new_partner.html", form=form), form.status


def _add_its_admin(partner: Partner, form: NewPartnerForm) -> None:
    """Invites whom the form names. Raises InvalidInput at its fields."""
    try:
        operations.add_member(
            partner,
            email=form.admin_email.data,
            name=form.admin_name.data,
            role=Role.PARTNER_ADMIN,
            by=signed_in_user(),
        )
    except InvalidInput as problem:
        raise InvalidInput({f"admin_{where}": said for where, said in problem.problems.items()}) from problem
    except Refusal as refusal:
        raise InvalidInput({"admin_email": refusal.sentence}) from refusal


def _partner(partner_id: int) -> Partner:
    rows = with_people(partners_visible_to(signed_in_user()).where(Partner.id == partner_id))
    return session.scalar(rows) or abort(404)


def _to(partner: Partner) -> Any:
    return redirect(url_for("partners.partner", partner_id=partner.id))


@pages.get("/staff/partners/<int:partner_id>")
@requires(Permission.PARTNERS_READ)
def partner(partner_id: int) -> Any:
    """A firm: facts, people, agreement, first steps, what happened, and what domains above know of it.

    The page of a firm that was merged leads to the one it is now.
    """
    firm = _partner(partner_id)
    if firm.merged_into_id is not None:
        flash(_("%(name)s was merged into this firm.", name=firm.name))
        return redirect(url_for("partners.partner", partner_id=firm.merged_into_id))
    return _page(firm)


def _page(firm: Partner, status: int = 200, **forms: Any) -> Any:
    activities = (
        sa.select(Activity)
        .where(Activity.partner_id == firm.id)
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(25)
    )
    members = session.scalars(queries.members_of(firm).limit(MOST_PEOPLE)).all()
    return render_template(
        "partners/staff/partner.html",
        partner=firm,
        members=members,
        bounced=bounced_among([row.user.email for row in members if row.is_active]),
        acceptance=queries.valid_agreement(firm),
        accepted=session.scalars(versions.acceptances_of(firm)).all(),
        current=queries.current_agreement(),
        checklist=first_steps.checklist(firm),
        branches=session.scalars(branches_of(firm)).all(),
        places=places_of(firm),
        invited=session.scalars(invitations_of(firm).limit(operations.MOST_OPEN)).all(),
        activities=session.scalars(activities).all(),
        products=queries.products_by_code(),
        services=queries.services_by_code(),
        reason=forms.get("reason") or ReasonForm(),
        plan=plans_on_offer().get(firm.plan_code, firm.plan_code),
        may_write=signed_in_user().may(Permission.PARTNERS_WRITE),
    ), status


@pages.route("/staff/partners/<int:partner_id>/profile", methods=["GET", "POST"])
@requires(Permission.PARTNERS_WRITE)
def partner_profile(partner_id: int) -> Any:
    """The firm's profile, changed by the vendor."""
    firm = _partner(partner_id)
    form = FirmForm(firm)
    if form.was_sent_and_holds():
        try:
            operations.change_partner(firm, by=signed_in_user(), **form.changes())
            flash(_("Saved; it holds from now on."), "good")
            return _to(firm)
        except InvalidInput as problem:
            form.complain(problem)
    back = url_for("partners.partner", partner_id=firm.id)
    return render_template("partners/firm_profile.html", form=form, back=back, by_staff=True), form.status


@pages.route("/staff/partners/<int:partner_id>/tier", methods=["GET", "POST"])
@requires(Permission.PARTNERS_WRITE)
def partner_tier(partner_id: int) -> Any:
    """A tier by hand: a floor or exactly, until a day, with the reason."""
    firm = _partner(partner_id)
    form = TierHoldForm(data={"tier": firm.tier, "until": programme_today() + USUAL_HOLD})
    if form.was_sent_and_holds():
        try:
            hold = operations.hold_tier(
                firm,
                form.tier.data,
                kind=form.kind.data,
                until=form.until.data,
                reason=form.reason.data,
                by=signed_in_user(),
            )
            flash(
                _(
                    "%(name)s is %(tier)s, held by hand until %(day)s.",
                    name=firm.name,
                    tier=firm.tier_row.label,
                    day=format_day(hold.until),
                ),
                "good",
            )
            return redirect(url_for("partners.partner_standing", partner_id=firm.id))
        except InvalidInput as problem:
            form.complain(problem)
    title = _("Tier of %(name)s", name=firm.name)
    return render_template(
        "partners/staff/one_form.html", form=form, title=title, verb=_("Set the tier"), partner=firm
    ), form.status


@pages.route("/staff/partners/<int:partner_id>/earns-by", methods=["GET", "POST"])
@requires(Permission.PARTNERS_WRITE)
def partner_earns_by(partner_id: int) -> Any:
    """Another plan, by which the firm's sales earn from now on."""
    firm = _partner(partner_id)
    form = PlanOfFirmForm(firm)
    if form.was_sent_and_holds():
        operations.change_partner(firm, plan_code=form.plan.data, by=signed_in_user())
        flash(_("Saved; sales that come from now on earn by this plan."), "good")
        return _to(firm)
    title = _("Plan of %(name)s", name=firm.name)
    return render_template(
        "partners/staff/one_form.html", form=form, title=title, verb=_("Save"), partner=firm
    ), form.status


@pages.post("/staff/partners/<int:partner_id>/suspension")
@requires(Permission.PARTNERS_WRITE)
def partner_suspension(partner_id: int) -> Any:
    """No leads, claims or payouts until reinstated."""
    firm = _partner(partner_id)
    form = ReasonForm()
    if form.was_sent_and_holds():
        try:
            operations.suspend_partner(firm, reason=form.reason.data, by=signed_in_user())
            flash(_("%(name)s is suspended; its admins are told why.", name=firm.name), "good")
            return _to(firm)
        except InvalidInput as problem:
            form.complain(problem)
    return _page(firm, 422, reason=form)


@pages.post("/staff/partners/<int:partner_id>/reinstatement")
@requires(Permission.PARTNERS_WRITE)
def partner_reinstatement(partner_id: int) -> Any:
    """Ends a suspension."""
    firm = _partner(partner_id)
    form = ReasonForm()
    if form.was_sent_and_holds():
        try:
            operations.reinstate_partner(firm, reason=form.reason.data, by=signed_in_user())
            flash(_("%(name)s takes part again.", name=firm.name), "good")
            return _to(firm)
        except InvalidInput as problem:
            form.complain(problem)
    return _page(firm, 422, reason=form)


@pages.post("/staff/partners/<int:partner_id>/agreement-on-paper")
@requires(Permission.PARTNERS_WRITE)
def partner_agreement_on_paper(partner_id: int) -> Any:
    """Notes that the firm signed the current version on paper."""
    firm = _partner(partner_id)
    current = queries.current_agreement() or abort(404)
    operations.accept_agreement(firm, current, by=signed_in_user(), on_paper=True)
    flash(_("Noted."), "good")
    return _to(firm)


@pages.route("/staff/partners/<int:partner_id>/members/new", methods=["GET", "POST"])
@requires(Permission.PARTNERS_WRITE)
def new_partner_member(partner_id: int) -> Any:
    """Invites somebody of the firm, for instance an admin to replace one who is gone."""
    firm = _partner(partner_id)
    form = MemberForm()
    if form.was_sent_and_holds():
        try:
            operations.add_member(
                firm, email=form.email.data, name=form.name.data, role=form.role.data, by=signed_in_user()
            )
            flash(_("An invitation is on its way to %(email)s.", email=form.email.data), "good")
            return _to(firm)
        except InvalidInput as problem:
            form.complain(problem)
        except Refusal as refusal:
            form.refuse(refusal, at="email")
    back = url_for("partners.partner", partner_id=firm.id)
    return render_template("partners/new_member.html", form=form, partner=firm, back=back), form.status


def _member(firm: Partner, member_id: int) -> Member:
    return session.scalar(queries.members_of(firm).where(Member.id == member_id)) or abort(404)


@pages.get("/staff/partners/<int:partner_id>/members/<int:member_id>")
@requires(Permission.PARTNERS_WRITE)
def partner_member(partner_id: int, member_id: int) -> Any:
    """A person of the firm."""
    firm = _partner(partner_id)
    return _member_page(firm, _member(firm, member_id), MemberLeavingForm(formdata=None))


def _member_page(firm: Partner, member: Member, leaving: MemberLeavingForm) -> Any:
    return render_template(
        "partners/staff/partner_member.html",
        partner=firm,
        member=member,
        bounced=bounced_among([member.user.email]).get(member.user.email),
        leaving=leaving.prepare(successors_of(member)),
        open_work=open_work_of(member),
    ), leaving.status


@pages.post("/staff/partners/<int:partner_id>/members/<int:member_id>/mail-settlement")
@requires(Permission.PARTNERS_WRITE)
def partner_member_mail_settlement(partner_id: int, member_id: int) -> Any:
    """Mail reaches somebody of the firm again."""
    firm = _partner(partner_id)
    member = _member(firm, member_id)
    operations.see_to_member_mail(member, by=signed_in_user())
    flash(_("Mail to %(email)s is tried again from now on.", email=member.user.email), "good")
    return redirect(url_for("partners.partner_member", partner_id=firm.id, member_id=member.id))


@pages.post("/staff/partners/<int:partner_id>/members/<int:member_id>/invitation")
@requires(Permission.PARTNERS_WRITE)
def partner_member_invitation(partner_id: int, member_id: int) -> Any:
    """Mails the invitation once more."""
    firm = _partner(partner_id)
    member = _member(firm, member_id)
    operations.invite_member_again(member, by=signed_in_user())
    flash(_("An invitation is on its way to %(email)s.", email=member.user.email), "good")
    return redirect(url_for("partners.partner_member", partner_id=firm.id, member_id=member.id))


@pages.post("/staff/partners/<int:partner_id>/members/<int:member_id>/removal")
@requires(Permission.PARTNERS_WRITE)
def partner_member_removal(partner_id: int, member_id: int) -> Any:
    """Takes somebody out of the firm at once, and hands on what they had open."""
    firm = _partner(partner_id)
    member = _member(firm, member_id)
    form = MemberLeavingForm().prepare(successors_of(member))
    if form.was_sent_and_holds():
        try:
            operations.remove_member(
                member, successor=form.chosen, note=form.note.data or "", by=signed_in_user()
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("%(name)s can no longer sign in.", name=member.user.name), "good")
            return _to(firm)
    return _member_page(firm, member, form)


@pages.get("/staff/onboarding")
@requires(Permission.PARTNERS_WRITE)
def onboarding() -> Any:
    """How far new firms have come: a funnel over all those added in the last 120 days, and who is late."""
    rows = first_steps.recently_added(signed_in_user())
    page = paginate(with_people(rows))
    return render_template(
        "partners/staff/onboarding.html",
        page=page,
        funnel=first_steps.funnel(rows),
        progress=first_steps.checklists(page.items),
    )
