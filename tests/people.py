"""The cast as fixtures."""

from typing import Any

import pytest

from accounts.models import User
from accounts.permissions import Role
from tests import cast


@pytest.fixture
def programme() -> None:
    """What every programme has from its first day: tiers, an agreement, services."""
    from partners import operations

    operations.set_up_programme(by=None)


@pytest.fixture
def acme(programme: None) -> Any:
    return cast.a_partner("Acme", tier="gold", country="DE")


@pytest.fixture
def ada(acme: Any) -> User:
    return cast.a_member(acme, "Ada Lovelace", Role.PARTNER_ADMIN)


@pytest.fixture
def sam(acme: Any) -> User:
    return cast.a_member(acme, "Sam Seller", Role.SELLER)


@pytest.fixture
def rival(programme: None) -> Any:
    return cast.a_partner("Rival", tier="silver", country="DE")


@pytest.fixture
def rex(rival: Any) -> User:
    return cast.a_member(rival, "Rex Outsider", Role.PARTNER_ADMIN)


@pytest.fixture
def mona() -> User:
    return cast.a_user("Mona Manager", Role.PARTNER_MANAGER)


@pytest.fixture
def finn() -> User:
    return cast.a_user("Finn Finance", Role.FINANCE)


@pytest.fixture
def pia() -> User:
    return cast.a_user("Pia Programme", Role.PROGRAMME_ADMIN)


@pytest.fixture
def arthur() -> User:
    """Writes courses."""
    return cast.a_user("Arthur Author", Role.AUTHOR)
