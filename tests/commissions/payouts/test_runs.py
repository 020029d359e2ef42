"""A payout run: who is paid, who decides, and what nobody can change any more."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from accounts.permissions import Role
from commissions import ledger
from commissions.models import EntryKind, PayoutMethod, PayoutRun, PayoutStatus, RunStatus
from commissions.operations.disputes import open_dispute, withdraw_dispute
from commissions.operations.entries import hold_entries, lift_holds
from commissions.operations.profiles import save_profile
from commissions.operations.runs import approve_run, propose_again, propose_run, send_back, withdraw_run
from commissions.queries.earnings import Balance, balances
from commissions.queries.proposals import Reason, proposal
from commissions.queries.unusual import unusual_in_run
from core import clock
from core.database import session
from core.errors import Refusal
from core.settings import change_setting
from tests.commissions.earnings import a_profile, a_proposed_run, an_approved_run, an_entry


@pytest.fixture(autouse=True)
def _books_are_sound_afterwards() -> Any:
    yield
    assert not ledger.audit()


def _balance(partner: Any) -> Balance:
    (found,) = balances(partner)
    return found


def test_everything_payable_of_a_partner_is_one_payout(acme: Any, finn: Any) -> None:
    a_profile(acme)
    an_entry(acme, 7_000)
    an_entry(acme, 5_000)
    an_entry(acme, 9_000, available_in=30)
    run = a_proposed_run(finn)
    assert [payout.amount_minor for payout in run.payouts] == [12_000]
    assert _balance(acme) == Balance(
        "EUR", held_minor=9_000, payable_minor=0, in_run_minor=12_000, paid_minor=0
    )


def test_a_hold_ends_inclusive(acme: Any, finn: Any, time: Any) -> None:
    entry = an_entry(acme, 7_000, available_in=30)
    time.move_to(entry.available_at - timedelta(seconds=1))
    assert _balance(acme).held_minor == 7_000
    time.move(seconds=1)
    assert _balance(acme).payable_minor == 7_000


def test_a_line_counts_from_the_moment_it_was_received_inclusive(acme: Any) -> None:
    entry = an_entry(acme, 7_000)
    assert balances(acme, entry.received_at) == [Balance("EUR", payable_minor=7_000)]
    assert balances(acme, entry.received_at - timedelta(microseconds=1)) == []


def test_the_minimum_is_paid_and_one_cent_less_is_not(acme: Any, rival: Any, finn: Any) -> None:
    a_profile(acme)
    a_profile(rival)
    an_entry(acme, 5_000)
    an_entry(rival, 4_999)
    planned = proposal("EUR")
    assert [candidate.partner_id for candidate in planned.candidates] == [acme.id]
    assert [(left.partner, left.reasons) for left in planned.left_out] == [("Rival", (Reason.BELOW_MINIMUM,))]


def test_whoever_lacks_something_is_left_out_with_every_reason(acme: Any, finn: Any) -> None:
    from partners.operations import suspend_partner

    an_entry(acme, 60_000)
    assert proposal("EUR").left_out[0].reasons == (Reason.NO_PROFILE,)
    save_profile(acme, method=PayoutMethod.SEPA, vat_status=a_profile(acme).vat_status, by=None)
    assert set(proposal("EUR").left_out[0].reasons) == {Reason.INCOMPLETE}
    suspend_partner(acme, reason="Looked into", by=finn)
    assert Reason.NOT_ACTIVE in proposal("EUR").left_out[0].reasons


def test_a_ban_freezes_and_its_end_restores_exactly_that(acme: Any, finn: Any) -> None:
    from partners.operations import reinstate_partner, suspend_partner

    a_profile(acme)
    an_entry(acme, 60_000)
    before = proposal("EUR").digest
    suspend_partner(acme, reason="Looked into", by=finn)
    assert not proposal("EUR").candidates
    reinstate_partner(acme, reason="All well", by=finn)
    assert proposal("EUR").digest == before


def test_payouts_wait_three_days_after_the_details_changed(acme: Any, finn: Any, time: Any) -> None:
    profile = a_profile(acme)
    an_entry(acme, 60_000)
    save_profile(
        acme, method=PayoutMethod.SEPA, vat_status=profile.vat_status, holder="Acme GmbH", country="DE",
        iban="GB82WEST12345698765432", by=None,
    )  # fmt: skip
    assert proposal("EUR").left_out[0].reasons == (Reason.RESTS,)
    time.move(days=3)
    assert [candidate.partner_id for candidate in proposal("EUR").candidates] == [acme.id]


def test_a_line_on_hold_is_not_paid_until_the_hold_is_lifted(acme: Any, finn: Any) -> None:
    a_profile(acme)
    entry = an_entry(acme, 60_000)
    hold_entries([entry], cause="chargeback:dp_1", reason="The bank asks", by=None)
    hold_entries([entry], cause="chargeback:dp_2", reason="The bank asks again", by=None)
    assert proposal("EUR").left_out[0].reasons == (Reason.FLAGGED,)
    lift_holds("chargeback:dp_1", by=None)
    assert not proposal("EUR").candidates
    lift_holds("chargeback:dp_2", by=None)
    assert proposal("EUR").total_minor == 60_000


def test_a_share_that_waits_for_its_milestone_is_no_dispute(acme: Any, finn: Any) -> None:
    a_profile(acme)
    entry = an_entry(acme, 60_000)
    hold_entries([entry], cause="milestones:1", reason="milestone", by=None)
    assert proposal("EUR").left_out[0].reasons == (Reason.MILESTONE,)


def test_what_a_partner_owes_is_set_off(acme: Any, finn: Any) -> None:
    a_profile(acme)
    an_entry(acme, 60_000)
    an_entry(acme, -10_000, kind=EntryKind.REVERSAL)
    run = a_proposed_run(finn)
    assert run.total_minor == 50_000
    assert len(run.payouts[0].lines) == 2


def test_a_debt_larger_than_what_is_earned_stays_and_nothing_is_paid(
    acme: Any, rival: Any, finn: Any
) -> None:
    a_profile(acme)
    an_entry(acme, 60_000)
    an_entry(acme, -60_001, kind=EntryKind.REVERSAL)
    assert proposal("EUR").left_out[0].reasons == (Reason.OWES,)
    assert _balance(acme).payable_minor == -1


def test_only_a_share_of_one_payout_is_set_off_when_the_programme_says_so(
    acme: Any, finn: Any, mona: Any
) -> None:
    from commissions.settings import SET_OFF_SHARE

    change_setting(SET_OFF_SHARE, "25", by=None)
    a_profile(acme)
    an_entry(acme, 60_000)
    an_entry(acme, -40_000, kind=EntryKind.REVERSAL)
    run = an_approved_run(finn, mona)
    assert run.total_minor == 45_000
    assert _balance(acme) == Balance("EUR", held_minor=-25_000, in_run_minor=45_000)


def test_currencies_are_never_mixed(acme: Any, finn: Any) -> None:
    a_profile(acme, PayoutMethod.MANUAL)
    an_entry(acme, 60_000)
    an_entry(acme, 70_000, currency="USD")
    assert a_proposed_run(finn, "USD").total_minor == 70_000
    assert a_proposed_run(finn, "EUR").total_minor == 60_000


def test_sepa_pays_euros_only(acme: Any) -> None:
    a_profile(acme)
    an_entry(acme, 60_000, currency="USD")
    assert proposal("USD").left_out[0].reasons == (Reason.NOT_EURO,)


def test_a_line_is_in_one_run_at_a_time(acme: Any, finn: Any) -> None:
    a_profile(acme)
    an_entry(acme, 60_000)
    a_proposed_run(finn)
    with pytest.raises(Refusal, match="Nothing is payable"):
        a_proposed_run(finn)


def test_what_changed_since_the_page_was_opened_is_not_proposed(acme: Any, finn: Any) -> None:
    a_profile(acme)
    an_entry(acme, 60_000)
    seen = proposal("EUR").digest
    an_entry(acme, 100)
    with pytest.raises(Refusal, match="has changed"):
        propose_run("EUR", by=finn, seen_digest=seen)


def test_finance_proposes_and_a_partner_manager_does_not(acme: Any, mona: Any) -> None:
    a_profile(acme)
    an_entry(acme, 60_000)
    with pytest.raises(Refusal, match="Your role"):
        propose_run("EUR", by=mona)


def test_another_person_approves_and_the_books_set_the_money_aside(acme: Any, finn: Any, mona: Any) -> None:
    a_profile(acme)
    an_entry(acme, 60_000)
    run = an_approved_run(finn, mona)
    assert run.status is RunStatus.APPROVED
    assert ledger.balance_of_account(ledger.AccountCode.in_run(acme.id, "EUR")) == -60_000
    assert ledger.balance_of_account(ledger.AccountCode.payable(acme.id, "EUR")) == 0


def test_whoever_proposed_never_approves(acme: Any, finn: Any) -> None:
    a_profile(acme)
    an_entry(acme, 60_000)
    run = a_proposed_run(finn)
    finn.role = Role.PARTNER_MANAGER
    with pytest.raises(Refusal, match="somebody else"):
        approve_run(run, digest=str(run.digest), total_minor=run.total_minor, by=finn)


def test_nobody_approves_money_to_a_firm_they_belong_to(acme: Any, finn: Any, mona: Any) -> None:
    from partners.models import Member

    a_profile(acme)
    an_entry(acme, 60_000)
    session.add(Member(user_id=mona.id, partner_id=acme.id, joined_at=clock.now()))
    run = a_proposed_run(finn)
    with pytest.raises(Refusal, match="You belong to a firm"):
        approve_run(run, digest=str(run.digest), total_minor=run.total_minor, by=mona)


def test_an_approval_of_another_list_or_sum_is_refused(acme: Any, finn: Any, mona: Any) -> None:
    a_profile(acme)
    an_entry(acme, 60_000)
    run = a_proposed_run(finn)
    with pytest.raises(Refusal, match="not the list"):
        approve_run(run, digest="0" * 64, total_minor=run.total_minor, by=mona)
    with pytest.raises(Refusal, match="not the list"):
        approve_run(run, digest=str(run.digest), total_minor=run.total_minor + 1, by=mona)
    assert run.status is RunStatus.PROPOSED


def test_a_run_is_approved_once(acme: Any, finn: Any, mona: Any) -> None:
    a_profile(acme)
    an_entry(acme, 60_000)
    run = an_approved_run(finn, mona)
    with pytest.raises(Refusal, match="moved on"):
        approve_run(run, digest=str(run.digest), total_minor=run.total_minor, by=mona)


def test_a_run_that_is_sent_back_is_proposed_anew_without_somebody(
    acme: Any, rival: Any, finn: Any, mona: Any
) -> None:
    a_profile(acme)
    a_profile(rival)
    an_entry(acme, 60_000)
    an_entry(rival, 70_000)
    run = a_proposed_run(finn)
    first = run.digest
    send_back(run, note="Ask Rival first", by=mona)
    propose_again(run, drop=[rival.id], by=finn)
    assert run.total_minor == 60_000
    assert run.digest != first
    assert _balance(rival).payable_minor == 70_000
    with pytest.raises(Refusal, match="not the list"):
        approve_run(run, digest=str(first), total_minor=130_000, by=mona)


def test_an_approved_run_is_stopped_whole_and_its_lines_are_payable_again(
    acme: Any, finn: Any, mona: Any
) -> None:
    a_profile(acme)
    an_entry(acme, 60_000)
    run = an_approved_run(finn, mona)
    withdraw_run(run, by=finn)
    assert _balance(acme) == Balance("EUR", payable_minor=60_000)
    assert ledger.balance_of_account(ledger.AccountCode.payable(acme.id, "EUR")) == -60_000
    assert a_proposed_run(finn).total_minor == 60_000


def test_the_unusual_stands_first(acme: Any, rival: Any, finn: Any, mona: Any) -> None:
    a_profile(acme)
    a_profile(rival)
    an_entry(acme, 60_000)
    an_entry(rival, 90_000, kind=EntryKind.BONUS)
    run = a_proposed_run(finn)
    looks = unusual_in_run(run)
    assert [look.partner for look in looks.first] == [rival, acme]
    assert "First payout" in looks.first[0].remarks
    assert "Something was entered by hand" in looks.first[0].remarks


def test_whoever_approves_sees_what_waits_for_a_decision_since_it_was_proposed(
    acme: Any, rival: Any, ada: Any, finn: Any, mona: Any
) -> None:
    a_profile(acme)
    a_profile(rival)
    first, second = an_entry(acme, 60_000), an_entry(acme, 20_000)
    an_entry(rival, 900_000)
    run = a_proposed_run(finn)
    dispute = open_dispute(first, "It should be more.", by=ada)
    hold_entries([second], cause="chargeback:stripe:dp_1", reason="chargeback", by=None)
    look = unusual_in_run(run).first[0]
    assert look.partner is acme, "before what differs more"
    assert look.remarks[:2] == ["A customer's bank is looking into a payment", "The partner disputes a line"]
    lift_holds("chargeback:stripe:dp_1", by=None)
    withdraw_dispute(dispute, by=ada)
    assert [look.partner for look in unusual_in_run(run).first] == [rival, acme]


def test_details_that_changed_lately_say_when(acme: Any, rival: Any, finn: Any) -> None:
    for firm, days in ((acme, 0), (rival, 3)):
        a_profile(firm).changed_at = clock.now() - timedelta(days=days)
        an_entry(firm, 60_000)
    remarks = {look.partner: look.remarks for look in unusual_in_run(a_proposed_run(finn)).first}
    assert "Payout details changed today" in remarks[acme]
    assert "Payout details changed 3 days ago" in remarks[rival]


@pytest.fixture
def approved(acme: Any, rival: Any, finn: Any, mona: Any) -> PayoutRun:
    a_profile(acme)
    a_profile(rival)
    an_entry(acme, 60_000)
    return an_approved_run(finn, mona)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE commissions_payout SET amount_minor = 1",
        "UPDATE commissions_payout SET destination = '{}'",
        "UPDATE commissions_payout SET partner_id = partner_id + 1",
        "UPDATE commissions_payout SET status = 'paid'",
        "DELETE FROM commissions_payout",
        "UPDATE commissions_payout_line SET amount_minor = 1",
        "UPDATE commissions_payout_line SET entry_id = entry_id + 1",
        "DELETE FROM commissions_payout_line",
        "INSERT INTO commissions_payout_line (payout_id, entry_id, amount_minor, frozen_at) "
        "SELECT payout_id, entry_id, amount_minor, frozen_at FROM commissions_payout_line",
        "UPDATE commissions_payout_run SET status = 'draft'",
        "UPDATE commissions_payout_run SET status = 'done'",
        "UPDATE commissions_payout_run SET total_minor = 1",
        "UPDATE commissions_payout_run SET digest = 'x'",
        "UPDATE commissions_payout_run SET approved_by_id = proposed_by_id",
        "UPDATE commissions_payout_run SET approved_by_id = NULL",
        "UPDATE commissions_payout_run SET proposed_by_id = approved_by_id",
        "DELETE FROM commissions_payout_run",
        "UPDATE commissions_entry SET amount_minor = 1",
        "DELETE FROM commissions_entry",
    ],
)
def test_the_database_refuses_to_change_what_was_approved(approved: PayoutRun, attack: str) -> None:
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(sa.text(attack.replace(":", r"\:")))


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE commissions_payout_run SET status = 'approved', approved_by_id = proposed_by_id",
        "UPDATE commissions_payout_run SET status = 'approved'",
        "UPDATE commissions_payout_run SET status = 'sending'",
        "UPDATE commissions_payout SET status = 'sending'",
    ],
)
def test_the_database_refuses_to_pay_what_nobody_approved(acme: Any, finn: Any, attack: str) -> None:
    a_profile(acme)
    an_entry(acme, 60_000)
    a_proposed_run(finn)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(sa.text(attack))


def test_the_audit_names_a_run_whose_list_was_changed_behind_its_back(approved: PayoutRun) -> None:
    """With the guards off, as the owner of the tables could; the audit still sees it."""
    savepoint = session.begin_nested()
    for name in ("commissions_payout_run_keeps_the_rules",):
        session.execute(sa.text(_drop(name, "commissions_payout_run")))
    session.execute(sa.text("UPDATE commissions_payout_run SET total_minor = total_minor + 1"))
    session.expire_all()
    problems = ledger.audit()
    assert any("its payouts sum to" in problem for problem in problems)
    assert any("digest" in problem for problem in problems)
    assert any("guard" in problem for problem in problems)
    savepoint.rollback()
    session.expire_all()


def _drop(name: str, table: str) -> str:
    from core.database import current_database

    return f"DROP TRIGGER {name}" if current_database().is_sqlite else f"DROP TRIGGER {name} ON {table}"


def test_a_payouts_state_moves_only_along_its_steps(approved: PayoutRun) -> None:
    assert approved.payouts[0].status is PayoutStatus.PENDING
    with pytest.raises(DBAPIError, match="this step"), session.begin_nested():
        session.execute(sa.text("UPDATE commissions_payout SET status = 'sent'"))
