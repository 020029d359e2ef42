"""VAT on payouts: of services alone, line by line: payouts and papers agree to the cent however they are cut."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from commissions import ledger, settings
from commissions.models import (
    Entry,
    EntryKind,
    PaperKind,
    Payout,
    PayoutLine,
    PayoutRun,
    Statement,
    StatementPaper,
    VatStatus,
)
from commissions.operations.merging import follow_merged_firms
from commissions.operations.papers import make_papers
from commissions.operations.payouts import execute_file, start_sending
from commissions.operations.profiles import set_tax_rates
from commissions.operations.runs import propose_again, withdraw_run
from commissions.operations.statements import bounds_of, issue_due_statements
from commissions.queries.payouts import files_of_run, services_of, taxes_of
from commissions.queries.proposals import Reason, proposal
from commissions.taxes import line_vat
from core import clock
from core.database import session
from core.settings import change_setting
from partners.operations import merge_partners
from tests.browser import Browser
from tests.commissions.cast import FIRST_OF_MARCH, a_line, a_live_plan, sold
from tests.commissions.earnings import a_profile, an_account_to_pay_from, an_approved_run, an_entry
from tests.commissions.guards import without_guards

AMOUNTS = st.lists(st.integers(-100_000, 100_000).filter(bool), min_size=1, max_size=12)
RATES = st.sampled_from([1, 700, 1900, 2000, 2550])


@pytest.fixture
def profile(programme: None, acme: Any, finn: Any) -> Any:
    """Acme is registered for VAT at 19 %, and is billed for by the vendor."""
    acme.tax_id = "DE136695976"
    for setting, value in (
        (settings.LEGAL_ADDRESS, "Torstraße 1, 10119 Berlin"),
        (settings.LEGAL_TAX_ID, "DE811223344"),
        (settings.SELF_BILLING_AGREEMENT, "1"),
    ):
        change_setting(setting, value, by=None)
    an_account_to_pay_from()
    found = a_profile(acme)
    set_tax_rates(found, vat_bp=1900, withholding_bp=0, by=finn)
    return found


def _paid(finn: Any, mona: Any) -> Payout:
    run = an_approved_run(finn, mona)
    start_sending(run, by=finn)
    execute_file(files_of_run(run)[0], reference=f"BANK-{run.id}", by=finn)
    return run.payouts[0]


def _invoice_of(month: str, time: Any) -> StatementPaper:
    time.move_to(max(clock.now(), bounds_of(month)[1] + timedelta(hours=6)))
    statement = next(one for one in issue_due_statements() if one.month == month)
    return next(paper for paper in make_papers(statement, by=None) if paper.kind is PaperKind.SELF_BILLING)


def _vat(payout: Payout) -> dict[int, tuple[int | None, int]]:
    lines = session.scalars(sa.select(PayoutLine).where(PayoutLine.payout_id == payout.id))
    return {line.entry_id: (line.vat_bp, line.vat_minor) for line in lines}


def _taxes(paper: StatementPaper) -> list[tuple[int, int, int]]:
    said = paper.content["facts"]["taxes"]
    return [(each["vat_bp"], each["net_minor"], each["vat_minor"]) for each in said]


# The arithmetic


@given(AMOUNTS, RATES)
def test_what_is_taken_back_in_parts_takes_back_the_vat_to_the_cent(parts: list[int], bp: int) -> None:
    """Over a line and all that corrects it, the VAT is that of what is left; nothing left has none."""
    stands = [sum(parts[:number]) for number in range(len(parts) + 1)]
    total = sum(line_vat(after - before, before, bp) for before, after in pairwise(stands))
    assert total == line_vat(stands[-1], 0, bp)
    assert total + line_vat(-stands[-1], stands[-1], bp) == 0


@pytest.mark.parametrize(
    ("amount", "before", "vat"),
    [(50, 0, 10), (-50, 0, -10), (999, 0, 190), (-333, 999, -63), (-333, 666, -64)],
)
def test_a_line_is_rounded_half_up_once_by_difference(amount: int, before: int, vat: int) -> None:
    assert line_vat(amount, before, 1900) == vat


# What it is on


def test_services_have_vat_and_nothing_else_has(
    profile: Any, acme: Any, finn: Any, mona: Any, time: Any
) -> None:
    """200.03 of services, 50.00 of costs given back; the vendor's part of what the partner billed is taken off."""
    a_live_plan()
    sold(acme, a_line("licence", 10_000), name="inv_1", billed_by="partner", occurred_at=FIRST_OF_MARCH)
    vendors = session.scalars(sa.select(Entry).where(Entry.amount_minor < 0)).one()
    ours = [an_entry(acme, 10_001), an_entry(acme, 10_002, kind=EntryKind.SPLIT)]
    costs = an_entry(acme, 5_000, kind=EntryKind.REIMBURSEMENT)
    time.move(days=31)
    payout = _paid(finn, mona)
    assert payout.amount_minor == 25_003 + vendors.amount_minor
    assert _vat(payout) == {
        vendors.id: (0, 0), costs.id: (0, 0), ours[0].id: (1900, 1_900), ours[1].id: (1900, 1_900),
    }  # fmt: skip
    assert (payout.vat_minor, payout.net_minor) == (3_800, payout.amount_minor + 3_800)
    paper = _invoice_of("2026-03", time)
    assert _taxes(paper) == [(1900, 20_003, 3_800)], (
        "19 % of the sum were 3,801: each line is rounded by itself"
    )
    assert taxes_of(payout) == [("19", 20_003, 3_800)]
    assert ledger.audit() == []


def test_two_payouts_of_one_month_come_to_the_tax_of_its_paper(
    profile: Any, acme: Any, finn: Any, mona: Any, time: Any
) -> None:
    """However a month is cut into payouts: 3 × 50.03 of services have 3 × 9.51."""
    payouts = []
    for _number in range(3):
        an_entry(acme, 5_003)
        payouts.append(_paid(finn, mona))
    assert [payout.vat_minor for payout in payouts] == [951, 951, 951]
    assert _invoice_of("2026-03", time).content["facts"]["vat_minor"] == 3 * 951


def test_what_is_set_off_later_carries_no_vat(profile: Any, acme: Any, finn: Any, mona: Any) -> None:
    """A debt beyond half of the payout is put off: its VAT is taken with the line that takes back."""
    change_setting(settings.SET_OFF_SHARE, "50", by=None)
    an_entry(acme, 20_000)
    an_entry(acme, -15_000, kind=EntryKind.REVERSAL)
    payout = _paid(finn, mona)
    deferred = session.scalars(sa.select(Entry).where(Entry.cause.like("run:%:deferred"))).one()
    assert (payout.amount_minor, payout.vat_minor) == (10_000, 950)
    assert _vat(payout)[deferred.id] == (0, 0)
    assert ledger.audit() == []


def test_vat_that_is_taken_back_may_exceed_what_is_granted(
    app: Any, profile: Any, acme: Any, finn: Any, mona: Any
) -> None:
    """Costs of 100.00 given back, 20.00 of commission taken back: 80.00, less 3.80 of VAT."""
    first = an_entry(acme, 10_000)
    _paid(finn, mona)
    an_entry(acme, -2_000, kind=EntryKind.REVERSAL, corrects_id=first.id)
    an_entry(acme, 10_000, kind=EntryKind.REIMBURSEMENT)
    payout = _paid(finn, mona)
    assert (payout.amount_minor, payout.vat_minor, payout.net_minor) == (8_000, -380, 7_620)
    assert ledger.audit() == []
    assert Browser(app).sign_in(finn).open(f"/staff/payouts/{payout.id}").sees("−€3.80")


def test_who_is_no_longer_registered_is_paid_no_vat(profile: Any, acme: Any, finn: Any, mona: Any) -> None:
    profile.vat_status = VatStatus.SMALL_BUSINESS
    an_entry(acme, 10_000)
    payout = _paid(finn, mona)
    assert (payout.vat_minor, payout.net_minor) == (0, 10_000)


# At which rate


def test_a_paper_keeps_the_rate_at_which_a_line_was_paid(
    profile: Any, acme: Any, finn: Any, mona: Any, time: Any
) -> None:
    paid = an_entry(acme, 10_000)
    payout = _paid(finn, mona)
    set_tax_rates(profile, vat_bp=2000, withholding_bp=0, by=finn)
    open_ = an_entry(acme, 5_000, available_in=40)
    paper = _invoice_of("2026-03", time)
    assert _taxes(paper) == [(2000, 5_000, 1_000), (1900, 10_000, 1_900)]
    assert paper.content["facts"]["other_rates"] == {str(paid.id): 1900}
    assert paper.content["words"]["sums"][1:3] == [
        ["VAT 20 % on 50.00", "10.00"],
        ["VAT 19 % on 100.00", "19.00"],
    ]
    assert (_vat(payout)[paid.id], open_.id in _vat(payout)) == ((1900, 1_900), False)
    assert ledger.audit() == []


def test_a_payout_pays_the_rate_of_the_paper(
    profile: Any, acme: Any, finn: Any, mona: Any, time: Any
) -> None:
    """Also after the partner gave up its registration: what was invoiced with tax is paid with tax."""
    invoiced = an_entry(acme, 10_000)
    paper = _invoice_of("2026-03", time)
    profile.vat_status = VatStatus.SMALL_BUSINESS
    later = an_entry(acme, 10_000)
    back = an_entry(acme, -2_500, kind=EntryKind.REVERSAL, corrects_id=invoiced.id)
    payout = _paid(finn, mona)
    assert paper.content["facts"]["vat_minor"] == 1_900
    assert _vat(payout) == {invoiced.id: (1900, 1_900), back.id: (1900, -475), later.id: (0, 0)}
    assert ledger.audit() == []


def test_what_a_withdrawn_run_said_fixes_nothing(
    profile: Any, acme: Any, finn: Any, mona: Any, time: Any
) -> None:
    entry = an_entry(acme, 10_000)
    run = an_approved_run(finn, mona)
    assert _vat(run.payouts[0]) == {entry.id: (1900, 1_900)}
    withdraw_run(run, by=finn)
    set_tax_rates(profile, vat_bp=700, withholding_bp=0, by=finn)
    assert _vat(_paid(finn, mona)) == {entry.id: (700, 700)}
    assert _taxes(_invoice_of("2026-03", time)) == [(700, 10_000, 700)]
    assert ledger.audit() == []


# What was frozen before, and what somebody changed


def test_a_payout_of_old_stays_as_it_is(app: Any, profile: Any, acme: Any, finn: Any) -> None:
    """Lines without a rate: VAT was taken of the whole payout, and the pages say so."""
    lines = [an_entry(acme, 10_000), an_entry(acme, 5_000, kind=EntryKind.REIMBURSEMENT)]
    run = PayoutRun(currency="EUR", created_at=clock.now(), left_out=[])
    payout = Payout(
        run=run, partner_id=acme.id, currency="EUR", amount_minor=15_000, vat_minor=2_850, method=profile.method,
        destination=profile.destination,
    )  # fmt: skip
    session.add(payout)
    session.flush()
    for line in lines:
        about = {"entry_id": line.id, "amount_minor": line.amount_minor, "frozen_at": clock.now()}
        session.add(PayoutLine(payout_id=payout.id, **about))
    session.flush()
    propose_again(run, by=finn)
    assert _vat(payout) == dict.fromkeys((line.id for line in lines), (None, 0))
    assert (payout.vat_minor, ledger.audit()) == (2_850, [])
    page = Browser(app).sign_in(finn).open(f"/staff/payouts/{payout.id}")
    assert page.sees("on the sum of the lines, rounded half up once")
    assert not page.sees("on services of")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("UPDATE commissions_payout_line SET vat_minor = 1901",
         "payout {payout} says 1900 of VAT, its lines have 1901"),
        ("UPDATE commissions_payout_line SET vat_minor = 1901",
         "the line of earnings {entry} has 1901 of VAT in payout {payout}, at its rate it is 1900"),
        ("UPDATE commissions_payout_line SET vat_bp = 2000",
         "the line of earnings {entry} has VAT at 2000 in payout {payout} and at 1900 on paper {paper}"),
        ("UPDATE commissions_payout SET vat_minor = 2000", "payout {payout} says 2000 of VAT, its lines have 1900"),
    ],
)  # fmt: skip
def test_the_audit_names_vat_that_somebody_changed(
    profile: Any, acme: Any, finn: Any, mona: Any, time: Any, change: str, sentence: str
) -> None:
    entry = an_entry(acme, 10_000)
    payout = _paid(finn, mona)
    paper = _invoice_of("2026-03", time)
    assert ledger.audit() == []
    expected = sentence.format(payout=payout.id, entry=entry.id, paper=paper.number)
    with without_guards():
        session.execute(sa.text(change))
        assert expected in ledger.audit()


@pytest.mark.parametrize("column", ["vat_minor", "vat_bp"])
def test_the_vat_of_a_line_is_frozen(profile: Any, acme: Any, finn: Any, mona: Any, column: str) -> None:
    an_entry(acme, 10_000)
    an_approved_run(finn, mona)
    with pytest.raises(DBAPIError, match="a line of a payout is frozen"), session.begin_nested():
        session.execute(sa.text(f"UPDATE commissions_payout_line SET {column} = 1"))


# Firms that were entered twice


def test_services_of_a_merged_firm_are_moved_apart_from_costs(
    profile: Any, acme: Any, rival: Any, finn: Any, mona: Any
) -> None:
    an_entry(rival, 10_000)
    an_entry(rival, -1_000, kind=EntryKind.REVERSAL)
    an_entry(rival, 3_000, kind=EntryKind.REIMBURSEMENT)
    merge_partners(rival, acme, reason="The same tax number", by=mona)
    assert follow_merged_firms() == 0
    moved = {
        entry.kind: entry.amount_minor
        for entry in session.scalars(sa.select(Entry).where(Entry.partner_id == acme.id))
    }
    assert moved == {EntryKind.ADJUSTMENT: 9_000, EntryKind.SET_OFF: 3_000}
    payout = _paid(finn, mona)
    assert (payout.amount_minor, payout.vat_minor) == (12_000, 1_710)
    assert ledger.audit() == []


def test_a_run_pays_what_its_page_showed_also_of_tax(profile: Any, acme: Any, finn: Any) -> None:
    """A rate that changes between the look and the proposal is another list."""
    from commissions.operations.runs import propose_run
    from commissions.queries.proposals import proposal
    from core.errors import Refusal

    an_entry(acme, 10_000)
    seen = proposal("EUR").digest
    set_tax_rates(profile, vat_bp=700, withholding_bp=0, by=finn)
    with pytest.raises(Refusal, match="has changed"):
        propose_run("EUR", by=finn, seen_digest=seen)
    assert session.scalars(sa.select(PayoutRun)).all() == []
    assert session.scalars(sa.select(Statement)).all() == []


# Tax withheld


def _withheld(payout: Payout) -> tuple[int, int | None]:
    return payout.withheld_minor, services_of(payout)


def test_tax_is_withheld_from_services_and_from_nothing_else(
    profile: Any, acme: Any, ada: Any, finn: Any, mona: Any, time: Any, browser: Browser
) -> None:
    """Costs given back are no income; that a debt is set off makes the services no less."""
    set_tax_rates(profile, vat_bp=0, withholding_bp=1500, by=finn)
    a_live_plan()
    sold(acme, a_line("licence", 10_000), name="inv_1", billed_by="partner", occurred_at=FIRST_OF_MARCH)
    [vendors] = session.scalars(sa.select(Entry).where(Entry.amount_minor < 0))
    an_entry(acme, 20_003)
    an_entry(acme, -3, kind=EntryKind.REVERSAL)
    an_entry(acme, 5_000, kind=EntryKind.REIMBURSEMENT)
    time.move(days=31)
    payout = _paid(finn, mona)
    assert payout.amount_minor == 25_000 + vendors.amount_minor
    assert _withheld(payout) == (3_000, 20_000)
    assert payout.net_minor == payout.amount_minor - 3_000
    browser.sign_in(ada).open(f"/payouts/{payout.id}")
    assert browser.sees("of services of €200.00 without VAT, rounded half up once")
    assert ledger.audit() == []


def test_what_is_put_off_is_taxed_once(profile: Any, acme: Any, finn: Any, mona: Any, time: Any) -> None:
    """200.00 less 150.00, of which half is put off; then 300.00, less the rest: services of 50.00 and of 300.00."""
    change_setting(settings.SET_OFF_SHARE, "50", by=None)
    set_tax_rates(profile, vat_bp=0, withholding_bp=1000, by=finn)
    an_entry(acme, 20_000)
    an_entry(acme, -15_000, kind=EntryKind.REVERSAL)
    first = _paid(finn, mona)
    assert (first.amount_minor, *_withheld(first)) == (10_000, 500, 5_000)
    time.move(days=1)
    an_entry(acme, 30_000)
    second = _paid(finn, mona)
    assert (second.amount_minor, *_withheld(second)) == (25_000, 3_000, 30_000)


def test_costs_alone_are_paid_in_full(profile: Any, acme: Any, finn: Any, mona: Any) -> None:
    set_tax_rates(profile, vat_bp=0, withholding_bp=3000, by=finn)
    an_entry(acme, -1_000, kind=EntryKind.REVERSAL)
    an_entry(acme, 9_000, kind=EntryKind.REIMBURSEMENT)
    payout = _paid(finn, mona)
    assert (payout.amount_minor, payout.net_minor, *_withheld(payout)) == (8_000, 8_000, 0, None)


def test_who_would_get_nothing_after_tax_waits(profile: Any, acme: Any, finn: Any) -> None:
    set_tax_rates(profile, vat_bp=0, withholding_bp=3000, by=finn)
    an_entry(acme, 100_000)
    an_entry(acme, -90_000, kind=EntryKind.SET_OFF)
    [left] = proposal("EUR").left_out
    assert left.reasons == (Reason.BELOW_MINIMUM,)
