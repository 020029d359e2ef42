"""Addresses that are looked up once are those that Flask builds."""

from typing import Any

import pytest
from flask import Flask
from flask import url_for as built

from core.addresses import url_for


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("core.home", {}),
        ("referrals.staff_lead", {"lead_id": 42}),
        ("referrals.staff_leads", {"page": 3, "partner": 7}),
        ("referrals.staff_leads", {"q": "{0} & co"}),
        ("static", {"filename": "css/base.css"}),
        ("core.legal", {"page": "terms"}),
    ],
)
def test_an_address_is_the_one_flask_builds(app: Flask, endpoint: str, values: dict[str, Any]) -> None:
    for prefix in ("", "/portal"):
        with app.test_request_context("/", base_url=f"http://localhost{prefix}"):
            for _again in range(2):
                assert url_for(endpoint, **values) == built(endpoint, **values)
            assert url_for(endpoint, **values).startswith(prefix)
