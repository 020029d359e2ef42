"""Firms: their profile, pause and first steps; the vendor's list, page and decisions about them."""

from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import User
from core.activity import Activity
from core.database import session
from core.errors import InvalidInput, Refusal
from partners import operations, queries
from partners.models import Partner, PartnerStatus
from partners.queries import onboarding
from tests import cast
from tests.browser import Browser
from tests.commissions.cast import a_draft, a_live_plan
from tests.commissions.plans import definition, percent
from tests.partners.cast import posted


def test_a_firm_made_by_hand_is_active_with_its_agreement_accepted(programme: None) -> None:
    firm = operations.make_partner(name="Nordvik", country="NO", city="Bergen", by=None)
    assert firm.is_active and queries.has_valid_agreement(firm)
    assert firm.time_zone == "Europe/Oslo"
    assert firm.languages == ["nb"]
    assert firm.regions == ["NO"]
    assert firm.latitude == pytest.approx(60.39, abs=0.1)


def test_a_firm_that_cannot_be_is_refused_by_field(programme: None) -> None:
    with pytest.raises(InvalidInput) as problem:
        operations.make_partner(name=" ", country="XX", tier="wood", type="pirate", plan="", by=None)
    assert set(problem.value.problems) == {"name", "country", "tier", "type", "plan"}


def test_the_admin_changes_what_leads_are_matched_by(ada: User, browser: Browser) -> None:
    browser.sign_in(ada).open("/firm").click("Change the profile")
    browser.fill("City", "Kiel").fill("Regions and countries you serve", "Schleswig-Holstein, Дания")
    browser.fill("Languages you work in", ["German", "Danish"]).fill("Services you offer", ["Training"])
    browser.fill("Open leads at once, at most", "7").press("Save the profile")
    firm = session.scalars(sa.select(Partner)).one()
    assert (firm.regions, sorted(firm.languages), firm.services) == (
        ["DE-SH", "DK"],
        ["da", "de"],
        ["training"],
    )
    assert firm.open_lead_cap == 7
    assert firm.latitude == pytest.approx(54.3, abs=0.1)
    assert browser.sees("Schleswig-Holstein, Denmark")


def test_typed_coordinates_stay_when_the_city_does_not_move(acme: Any, ada: User, browser: Browser) -> None:
    browser.sign_in(ada).open("/firm/profile").fill("City", "Kiel").press("Save the profile")
    browser.open("/firm/profile").fill("Latitude of the office", "54.4").fill(
        "Longitude of the office", "10.2"
    )
    browser.press("Save the profile")
    browser.open("/firm/profile").fill("Postcode", "24103").press("Save the profile")
    firm = session.get_one(Partner, acme.id)
    assert (firm.latitude, firm.longitude) == (54.4, 10.2)


def test_an_unknown_region_is_named_and_what_was_typed_stays(ada: User, browser: Browser) -> None:
    browser.sign_in(ada).open("/firm/profile").fill("Regions and countries you serve", "Hamburg, Atlantis")
    browser.press("Save the profile", expect=422)
    assert browser.sees("We do not know Atlantis")
    assert "Hamburg, Atlantis" in browser.html


def test_who_pauses_gets_no_new_leads(acme: Any, ada: User, browser: Browser) -> None:
    browser.sign_in(ada).open("/firm").press("Pause new leads")
    assert browser.sees("Paused")
    assert session.scalars(queries.routable_partners()).all() == []
    browser.press("Take leads again")
    assert [firm.id for firm in session.scalars(queries.routable_partners())] == [acme.id]


def test_the_first_steps_wait_on_the_admins_first_page_until_done(
    acme: Any, ada: User, browser: Browser
) -> None:
    browser.sign_in(ada).open("/")
    assert browser.sees("Have two people in the portal")
    assert not browser.sees("Accept the agreement")
    cast.a_member(acme, "Sam Seller", "seller")
    assert not browser.open("/").sees("Have two people in the portal")


def test_a_checklist_costs_a_question_a_step_however_many_firms(
    acme: Any, rival: Any, mona: User, browser: Browser
) -> None:
    browser.sign_in(mona).open("/staff/onboarding")
    few = browser.queries
    for number in range(5):
        cast.a_partner(f"Firm {number}")
    browser.open("/staff/onboarding")
    assert browser.queries == few
    assert browser.sees("Of 7 new firms")


def test_the_first_steps_are_counted_for_many_firms_at_once(
    acme: Any, rival: Any, ada: User, sam: User
) -> None:
    both = onboarding.checklists([acme, rival])
    done = {firm: {entry.step.code for entry in entries if entry.is_done} for firm, entries in both.items()}
    assert "members" in done[acme.id] and "members" not in done[rival.id]
    assert "agreement" in done[rival.id]


def test_suspending_needs_a_reason_tells_the_admins_and_ends_leads(
    acme: Any, ada: User, mona: User, browser: Browser, mails: Any
) -> None:
    browser.sign_in(mona).open(f"/staff/partners/{acme.id}").press("Suspend Acme", expect=422)
    browser.fill("Why", "Invoices open since May").press("Suspend Acme")
    assert session.get_one(Partner, acme.id).status is PartnerStatus.SUSPENDED
    assert "Invoices open since May" in mails(to=ada.email)[-1]["text"]
    assert session.scalars(queries.routable_partners()).all() == []
    adas = Browser(browser.app).sign_in(ada)
    assert adas.open("/firm").sees("Invoices open since May")
    assert adas.open("/").sees("Invoices open since May") and adas.sees("What you earned stays yours.")
    adas.click("Write to your partner manager")
    browser.fill("Why", "Paid").press("Reinstate Acme")
    assert session.get_one(Partner, acme.id).is_active


def test_a_firm_suspended_in_onboarding_returns_there(programme: None) -> None:
    firm = operations.make_partner(name="Acme", country="DE", by=None)
    firm.status, firm.activated_at = PartnerStatus.ONBOARDING, None
    operations.suspend_partner(firm, reason="Doubts", by=None)
    operations.reinstate_partner(firm, reason="Settled", by=None)
    assert firm.status is PartnerStatus.ONBOARDING
    with pytest.raises(Refusal):
        operations.reinstate_partner(firm, reason="Again", by=None)


def test_another_tier_needs_a_reason_and_is_told(
    acme: Any, ada: User, mona: User, browser: Browser, mails: Any
) -> None:
    browser.sign_in(mona).open(f"/staff/partners/{acme.id}").click("Set the tier by hand")
    browser.fill("Tier", "Platinum").fill("Why", "Eight certified people").press("Set the tier")
    assert browser.sees("Acme is Platinum, held by hand until")
    assert "Eight certified people" in mails(to=ada.email)[-1]["text"]


def test_every_change_stands_in_the_firms_history(acme: Any, mona: User, browser: Browser) -> None:
    operations.change_partner(acme, city="Kiel", by=mona)
    row = session.scalars(sa.select(Activity).where(Activity.verb == "partner changed")).one()
    assert row.partner_id == acme.id
    assert row.details["before"]["city"] == "" and row.details["after"]["city"] == "Kiel"
    assert browser.sign_in(mona).open(f"/staff/partners/{acme.id}").sees("Profile changed")


def test_the_list_is_found_by_words_state_tier_and_country(
    mona: User, programme: None, browser: Browser
) -> None:
    cast.a_partner("ООО «Снегирь»", country="RU", tier="gold", city="Казань")
    cast.a_partner("Fjord Analytics", country="NO", tier="silver")
    browser.sign_in(mona)
    for address in ("?q=СНЕГИРЬ", "?tier=gold", "?country=RU", "?q=казань&status=active"):
        browser.open(f"/staff/partners{address}")
        assert browser.sees("Снегирь") and not browser.sees("Fjord"), address
    assert browser.open("/staff/partners?q=%25").sees("No firm fits")


def test_the_list_costs_the_same_however_long(mona: User, programme: None, browser: Browser) -> None:
    cast.a_partner("One")
    browser.sign_in(mona).open("/staff/partners")
    few = browser.queries
    for number in range(6):
        cast.a_partner(f"Firm {number}")
    browser.open("/staff/partners")
    assert browser.queries == few


def test_a_name_that_is_a_formula_is_harmless_in_the_file(
    mona: User, programme: None, browser: Browser
) -> None:
    cast.a_partner("=HYPERLINK(1)", website="www.formula.example")
    browser.sign_in(mona).open("/staff/partners.csv")
    assert browser.response.headers["Content-Disposition"].startswith("attachment")
    assert ",'=HYPERLINK(1)," in browser.response.get_data(as_text=True)


def test_a_manager_adds_a_firm_with_its_admin(
    mona: User, programme: None, browser: Browser, mails: Any
) -> None:
    browser.sign_in(mona).open("/staff/partners").click("Add a partner")
    browser.fill("Name", "Fjord").fill("Country", "Norway").fill("City", "Bergen")
    browser.fill("Its admin", "Frida").fill("E-mail of the admin", "frida@fjord.example").press(
        "Add the partner"
    )
    assert browser.heading == "Fjord"
    assert "/invitation/" in mails(to="frida@fjord.example")[-1]["text"]


def test_a_failed_invitation_adds_no_firm(mona: User, ada: User, browser: Browser) -> None:
    browser.sign_in(mona).open("/staff/partners/new").fill("Name", "Fjord").fill("Country", "Norway")
    browser.fill("Its admin", "Ada").fill("E-mail of the admin", ada.email).press(
        "Add the partner", expect=422
    )
    assert browser.sees("Somebody already signs in with") and 'value="Fjord"' in browser.html
    assert session.scalar(sa.select(Partner).where(Partner.name == "Fjord")) is None


def test_the_manager_of_a_firm_is_one_of_the_vendors(acme: Any, mona: User, rex: User, finn: User) -> None:
    operations.change_partner(acme, manager_id=mona.id, by=mona)
    assert acme.manager is mona
    for stranger in (rex, finn):
        with pytest.raises(InvalidInput):
            operations.change_partner(acme, manager_id=stranger.id, by=mona)


def test_the_funnel_counts_all_new_firms_and_the_list_shows_a_page(
    mona: User, programme: None, browser: Browser
) -> None:
    for number in range(55):
        cast.a_partner(f"Firm {number}")
    browser.sign_in(mona).open("/staff/onboarding")
    assert browser.sees("Of 55 new firms") and browser.sees("Say how you are paid")
    funnel = onboarding.funnel(onboarding.recently_added(mona))
    done = {step.code: number for step, number in funnel.done}
    assert (done["agreement"], done["members"], done["payout_profile"]) == (55, 0, 0)
    assert {"agreement", "members", "payout_profile", "profile", "course", "first_lead"} <= set(done)
    browser.open("/staff/onboarding?page=2")
    assert browser.text.count("Firm ") >= 5


def test_the_list_as_a_file_holds_every_firm_in_a_handful_of_questions(
    mona: User, programme: None, browser: Browser
) -> None:
    paused = cast.a_partner("Paused")
    operations.pause_partner(paused, by=mona)
    session.flush()
    operations.change_partner(paused, manager_id=mona.id, by=mona)
    browser.sign_in(mona).open("/staff/partners.csv")
    few = browser.queries
    for number in range(30):
        cast.a_partner(f"Firm {number}")
    lines = browser.open("/staff/partners.csv").response.get_data(as_text=True).splitlines()
    assert browser.queries == few and len(lines) == 1 + 31
    (line,) = [line for line in lines if ",Paused," in line]
    assert ",paused," in line and ",Mona Manager,standard," in line


def test_a_plan_is_chosen_from_those_published(mona: User, programme: None, browser: Browser) -> None:
    browser.sign_in(mona).open("/staff/partners/new")
    assert browser.sees("standard, not published yet")
    a_live_plan(definition(percent("10"), name="Growth"), "growth")
    a_draft(definition(percent("20"), name="Later"), "later")
    browser.open("/staff/partners/new")
    assert browser.sees("Growth (growth)") and "Later" not in browser.html
    browser.fill("Name", "Fjord").fill("Country", "Norway").fill("Plan", "Growth (growth)")
    browser.fill("Its admin", "Frida").fill("E-mail of the admin", "frida@fjord.example")
    browser.press("Add the partner")
    assert browser.heading == "Fjord" and browser.sees("Growth (growth)")
    assert session.scalars(sa.select(Partner)).one().plan_code == "growth"


def test_a_code_that_is_no_plan_is_refused_at_its_field(
    mona: User, programme: None, browser: Browser
) -> None:
    browser.sign_in(mona).open("/staff/partners/new")
    said = {"name": "Fjord", "country": "NO", "type": "reseller", "tier": "registered", "plan": "gold"}
    said |= {"admin_name": "Frida", "admin_email": "frida@fjord.example"}
    assert posted(browser, "/staff/partners/new", **said) == 422
    assert session.scalar(sa.select(Partner)) is None
    assert posted(browser, "/staff/partners/new", **said | {"plan": "standard"}) == 302


def test_a_manager_puts_a_firm_on_another_plan(
    acme: Any, mona: User, ada: User, browser: Browser, app: Any
) -> None:
    a_live_plan(definition(percent("10"), name="Standard"))
    a_live_plan(definition(percent("12"), name="Growth"), "growth")
    operations.change_partner(acme, plan_code="pilot", by=None)
    browser.sign_in(mona).open(f"/staff/partners/{acme.id}").click("Change the plan")
    assert browser.sees("pilot"), "a key may put a firm on a plan before its first version"
    browser.fill("Plan", "Growth (growth)").press("Save")
    assert browser.sees("sales that come from now on earn by this plan") and acme.plan_code == "growth"
    assert browser.sees("Growth (growth)")
    Browser(app).sign_in(ada).open(f"/staff/partners/{acme.id}/earns-by", expect=403)
