"""From the first plan to its publication, what changed between versions, and how a partner reads it."""

from typing import Any

from commissions.models import PlanVersionStatus
from commissions.queries.plans import live_version, version_of
from tests.browser import Browser
from tests.commissions.cast import a_definition, a_draft, a_line, a_live_plan, sold


def test_a_programme_starts_with_the_standard_plan_and_publishes_it(
    programme: None, browser: Browser, pia: Any
) -> None:
    browser.sign_in(pia).open("/staff/plans")
    assert browser.sees("Without a published plan no sale earns anything.")
    browser.click("Start with the standard plan").press("Make the draft")
    assert browser.heading == "Draft standard/1"
    browser.press("Keep the draft")
    browser.click("Simulate").press("Simulate")
    assert browser.sees("The simulation is done.")
    browser.click("Publish…").press("Publish standard/1")
    assert browser.sees("is published. It holds for customers who begin from 1\u00a0March\u00a02026 on.")
    version = live_version("standard")
    assert version is not None and version.status is PlanVersionStatus.PUBLISHED


def test_publishing_asks_for_the_password_again_after_a_while(
    programme: None, browser: Browser, pia: Any, time: Any
) -> None:
    a_draft()
    browser.sign_in(pia)
    time.move(minutes=30)
    browser.open("/staff/plans/standard/versions/1/publication")
    assert browser.url.startswith("/confirm-password") or "password" in browser.heading.lower()


def test_a_version_that_was_not_simulated_leads_to_the_simulation(
    programme: None, browser: Browser, pia: Any
) -> None:
    a_draft()
    browser.sign_in(pia).open("/staff/plans/standard/versions/1/publication").click("Simulate it first")
    assert browser.heading == "Simulation of standard/1"


def test_the_simulation_shows_winners_losers_and_what_no_rule_fits(
    programme: None, browser: Browser, pia: Any, acme: Any, rival: Any
) -> None:
    a_live_plan()
    sold(acme, a_line(minor=100_000), name="inv_1")
    sold(rival, a_line(minor=100_000), name="inv_2")
    sold(rival, a_line("training", 50_000), name="inv_3")
    changed = a_definition(splits=[], effective_from="2026-04-01T00:00:00+00:00")
    changed["rules"] = [rule for rule in changed["rules"] if not rule["name"].startswith("Silver")]
    changed["rules"][1]["amount"]["rate"] = "30"
    a_draft(changed)
    browser.sign_in(pia).open("/staff/plans/standard/versions/2/simulation").press("Simulate")
    for words in (
        "Sales looked at 3",
        "It would have paid €300.00 −€500.00 against €800.00 that was granted",
        "Sales that no rule fits 2",
        "Acme €200.00 €300.00 +€100.00",
        "Rival €600.00 €0.00 −€600.00",
        "inv_3",
    ):
        assert browser.sees(words), browser.text


def test_a_long_simulation_is_the_workers_and_shows_how_far_it_is(
    programme: None, browser: Browser, pia: Any, acme: Any, run_jobs: Any, monkeypatch: Any
) -> None:
    from commissions.operations import plans as operations
    from commissions.views import staff_plans

    a_live_plan()
    for number in range(5):
        sold(acme, name=f"inv_{number}")
    a_draft(a_definition(effective_from="2026-04-01T00:00:00+00:00"))
    monkeypatch.setattr(staff_plans, "SALES_AT_ONCE", 3)
    monkeypatch.setattr(operations, "STEP", 2)
    browser.sign_in(pia).open("/staff/plans/standard/versions/2/simulation").press("Simulate")
    assert browser.sees("Being worked out")
    assert browser.sees("0 of 5")
    run_jobs()
    browser.open("/staff/plans/standard/versions/2/simulation")
    assert browser.sees("Sales looked at 5")


def test_a_long_simulation_can_be_stopped(
    programme: None, browser: Browser, pia: Any, acme: Any, run_jobs: Any, monkeypatch: Any
) -> None:
    from commissions.views import staff_plans

    a_live_plan()
    sold(acme)
    a_draft(a_definition(effective_from="2026-04-01T00:00:00+00:00"))
    monkeypatch.setattr(staff_plans, "SALES_AT_ONCE", 0)
    browser.sign_in(pia).open("/staff/plans/standard/versions/2/simulation").press("Simulate").press(
        "Stop it"
    )
    run_jobs()
    version = version_of("standard", 2)
    assert version is not None and version.simulation is None and version.simulated_at is None


def test_two_versions_are_compared_rule_by_rule(programme: None, browser: Browser, mona: Any) -> None:
    a_live_plan()
    changed = a_definition(hold_days=45)
    first, second, *others = changed["rules"]
    second = second | {"amount": {"type": "percent", "rate": "22.5"}}
    bonus = {"name": "Audits", "when": {"all": []}, "amount": {"type": "percent", "rate": "3"}}
    a_draft(changed | {"rules": [others[-1], first, second, *others[:-2], bonus]})
    browser.sign_in(mona).open("/staff/plans/standard/versions/2/differences")
    for words in (
        "Days that earnings are held 30 45",
        "Gold: licence in the first yearChanged 20",
        "Registered: renewals and later licencesGone",
        "First project of a customerMoved from place 9 to 1",
        "AuditsNew",
        "Platinum: licence in the first yearAs before",
    ):
        assert browser.sees(words), (words, browser.text)


def test_a_version_goes_out_as_toml_and_comes_back_the_same(
    programme: None, browser: Browser, pia: Any
) -> None:
    draft = a_draft()
    browser.sign_in(pia).open("/staff/plans/standard/versions/1.toml")
    text = browser.response.get_data(as_text=True)
    assert text.startswith('name = "Standard 2026"')
    browser.open("/staff/plans/new").fill("Code", "copy").fill("Begin with", "the file below")
    browser.fill("Or a plan as TOML", text).press("Make the draft")
    copy = version_of("copy", 1)
    assert copy is not None and copy.definition == draft.definition


def test_a_file_that_can_not_be_read_says_where(programme: None, browser: Browser, pia: Any) -> None:
    a_draft()
    browser.sign_in(pia).open("/staff/plans/standard/versions/1/file")
    browser.fill("The version as TOML", "name = ").press("Keep the draft", expect=422)
    assert browser.sees("This is not TOML")
    browser.fill("The version as TOML", 'name = "x"').press("Keep the draft", expect=422)
    assert browser.sees("/currency: This field is missing.")


def test_a_partner_reads_its_plan_with_an_example_for_every_rule(
    programme: None, browser: Browser, sam: Any
) -> None:
    browser.sign_in(sam).open("/plan")
    assert browser.sees("No plan is published yet")
    a_live_plan()
    browser.open("/plan")
    assert browser.heading == "How you earn"
    for words in (
        "2 · Gold: licence in the first year Your tier",
        "For 12 months from the first sale to the customer.",
        "sold by a partner of the tier Gold, earns €200.00.",
        "Projects we bill: 90 to 10",
        "90\u00a0%: The partner who sold · 10\u00a0%: The vendor",
    ):
        assert browser.sees(words), (words, browser.text)


def test_the_demonstration_publishes_the_standard_plan_for_all_of_its_sales(
    programme: None, acme: Any
) -> None:
    from datetime import UTC, datetime

    from demonstration import commissions_plans

    version = commissions_plans.make_demo(partners=1, leads=1, sales=1, seed=1)
    assert version.status is PlanVersionStatus.PUBLISHED
    sale = sold(acme, occurred_at=datetime(2025, 1, 1, 8, tzinfo=UTC))
    assert sale.earns
    assert live_version("standard") is version
