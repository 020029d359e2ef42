"""Every state of the product has a word, a tone and a shape."""

import pytest

from core.icons import icon_shape
from core.statuses import STATUSES, status_of


@pytest.mark.parametrize("name", STATUSES)
def test_a_state_has_a_word_and_a_shape_that_exists(name: str) -> None:
    status = STATUSES[name]
    assert str(status.word)
    assert icon_shape(status.icon).startswith("<svg")
    assert status.tone in {"mute", "info", "wait", "good", "bad"}


def test_the_same_state_may_mean_something_else_for_another_kind() -> None:
    assert status_of("held") != status_of("held", "event")
    assert status_of("won", "deal") == status_of("won")


def test_a_state_without_a_word_is_a_mistake_that_shows() -> None:
    with pytest.raises(KeyError, match=r"core/statuses\.py"):
        status_of("dreaming")


def test_an_icon_without_a_shape_is_a_mistake_that_shows() -> None:
    with pytest.raises(ValueError, match="no icon 'hous'"):
        icon_shape("hous")
