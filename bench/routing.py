"""Routing one lead among many partners, against the one query that fetches those who could have it."""

import statistics

import sqlalchemy as sa

from bench.measure import Figure, at_most, seconds
from bench.network import a_lead
from core import clock
from core.database import session
from partners.models import Partner
from referrals.models import Lead
from referrals.operations.holding import free_lead
from referrals.operations.routing import route_lead
from referrals.routing import Mode

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
    eligible = len(session.execute(_ELIGIBLE).all())
    figures = []
    for mode, way in _WAYS.items():
        ours, reference = _spans(lead, mode)
        note = (
            f"{eligible:,} of {firms:,} are eligible. Ours also says of every other firm why it is not, scores by "
            "eight factors, and keeps the table."
        )
        what = f"routing one lead among {firms:,} partners{way}"
        figures.append(at_most(what, ours, reference, 3, note))
    return figures


def _spans(lead: Lead, mode: Mode) -> tuple[float, float]:
    """The median seconds of routing in this mode, and of the reference."""
    spans: list[tuple[float, float]] = []
    # In turn, so that whatever else the machine does falls on both alike.
    for _turn in range(_TURNS):
        free_lead(lead, reason="again", by=None)
        session.flush()
        if mode is Mode.POOL:
            _another_pauses()
        reference = seconds(lambda: session.execute(_ELIGIBLE).all())
        spans.append((seconds(lambda: _route(lead, mode)), reference))
    # The first few find nothing prepared.
    ours, references = zip(*spans[3:], strict=True)
    return statistics.median(ours), statistics.median(references)


def _another_pauses() -> None:
    """So that other partners may claim than the last time, and who may is written down anew; else it is not."""
    last = session.execute(_ELIGIBLE).all()[-1]
    session.execute(sa.update(Partner).where(Partner.id == last.id).values(paused_at=clock.now()))


def _route(lead: Lead, mode: Mode) -> None:
    route_lead(lead, by=None, mode=mode)
    session.flush()
