"""A firm leaves: who takes over, what is left to its people, and that what is owed is still paid."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import ApiKey, User
from accounts.permissions import Role
from core.activity import Activity
from core.database import session
from core.errors import InvalidInput, Refusal
from partners import operations
from partners.models import DevelopmentPlan, FinderEntry, Partner, PartnerStatus, PlanStatus, Score
from partners.queries.development import current_plan, past_plans
from partners.queries.standing import standing_hold
from referrals.models import Lead
from tests import cast
from tests.browser import Browser
from tests.referrals.leads.cast import a_lead
from tests.statements import heard_statements


def test_a_firm_leaves_for_good_with_a_reason(acme: Any, ada: User, mona: User) -> None:
    operations.terminate_partner(acme, reason="Went out of business", heir=None, by=mona)
    assert acme.status is PartnerStatus.TERMINATED and acme.has_left and acme.terminated_at is not None
    row = session.scalars(sa.select(Activity).where(Activity.verb == "partner terminated")).one()
    assert row.details["reason"] == "Went out of business"
    with pytest.raises(Refusal, match="left already"):
        operations.terminate_partner(acme, reason="Again", heir=None, by=mona)
    with pytest.raises(Refusal):
        operations.reinstate_partner(acme, reason="Sorry", by=mona)


def test_the_heir_is_another_firm_that_is_active(acme: Any, rival: Any, mona: User) -> None:
    operations.suspend_partner(rival, reason="Late with everything", by=mona)
    for heir in (acme, rival):
        with pytest.raises(InvalidInput, match="heir"):
            operations.terminate_partner(acme, reason="Went out of business", heir=heir, by=mona)
    with pytest.raises(InvalidInput, match="reason"):
        operations.terminate_partner(acme, reason=" ", heir=None, by=mona)


def test_keys_stop_and_branches_stand_by_themselves(acme: Any, ada: User, rival: Any, mona: User) -> None:
    key, _secret = operations.make_partner_key(acme, name="ERP", scopes=["leads:read"], by=ada)
    operations.make_branch(rival, acme, by=mona)
    operations.terminate_partner(acme, reason="Went out of business", heir=None, by=mona)
    session.refresh(rival)
    assert session.get_one(ApiKey, key.id).revoked_at is not None
    assert rival.parent_id is None


def test_a_manager_ends_it_with_the_consequences_in_words(
    acme: Any, ada: User, rival: Any, rex: User, mona: User, browser: Browser, mails: Any
) -> None:
    operations.make_partner_key(acme, name="ERP", scopes=["leads:read"], by=ada)
    browser.sign_in(mona).open(f"/staff/partners/{acme.id}").click("Terminate the partnership…")
    assert browser.sees("1 person keeps reading") and browser.sees("1 API key stops working")
    browser.open(f"/staff/partners/{acme.id}/termination?q=riv").click("Choose Rival")
    assert browser.sees("go to Rival")
    browser.press("Terminate Acme", expect=422)
    browser.fill("Why", "Went out of business").press("Terminate Acme")
    assert browser.sees("Acme has left the programme")
    session.expire_all()
    assert session.get_one(Partner, acme.id).heir_id == rival.id
    assert "Acme has left the programme" in [mail["subject"] for mail in mails(to=ada.email)]
    assert "Rival takes over from Acme" in [mail["subject"] for mail in mails(to=rex.email)]


def test_its_people_read_and_change_nothing(acme: Any, ada: User, mona: User, browser: Browser) -> None:
    operations.terminate_partner(acme, reason="Went out of business", heir=None, by=mona)
    browser.sign_in(ada).open("/")
    assert browser.sees("Acme has left the programme")
    browser.open("/earnings")
    browser.open("/firm")
    assert browser.sees("Acme has left the programme")
    browser.press("Pause new leads", expect=409)
    assert browser.sees("You can read everything about your money")


def test_the_outsider_ends_nobody(acme: Any, rex: User, browser: Browser) -> None:
    browser.sign_in(rex)
    for page in ("termination", "merging", "parent"):
        browser.open(f"/staff/partners/{acme.id}/{page}", expect=403)


def test_a_branch_has_no_branches(acme: Any, rival: Any, programme: None, mona: User) -> None:
    third = cast.a_partner("Third")
    operations.make_branch(rival, acme, by=mona)
    with pytest.raises(InvalidInput, match="parent"):
        operations.make_branch(third, rival, by=mona)
    with pytest.raises(Refusal, match="branches of its own"):
        operations.make_branch(acme, third, by=mona)
    with pytest.raises(InvalidInput, match="parent"):
        operations.make_branch(acme, acme, by=mona)
    operations.free_branch(rival, by=mona)
    operations.make_branch(third, rival, by=mona)


def test_the_parent_reads_the_figures_of_its_branches(
    app: Any, acme: Any, ada: User, rival: Any, rex: User, mona: User, browser: Browser
) -> None:
    browser.sign_in(mona).open(f"/staff/partners/{rival.id}/parent?q=acme").press("Make it the parent")
    assert browser.sees("Rival is a branch of Acme") and browser.sees("A branch of")
    parents = Browser(app)
    parents.sign_in(ada).open("/firm").click("Figures: Branches")
    parents.click("Rival")
    branch = Browser(app)
    branch.sign_in(rex).open("/firm")
    assert branch.sees("A branch of Acme")
    branch.open(f"/firm/branches/{acme.id}", expect=404)


def test_a_duplicate_moves_into_the_firm_it_was(
    acme: Any, ada: User, rival: Any, rex: User, mona: User, browser: Browser
) -> None:
    browser.sign_in(mona).open(f"/staff/partners/{rival.id}/merging?q=acme").click("Choose Acme")
    browser.fill("Why", "The same tax number").press("Merge into Acme")
    assert browser.sees("Rival is Acme now")
    browser.open(f"/staff/partners/{rival.id}")
    assert browser.sees("Rival was merged into this firm") and browser.sees("Rex Outsider")
    with pytest.raises(Refusal, match="merged already"):
        operations.merge_partners(
            session.get_one(Partner, rival.id), session.get_one(Partner, acme.id), reason="Again", by=mona
        )


def test_merging_keeps_roles_and_chains(acme: Any, rival: Any, rex: User, mona: User) -> None:
    third = cast.a_partner("Third")
    operations.merge_partners(rival, third, reason="The same firm", by=mona)
    operations.merge_partners(third, acme, reason="The same firm", by=mona)
    assert (rival.merged_into_id, third.merged_into_id) == (acme.id, acme.id)
    assert rex.role is Role.PARTNER_ADMIN


def _a_plan(firm: Any, title: str, by: User) -> DevelopmentPlan:
    plan = operations.make_plan(
        firm, title=title, summary="", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), by=by
    )
    operations.add_goal(plan, kind="step", text="Meet twice", due_on=date(2026, 6, 1), by=by)
    return plan


def test_the_plan_of_a_duplicate_goes_on_at_the_survivor(
    acme: Any, rival: Any, mona: User, browser: Browser
) -> None:
    plan = _a_plan(rival, "Grow in the north", mona)
    browser.sign_in(mona).open(f"/staff/partners/{rival.id}/merging?other={acme.id}")
    assert browser.sees("Its development plan becomes that of Acme.")
    operations.merge_partners(rival, acme, reason="The same tax number", by=mona)
    assert current_plan(acme) is plan and plan.is_open


def test_of_two_plans_that_of_the_survivor_stays_and_the_other_is_read_as_a_past_one(
    acme: Any, rival: Any, mona: User, browser: Browser
) -> None:
    ours, theirs = _a_plan(acme, "Grow in the south", mona), _a_plan(rival, "Grow in the north", mona)
    browser.sign_in(mona).open(f"/staff/partners/{rival.id}/merging?other={acme.id}")
    assert browser.sees("Its development plan ends; that of Acme goes on.")
    operations.merge_partners(rival, acme, reason="The same tax number", by=mona)
    assert current_plan(acme) is ours
    assert past_plans(acme) == [theirs] and theirs.closing_note == "Merged: the plan of Acme goes on."


def test_words_of_the_finder_go_along_where_the_survivor_has_none(acme: Any, rival: Any, mona: User) -> None:
    third = cast.a_partner("Third")
    operations.change_finder_entry(rival, is_listed=False, summary="Warehouses.", summary_ru="", by=mona)
    operations.merge_partners(rival, acme, reason="The same firm", by=mona)
    entry = session.get_one(FinderEntry, acme.id)
    # The duplicate had taken itself out of the finder; the firm that stays had not.
    assert (entry.summary, entry.is_listed) == ("Warehouses.", True)
    operations.change_finder_entry(third, is_listed=True, summary="Shops.", summary_ru="", by=mona)
    operations.merge_partners(third, acme, reason="The same firm", by=mona)
    assert session.get_one(FinderEntry, acme.id).summary == "Warehouses."
    assert session.scalars(sa.select(FinderEntry.partner_id)).all() == [acme.id]


def test_a_firm_that_goes_is_held_in_no_tier_and_nobodys_peer(acme: Any, rival: Any, mona: User) -> None:
    plan = _a_plan(rival, "Grow in the north", mona)
    operations.hold_tier(
        rival, "gold", kind="floor", until=date(2026, 12, 31), reason="Promised in writing", by=mona
    )
    operations.keep_scores()
    operations.terminate_partner(rival, reason="Went out of business", heir=None, by=mona)
    session.expire_all()
    assert standing_hold(rival) is None and plan.status is PlanStatus.CLOSED
    assert session.scalar(sa.select(Score.id).where(Score.partner_id == rival.id)) is None
    assert session.scalar(sa.select(Score.id).where(Score.partner_id == acme.id)) is not None


def test_merging_a_large_firm_takes_as_many_statements_as_a_small_one(
    app: Any, acme: Any, mona: User
) -> None:
    def statements(people: int, leads: int) -> int:
        firm = cast.a_partner(f"Twin {people}")
        for number in range(people):
            cast.a_member(firm, f"Person{people}x{number} Twin", Role.SELLER)
        pattern = a_lead(f"Initech {people}")
        table = Lead.__table__
        row = dict(session.execute(sa.select(table).where(table.c.id == pattern.id)).mappings().one())
        row |= {"partner_id": firm.id, "status": "working"}
        row.pop("id")
        session.execute(sa.insert(table), [row for _number in range(leads)])
        session.expire_all()
        with heard_statements() as counted:
            operations.merge_partners(firm, acme, reason="The same firm", by=mona)
        held = sa.select(sa.func.count()).select_from(Lead)
        assert session.scalar(held.where(Lead.partner_id == firm.id)) == 0
        assert (session.scalar(held.where(Lead.partner_id == acme.id)) or 0) >= leads
        return len(counted)

    statements(1, 1)
    assert statements(2, 2) == statements(8, 300)
