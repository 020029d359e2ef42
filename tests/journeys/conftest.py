"""What journeys in a real browser share: one served demo for all of them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from core.database import session, transaction
from partners.models import Partner
from referrals.operations.routing import policy_in_force, publish_policy, read_policy
from tests.portal import Portal, a_served_demo


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal that answers, with the demo network."""
    with a_served_demo(tmp_path_factory.mktemp("served")) as served:
        _make_room_for_leads(served)
        yield served


def _make_room_for_leads(portal: Portal) -> None:
    """How many leads a firm of the demo holds depends on the hour of its making; each story finds room for one."""
    with portal.app.app_context(), transaction():
        session.execute(sa.update(Partner).values(open_lead_cap=1000, daily_lead_cap=1000))
        policy, queues = read_policy(policy_in_force())
        publish_policy(
            replace(policy, open_leads_cap=1000, daily_cap=1000), queues, note="Room for every story", by=None
        )
