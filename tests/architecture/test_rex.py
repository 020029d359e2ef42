"""Rex from Rival opens everything of Acme's, by every route and with every id: to him it does not exist."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, current_app

from accounts.access import door_of
from accounts.permissions import MATRIX, SCOPES, Permission, Role
from commissions.models import Entry, Payout, Statement, TaxPaperKind
from commissions.operations import disputes, payouts, statements
from commissions.operations.profiles import keep_tax_paper
from commissions.operations.sale_reports import report_sale
from core import clock
from core.database import session
from core.uploads import check_file
from events.models import ClaimLine, Receipt, Registration
from events.operations import ask_to_join
from events.views.door import ticket_path
from partners.models import LineKind, Recurrence
from partners.operations import (
    invite_colleague,
    keep_document,
    open_thread,
    publish_announcement,
    save_resource,
    save_story,
)
from partners.operations.development import add_goal, make_plan
from partners.operations.members import PARTNER_SCOPES, make_partner_key
from partners.queries import members_of
from referrals.operations.codes import make_referral_code
from referrals.operations.links import make_link
from referrals.operations.missing import ask_for_referral
from referrals.operations.rates import save_rate
from referrals.operations.ratings import ask_customer
from tests.academy.cast import a_certificate, a_course, a_practical, a_work, an_attempt
from tests.browser import Browser
from tests.cast import a_partner
from tests.commissions.cast import a_live_plan, sold
from tests.commissions.earnings import a_profile, an_account_to_pay_from, an_approved_run
from tests.conftest import Machine
from tests.events.cast import a_submitted_claim, an_approved_request
from tests.partners.test_resources import a_pdf
from tests.referrals.deals.cast import a_deal, a_won_deal
from tests.referrals.leads.cast import a_lead, the_offer

AUGUST = datetime(2026, 8, 1, 9, 0, tzinfo=UTC)

#: Ids of things that belong to no partner: courses are everybody's, a public page is public.
EVERYBODYS = {
    "academy.course", "academy.enrolment", "academy.lesson", "academy.lesson_completion", "academy.attempt_start",
    "academy.article", "academy.article_vote", "academy.course_file", "academy.practical_slot", "academy.webinar",
    "academy.webinar_seat", "academy.webinar_seat_end", "academy.webinar_invitation",
}  # fmt: skip


@pytest.fixture
def world(acme: Any, ada: Any, sam: Any, mona: Any, finn: Any, pia: Any, time: Any) -> dict[str, str]:
    """One of everything of Acme's: the arguments of routes with the ids of Acme's things."""
    course, other = a_course("selling"), a_course("another")
    certificate = a_certificate(ada, course)
    attempt = an_attempt(ada, other)
    work = a_work(a_practical(other), ada)
    claim = a_submitted_claim(acme, time)
    event = claim.request.event
    guest = session.scalars(sa.select(Registration).where(Registration.event_id == event.id)).first()
    time.move_to(datetime(2026, 9, 1, 9, 0, tzinfo=UTC))
    lead = a_lead("Umbrella")
    offer = the_offer(lead)
    assert offer.partner_id == acme.id
    deal = a_deal(acme, "Globex")
    won = a_won_deal(acme, "Initech", order="PO-77")
    a_live_plan()
    sale = sold(acme, name="inv_77", occurred_at=AUGUST, received_at=AUGUST)
    a_profile(acme)
    an_account_to_pay_from()
    entry = session.scalars(sa.select(Entry).where(Entry.partner_id == acme.id)).first()
    run = an_approved_run(finn, mona)
    payouts.start_sending(run, by=finn)
    session.flush()
    payout = session.scalars(sa.select(Payout).where(Payout.partner_id == acme.id)).first()
    statements.issue_due_statements()
    dispute = disputes.open_dispute(entry, "Why so little?", by=ada)
    report = report_sale(
        sale.customer, number="R-1", sold_on=AUGUST.date(), currency="EUR", lines=[("licence", 100)],
        file=check_file(a_pdf(), "r.pdf"), by=ada,
    )  # fmt: skip
    session.flush()
    statement = session.scalars(sa.select(Statement).where(Statement.partner_id == acme.id)).first()
    line = session.scalars(sa.select(ClaimLine).where(ClaimLine.claim_id == claim.id)).first()
    receipt = session.scalars(sa.select(Receipt)).first()
    _key, _secret = make_partner_key(acme, name="CRM", scopes=["leads:read"], by=ada)
    member = session.scalars(members_of(acme)).first()
    thread = open_thread(acme, subject="Prices", text="Which list?", by=ada)
    news = publish_announcement(title="Gold weeks", text="For gold.", tiers=["gold"], by=mona)
    with current_app.test_request_context():
        ticket = ticket_path(guest)
    joining = ask_to_join(
        an_approved_request(acme, title="Open").event, a_partner("Third"), share_minor=0, by=None
    )
    paper = save_resource(kind="deck", title="Deck", tiers=["gold"], upload=(a_pdf(), "deck.pdf"), by=mona)
    story = save_story(acme, customer="Globex", title="Faster", text="Much.", by=ada)
    tax_paper = keep_tax_paper(
        acme, kind=TaxPaperKind.W8, content=a_pdf(), name="w8.pdf", valid_until=None, by=ada
    )
    plan = make_plan(
        acme,
        title="Growth",
        summary="",
        starts_on=AUGUST.date(),
        ends_on=AUGUST.date().replace(year=2027),
        by=mona,
    )
    goal = add_goal(plan, kind="step", text="Meet", due_on=plan.ends_on, by=mona)
    link = make_link(acme, path="/cloud", campaign="", by=None)
    code = make_referral_code(acme, "ACME-26", by=None)
    missing = ask_for_referral(
        acme, order_number="PO-78", ordered_on=clock.now().date(), company="Globex", text="Ours.", by=ada
    )
    rate = save_rate(
        acme,
        kind=LineKind.TRAINING,
        name="Day",
        unit_price_minor=1,
        currency="EUR",
        recurring=Recurrence.ONCE,
        by=None,
    )
    rating = ask_customer(won)
    document = keep_document(
        acme, kind="contract", title="Contract", valid_until=None, content=a_pdf(), name="c.pdf", by=ada
    )
    invitation = invite_colleague(acme, email="nils@acme.example", name="Nils", role="seller", by=ada)
    assert guest and entry and payout and statement and line and receipt and member
    ids: dict[str, Any] = {
        "attempt_id": attempt.id, "submission_id": work.id, "claim_id": claim.id, "line_id": line.id,
        "event_id": event.id, "registration_id": guest.id, "request_id": claim.request.id,
        "receipt_id": receipt.id, "proof_id": 1,
        "customer_id": sale.customer_id, "deal_id": deal.id, "entry_id": entry.id, "sale_id": sale.id,
        "key_id": _key.id, "lead_id": lead.id, "offer_id": offer.id, "member_id": member.id,
        "partner_id": acme.id, "branch_id": acme.id, "payout_id": payout.id, "paper_id": tax_paper.id, "run_id": run.id,
        "statement_number": statement.number,
        "lead_number": lead.id, "serial": certificate.serial, "statement_id": statement.id,
        "dispute_id": dispute.id, "milestone_id": 1, "report_id": report.id,
        "joining_id": joining.id, "signature": ticket.rsplit("/", 1)[1],
        "goal_id": goal.id, "link_id": link.id, "code_id": code.id, "missing_id": missing.id, "rate_id": rate.id,
        "won_id": won.id, "rating_id": rating.id, "thread_id": thread.id, "announcement_id": news.id,
        "resource_id": paper.id, "story_id": story.id, "document_id": document.id,
        "invitation_id": invitation.id,
    }  # fmt: skip
    return {name: str(value) for name, value in ids.items()}


def theirs(app: Flask, world: dict[str, str], *, of_the_api: bool, open_to: Any) -> Iterator[tuple[str, str]]:
    """Every route with an id of Acme's that ``open_to`` lets through its door, as (method, address)."""
    unknown = set()
    for rule in app.url_map.iter_rules():
        door = door_of(app.view_functions[rule.endpoint])
        is_ours = rule.rule.startswith("/api/") is of_the_api
        if not rule.arguments or not is_ours or not isinstance(door, Permission) or not open_to(door):
            continue
        if rule.endpoint in EVERYBODYS or "/plans/" in rule.rule or rule.arguments <= {"code", "lesson_id"}:
            continue
        values = {}
        for name in rule.arguments:
            where = name
            if name == "number":
                where = "statement_number" if "statements" in rule.rule else "lead_number"
                where = "partner_id" if "/partners/<number>" in rule.rule else where
            if where not in world:
                unknown.add(f"{name} in {rule.rule}")
                continue
            values[name] = world[where]
        if values.keys() != rule.arguments:
            continue
        url = app.url_map.bind("localhost").build(
            rule.endpoint, values, method=next(iter(rule.methods or ()))
        )
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, url
    assert not unknown, f"say in `world` what of Acme's these are: {sorted(unknown)}"


@pytest.fixture
def no_tokens(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    from accounts.limits import limiter

    def let_go() -> None:
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
        monkeypatch.setattr(limiter, "enabled", False)

    return let_go


def test_rex_finds_nothing_of_acmes_on_any_page(
    app: Flask, world: dict[str, str], rex: Any, ada: Any, no_tokens: Any
) -> None:
    rexs, adas = Browser(app).sign_in(rex), Browser(app).sign_in(ada)
    no_tokens()
    tried = found = 0
    for method, url in theirs(
        app, world, of_the_api=False, open_to=lambda door: door in MATRIX[Role.PARTNER_ADMIN]
    ):
        answer = rexs._ask(url, method=method)
        assert answer.status_code == 404, f"{method} {url} answered Rex {answer.status_code}"
        tried += 1
        if method == "GET":
            found += adas._ask(url).status_code in {200, 302, 409}
    assert tried > 50
    # The ids are real: Ada herself finds what Rex does not.
    assert found > 15


def test_a_rivals_key_finds_nothing_of_acmes_over_the_api(
    app: Flask, world: dict[str, str], rival: Any, rex: Any
) -> None:
    _key, secret = make_partner_key(rival, name="All", scopes=list(PARTNER_SCOPES), by=rex)
    caller = Machine(app, secret)
    granted = {permission for scope in _key.scopes for permission in SCOPES[scope]}
    for method, url in theirs(app, world, of_the_api=True, open_to=lambda door: door in granted):
        body = None if method == "GET" else {}
        answer = caller(method, url.removeprefix("/api/v1"), body)
        assert answer.status_code in {403, 404, 422}, f"{method} {url} answered {answer.status_code}"
        if answer.status_code == 422:
            # What is sent is read first; with a body in order it is still nobody's.
            assert method in {"POST", "PATCH"}, f"{method} {url}"
        assert "Acme" not in answer.get_data(as_text=True)
