"""The calculator stands on the public page and on a partner's home, and computes with the published plan only."""

from typing import Any

from tests.browser import Browser
from tests.commissions.cast import a_definition, a_draft, a_live_plan
from tests.commissions.plans import percent, when


def test_without_a_published_plan_it_says_so(programme: None, browser: Browser) -> None:
    a_draft()
    browser.open("/calculator")
    assert browser.sees("No plan is published yet")


def test_a_stranger_works_it_out_on_the_public_page(programme: None, browser: Browser) -> None:
    a_live_plan()
    browser.open("/programme")
    assert browser.sees("What you would earn")
    assert browser.sees("€178,800.00"), browser.text
    browser.fill("Deals a month", "2").fill("Tier", "Gold").press("Work it out")
    assert browser.sees("First 12 months €364,800.00") or browser.sees("€364,800.00"), browser.text
    assert browser.sees("20\u00a0% of €6,000.00 · 48 times in 24 months")
    assert browser.sees("Computed by plan “Standard 2026”, version 1")
    assert browser.sees("not a promise")


def test_what_can_not_be_computed_is_said_at_its_field(programme: None, browser: Browser) -> None:
    a_live_plan()
    browser.open("/calculator").fill("Deals a month", "2000").fill("Services per deal", "much").press(
        "Work it out"
    )
    assert browser.sees("Give more than 0 and at most 20.")
    assert browser.sees("Type an amount, such as 1234.50.")
    assert browser.sees("Something has to be corrected first.")


def test_a_partner_finds_it_at_home_with_its_own_tier_and_plan(
    programme: None, browser: Browser, sam: Any, acme: Any
) -> None:
    a_live_plan()
    acme.plan_code = "special"
    a_live_plan(a_definition(name="Special", splits=[]), code="special")
    browser.sign_in(sam).open("/")
    assert browser.sees("“Special”, version 1")
    assert browser.sees("20\u00a0% of €6,000.00")


def test_a_rule_for_a_kind_of_partner_counts_for_such_a_partner(
    programme: None, app: Any, sam: Any, acme: Any
) -> None:
    is_such = when(("partner.type", "eq", str(acme.type)))
    a_live_plan(a_definition(rules=[percent("33", when=is_such), percent("7")], splits=[]))
    home = Browser(app).sign_in(sam).open("/calculator")
    assert home.sees("33\u00a0% of €6,000.00")
    stranger = Browser(app).open("/calculator")
    assert stranger.sees("7\u00a0% of €6,000.00")
    assert not stranger.sees("33\u00a0% of €6,000.00")


def test_no_one_elses_plan_is_computed_with(programme: None, browser: Browser, mona: Any) -> None:
    a_live_plan(a_definition(name="Special"), code="special")
    browser.open("/calculator")
    assert browser.sees("No plan is published yet")
    browser.sign_in(mona).open("/")
    assert not browser.sees("What you would earn")
