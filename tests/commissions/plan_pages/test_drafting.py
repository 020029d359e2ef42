"""The plan editor: people draft a version without writing JSON, and are told what is wrong where it is wrong."""

from typing import Any

import pytest

from commissions.models import PlanVersion
from commissions.operations.plans import discard_draft
from commissions.queries.plans import plan_by_code, version_of
from core.errors import Refusal
from tests.browser import Browser
from tests.commissions.cast import a_definition, a_draft, a_live_plan


@pytest.fixture
def editor(programme: None, browser: Browser, pia: Any) -> Browser:
    """Pia with the draft of the standard plan before her."""
    a_draft()
    return browser.sign_in(pia).open("/staff/plans/standard/versions/1/draft")


def the_draft() -> PlanVersion:
    version = version_of("standard", 1)
    assert version is not None
    return version


def test_a_draft_that_is_kept_unchanged_stays_what_it_was(editor: Browser) -> None:
    before = dict(the_draft().definition)
    editor.press("Keep the draft")
    assert editor.sees("The draft is kept.")
    assert the_draft().definition == before | {"rebinds": False, "converts": False}


def test_a_rule_is_added_with_a_condition_and_kept(editor: Browser) -> None:
    editor.press("Add a rule")
    assert editor.sees("Rule 10")
    name = "rules-9-name"
    editor.typed[name] = ["Large training"]
    editor.typed["rules-9-rate"] = ["12,5"]
    editor.typed["rules-9-new_field"] = ["line.net_minor"]
    button = next(one for one in editor.page.iter("button") if one.get("value") == "rules-9-conditions:add")
    form = next(one for one in editor.page.iter("form") if one.get("id") == "draft")
    editor._send(form, button, 200)
    editor.typed["rules-9-conditions-0-text"] = ["5 000.00"]
    editor.press("Keep the draft")
    assert editor.sees("The draft is kept.")
    rule = the_draft().definition["rules"][9]
    assert rule == {
        "name": "Large training",
        "when": {"all": [{"field": "line.net_minor", "op": "gte", "value": 500_000}]},
        "amount": {"type": "percent", "rate": "12.5"},
    }


def test_rules_move_and_go(editor: Browser) -> None:
    names = [rule["name"] for rule in the_draft().definition["rules"]]
    press(editor, "rules-1:up")
    press(editor, "rules-8:remove")
    editor.press("Keep the draft")
    kept = [rule["name"] for rule in the_draft().definition["rules"]]
    assert kept == [names[1], names[0], *names[2:8]]


def press(editor: Browser, deed: str, expect: int | None = 200) -> None:
    button = next(one for one in editor.page.iter("button") if one.get("value") == deed)
    form = next(one for one in editor.page.iter("form") if one.get("id") == "draft")
    editor._send(form, button, expect)


def test_what_is_wrong_is_said_at_its_field(editor: Browser) -> None:
    editor.typed["rules-0-rate"] = ["lots"]
    editor.typed["rules-2-name"] = ["Gold: licence in the first year"]
    editor.typed["splits-0-shares-1-percent"] = ["20"]
    press(editor, "save", 422)
    assert editor.sees("3 answers need another look")
    assert editor.sees("Write a percentage from 0 to 100")
    assert editor.sees("stands here twice")
    assert editor.sees("more than the whole")
    assert [one.get("value") for one in editor.page.iter("input") if one.get("id") == "rules-0-rate"] == [
        "lots"
    ]


def test_a_condition_that_can_never_be_true_is_refused(editor: Browser) -> None:
    editor.typed["rules-0-new_field"] = ["line.kind"]
    press(editor, "rules-0-conditions:add")
    editor.typed["rules-0-conditions-3-values"] = ["training"]
    press(editor, "save", 422)
    assert editor.sees("can never be true together with the others")


def test_brackets_are_typed_by_where_they_end_so_nothing_is_left_out(editor: Browser) -> None:
    editor.typed["rules-0-kind"] = ["brackets"]
    press(editor, "check", 200)
    press(editor, "rules-0-brackets:add")
    editor.typed |= {
        "rules-0-brackets-0-upto": ["1000"],
        "rules-0-brackets-0-rate": ["5"],
        "rules-0-brackets-1-upto": ["5000"],
        "rules-0-brackets-1-rate": ["7.5"],
        "rules-0-brackets-2-rate": ["10"],
    }
    editor.press("Keep the draft")
    assert the_draft().definition["rules"][0]["amount"]["brackets"] == [
        {"from": "0", "to": "100000", "rate": "5"},
        {"from": "100000", "to": "500000", "rate": "7.5"},
        {"from": "500000", "to": None, "rate": "10"},
    ]


def test_the_draft_is_tried_with_a_sale_before_it_is_kept(editor: Browser) -> None:
    editor.typed["rules-1-rate"] = ["22.5"]
    editor.typed["try_amount"] = ["1000"]
    press(editor, "check")
    assert editor.sees("The partner earns €225.00")
    assert the_draft().definition["rules"][1]["amount"]["rate"] == "20"


def test_conditions_joined_by_or_come_back_as_they_were(programme: None, browser: Browser, pia: Any) -> None:
    when = {
        "all": [
            {"field": "line.kind", "op": "in", "value": ["licence", "hosting"]},
            {
                "any": [
                    {"field": "partner.tier", "op": "eq", "value": "gold"},
                    {"field": "sale.amount_minor", "op": "gt", "value": 1_500_000},
                ]
            },
            {"field": "metadata.campaign", "op": "contains", "value": "spring, summer"},
            {"field": "customer.size", "op": "exists", "value": False},
        ]
    }
    rule = {"name": "Mixed", "when": when, "amount": {"type": "percent", "rate": "2.9"}}
    a_draft(a_definition(rules=[rule], splits=[]))
    browser.sign_in(pia).open("/staff/plans/standard/versions/1/draft").press("Keep the draft")
    assert the_draft().definition["rules"][0]["when"] == when


def test_conditions_nested_more_deeply_stay_as_they_are(programme: None, browser: Browser, pia: Any) -> None:
    deep = {
        "any": [
            {
                "all": [
                    {"field": "line.kind", "op": "eq", "value": "licence"},
                    {"field": "sale.type", "op": "eq", "value": "new"},
                ]
            },
            {"field": "partner.tier", "op": "eq", "value": "gold"},
        ]
    }  # fmt: skip
    a_draft(a_definition(rules=[{"name": "Deep", "when": deep, "amount": {"type": "percent", "rate": "1"}}]))
    browser.sign_in(pia).open("/staff/plans/standard/versions/1/draft")
    assert browser.sees("nested more deeply")
    assert browser.sees("Kind of line: Licence; Kind of sale: New purchase – or – Tier of the partner: Gold")
    browser.press("Keep the draft")
    assert the_draft().definition["rules"][0]["when"] == deep


def test_a_published_version_can_not_be_edited(programme: None, browser: Browser, pia: Any) -> None:
    a_live_plan()
    browser.sign_in(pia).open("/staff/plans/standard/versions/1/draft", expect=409)
    assert browser.sees("is published and never changes")


def test_a_manager_reads_plans_and_does_not_write_them(programme: None, browser: Browser, mona: Any) -> None:
    a_draft()
    browser.sign_in(mona).open("/staff/plans").click("1 · Standard 2026")
    assert "Change the draft" not in browser.links
    browser.open("/staff/plans/standard/versions/1/draft", expect=403)


def test_partners_find_no_staff_pages(programme: None, browser: Browser, ada: Any) -> None:
    a_live_plan()
    browser.sign_in(ada)
    for page in ("", "/standard/versions/1", "/standard/versions/1.toml", "/standard/versions/1/simulation"):
        browser.open(f"/staff/plans{page}", expect=404)


def test_that_sales_are_converted_is_kept(editor: Browser) -> None:
    editor.typed["converts"] = ["y"]
    editor.press("Keep the draft")
    assert the_draft().definition["converts"] is True
    editor.open("/staff/plans/standard/versions/1/draft").press("Keep the draft")
    assert the_draft().definition["converts"] is True


def test_a_draft_is_discarded_and_what_is_published_stays(
    programme: None, browser: Browser, pia: Any
) -> None:
    a_live_plan()
    a_draft(a_definition(effective_from="2027-01-01T00:00:00+00:00"))
    browser.sign_in(pia).open("/staff/plans/standard/versions/2").press("Discard it")
    assert browser.sees("The draft standard/2 is discarded.")
    assert version_of("standard", 2) is None
    published = version_of("standard", 1)
    assert published is not None
    browser.open("/staff/plans/standard/versions/1")
    assert not browser.sees("Discard the draft")
    with pytest.raises(Refusal, match="published and stays"):
        discard_draft(published, by=None)


def test_a_plan_that_was_only_a_draft_goes_with_it(programme: None) -> None:
    discard_draft(a_draft(code="summer"), by=None)
    assert plan_by_code("summer") is None


def test_a_rule_that_rewards_a_lead_is_made_in_the_editor(editor: Browser) -> None:
    """It asks for a fixed amount alone, and is told so at its field when there is none."""
    press(editor, "rules:add")
    editor.typed["rules-9-name"] = ["A good lead"]
    editor.typed["rules-9-trigger"] = ["lead_qualified"]
    press(editor, "check:rules-9")
    assert not any(one.get("name") == "rules-9-rate" for one in editor.page.iter("input"))
    press(editor, "save", 422)
    assert editor.sees("Type an amount, such as 1234.50.")
    editor.typed["rules-9-money"] = ["75"]
    press(editor, "check")
    assert editor.sees("For example: A lead with its code that proves good")
    editor.press("Keep the draft")
    assert the_draft().definition["rules"][9] == {
        "name": "A good lead",
        "trigger": "lead_qualified",
        "when": {"all": []},
        "amount": {"type": "fixed", "amount_minor": 7_500, "per": "sale"},
    }


def test_a_share_goes_to_a_second_partner_by_its_number(editor: Browser, rival: Any) -> None:
    press(editor, "splits-0-shares:add")
    editor.typed["splits-0-shares-0-percent"] = ["80"]
    editor.typed["splits-0-shares-2-to"] = ["other"]
    editor.typed["splits-0-shares-2-percent"] = ["10"]
    press(editor, "check:splits-0")
    press(editor, "save", 422)
    assert editor.sees("Type the partner's number")
    editor.typed["splits-0-shares-2-other"] = [str(rival.id)]
    editor.press("Keep the draft")
    shares = the_draft().definition["splits"][0]["shares"]
    assert shares == [
        {"to": "partner", "percent": "80"},
        {"to": "vendor", "percent": "10"},
        {"to": str(rival.id), "percent": "10"},
    ]


def test_every_rule_has_its_example_before_anything_is_kept(editor: Browser) -> None:
    assert editor.sees("For example: Licence for €1,000.00")
    editor.typed["rules-0-rate"] = ["33"]
    press(editor, "check")
    assert editor.sees("€330.00")
    editor.typed["rules-0-rate"] = ["lots"]
    press(editor, "check")
    assert not editor.sees("For example:"), "as long as the draft can not be worked out"


def test_what_was_moved_and_not_kept_is_guarded(editor: Browser) -> None:
    """The page that a button of the editor leads to holds what nobody has kept."""

    def is_guarded() -> bool:
        return any(
            one.get("data-unsaved") is not None
            for one in editor.page.iter("form")
            if one.get("id") == "draft"
        )

    assert not is_guarded()
    press(editor, "rules-1:up")
    assert is_guarded()
