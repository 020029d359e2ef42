"""What events brought, without typing: guests, leads, deals, revenue against cost, by event, city, partner, type."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from core import clock
from core.database import session
from core.exchange import set_rate
from events import operations
from events.queries.results import Grouping, Result, results, together
from referrals.models import Deal, Lead
from referrals.operations.sales import record_refund
from tests.browser import Browser
from tests.events import cast
from tests.referrals.deals.cast import a_sale, a_won_deal, later_data


@pytest.fixture
def held(acme, mona, time):
    """Acme's event: two guests, one of whom agreed and bought for 6,000.00; it cost 2,380.00, half came back."""
    request = cast.an_approved_request(acme)
    willing = cast.a_guest(request.event, "Willing Will")
    cast.a_guest(request.event, "Silent Sue", agrees=False)
    time.move_to(request.starts_at)
    operations.check_in(willing, by=None)
    time.move(days=1)
    claim = operations.start_claim(request, by=None)
    cast.a_line(claim, number="R-1", shade=11)
    cast.a_line(claim, number="R-2", shade=12)
    for kind in ("agenda", "photos"):
        file = cast.check_file(cast.a_picture(40), "proof.png")
        operations.add_proof(claim, cast.ProofKind(kind), file=file, by=None)
    operations.submit_claim(claim, by=None)
    cast.approve(claim, by=mona)
    lead = session.scalars(sa.select(Lead).where(Lead.caller_key == f"registration-{willing.id}")).one()
    bought(acme, lead, 600_000)
    return request.event


def bought(partner, lead, minor, *, currency="EUR", number=1):
    """What the lead's firm bought through its deal, and the sale."""
    deal = session.scalar(sa.select(Deal).where(Deal.lead_id == lead.id))
    if deal is None:
        deal = a_won_deal(partner, f"Bought {number}", order=f"PO-{lead.id}")
        deal.lead_id = lead.id
    sale = a_sale(f"sale-{number}", minor=minor, currency=currency)
    sale.deal_id = deal.id
    session.flush()
    return sale


def test_an_event_shows_what_it_brought(held, mona):
    (line,) = results(mona, year=2026, by=Grouping.EVENT)
    assert (line.registered, line.guests, line.agreed, line.leads, line.deals, line.won) == (2, 1, 1, 1, 1, 1)
    assert (line.revenue_minor, line.spent_minor, line.reimbursed_minor) == (600_000, 238_000, 100_000)
    assert line.cost_per_lead_minor == 238_000
    assert line.roi_percent == 152


def test_without_leads_or_cost_there_is_no_quotient():
    assert Result("Empty").cost_per_lead_minor is None
    assert Result("Empty").roi_percent is None


def test_events_are_put_together_by_city_partner_and_type(held, acme, rival, mona, time):
    other = cast.a_held_request(rival, time, city="berlin", title="Other").event
    operations.hold_event(other, by=None)
    by_city = results(mona, year=2026, by=Grouping.CITY)
    assert [(line.name.lower(), line.events, line.leads) for line in by_city] == [("berlin", 2, 1)]
    assert {line.name for line in results(mona, year=2026, by=Grouping.PARTNER)} == {"Acme", "Rival"}
    assert [line.name for line in results(mona, year=2026, by=Grouping.ACTIVITY)] == ["Seminar"]
    assert together(by_city).events == 2


def test_other_currencies_are_converted_by_todays_rate_or_named(held, acme, mona):
    lead = session.scalars(sa.select(Lead)).first()
    bought(acme, lead, 100_000, currency="USD", number=2)
    (line,) = results(mona, year=None, by=Grouping.EVENT)
    assert (line.revenue_minor, line.without_rate) == (600_000, frozenset({"USD"}))
    set_rate(clock.now().date(), "USD", "EUR", Decimal("0.9"), source="typed", by=None)
    (line,) = results(mona, year=None, by=Grouping.EVENT)
    assert (line.revenue_minor, line.without_rate) == (690_000, frozenset())


def test_what_was_given_back_is_no_revenue(held, acme, mona):
    lead = session.scalars(sa.select(Lead)).first()
    sale = bought(acme, lead, 50_000, number=2)
    record_refund(later_data("re_1", 20_000, sale_external_id=sale.external_id), by=None)
    session.flush()
    (line,) = results(mona, year=2026, by=Grouping.EVENT)
    assert line.revenue_minor == 630_000


def test_a_partner_sees_its_own_and_another_year_is_empty(held, ada, rex, mona):
    assert len(results(ada, year=2026, by=Grouping.EVENT)) == 1
    assert results(rex, year=2026, by=Grouping.EVENT) == []
    assert results(mona, year=2025, by=Grouping.EVENT) == []


def test_the_page_shows_chart_table_and_file(app, held, mona, ada):
    page = Browser(app).sign_in(mona).open("/event-results")
    assert page.sees("Cloud breakfast") and page.sees("€6,000.00") and page.sees("152")
    assert 'aria-label="Revenue less cost' in page.html and page.sees("€3,620.00")
    assert page.open("/event-results?by=partner&year=all").sees("Acme")
    file = page.client.get("/event-results?format=csv").get_data(as_text=True)
    assert "Cloud breakfast,1,2,1,1,1,1,1,6000.00,2380.00,1000.00,2380.00,152,EUR" in file
    own = Browser(app).sign_in(ada).open("/event-results?by=partner")
    assert own.sees("Cloud breakfast")


def test_many_events_ask_the_database_no_more_than_one(app, held, acme, mona, time):
    page = Browser(app).sign_in(mona)
    asked = []
    for number in range(6):
        operations.hold_event(cast.a_held_request(acme, time, title=f"Number {number}").event, by=None)
        session.flush()
        session.expire_all()
        asked.append(page.open("/event-results").queries)
    assert len(set(asked)) == 1
