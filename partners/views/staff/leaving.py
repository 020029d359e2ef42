"""A firm leaves, turns out to be another one, or becomes a branch: the other firm is chosen, then it is confirmed."""

from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.digits import number_in
from core.errors import InvalidInput
from core.i18n import gettext as _
from partners import operations
from partners.forms.leaving import LeavingForm
from partners.models import Partner, PartnerStatus
from partners.queries.leaving import consequences_of_leaving, consequences_of_merging
from partners.queries.partners import partners_matching, partners_visible_to, with_people
from partners.views import partners as pages
from partners.views.standing import partner_or_404

#: So many firms are shown to choose from; more words find others.
MOST_FOUND = 12


def _others(firm: Partner, *statuses: PartnerStatus) -> sa.Select[Partner]:
    return with_people(partners_visible_to(signed_in_user())).where(
        Partner.id != firm.id, Partner.status.in_(statuses), Partner.merged_into_id.is_(None)
    )


def _found(rows: sa.Select[Partner]) -> list[Partner]:
    """The firms that the words in the address mean; none without words."""
    words = request.args.get("q", "").strip()[:200]
    if not words:
        return []
    return list(session.scalars(partners_matching(rows, text=words).limit(MOST_FOUND)))


def _chosen(rows: sa.Select[Partner]) -> Partner | None:
    number = number_in(request.values.get("other"))
    if number is None:
        return None
    return session.scalar(rows.where(Partner.id == number)) or abort(404)


@pages.route("/staff/partners/<int:partner_id>/termination", methods=["GET", "POST"])
@requires(Permission.PARTNERS_WRITE)
def partner_termination(partner_id: int) -> Any:
    """Ends the partnership: who takes over, what happens in words, why."""
    firm = partner_or_404(partner_id)
    rows = _others(firm, PartnerStatus.ACTIVE)
    heir = _chosen(rows)
    form = LeavingForm(data={"other": str(heir.id) if heir else ""})
    if form.was_sent_and_holds():
        try:
            operations.terminate_partner(firm, reason=form.reason.data, heir=heir, by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("%(name)s has left the programme.", name=firm.name), "good")
            return redirect(url_for("partners.partner_handing_on", partner_id=firm.id))
    return render_template(
        "partners/staff/leaving/termination.html",
        partner=firm,
        form=form,
        other=heir,
        found=_found(rows),
        consequences=consequences_of_leaving(firm, heir),
    ), form.status


@pages.route("/staff/partners/<int:partner_id>/merging", methods=["GET", "POST"])
@requires(Permission.PARTNERS_WRITE)
def partner_merging(partner_id: int) -> Any:
    """Merges the firm into the one it was all along: side by side, what moves in words, why."""
    firm = partner_or_404(partner_id)
    rows = _others(firm, PartnerStatus.ONBOARDING, PartnerStatus.ACTIVE, PartnerStatus.SUSPENDED)
    survivor = _chosen(rows)
    form = LeavingForm(data={"other": str(survivor.id) if survivor else ""})
    if survivor is not None and form.was_sent_and_holds():
        try:
            operations.merge_partners(firm, survivor, reason=form.reason.data, by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("%(name)s is %(other)s now.", name=firm.name, other=survivor.name), "good")
            return redirect(url_for("partners.partner", partner_id=survivor.id))
    return render_template(
        "partners/staff/leaving/merging.html",
        partner=firm,
        form=form,
        other=survivor,
        found=_found(rows),
        consequences=consequences_of_merging(firm, survivor) if survivor is not None else [],
    ), form.status


@pages.route("/staff/partners/<int:partner_id>/parent", methods=["GET", "POST"])
@requires(Permission.PARTNERS_WRITE)
def partner_parent(partner_id: int) -> Any:
    """Whose branch the firm is."""
    firm = partner_or_404(partner_id)
    rows = _others(firm, PartnerStatus.ONBOARDING, PartnerStatus.ACTIVE, PartnerStatus.SUSPENDED).where(
        Partner.parent_id.is_(None)
    )
    problem = ""
    if request.method == "POST":
        parent = _chosen(rows)
        try:
            if parent is None:
                operations.free_branch(firm, by=signed_in_user())
                flash(_("%(name)s stands by itself.", name=firm.name), "good")
            else:
                operations.make_branch(firm, parent, by=signed_in_user())
                flash(_("%(name)s is a branch of %(other)s.", name=firm.name, other=parent.name), "good")
            return redirect(url_for("partners.partner", partner_id=firm.id))
        except InvalidInput as refused:
            problem = refused.problems["parent"]
    return render_template(
        "partners/staff/leaving/parent.html", partner=firm, found=_found(rows), problem=problem
    ), 422 if problem else 200
