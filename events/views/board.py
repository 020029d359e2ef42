"""The city board, for the vendor and for partners, and joining another's event."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import clock
from core.database import session
from core.digits import number_in
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from core.settings import PROGRAMME_TIME_ZONE
from events import operations
from events.emails import place_of
from events.forms import JoiningAnswerForm, JoiningForm, PlanForm
from events.models import CoHost, Event
from events.operations.hosts import own_part_minor
from events.queries import board as queries
from events.queries.funding import hosts_of_country
from events.queries.gatherings import events_visible_to, joinable_events, joinings_by
from events.settings import CLASH_DAYS, HOSTS_PER_COUNTRY
from events.views import events
from partners.models import Partner
from partners.queries import partner_of


def _year() -> int:
    asked = number_in(request.args.get("year"), most_digits=4)
    this_year = clock.today(PROGRAMME_TIME_ZONE.value()).year
    return asked if asked is not None and 2000 <= asked <= 2100 else this_year


@events.get("/event-board")
@requires(Permission.FUNDING_READ)
def board() -> Any:
    """A year by city and month, and the events behind the chosen city or month, with their clashes."""
    me, firm, year = signed_in_user(), partner_of(signed_in_user()), _year()
    country, city = request.args.get("country", ""), request.args.get("city", "")
    asked = request.args.get("month", "")
    month = int(asked) if asked in {str(number) for number in range(1, 13)} else None
    whole = queries.year_of_events(year, me, country=country)
    return render_template(
        "events/board.html",
        board=whole,
        page=paginate(queries.chosen(whole, city=city, month=month)),
        year=year,
        this_year=clock.today(PROGRAMME_TIME_ZONE.value()).year,
        country=country,
        city=next((one for one in whole.cities if city and one.key == city), None),
        month=month,
        clash_days=CLASH_DAYS.value(),
        money=queries.money_left() if me.is_staff else [],
        hosts=_hosts(country or (firm.country if firm is not None else ""), year),
        firm=firm,
        joins=me.may(Permission.FUNDING_REQUEST) and firm is not None,
        joinable=queries.joinable,
        plans=me.may(Permission.BUDGETS_MANAGE),
    )


def _hosts(country: str, year: int) -> tuple[str, int, int] | None:
    """How many partners of a country host this year, and how many may; ``None`` without a limit or a country."""
    most = HOSTS_PER_COUNTRY.value()
    if not most or not country:
        return None
    first, last = queries.span_of(year)
    return country, len(hosts_of_country(country, first, last)), most


@events.route("/staff/event-plan", methods=["GET", "POST"])
@requires(Permission.BUDGETS_MANAGE)
def year_plan() -> Any:
    """How many events each city is to have in a year."""
    year = _year()
    form = PlanForm()
    if form.was_sent_and_holds():
        try:
            operations.plan_year(
                year,
                country=form.country.data,
                city=form.city.data,
                events=form.events.data or 0,
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("The plan is saved. The board counts against it."), "good")
            return redirect(url_for("events.year_plan", year=year))
    page = render_template(
        "events/staff/year_plan.html", form=form, year=year, page=paginate(queries.plans_of(year), size=100)
    )
    return page, form.status


# Joining


def _own_firm() -> Partner:
    return partner_of(signed_in_user()) or abort(404)


@events.route("/funding/board/<int:event_id>/joining", methods=["GET", "POST"])
@requires(Permission.FUNDING_REQUEST)
def joining(event_id: int) -> Any:
    """Asks another partner to let one's firm join its event, with a share of the cost."""
    firm = _own_firm()
    row: Event = session.scalar(
        joinable_events().where(Event.id == event_id, Event.partner_id != firm.id)
    ) or abort(404)
    form = JoiningForm(currency=row.request.currency)
    if form.was_sent_and_holds():
        try:
            operations.ask_to_join(
                row,
                firm,
                share_minor=form.share_minor.data or 0,
                note=form.note.data or "",
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Asked. The answer comes by mail and stands under Event funding."), "good")
            return redirect(url_for("events.funding"))
    page = render_template(
        "events/joining.html", event=row, form=form, place=place_of(row), most=own_part_minor(row)
    )
    return page, form.status


@events.post("/funding/joinings/<int:joining_id>/withdrawal")
@requires(Permission.FUNDING_REQUEST)
def joining_withdrawal(joining_id: int) -> Any:
    """No longer wants to."""
    row: CoHost = session.scalar(joinings_by(_own_firm()).where(CoHost.id == joining_id)) or abort(404)
    operations.withdraw_from_joining(row, by=signed_in_user())
    flash(_("Taken back."), "good")
    return redirect(url_for("events.funding"))


def _asked_of_us(joining_id: int) -> CoHost:
    """Somebody's wish to join an event of the reader's firm."""
    firm = _own_firm()
    hosted = events_visible_to(signed_in_user()).where(Event.partner_id == firm.id)
    row: CoHost | None = session.get(CoHost, joining_id)
    if row is None or session.scalar(hosted.where(Event.id == row.event_id)) is None:
        abort(404)
    return row


@events.post("/funding/joinings/<int:joining_id>/acceptance")
@requires(Permission.FUNDING_REQUEST)
def joining_acceptance(joining_id: int) -> Any:
    """The host takes somebody in."""
    row = _asked_of_us(joining_id)
    operations.accept_co_host(row, by=signed_in_user())
    flash(_("%(partner)s is a co-host now and stands on the public page.", partner=row.partner.name), "good")
    return redirect(url_for("events.event", event_id=row.event_id))


@events.post("/funding/joinings/<int:joining_id>/refusal")
@requires(Permission.FUNDING_REQUEST)
def joining_refusal(joining_id: int) -> Any:
    """The host would rather not."""
    row = _asked_of_us(joining_id)
    form = JoiningAnswerForm()
    if form.was_sent_and_holds():
        operations.decline_co_host(row, form.answer.data, by=signed_in_user())
        flash(_("Declined. The partner reads the reason."), "good")
    else:
        flash(_("Say why; the partner reads it."), "bad")
    return redirect(url_for("events.event", event_id=row.event_id))
