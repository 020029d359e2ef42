"""Inviting somebody into one's firm: whom we have asked, and the page behind the mailed link."""

from typing import Any

from flask import abort, flash, g, redirect, render_template, url_for

from accounts import access
from accounts.access import public, requires, signed_in_user
from accounts.forms import InvitationForm
from accounts.limits import per_address
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from partners import operations, queries
from partners.models import Invitation
from partners.queries.invitations import good_invitation, invitations_of, who_holds
from partners.views import partners


def _invitation(invitation_id: int) -> Invitation:
    firm = queries.partner_of(signed_in_user()) or abort(404)
    return session.scalar(invitations_of(firm).where(Invitation.id == invitation_id)) or abort(404)


@partners.post("/members/invitations/<int:invitation_id>/again")
@requires(Permission.FIRM_MANAGE)
@per_address("30 per hour")
def invitation_again(invitation_id: int) -> Any:
    """Mails a fresh link, good for seven days from now."""
    row = _invitation(invitation_id)
    operations.invite_colleague_again(row, by=signed_in_user())
    flash(_("Invited. %(email)s has seven days to answer.", email=row.email), "good")
    return redirect(url_for("partners.members"))


@partners.post("/members/invitations/<int:invitation_id>/withdrawal")
@requires(Permission.FIRM_MANAGE)
def invitation_withdrawal(invitation_id: int) -> Any:
    """The link works no more."""
    row = _invitation(invitation_id)
    operations.withdraw_invitation(row, by=signed_in_user())
    flash(_("Withdrawn: the link for %(email)s works no more.", email=row.email), "good")
    return redirect(url_for("partners.members"))


@partners.route("/firm/invitation/<secret>", methods=["GET", "POST"])
@public
@per_address("60 per hour")
def firm_invitation(secret: str) -> Any:
    """For whoever has the mailbox: a password, and they belong to the firm.

    Who belongs elsewhere is told what they can do.
    """
    g.no_referrer = True
    invitation = good_invitation(secret)
    if invitation is None or invitation.partner.has_left:
        return render_template("partners/invitation_over.html"), 404
    holder = who_holds(invitation.email)
    form = InvitationForm(name=invitation.name)
    if holder is None and form.was_sent_and_holds():
        try:
            user = operations.accept_colleague_invitation(
                invitation, name=form.name.data, password=form.password.data
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return access.let_in(user, _("Welcome, %(name)s.", name=user.name))
    return render_template(
        "partners/invitation.html", form=form, invitation=invitation, holder=holder
    ), form.status
