"""The queue of applications, and one of them with everything that a decision needs."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.models import User
from accounts.permissions import Permission, Role
from accounts.queries import active_staff_with
from core.database import session
from core.digits import numbers_in
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.i18n import ngettext
from core.pagination import PAGE_SIZE, paginate
from partners import operations, queries
from partners.forms import ApprovalForm, InternalNoteForm, QuestionToApplicantForm, RejectionForm
from partners.forms.reviewing import TogetherForm
from partners.models import Application, RejectionReason
from partners.queries import applications as questions
from partners.queries.invitations import who_holds
from partners.views import partners
from partners.views.staff.flags import words_of_flag


def managers() -> list[User]:
    """Who may look after firms."""
    both = [
        *session.scalars(active_staff_with(Role.PARTNER_MANAGER)),
        *session.scalars(active_staff_with(Role.PROGRAMME_ADMIN)),
    ]
    return sorted(both, key=lambda user: user.name)


@partners.get("/staff/applications")
@requires(Permission.APPLICATIONS_REVIEW)
def applications() -> Any:
    """What waits for a decision, the nearest clock on top."""
    return _queue_page()


def _queue_page(form: TogetherForm | None = None) -> Any:
    me = signed_in_user()
    return render_template(
        "partners/staff/applications.html",
        page=paginate(questions.queue(me, request.args.get("state", ""))),
        counts=questions.state_counts(me),
        overdue=questions.overdue_applications(me),
        answer_time=questions.answer_time(),
        words_of_flag=words_of_flag,
        together=_together_form(form),
    ), form.status if form is not None else 200


def _together_form(form: TogetherForm | None = None) -> TogetherForm:
    form = form or TogetherForm(data={"reviewer_id": signed_in_user().id})
    form.prepare(managers())
    return form


@partners.post("/staff/applications/together")
@requires(Permission.APPLICATIONS_REVIEW)
def applications_together() -> Any:
    """One deed on the chosen ones: take, assign, ask the same, turn down as spam."""
    form = _together_form(TogetherForm())
    chosen = numbers_in(request.form.getlist("application")[:PAGE_SIZE])
    rows = session.scalars(questions.queue(signed_in_user()).where(Application.id.in_(chosen))).unique().all()
    if not form.was_sent_and_holds() or not rows:
        if not rows:
            form.form_errors.append(_("Choose at least one application."))
        return _queue_page(form)
    result = operations.decide_together(rows, _deed(form))
    if result.done:
        flash(
            ngettext("Done for %(num)s application.", "Done for %(num)s applications.", result.done), "good"
        )
    for sentence in result.refused[:5]:
        flash(sentence, "bad")
    return redirect(url_for("partners.applications"))


def _deed(form: TogetherForm) -> Callable[[Application], None]:
    me = signed_in_user()
    if form.deed.data == "ask":
        return lambda row: operations.ask_applicant(row, form.text.data or "", by=me)
    if form.deed.data == "spam":
        return lambda row: operations.reject_application(row, reason=RejectionReason.SPAM, by=me)
    reviewer = next(user for user in managers() if user.id == form.reviewer_id.data)
    return lambda row: operations.assign_application(row, reviewer, by=me)


def _application(application_id: int) -> Application:
    rows = questions.applications_visible_to(signed_in_user()).where(Application.id == application_id)
    return session.scalar(rows) or abort(404)


def _page(application: Application, status: int = 200, **forms: Any) -> Any:
    approval = forms.get("approval") or ApprovalForm(
        data={"tier": "registered", "manager_id": signed_in_user().id}
    )
    if "approval" not in forms:
        approval.prepare(managers(), holder=_holder_of(application))
    return render_template(
        "partners/staff/application.html",
        application=application,
        similar=questions.similar_partners(application),
        customer=questions.known_customer(application),
        words_of_flag=words_of_flag,
        products=queries.products_by_code(),
        services=queries.services_by_code(),
        approval=approval,
        holder_firm=queries.partner_of(approval.holder) if approval.holder else None,
        rejection=forms.get("rejection") or RejectionForm(),
        question=forms.get("question") or QuestionToApplicantForm(prefix="question"),
        note=forms.get("note") or InternalNoteForm(prefix="note"),
        opened=next(iter(forms), ""),
    ), status


@partners.get("/staff/applications/<int:application_id>")
@requires(Permission.APPLICATIONS_REVIEW)
def application(application_id: int) -> Any:
    """One application: who they are, what speaks against it, who it resembles."""
    return _page(_application(application_id))


def _holder_of(application: Application) -> User | None:
    """Who signs in with the applicant's address already, while there is something to decide."""
    return who_holds(application.email) if application.is_undecided else None


def _at_the_admin(problem: InvalidInput) -> InvalidInput:
    """What is wrong with another person's name or address, at the field where it was typed."""
    places = {"email": "admin_email", "name": "admin_name", "admin": "admin_email"}
    return InvalidInput({places.get(where, where): said for where, said in problem.problems.items()})


def _back(row: Application) -> Any:
    return redirect(url_for("partners.application", application_id=row.id))


def _to_the_queue() -> Any:
    """Whoever has decided on one goes on with the next."""
    return redirect(url_for("partners.applications"))


@partners.post("/staff/applications/<int:application_id>/review")
@requires(Permission.APPLICATIONS_REVIEW)
def application_review(application_id: int) -> Any:
    """Takes it."""
    row = _application(application_id)
    operations.begin_review(row, by=signed_in_user())
    flash(_("It is yours. The applicant sees that it is being read."), "good")
    return _back(row)


@partners.post("/staff/applications/<int:application_id>/question")
@requires(Permission.APPLICATIONS_REVIEW)
def application_question(application_id: int) -> Any:
    """Asks the applicant something."""
    row = _application(application_id)
    form = QuestionToApplicantForm(prefix="question")
    if form.was_sent_and_holds():
        operations.ask_applicant(row, form.text.data, by=signed_in_user())
        flash(_("Sent. The clock stands until they answer."), "good")
        return _to_the_queue()
    return _page(row, 422, question=form)


@partners.post("/staff/applications/<int:application_id>/note")
@requires(Permission.APPLICATIONS_REVIEW)
def application_note(application_id: int) -> Any:
    """Leaves a note for colleagues."""
    row = _application(application_id)
    form = InternalNoteForm(prefix="note")
    if form.was_sent_and_holds():
        operations.add_internal_note(row, form.text.data, by=signed_in_user())
        flash(_("Noted."), "good")
        return _back(row)
    return _page(row, 422, note=form)


@partners.post("/staff/applications/<int:application_id>/approval")
@requires(Permission.APPLICATIONS_REVIEW)
def application_approval(application_id: int) -> Any:
    """Makes it a partner; its admin is invited by mail."""
    row = _application(application_id)
    form = ApprovalForm()
    everybody = managers()
    form.prepare(everybody, holder=_holder_of(row))
    if form.was_sent_and_holds():
        manager = next(user for user in everybody if user.id == form.manager_id.data)
        chosen = form.chosen_admin(row)
        try:
            partner = operations.approve_application(
                row,
                tier=form.tier.data,
                plan=form.plan.data,
                manager=manager,
                admin=operations.FirstAdmin(**chosen) if chosen else None,
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(_at_the_admin(problem) if chosen else problem)
        else:
            flash(
                _(
                    "%(name)s is a partner. An invitation is on its way to %(email)s.",
                    name=partner.name,
                    email=chosen["email"] if chosen else row.email,
                ),
                "good",
            )
            return _to_the_queue()
    return _page(row, 422, approval=form)


@partners.post("/staff/applications/<int:application_id>/rejection")
@requires(Permission.APPLICATIONS_REVIEW)
def application_rejection(application_id: int) -> Any:
    """Turns it down, with the reason."""
    row = _application(application_id)
    form = RejectionForm()
    if form.was_sent_and_holds():
        try:
            operations.reject_application(
                row, reason=form.reason.data, note=form.note.data or "", by=signed_in_user()
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Turned down; the applicant is told why."), "good")
            return _to_the_queue()
    return _page(row, 422, rejection=form)
