"""Eight processes claim the same leads as fast as they can: each lead is one partner's, and one deed is on record."""

import multiprocessing
import os
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.models import User
from accounts.permissions import Role
from core.activity import Activity
from core.database import current_database, session, transaction
from core.errors import Refusal
from partners.operations import set_up_programme
from referrals.models import Deal, Lead, LeadClaim, LeadStatus
from referrals.operations import claim_lead
from referrals.operations.routing import policy_in_force, publish_policy, read_policy
from tests.cast import a_member, a_partner
from tests.referrals.leads.cast import a_pooled_lead

PROCESSES = 8
LEADS = 1000 if os.environ.get("SOAK") == "full" else 12


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_each_lead_is_one_partners_whoever_else_tries(own_app: Flask) -> None:
    with own_app.app_context(), transaction():
        set_up_programme(by=None)
        policy, queues = read_policy(policy_in_force())
        publish_policy(replace(policy, open_leads_cap=100_000), queues, note="", by=None)
        firms = [a_partner(f"Firm{number}") for number in range(PROCESSES)]
        for firm in firms:
            firm.open_lead_cap = 100_000
        sellers = [a_member(firm, "Sally", Role.SELLER).id for firm in firms]
    with own_app.app_context():
        ids = []
        for start in range(0, LEADS, 50):
            with transaction():
                ids += [
                    a_pooled_lead(f"Globex{number}").id for number in range(start, min(start + 50, LEADS))
                ]
        current_database().engine.dispose()
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(PROCESSES), context.Queue()
    crew = [
        context.Process(target=_claim_all, args=(own_app, seller, ids, start, answers), daemon=True)
        for seller in sellers
    ]
    for one in crew:
        one.start()
    won = [answers.get(timeout=1500) for _one in crew]
    for one in crew:
        one.join(60)
    assert sum(won) == LEADS
    with own_app.app_context(), transaction():
        _everything_is_one_partners(ids)


def _claim_all(app: Flask, seller: int, ids: list[int], start: Any, answers: Any) -> None:
    with app.app_context():
        current_database().engine.dispose(close=False)
        won = 0
        start.wait(120)
        for lead_id in ids:
            try:
                with transaction():
                    claim_lead(session.get_one(Lead, lead_id), by=session.get_one(User, seller))
                won += 1
            except Refusal:
                continue
        answers.put(won)


def _everything_is_one_partners(ids: list[int]) -> None:
    leads = session.scalars(sa.select(Lead).where(Lead.id.in_(ids))).all()
    assert {lead.status for lead in leads} == {LeadStatus.CLAIMED}
    holders = session.execute(
        sa.select(LeadClaim.lead_id, LeadClaim.partner_id).where(LeadClaim.lead_id.in_(ids))
    ).all()
    assert sorted(tuple(row) for row in holders) == sorted((lead.id, lead.partner_id) for lead in leads)
    for count in (
        sa.select(sa.func.count()).where(Activity.verb == "lead claimed"),
        sa.select(sa.func.count()).select_from(Deal),
    ):
        assert session.scalar(count) == len(ids)
