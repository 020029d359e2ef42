"""Routing one lead among many partners, against the one query that fetches those who could have it."""

import sqlalchemy as sa

from bench.measure import Figure, at_most, seconds
from bench.network import a_lead
from core.database import session
from referrals.operations.holding import free_lead
from referrals.operations.routing import route_lead

_ELIGIBLE = sa.text("""
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


def measure(firms: int) -> list[Figure]:
    """The lead is routed, its table of candidates kept, and one partner asked; then it is taken back."""
    lead = a_lead(1)
    eligible = len(session.execute(_ELIGIBLE).all())
    reference = seconds(lambda: session.execute(_ELIGIBLE).all(), times=9, warm=2)
    spans = []
    for _turn in range(5):
        free_lead(lead, reason="again", by=None)
        session.flush()
        spans.append(seconds(lambda: (route_lead(lead, by=None), session.flush())))
    ours = sorted(spans)[len(spans) // 2]
    note = (
        f"{eligible:,} of {firms:,} are eligible. Ours also says of every other firm why it is not, scores by eight "
        "factors, and keeps the table."
    )
    return [at_most(f"routing one lead among {firms:,} partners", ours, reference, 3, note)]
