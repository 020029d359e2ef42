"""Joining another's event with a share, and how many partners of a country may host."""

import pytest

from core.errors import InvalidInput, Refusal
from core.settings import change_setting
from events import operations
from events.models import CoHostStatus, RequestStatus
from events.operations.hosts import own_part_minor
from events.settings import HOSTS_PER_COUNTRY
from tests.browser import Browser
from tests.events import cast


@pytest.fixture
def event(acme):
    """Acme's: 3,000.00 planned, 1,500.00 from the vendor, so 1,500.00 of its own."""
    return cast.an_approved_request(acme).event


def test_shares_never_pay_more_than_the_hosts_own_part(event, rival):
    assert own_part_minor(event) == 150_000
    with pytest.raises(InvalidInput) as refused:
        operations.ask_to_join(event, rival, share_minor=150_001, by=None)
    assert refused.value.problems == {
        "share_minor": "The host's own part is €1,500.00. A share can't be more than that."
    }
    asked = operations.ask_to_join(event, rival, share_minor=100_000, by=None)
    assert own_part_minor(event) == 150_000
    operations.accept_co_host(asked, by=None)
    assert own_part_minor(event) == 50_000


def test_two_wishes_that_fit_alone_but_not_together(event, rival, acme):
    from tests.cast import a_partner

    first = operations.ask_to_join(event, rival, share_minor=100_000, by=None)
    second = operations.ask_to_join(event, a_partner("Third"), share_minor=100_000, by=None)
    operations.accept_co_host(first, by=None)
    with pytest.raises(Refusal, match=r"own part is €500\.00"):
        operations.accept_co_host(second, by=None)


def test_nobody_joins_their_own_event_or_one_that_began(event, acme, rival, time):
    with pytest.raises(Refusal, match="your own"):
        operations.ask_to_join(event, acme, share_minor=0, by=None)
    time.move_to(event.starts_at)
    with pytest.raises(Refusal, match="no more co-hosts"):
        operations.ask_to_join(event, rival, share_minor=0, by=None)


def test_asked_and_answered_through_the_pages_with_mail(app, event, ada, rex, rival, mails):
    event.request.created_by = ada
    outsider = Browser(app).sign_in(rex).open("/event-board").click("Join")
    outsider.fill("Your share", "2000").press("Ask the host", expect=422)
    outsider.fill("Your share", "500").fill("Word to the host", "We bring the engineers.").press(
        "Ask the host"
    )
    assert outsider.sees("Waits for the host")
    assert mails(to=ada.email)[-1]["subject"] == "Rival would like to join “Cloud breakfast”"
    host = Browser(app).sign_in(ada).open(f"/funding/events/{event.id}")
    assert host.sees("We bring the engineers.")
    host.press("Take in")
    assert mails(to=rex.email)[-1]["subject"] == "You are a co-host of “Cloud breakfast”"
    assert Browser(app).open(f"/events/{event.slug}").sees("Acme, Rival")


def test_declined_with_a_reason_or_taken_back(app, event, ada, rex, rival):
    row = operations.ask_to_join(event, rival, share_minor=0, by=rex)
    host = Browser(app).sign_in(ada).open(f"/funding/events/{event.id}")
    host.fill("Reason", "The hall is small.").press("Decline")
    assert row.status is CoHostStatus.DECLINED
    assert Browser(app).sign_in(rex).open("/funding").sees("The hall is small.")
    with pytest.raises(Refusal):
        operations.withdraw_from_joining(row, by=rex)


def test_who_took_it_back_may_ask_again(event, rival):
    row = operations.ask_to_join(event, rival, share_minor=0, by=None)
    operations.withdraw_from_joining(row, by=None)
    assert operations.ask_to_join(event, rival, share_minor=10, by=None) is row
    assert row.status is CoHostStatus.ASKED


def test_a_country_has_its_hosts_and_no_more(acme, rival, pia, time):
    change_setting(HOSTS_PER_COUNTRY, "1", by=pia)
    mine = cast.a_submitted_request(acme)
    theirs = cast.a_submitted_request(rival)
    allocation = cast.an_allocation()
    operations.approve_request(mine, allocation, amount_minor=1, by=None)
    with pytest.raises(Refusal, match="Join one of their events"):
        operations.approve_request(theirs, allocation, amount_minor=1, by=None)
    assert theirs.status is RequestStatus.SUBMITTED
    with pytest.raises(Refusal, match="Germany has all its 1 hosts of 2026"):
        cast.a_submitted_request(rival, title="Another")
    operations.approve_request(
        cast.a_submitted_request(acme, title="Second"), allocation, amount_minor=1, by=None
    )
