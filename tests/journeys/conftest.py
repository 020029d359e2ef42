"""What journeys in a real browser share: one served demo and one Chromium for all of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.portal import Portal, a_chromium, a_served_demo


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal that answers, with the demo network."""
    with a_served_demo(tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser."""
    with a_chromium() as browser:
        yield browser
