"""The versions of the agreement, and publishing the next one."""

from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import clock
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.settings import PROGRAMME_TIME_ZONE
from partners import operations, queries
from partners.forms import AgreementForm
from partners.models import Agreement
from partners.queries import agreements as versions
from partners.settings import ACCEPTANCE_DAYS
from partners.views import partners


@partners.get("/staff/agreements")
@requires(Permission.AGREEMENTS_PUBLISH)
def agreements() -> Any:
    """Every version, and how many firms accepted it."""
    rows = session.scalars(versions.agreements()).all()
    return render_template(
        "partners/staff/agreements.html",
        agreements=rows,
        counts=versions.acceptance_counts([row.id for row in rows]),
    )


@partners.get("/staff/agreements/<int:number>")
@requires(Permission.AGREEMENTS_PUBLISH)
def agreement_version(number: int) -> Any:
    """The text of one version."""
    row = session.scalar(versions.agreements().where(Agreement.number == number)) or abort(404)
    return render_template("partners/staff/agreement_version.html", agreement=row)


@partners.route("/staff/agreements/new", methods=["GET", "POST"])
@requires(Permission.AGREEMENTS_PUBLISH)
def new_agreement() -> Any:
    """The next version: texts, what changes, until when it is to be accepted."""
    current = queries.current_agreement()
    due = clock.today(PROGRAMME_TIME_ZONE.value()) + timedelta(days=ACCEPTANCE_DAYS.value())
    start = {"text": current.text, "text_ru": current.text_ru, "accept_by": due} if current else {}
    form = AgreementForm(data=start)
    if form.was_sent_and_holds():
        try:
            row = operations.publish_agreement(
                text=form.text.data,
                text_ru=form.text_ru.data,
                summary=form.summary.data or "",
                summary_ru=form.summary_ru.data or "",
                accept_by=form.accept_by.data,
                by=signed_in_user(),
            )
            flash(
                _(
                    "Version %(number)s is published; every partner admin is asked to accept it.",
                    number=row.number,
                ),
                "good",
            )
            return redirect(url_for("partners.agreements"))
        except InvalidInput as problem:
            form.complain(problem)
    return render_template("partners/staff/new_agreement.html", form=form, current=current), form.status
