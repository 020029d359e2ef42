"""For strangers: the programme in plain words, the application, and its status."""

from datetime import date
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for

from accounts.access import public
from accounts.limits import per_account, per_address
from accounts.models import User
from accounts.permissions import Role
from accounts.queries import active_staff_with
from core.database import session
from core.errors import InvalidInput, Refusal
from core.i18n import current_locale
from core.i18n import gettext as _
from core.settings import PROGRAMME_CURRENCY, legal_text
from partners import operations, queries
from partners.forms import AnswerForm, ApplyForm, application_form
from partners.models import Application, LineKind
from partners.queries import applications as questions
from partners.queries.partners import network_size
from partners.settings import COUNTRIES, FREE_MAIL, REAPPLY_DAYS, REVIEW_DAYS
from partners.views import partners


@partners.get("/programme")
@public
def programme() -> Any:
    """What the programme is, how one earns, what the tiers give, how long things take."""
    firms, countries = network_size()
    return render_template(
        "partners/programme.html",
        services=[service for service in queries.services() if service.code != LineKind.OTHER],
        tiers=queries.tiers(),
        firms=firms,
        countries=countries,
        answer_time=questions.answer_time(),
        review_days=REVIEW_DAYS.value(),
        currency=PROGRAMME_CURRENCY.value(),
        people=session.scalars(
            active_staff_with(Role.PARTNER_MANAGER).where(User.password_hash.is_not(None)).limit(6)
        ).all(),
    )


@partners.route("/apply", methods=["GET", "POST"])
@public
@per_address("20 per hour")
@per_account("5 per hour")
def apply() -> Any:
    """The first four answers. They make a draft under a link that nobody can guess."""
    form = ApplyForm()
    if form.was_sent_and_holds() and not form.is_from_a_program:
        try:
            application = operations.start_application(
                company=form.company.data,
                country=form.country.data,
                person=form.person.data,
                email=form.email.data,
                locale=current_locale(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(
                _(
                    "Your draft is kept. A mail to confirm your address is on its way to %(email)s.",
                    email=application.email,
                ),
                "good",
            )
            return redirect(url_for("partners.application_draft", token=application.token))
    elif form.is_submitted() and not form.errors:
        form.complain(
            InvalidInput({"": _("That was too fast for a person. Wait a moment and send it once more.")})
        )
    return render_template(
        "partners/apply.html",
        form=form,
        countries=COUNTRIES.value().split(),
        refuses_free_mail=FREE_MAIL.value() == "refuse",
        reapply_days=REAPPLY_DAYS.value(),
        review_days=REVIEW_DAYS.value(),
    ), form.status


def _application(token: str) -> Application:
    g.no_referrer = True
    return questions.application_by_token(token) or abort(404)


def _waits_until(application: Application) -> date | None:
    """From when somebody who was turned down may send this one. Only whose mailbox it is learns of that."""
    if not application.is_editable or application.confirmed_at is None:
        return None
    return questions.may_apply_on(application)


@partners.route("/applications/<token>/draft", methods=["GET", "POST"])
@public
@per_address("120 per hour")
def application_draft(token: str) -> Any:
    """Everything else that is asked: kept at any time, sent when complete."""
    application = _application(token)
    if not application.is_editable:
        return redirect(url_for("partners.application_status", token=token))
    form = application_form(application)
    if form.was_sent_and_holds():
        try:
            if request.form.get("deed") == "send":
                operations.send_application(application, privacy_read=form.privacy_read.data, **form.draft())
                return redirect(url_for("partners.application_status", token=token))
            operations.save_draft(application, **form.draft())
            flash(
                _("Kept. Come back with this page's address at any time; it also stands in our mail."), "good"
            )
            return redirect(url_for("partners.application_draft", token=token))
        except InvalidInput as problem:
            form.complain(problem)
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template(
        "partners/application_draft.html",
        form=form,
        application=application,
        is_short=questions.takes_the_short_path(application),
        has_privacy=bool(legal_text("privacy")),
        waits_until=_waits_until(application),
    ), form.status


@partners.post("/applications/<token>/draft/typed")
@public
@per_address("600 per hour")
def application_typed(token: str) -> Any:
    """Keeps what is in the form while somebody types; the page's script asks, now and then."""
    application = _application(token)
    form = application_form(application)
    form.validate()
    operations.keep_what_holds(
        application, **{name: value for name, value in form.draft().items() if name not in form.errors}
    )
    return "", 204


@partners.get("/applications/<token>")
@public
def application_status(token: str) -> Any:
    """Where the application stands, what comes next, and by when."""
    application = _application(token)
    return render_template(
        "partners/application_status.html",
        application=application,
        notes=[note for note in application.notes if not note.is_internal],
        form=AnswerForm(),
        answer_time=questions.answer_time(),
        review_days=REVIEW_DAYS.value(),
        waits_until=_waits_until(application),
    )


@partners.post("/applications/<token>/answer")
@public
@per_address("30 per hour")
def application_answer(token: str) -> Any:
    """The applicant's answer to what the reviewer asked."""
    application = _application(token)
    form = AnswerForm()
    if form.was_sent_and_holds():
        operations.give_information(application, form.text.data)
        flash(_("Thank you. Your answer is with the reviewer."), "good")
        return redirect(url_for("partners.application_status", token=token))
    return render_template(
        "partners/application_status.html",
        application=application,
        notes=[note for note in application.notes if not note.is_internal],
        form=form,
        answer_time=questions.answer_time(),
        review_days=REVIEW_DAYS.value(),
        waits_until=None,
    ), form.status


@partners.post("/applications/<token>/confirmation-mail")
@public
@per_address("10 per hour")
def application_confirmation_mail(token: str) -> Any:
    """The mail with the confirming link, once more."""
    application = _application(token)
    operations.ask_again_to_confirm(application)
    flash(_("A fresh link is on its way to %(email)s.", email=application.email), "good")
    return redirect(url_for("partners.application_status", token=token))


@partners.route("/applications/<token>/confirmation/<secret>", methods=["GET", "POST"])
@public
@per_address("60 per hour")
def application_confirmation(token: str, secret: str) -> Any:
    """The page behind the mailed link. A button confirms, since programs that read mail open links."""
    application = _application(token)
    if request.method == "POST":
        operations.confirm_email(application, secret)
        if application.submitted_at is not None:
            flash(_("Confirmed, and your application is with us."), "good")
        else:
            flash(_("Confirmed."), "good")
        return redirect(url_for("partners.application_status", token=token))
    if application.confirmed_at is not None:
        return redirect(url_for("partners.application_status", token=token))
    return render_template("partners/application_confirmation.html", application=application)
