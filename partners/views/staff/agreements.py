"""The versions of the agreement, and publishing the next one."""

from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import clock
from core.database import session
from core.differences import changes
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from core.settings import PROGRAMME_TIME_ZONE
from partners import operations, queries
from partners.forms import AgreementForm, NextAgreementForm
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
        waiting=session.scalar(versions.number_of_firms_to_accept(rows[0])) if rows else 0,
    )


@partners.get("/staff/agreements/<int:number>")
@requires(Permission.AGREEMENTS_PUBLISH)
def agreement_version(number: int) -> Any:
    """The text of one version, what it changed, and for the latest whose acceptance is missing."""
    row = session.scalar(versions.agreements().where(Agreement.number == number)) or abort(404)
    before = session.scalar(versions.agreements().where(Agreement.number < number).limit(1))
    is_latest = row == queries.current_agreement()
    return render_template(
        "partners/staff/agreement_version.html",
        agreement=row,
        before=before,
        changed=_changed(before, row.text, row.text_ru),
        waiting=paginate(versions.firms_to_accept(row)) if is_latest else None,
        accepted=versions.acceptance_counts([row.id]).get(row.id, 0),
    )


@partners.route("/staff/agreements/new", methods=["GET", "POST"])
@requires(Permission.AGREEMENTS_PUBLISH)
def new_agreement() -> Any:
    """The next version: texts, what changes, until when it is to be accepted; first looked at, then published."""
    current = queries.current_agreement()
    form = _form(current)
    looks = request.method == "POST" and "publish" not in request.form
    if not looks and form.was_sent_and_holds():
        try:
            row = operations.publish_agreement(**form.answers(), by=signed_in_user())
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
    page = render_template(
        "partners/staff/new_agreement.html",
        form=form,
        current=current,
        looks=looks,
        changed=_changed(current, form.text.data or "", form.text_ru.data or "") if looks else [],
    )
    return page, 200 if looks else form.status


def _form(current: Agreement | None) -> AgreementForm:
    """Begins with the texts in force and the setting's days."""
    if current is None:
        return AgreementForm()
    due = clock.today(PROGRAMME_TIME_ZONE.value()) + timedelta(days=ACCEPTANCE_DAYS.value())
    return NextAgreementForm(data={"text": current.text, "text_ru": current.text_ru, "accept_by": due})


def _changed(before: Agreement | None, text: str, text_ru: str) -> list[Any]:
    """What the texts change in a version: language, its name in itself, and the changes; nothing for the first."""
    if before is None:
        return []
    return [
        ("en", "English", changes(before.text, text)),
        ("ru", "Русский", changes(before.text_ru, text_ru)),
    ]
