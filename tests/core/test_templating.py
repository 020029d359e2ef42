"""What templates do to texts and figures so that they fit where they stand."""

from typing import Any

import pytest
from flask import Flask
from markupsafe import Markup

from core.i18n import format_short_money, speaking
from core.templating import breakable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mona@meridian.example", "mona@<wbr>meridian.<wbr>example"),
        ("https://www.acme.example/a", "https://<wbr>www.<wbr>acme.<wbr>example/<wbr>a"),
        ("<b>@acme.example", "&lt;b&gt;@<wbr>acme.<wbr>example"),
    ],
)
def test_an_address_may_break_after_its_signs_and_nobodys_text_becomes_markup(text: str, shown: str) -> None:
    assert str(breakable(text)) == shown


@pytest.mark.parametrize(
    "text", ["Hamburg, Germany", "€1,234.50", "at 5 p.m.", Markup("<a>a@b.example</a>"), None, 7]
)
def test_what_is_no_address_stays_as_it_is(text: Any) -> None:
    assert breakable(text) is text


def test_the_axis_of_a_chart_says_thousands(app: Flask) -> None:
    with app.test_request_context(), speaking("en"):
        assert format_short_money(16_000_000, "EUR") == "€160K"
        assert format_short_money(-160_000, "EUR") == "\N{MINUS SIGN}€1.6K"
