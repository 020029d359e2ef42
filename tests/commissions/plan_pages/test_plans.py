"""From the first plan to its publication, what changed between versions, and how a partner reads it."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from commissions.models import Entry, PlanVersionStatus
from commissions.operations.recomputations import recompute_further, start_recomputation
from commissions.queries.plans import live_version, version_of
from core.database import session, transaction
from core.errors import Refusal
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
        "1 partner would have earned more, 1 less, 0 the same.",
        "inv_3",
    ):
        assert browser.sees(words), browser.text
    browser.click("All partners as CSV")
    assert browser.response.text.lstrip("\ufeff").splitlines() == [
        "Partner,Currency,Was granted,Would be,Change",
        "Rival,EUR,600.00,0.00,-600.00",
        "Acme,EUR,200.00,300.00,100.00",
    ]


def test_a_long_simulation_is_the_workers_and_shows_how_far_it_is(
    programme: None, browser: Browser, pia: Any, acme: Any, run_jobs: Any, monkeypatch: Any
) -> None:
    from commissions.operations import plans as operations
    from commissions.views import plan_simulations

    a_live_plan()
    for number in range(5):
        sold(acme, name=f"inv_{number}")
    a_draft(a_definition(effective_from="2026-04-01T00:00:00+00:00"))
    monkeypatch.setattr(plan_simulations, "SALES_AT_ONCE", 3)
    monkeypatch.setattr(operations, "STEP", 2)
    browser.sign_in(pia).open("/staff/plans/standard/versions/2/simulation").press("Simulate")
    assert browser.sees("Being worked out")
    assert browser.sees("0 of 5")
    run_jobs()
    browser.open("/staff/plans/standard/versions/2/simulation")
    assert browser.sees("Sales looked at 5")


def test_a_long_simulation_is_stopped_and_goes_on_where_it_was(
    programme: None, browser: Browser, pia: Any, acme: Any, run_jobs: Any, monkeypatch: Any
) -> None:
    from commissions.operations import plans as operations
    from commissions.views import plan_simulations

    a_live_plan()
    for number in range(5):
        sold(acme, name=f"inv_{number}")
    draft = a_draft(a_definition(effective_from="2026-04-01T00:00:00+00:00"))
    monkeypatch.setattr(plan_simulations, "SALES_AT_ONCE", 3)
    monkeypatch.setattr(operations, "STEP", 2)
    page = "/staff/plans/standard/versions/2/simulation"
    browser.sign_in(pia).open(page).press("Simulate")
    operations.simulate_further(draft, by=None)
    browser.open(page).press("Stop it")
    run_jobs()
    assert browser.open(page).sees("2 of 5")
    assert browser.sees("It can go on from here, or be begun anew below.")
    with pytest.raises(Refusal, match="not under way"):
        operations.stop_simulation(draft)
    browser.press("Go on")
    run_jobs()
    assert browser.open(page).sees("Sales looked at 5")
    again = operations.simulate(draft, by=None)
    with pytest.raises(Refusal, match="not stopped"):
        operations.resume_simulation(draft)
    assert (again["sales"], again["unmatched"]) == (5, 0)


def test_at_the_command_line_a_simulation_is_stopped_and_goes_on(own_app: Any, monkeypatch: Any) -> None:
    from commissions.operations import plans as operations
    from partners import operations as partners
    from tests import cast

    monkeypatch.setattr(operations, "STEP", 2)
    say = own_app.test_cli_runner().invoke
    with own_app.app_context(), transaction():
        partners.set_up_programme(by=None)
        acme = cast.a_partner("Acme", tier="gold", country="DE")
        for number in range(5):
            sold(acme, name=f"inv_{number}")
        draft = a_draft(a_definition(effective_from="2025-01-01T00:00:00+00:00"))
        operations.begin_simulation(draft, by=None)
        operations.simulate_further(draft, by=None)
    assert say(args=["commissions", "simulate", "standard/1", "--stop"]).output == "Stopped.\n"
    again = say(args=["commissions", "simulate", "standard/1", "--stop"])
    assert (again.exit_code, "not under way" in again.output) == (1, True)
    with own_app.app_context(), transaction():
        version = version_of("standard", 1)
        assert version is not None and version.simulation is not None
        assert version.simulation["sales"] < 5
    done = say(args=["commissions", "simulate", "standard/1"])
    assert done.exit_code == 0 and "EUR: 0 was granted, 200000 would be" in done.output
    assert "stopped" not in done.output


def test_a_simulation_that_was_stopped_can_be_begun_anew(
    programme: None, acme: Any, monkeypatch: Any
) -> None:
    from commissions.operations import plans as operations

    a_live_plan()
    for number in range(5):
        sold(acme, name=f"inv_{number}")
    draft = a_draft(a_definition(effective_from="2026-04-01T00:00:00+00:00"))
    monkeypatch.setattr(operations, "STEP", 2)
    assert operations.begin_simulation(draft, months=3, by=None) == 5
    operations.simulate_further(draft, by=None)
    operations.stop_simulation(draft)
    assert not operations.simulate_further(draft, by=None)
    assert operations.simulate(draft, months=6, by=None)["sales"] == 5


def test_sales_from_before_the_first_version_are_simulated_too(
    programme: None, acme: Any, rival: Any, monkeypatch: Any
) -> None:
    """A programme that has sales sees what its first plan would pay for them: what it pays once it is published."""
    from commissions.operations import plans as operations

    monkeypatch.setattr(operations, "STEP", 2)
    for number, moment in enumerate(("2025-12-01", "2026-01-05", "2026-02-20"), 1):
        line = a_line("licence", 100_000 + number)
        sold(acme, line, name=f"inv_{number}", occurred_at=datetime.fromisoformat(f"{moment}T10:00:00+00:00"))
    sold(rival, a_line("training", 50_001), name="inv_4", occurred_at=datetime(2026, 1, 7, 10, tzinfo=UTC))
    version = a_live_plan(a_definition(effective_from="2025-01-01T00:00:00+00:00"))
    report = version.simulation
    assert report is not None
    assert (report["sales"], report["unmatched"], report["totals"][0]["was_minor"]) == (4, 0, 0)
    run = start_recomputation(by=None)
    while recompute_further(run):
        pass
    earned = session.execute(
        sa.select(Entry.partner_id, sa.func.sum(Entry.amount_minor))
        .where(Entry.partner_id.is_not(None))
        .group_by(Entry.partner_id)
    )
    assert {int(row["partner_id"]): row["would_be_minor"] for row in report["partners"]} == {
        partner_id: int(amount) for partner_id, amount in earned
    }
    assert a_live_plan(code="other").simulation == report | {  # its partners have sold nothing
        "since": report["since"], "sales": 0, "partners": [],
        "totals": [{"currency": "EUR", "was_minor": 0, "would_be_minor": 0}],
    }  # fmt: skip


def test_the_report_of_a_published_version_stays(programme: None, acme: Any) -> None:
    """It is kept with the publication, so no later simulation takes its place."""
    from commissions.operations import plans as operations

    version = a_live_plan()
    report = version.simulation
    sold(acme)
    with pytest.raises(Refusal, match="published"):
        operations.simulate(version, by=None)
    assert version.simulation == report


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


def test_rates_that_came_as_numbers_are_answered_as_decimal_text(programme: None, machine: Any) -> None:
    """Rates are decimal strings, however they were sent; whole numbers are taken, too."""
    brackets = [{"from": 0, "to": 100000, "rate": 10}, {"from": 100000, "to": None, "rate": "15"}]
    volume = {"type": "brackets", "on": "line.net_minor", "mode": "slab", "brackets": brackets}
    shares = [{"to": "partner", "percent": 90}, {"to": "vendor", "percent": "10"}]
    sent = {
        "name": "Numbers",
        "currency": "EUR",
        "effective_from": "2026-01-01T00:00:00Z",
        "rules": [
            {"name": "Volume", "amount": volume},
            {"name": "Rest", "amount": {"type": "percent", "rate": 5}},
        ],
        "splits": [{"name": "Projects", "shares": shares}],
    }
    answer = machine("plans:write").post("/plans/numbers/versions", sent)
    assert answer.status_code == 201, answer.json
    first, rest = answer.json["definition"]["rules"]
    assert first["amount"]["brackets"] == [
        {"from": "0", "to": "100000", "rate": "10"},
        {"from": "100000", "to": None, "rate": "15"},
    ]
    assert rest["amount"]["rate"] == "5"
    assert [share["percent"] for share in answer.json["definition"]["splits"][0]["shares"]] == ["90", "10"]
