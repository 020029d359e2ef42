"""Named accounts: companies that the vendor has given to one partner."""

import sqlalchemy as sa

from core import clock
from core.activity import Actor
from core.contacts import registrable_domain
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.signals import announce
from partners.models import Partner
from referrals.models.leads import NamedAccount
from referrals.signals.accounts import AccountFreed, AccountNamed


def name_account(website: str, partner: Partner, *, by: Actor | None) -> NamedAccount:
    """Leads of the company at ``website`` go to ``partner`` first, unless something stronger speaks for another one.

    Raises InvalidInput at ``domain``.
    """
    domain = registrable_domain(website)
    if domain is None:
        raise InvalidInput({"domain": _("That is not a web address, such as www.company.com.")})
    taken = session.scalar(sa.select(NamedAccount).where(NamedAccount.domain == domain))
    if taken is not None:
        raise InvalidInput({"domain": _("%(domain)s is on the list already.", domain=domain)})
    row = NamedAccount(domain=domain, partner_id=partner.id, created_at=clock.now())
    session.add(row)
    session.flush()
    announce(AccountNamed(row, by, domain=domain))
    return row


def free_account(row: NamedAccount, *, by: Actor | None) -> None:
    """The company is nobody's in particular any more."""
    announce(AccountFreed(row, by, domain=row.domain))
    session.delete(row)
    session.flush()
