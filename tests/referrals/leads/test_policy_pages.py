"""The pages of the routing policy: everything that a version says is shown, kept, and can be changed."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core import places
from core.database import session, transaction
from core.i18n import country_name, speaking
from core.settings import PROGRAMME_CURRENCY, change_setting
from partners.operations import set_up_programme
from partners.queries import tiers
from referrals.forms.policies import _as_typed
from referrals.models import LeadStatus
from referrals.operations.routing import (
    Queue,
    draft_policy,
    policy_in_force,
    publish_draft,
    publish_policy,
    read_policy,
)
from referrals.queries.decisions import policies
from referrals.routing import Choice, Factor, Mode, Policy, SizeBand
from referrals.views.policy_wording import differences
from tests.referrals.leads.cast import a_lead
from tests.referrals.sales.test_at_once import at_once

NEW = "/staff/leads/policy/versions/new"


def rich_rules() -> tuple[Policy, list[Queue]]:
    """A policy that says something of everything."""
    gold = next(tier for tier in tiers() if tier.code == "gold")
    rules = replace(
        read_policy(policy_in_force())[0],
        mode=Mode.K_AT_ONCE, k=4, choice=Choice.DRAW, needs_every_service=False, open_leads_cap=9, daily_cap=3,
        tier_minimums=(SizeBand(500, gold.rank, "gold"),), newcomer_deals=0, newcomer_floor=Decimal("0.125"),
        half_answer_hours=5, half_distance_km=70,
    )  # fmt: skip
    queues = [
        Queue(Mode.OFFER, sources=("fair", "web shop"), countries=("DE", "KR"), employees_below=20),
        Queue(Mode.K_AT_ONCE, k=2, size_below_minor=500_050),
    ]
    return rules, queues


def test_a_version_made_without_a_change_says_the_same(browser, pia, acme):
    rules, queues = rich_rules()
    publish_policy(rules, queues, note="Rich", by=None)
    browser.sign_in(pia).open(NEW).fill("What changed, and why", "Nothing")
    browser.press("Publish the version", expect=200)
    after = read_policy(policy_in_force())
    assert after[0].name == "standard/3"
    assert (replace(after[0], name=""), list(after[1])) == (
        replace(read_policy(policy_in_force())[0], name=""),
        queues,
    )
    assert differences((rules, queues), after) == []


def typed(browser, **fields: str):
    """Types into fields by their names, of which lines have many with the same label."""
    browser.typed |= {name.replace("__", "-"): [value] for name, value in fields.items()}
    return browser.fill("What changed, and why", "Try")


def test_queues_send_leads_another_way_by_country(browser, pia, acme):
    browser.sign_in(pia).open(NEW)
    typed(browser, queues__2__countries="Deutschland, at, DE", queues__2__mode="pool")
    browser.press("Publish the version", expect=200)
    assert browser.sees("Germany, Austria")
    _rules, queues = read_policy(policy_in_force())
    assert queues[-1] == Queue(Mode.POOL, countries=("DE", "AT"))
    assert a_lead("Globex").status is LeadStatus.AVAILABLE
    assert a_lead("Initech", country="FR").status is not LeadStatus.AVAILABLE


def test_what_is_wrong_is_said_at_its_line_and_kept(browser, pia, acme):
    browser.sign_in(pia).open(NEW)
    typed(
        browser,
        queues__2__countries="Germany, Atlantis",
        queues__3__mode="k_at_once",
        bands__1__employees="50",
    )
    browser.press("Publish the version", expect=422)
    assert browser.sees("No country has this name: Atlantis.")
    assert browser.sees("Say which leads go this way: at least one of the four.")
    assert browser.sees("Choose the tier.")
    assert 'value="Germany, Atlantis"' in browser.html
    assert read_policy(policy_in_force())[0].name == "standard/1"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"bands__1__employees": "1000", "bands__1__tier": "gold"},
            "There is a line for this number already.",
        ),
        ({"bands__1__tier": "gold"}, "Give the number of people."),
        ({factor.value: "0" for factor in Factor}, "At least one weight must be more than nothing."),
        ({"newcomer_floor": "101"}, "From 0 to 100."),
        ({"queues__2__size_below": "0"}, "At least €0.01."),
        ({"queues__2__employees_below": "ten", "queues__2__sources": "fair"}, "valid integer"),
    ],
)
def test_no_version_is_made_of_what_makes_no_sense(browser, pia, acme, fields, sentence):
    browser.sign_in(pia).open(NEW)
    typed(browser, **fields)
    browser.press("Publish the version", expect=422)
    assert browser.sees(sentence), browser.text
    assert read_policy(policy_in_force())[0].name == "standard/1"


def test_every_version_is_read_for_ever_and_a_new_one_can_begin_as_it(browser, pia, acme):
    rules, queues = rich_rules()
    publish_policy(rules, queues, note="Rich", by=None)
    publish_policy(Policy(), [], note="Plain", by=None)
    browser.sign_in(pia).open("/staff/leads/policy").click("standard/2")
    for words in (
        "By lot",
        "at most 4",
        "Source: fair, web shop",
        "South Korea",
        "One of them is enough",
        "12.5 %",
    ):
        assert browser.sees(words), words
    assert not browser.sees("otherwise than the policy in force")
    browser.click("Make a new version of it")
    browser.fill("What changed, and why", "Back").press("Publish the version", expect=200)
    assert differences((rules, queues), read_policy(policy_in_force())) == []
    browser.open(NEW + "?of=99", expect=404)


def test_a_draft_says_everything_that_it_would_change(acme):
    rules, queues = rich_rules()
    changed = {rule for rule, _before, _after in differences(read_policy(policy_in_force()), (rules, queues))}
    assert changed >= {
        "Mode", "Who is first", "Open leads a partner can hold", "Leads a partner can get a day",
        "Services that a customer wants", "From 500 people on", "From 1,000 people on",
        "Decided deals until which a partner is a newcomer", "Win rate that newcomers count with at least",
        "Fewer than 10 people", "A project below €5,000.50",
    }  # fmt: skip


@pytest.mark.parametrize("locale", ["en", "ru"])
def test_a_line_for_every_country_but_one_can_be_kept_again_in_every_language(browser, pia, acme, locale):
    codes = tuple(code for code, _name in places.countries() if code != "DE")
    publish_policy(Policy(), [Queue(Mode.POOL, countries=codes)], note="Abroad", by=None)
    pia.locale = locale
    browser.sign_in(pia).open(NEW)
    browser.typed |= {"note": ["Again"]}
    browser.press({"en": "Publish the version", "ru": "Опубликовать версию"}[locale], expect=200)
    rules, queues = read_policy(policy_in_force())
    assert (rules.name, queues) == ("standard/3", (Queue(Mode.POOL, countries=codes),))


def test_lines_in_another_order_are_a_difference_since_the_first_that_takes_a_lead_counts(acme):
    rules, _queues = read_policy(policy_in_force())
    shop, germany = Queue(Mode.POOL, sources=("shop",)), Queue(Mode.OFFER, countries=("DE",))
    assert differences((rules, [shop, germany]), (rules, [germany, shop])) == [
        ("Order of the lines", "1. Source: shop; 2. Germany", "1. Germany; 2. Source: shop")
    ]
    # One more before them changes nothing between them.
    more = Queue(Mode.POOL, sources=("fair",))
    assert len(differences((rules, [shop, germany]), (rules, [more, shop, germany]))) == 1


def test_of_two_lines_for_the_same_leads_the_one_that_counts_is_compared(acme):
    rules, _queues = read_policy(policy_in_force())
    pool, offer = Queue(Mode.POOL, sources=("shop",)), Queue(Mode.OFFER, sources=("shop",))
    said = differences((rules, [pool, offer]), (rules, [offer, offer]))
    assert said == [("Source: shop", "Pool: the first claim wins", "One partner at a time")]


def test_the_finest_change_of_a_weight_is_a_difference_and_is_shown(browser, pia, acme):
    browser.sign_in(pia).open(NEW).fill("Distance", "0.2004").fill("What changed, and why", "Finer")
    browser.fill("Keep it as a draft, to replay the last three months under it first", True)
    browser.press("Publish the version", expect=200)
    assert browser.text.count("0.2004") == 2, "among the differences, and among the weights"
    assert not browser.sees("It says the same")


def test_who_publishes_second_is_told_of_the_first_and_loses_nothing_typed(browser, pia, acme):
    browser.sign_in(pia).open(NEW)
    rules, queues = read_policy(policy_in_force())
    publish_policy(replace(rules, daily_cap=3), queues, note="Meanwhile", by=None)
    browser.fill("What changed, and why", "Mine").fill("Leads a partner can get a day", "7")
    browser.press("Publish the version", expect=422)
    assert browser.sees("Somebody published another version just now. Look at it first.")
    assert read_policy(policy_in_force())[0].daily_cap == 3
    assert 'value="Mine"' in browser.html
    # Whoever has read that means it.
    browser.press("Publish the version", expect=200)
    assert read_policy(policy_in_force())[0].daily_cap == 7
    assert [row.version for row in session.scalars(policies())] == [3, 2, 1]


def test_a_draft_can_be_kept_whatever_was_published_meanwhile(browser, pia, acme):
    browser.sign_in(pia).open(NEW)
    rules, queues = read_policy(policy_in_force())
    publish_policy(replace(rules, daily_cap=3), queues, note="Meanwhile", by=None)
    browser.fill("What changed, and why", "Mine")
    browser.fill("Keep it as a draft, to replay the last three months under it first", True)
    browser.press("Publish the version", expect=200)
    assert browser.heading == "Routing policy standard/3" and browser.sees(
        "Leads a partner can get a day 3 10"
    )


def test_a_draft_that_was_compared_with_an_older_version_is_looked_at_again(browser, pia, acme):
    rules, queues = read_policy(policy_in_force())
    other = draft_policy(replace(rules, daily_cap=3), queues, note="Other")
    draft_policy(replace(rules, open_leads_cap=9), queues, note="Mine")
    browser.sign_in(pia).open("/staff/leads/policy/versions/3")
    publish_draft(other, by=None)
    browser.press("Publish the version")
    assert browser.sees("Somebody published another version just now. Look at it first.")
    assert read_policy(policy_in_force())[0].name == "standard/2"
    browser.open("/staff/leads/policy/versions/3")
    assert browser.sees("Leads a partner can get a day 3 10"), "what it would take back"
    browser.press("Publish the version", expect=200)
    assert read_policy(policy_in_force())[0].name == "standard/3"


@pytest.mark.timeout(120)
def test_of_many_who_publish_at_once_one_does_and_drafts_get_numbers_of_their_own(own_app):
    with own_app.app_context(), transaction():
        set_up_programme(by=None)
        policy_in_force()

    def publish():
        rules, queues = read_policy(policy_in_force())
        return publish_policy(rules, queues, note="At once", by=None, after=1).version

    def draft():
        rules, queues = read_policy(policy_in_force())
        return draft_policy(rules, queues, note="At once").version

    told = at_once(own_app, publish, publish, publish, draft, draft)
    sentence = "Somebody published another version just now. Look at it first."
    assert sorted(told[:3], key=str)[1:] == [sentence] * 2, told
    assert sorted(one for one in told if one != sentence) == [2, 3, 4]


def test_sources_are_kept_as_leads_bring_them_without_signs_that_nobody_sees(browser, pia, acme):
    browser.sign_in(pia).open(NEW)
    typed(browser, queues__2__sources="Fair\u202e, \u200b,\x00Shop 2")
    browser.press("Publish the version", expect=200)
    assert read_policy(policy_in_force())[1][-1] == Queue(Mode.POOL, sources=("fair", "shop 2"))


def test_a_size_is_read_in_the_programmes_currency_and_says_nothing_of_another(browser, pia, acme):
    change_setting(PROGRAMME_CURRENCY, "JPY", by=None)
    browser.sign_in(pia).open(NEW)
    typed(browser, queues__0__sources="", queues__0__employees_below="", queues__0__size_below="500000")
    browser.press("Publish the version", expect=200)
    [queue, _shop] = read_policy(policy_in_force())[1]
    assert queue.size_below_minor == 500_000 and browser.sees("A project below ¥500,000")
    assert queue.takes(a_lead("Globex", size_minor=499_999))
    assert not queue.takes(a_lead("Initech", size_minor=500_000))
    assert not queue.takes(a_lead("Hooli", size_minor=499_999, currency="EUR"))
    browser.open(NEW)
    assert 'value="500000"' in browser.html


@pytest.mark.parametrize("locale", ["en", "ru"])
def test_all_countries_of_a_line_are_read_back_from_what_stands_in_its_field(app, locale):
    codes = tuple(code for code, _name in places.countries())
    with speaking(locale):
        typed_again = _as_typed(Policy(), [Queue(Mode.POOL, countries=codes)])["queues"][0]["countries"]
    assert tuple(places.country_code(one) for one in typed_again.split(",")) == codes


@pytest.mark.parametrize("locale", ["en", "ru"])
def test_a_queues_countries_are_read_back_by_the_names_they_are_shown_with(app, locale):
    for code in ("DE", "KR", "CI", "US", "GB", "CD", "CG", "MK", "HK", "PS", "BA"):
        name = country_name(code, locale=locale)
        assert "," not in name
        assert places.country_code(name) == code


def test_a_routed_lead_leads_to_the_policy_that_decided(browser, mona, acme):
    lead = a_lead("Globex")
    browser.sign_in(mona).open(f"/staff/leads/{lead.id}/routing").click("standard/1")
    assert browser.heading == "Routing policy standard/1"
    # A manager reads it; whoever runs the programme makes versions.
    assert "Make a new version of it" not in browser.links


def test_policies_that_were_kept_with_names_of_queues_are_still_read():
    stored = {"name": "Shop", "mode": "pool", "k": 3, "sources": ["shop"], "employees_below": None}
    assert Queue.from_json(stored) == Queue(Mode.POOL, sources=("shop",))
