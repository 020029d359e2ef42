"""Referral codes that end and come back: what counts is whether one lived when the lead came or the sale occurred."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.permissions import Role
from core import clock
from core.activity import Activity
from core.database import session, transaction
from core.errors import InvalidInput, Refusal
from partners.models import Partner
from partners.operations import set_up_programme, suspend_partner
from partners.operations.leaving import merge_partners
from referrals.models import AttributionSource, Lead, Sale
from referrals.models.codes import ReferralCode
from referrals.operations import codes, importing, make_referral_code, sales, sort_lead
from referrals.operations.answering import accept_offer
from referrals.operations.codes import end_code, revive_code
from referrals.operations.routing.overrides import overrides_for
from referrals.queries.codes import number_of_live_codes
from referrals.queries.links import bringer_of, bringers_of, brought_by_codes
from referrals.routing import OverrideKind
from tests.browser import Browser
from tests.cast import a_member, a_partner
from tests.referrals.deals.cast import a_sale, sale_data
from tests.referrals.leads.cast import a_lead, the_asked, the_offer
from tests.referrals.links.cast import a_link, clicked
from tests.referrals.sales.test_at_once import at_once
from tests.statements import heard_statements


@pytest.fixture(autouse=True)
def _now(time: Any) -> None:
    """A clock that stands still between the moves of a test."""
    time.move(days=1)


@pytest.fixture
def code(acme: Any) -> ReferralCode:
    return make_referral_code(acme, "ACME-26", by=None)


def ended(code: ReferralCode, time: Any) -> None:
    """It ends, with time before and after."""
    time.move(hours=1)
    end_code(code, by=None)
    time.move(hours=1)


def verbs(code: ReferralCode) -> list[str]:
    rows = sa.select(Activity.verb).where(
        Activity.subject_type == "referralcode", Activity.subject_id == code.id
    )
    return list(session.scalars(rows.order_by(Activity.id)))


def sold(name: str, company: str = "Globex", **about: Any) -> Any:
    customer = {"name": company, "external_id": f"cus-{company}", "domain": f"{company.lower()}.example"}
    return a_sale(name, **{"occurred_at": clock.now(), "customer": customer, **about})


# Who came while it lived, and who came later


def test_a_lead_that_comes_after_the_end_is_nobodys_and_one_before_keeps_its_bringer(
    acme: Any, rival: Any, code: ReferralCode, time: Any
) -> None:
    theirs = make_referral_code(rival, "RIVAL-26", by=None)
    early = a_lead(referral_code="rival-26")
    assert the_asked(early) is rival
    ended(theirs, time)
    late = a_lead("Initech", referral_code="RIVAL-26")
    assert bringers_of([early, late]) == {early.id: (rival, AttributionSource.CODE, "RIVAL-26")}
    assert the_asked(late) is acme, "the score decides, which the code went past"
    kinds = [override.kind for override in overrides_for(early)]
    assert kinds == [OverrideKind.REFERRAL_CODE], "routed again, the early one is still theirs"
    assert overrides_for(late) == []


def test_a_code_made_after_a_lead_came_with_that_word_did_not_bring_it(acme: Any, time: Any) -> None:
    lead = a_lead(referral_code="SUMMER")
    time.move(hours=1)
    make_referral_code(acme, "SUMMER", by=None)
    assert bringer_of(lead) is None
    assert sold("s", invoice="i").partner_id is None


def test_who_comes_with_an_ended_code_and_by_a_link_came_by_the_link(
    acme: Any, rival: Any, code: ReferralCode, time: Any
) -> None:
    ended(code, time)
    lead = a_lead(referral_code="ACME-26", touches=(clicked(a_link(rival)),))
    assert the_asked(lead) is rival


def test_a_sale_counts_by_the_day_it_occurred_not_by_the_day_it_is_told(
    acme: Any, code: ReferralCode, time: Any
) -> None:
    ended(code, time)
    before, after = (
        sold(name, company, referral_code="acme-26", occurred_at=clock.now() - timedelta(minutes=minutes))
        for name, company, minutes in (("a", "Hooli", 90), ("b", "Umbra", 30))
    )
    assert (before.partner_id, before.attribution_source) == (acme.id, AttributionSource.CODE)
    assert after.partner_id is None
    assert [(one["source"], one["because"]) for one in after.attribution] == [("code", "code_ended")]


def test_many_sales_at_once_are_credited_as_single_ones(acme: Any, code: ReferralCode, time: Any) -> None:
    ended(code, time)
    rows = []
    for number, minutes in enumerate((90, 30, 90)):
        customer = {"name": f"C{number}", "external_id": f"c{number}", "domain": f"c{number}.example"}
        at = clock.now() - timedelta(minutes=minutes)
        rows.append(sale_data(f"s{number}", occurred_at=at, customer=customer, referral_code="ACME-26"))
    done = sales.record_sales(rows, by=None)
    found = [session.get_one(Sale, one.sale_id).partner_id for one in done]
    assert found == [acme.id, None, acme.id]


def test_the_lead_decides_about_the_sale_when_the_code_ends_between_them(
    acme: Any, code: ReferralCode, time: Any
) -> None:
    a_lead(referral_code="ACME-26")
    ended(code, time)
    a_lead("Hooli", referral_code="ACME-26")
    time.move(minutes=5)
    kept, lost = sold("a"), sold("b", "Hooli")
    assert (kept.partner_id, kept.attribution_source) == (acme.id, AttributionSource.CODE)
    assert lost.partner_id is None
    assert [one["because"] for one in lost.attribution] == ["code_ended"]


def test_a_lead_judged_genuine_after_the_end_is_still_its_bringers(
    acme: Any, rival: Any, mona: Any, time: Any
) -> None:
    theirs = make_referral_code(rival, "RIVAL-26", by=None)
    lead = a_lead(referral_code="RIVAL-26")
    sort_lead(lead, "spam", by=mona)
    ended(theirs, time)
    sort_lead(lead, "genuine", by=mona)
    assert the_asked(lead) is rival


# Brought back


def test_what_came_between_the_end_and_the_new_life_stays_nobodys(
    acme: Any, code: ReferralCode, time: Any
) -> None:
    first = a_lead("Globex", referral_code="ACME-26")
    ended(code, time)
    between, at = a_lead("Hooli", referral_code="ACME-26"), clock.now()
    time.move(hours=1)
    revive_code(code, by=None)
    later = a_lead("Umbra", referral_code="ACME-26")
    ended(code, time)
    last = a_lead("Wayne", referral_code="ACME-26")
    assert set(bringers_of([first, between, later, last])) == {first.id, later.id}
    assert sold("a", "Stark", referral_code="ACME-26", occurred_at=at).partner_id is None
    assert brought_by_codes([code])["ACME-26"].leads == 2
    assert verbs(code) == [
        "referral code made", "referral code ended", "referral code revived", "referral code ended",
    ]  # fmt: skip


def test_figures_count_what_a_code_brought_while_it_lived(acme: Any, code: ReferralCode, time: Any) -> None:
    sold("a", "Hooli", referral_code="ACME-26")
    ended(code, time)
    a_lead("Umbra", referral_code="ACME-26")
    sold("b", "Wayne", referral_code="ACME-26", partner_id=str(acme.id))
    brought = brought_by_codes([code])["ACME-26"]
    assert (brought.leads, brought.sales, brought.sold) == (0, 1, {"EUR": 100_00})


def test_what_a_code_brought_is_still_told_when_its_firm_was_merged(
    acme: Any, rival: Any, mona: Any, time: Any
) -> None:
    code = make_referral_code(rival, "RIVAL-26", by=None)
    assert sold("a", referral_code="RIVAL-26").partner_id == rival.id
    merge_partners(rival, acme, reason="One firm", by=mona)
    session.expire_all()
    assert code.partner_id == acme.id
    assert brought_by_codes([code])["RIVAL-26"].sold == {"EUR": 100_00}


def test_a_sale_that_the_vendor_gave_to_another_partner_is_none_of_the_codes_beside_it(
    acme: Any, rival: Any, code: ReferralCode
) -> None:
    theirs = make_referral_code(rival, "RIVAL-26", by=None)
    sold("a", referral_code="ACME-26", partner_id=str(rival.id))
    assert brought_by_codes([code, theirs]) == {}


def test_a_lead_older_than_its_word_as_a_code_brings_the_code_no_sale(acme: Any, ada: Any, time: Any) -> None:
    accept_offer(the_offer(a_lead(referral_code="SUMMER")), by=ada)
    time.move(hours=1)
    code = make_referral_code(acme, "SUMMER", by=None)
    assert sold("a").partner_id == acme.id, "by the lead's deal"
    assert brought_by_codes([code]) == {}


def test_ended_and_brought_back_twice_is_once(code: ReferralCode, time: Any) -> None:
    ended(code, time)
    end_code(code, by=None)
    revive_code(code, by=None)
    revive_code(code, by=None)
    assert verbs(code)[1:] == ["referral code ended", "referral code revived"]


# The word stays its partner's


def test_an_ended_codes_word_is_nobody_elses_and_its_partner_has_it_back_by_typing_it(
    acme: Any, rival: Any, code: ReferralCode, time: Any
) -> None:
    ended(code, time)
    with pytest.raises(InvalidInput, match="taken"):
        make_referral_code(rival, "acme-26", by=None)
    assert make_referral_code(acme, "acme-26 ", by=None) is code
    assert code.ended_at is None
    with pytest.raises(InvalidInput, match="yours already"):
        make_referral_code(acme, "ACME-26", by=None)


def test_a_partner_that_is_not_active_gets_no_code_and_none_back(
    acme: Any, code: ReferralCode, time: Any
) -> None:
    ended(code, time)
    suspend_partner(acme, reason="late", by=None)
    for deed in (
        lambda: make_referral_code(acme, "OTHER", by=None),
        lambda: revive_code(code, by=None),
        lambda: make_referral_code(acme, "ACME-26", by=None),
    ):
        with pytest.raises(Refusal, match="not active"):
            deed()


def test_a_partner_has_so_many_codes_at_once_and_no_more(
    acme: Any, code: ReferralCode, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codes, "MOST_CODES", 2)
    make_referral_code(acme, "SECOND", by=None)
    with pytest.raises(Refusal, match="2 codes at once"):
        make_referral_code(acme, "THIRD", by=None)
    ended(code, time)
    make_referral_code(acme, "THIRD", by=None)
    with pytest.raises(Refusal, match="2 codes at once"):
        revive_code(code, by=None)


@pytest.mark.timeout(120)
def test_many_posts_at_once_make_no_more_codes_than_may_be(
    own_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codes, "MOST_CODES", 3)
    with own_app.app_context(), transaction():
        set_up_programme(by=None)
        firm_id = a_partner("Acme").id

    def take(word: str) -> Any:
        return lambda: make_referral_code(session.get_one(Partner, firm_id), word, by=None).code

    answers = at_once(own_app, *(take(f"WORD-{number}") for number in range(6)))
    assert sum("at once" in answer for answer in answers) == 3, answers
    with own_app.app_context():
        assert number_of_live_codes(session.get_one(Partner, firm_id)) == 3


@pytest.mark.timeout(120)
def test_two_partners_who_want_one_word_at_once_and_one_reads_that_it_is_taken(own_app: Flask) -> None:
    with own_app.app_context(), transaction():
        set_up_programme(by=None)
        ids = [a_partner(name).id for name in ("Acme", "Rival", "Third")]

    def take(firm_id: int) -> Any:
        def deed() -> str:
            try:
                return make_referral_code(session.get_one(Partner, firm_id), "SPRING", by=None).code
            except InvalidInput as problem:
                return problem.problems["code"]

        return deed

    answers = at_once(own_app, *(take(firm_id) for firm_id in ids))
    assert sorted(answers) == ["SPRING", "This code is taken.", "This code is taken."]


# Pages


def test_the_partner_ends_a_code_and_brings_it_back(
    browser: Browser, ada: Any, code: ReferralCode, time: Any
) -> None:
    browser.sign_in(ada).open("/links").click("Codes")
    browser.press("End the code")
    assert browser.sees("ACME-26 has ended.") and browser.sees("ended on")
    assert "End the code" not in browser.buttons
    browser.press("Bring the code back")
    assert browser.sees("ACME-26 counts again from now on.")


def test_a_word_that_is_taken_or_one_too_many_is_said_at_the_field(
    browser: Browser, ada: Any, rival: Any, code: ReferralCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_referral_code(rival, "RIVAL-26", by=None)
    browser.sign_in(ada).open("/links/codes").fill("Referral code", "rival-26")
    browser.press("Take the code", expect=422)
    assert browser.sees("This code is taken.") and 'value="rival-26"' in browser.html
    monkeypatch.setattr(codes, "MOST_CODES", 1)
    browser.fill("Referral code", "ANOTHER").press("Take the code", expect=422)
    assert browser.sees("A partner can have 1 codes at once. End one first.")
    assert 'value="ANOTHER"' in browser.html


def test_who_may_only_look_changes_no_code(
    browser: Browser, acme: Any, finn: Any, rex: Any, code: ReferralCode
) -> None:
    engineer = a_member(acme, "Jule", Role.ENGINEER)
    for person in (engineer, finn):
        theirs = Browser(browser.app).sign_in(person)
        theirs.open("/staff/links/codes" if person is finn else "/links/codes")
        assert theirs.sees("ACME-26") and "End the code" not in theirs.buttons
    browser.sign_in(rex).open("/links/codes")
    assert not browser.sees("ACME-26")
    for deed in ("end", "life"):
        browser._go("POST", f"/links/codes/{code.id}/{deed}", {}, None)
        assert browser.status in {400, 403, 404}
    assert session.get_one(ReferralCode, code.id).ended_at is None


def test_the_vendor_ends_codes_and_links_and_finds_them_among_many(
    browser: Browser, mona: Any, acme: Any, rival: Any, code: ReferralCode
) -> None:
    a_link(acme, campaign="Fair in May")
    a_link(rival, campaign="Newsletter")
    make_referral_code(rival, "SPRING-26", by=None)
    browser.sign_in(mona).open("/staff/links/codes")
    assert browser.sees("ACME-26") and browser.sees("SPRING-26")
    browser.fill("Partner", "acme").press("Search")
    assert browser.sees("ACME-26") and not browser.sees("SPRING-26")
    browser.press("End the code")
    assert browser.sees("ACME-26 has ended.") and not browser.sees("SPRING-26")
    assert session.get_one(ReferralCode, code.id).ended_at is not None
    row = session.scalars(sa.select(Activity).where(Activity.verb == "referral code ended")).one()
    assert (row.actor_name, row.partner_id) == (mona.name, acme.id)
    browser.press("Bring the code back")
    browser.open("/staff/links/codes").fill("Word", "spring").press("Search")
    assert browser.sees("SPRING-26") and not browser.sees("ACME-26")
    browser.click("Links").fill("Word", "fair").press("Search")
    assert browser.sees("Fair in May") and not browser.sees("Newsletter")
    browser.press("End the link")
    assert browser.sees("ended on")
    browser.open("/staff/links?partner=nobody")
    assert browser.sees("No partner that can be chosen here has that name or number.")
    assert browser.sees("Newsletter"), "what nobody fits narrows nothing"


def test_all_codes_and_links_stand_on_pages(
    app: Flask, ada: Any, finn: Any, acme: Any, code: ReferralCode
) -> None:
    for number in range(30):
        make_referral_code(acme, f"CODE-{number:02}", by=None)
        a_link(acme, campaign=f"Place {number:02}")
    for person, start in ((ada, "/links"), (finn, "/staff/links")):
        browser = Browser(app).sign_in(person).open(f"{start}/codes")
        assert browser.sees("CODE-29") and not browser.sees("ACME-26") and browser.sees("1–25 of 31")
        many = browser.queries
        browser.click("Next")
        assert browser.sees("ACME-26") and browser.sees("26–31 of 31")
        assert browser.queries == many
        browser.open(start).click("Next")
        assert browser.sees("Place 00") and browser.sees("26–30 of 30")


def test_what_the_vendor_ended_only_the_vendor_brings_back_and_the_partner_is_told(
    browser: Browser, acme: Any, ada: Any, pia: Any, code: ReferralCode, run_jobs: Any, mails: Any
) -> None:
    end_code(code, by=pia)
    run_jobs()
    told = [mail for mail in mails() if "has ended" in mail["subject"]]
    assert [(mail["to"], mail["subject"]) for mail in told] == [
        (ada.email, "Your referral code ACME-26 has ended")
    ]
    with pytest.raises(Refusal, match="alone can bring it back"):
        revive_code(code, by=ada)
    with pytest.raises(Refusal, match="alone can bring it back"):
        make_referral_code(acme, "acme-26", by=ada)
    browser.sign_in(ada).open("/links/codes")
    assert browser.sees("ended by the vendor on")
    assert "Bring the code back" not in browser.buttons
    revive_code(code, by=pia)
    assert code.ended_at is None
    # The partner's own end is its own affair, and nobody is written to.
    end_code(code, by=ada)
    run_jobs()
    assert len([mail for mail in mails() if "has ended" in mail["subject"]]) == 1
    revive_code(code, by=ada)
    assert not code.ended_by_vendor


def test_a_code_that_many_rows_of_a_file_name_is_looked_up_once(
    acme: Any, mona: Any, code: ReferralCode
) -> None:
    rows = "".join(f"Firm {n};b@firm{n}.example;acme-26\n" for n in range(9))
    row = importing.upload_leads(f"Company;E-mail;Referral code\n{rows}".encode(), "fair.csv", by=mona)
    importing.check_with(row, row.places, by=mona)
    with heard_statements() as heard:
        importing.check_rows(row)
    assert sum("FROM referrals_referral_code" in one for one in heard) == 1
    importing.start_taking(row, by=mona)
    importing.take_rows(row)
    assert set(session.scalars(sa.select(Lead.referral_code))) == {"ACME-26"}


def test_a_lead_keeps_its_code_as_the_code_is_written_and_other_words_as_they_came(
    acme: Any, code: ReferralCode
) -> None:
    assert a_lead(referral_code=" acme-26 ").referral_code == "ACME-26"
    assert a_lead("Initech", referral_code="Some Word").referral_code == "Some Word"
