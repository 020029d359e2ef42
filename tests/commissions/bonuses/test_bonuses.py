"""Leads taken on, leads that prove good and new partners earn what the plan says, once, and no longer when undone."""

from typing import Any

import pytest
import sqlalchemy as sa

from commissions import ledger
from commissions.models import Entry, EntryKind
from commissions.operations.proofs import check_proofs
from commissions.operations.recruitments import note_recruiter
from commissions.queries.bonuses import refused_rewards
from commissions.queries.earnings import balances
from commissions.queries.recruitments import recruitment_of
from core.activity import Activity
from core.database import session
from core.errors import InvalidInput, Refusal
from partners.operations import agreements, approve_application
from partners.operations.firms import admit_partner
from partners.queries import current_agreement
from referrals.models import Lead, LeadStatus
from referrals.operations import accept_offer, importing, make_referral_code, return_lead, sort_lead
from referrals.operations.codes import end_code
from tests.browser import Browser
from tests.cast import a_partner
from tests.commissions.cast import a_definition, a_line, a_live_plan, given_back, sold
from tests.commissions.plans import fixed, when
from tests.partners.cast import an_application
from tests.referrals.leads.cast import a_lead, the_offer


def a_plan_that_rewards(*rules: Any, **changes: Any) -> Any:
    return a_live_plan(a_definition(rules=list(rules), splits=[], **changes))


def total(partner: Any) -> int:
    return sum(balance.total_minor for balance in balances(partner))


def lines(partner: Any) -> list[tuple[EntryKind, int]]:
    query = sa.select(Entry).where(Entry.partner_id == partner.id).order_by(Entry.id)
    return [(entry.kind, entry.amount_minor) for entry in session.scalars(query)]


def proved() -> bool:
    return not check_proofs(by=None, everything=True).differing and not ledger.audit()


def test_a_partner_that_takes_a_lead_on_is_granted_once(acme: Any, sam: Any) -> None:
    a_plan_that_rewards(fixed(2_500, trigger="lead_accepted", name="Taken on"))
    lead = a_lead()
    accept_offer(the_offer(lead), by=sam)
    assert lines(acme) == [(EntryKind.COMMISSION, 2_500)]
    entry = session.scalars(sa.select(Entry)).one()
    assert (entry.rule, entry.sale_id, entry.proof["exact"]) == ("Taken on", None, "2500")
    assert (entry.available_at - entry.received_at).days == 30
    assert proved()


def test_giving_the_lead_back_takes_the_grant_back(acme: Any, sam: Any) -> None:
    a_plan_that_rewards(fixed(2_500, trigger="lead_accepted"))
    lead = a_lead()
    accept_offer(the_offer(lead), by=sam)
    return_lead(lead, reason="No time", by=sam)
    assert lines(acme) == [(EntryKind.COMMISSION, 2_500), (EntryKind.REVERSAL, -2_500)]
    assert proved()


def test_conditions_of_such_a_rule_count(acme: Any, sam: Any) -> None:
    a_plan_that_rewards(
        fixed(2_500, trigger="lead_accepted", when=when(("partner.tier", "eq", "platinum")), name="Platinum"),
        fixed(1_000, trigger="lead_accepted", name="Everybody"),
    )
    accept_offer(the_offer(a_lead()), by=sam)
    assert total(acme) == 1_000


def test_a_cap_counts_over_occasions(acme: Any, sam: Any) -> None:
    cap = {"per": "partner", "window": "calendar_month", "amount_minor": 4_000}
    a_plan_that_rewards(fixed(2_500, trigger="lead_accepted", caps=[cap]))
    for company in ("Globex", "Initech"):
        accept_offer(the_offer(a_lead(company)), by=sam)
    assert lines(acme) == [(EntryKind.COMMISSION, 2_500), (EntryKind.COMMISSION, 1_500)]


def test_a_lead_with_a_partners_code_that_proves_good(acme: Any, ada: Any, mona: Any) -> None:
    a_plan_that_rewards(fixed(700, trigger="lead_qualified"))
    code = make_referral_code(acme, "ACME-1", by=ada)
    lead = a_lead(referral_code=code.code)
    assert lines(acme) == [(EntryKind.COMMISSION, 700)]
    sort_lead(lead, "spam", by=mona)
    assert lead.status is LeadStatus.SPAM
    assert total(acme) == 0
    sort_lead(lead, "genuine", by=mona)
    assert lines(acme)[-1] == (EntryKind.COMMISSION, 700)
    assert proved()


def test_leads_of_a_file_with_a_partners_code_earn_as_single_ones_and_no_longer_when_taken_back(
    acme: Any, ada: Any, mona: Any
) -> None:
    a_plan_that_rewards(fixed(700, trigger="lead_qualified"))
    make_referral_code(acme, "ACME-1", by=ada)
    rows = (
        "Globex;a@globex.example;acme-1",
        "Initech;b@initech.example;ACME-1",
        "Globex;c@globex.example;ACME-1",
    )
    content = "\n".join(("Company;E-mail;Referral code", *rows, "Umbra;d@umbra.example;NOBODY"))
    row = importing.upload_leads(content.encode(), "fair.csv", by=mona)
    importing.check_with(row, row.places, by=mona)
    importing.check_rows(row)
    importing.start_taking(row, by=mona)
    importing.take_rows(row)
    assert (row.taken, row.repeated) == (4, 1)
    assert lines(acme) == [(EntryKind.COMMISSION, 700)] * 2, "a repeat earns nothing"
    importing.start_undoing(row, by=mona)
    while importing.undo_some(row):
        pass
    assert session.scalar(sa.select(sa.func.count()).select_from(Lead)) == 0
    assert total(acme) == 0 and lines(acme)[2:] == [(EntryKind.REVERSAL, -700)] * 2
    assert proved()


def test_each_lead_of_a_file_stands_in_the_trail(acme: Any, mona: Any) -> None:
    row = importing.upload_leads(
        b"Company;E-mail\nGlobex;a@globex.example\nInitech;b@initech.example", "x.csv", by=mona
    )
    importing.check_with(row, row.places, by=mona)
    importing.check_rows(row)
    importing.start_taking(row, by=mona)
    importing.take_rows(row)
    ids = set(session.scalars(sa.select(Lead.id)))
    importing.start_undoing(row, by=mona)
    importing.undo_some(row)
    trail = session.scalars(sa.select(Activity).where(Activity.subject_type == "lead")).all()
    assert {(one.verb, one.subject_id, one.actor_name) for one in trail if one.verb == "lead received"} == {
        ("lead received", number, mona.name) for number in ids
    }
    assert {(one.subject_id, one.details["reason"]) for one in trail if one.verb == "lead sorted"} == {
        (number, "import_undone") for number in ids
    }


def test_a_lead_without_a_code_qualifies_for_nobody(acme: Any) -> None:
    a_plan_that_rewards(fixed(700, trigger="lead_qualified"))
    a_lead()
    assert lines(acme) == []


# Recruiting


def a_newcomer(name: str = "Newcomer") -> Any:
    return admit_partner(
        name=name, country="DE", tier="registered", type="reseller", plan="standard", by=None
    )


def is_active(partner: Any) -> None:
    agreement = current_agreement()
    assert agreement is not None
    agreements.accept_agreement(partner, agreement, by=None, on_paper=True)


def test_the_recruiter_is_rewarded_when_the_new_partner_is_active(acme: Any, mona: Any) -> None:
    a_plan_that_rewards(fixed(50_000, trigger="partner_referral"))
    newcomer = a_newcomer()
    note_recruiter(newcomer, acme, because="They met at the fair.", by=mona)
    assert total(acme) == 0
    is_active(newcomer)
    assert total(acme) == 50_000


def test_putting_the_recruiter_right_moves_the_reward(acme: Any, rival: Any, mona: Any) -> None:
    a_plan_that_rewards(fixed(50_000, trigger="partner_referral"))
    newcomer = a_partner("Newcomer")
    note_recruiter(newcomer, acme, because="The application.", by=mona)
    note_recruiter(newcomer, rival, because="It was Rival.", by=mona)
    assert (total(acme), total(rival)) == (0, 50_000)
    note_recruiter(newcomer, None, because="It came by itself.", by=mona)
    note_recruiter(newcomer, acme, because="Acme after all.", by=mona)
    assert (total(acme), total(rival)) == (50_000, 0)
    assert proved()


def test_nobody_is_brought_by_itself_or_by_whom_it_brought(acme: Any, rival: Any, mona: Any) -> None:
    note_recruiter(rival, acme, because="So it was.", by=mona)
    with pytest.raises(Refusal):
        note_recruiter(rival, acme, because="Again.", by=mona)
    for recruited, recruiter in ((acme, acme), (acme, rival)):
        with pytest.raises(InvalidInput):
            note_recruiter(recruited, recruiter, because="No.", by=mona)


SHARED = {
    "name": "70/15/15",
    "when": {"all": [{"field": "line.kind", "op": "ne", "value": "licence"}]},
    "shares": [
        {"to": "partner", "percent": "70"},
        {"to": "vendor", "percent": "15"},
        {"to": "recruiter", "percent": "15"},
    ],
}


def test_the_recruiter_has_its_share_and_follows_the_parent(acme: Any, rival: Any, mona: Any) -> None:
    note_recruiter(acme, rival, because="So it was.", by=mona)
    a_live_plan(a_definition(splits=[SHARED]))
    sale = sold(acme, a_line("training", 9_999))
    assert (total(acme), total(rival)) == (6_999, 1_500)
    for number in range(3):
        given_back(sale, 3_333, name=f"re_{number}")
    assert (total(acme), total(rival)) == (0, 0)
    assert proved()


def test_a_recruiter_noted_later_changes_no_sale_that_was_computed(acme: Any, rival: Any, mona: Any) -> None:
    a_live_plan(a_definition(splits=[SHARED]))
    sale = sold(acme, a_line("training", 10_000))
    note_recruiter(acme, rival, because="It turned out later.", by=mona)
    given_back(sale, 1_000)
    assert total(rival) == 0


def test_a_second_partner_is_named_by_its_number(acme: Any, rival: Any) -> None:
    split = {**SHARED, "shares": [{"to": "partner", "percent": "60"}, {"to": str(rival.id), "percent": "40"}]}
    a_live_plan(a_definition(splits=[split]))
    sold(acme, a_line("training", 101))
    assert (total(acme), total(rival)) == (61, 40)


def test_a_plan_that_names_nobody_cannot_be_saved(acme: Any) -> None:
    split = {**SHARED, "shares": [{"to": "999999", "percent": "40"}]}
    with pytest.raises(InvalidInput) as refused:
        a_live_plan(a_definition(splits=[split]))
    assert "/splits/0/shares/0/to" in refused.value.problems


# Pages


def test_the_vendor_says_who_brought_a_partner(acme: Any, rival: Any, mona: Any, browser: Browser) -> None:
    browser.sign_in(mona).open(f"/staff/partners/{acme.id}").click("Say who brought it")
    browser.fill("Brought by", "Nobody at all").fill("Why", "The fair").press("Save", expect=422)
    assert browser.sees("No partner that can be chosen here has that name or number.")
    browser.fill("Brought by", "rival").fill("Why", "The fair").press("Save")
    assert browser.sees("Rival") and browser.sees("Put it right")
    browser.open(f"/staff/partners/{rival.id}")
    assert browser.sees("It brought Acme")


def test_a_line_says_what_it_was_granted_for(acme: Any, sam: Any, browser: Browser) -> None:
    a_plan_that_rewards(fixed(2_500, trigger="lead_accepted", name="Taken on"))
    lead = a_lead()
    accept_offer(the_offer(lead), by=sam)
    entry = session.scalars(sa.select(Entry)).one()
    browser.sign_in(sam).open(f"/earnings/lines/{entry.id}")
    assert browser.sees(f"A lead that it takes on, No. {lead.id}")


def test_a_partner_earns_nothing_with_a_lead_of_its_own(acme: Any, ada: Any) -> None:
    a_plan_that_rewards(fixed(700, trigger="lead_qualified"))
    code = make_referral_code(acme, "ACME-26", by=ada).code
    a_lead("Holding of Acme's people", email=ada.email, referral_code=code)
    a_lead(acme.name, email="office@somewhere.example", country=acme.country, referral_code=code)
    assert lines(acme) == []
    a_lead("Initech", referral_code=code)
    assert total(acme) == 700


def refusals(lead: Lead) -> list[tuple[str, int | None]]:
    rows = sa.select(Activity).where(Activity.verb == "reward refused", Activity.subject_id == lead.id)
    return [(row.details["reason"], row.partner_id) for row in session.scalars(rows)]


def test_both_sides_read_why_an_own_lead_earned_no_reward(
    acme: Any, ada: Any, rex: Any, mona: Any, app: Any
) -> None:
    a_plan_that_rewards(fixed(700, trigger="lead_qualified"))
    code = make_referral_code(acme, "ACME-26", by=ada).code
    lead = a_lead("Holding", email=ada.email, referral_code=code)
    assert lines(acme) == []
    sort_lead(lead, "spam", by=mona)
    sort_lead(lead, "genuine", by=mona)
    assert refusals(lead) == [("same_person", acme.id)], "said once"
    because = "Whoever asked works for the partner that brought the lead."
    for person, page in (
        (ada, "/earnings"), (mona, f"/staff/partners/{acme.id}/earnings"), (mona, f"/staff/leads/{lead.id}"),
    ):  # fmt: skip
        seen = Browser(app).sign_in(person).open(page)
        assert seen.sees(because), page
    assert seen.sees("No reward: a lead of one's own") and seen.sees("Acme")
    assert not Browser(app).sign_in(rex).open("/earnings").sees(because)


def test_a_reward_that_was_lost_and_is_refused_now_is_among_those_with_a_reason(
    acme: Any, ada: Any, mona: Any, time: Any
) -> None:
    a_plan_that_rewards(fixed(700, trigger="lead_qualified"))
    code = make_referral_code(acme, "ACME-26", by=ada).code
    lead = a_lead("Globex", email="wilma@globex.example", referral_code=code)
    time.move(hours=1)
    sort_lead(lead, "spam", by=mona)
    time.move(hours=1)
    ada.email = "wilma@globex.example"
    session.flush()
    sort_lead(lead, "genuine", by=mona)
    assert total(acme) == 0
    assert [(one.lead_id, one.because) for one in refused_rewards(acme)] == [(lead.id, "same_person")]
    # Judged anew as somebody else's, it earns one after all.
    time.move(hours=1)
    ada.email = "ada@acme.example"
    session.flush()
    sort_lead(lead, "spam", by=mona)
    sort_lead(lead, "genuine", by=mona)
    assert total(acme) == 700 and refused_rewards(acme) == []


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"company": "Other", "website": "https://shop.acme.example"}, "self_referral"),
        ({"company": "Acme", "email": "office@somewhere.example"}, "same_payee"),
    ],
)
def test_the_reason_is_the_one_that_it_was(acme: Any, ada: Any, about: dict[str, Any], reason: str) -> None:
    acme.domain = "acme.example"
    a_plan_that_rewards(fixed(700, trigger="lead_qualified"))
    code = make_referral_code(acme, "ACME-26", by=ada).code
    assert refusals(a_lead(**about, referral_code=code)) == [(reason, acme.id)]


def test_where_no_reward_is_promised_none_is_refused(acme: Any, ada: Any) -> None:
    code = make_referral_code(acme, "ACME-26", by=ada).code
    a_plan_that_rewards(fixed(700, trigger="lead_accepted"))
    assert refusals(a_lead("Holding", email=ada.email, referral_code=code)) == []
    rule = fixed(700, trigger="lead_qualified", when=when(("partner.tier", "eq", "platinum")))
    a_plan_that_rewards(rule)
    assert refusals(a_lead("Other", email=f"x{ada.email}", referral_code=code)) == []


def test_own_leads_of_a_file_say_why_as_well(acme: Any, ada: Any, mona: Any) -> None:
    a_plan_that_rewards(fixed(700, trigger="lead_qualified"))
    make_referral_code(acme, "ACME-1", by=ada)
    content = f"Company;E-mail;Referral code\nHolding;{ada.email};ACME-1\nInitech;b@initech.example;ACME-1"
    row = importing.upload_leads(content.encode(), "fair.csv", by=mona)
    importing.check_with(row, row.places, by=mona)
    importing.check_rows(row)
    importing.start_taking(row, by=mona)
    importing.take_rows(row)
    assert total(acme) == 700
    own = session.scalars(sa.select(Lead).where(Lead.company == "Holding")).one()
    assert refusals(own) == [("same_person", acme.id)]


def test_a_lead_that_proves_anothers_after_all_is_not_called_refused(acme: Any, ada: Any, mona: Any) -> None:
    a_plan_that_rewards(fixed(700, trigger="lead_qualified"))
    code = make_referral_code(acme, "ACME-26", by=ada).code
    lead = a_lead("Holding", email=ada.email, referral_code=code)
    assert [one.lead_id for one in refused_rewards(acme)] == [lead.id]
    sort_lead(lead, "spam", by=mona)
    lead.email = "wilma@holding.example"
    sort_lead(lead, "genuine", by=mona)
    assert total(acme) == 700 and refused_rewards(acme) == []


def test_an_applicant_was_brought_by_the_code_that_lived_when_it_applied(
    acme: Any, ada: Any, mona: Any, time: Any
) -> None:
    time.move(hours=1)
    code = make_referral_code(acme, "ACME-26", by=ada)
    early = an_application("Early", heard_from="partner", heard_detail="acme-26")
    time.move(hours=1)
    end_code(code, by=ada)
    late = an_application(
        "Late", first={"email": "karl@late.example"}, heard_from="partner", heard_detail="acme-26"
    )
    for application in (early, late):
        approve_application(application, by=mona)
    known = [recruitment_of(application.partner.id) for application in (early, late)]
    assert known[0] is not None and known[0].recruiter is acme
    assert known[1] is None
