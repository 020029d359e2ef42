"""For the people of a firm: its profile, people, agreement and keys."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import confirms_password, requires, signed_in_user
from accounts.limits import per_address
from accounts.models import ApiKey
from accounts.permissions import Permission
from core.bounces import bounced_among
from core.database import session
from core.differences import changes
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from partners import operations, queries
from partners.forms import AcceptForm, FirmForm, KeyForm, MemberForm, RoleForm
from partners.forms.leaving import MemberLeavingForm
from partners.models import Member, Partner
from partners.operations.members import partner_keys
from partners.queries import agreements as versions
from partners.queries import onboarding
from partners.queries.contacts import people_of
from partners.queries.invitations import invitations_of, mail_came_back
from partners.queries.leaving import open_work_of, successors_of
from partners.views import partners


def _firm() -> Partner:
    return queries.partner_of(signed_in_user()) or abort(404)


@partners.get("/firm")
@requires(Permission.FIRM_READ)
def firm() -> Any:
    """Our firm as the programme knows it."""
    partner = _firm()
    return render_template(
        "partners/firm.html",
        partner=partner,
        first_steps=onboarding.open_checklist(partner),
        products=queries.products_by_code(),
        services=queries.services_by_code(),
        your_people=people_of(partner),
    )


@partners.route("/firm/profile", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def firm_profile() -> Any:
    """What leads are matched by."""
    partner = _firm()
    form = FirmForm(partner)
    if form.was_sent_and_holds():
        try:
            operations.change_partner(partner, by=signed_in_user(), **form.changes())
            flash(_("Saved; it holds from now on."), "good")
            return redirect(url_for("partners.firm"))
        except InvalidInput as problem:
            form.complain(problem)
    back = url_for("partners.firm")
    return render_template("partners/firm_profile.html", form=form, back=back, by_staff=False), form.status


@partners.post("/firm/pause")
@requires(Permission.FIRM_MANAGE)
def firm_pause() -> Any:
    """No new leads for a while."""
    operations.pause_partner(_firm(), by=signed_in_user())
    flash(_("Paused: no new leads until you resume."), "good")
    return redirect(url_for("partners.firm"))


@partners.post("/firm/resumption")
@requires(Permission.FIRM_MANAGE)
def firm_resumption() -> Any:
    """Leads again."""
    operations.resume_partner(_firm(), by=signed_in_user())
    flash(_("Leads reach you again."), "good")
    return redirect(url_for("partners.firm"))


@partners.get("/members")
@requires(Permission.FIRM_READ)
def members() -> Any:
    """Our people and their roles, and whom we have invited."""
    partner = _firm()
    page = paginate(queries.members_of(partner))
    invited = list(session.scalars(invitations_of(partner).limit(operations.MOST_OPEN)))
    return render_template(
        "partners/members.html",
        partner=partner,
        page=page,
        bounced=bounced_among([row.user.email for row in page.items if row.is_active]),
        invited=invited,
        came_back=mail_came_back(invited),
    )


@partners.route("/members/new", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
@per_address("30 per hour")
def new_member() -> Any:
    """Invites a colleague, who gets a mail; so often at most, since anybody's address can be typed."""
    partner = _firm()
    form = MemberForm()
    if form.was_sent_and_holds():
        try:
            operations.invite_colleague(
                partner, email=form.email.data, name=form.name.data, role=form.role.data, by=signed_in_user()
            )
            flash(_("Invited. %(email)s has seven days to answer.", email=form.email.data), "good")
            return redirect(url_for("partners.members"))
        except InvalidInput as problem:
            form.complain(problem)
    back = url_for("partners.members")
    return render_template("partners/new_member.html", form=form, partner=partner, back=back), form.status


def _colleague(member_id: int) -> Member:
    return session.scalar(queries.members_of(_firm()).where(Member.id == member_id)) or abort(404)


@partners.route("/members/<int:member_id>/role", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def member_role(member_id: int) -> Any:
    """Another role for a colleague, who signs in anew."""
    member = _colleague(member_id)
    form = RoleForm(data={"role": str(member.user.role)})
    if form.was_sent_and_holds():
        operations.change_member_role(member, form.role.data, by=signed_in_user())
        flash(_("%(name)s: %(role)s.", name=member.user.name, role=member.user.role.label), "good")
        return redirect(url_for("partners.members"))
    return _member_page(member, form, MemberLeavingForm(formdata=None))


def _member_page(member: Member, form: RoleForm, leaving: MemberLeavingForm) -> Any:
    return render_template(
        "partners/member_role.html",
        form=form,
        member=member,
        bounced=bounced_among([member.user.email]).get(member.user.email),
        leaving=leaving.prepare(successors_of(member)),
        open_work=open_work_of(member),
    ), max(form.status, leaving.status)


@partners.post("/members/<int:member_id>/mail-settlement")
@requires(Permission.FIRM_MANAGE)
def member_mail_settlement(member_id: int) -> Any:
    """Mail reaches a colleague again."""
    member = _colleague(member_id)
    operations.see_to_member_mail(member, by=signed_in_user())
    flash(_("Mail to %(email)s is tried again from now on.", email=member.user.email), "good")
    return redirect(url_for("partners.members"))


@partners.post("/members/<int:member_id>/removal")
@requires(Permission.FIRM_MANAGE)
def member_removal(member_id: int) -> Any:
    """Takes a colleague out of the firm at once, and hands on what they had open."""
    member = _colleague(member_id)
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
            return redirect(url_for("partners.members"))
    return _member_page(member, RoleForm(formdata=None, data={"role": str(member.user.role)}), form)


@partners.post("/members/<int:member_id>/invitation")
@requires(Permission.FIRM_MANAGE)
def member_invitation(member_id: int) -> Any:
    """Mails the invitation once more."""
    member = _colleague(member_id)
    operations.invite_member_again(member, by=signed_in_user())
    flash(_("An invitation is on its way to %(email)s.", email=member.user.email), "good")
    return redirect(url_for("partners.members"))


@partners.get("/agreement")
@requires(Permission.FIRM_READ)
def agreement() -> Any:
    """The agreement in force, and what we accepted."""
    return _agreement_page(AcceptForm())


@partners.post("/agreement/acceptance")
@requires(Permission.AGREEMENT_ACCEPT)
def agreement_acceptance() -> Any:
    """Accepts the version that was on the page, for the firm."""
    partner = _firm()
    form = AcceptForm()
    current = queries.current_agreement() or abort(404)
    if form.was_sent_and_holds():
        was_active = partner.is_active
        operations.accept_agreement(partner, current, text_hash=form.text_hash.data, by=signed_in_user())
        is_first = partner.is_active and not was_active
        flash(
            _("Accepted. %(name)s takes part from now on.", name=partner.name)
            if is_first
            else _("Accepted."),
            "good",
        )
        return redirect(url_for("core.home" if is_first else "partners.agreement"))
    return _agreement_page(form)


def _agreement_page(form: AcceptForm) -> Any:
    partner = _firm()
    current = queries.current_agreement()
    if current is not None:
        form.text_hash.data = current.text_hash
    accepted = session.scalars(versions.acceptances_of(partner)).all()
    is_accepted = any(row.agreement_id == current.id for row in accepted) if current else False
    asks_anew = current is not None and bool(accepted) and not is_accepted
    return render_template(
        "partners/agreement.html",
        partner=partner,
        current=current,
        accepted=accepted,
        is_accepted=is_accepted,
        is_late=current is not None and versions.is_overdue(current),
        changed=changes(accepted[0].agreement.said_text, current.said_text) if current and asks_anew else [],
        form=form,
    ), 422 if request.method == "POST" else 200


@partners.route("/firm/api-keys", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
@confirms_password
def firm_api_keys() -> Any:
    """The keys of our own programs; a new one is shown once."""
    partner = _firm()
    form = KeyForm()
    secret = None
    if form.was_sent_and_holds():
        try:
            _key, secret = operations.make_partner_key(
                partner, name=form.name.data, scopes=form.scopes.data, by=signed_in_user()
            )
            form = KeyForm(formdata=None)
        except InvalidInput as problem:
            form.complain(problem)
    keys = session.scalars(partner_keys(partner).limit(100)).all()
    status = 200 if secret else form.status
    return render_template("partners/firm_api_keys.html", form=form, keys=keys, secret=secret), status


@partners.post("/firm/api-keys/<int:key_id>/revocation")
@requires(Permission.FIRM_MANAGE)
def firm_api_key_revocation(key_id: int) -> Any:
    """Stops one of our keys from working."""
    key = session.scalar(partner_keys(_firm()).where(ApiKey.id == key_id)) or abort(404)
    operations.revoke_partner_key(key, by=signed_in_user())
    flash(_("%(name)s no longer works.", name=key.name), "good")
    return redirect(url_for("partners.firm_api_keys"))
