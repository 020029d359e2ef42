"""The pages about tiers, scorecard, plan and concentration, as firms and the vendor see them."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.permissions import Role
from core.database import session
from core.i18n import format_day, format_percent
from partners import operations, wording
from partners.models import DevelopmentPlan, TierRules
from partners.queries import standing
from tests import cast
from tests.browser import Browser
from tests.partners.test_tier_evaluation import ROLLING, TODAY, mails, sold_ago
from tests.partners.tiers import a_draft, live_rules

#: How often the menu stands in a page: beside it, and behind the phone's button.
MENUS = 2


@pytest.fixture
def rules(acme: Any, pia: Any) -> TierRules:
    return live_rules(
        ("silver", "won_deals", 1, ROLLING),
        ("gold", "licence_revenue", 150_000, ROLLING),
        ("platinum", "certified_people", 4),
        by=pia,
    )


def test_a_firm_reads_what_its_tier_asks_for_and_the_way_up(
    browser: Browser, acme: Any, sam: Any, rules: Any
) -> None:
    sold_ago(acme, 300, 200_000, "inv_1")
    operations.evaluate_tiers()
    browser.sign_in(sam).open("/firm/tier")
    assert browser.heading == "You are Gold"
    assert browser.sees(f"You meet Gold until {format_day(date(2026, 5, 6))}")
    assert browser.sees("The shortest way up to Platinum: 4 more certified people")
    assert browser.sees("€2,000.00")


def test_a_figure_leads_only_to_a_page_that_its_reader_may_open(
    app: Flask, browser: Browser, acme: Any, sam: Any, rules: Any
) -> None:
    sold_ago(acme, 300, 200_000, "inv_1")
    operations.evaluate_tiers()
    assert browser.sign_in(sam).open("/firm/tier").html.count('href="/sales"') > MENUS
    engineer = cast.a_member(acme, "Erik Engineer", Role.ENGINEER)
    assert 'href="/sales"' not in Browser(app).sign_in(engineer).open("/firm/tier").html


def test_before_rules_are_published_the_page_says_so(browser: Browser, sam: Any) -> None:
    browser.sign_in(sam).open("/firm/tier")
    assert browser.sees("Tiers are given by hand")


def test_before_the_first_evaluation_the_page_says_so_and_what_the_tiers_ask_for(
    browser: Browser, sam: Any, rules: Any
) -> None:
    browser.sign_in(sam).open("/firm/tier")
    assert browser.sees("Not evaluated yet")
    assert browser.sees("Licence revenue: at least €1,500.00") and browser.sees(
        "Certified people: at least 4"
    )


@pytest.mark.parametrize(("name", "inside"), [("Renewals rate", "renewals rate"), ("NPS", "NPS"), ("", "")])
def test_a_gap_stands_within_a_sentence(name: str, inside: str) -> None:
    assert wording.within_a_sentence(name) == inside


def test_a_russian_sentence_that_ends_with_a_day_ends_with_one_full_stop(
    browser: Browser, acme: Any, sam: Any, rules: Any
) -> None:
    sam.locale = "ru"
    sold_ago(acme, 300, 200_000, "inv_1")
    operations.evaluate_tiers()
    browser.sign_in(sam).open("/firm/tier")
    assert browser.sees("6\N{NO-BREAK SPACE}мая\N{NO-BREAK SPACE}2026\N{NO-BREAK SPACE}г.")
    assert "г.." not in browser.html


def test_a_manager_sets_a_tier_by_hand_and_lets_the_figures_decide_again(
    browser: Browser, acme: Any, mona: Any, rules: Any
) -> None:
    operations.evaluate_tiers()
    browser.sign_in(mona).open(f"/staff/partners/{acme.id}/standing")
    assert browser.sees("Acme is Gold") and browser.sees("Gold is kept until")
    browser.click("Set the tier by hand").fill("Tier", "Platinum").fill("Why", "They build our reference.")
    browser.press("Set the tier")
    assert browser.sees("Acme is Platinum") and browser.sees("They build our reference.")
    browser.fill("Why", "The reference stands.").press("Let the figures decide")
    assert standing.standing_hold(acme) is None
    assert acme.tier == "platinum"


def test_the_rules_are_drafted_tried_and_published_by_hand(
    browser: Browser, acme: Any, rival: Any, pia: Any, time: Any
) -> None:
    browser.sign_in(pia).open("/staff/tiers").click("What they ask for")
    assert browser.sees("Tiers are given by hand")
    browser.press("Begin a draft").click("Add a requirement")
    browser.fill("Tier", "Gold").fill("What is measured", "Licence revenue (EUR)").fill("Value", "1,500.50")
    browser.press("Save in the draft")
    assert browser.sees("Licence revenue: at least €1,500.50, the last 365 days")
    browser.press("Try it on all partners")
    assert browser.sees("Still measuring")
    run = standing.last_dry_run(standing.draft_rules())  # type: ignore[arg-type]
    assert run is not None
    operations.carry_out_dry_run(run)
    browser.open("/staff/tiers/rules/draft/dry-run")
    assert browser.heading == "0 up, 2 down"
    assert browser.sees("Licence revenue, the last 365 days: €0.00, needed €1,500.50")
    browser.open("/staff/tiers/rules").fill("What changes, and why", "Gold sells.").press("Publish version 1")
    assert browser.sees("In force, version 1")
    browser.open("/staff/tiers/rules/1")
    assert browser.sees("Gold sells.")


def test_a_value_that_is_no_number_is_said_at_its_field(browser: Browser, pia: Any, programme: None) -> None:
    a_draft(by=pia)
    browser.sign_in(pia).open("/staff/tiers/rules/draft/requirements/new")
    browser.fill("Tier", "Gold").fill("What is measured", "Won deals (a number)").fill("Value", "many")
    browser.press("Save in the draft", expect=422)
    assert browser.sees("Type a number, such as 12.")


def test_readers_see_the_rules_but_no_draft_buttons(
    browser: Browser, mona: Any, pia: Any, rules: Any
) -> None:
    a_draft(("gold", "won_deals", 3, ROLLING), by=pia)
    finn = cast.a_user("Finn Finance", cast.Role.FINANCE)
    browser.sign_in(finn).open("/staff/tiers/rules")
    assert browser.sees("Draft, version 2") and not browser.sees("Take out")


def test_the_scorecard_shows_figures_trend_and_place_without_names(
    app: Flask, browser: Browser, acme: Any, ada: Any, mona: Any
) -> None:
    for number in range(6):
        other = cast.a_partner(f"Firm {number}", tier="gold")
        sold_ago(other, 5, 1_000 * (number + 1), f"inv_{number}", customer={"name": f"Kunde {number}"})
    sold_ago(acme, 5, 900_000, "inv_acme")
    sold_ago(acme, 400, 100_000, "inv_old")
    operations.keep_scores()
    browser.sign_in(ada).open("/firm/scorecard")
    assert browser.sees("€9,000.00") and browser.sees("best quarter")
    assert not browser.sees("Firm 3")
    browser.open("/firm/scorecard?measure=leads_offered")
    assert browser.sees("Leads offered, month by month")
    staff = Browser(app).sign_in(mona).open(f"/staff/partners/{acme.id}/scorecard")
    assert staff.sees("Scorecard of Acme")


def test_with_too_few_firms_to_compare_that_is_said_once(browser: Browser, acme: Any, ada: Any) -> None:
    sold_ago(acme, 5, 900_000, "inv_acme")
    operations.keep_scores()
    browser.sign_in(ada).open("/firm/scorecard")
    assert browser.sees("€9,000.00") and browser.sees("The tier has too few firms to say a place in it.")
    assert not browser.sees("Place in the tier") and not browser.sees("too few firms to compare")


def test_a_plan_is_agreed_by_both_sides_and_measured_by_real_data(
    app: Flask, browser: Browser, acme: Any, ada: Any, mona: Any
) -> None:
    staff = Browser(app).sign_in(mona)
    staff.open(f"/staff/partners/{acme.id}/plan").click("Begin a plan")
    staff.fill("Name of the plan", "Grow the North").press("Save")
    staff.fill("Kind", "A figure to reach").fill("Measured by", "Licence revenue (EUR)")
    staff.fill("To reach", "4000").fill("To reach by", "2026-12-31").press("Add the goal")
    staff.fill("Kind", "Something to do").fill("What", "Meet the sponsor").fill("To reach by", "2026-06-30")
    staff.press("Add the goal").press("Agree to the plan")
    sold_ago(acme, 0, 200_000, "inv_1")
    browser.sign_in(ada).open("/firm/plan")
    assert browser.sees("€2,000.00 / €4,000.00")
    browser.press("Agree to the plan")
    plan = session.scalars(sa.select(DevelopmentPlan)).one()
    assert plan.status == "agreed"
    assert mails("The plan for Acme is agreed")
    browser.press("Done")
    assert plan.status == "agreed"
    assert browser.sees("The goal is gone, and both sides are asked to agree again.")
    assert browser.open("/firm/plan/change").sees("A changed plan is agreed to anew")
    browser.open("/firm/plan").press("Take it out")
    assert plan.status == "draft" and plan.vendor_agreed_at is None
    staff.open(f"/staff/partners/{acme.id}/plan").fill("What came of it", "Half of it.")
    staff.press("Close the plan")
    assert staff.sees("Half of it.") and staff.sees("Begin a plan")


def test_rex_cannot_touch_the_goals_of_acme(browser: Browser, acme: Any, mona: Any, rex: Any) -> None:
    plan = operations.make_plan(
        acme, title="Grow", summary="", starts_on=TODAY, ends_on=TODAY.replace(year=2027), by=mona
    )
    goal = operations.add_goal(plan, kind="step", text="Meet", due_on=TODAY, by=mona)
    browser.sign_in(rex)
    assert browser.open("/firm/plan").sees("No development plan yet")
    browser.open(f"/staff/partners/{acme.id}/plan", expect=403)
    assert session.get(type(goal), goal.id) is not None


def test_concentration_names_who_carries_too_much_and_what_is_to_be_handed_on(
    browser: Browser, acme: Any, rival: Any, mona: Any
) -> None:
    sold_ago(acme, 5, 900_000, "inv_1")
    sold_ago(rival, 5, 100_000, "inv_2", customer={"name": "Kunde", "country": "DE"})
    operations.keep_scores()
    browser.sign_in(mona).open("/staff/concentration")
    assert browser.heading == "The network hangs on 1 firm"
    assert browser.sees("Risk") and browser.sees("Key partner") and browser.sees(format_percent("0.9"))
    browser.click("What is to be handed on")
    assert browser.heading == "If Acme leaves"
    assert browser.sees("Globex")
    assert browser.click("Terminate the partnership…").sees("Acme")
    assert "Acme,gold" in browser.open("/staff/concentration.csv").html


def test_the_home_of_a_firm_says_where_it_stands_and_what_its_year_was(
    browser: Browser, acme: Any, ada: Any, rules: Any
) -> None:
    sold_ago(acme, 5, 100_000, "inv_1")
    operations.evaluate_tiers()
    operations.keep_scores()
    browser.sign_in(ada).open("/")
    assert browser.sees("Keep Gold") and browser.sees("Your year") and browser.sees("€1,000.00")


def test_the_home_of_a_manager_shows_the_portfolio_and_who_is_about_to_lose_a_tier(
    browser: Browser, acme: Any, mona: Any, rules: Any
) -> None:
    operations.change_partner(acme, manager_id=mona.id, by=mona)
    sold_ago(acme, 5, 100_000, "inv_1")
    operations.evaluate_tiers()
    operations.keep_scores()
    browser.sign_in(mona).open("/")
    assert browser.sees("Your partners") and browser.sees("About to lose a tier")
    assert browser.sees("Whose revenue moved most")
