"""The people of a firm: invited with a role, changed, removed; the last admin stays."""

from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import SignIn, User
from accounts.permissions import Role
from core.activity import Activity
from core.bounces import bounced_among, note_bounce
from core.database import session
from core.errors import InvalidInput, Refusal
from partners import operations, queries
from partners.models import Member
from tests import cast
from tests.browser import Browser
from tests.referrals.deals.cast import a_deal, a_won_deal


def _row(user: User) -> Member:
    return session.scalars(sa.select(Member).where(Member.user_id == user.id)).one()


def test_an_admin_invites_a_seller_by_mail(ada: User, browser: Browser, mails: Any, run_jobs: Any) -> None:
    browser.sign_in(ada).open("/members").click("Invite a colleague")
    browser.fill("Name", "Nils New").fill("E-mail", "nils@acme.example").fill("Role", "Seller").press(
        "Send the invitation"
    )
    assert browser.sees("Nils New") and browser.sees("Invited")
    run_jobs()
    mail = mails(to="nils@acme.example")[-1]
    assert "/invitation/" in mail["text"] and "Ada Lovelace" in mail["text"] and "Acme" in mail["text"]


def test_the_invitation_is_accepted_and_the_seller_is_in(ada: User, browser: Browser, mails: Any) -> None:
    operations.add_member(
        queries.partner_of(ada), email="nils@acme.example", name="Nils New", role="seller", by=ada
    )
    link = next(word for word in mails(to="nils@acme.example")[-1]["text"].split() if "/invitation/" in word)
    browser.open(link.removeprefix("http://localhost"))
    browser.fill("New password", "wooden horse in a rainy yard").fill(
        "The same again", "wooden horse in a rainy yard"
    )
    browser.press("Set the password and enter")
    assert browser.open("/firm").heading == "Acme"


def test_a_partner_admin_cannot_hand_out_the_vendors_roles(acme: Any, ada: User, browser: Browser) -> None:
    with pytest.raises(InvalidInput):
        operations.add_member(acme, email="x@acme.example", name="X", role=Role.PROGRAMME_ADMIN, by=ada)
    with pytest.raises(InvalidInput):
        operations.change_member_role(_row(ada), Role.PARTNER_MANAGER, by=ada)
    browser.sign_in(ada).open("/members/new").fill("Name", "X").fill("E-mail", "x@acme.example")
    browser.typed["role"] = ["programme_admin"]
    browser.press("Send the invitation")
    assert browser.status == 422


def test_an_address_in_use_elsewhere_cannot_be_invited(acme: Any, rex: User) -> None:
    with pytest.raises(Refusal):
        operations.add_member(acme, email=rex.email, name="Rex", role="seller", by=None)


def test_another_role_ends_the_sessions(ada: User, sam: User, browser: Browser) -> None:
    sams = Browser(browser.app).sign_in(sam)
    browser.sign_in(ada).open(f"/members/{_row(sam).id}/role").fill("Role", "Engineer").press(
        "Change the role"
    )
    assert session.get_one(User, sam.id).role is Role.ENGINEER
    assert sams.open("/firm").url.startswith("/sign-in")


def test_removing_somebody_ends_their_sessions_and_their_keys(
    acme: Any, ada: User, sam: User, browser: Browser
) -> None:
    key, _secret = operations.make_partner_key(acme, name="CRM", scopes=["leads:read"], by=sam)
    Browser(browser.app).sign_in(sam)
    browser.sign_in(ada).open(f"/members/{_row(sam).id}/role").press("Remove Sam Seller")
    assert browser.sees("Left")
    assert key.revoked_at is not None
    assert (
        session.scalar(sa.select(SignIn).where(SignIn.user_id == sam.id, SignIn.ended_at.is_(None))) is None
    )
    assert queries.partner_of(session.get_one(User, sam.id)) is None


def test_who_left_comes_back_as_who_they_were(acme: Any, ada: User, sam: User) -> None:
    operations.remove_member(_row(sam), by=ada)
    back = operations.add_member(acme, email=sam.email, name="Sam", role="engineer", by=ada)
    assert back.user_id == sam.id
    assert back.is_active and back.user.role is Role.ENGINEER and back.user.suspended_at is None


def test_the_last_admin_stays(acme: Any, ada: User, sam: User) -> None:
    with pytest.raises(Refusal):
        operations.change_member_role(_row(ada), "seller", by=ada)
    with pytest.raises(Refusal):
        operations.remove_member(_row(ada), by=None)
    operations.change_member_role(_row(sam), "partner_admin", by=ada)
    operations.change_member_role(_row(ada), "seller", by=sam)
    assert ada.role is Role.SELLER


def test_nobody_removes_themselves(ada: User, sam: User) -> None:
    operations.change_member_role(_row(sam), "partner_admin", by=ada)
    with pytest.raises(Refusal):
        operations.remove_member(_row(sam), by=sam)


def test_a_seller_sees_the_people_and_manages_none(sam: User, browser: Browser) -> None:
    browser.sign_in(sam).open("/members")
    assert "Invite a colleague" not in browser.links
    browser.open("/members/new", expect=403)


def test_a_firms_key_is_shown_once_and_sees_that_firm_only(
    ada: User, rival: Any, browser: Browser, app: Any
) -> None:
    from tests.conftest import Machine

    browser.sign_in(ada).open("/firm/api-keys")
    browser.fill("What the key is for", "Our CRM").fill("What it may do", ["partners:read"]).press(
        "Make the key"
    )
    secret = next(word for word in browser.html.replace('"', " ").replace("<", " ").replace(">", " ").split()
                  if word.startswith("ghk_") and len(word) > 30)  # fmt: skip
    machine = Machine(app, secret)
    assert [firm["name"] for firm in machine.get("/partners").json["items"]] == ["Acme"]
    assert machine.get(f"/partners/{rival.id}").status_code == 404
    assert secret not in browser.open("/firm/api-keys").html
    browser.press("Revoke")
    assert machine.get("/partners").status_code == 401


def test_a_firms_key_never_gets_the_vendors_scopes(acme: Any) -> None:
    for scope in ("sales:write", "partners:write", "applications:write", "plans:write"):
        with pytest.raises(InvalidInput):
            operations.make_partner_key(acme, name="CRM", scopes=[scope], by=None)


def test_a_command_makes_a_key_for_a_firm(own_app: Any) -> None:
    from core.database import transaction

    with own_app.app_context(), transaction():
        operations.set_up_programme(by=None)
        cast.a_partner("Acme")
    runner = own_app.test_cli_runner()
    made = runner.invoke(
        args=["partners", "api-key", "--partner", "Acme", "--name", "CRM", "--scope", "leads:read"]
    )
    assert made.exit_code == 0 and made.output.startswith("ghk_")
    refused = runner.invoke(
        args=["partners", "api-key", "--partner", "Acme", "--name", "CRM", "--scope", "sales:write"]
    )
    assert refused.exit_code == 1


def test_mail_that_comes_back_is_shown_with_what_to_do(
    acme: Any, ada: User, sam: User, mona: User, browser: Browser
) -> None:
    note_bounce(address=sam.email, subject="A lead for you", reason="550 5.1.1 no such user")
    browser.sign_in(ada).open("/members")
    assert browser.sees("Mail comes back")
    browser.click("What to do")
    assert browser.sees("550 5.1.1 no such user") and browser.sees(
        "they still sign in and change the address"
    )
    browser = Browser(browser.app).sign_in(mona).open(f"/staff/partners/{acme.id}")
    assert browser.sees("Mail comes back")
    browser.click("Sam Seller").press("Mail reaches them again")
    assert not browser.sees("550 5.1.1 no such user")
    assert bounced_among([sam.email]) == {}
    trail = session.scalars(
        sa.select(Activity.actor_name).where(Activity.verb == "member mail seen to")
    ).all()
    assert trail == ["Mona Manager"]
    with pytest.raises(Refusal, match="seen to already"):
        operations.see_to_member_mail(_row(sam), by=ada)


def test_a_mistyped_invitation_is_sent_again_or_taken_back(
    acme: Any, ada: User, mona: User, browser: Browser, mails: Any
) -> None:
    member = operations.add_member(acme, email="nil@acme.example", name="Nils New", role="seller", by=ada)
    note_bounce(address="nil@acme.example", subject="Your invitation", reason="550 no mailbox")
    browser.sign_in(ada).open("/members").click("What to do")
    assert browser.sees("The address may be mistyped")
    browser.press("Invite again")
    assert len(mails(to="nil@acme.example")) == 2
    assert bounced_among(["nil@acme.example"]) == {}
    note_bounce(address="nil@acme.example", subject="Your invitation", reason="550 no mailbox")
    staff = Browser(browser.app).sign_in(mona)
    staff.open(f"/staff/partners/{acme.id}/members/{member.id}").press("Invite again")
    assert len(mails(to="nil@acme.example")) == 3


def test_who_leaves_hands_over_what_is_open_with_a_note(
    acme: Any, ada: User, sam: User, browser: Browser, mails: Any
) -> None:
    nils = cast.a_member(acme, "Nils New", Role.SELLER)
    deal, other = a_deal(acme, "Globex"), a_deal(acme, "Initech")
    won = a_won_deal(acme, "Hooli")
    deal.owner_id, other.owner_id, won.owner_id = sam.id, ada.id, sam.id
    session.flush()
    browser.sign_in(ada).open(f"/members/{_row(sam).id}/role")
    assert browser.sees("1 open deal is theirs.")
    browser.fill("Who takes over what is open", "Nils New").fill(
        "What they should know", "Call Greta.\nSoon."
    )
    browser.press("Remove Sam Seller")
    session.expire_all()
    assert (deal.owner_id, other.owner_id, won.owner_id) == (nils.id, ada.id, sam.id)
    letter = mails(to=nils.email)[-1]
    assert "Sam Seller has left" in letter["subject"] and "> Call Greta.\n> Soon." in letter["text"]
    said = session.scalars(sa.select(Activity).where(Activity.verb == "deal handed over")).one()
    assert said.details == {"from_name": "Sam Seller", "to_name": "Nils New", "reason": "Call Greta.\nSoon."}
    assert session.scalars(sa.select(Activity).where(Activity.verb == "member left")).one().details["note"]


def test_without_a_successor_open_deals_are_everybodys_of_the_firm(
    acme: Any, ada: User, sam: User, mona: User
) -> None:
    deal = a_deal(acme)
    deal.owner_id = sam.id
    operations.remove_member(_row(sam), by=mona)
    assert deal.owner_id is None


def test_the_successor_is_a_colleague_who_works_on_deals(
    acme: Any, ada: User, sam: User, rex: User, mona: User, browser: Browser
) -> None:
    engineer = cast.a_member(acme, "Erik Engineer", Role.ENGINEER)
    for wrong in (rex, engineer, sam):
        with pytest.raises(InvalidInput, match="successor"):
            operations.remove_member(_row(sam), successor=_row(wrong), by=ada)
    with pytest.raises(InvalidInput, match="note"):
        operations.remove_member(_row(sam), note="x" * 2001, by=ada)
    browser.sign_in(mona).open(f"/staff/partners/{acme.id}/members/{_row(sam).id}")
    assert "Erik Engineer" not in browser.text
    browser.fill("What they should know", "x" * 2001).press("Remove Sam Seller", expect=422)
    assert browser.sees("At most 2,000 characters.") and "x" * 2001 in browser.html
    browser.fill("What they should know", "").press("Remove Sam Seller")
    assert not _row(sam).is_active
