"""How far a statement came: sent, received, signed; and the partner's signature."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from markupsafe import Markup

from accounts.access import requires, signed_in_user, visitor
from accounts.models import User
from accounts.permissions import Permission
from commissions.models import Statement
from commissions.operations.signing import sign_statement
from commissions.queries.payouts import statements_visible_to
from commissions.views import pages
from core.database import session
from core.i18n import gettext as _
from core.slots import fills, rendered


@fills("commissions.statement.aside", order=10)
def delivery_of_a_statement(statement: Statement, **_more: Any) -> Markup | None:
    """Sent, received, signed, and the button of who may sign."""
    person = visitor()
    if person is None:
        return None
    signer = session.get(User, statement.signed_by_id) if statement.signed_by_id is not None else None
    return rendered(
        "commissions/statements/_delivery.html",
        statement=statement,
        signer=signer,
        may_sign=not person.is_staff
        and person.may(Permission.PROFILE_MANAGE)
        and statement.signed_at is None,
    )


@pages.post("/statements/<number>/signature")
@requires(Permission.PROFILE_MANAGE)
def statement_signature(number: str) -> Any:
    """The partner accepts the month as it was shown."""
    user = signed_in_user()
    found = session.scalar(statements_visible_to(user).where(Statement.number == number)) or abort(404)
    sign_statement(found, digest=request.form.get("digest", ""), by=user)
    flash(_("Signed. The vendor sees it."), "good")
    return redirect(url_for("commissions.statement", number=number))
