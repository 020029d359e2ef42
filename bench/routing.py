"""Routing one lead among many partners, against the one query that fetches those who could have it."""

import statistics
from typing import Any

import sqlalchemy as sa

from bench.measure import Figure, at_most, seconds
from bench.network import a_lead
from core import clock
from core.database import session
from partners.models import Partner
from referrals.models import Lead
from referrals.operations.holding import free_lead
from referrals.operations.routing import policy_in_force, read_policy, route_lead
from referrals.operations.routing.facts import LATELY, SHARE_OF, midnight
from referrals.operations.routing.tables import ranking_of
from referrals.queries.decisions import latest_decision
from referrals.routing import Mode

#: The one query that fetches who may have the lead, by every filter that such a lead meets, with what scores are made
#: of: routing could not choose with less.
_CANDIDATES = sa.text("""
    WITH held AS (
        SELECT partner_id, count(*) AS number FROM (
            SELECT partner_id FROM referrals_lead
            WHERE status IN ('accepted', 'claimed', 'contacted', 'working') AND partner_id IS NOT NULL
            UNION ALL SELECT partner_id FROM referrals_offer WHERE status = 'offered') AS one
        GROUP BY partner_id
    ), today AS (
        SELECT partner_id, count(*) AS number FROM (
            SELECT partner_id FROM referrals_offer WHERE offered_at >= :midnight
            UNION ALL SELECT partner_id FROM referrals_lead_claim
            WHERE claimed_at >= :midnight AND way = 'pool' AND end_reason IS DISTINCT FROM 'claimed_by_mistake') AS one
        GROUP BY partner_id
    ), eligible AS MATERIALIZED (
        SELECT p.id, p.tier, p.latitude, p.longitude, p.products, p.services, p.industries, p.open_lead_cap,
               coalesce(held.number, 0) AS open_leads
        FROM partners_partner p
        LEFT JOIN held ON held.partner_id = p.id LEFT JOIN today ON today.partner_id = p.id
        WHERE p.status = 'active' AND p.paused_at IS NULL
          AND (p.languages @> '["de"]' OR p.languages = '[]')
          AND CASE WHEN p.regions = '[]' THEN p.country = 'DE'
                   ELSE p.regions @> '["DE"]' OR strpos(CAST(p.regions AS text), '"DE-') > 0 END
          AND coalesce(held.number, 0) < least(p.open_lead_cap, :open_leads_cap)
          AND coalesce(today.number, 0) < least(p.daily_lead_cap, :daily_cap)
          AND EXISTS (SELECT 1 FROM partners_agreement_acceptance a JOIN partners_agreement g ON g.id = a.agreement_id
                      WHERE a.partner_id = p.id AND g.number >= (
                          SELECT max(number) FROM partners_agreement
                          WHERE accept_by IS NULL OR accept_by < CURRENT_DATE))
    )
    SELECT eligible.*, answers.*, taken.number, decided.number, decided.won
    FROM eligible
    LEFT JOIN (SELECT partner_id, count(*) FILTER (WHERE offered_at >= :share_of) AS received,
                      count(*) FILTER (WHERE status IN ('accepted', 'declined', 'lapsed')) AS answered,
                      count(*) FILTER (WHERE status = 'accepted') AS accepted,
                      percentile_cont(0.5) WITHIN GROUP (ORDER BY answer_hours) AS hours
               FROM referrals_offer
               WHERE offered_at >= :lately AND partner_id IN (SELECT id FROM eligible)
               GROUP BY partner_id) AS answers ON answers.partner_id = eligible.id
    LEFT JOIN (SELECT partner_id, count(*) AS number FROM referrals_lead_claim
               WHERE claimed_at >= :share_of AND way = 'pool' AND end_reason IS DISTINCT FROM 'claimed_by_mistake'
                 AND partner_id IN (SELECT id FROM eligible)
               GROUP BY partner_id) AS taken ON taken.partner_id = eligible.id
    LEFT JOIN (SELECT partner_id, count(*) AS number, count(*) FILTER (WHERE status = 'won') AS won
               FROM referrals_lead
               WHERE status IN ('won', 'lost') AND partner_id IN (SELECT id FROM eligible)
               GROUP BY partner_id) AS decided ON decided.partner_id = eligible.id
    ORDER BY eligible.id
""")
#: Nearly as few words as will name them: no offers, no day, no version of the agreement, nothing to score by.
_NAMES = sa.text("""
    SELECT p.id, p.country, p.regions, p.languages, p.services, p.industries, p.tier, p.latitude, p.longitude,
           p.open_lead_cap, coalesce(h.held, 0)
    FROM partners_partner p
    LEFT JOIN (SELECT partner_id, count(*) AS held FROM referrals_lead
               WHERE status IN ('accepted', 'claimed', 'contacted', 'working') GROUP BY partner_id) h
           ON h.partner_id = p.id
    WHERE p.status = 'active' AND p.paused_at IS NULL AND p.languages @> '["de"]'
      AND (p.regions @> '["DE"]' OR (p.regions = '[]' AND p.country = 'DE'))
      AND coalesce(h.held, 0) < p.open_lead_cap
      AND EXISTS (SELECT 1 FROM partners_agreement_acceptance a WHERE a.partner_id = p.id)
    ORDER BY p.id
""")

#: The modes, and how they are said behind what is measured.
_WAYS = {
    Mode.OFFER: "",
    Mode.POOL: ", into the pool of everybody eligible",
    Mode.K_AT_ONCE: ", offered to three at once",
}
_TURNS = 15


def measure(firms: int) -> list[Figure]:
    """In each mode: the lead is routed, its table of candidates kept, those asked written to; then it is taken back."""
    lead = a_lead(1)
    number = session.scalar(sa.select(sa.func.count(Lead.id)))
    figures = []
    for mode, way in _WAYS.items():
        ours, reference, names, eligible = _spans(lead, mode)
        note = (
            f"{eligible:,} of {firms:,} are eligible, {number:,} leads in the table. The reference fetches who is "
            "eligible and what they are scored by; ours also says of every other firm why it is not, scores by eight "
            "factors, and keeps the table. Against a query that only names the eligible: "
            f"{ours / names:.1f} × ({names * 1000:.1f} ms)."
        )
        what = f"routing one lead among {firms:,} partners{way}"
        figures.append(at_most(what, ours, reference, 3, note))
    return figures


def _spans(lead: Lead, mode: Mode) -> tuple[float, float, float, int]:
    """The median seconds of routing in this mode, of the reference, and of naming; and how many are eligible."""
    spans: list[tuple[float, float, float]] = []
    asked = _asked()
    eligible: list[int] = []
    # In turn, so that whatever else the machine does falls on all alike.
    for _turn in range(_TURNS):
        free_lead(lead, reason="again", by=None)
        session.flush()
        if mode is Mode.POOL:
            _another_pauses(eligible)
        reference = seconds(lambda: session.execute(_CANDIDATES, asked).all())
        names = seconds(lambda: session.execute(_NAMES).all())
        eligible = [row.id for row in session.execute(_CANDIDATES, asked)]
        spans.append((seconds(lambda: _route(lead, mode)), reference, names))
    decision = latest_decision(lead)
    assert decision is not None
    assert sorted(int(row.partner_id) for row in ranking_of(decision)) == eligible, "Not the same partners."
    # The first few find nothing prepared.
    ours, references, naming = (statistics.median(column) for column in zip(*spans[3:], strict=True))
    return ours, references, naming, len(eligible)


def _asked() -> dict[str, Any]:
    """What the reference asks for, as routing would."""
    policy, _queues = read_policy(policy_in_force())
    return {
        "midnight": midnight(),
        "lately": clock.now() - LATELY,
        "share_of": clock.now() - SHARE_OF,
        "open_leads_cap": policy.open_leads_cap,
        "daily_cap": policy.daily_cap,
    }


def _another_pauses(eligible: list[int]) -> None:
    """So that other partners may claim than the last time, and who may is written down anew; else it is not."""
    if eligible:
        session.execute(sa.update(Partner).where(Partner.id == eligible[-1]).values(paused_at=clock.now()))


def _route(lead: Lead, mode: Mode) -> None:
    route_lead(lead, by=None, mode=mode)
    session.flush()
