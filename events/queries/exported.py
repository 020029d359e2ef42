"""What co-funding adds to an export of the whole network."""

from typing import Any

import sqlalchemy as sa

from events.models import FundingRequest
from partners.queries.networks import columns_of, exports_table


@exports_table("funding_requests")
def _requests() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*columns_of(FundingRequest)).order_by(FundingRequest.id)
