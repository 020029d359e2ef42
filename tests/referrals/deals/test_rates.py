"""A partner's own rates, estimates made from others, and what was planned against what was sold."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core import clock, storage
from core.database import session
from core.errors import InvalidInput
from partners.models import LineKind, Recurrence
from partners.operations import change_logo
from partners.queries import services_by_code
from referrals.models import ServiceRate
from referrals.operations import estimates
from referrals.operations.rates import remove_rate, save_rate
from referrals.queries.catalogue import Catalogue
from referrals.queries.licence_share import shares_of_deals, shares_of_network, shares_of_partners
from tests.browser import Browser
from tests.referrals.deals.cast import a_deal, a_line, a_sale, an_estimate


def a_rate(partner, name="Day of a senior", price=1_150_00, **about):
    about = {"kind": LineKind.IMPLEMENTATION, "currency": "EUR", "recurring": Recurrence.ONCE, **about}
    return save_rate(partner, name=name, unit_price_minor=price, by=None, **about)


def test_the_same_service_gets_the_new_price(acme, rival):
    first, again = a_rate(acme), a_rate(acme, price=1_200_00)
    assert (first.id, again.unit_price_minor) == (again.id, 1_200_00)
    assert a_rate(acme, currency="USD").id != first.id
    assert a_rate(rival).id != first.id


def test_the_card_is_for_services(acme):
    with pytest.raises(InvalidInput):
        a_rate(acme, kind=LineKind.LICENCE)


def test_the_card_is_kept_on_its_page(browser, ada, acme):
    browser.sign_in(ada).open("/deals/rates")
    browser.fill("What the customer reads", "Training, half a day").fill("Unit price", "480.00")
    browser.press("Put it on the card")
    assert browser.sees("Training, half a day") and browser.sees("480.00")
    browser.press("Remove")
    assert session.query(ServiceRate).count() == 0


def test_a_rate_brings_its_name_and_price_into_the_estimate(browser, ada, acme):
    rate = a_rate(acme, recurring=Recurrence.MONTH)
    deal = a_deal(acme)
    browser.sign_in(ada).open(f"/deals/{deal.id}/estimate")
    browser.fill("What", f"implementation#{rate.id}").fill("Quantity", "2").press("Save the estimate")
    [line] = deal.estimate.lines
    assert (line.kind, line.description, line.unit_price_minor, line.recurring) == (
        LineKind.IMPLEMENTATION, "Day of a senior", 1_150_00, Recurrence.MONTH,
    )  # fmt: skip
    remove_rate(rate, by=None)
    assert deal.estimate.total_minor == 12 * 2 * 1_150_00


def test_anothers_rate_is_no_choice(browser, ada, acme, rival):
    rate = a_rate(rival)
    deal = a_deal(acme)
    browser.sign_in(ada).open(f"/deals/{deal.id}/estimate")
    assert not browser.sees("Day of a senior")
    other = Browser(browser.app)
    other.sign_in(ada).open("/deals/rates")
    assert not other.sees("Day of a senior")
    assert rate.partner_id == rival.id


def test_an_estimate_begins_with_another_ones_and_loses_its_days(acme, ada):
    source, target = a_deal(acme, "Globex"), a_deal(acme, "Initech")
    milestone = estimates.MilestoneData(
        name="Go-live", amount_minor=100_00, due_on=clock.now().date(), document=""
    )
    data = an_estimate(a_line())
    data = type(data)(currency="EUR", billed_by=data.billed_by, lines=data.lines, milestones=(milestone,))
    first = estimates.save_estimate(source, data, by=ada)
    copied = estimates.copy_estimate(first, target, by=ada)
    assert (copied.version, copied.total_minor, copied.milestones[0].due_on) == (1, 100_00, None)


def test_an_older_version_becomes_the_newest(browser, acme, ada):
    deal = a_deal(acme)
    estimates.save_estimate(deal, an_estimate(a_line(price=100_00)), by=ada)
    estimates.save_estimate(deal, an_estimate(a_line(price=900_00)), by=ada)
    browser.sign_in(ada).open(f"/deals/{deal.id}/estimate?version=1").press("Make it the newest version")
    assert (deal.estimate.version, deal.estimate.total_minor) == (3, 100_00)


def test_copying_stays_within_the_firm(browser, acme, rival, ada):
    estimates.save_estimate(a_deal(rival, "Hooli"), an_estimate(a_line()), by=None)
    deal = a_deal(acme)
    browser.sign_in(ada).open(f"/deals/{deal.id}/estimate")
    assert not browser.sees("Hooli") and not browser.sees("Begin with another estimate")


def test_the_proposal_carries_the_partners_logo(browser, acme, ada):
    deal = a_deal(acme)
    estimates.save_estimate(deal, an_estimate(a_line()), by=ada)
    browser.sign_in(ada).open(f"/deals/{deal.id}/estimate/proposal?language=de")
    without = len(browser.response.data)
    change_logo(acme, a_picture(), by=ada)
    assert storage.read(acme.logo)
    browser.open(f"/deals/{deal.id}/estimate/proposal?language=en")
    assert b"/Subtype/Image" in browser.response.data.replace(b" ", b"")
    assert len(browser.response.data) > without


def a_picture():
    import io

    from PIL import Image

    content = io.BytesIO()
    Image.effect_noise((64, 32), 60).convert("RGB").save(content, "PNG")
    return content.getvalue()


def _a_project(partner, company, *, billed_by, licence, services, sold, order):
    deal = a_deal(partner, company)
    lines = (a_line("licence", licence), a_line("implementation", services))
    estimates.save_estimate(deal, an_estimate(*lines, billed_by=billed_by), by=None)
    a_sale(
        order,
        deal_id=str(deal.id),
        occurred_at=clock.now(),
        billed_by=billed_by,
        customer={"name": company, "country": "DE"},
        lines=[
            {"kind": kind, "product": None, "quantity": 1, "unit_amount_minor": minor}
            for kind, minor in sold.items()
        ],
    )


def test_planned_and_sold_licence_shares_by_partner_project_and_network(acme, rival, ada, mona):
    _a_project(acme, "Globex", billed_by="vendor", licence=1_000_00, services=9_000_00, order="a",
               sold={"licence": 1_200_00, "implementation": 4_800_00})  # fmt: skip
    _a_project(rival, "Initech", billed_by="partner", licence=1_000_00, services=4_000_00, order="b",
               sold={"licence": 1_000_00})  # fmt: skip
    since = clock.now() - timedelta(days=90)
    by_name = {row.name: (row.planned, row.sold) for row in shares_of_partners(mona, since)}
    assert by_name == {
        "Acme": (Decimal("10.0"), Decimal("20.0")),
        "Rival": (Decimal("20.0"), Decimal("20.0")),
    }
    [whole] = shares_of_network(mona, since)
    assert (whole.projects, whole.planned_total, whole.sold_total) == (2, 15_000_00, 11_000_00)
    assert [row.name for row in shares_of_deals(ada, since)] == ["Globex"]


def test_both_sides_read_the_report(app, browser, acme, ada, mona):
    browser.sign_in(ada).open("/deals/licence-share")
    assert browser.sees("Nothing to compare yet")
    _a_project(acme, "Globex", billed_by="vendor", licence=1_000_00, services=9_000_00, order="a",
               sold={"licence": 1_200_00, "implementation": 4_800_00})  # fmt: skip
    browser.open("/deals/licence-share")
    assert browser.sees("Globex") and browser.sees("Sold against planned")
    desk = Browser(app).sign_in(mona).open("/deals/licence-share")
    assert desk.sees("Acme")
    assert "Acme,EUR,1" in desk.open("/deals/licence-share?format=csv").response.get_data(as_text=True)


def test_a_service_out_of_the_catalogue_is_not_offered_but_stays_where_it_was_chosen(programme):
    catalogue = Catalogue.read()
    assert LineKind.TRAINING in catalogue.service_kinds()
    services_by_code()["training"].retired_at = clock.now()
    assert not {LineKind.TRAINING, LineKind.LICENCE} & {*catalogue.service_kinds()}
    assert LineKind.TRAINING in catalogue.service_kinds("training")
