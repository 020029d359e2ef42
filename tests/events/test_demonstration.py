"""The demo goes through the operations, so it obeys every rule."""

import sqlalchemy as sa

from core.database import session
from demonstration.events import make_demo
from events.models import ClaimStatus, Event, FundingClaim, FundingRequest, RequestStatus
from events.queries.gatherings import upcoming_events


def test_there_is_something_to_claim_to_decide_and_to_visit(acme, ada, rival, rex, mona, pia):
    make_demo(seed=3)
    states = list(session.scalars(sa.select(FundingRequest.status)))
    assert states.count(RequestStatus.SUBMITTED) == 2
    assert session.scalars(sa.select(FundingClaim.status)).all() == [ClaimStatus.SUBMITTED]
    over = [
        event for event in session.scalars(sa.select(Event)) if event.is_over and event.request.claim is None
    ]
    assert len(over) == 1
    assert len(session.scalars(upcoming_events()).all()) == 2
