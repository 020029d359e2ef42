"""A wrong sale is put right by people: voided, or given to whom it belongs. Money moves by difference."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from commissions import ledger
from commissions.models import Entry, EntryKind
from commissions.operations import disputes
from commissions.operations.proofs import check_proofs
from commissions.queries.earnings import balances
from core.activity import activity_on
from core.database import session
from core.errors import InvalidInput, Refusal
from referrals.models import SaleDecision, SaleStatus
from referrals.operations.sales import attribute_sale, reattribute_sale, void_sale
from tests.browser import Browser
from tests.commissions.cast import a_definition, a_line, a_live_plan, given_back, sold
from tests.commissions.plans import percent


@pytest.fixture
def plan(programme: None) -> Any:
    return a_live_plan()


def total(partner: Any) -> int:
    return sum(balance.total_minor for balance in balances(partner))


def proved() -> bool:
    return not check_proofs(by=None, everything=True).differing and not ledger.audit()


def test_a_void_sale_earns_nobody_anything_and_stays_readable(plan: Any, acme: Any, finn: Any) -> None:
    sale = sold(acme, a_line(), a_line("training", 9_999))
    void_sale(sale, reason="Recorded twice by the shop.", by=finn)
    assert total(acme) == 0
    assert sale.status is SaleStatus.REVERSED
    assert [line.net_minor for line in sale.lines] == [200_000, 9_999]
    assert sum(entry.amount_minor for entry in session.scalars(sa.select(Entry))) == 0, (
        "the vendor's share too"
    )
    given_back(sale, 1_000)
    assert total(acme) == 0
    assert proved()


def test_only_the_difference_is_taken_back_after_a_refund(plan: Any, acme: Any, finn: Any) -> None:
    sale = sold(acme)
    given_back(sale, 50_000)
    void_sale(sale, reason="Recorded twice by the shop.", by=finn)
    amounts = list(session.scalars(sa.select(Entry.amount_minor).order_by(Entry.id)))
    assert amounts == [40_000, -10_000, -30_000]


def test_a_sale_moves_to_whom_it_belongs(plan: Any, acme: Any, rival: Any, finn: Any) -> None:
    sale = sold(acme)
    reattribute_sale(sale, rival, reason="Rival won the deal.", by=finn)
    assert (total(acme), total(rival)) == (0, 30_000), "20 % for gold, 15 % for silver"
    given_back(sale, 100_000)
    assert (total(acme), total(rival)) == (0, 15_000)
    reattribute_sale(sale, acme, reason="It was Acme after all.", by=finn)
    assert (total(acme), total(rival)) == (20_000, 0)
    assert proved()


def test_a_share_that_stays_the_same_is_not_posted_anew(plan: Any, acme: Any, rival: Any, finn: Any) -> None:
    sale = sold(acme, a_line("training", 9_999))
    reattribute_sale(sale, rival, reason="Rival did the work.", by=finn)
    assert (total(acme), total(rival)) == (0, 8_999)
    vendors = session.scalars(sa.select(Entry).where(Entry.partner_id.is_(None))).all()
    assert [entry.amount_minor for entry in vendors] == [1_000]


def test_a_sale_can_become_nobodys_and_somebodys_again(plan: Any, acme: Any, rival: Any, finn: Any) -> None:
    sale = sold(acme)
    reattribute_sale(sale, None, reason="Nobody knows yet.", by=finn)
    assert (total(acme), sale.status) == (0, SaleStatus.UNATTRIBUTED)
    attribute_sale(sale, rival, source="manager", because="Found out.", by=finn)
    assert total(rival) == 30_000


def test_the_next_sale_is_the_first_when_the_first_was_none(programme: None, acme: Any, finn: Any) -> None:
    rules = [percent("10", name="First", term_months=0), percent("5", name="Later")]
    a_live_plan(a_definition(rules=rules, splits=[]))
    first = sold(acme, a_line(minor=10_000), name="inv_1")
    sold(acme, a_line(minor=10_000), name="inv_2", occurred_at=datetime(2026, 4, 1, 10, tzinfo=UTC))
    assert total(acme) == 1_500
    void_sale(first, reason="It was a test.", by=finn)
    assert total(acme) == 1_000


def test_a_cap_has_room_again(programme: None, acme: Any, finn: Any) -> None:
    cap = {"per": "partner", "window": "lifetime", "amount_minor": 1_200}
    a_live_plan(a_definition(rules=[percent("10", caps=[cap])], splits=[]))
    first = sold(acme, a_line(minor=10_000), name="inv_1")
    sold(acme, a_line(minor=10_000), name="inv_2", occurred_at=datetime(2026, 4, 1, 10, tzinfo=UTC))
    assert total(acme) == 1_200
    void_sale(first, reason="It was a test.", by=finn)
    assert total(acme) == 1_000


def test_a_correction_goes_with_the_sale(plan: Any, acme: Any, rival: Any, ada: Any, finn: Any) -> None:
    sale = sold(acme)
    entry = session.scalars(sa.select(Entry)).one()
    dispute = disputes.open_dispute(entry, "We are Platinum.", by=ada)
    disputes.correct_line(dispute, should_be_minor=50_000, reason="Yes.", by=finn)
    reattribute_sale(sale, rival, reason="Rival won the deal.", by=finn)
    assert (total(acme), total(rival)) == (0, 30_000)
    given_back(sale, 100_000)
    assert (total(acme), total(rival)) == (0, 15_000)
    assert proved()


def test_what_is_refused(plan: Any, acme: Any, rival: Any, finn: Any) -> None:
    sale = sold(acme)
    with pytest.raises(InvalidInput):
        void_sale(sale, reason=" ", by=finn)
    with pytest.raises(InvalidInput):
        reattribute_sale(sale, acme, reason="The same.", by=finn)
    void_sale(sale, reason="A test.", by=finn)
    for deed in (
        lambda: void_sale(sale, reason="Again.", by=finn),
        lambda: reattribute_sale(sale, rival, reason="Too late.", by=finn),
    ):
        with pytest.raises(Refusal, match="void"):
            deed()


def test_who_decided_what_and_why_is_kept(plan: Any, acme: Any, rival: Any, finn: Any) -> None:
    sale = sold(acme)
    decision = reattribute_sale(sale, rival, reason="Rival won the deal.", by=finn)
    assert (decision.from_partner_id, decision.to_partner_id, decision.decided_by_id) == (
        acme.id,
        rival.id,
        finn.id,
    )
    [deed] = [one for one in session.scalars(activity_on(sale)) if one.verb == "sale put right"]
    assert deed.details == {"before": "Acme", "after": "Rival", "reason": "Rival won the deal."}
    with pytest.raises(DBAPIError):
        session.execute(sa.update(SaleDecision).values(reason="Another"))
    session.rollback()


def test_finance_puts_it_right_on_the_sales_page(
    plan: Any, acme: Any, rival: Any, finn: Any, browser: Browser
) -> None:
    sale = sold(acme)
    browser.sign_in(finn).open(f"/sales/{sale.id}").click("Void it or move it")
    browser.press("Void it", expect=422)
    browser.press("Move it", expect=422)
    browser.fill("Whose it really is", "Rival").fill("Why", "Rival won the deal.").press("Move it")
    assert browser.sees("What it earns has moved along.")
    assert browser.sees("From Acme to Rival")
    browser.click("Void it or move it").fill("Why it was no sale", "A test.").press("Void it")
    assert browser.sees("Voided. What it had earned is taken back.")
    assert session.scalars(sa.select(Entry.kind).order_by(Entry.id.desc())).first() is EntryKind.REVERSAL


def test_a_partner_cannot(plan: Any, acme: Any, ada: Any, browser: Browser) -> None:
    sale = sold(acme)
    browser.sign_in(ada).open(f"/sales/{sale.id}")
    assert "Void it or move it" not in browser.links
    browser.open(f"/staff/sales/{sale.id}/decision", expect=403)
