"""Money of a firm that was entered twice moves in the books; of one that left, it is still paid."""

from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import User
from commissions import ledger
from commissions.models import Entry, EntryKind
from commissions.operations.merging import follow_merged_firms
from commissions.queries.earnings import balances
from commissions.queries.proposals import proposal
from core.database import session
from core.errors import Refusal
from partners.operations import merge_partners, terminate_partner
from tests.commissions.earnings import a_profile, a_proposed_run, an_entry


def owed(partner: Any) -> dict[str, int]:
    return {balance.currency: balance.total_minor for balance in balances(partner) if balance.total_minor}


def merge(duplicate: Any, survivor: Any, by: User) -> None:
    merge_partners(duplicate, survivor, reason="The same tax number", by=by)


def test_what_is_payable_moves_by_a_pair_a_currency(acme: Any, rival: Any, mona: User) -> None:
    first = an_entry(acme, 10_000)
    an_entry(acme, -2_000, kind=EntryKind.REVERSAL)
    an_entry(acme, 700, currency="USD")
    merge(acme, rival, mona)
    assert (owed(acme), owed(rival)) == ({}, {"EUR": 8_000, "USD": 700})
    pairs = session.scalars(sa.select(Entry).where(Entry.rule == "merged firms").order_by(Entry.id)).all()
    assert [(row.partner_id, row.currency, row.amount_minor) for row in pairs] == [
        (acme.id, "EUR", -8_000), (rival.id, "EUR", 8_000), (acme.id, "USD", -700), (rival.id, "USD", 700),
    ]  # fmt: skip
    session.refresh(first)
    assert first.partner_id == acme.id and first.proof["formula"] == "10 %"
    assert ledger.audit() == []


def test_what_waits_follows_when_it_is_payable(acme: Any, rival: Any, mona: User, time: Any) -> None:
    an_entry(acme, 10_000)
    an_entry(acme, 5_000, available_in=14)
    merge(acme, rival, mona)
    assert (owed(acme), owed(rival)) == ({"EUR": 5_000}, {"EUR": 10_000})
    assert follow_merged_firms() == 0
    time.move(days=15)
    assert follow_merged_firms() == 2
    assert follow_merged_firms() == 0, "once"
    assert (owed(acme), owed(rival)) == ({}, {"EUR": 15_000})
    an_entry(acme, -1_000, kind=EntryKind.REVERSAL)
    follow_merged_firms()
    assert (owed(acme), owed(rival)) == ({}, {"EUR": 14_000}), "a late refund follows too"
    assert ledger.audit() == []


def test_a_payout_under_way_stops_the_merge(acme: Any, rival: Any, mona: User, finn: User) -> None:
    a_profile(acme)
    an_entry(acme, 100_000)
    run = a_proposed_run(finn)
    with pytest.raises(Refusal, match=f"run {run.id}"):
        merge(acme, rival, mona)


def test_what_is_owed_to_a_firm_that_left_is_in_the_next_run_however_little(
    acme: Any, rival: Any, mona: User
) -> None:
    a_profile(acme)
    an_entry(acme, 150)
    terminate_partner(acme, reason="Went out of business", heir=rival, by=mona)
    assert [candidate.amount_minor for candidate in proposal("EUR").candidates] == [150]
    assert owed(rival) == {}, "money is not inherited"


def test_people_of_both_read_the_lines_of_both(
    acme: Any, rival: Any, ada: User, rex: User, mona: User
) -> None:
    from commissions.queries.earnings import entries_visible_to

    line = an_entry(acme, 10_000)
    merge(acme, rival, mona)
    for person in (ada, rex):
        assert line.id in session.scalars(entries_visible_to(person).with_only_columns(Entry.id)).all()
