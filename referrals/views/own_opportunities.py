"""Companies that the vendor talks to itself: the list, one more, many from a file, changed and ended."""

from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import clock
from core.database import session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.i18n import ngettext
from core.pagination import paginate
from core.settings import PROGRAMME_TIME_ZONE
from referrals.forms.opportunities import ChangeForm, OpportunitiesForm, OpportunityForm
from referrals.models.opportunities import OwnOpportunity
from referrals.operations.many_opportunities import (
    MOST_COMPANIES,
    WrongRows,
    keep_opportunities,
    opportunity_columns,
)
from referrals.operations.opportunities import (
    OpportunityData,
    change_opportunity,
    end_opportunity,
    keep_opportunity,
    last_day,
)
from referrals.queries import lists
from referrals.queries.opportunities import opportunities_listed, opportunities_visible_to
from referrals.settings import PROTECTION_DAYS
from referrals.views import pages
from referrals.views.wording import spoken

_HERE = "referrals.own_opportunities"


@pages.get("/staff/leads/own")
@requires(Permission.OPPORTUNITIES_READ)
def own_opportunities() -> Any:
    """Every company that somebody of the vendor talks to, or that has ended."""
    text, ended = request.args.get("q", "")[:200], request.args.get("state", "") == "ended"
    page = paginate(opportunities_listed(signed_in_user(), text, ended=ended))
    return render_template(
        "referrals/leads/own/list.html",
        page=page,
        ended=ended,
        last_day=last_day,
        may_write=_may_write(),
        counts=lists.status_counts(),
        **spoken(),
    )


@pages.route("/staff/leads/own/new", methods=["GET", "POST"])
@requires(Permission.OPPORTUNITIES_WRITE)
def new_own_opportunity() -> Any:
    """Writes down that the vendor talks to a company itself."""
    form = OpportunityForm(data=_usual())
    if form.was_sent_and_holds():
        data = OpportunityData(
            company=form.company.data,
            website=form.website.data or "",
            tax_id=form.tax_id.data or "",
            country=form.country.data or "",
            responsible=form.people[form.responsible_id.data],
            until=form.until.data,
            note=form.note.data or "",
        )
        try:
            row = keep_opportunity(data, by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        except Refusal as refused:
            form.complain(InvalidInput({"company": str(refused)}))
        else:
            flash(_("Leads of %(company)s wait for %(person)s from now on.", company=row.company,
                    person=row.responsible.name), "good")  # fmt: skip
            return redirect(url_for(_HERE))
    return render_template("referrals/leads/own/new.html", form=form), form.status


@pages.route("/staff/leads/own/import", methods=["GET", "POST"])
@requires(Permission.OPPORTUNITIES_WRITE)
def import_own_opportunities() -> Any:
    """Many companies from a file: all, or none and what is wrong."""
    form, wrong = OpportunitiesForm(data=_usual()), None
    if form.was_sent_and_holds():
        try:
            number = keep_opportunities(
                form.file.data.read(),
                responsible=form.people[form.responsible_id.data],
                until=form.until.data,
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        except WrongRows as rows:
            wrong = rows
            form.complain(
                InvalidInput({"file": _("Some rows are wrong, so nothing was taken in. See below.")})
            )
        else:
            flash(
                ngettext("%(num)s company is on the list.", "%(num)s companies are on the list.", number),
                "good",
            )
            return redirect(url_for(_HERE))
    columns = opportunity_columns()
    page = render_template(
        "referrals/leads/own/import.html",
        form=form,
        wrong=wrong,
        columns=columns,
        labels={column.name: column.label for column in columns},
        most=MOST_COMPANIES,
    )
    return page, form.status


@pages.route("/staff/leads/own/<int:opportunity_id>", methods=["GET", "POST"])
@requires(Permission.OPPORTUNITIES_WRITE)
def own_opportunity(opportunity_id: int) -> Any:
    """One company: who talks to it and until when, to be changed."""
    row = _visible(opportunity_id)
    said = {"responsible_id": str(row.responsible_id), "until": last_day(row), "note": row.note}
    form = ChangeForm(data=said)
    if form.was_sent_and_holds():
        try:
            change_opportunity(
                row,
                responsible=form.people[form.responsible_id.data],
                until=form.until.data,
                note=form.note.data or "",
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Saved."), "good")
            return redirect(url_for(_HERE))
    return render_template("referrals/leads/own/one.html", form=form, row=row, last_day=last_day), form.status


@pages.post("/staff/leads/own/<int:opportunity_id>/end")
@requires(Permission.OPPORTUNITIES_WRITE)
def end_own_opportunity(opportunity_id: int) -> Any:
    """The company is for partners again."""
    row = _visible(opportunity_id)
    end_opportunity(row, by=signed_in_user())
    flash(_("%(company)s is for partners again.", company=row.company), "good")
    return redirect(url_for(_HERE))


def _usual() -> dict[str, Any]:
    today = clock.today(PROGRAMME_TIME_ZONE.value())
    return {
        "responsible_id": str(signed_in_user().id),
        "until": today + timedelta(days=PROTECTION_DAYS.value()),
    }


def _may_write() -> bool:
    return signed_in_user().may(Permission.OPPORTUNITIES_WRITE)


def _visible(opportunity_id: int) -> OwnOpportunity:
    rows = opportunities_visible_to(signed_in_user())
    return session.scalar(rows.where(OwnOpportunity.id == opportunity_id)) or abort(404)
