"""Personal data, for who looks after people: anybody's by e-mail address, and how long what is kept."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts import queries
from accounts.access import confirms_password, requires, signed_in_user
from accounts.forms import ErasureForm
from accounts.models import User
from accounts.operations import erasure
from accounts.permissions import Permission
from accounts.views import accounts
from accounts.views.my_data import erased_as_typed
from core import contacts, personal_data, retention
from core.activity import Activity
from core.database import session
from core.i18n import gettext as _
from core.pagination import paginate
from core.personal_data import Person
from core.trail import find_activities


def _asked_about(email: str) -> Person | None:
    address = contacts.normalise_email(email) if email else None
    return erasure.person_behind(address) if address else None


def _person_asked_about() -> Person:
    return _asked_about(request.values.get("email", "")) or abort(404)


@accounts.get("/staff/personal-data", endpoint="personal_data")
@requires(Permission.PEOPLE_MANAGE)
def personal_data_page() -> Any:
    """Whatever is held about an e-mail address, whoever it belongs to: a user, a lead's contact, a guest."""
    typed = request.args.get("email", "")
    person = _asked_about(typed)
    return render_template(
        "accounts/staff/personal_data.html",
        typed=typed,
        person=person,
        held=personal_data.held_of(person) if person is not None else [],
        exports=session.scalars(queries.data_exports_for(signed_in_user())).all(),
    )


@accounts.post("/staff/personal-data/export")
@requires(Permission.PEOPLE_MANAGE)
def personal_data_export() -> Any:
    """Has the file made, since its person asked for it."""
    person = _person_asked_about()
    erasure.ask_for_data(person, by=signed_in_user())
    flash(_("The file is being made. We write to you when it is there."), "good")
    return redirect(url_for("accounts.personal_data", email=person.email))


@accounts.route("/staff/personal-data/erasure", methods=["GET", "POST"])
@requires(Permission.PEOPLE_MANAGE)
@confirms_password
def personal_data_erasure() -> Any:
    """Erases somebody, after their address was typed."""
    person = _person_asked_about()
    me = signed_in_user()
    form = ErasureForm()
    user = session.get(User, person.user_id) if person.user_id is not None else None
    is_me = person.user_id == me.id
    if erased_as_typed(form, person, user.locale if user is not None else None, by=me):
        flash(_("What named them is gone."), "good")
        return redirect(url_for("accounts.sign_in") if is_me else url_for("accounts.personal_data"))
    return render_template(
        "accounts/staff/erasure.html", form=form, person=person, held=personal_data.held_of(person)
    ), form.status


@accounts.get("/staff/retention")
@requires(Permission.PEOPLE_MANAGE)
def retention_rules() -> Any:
    """How long what is kept, how much the next night would take, and what earlier nights took."""
    return render_template(
        "accounts/staff/retention.html",
        rules=list(retention.RULES.values()),
        page=paginate(
            find_activities(verb=retention.RetentionKept.verb).order_by(None).order_by(Activity.id.desc())
        ),
        labels={code: rule.label for code, rule in retention.RULES.items()},
    )


@accounts.post("/staff/retention/run")
@requires(Permission.SETTINGS_CHANGE)
@confirms_password
def retention_run() -> Any:
    """Has it done now instead of in the night."""
    retention.keep_every_rule({})
    flash(_("It is being done. What went will stand below."), "good")
    return redirect(url_for("accounts.retention_rules"))
