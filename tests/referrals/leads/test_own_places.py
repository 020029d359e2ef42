"""Where a partner stood when leads were given out: its own row of each table, also of leads that others got."""

import pytest
import sqlalchemy as sa

from core.database import session
from partners.operations import pause_partner
from referrals.models import RoutingDecision
from referrals.operations.routing import place_of, rows_of
from referrals.operations.routing.tables import ranking_of
from referrals.queries.decisions import decisions_near, latest_decision
from tests.browser import Browser
from tests.cast import a_partner
from tests.referrals.leads.cast import a_lead, make_product, the_asked


@pytest.fixture
def tokyo(acme):
    """A firm that serves another country than the leads come from."""
    return a_partner("Tokyo Trading", country="JP")


def test_ones_own_row_is_that_of_the_whole_table(acme, rival, tokyo):
    pause_partner(rival, by=None)
    decision = latest_decision(a_lead())
    session.refresh(decision)
    whole = {row.partner_id: row for row in rows_of(decision)}
    for firm in (acme, rival, tokyo):
        place = place_of(decision, firm.id)
        assert (place.own, place.best, place.of) == (whole[str(firm.id)], ranking_of(decision)[0], 1)
    assert place_of(decision, 999_999).own is None


def test_a_table_that_is_written_by_lists_is_read_as_well(acme, rival, tokyo, monkeypatch):
    monkeypatch.setattr("referrals.operations.routing.tables._SPARSE", 0)
    pause_partner(rival, by=None)
    decision = latest_decision(a_lead())
    session.refresh(decision)
    assert '"signs"' not in decision.ranking
    [paused] = place_of(decision, rival.id).own.filtered_by
    [elsewhere] = place_of(decision, tokyo.id).own.filtered_by
    assert (paused.filter, elsewhere.filter) == ("paused", "country")


def test_who_was_not_asked_reads_its_place_and_never_whose_lead_it_is(browser, acme, rival, sam, rex, app):
    make_product("cloud")
    lead = a_lead(products=("cloud",), region="DE-HH")
    others = {acme.id: rex, rival.id: sam}[the_asked(lead).id]
    browser.sign_in(others).open("/leads").click("Where you stood")
    assert browser.sees("Second of 2") and browser.sees("Cloud") and browser.sees("Hamburg")
    for secret in ("Globex", "Wilma", the_asked(lead).name):
        assert secret not in browser.html.replace(others.name, "")
    asked = {acme.id: sam, rival.id: rex}[the_asked(lead).id]
    own = Browser(app).sign_in(asked).open("/leads/places")
    assert own.sees("You were asked") and own.sees("First of 2")


def test_who_was_left_out_reads_why(browser, acme, rival, sam):
    pause_partner(acme, by=None)
    a_lead()
    browser.sign_in(sam).open("/leads/places")
    assert browser.sees("Paused by the partner.") and browser.sees("none")


def test_only_leads_of_ones_own_countries_and_time_count(acme, tokyo, time):
    old = a_lead()
    time.move(days=91)
    new = a_lead("Initech")
    since = new.received_at.replace(hour=0)
    found = session.scalars(decisions_near(acme, since)).all()
    assert [decision.lead_id for decision in found] == [new.id]
    assert session.scalars(decisions_near(tokyo, since)).all() == []
    acme.activated_at = new.received_at.replace(year=2027)
    assert session.scalars(decisions_near(acme, since)).all() == []
    assert old.id != new.id


def test_of_a_lead_that_was_routed_again_the_last_time_counts(acme, rival, sam, rex):
    from referrals.models import DeclineReason
    from referrals.operations import decline_offer
    from tests.referrals.leads.cast import the_offer

    lead = a_lead()
    decline_offer(the_offer(lead), reason=DeclineReason.NO_CAPACITY, by=sam)
    assert session.scalar(sa.select(sa.func.count()).select_from(RoutingDecision)) == 2
    [decision] = session.scalars(decisions_near(acme, lead.received_at)).all()
    assert decision.id == latest_decision(lead).id


def test_a_page_of_many_leads_asks_no_more_than_one_of_few(browser, acme, sam):
    a_lead()
    browser.sign_in(sam).open("/leads/places")
    few = browser.queries
    for number in range(12):
        a_lead(f"Firm{number}")
    browser.open("/leads/places")
    assert browser.queries <= few + 1 and browser.sees("1–10 of 13")
