"""A file taken back after its leads were routed: in bulk, in steps, explained, and fair to who answers just then."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from core import races
from core.activity import Activity
from core.database import session, transaction
from core.errors import Refusal
from core.imports import ImportStatus
from core.jobs import run_until_idle
from partners.operations import set_up_programme
from referrals import receivers
from referrals.emails.leads import answer_path
from referrals.models import Lead, LeadClaim, LeadImport, LeadStatus, Offer, OfferStatus
from referrals.models.leads import HELD
from referrals.operations import accept_offer, claim_lead, importing, sort_lead
from referrals.operations.importing import undoing
from referrals.queries.imports import offers_withdrawn_with
from tests.browser import Browser
from tests.cast import a_member, a_partner
from tests.referrals.leads.cast import a_lead, the_offer
from tests.statements import heard_statements

HEAD = "Company;E-mail;Country;Source\n"


def _routed(*companies: str, source: str = "fair", by: Any = None) -> LeadImport:
    """A file of these companies, taken in and routed, the jobs done by hand."""
    rows = (f"{company};buyer@{company.lower()}.example;DE;{source}" for company in companies)
    row = importing.upload_leads((HEAD + "\n".join(rows)).encode(), "fair.csv", by=by)
    importing.check_with(row, row.places, by=by)
    for step in (importing.check_rows, None, importing.take_rows, importing.route_some):
        if step is None:
            importing.start_taking(row, by=by)
        while step is not None and step(row):
            pass
    return row


def _taken_back(row: LeadImport) -> LeadImport:
    importing.start_undoing(row, by=None)
    while importing.undo_some(row):
        pass
    return row


def _lead(company: str) -> Lead:
    return session.scalars(sa.select(Lead).where(Lead.company == company)).one()


def test_offers_are_withdrawn_with_their_leads_and_the_trail_says_so_of_each(acme, mona):
    row = _taken_back(_routed("Globex", "Initech", by=mona))
    offers = session.scalars(sa.select(Offer)).all()
    assert {offer.status for offer in offers} == {OfferStatus.WITHDRAWN} and len(offers) == 2
    assert {(lead.status, lead.reason) for lead in session.scalars(sa.select(Lead))} == {
        (LeadStatus.UNQUALIFIED, "import_undone")
    }
    deeds = session.scalars(sa.select(Activity).where(Activity.verb == "offer withdrawn")).all()
    assert {
        (deed.subject_type, deed.subject_id, deed.partner_id, deed.details["reason"]) for deed in deeds
    } == {("offer", offer.id, acme.id, "import_undone") for offer in offers}
    ended = session.scalars(sa.select(Activity).where(Activity.verb == "leads taken back")).one()
    assert (row.status, ended.details) == (ImportStatus.UNDONE, {"kept": 0, "withdrawn": 2})


def test_a_step_asks_the_same_number_of_questions_for_many_leads_as_for_few(acme, mona):
    told = []
    for number in (2, 12):
        row = _routed(*(f"Firm{number}of{place}" for place in range(number)), by=mona)
        importing.start_undoing(row, by=None)
        session.flush()
        with heard_statements() as heard:
            importing.undo_some(row)
        told.append(len(heard))
        while importing.undo_some(row):
            pass
    assert told[0] == told[1] < 20


def test_a_step_that_died_is_done_again_and_nothing_twice(acme, mona, monkeypatch):
    monkeypatch.setattr(undoing, "CLOSED_AT_ONCE", 2)
    row = _routed("Globex", "Initech", "Umbrella", by=mona)
    importing.start_undoing(row, by=None)
    assert importing.undo_some(row) and row.read_to == 3
    dies = session.begin_nested()
    importing.undo_some(row)
    dies.rollback()
    session.expire_all()
    assert importing.undo_some(row) and row.read_to == 4
    while importing.undo_some(row):
        pass
    assert (row.status, offers_withdrawn_with(row)) == (ImportStatus.UNDONE, 3)
    sorted_out = sa.select(sa.func.count()).where(Activity.verb == "lead sorted")
    assert session.scalar(sorted_out) == 3


def test_one_mail_a_person_says_which_offers_are_gone_and_why(
    acme, rex, ada, sam, mona, mails, run_jobs, monkeypatch
):
    monkeypatch.setattr(receivers.leads, "_NAMED", 2)
    monkeypatch.setattr(receivers.leads, "_FIRMS_AT_ONCE", 1)
    row = _routed("Globex", "Initech", "Umbrella", "Hooli", "Stark", by=mona)
    of_acme = list(session.scalars(sa.select(Offer).where(Offer.partner_id == acme.id)))
    assert 0 < len(of_acme) < 5
    kept = of_acme[0].lead
    accept_offer(of_acme[0], by=ada)
    importing.start_undoing(row, by=mona)
    run_jobs()
    for person in (ada, sam):
        [mail] = [one for one in mails(to=person.email) if "taken back" in one["subject"]]
        assert kept.company not in mail["text"] and "does not count against you" in mail["text"]
        assert mail["subject"].startswith(f"{len(of_acme) - 1} offer")
    [others] = mails(to=rex.email)[-1:]
    assert sum(int(one["subject"].split()[0]) for one in (mail, others)) == 4
    assert (row.kept, kept.status) == (1, LeadStatus.ACCEPTED)


def test_a_long_list_is_named_in_part(acme, ada, mona, mails, run_jobs, monkeypatch):
    monkeypatch.setattr(receivers.leads, "_NAMED", 2)
    importing.start_undoing(_routed("Globex", "Initech", "Umbrella", "Hooli", by=mona), by=mona)
    run_jobs()
    [mail] = [one for one in mails(to=ada.email) if "taken back" in one["subject"]]
    assert "Globex" in mail["text"] and "Initech" in mail["text"] and "Umbrella" not in mail["text"]
    assert "and 2 more" in mail["text"]


def test_the_page_of_the_offer_and_the_link_of_its_mail_say_why_it_is_gone(acme, ada, mona, app, browser):
    row = _routed("Globex", by=mona)
    offer = the_offer(_lead("Globex"))
    path, link = f"/leads/offers/{offer.id}", answer_path(offer, ada)
    _taken_back(row)
    with pytest.raises(Refusal, match="brought this lead in by mistake"):
        accept_offer(offer, by=ada)
    assert browser.open(link).sees("brought this lead in by mistake")
    assert browser.sign_in(ada).open(path).sees("brought this lead in by mistake")
    assert Browser(app).sign_in(mona).open(f"/staff/leads/imports/{row.id}").sees("1 offer was withdrawn")


def test_other_reasons_are_told_apart(acme, ada, mona, browser):
    offer = the_offer(a_lead("Globex"))
    sort_lead(offer.lead, "unqualified", reason="No budget", by=mona)
    page = browser.sign_in(ada).open(f"/leads/offers/{offer.id}")
    assert page.sees("we have closed the lead") and not page.sees("by mistake")


def test_of_several_that_repeated_a_lead_that_goes_one_is_let_in_and_the_others_repeat_it(acme, mona, time):
    row = _routed("Globex", by=mona)
    first, second = a_lead("Globex"), a_lead("Globex")
    assert {first.duplicate_of_id, second.duplicate_of_id} == {_import_lead(row).id}
    time.move(minutes=5)
    _taken_back(row)
    assert first.status is LeadStatus.OFFERED
    assert (second.status, second.duplicate_of_id) == (LeadStatus.DUPLICATE, first.id)


def _import_lead(row: LeadImport) -> Lead:
    return session.scalars(sa.select(Lead).where(Lead.import_id == row.id)).one()


# At the same moment


def _while_it_is_undone(app: Any, import_id: int, answers: list[Callable[[], Any]]) -> None:
    """Answers in threads of their own, each in a transaction, while the steps of the undoing go on in another."""
    barrier = Barrier(2)

    def answer_all() -> None:
        barrier.wait()
        for answer in answers:
            with app.app_context():
                try:
                    races.repeated(lambda deed=answer: _in_a_transaction(deed), what="test")
                except Refusal:
                    continue

    other = Thread(target=answer_all)
    other.start()
    barrier.wait()
    with app.app_context():
        run_until_idle()
    other.join()
    with app.app_context():
        run_until_idle()


def _in_a_transaction(deed: Callable[[], Any]) -> None:
    with transaction():
        deed()


@pytest.mark.parametrize("source", ["fair", "shop"])
def test_a_lead_that_a_partner_takes_at_that_moment_is_its_own_or_gone_and_never_both(
    own_app: Any, source: str, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "CLOSED_AT_ONCE", 2)
    with own_app.app_context(), transaction():
        set_up_programme(by=None)
        firms = [a_partner(name) for name in ("Acme", "Rival", "Third")]
        for firm in firms:
            firm.open_lead_cap = 100
        sellers = {firm.id: a_member(firm, "Sally", Role.SELLER).id for firm in firms}
        row = _routed(*(f"Firm{number}" for number in range(14)), source=source)
        import_id, ids = row.id, sorted(session.scalars(sa.select(Lead.id)))
        importing.start_undoing(row, by=None)

    def answer(lead_id: int) -> None:
        lead = session.get_one(Lead, lead_id)
        offer = session.scalar(sa.select(Offer).where(Offer.lead_id == lead_id))
        if offer is None:
            claim_lead(lead, by=session.get_one(User, min(sellers.values())))
        else:
            accept_offer(offer, by=session.get_one(User, sellers[offer.partner_id]))

    _while_it_is_undone(own_app, import_id, [lambda one=one: answer(one) for one in reversed(ids)])
    with own_app.app_context(), transaction():
        row = session.get_one(LeadImport, import_id)
        found = session.scalars(sa.select(Lead).where(Lead.import_id == import_id)).all()
        held = {lead.id for lead in found if lead.status in HELD}
        assert (row.status, row.kept, len(found)) == (ImportStatus.UNDONE, len(held), 14)
        assert {lead.reason for lead in found if lead.id not in held} <= {"import_undone"}
        active = sa.select(LeadClaim.lead_id).where(LeadClaim.ended_at.is_(None))
        assert set(session.scalars(active)) == held
        offered = sa.select(Offer.lead_id).where(Offer.status != OfferStatus.WITHDRAWN)
        assert set(session.scalars(offered)) == (held if source == "fair" else set())
