"""Past leads under another policy: who would have received what, before it is published."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core import clock
from core.errors import Refusal
from referrals.models import LeadStatus, PolicyStatus
from referrals.operations import replays
from referrals.operations.routing import (
    draft_policy,
    policy_in_force,
    publish_draft,
    publish_policy,
    read_policy,
)
from referrals.replaying import PastLead, Play, replay
from referrals.routing import CandidateFacts, Factor, LeadFacts, Mode, Policy
from tests.cast import a_partner
from tests.conftest import MONDAY_MORNING
from tests.referrals.leads.cast import a_lead

ONLY_TIER, ONLY_FAIRNESS = (
    Policy(name=name, weights={factor: Decimal(1)}, open_leads_cap=5)
    for name, factor in (("tier/1", Factor.TIER), ("fair/1", Factor.FAIRNESS))
)
GOLD = CandidateFacts(partner_id="1", tier="gold", tier_weight=Decimal(1))
SILVER = CandidateFacts(partner_id="2", tier="silver", tier_weight=Decimal("0.5"))


def past(policy: Policy, number: int, *, hours: int = 24) -> list[PastLead]:
    return [
        PastLead(MONDAY_MORNING + timedelta(hours=hours * turn), LeadFacts(), turn, policy)
        for turn in range(number)
    ]


def test_what_is_received_stays_open_for_a_fortnight_and_fills_the_cap():
    outcome = replay(past(ONLY_TIER, 12), [GOLD, SILVER])
    assert outcome.received == {"1": 5, "2": 5}
    assert outcome.nobody == 2


def test_fairness_gives_each_the_share_of_its_tier():
    received = replay(
        past(replace(ONLY_FAIRNESS, open_leads_cap=1000, daily_cap=1000), 60), [GOLD, SILVER]
    ).received
    assert received["1"] + received["2"] == 60
    assert 36 <= received["1"] <= 44


def test_leads_of_the_pool_are_nobodys_gain():
    outcome = replay(past(replace(ONLY_TIER, mode=Mode.POOL), 3), [GOLD])
    assert (outcome.pooled, outcome.received) == (3, {})


def test_piece_by_piece_comes_to_what_one_piece_would():
    policy = replace(ONLY_FAIRNESS, open_leads_cap=9, daily_cap=2)
    leads = past(policy, 120, hours=7)
    memory = None
    for start in range(0, 120, 17):
        play = Play([GOLD, SILVER], memory)
        for lead in leads[start : start + 17]:
            play.take(lead)
        memory = json.loads(json.dumps(play.as_json()))
    assert play.outcome == replay(leads, [GOLD, SILVER])


def test_a_long_replay_is_many_short_jobs_and_may_be_stopped(acme, run_jobs, monkeypatch):
    monkeypatch.setattr(replays, "SECONDS_A_JOB", 0)
    monkeypatch.setattr(replays, "AT_A_TIME", 2)
    for number in range(5):
        a_lead(f"Firm{number}")
    policy, queues = read_policy(policy_in_force())
    draft = draft_policy(policy, queues, note="The same")
    day = timedelta(days=1)
    row = replays.start_replay(draft, clock.now() - day, clock.now() + day, by=None)
    replays.play(row)
    assert (row.leads, row.replayed, row.finished_at) == (5, 2, None)
    run_jobs()
    assert (row.replayed, row.memory) == (5, {})
    assert row.outcome == {str(acme.id): [5, 5, 5]}
    stopped = replays.start_replay(draft, clock.now() - day, clock.now() + day, by=None)
    replays.play(stopped)
    replays.stop_replay(stopped)
    assert stopped.outcome == {str(acme.id): [2, 2, 2]}


def test_of_very_many_leads_only_a_part_is_played(acme, run_jobs, monkeypatch):
    monkeypatch.setattr(replays, "MOST_REPLAYED", 3)
    for number in range(6):
        a_lead(f"Firm{number}")
    policy, queues = read_policy(policy_in_force())
    draft = draft_policy(policy, queues, note="The same")
    row = replays.start_replay(
        draft, clock.now() - timedelta(days=1), clock.now() + timedelta(days=1), by=None
    )
    run_jobs()
    assert (row.leads, row.replayed) == (6, 3)


def test_a_draft_is_replayed_beside_what_holds_and_then_published(programme, run_jobs):
    near, far = a_partner("Near", city="Hamburg", tier="silver"), a_partner("Far", city="Munich", tier="gold")
    policy, queues = read_policy(policy_in_force())
    publish_policy(replace(policy, weights={Factor.DISTANCE: Decimal(1)}), queues, note="Near", by=None)
    for number in range(4):
        a_lead(f"Firm{number}", city="Hamburg")
    draft = draft_policy(replace(policy, weights={Factor.TIER: Decimal(1)}), queues, note="Best")
    row = replays.start_replay(
        draft, clock.now() - timedelta(days=1), clock.now() + timedelta(days=1), by=None
    )
    run_jobs()
    assert row.outcome == {str(near.id): [4, 0, 4], str(far.id): [0, 4, 0]}
    assert (row.leads, row.replayed) == (4, 4)
    assert a_lead("Before").status is LeadStatus.OFFERED
    publish_draft(draft, by=None)
    assert policy_in_force() is draft
    with pytest.raises(Refusal):
        publish_draft(draft, by=None)


def test_an_older_draft_does_not_take_the_place_of_a_newer_policy(acme):
    policy, queues = read_policy(policy_in_force())
    old = draft_policy(policy, queues, note="Old")
    publish_policy(policy, queues, note="New", by=None)
    with pytest.raises(Refusal, match="another version"):
        publish_draft(old, by=None)
    assert old.status is PolicyStatus.DRAFT


def test_the_programme_sees_who_gains_and_who_loses_before_it_publishes(browser, pia, acme, rival, run_jobs):
    a_lead()
    browser.sign_in(pia).open("/staff/leads/policy/versions/new")
    browser.fill("Tier", "0.9").fill("What changed, and why", "Tier first")
    browser.fill("Keep it as a draft, to replay the last three months under it first", True)
    browser.press("Publish the version", expect=200)
    assert browser.heading == "Routing policy standard/2"
    browser.press("Replay the last three months", expect=200)
    assert browser.sees("are being given out again")
    run_jobs()
    browser.open(browser.url)
    assert browser.sees("Who gains and who loses")
    browser.press("Publish the version", expect=200)
    assert browser.sees("standard/2, in force")
