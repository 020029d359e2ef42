"""What conversations can be about here: funding requests and funding claims."""

from flask import url_for

from accounts.models import User
from core.database import session
from core.i18n import lazy_gettext as _l
from events.models import FundingClaim, FundingRequest
from events.queries.claims import claims_visible_to
from events.queries.funding import requests_visible_to
from partners.subjects import Topic, topics


@topics("funding-request", _l("Funding request"))
def request_as_topic(user: User, number: int) -> Topic | None:
    row = session.scalars(requests_visible_to(user).where(FundingRequest.id == number)).unique().one_or_none()
    if row is None:
        return None
    return Topic(row.title, url_for("events.funding_request", request_id=row.id), row.partner_id)


@topics("funding-claim", _l("Funding claim"))
def claim_as_topic(user: User, number: int) -> Topic | None:
    row = session.scalars(claims_visible_to(user).where(FundingClaim.id == number)).unique().one_or_none()
    if row is None:
        return None
    return Topic(row.request.title, url_for("events.claim", claim_id=row.id), row.partner_id)
