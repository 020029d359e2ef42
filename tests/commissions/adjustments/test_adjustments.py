"""What finance writes to a partner's balance by hand: once, with its reason, paid by a run that another approves."""

from typing import Any

import pytest
import sqlalchemy as sa

from commissions import ledger
from commissions.models import Entry, EntryKind
from commissions.operations.adjustments import write_by_hand
from commissions.operations.profiles import set_tax_rates
from commissions.queries.earnings import balances
from commissions.queries.unusual import unusual_in_run
from core import clock
from core.activity import activity_on
from core.database import session
from core.errors import InvalidInput, Refusal
from core.money import LIMIT
from partners.models import Member
from tests.browser import Browser
from tests.commissions.earnings import a_profile, a_proposed_run, an_entry


@pytest.fixture(autouse=True)
def _books_are_sound_afterwards() -> Any:
    yield
    assert not ledger.audit()


def written(partner: Any, by: Any, **about: Any) -> Entry:
    values: dict[str, Any] = {
        "kind": EntryKind.BONUS,
        "amount_minor": 60_000,
        "currency": "EUR",
        "reason": "Best demo at the fair",
        "token": "a" * 24,
    }
    return write_by_hand(partner, by=by, **values | about)


def test_a_bonus_is_payable_at_once_and_whoever_approves_sees_it(acme: Any, finn: Any) -> None:
    a_profile(acme)
    entry = written(acme, finn)
    assert [balance.payable_minor for balance in balances(acme)] == [60_000]
    (deed,) = session.scalars(activity_on(entry))
    assert (deed.actor_id, deed.details["reason"]) == (finn.id, "Best demo at the fair")
    (look,) = unusual_in_run(a_proposed_run(finn)).first
    assert "Something was entered by hand" in look.remarks


def test_a_double_click_writes_it_once(acme: Any, finn: Any) -> None:
    first = written(acme, finn)
    assert written(acme, finn) is first
    assert written(acme, finn, amount_minor=1) is first
    assert written(acme, finn, token="b" * 24) is not first
    assert [balance.payable_minor for balance in balances(acme)] == [120_000]


def test_a_correction_may_take_back_and_a_set_off_has_no_vat(acme: Any, finn: Any) -> None:
    profile = a_profile(acme)
    set_tax_rates(profile, vat_bp=1_900, withholding_bp=0, by=finn)
    written(acme, finn, amount_minor=100_000)
    written(acme, finn, kind=EntryKind.ADJUSTMENT, amount_minor=-20_000, token="b" * 24)
    written(acme, finn, kind=EntryKind.SET_OFF, amount_minor=-30_000, token="c" * 24)
    (payout,) = a_proposed_run(finn).payouts
    assert (payout.amount_minor, payout.vat_minor) == (50_000, 15_200)
    (look,) = unusual_in_run(payout.run).first
    assert "Something was entered by hand" in look.remarks


def test_a_set_off_alone_counts_as_written_by_hand(acme: Any, finn: Any) -> None:
    a_profile(acme)
    an_entry(acme, 100_000)
    written(acme, finn, kind=EntryKind.SET_OFF, amount_minor=-30_000)
    (look,) = unusual_in_run(a_proposed_run(finn)).first
    assert "Something was entered by hand" in look.remarks


@pytest.mark.parametrize(
    ("about", "field"),
    [
        ({"amount_minor": 0}, "amount"),
        ({"amount_minor": -1}, "amount"),
        ({"amount_minor": LIMIT}, "amount"),
        ({"currency": "XXX"}, "currency"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"kind": EntryKind.COMMISSION}, "kind"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(acme: Any, finn: Any, about: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as problem:
        written(acme, finn, **about)
    assert list(problem.value.problems) == [field]


def test_who_may_not(acme: Any, rival: Any, mona: Any, ada: Any, finn: Any) -> None:
    for person in (mona, ada):
        with pytest.raises(Refusal, match="Finance does this"):
            written(acme, person)
    session.add(Member(partner_id=acme.id, user_id=finn.id, joined_at=clock.now()))
    session.flush()
    with pytest.raises(Refusal, match="somebody else must write it down"):
        written(acme, finn)
    rival.merged_into = acme
    with pytest.raises(Refusal, match="Write it down there"):
        written(rival, finn)


def test_finance_writes_it_on_the_page_and_the_partner_reads_why(
    app: Any, acme: Any, finn: Any, ada: Any, rex: Any, mona: Any
) -> None:
    an_entry(acme, 10_000, currency="JPY")
    browser = Browser(app).sign_in(finn).open(f"/staff/partners/{acme.id}/earnings")
    browser.click("Bonus or correction")
    browser.fill("What it is", "Bonus, for something that the partner did").fill("Currency", "JPY")
    browser.fill("Amount", "12.50").fill("Why, for the partner", "Best demo").press(
        "Write it down", expect=422
    )
    browser.fill("Amount", "12000").press("Write it down")
    assert browser.sees("Written down: ¥12,000.")
    entry = session.scalars(sa.select(Entry).where(Entry.kind == EntryKind.BONUS)).one()
    partner = Browser(app).sign_in(ada).open(f"/earnings/lines/{entry.id}")
    assert partner.heading == "Bonus ¥12,000"
    assert partner.sees("Best demo · written down by Finn Finance")
    partner.open(f"/staff/partners/{acme.id}/adjustment", expect=403)
    Browser(app).sign_in(rex).open(f"/staff/partners/{acme.id}/adjustment", expect=403)
    manager = Browser(app).sign_in(mona).open(f"/staff/partners/{acme.id}/earnings")
    assert "Bonus or correction" not in manager.links
    manager.open(f"/staff/partners/{acme.id}/adjustment", expect=403)
