"""What programme admins look after: people, settings, keys, jobs, the audit trail, and the permissions on one page."""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for

from accounts import emails, operations, queries
from accounts.access import confirms_password, requires, signed_in_user
from accounts.forms import ApiKeyForm, StaffInvitationForm, StaffPersonForm
from accounts.images import logo_from
from accounts.models import ApiKey, User
from accounts.permissions import MATRIX, PARTNER_ROLES, SCOPES, STAFF_ROLES, Permission, Role
from accounts.views import accounts
from core import bounces, clock, jobs, trail
from core import settings as programme
from core.activity import SAID, Activity
from core.database import session
from core.errors import InvalidInput, Refusal
from core.exports import csv_response
from core.gallery import samples
from core.i18n import current_locale
from core.i18n import gettext as _
from core.pagination import paginate


@accounts.get("/staff/people")
@requires(Permission.PEOPLE_MANAGE)
def people() -> Any:
    """Everybody who works for the vendor, or with ``?side=partner`` everybody who works for a partner."""
    side = "partner" if request.args.get("side") == "partner" else "staff"
    found = queries.people(PARTNER_ROLES if side == "partner" else STAFF_ROLES, request.args.get("q", ""))
    page = paginate(found)
    bounced = bounces.bounced_among([user.email for user in page.items])
    return render_template("accounts/staff/people.html", page=page, side=side, bounced=bounced)


@accounts.route("/staff/people/new", methods=["GET", "POST"])
@requires(Permission.PEOPLE_MANAGE)
def new_person() -> Any:
    """Invites a colleague."""
    form = StaffInvitationForm()
    if form.was_sent_and_holds():
        me = signed_in_user()
        try:
            user, secret = operations.invite_person(
                email=form.email.data,
                name=form.name.data,
                role=Role(form.role.data),
                locale=form.locale.data,
                by=me,
            )
        except Refusal as refusal:
            form.refuse(refusal, at="email")
        else:
            emails.invite(user, secret, by_name=me.name)
            flash(_("An invitation is on its way to %(email)s.", email=user.email), "good")
            return redirect(url_for("accounts.people"))
    return render_template("accounts/staff/new_person.html", form=form), form.status


def _colleague(user_id: int) -> User:
    user: User = session.scalar(queries.staff().where(User.id == user_id)) or abort(404)
    return user


def _person(user_id: int) -> User:
    """Anybody who signs in: a colleague or a partner's member."""
    user = session.get(User, user_id)
    return user if user is not None and not user.is_machine and not user.is_erased else abort(404)


@accounts.route("/staff/people/<int:user_id>", methods=["GET", "POST"])
@requires(Permission.PEOPLE_MANAGE)
def person(user_id: int) -> Any:
    """A colleague's name and role, and anybody's ways in. A partner's people are changed by their own admin."""
    user = _person(user_id)
    form = StaffPersonForm(obj=user)
    if user.is_staff and form.was_sent_and_holds():
        operations.change_person(
            user,
            name=form.name.data,
            role=Role(form.role.data),
            locale=user.locale,
            time_zone=user.time_zone,
            theme=user.theme,
            by=signed_in_user(),
        )
        flash(_("Saved."), "good")
        return redirect(url_for("accounts.people"))
    bounced = bounces.bounced_among([user.email]).get(user.email)
    return render_template("accounts/staff/person.html", form=form, user=user, bounced=bounced), form.status


@accounts.post("/staff/people/<int:user_id>/suspension")
@requires(Permission.PEOPLE_MANAGE)
def person_suspension(user_id: int) -> Any:
    """Ends somebody's access at once."""
    user = _person(user_id)
    operations.suspend_person(user, by=signed_in_user())
    flash(_("%(name)s can no longer sign in.", name=user.name), "good")
    return redirect(url_for("accounts.person", user_id=user.id))


@accounts.post("/staff/people/<int:user_id>/reinstatement")
@requires(Permission.PEOPLE_MANAGE)
def person_reinstatement(user_id: int) -> Any:
    """Gives somebody access again."""
    user = _person(user_id)
    operations.reinstate_person(user, by=signed_in_user())
    flash(_("%(name)s can sign in again.", name=user.name), "good")
    return redirect(url_for("accounts.person", user_id=user.id))


@accounts.post("/staff/people/<int:user_id>/second-factor-reset")
@requires(Permission.PEOPLE_MANAGE)
@confirms_password
def person_factors_reset(user_id: int) -> Any:
    """For a colleague or a partner's member who lost phone, keys and codes."""
    user = _person(user_id)
    operations.reset_factors(user, by=signed_in_user())
    flash(_("%(name)s can sign in with the password and add a new factor.", name=user.name), "good")
    return redirect(url_for("accounts.person", user_id=user.id))


@accounts.post("/staff/people/<int:user_id>/invitation")
@requires(Permission.PEOPLE_MANAGE)
def person_invitation(user_id: int) -> Any:
    """Mails the invitation once more."""
    user = _colleague(user_id)
    emails.invite(user, operations.invite_again(user, by=signed_in_user()), by_name=signed_in_user().name)
    flash(_("An invitation is on its way to %(email)s.", email=user.email), "good")
    return redirect(url_for("accounts.people"))


@accounts.route("/staff/settings", methods=["GET", "POST"])
@requires(Permission.SETTINGS_CHANGE)
def settings() -> Any:
    """Every setting of the programme: value, bounds, default, who changed it when."""
    problems: dict[str, str] = {}
    typed: dict[str, str] = {}
    if request.method == "POST":
        # Of boxes that can be ticked together, an empty one says that they were on the page.
        typed = {
            key: ",".join(filter(None, request.form.getlist(key)))
            for key in programme.DECLARED
            if key in request.form
        }
        current_locale()  # what is said of the languages is said in the one that was spoken before
        try:
            programme.change_settings({**typed, **_new_logo()}, by=signed_in_user())
        except InvalidInput as problem:
            problems = problem.problems
        else:
            flash(_("Saved; it holds from now on."), "good")
            return redirect(url_for("accounts.settings"))
    groups: dict[str, list[programme.Setting[Any]]] = {}
    for setting in programme.DECLARED.values():
        groups.setdefault(str(setting.group), []).append(setting)
    body = render_template(
        "accounts/staff/settings.html",
        groups=groups,
        declared=programme.DECLARED,
        problems=problems,
        typed=typed,
    )
    return body, 422 if problems else 200


def _new_logo() -> dict[str, str]:
    """The picture that was chosen, as the setting keeps it; empty without one. Raises InvalidInput with its key."""
    upload = request.files.get(programme.LOGO.key)
    if upload is None or not upload.filename:
        return {}
    try:
        return {programme.LOGO.key: logo_from(upload.read())}
    except InvalidInput as problem:
        raise InvalidInput({programme.LOGO.key: " ".join(problem.problems.values())}) from problem


@accounts.get("/staff/permissions")
@requires(Permission.STAFF_PAGES)
def permissions() -> Any:
    """Who may do what, and which scope grants what."""
    return render_template(
        "accounts/staff/permissions.html",
        permissions=list(Permission),
        roles=[*PARTNER_ROLES, *STAFF_ROLES],
        matrix=MATRIX,
        scopes=SCOPES,
    )


@accounts.route("/staff/api-keys", methods=["GET", "POST"])
@requires(Permission.KEYS_MANAGE)
@confirms_password
def api_keys() -> Any:
    """The keys of machines; a new one is shown once."""
    form = ApiKeyForm()
    secret = None
    if form.was_sent_and_holds():
        expires = clock.now() + timedelta(days=int(form.days.data)) if form.days.data else None
        _key, secret = operations.make_api_key(
            name=form.name.data, scopes=form.scopes.data, expires_at=expires, by=signed_in_user()
        )
        form = ApiKeyForm(formdata=None)
    status = 200 if secret else form.status
    page = paginate(queries.api_keys())
    return render_template("accounts/staff/api_keys.html", form=form, secret=secret, page=page), status


@accounts.post("/staff/api-keys/<int:key_id>/revocation")
@requires(Permission.KEYS_MANAGE)
def api_key_revocation(key_id: int) -> Any:
    """Stops a key from working."""
    key = session.get(ApiKey, key_id) or abort(404)
    operations.revoke_api_key(key, by=signed_in_user())
    flash(_("%(name)s no longer works.", name=key.name), "good")
    return redirect(url_for("accounts.api_keys"))


@accounts.get("/staff/jobs", endpoint="jobs")
@requires(Permission.JOBS_MANAGE)
def jobs_page() -> Any:
    """What waits for the worker, and what it gave up on."""
    query = sa.select(jobs.Job).order_by(jobs.Job.id.desc())
    state = request.args.get("state", "")
    if state == "parked":
        query = query.where(jobs.Job.parked_at.is_not(None))
    elif state == "waiting":
        query = query.where(jobs.Job.finished_at.is_(None), jobs.Job.parked_at.is_(None))
    return render_template("accounts/staff/jobs.html", page=paginate(query))


@accounts.post("/staff/jobs/<int:job_id>/retry")
@requires(Permission.JOBS_MANAGE)
def job_retry(job_id: int) -> Any:
    """Gives a parked job another series of attempts."""
    jobs.retry_job(session.get(jobs.Job, job_id) or abort(404))
    flash(_("It will be tried again."), "good")
    return redirect(url_for("accounts.jobs"))


_MOST_EXPORTED = 50_000


@accounts.get("/staff/activity")
@requires(Permission.ACTIVITY_READ)
def activity() -> Any:
    """The audit trail, by words, deed, thing and time."""
    since, until = _day("since"), _day("until")
    query = trail.find_activities(
        words=request.args.get("q", ""),
        verb=request.args.get("deed", "")[:80],
        thing=request.args.get("thing", "")[:40],
        since=since,
        until=until,
    )
    if request.args.get("sort") == "when":
        query = query.order_by(None).order_by(Activity.id)
    if request.args.get("format") == "csv":
        return _activity_csv(query)
    return render_template(
        "accounts/staff/activity.html",
        page=paginate(query, size=50),
        deeds=sorted(((verb, str(said)) for verb, said in SAID.items()), key=lambda pair: pair[1]),
        things=sorted(((name, str(word)) for name, word in trail.THINGS.items()), key=lambda pair: pair[1]),
        thing_of=trail.thing_of,
        details_of=trail.details_of,
        since=since,
        until=until,
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _activity_csv(query: sa.Select[Activity]) -> Any:
    rows = session.scalars(query.limit(_MOST_EXPORTED))
    head = [_("When"), _("Who"), _("Deed"), _("Thing"), _("Details"), _("From")]
    return csv_response(
        "audit-trail",
        head,
        (
            [
                row.at,
                row.actor_name or _("The portal"),
                row.said,
                trail.thing_of(row),
                "; ".join(f"{word}: {text}" for word, text in trail.details_of(row)),
                row.address or "",
            ]
            for row in rows
        ),
    )


@accounts.get("/staff/settings/history")
@requires(Permission.SETTINGS_CHANGE)
def settings_history() -> Any:
    """Who changed which setting when, from what to what."""
    key = request.args.get("setting", "")
    setting = programme.DECLARED.get(key)
    page = paginate(trail.setting_changes(key if setting is not None else ""))
    return render_template(
        "accounts/staff/settings_history.html", page=page, setting=setting, declared=programme.DECLARED
    )


@accounts.get("/staff/bounced-mail")
@requires(Permission.PEOPLE_MANAGE)
def bounced_mail() -> Any:
    """Mail that came back, and whose it was, until somebody has seen to it."""
    page = paginate(bounces.open_bounces())
    owners = queries.users_by_email([row.address for row in page.items])
    return render_template("accounts/staff/bounced_mail.html", page=page, owners=owners)


@accounts.post("/staff/bounced-mail/<int:bounce_id>/settlement")
@requires(Permission.PEOPLE_MANAGE)
def bounce_settlement(bounce_id: int) -> Any:
    """Somebody has seen to it."""
    bounces.settle(session.get(bounces.Bounce, bounce_id) or abort(404))
    flash(_("Done."), "good")
    return redirect(url_for("accounts.bounced_mail"))


@accounts.get("/staff/components")
@requires(Permission.STAFF_PAGES)
def components() -> Any:
    """Every component of the interface, in every state."""
    return render_template("layouts/components_page.html", **samples())
