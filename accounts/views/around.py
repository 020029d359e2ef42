"""What stands around every page: search, the bell, and looking at the portal as somebody else."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask import session as cookie

from accounts.access import current_sign_in, own_path, requires, signed_in, signed_in_user, viewer
from accounts.models import User
from accounts.operations.viewing import begin_viewing, end_viewing
from accounts.permissions import Permission
from accounts.views import accounts
from core.database import session
from core.i18n import gettext as _
from core.navigation import waiting_at
from core.search import search
from core.slots import fills, rendered


@accounts.get("/search")
@signed_in
def find() -> Any:
    """Everything I may see that the words mean."""
    words = request.args.get("q", "")
    return render_template("accounts/search.html", words=words, groups=search(signed_in_user(), words))


@fills("core.bell")
def bell(person: User) -> Any:
    """How much has happened that I have not opened; nothing while somebody else looks."""
    if viewer() is not None:
        return None
    return rendered("accounts/_bell.html", count=waiting_at("core.bell", person))


@accounts.post("/viewing/<int:user_id>")
@requires(Permission.PORTAL_VIEW_AS)
def viewing(user_id: int) -> Any:
    """Looks at the portal as somebody of a partner, reading only."""
    whom = session.get(User, user_id)
    if whom is None or whom.is_staff or whom.is_machine:
        abort(404)
    begin_viewing(current_sign_in(), whom)
    cookie["looked_from"] = own_path(request.referrer)
    return redirect(url_for("core.home"))


@accounts.post("/viewing/end")
@signed_in
def viewing_end() -> Any:
    """Back to my own view, where I left it."""
    end_viewing(current_sign_in())
    flash(_("You see the portal as yourself again."), "good")
    return redirect(own_path(cookie.pop("looked_from", None)))
