"""Whose a sale is: the strongest of the published order, with the losing candidates kept."""

from typing import Any

import pytest

from core.errors import Refusal
from core.signals import receives
from referrals.models import AttributionSource, DealStatus, SaleStatus
from referrals.operations import deals, make_referral_code, sales
from referrals.signals.sales import SaleAttributed
from tests.referrals.deals.cast import a_deal, a_registration, a_sale, a_won_deal

attributed: list[SaleAttributed] = []


@receives(SaleAttributed)
def _hear(signal: SaleAttributed) -> None:
    attributed.append(signal)


@pytest.fixture(autouse=True)
def _nothing_heard_yet() -> None:
    attributed.clear()


def test_a_sale_that_nobody_has_a_claim_to_is_kept_unattributed() -> None:
    sale = a_sale()
    assert sale.status is SaleStatus.UNATTRIBUTED
    assert not sale.earns


def test_the_partner_named_with_the_sale_beats_everything_else(acme: Any, rival: Any) -> None:
    deal = a_deal(rival)
    make_referral_code(rival, "RIVAL", by=None)
    sale = a_sale(partner_id=str(acme.id), deal_id=str(deal.id), referral_code="rival")
    assert sale.partner_id == acme.id
    assert [(one["source"], one["chosen"], one["because"]) for one in sale.attribution] == [
        ("partner", True, ""),
        ("deal", False, "weaker"),
        ("code", False, "weaker"),
    ]
    assert sale.deal is None


def test_a_deal_beats_a_code_and_a_code_beats_the_customers_partner(acme: Any, rival: Any) -> None:
    make_referral_code(rival, "RIVAL", by=None)
    deal = a_deal(acme)
    assert a_sale("a", deal_id=str(deal.id), referral_code="RIVAL").partner_id == acme.id
    sale = a_sale("b", referral_code="rival ")
    assert (sale.partner_id, sale.attribution_source) == (rival.id, AttributionSource.CODE)


def test_later_sales_go_to_the_customers_partner(acme: Any) -> None:
    a_sale("a", partner_id=str(acme.id))
    sale = a_sale("b")
    assert (sale.partner_id, sale.attribution_source) == (acme.id, AttributionSource.CUSTOMER)
    assert sale.status is SaleStatus.ATTRIBUTED
    assert sale.earns


def test_an_unknown_code_is_kept_as_a_losing_candidate() -> None:
    sale = a_sale(referral_code="NOBODYS")
    assert sale.status is SaleStatus.UNATTRIBUTED
    assert sale.attribution[0]["because"] == "unknown_code"


def test_a_deal_that_is_not_approved_brings_no_sale(acme: Any) -> None:
    sale = a_sale(deal_id=str(a_registration(acme).id))
    assert sale.partner_id is None
    assert sale.attribution[0]["because"] == "deal_not_approved"


def test_the_sale_named_by_its_deal_wins_it(acme: Any) -> None:
    deal = a_deal(acme)
    sale = a_sale(deal_id=str(deal.id))
    assert deal.status is DealStatus.WON
    assert deal.customer_id == sale.customer_id
    assert sale.origin == "registered"


def test_a_sale_whose_invoice_won_a_deal_is_that_deals(acme: Any) -> None:
    deal = a_won_deal(acme, order="R-5")
    sale = a_sale(invoice="R-5", customer={"name": "Globex Holding", "country": "DE"})
    assert (sale.partner_id, sale.deal_id) == (acme.id, deal.id)
    assert sale.attribution_source is AttributionSource.ORDER


def test_an_order_that_a_partner_only_reported_brings_no_sale(acme: Any, ada: Any) -> None:
    deal = a_deal(acme, "Initech")
    deals.win_deal(deal, order="inv_1", by=ada)
    sale = a_sale("inv_1")
    assert sale.partner_id is None
    assert sale.attribution[0]["because"] == "order_not_confirmed"
    deals.confirm_order(deal, by=None)
    assert sale.partner_id == acme.id
    assert [signal.subject.id for signal in attributed] == [sale.id]


def test_a_partner_that_refers_itself_waits_for_a_person(acme: Any) -> None:
    acme.domain = "globex.example"
    make_referral_code(acme, "ACME", by=None)
    sale = a_sale(referral_code="ACME")
    assert (sale.status, sale.held_because, sale.earns) == (SaleStatus.HELD, "self_referral", False)
    sales.release_sale(sale, by=None)
    assert sale.earns
    assert sale.status is SaleStatus.ATTRIBUTED
    assert len(attributed) == 1


def test_a_manager_gives_a_sale_that_is_nobodys_to_a_partner_once(acme: Any, rival: Any) -> None:
    sale = a_sale()
    sales.attribute_sale(sale, acme, source=AttributionSource.MANAGER, because="phone call", by=None)
    assert sale.status is SaleStatus.ATTRIBUTED
    with pytest.raises(Refusal):
        sales.attribute_sale(sale, rival, source=AttributionSource.MANAGER, because="", by=None)


def test_only_the_chosen_partners_deal_is_tied_to_the_sale(acme: Any, rival: Any) -> None:
    sale = a_sale(partner_id=str(acme.id), deal_id=str(a_deal(rival).id))
    assert sale.deal_id is None
