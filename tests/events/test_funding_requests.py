"""Asking for money: the draft, the notice, the vendor's clock, the promise, and what is left of an allocation."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from core import clock
from core.activity import Activity as Deed
from core.database import session
from core.errors import InvalidInput, Refusal
from events import operations
from events.models import Activity, ClaimStatus, EventStatus, FundingRequest, RequestStatus
from events.operations.requests import suggested_amount
from tests.events import cast


def test_a_submitted_request_starts_the_vendors_clock_of_five_working_days(acme, sam):
    request = cast.a_draft(acme, by=sam)
    operations.submit_request(request, by=sam)
    assert request.status is RequestStatus.SUBMITTED
    assert request.due_at is not None
    assert request.due_at.date() == date(2026, 3, 9)


def test_an_event_is_requested_at_least_fourteen_days_ahead(acme):
    request = cast.a_draft(acme, starts_at=clock.now() + timedelta(days=13))
    with pytest.raises(InvalidInput) as refused:
        operations.submit_request(request, by=None)
    sentence = refused.value.problems["starts_on"].replace("\N{NO-BREAK SPACE}", " ")
    assert sentence == "An event is requested at least 14 days before it begins: from 16 March 2026 on."


def test_what_is_missing_is_said_by_field(acme):
    request = cast.a_draft(acme, costs=(), goal="", city="", expected_guests=0)
    with pytest.raises(InvalidInput) as refused:
        operations.submit_request(request, by=None)
    assert set(refused.value.problems) == {"goal", "city", "expected_guests", "lines"}


def test_a_mailing_needs_no_city_and_no_guests(acme):
    request = cast.a_draft(acme, activity=Activity.MAILING, city="", country="", expected_guests=0)
    operations.submit_request(request, by=None)
    assert request.status is RequestStatus.SUBMITTED


def test_an_approval_reserves_and_plans_the_event(acme, mona):
    allocation = cast.an_allocation(amount=500_000)
    request = cast.a_submitted_request(acme)
    operations.approve_request(request, allocation, amount_minor=150_000, by=mona)
    assert request.status is RequestStatus.APPROVED
    assert (allocation.reserved_minor, allocation.available_minor) == (150_000, 350_000)
    assert request.rate == "0.5"
    assert request.claim_by == date(2026, 4, 1) + timedelta(days=45)
    assert request.event is not None and request.event.status is EventStatus.PLANNED
    assert request.event.slug == "cloud-breakfast-berlin-2026-04-01"


def test_a_second_event_of_the_same_name_and_day_gets_its_own_address(acme, rival):
    first = cast.an_approved_request(acme)
    second = cast.an_approved_request(rival)
    assert second.event.slug == f"{first.event.slug}-2"


def test_nothing_is_approved_beyond_what_is_left(acme):
    allocation = cast.an_allocation(amount=100_000)
    request = cast.a_submitted_request(acme)
    with pytest.raises(Refusal, match=r"Only €1,000\.00 of this allocation is left"):
        operations.approve_request(request, allocation, amount_minor=100_001, by=None)


def test_the_database_itself_refuses_an_overdrawn_allocation(acme):
    allocation = cast.an_allocation(amount=100_000)
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        session.execute(sa.text("UPDATE events_allocation SET reserved_minor = 100001"))
    session.refresh(allocation)
    assert allocation.reserved_minor == 0


def test_more_than_was_asked_for_is_not_approved(acme):
    request = cast.a_submitted_request(acme, own_share_minor=100_000)
    with pytest.raises(InvalidInput) as refused:
        operations.approve_request(request, cast.an_allocation(), amount_minor=200_001, by=None)
    assert "€2,000.00" in refused.value.problems["amount_minor"]


def test_an_allocation_of_another_partner_currency_or_country_does_not_pay(acme, rival):
    request = cast.a_submitted_request(acme)
    for allocation, why in (
        (cast.an_allocation(rival), "another partner"),
        (cast.an_allocation(budget=cast.a_budget(currency="USD")), "another currency"),
        (cast.an_allocation(budget=cast.a_budget(region="AT")), "another country"),
    ):
        with pytest.raises(Refusal, match=why), session.begin_nested():
            operations.approve_request(request, allocation, amount_minor=1000, by=None)
        session.refresh(request)


def test_the_suggestion_is_the_share_of_the_cost_but_not_more_than_asked(acme):
    assert suggested_amount(cast.a_submitted_request(acme)) == 150_000
    assert suggested_amount(cast.a_submitted_request(acme, own_share_minor=200_000)) == 100_000


def test_a_question_stops_the_clock_and_an_answer_starts_it_again(acme, mona):
    request = cast.a_submitted_request(acme)
    operations.ask_about_request(request, "Who speaks?", by=mona)
    assert request.status is RequestStatus.INFO_REQUESTED
    assert request.due_at is None
    request.answer = "Ada does."
    operations.submit_request(request, by=None)
    assert request.due_at is not None


def test_a_withdrawn_request_gives_back_what_was_reserved(acme):
    allocation = cast.an_allocation()
    request = cast.an_approved_request(acme, allocation=allocation)
    operations.withdraw_request(request, by=None)
    assert allocation.reserved_minor == 0
    assert request.event.status is EventStatus.CANCELLED


def test_a_cancelled_event_gives_back_what_was_reserved(acme):
    allocation = cast.an_allocation()
    request = cast.an_approved_request(acme, allocation=allocation)
    operations.cancel_event(request.event, "The hall is flooded.", by=None)
    assert allocation.reserved_minor == 0
    assert request.status is RequestStatus.WITHDRAWN


def test_a_request_nobody_decided_before_the_event_is_void(acme, time):
    request = cast.a_submitted_request(acme)
    time.move(days=31)
    assert operations.close_what_is_over() == 1
    assert request.status is RequestStatus.EXPIRED
    assert operations.close_what_is_over() == 0


def test_an_approved_request_that_is_not_claimed_in_time_lapses_and_releases(acme, time):
    allocation = cast.an_allocation()
    request = cast.a_held_request(acme, time, allocation=allocation)
    claim = operations.start_claim(request, by=None)
    time.move(days=44)
    assert operations.close_what_is_over() == 0
    time.move(days=3)
    assert operations.close_what_is_over() == 1
    assert request.status is RequestStatus.EXPIRED
    assert claim.status is ClaimStatus.EXPIRED
    assert allocation.reserved_minor == 0


def test_last_years_event_is_copied_to_the_same_weekday_and_hour(acme, time):
    request = cast.an_approved_request(acme)
    time.move(days=60)
    copy = operations.copy_request(request, by=None)
    assert copy.status is RequestStatus.DRAFT
    assert (copy.starts_at - request.starts_at).days in (363, 364)
    assert [line.amount_minor for line in copy.lines] == [200_000, 100_000]


def test_a_budget_is_not_shared_out_twice(acme):
    budget = cast.a_budget(amount=100_000)
    cast.an_allocation(acme, 60_000, budget)
    with pytest.raises(InvalidInput) as refused:
        cast.an_allocation(None, 50_000, budget)
    assert refused.value.problems["amount_minor"] == "Only €400.00 of this budget is left."


def test_every_step_stands_in_the_audit_trail(acme, mona):
    request = cast.an_approved_request(acme)
    verbs = set(
        session.scalars(
            sa.select(Deed.verb).where(Deed.subject_type == "fundingrequest", Deed.subject_id == request.id)
        )
    )
    assert {"funding requested", "funding request approved"} <= verbs


def test_a_draft_is_not_the_vendors_to_see(acme, mona, rex, sam):
    from events.queries.funding import requests_visible_to

    draft = cast.a_draft(acme)
    assert session.scalars(requests_visible_to(sam)).all() == [draft]
    assert session.scalars(requests_visible_to(mona)).all() == []
    assert session.scalars(requests_visible_to(rex)).all() == []
    assert session.get(FundingRequest, draft.id) is draft
