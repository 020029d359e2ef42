"""What referrals adds to an export of the whole network."""

from typing import Any

import sqlalchemy as sa

from partners.queries.networks import columns_of, exports_table
from referrals.models.codes import ReferralCode
from referrals.models.customers import Customer
from referrals.models.deals import Deal
from referrals.models.leads import Lead, NamedAccount
from referrals.models.opportunities import OwnOpportunity
from referrals.models.sales import Sale


def _whole(name: str, model: Any) -> None:
    """A table as it is, by number."""

    @exports_table(name)
    def rows() -> sa.Select[*tuple[Any, ...]]:
        return sa.select(*columns_of(model)).order_by(model.id)


for _name, _model in (
    ("leads", Lead),
    ("deals", Deal),
    ("customers", Customer),
    ("sales", Sale),
    ("referral_codes", ReferralCode),
    ("named_accounts", NamedAccount),
    ("own_opportunities", OwnOpportunity),
):
    _whole(_name, _model)
