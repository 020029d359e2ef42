"""A programme's accent stays readable, whatever colour it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.colour import DARK_GROUNDS, DEFAULT_ACCENT, LIGHT_GROUNDS, brand_tones, contrast, is_colour

any_colour = st.integers(min_value=0, max_value=0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_black_on_white_has_the_highest_contrast_there_is() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)


@given(any_colour)
def test_text_in_the_accent_can_be_read_on_every_ground(accent: str) -> None:
    tones = brand_tones(accent)
    for scheme, grounds in ((tones.light, LIGHT_GROUNDS), (tones.dark, DARK_GROUNDS)):
        for ground in (*grounds, scheme.wash):
            assert contrast(scheme.accent, ground) >= 4.5


@given(any_colour)
def test_words_on_a_button_can_be_read_at_rest_and_pressed(accent: str) -> None:
    tones = brand_tones(accent)
    for scheme in (tones.light, tones.dark):
        assert contrast(scheme.on_accent, scheme.accent) >= 4.5
        assert contrast(scheme.on_accent, scheme.deep) >= 4.5


@given(any_colour)
def test_the_focus_ring_can_be_seen_on_every_ground(accent: str) -> None:
    tones = brand_tones(accent)
    for scheme, grounds in ((tones.light, LIGHT_GROUNDS), (tones.dark, DARK_GROUNDS)):
        assert all(contrast(scheme.focus, ground) >= 3 for ground in grounds)


@given(any_colour)
def test_every_tone_is_a_colour(accent: str) -> None:
    tones = brand_tones(accent)
    for scheme in (tones.light, tones.dark):
        assert all(is_colour(getattr(scheme, name)) for name in scheme.__slots__)


def test_an_accent_that_is_readable_already_is_kept() -> None:
    kept = brand_tones(DEFAULT_ACCENT).light.accent
    assert all(abs(int(kept[i : i + 2], 16) - int(DEFAULT_ACCENT[i : i + 2], 16)) <= 1 for i in (1, 3, 5))


@pytest.mark.parametrize("text", ["plum", "#fff", "#12345g", "", "#1234567", "red;}"])
def test_what_is_not_a_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a colour"):
        brand_tones(text)
