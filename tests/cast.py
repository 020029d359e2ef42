"""The people of the tests. *Acme* with Ada (admin) and Sam (seller); *Rival* with Rex, the outsider of every access
test; Mona manages partners, Finn pays, Pia runs the programme."""

from typing import Any

from accounts import operations as accounts
from accounts.models import User
from accounts.permissions import Role
from core.database import session
from tests.browser import PASSWORD


def a_user(name: str, role: Role, *, domain: str = "meridian.example", locale: str = "en") -> User:
    """Somebody who can sign in."""
    return accounts.make_user(
        email=f"{name.split(maxsplit=1)[0].lower()}@{domain}",
        name=name,
        role=role,
        locale=locale,
        password=PASSWORD,
    )


def a_partner(name: str = "Acme", **about: Any) -> Any:
    """An active partner with its agreement accepted."""
    from partners import operations

    about = {"country": "DE", "tier": "silver", "type": "reseller", "by": None, **about}
    partner = operations.make_partner(name=name, **about)
    session.flush()
    return partner


def a_member(partner: Any, name: str, role: Role) -> User:
    """Somebody of a partner who can sign in."""
    from partners import operations

    domain = f"{partner.name.split()[0].lower()}.example"
    member = operations.add_member(
        partner,
        email=f"{name.split(maxsplit=1)[0].lower()}@{domain}",
        name=name,
        role=role,
        password=PASSWORD,
        by=None,
    )
    user: User = member.user
    user.locale = "en"
    session.flush()
    return user
