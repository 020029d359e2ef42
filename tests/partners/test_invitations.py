"""Inviting somebody into one's firm: whether they sign in here already, only the mail to them says."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from accounts import operations as accounts
from accounts.models import User
from accounts.permissions import Role
from core import retention
from core.activity import Activity
from core.bounces import note_bounce
from core.database import session
from core.errors import InvalidInput, Refusal
from core.personal_data import records_of
from partners import operations
from partners.models import Invitation, Member
from partners.operations.leaving import merge_partners, terminate_partner
from tests import cast
from tests.accounts.test_invitations import link_in
from tests.browser import PASSWORD, Browser
from tests.partners.cast import posted
from tests.statements import heard_statements


def _invite(browser: Browser, email: str, name: str = "Nils New") -> Browser:
    browser.open("/members/new").fill("Name", name).fill("E-mail", email).fill("Role", "Seller")
    return browser.press("Send the invitation")


def _row(email: str) -> Invitation | None:
    return session.scalar(sa.select(Invitation).where(Invitation.email == email))


def _enter(browser: Browser, link: str) -> Browser:
    browser.open(link).fill("New password", PASSWORD).fill("The same again", PASSWORD)
    return browser.press("Set the password and enter")


def _member(user: User) -> Member:
    return session.scalars(sa.select(Member).where(Member.user_id == user.id)).one()


def test_a_taken_address_is_answered_as_a_fresh_one_is(
    ada: User, rex: User, mona: User, browser: Browser, mails: Any, run_jobs: Any
) -> None:
    browser.sign_in(ada)
    said, listed = [], []
    for email in ("fresh@nowhere.example", rex.email, mona.email):
        _invite(browser, email)
        assert browser.url == "/members"
        said.append(
            re.sub(r"Invited\. \S+ has", "Invited. X has", browser.text).split("Invited. X has")[1][:40]
        )
        row = _row(email)
        assert row is not None
        own = [part for part in browser.html.split("<tr") if email in part][-1]
        listed.append(own.replace(email, "X").replace(f"/{row.id}/", "/N/"))
        listed[-1] = re.sub(r'value="[^"]+"', "", listed[-1])
        operations.withdraw_invitation(row, by=ada)
    assert len(set(said)) == 1
    assert len({re.sub(r"\s+", " ", one) for one in listed}) == 1
    # Nobody was made, and nobody was looked for while the page was answered.
    assert session.scalar(sa.select(User).where(User.email == "fresh@nowhere.example")) is None
    run_jobs()
    assert mails() == []


def test_the_same_statements_run_for_either_address(app: Any, acme: Any, ada: User, rex: User) -> None:
    def statements(email: str) -> list[str]:
        with heard_statements() as heard:
            operations.invite_colleague(acme, email=email, name="N", role="seller", by=ada)
            session.flush()
        return heard

    fresh, taken = statements("fresh@nowhere.example"), statements(rex.email)
    assert fresh == taken and len(fresh) > 3


def test_the_mail_to_a_taken_address_says_what_happened(
    ada: User, rex: User, browser: Browser, app: Any, mails: Any, run_jobs: Any
) -> None:
    _invite(browser.sign_in(ada), rex.email, "Rex")
    run_jobs()
    (mail,) = mails(to=rex.email)
    assert "Acme" in mail["subject"] and "Ada Lovelace" in mail["text"]
    assert "belongs to one firm at a time" in mail["text"] and "Rival" not in mail["text"]
    there = Browser(app).open(link_in(mail))
    assert there.sees("already") and "New password" not in there.html
    assert _member(rex).partner.name == "Rival"
    # The page is as deaf as it looks
    posted(there, there.url, name="R", password=PASSWORD, again=PASSWORD)
    session.expire_all()
    assert _member(rex).partner.name == "Rival"


def test_who_leaves_their_firm_within_the_week_comes_along(
    ada: User, rex: User, rival: Any, browser: Browser, app: Any, mails: Any, run_jobs: Any
) -> None:
    cast.a_member(rival, "Rita Other", Role.PARTNER_ADMIN)
    _invite(browser.sign_in(ada), rex.email, "Rex")
    run_jobs()
    operations.remove_member(_member(rex), by=None)
    session.commit()
    there = _enter(Browser(app), link_in(mails(to=rex.email)[0]))
    assert there.open("/firm").heading == "Acme"
    assert _member(rex).partner.name == "Acme" and session.get_one(User, rex.id).role is Role.SELLER
    assert _row(rex.email) is None


def test_an_invitation_is_accepted_once_and_within_seven_days(
    acme: Any, ada: User, browser: Browser, app: Any, mails: Any, run_jobs: Any, time: Any
) -> None:
    operations.invite_colleague(acme, email="nils@acme.example", name="Nils", role="seller", by=ada)
    run_jobs()
    link = link_in(mails(to="nils@acme.example")[0])
    time.move(days=7)
    Browser(app).open(link, expect=404)
    browser.sign_in(ada).open("/members")
    assert browser.sees("Expired")
    browser.press("Invite again")
    run_jobs()
    Browser(app).open(link, expect=404)
    fresh = link_in(mails(to="nils@acme.example")[1])
    assert _enter(Browser(app), fresh).open("/firm").heading == "Acme"
    Browser(app).open(fresh, expect=404)
    said = session.scalars(sa.select(Activity.verb).where(Activity.subject_type == "invitation")).all()
    assert sorted(said) == ["colleague invitation accepted", "colleague invited", "colleague invited again"]


def test_a_weak_password_is_refused_at_its_field_and_the_link_still_works(
    acme: Any, ada: User, app: Any, mails: Any, run_jobs: Any
) -> None:
    operations.invite_colleague(acme, email="nils@acme.example", name="Nils", role="seller", by=ada)
    run_jobs()
    there = Browser(app).open(link_in(mails(to="nils@acme.example")[0]))
    there.fill("New password", "short").fill("The same again", "short")
    there.press("Set the password and enter", expect=422)
    assert "aria-invalid" in there.html and _row("nils@acme.example") is not None


def test_a_withdrawn_invitation_opens_nothing_and_leaves_nothing(
    ada: User, browser: Browser, app: Any, mails: Any, run_jobs: Any
) -> None:
    _invite(browser.sign_in(ada), "nils@acme.example")
    run_jobs()
    browser.open("/members").press("Withdraw")
    assert not browser.open("/members").sees("nils@acme.example")
    Browser(app).open(link_in(mails(to="nils@acme.example")[0]), expect=404)
    assert _row("nils@acme.example") is None


def test_nobody_invites_one_of_their_own_or_the_same_person_twice(acme: Any, ada: User, sam: User) -> None:
    with pytest.raises(InvalidInput, match="email"):
        operations.invite_colleague(acme, email=sam.email.upper(), name="S", role="seller", by=ada)
    operations.invite_colleague(acme, email="nils@acme.example", name="N", role="seller", by=ada)
    with pytest.raises(InvalidInput, match="email"):
        operations.invite_colleague(acme, email="Nils@acme.example", name="N", role="seller", by=ada)
    with pytest.raises(InvalidInput, match="role"):
        operations.invite_colleague(acme, email="x@acme.example", name="N", role="programme_admin", by=ada)


def test_a_firm_has_a_hundred_open_invitations_at_most(
    acme: Any, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("partners.operations.invitations.MOST_OPEN", 2)
    for number in range(2):
        operations.invite_colleague(acme, email=f"p{number}@x.example", name="P", role="seller", by=ada)
    with pytest.raises(Refusal, match="2 people"):
        operations.invite_colleague(acme, email="p3@x.example", name="P", role="seller", by=ada)


def test_rex_neither_sends_nor_withdraws_acmes_invitations(
    acme: Any, ada: User, rex: User, sam: User, app: Any
) -> None:
    row = operations.invite_colleague(acme, email="nils@acme.example", name="N", role="seller", by=ada)
    session.commit()
    rexs = Browser(app).sign_in(rex)
    assert "nils@acme.example" not in rexs.open("/members").html
    sams = Browser(app).sign_in(sam).open("/members")
    assert sams.sees("nils@acme.example") and "Withdraw" not in sams.html
    for verb in ("again", "withdrawal"):
        assert posted(rexs, f"/members/invitations/{row.id}/{verb}") == 404


def test_links_of_an_admin_who_is_suspended_or_none_any_more_let_nobody_in(
    acme: Any, ada: User, sam: User
) -> None:
    operations.change_member_role(_member(sam), "partner_admin", by=ada)
    operations.invite_colleague(acme, email="his@friend.example", name="F", role="partner_admin", by=sam)
    operations.change_member_role(_member(sam), "seller", by=ada)
    assert _row("his@friend.example") is None
    operations.change_member_role(_member(sam), "partner_admin", by=ada)
    operations.invite_colleague(acme, email="his@friend.example", name="F", role="partner_admin", by=sam)
    accounts.suspend_person(sam, by=ada)
    assert _row("his@friend.example") is None
    rita = cast.a_member(acme, "Rita Root", Role.PARTNER_ADMIN)
    operations.invite_colleague(acme, email="her@friend.example", name="F", role="seller", by=rita)
    operations.remove_member(_member(rita), by=ada)
    assert _row("her@friend.example") is None


def test_only_mail_refused_since_it_was_sent_is_shown(
    ada: User, rex: User, browser: Browser, time: Any
) -> None:
    note_bounce(address=rex.email, subject="News", reason="550 full of old mail")
    time.move(minutes=5)
    _invite(browser.sign_in(ada), rex.email)
    assert not browser.sees("550 full of old mail") and not browser.sees("Mail comes back")
    time.move(minutes=5)
    note_bounce(address=rex.email, subject="Your invitation", reason="550 no such user")
    assert browser.open("/members").sees("550 no such user")


def test_the_vendor_sees_who_is_invited_and_adds_them_openly(
    acme: Any, ada: User, rex: User, mona: User, browser: Browser
) -> None:
    operations.invite_colleague(acme, email="nils@acme.example", name="Nils", role="seller", by=ada)
    assert browser.sign_in(mona).open(f"/staff/partners/{acme.id}").sees("nils@acme.example")
    member = operations.add_member(acme, email="nils@acme.example", name="Nils", role="seller", by=mona)
    assert member.is_active and _row("nils@acme.example") is None
    with pytest.raises(Refusal, match="already signs in"):
        operations.add_member(acme, email=rex.email, name="Rex", role="seller", by=mona)


def test_invitations_end_with_the_partnership_and_move_when_firms_are_one(
    acme: Any, ada: User, rival: Any, rex: User, mona: User
) -> None:
    operations.invite_colleague(acme, email="both@x.example", name="B", role="seller", by=ada)
    operations.invite_colleague(acme, email="one@x.example", name="O", role="seller", by=ada)
    operations.invite_colleague(acme, email=rex.email, name="R", role="seller", by=ada)
    operations.invite_colleague(rival, email="both@x.example", name="B", role="seller", by=rex)
    merge_partners(acme, rival, reason="The same firm twice.", by=mona)
    emails = sa.select(Invitation.email).where(Invitation.partner_id == rival.id).order_by(Invitation.email)
    assert list(session.scalars(emails)) == ["both@x.example", "one@x.example"]
    terminate_partner(rival, reason="They stop.", heir=None, by=mona)
    assert list(session.scalars(emails)) == []


def test_an_address_is_shown_to_its_owner_erased_and_forgotten(acme: Any, ada: User, time: Any) -> None:
    from accounts.operations.erasure import erase, person_behind

    operations.invite_colleague(acme, email="nils@x.example", name="Nils", role="seller", by=ada)
    person = person_behind("nils@x.example")
    kinds = {holding.code: list(rows) for holding, rows in records_of(person)}
    assert kinds["invitations"][0]["partner"] == "Acme"
    erase(person, words="nils@x.example", by=ada)
    assert _row("nils@x.example") is None
    operations.invite_colleague(acme, email="old@x.example", name="Old", role="seller", by=ada)
    time.move(days=38)
    rule = retention.RULES["invitations"]
    assert rule.limit is not None
    rule.clear(list(session.scalars(rule.due(rule.limit))))
    assert _row("old@x.example") is None
