"""Acceptance acts and self-billing invoices: shown at statements and payouts, handed out exactly as they were made."""

from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, redirect, url_for
from markupsafe import Markup

from accounts.access import requires, signed_in_user, visitor
from accounts.models import User
from accounts.permissions import Permission
from commissions.models import PaperKind, Payout, Statement, StatementPaper
from commissions.operations import statements as operations
from commissions.operations.papers import PaperDue, Place, make_papers, paper_bytes, papers_due
from commissions.queries import papers as queries
from commissions.queries.payouts import statements_visible_to
from commissions.views import pages
from core.database import session, writes
from core.i18n import gettext as _
from core.i18n import ngettext
from core.slots import fills, rendered
from partners.queries import partner_of


@fills("commissions.statement.aside", order=20)
def papers_of_a_statement(statement: Statement, **_more: Any) -> Markup | None:
    """What goes with the statement, what it waits for, and the button that makes what can be made."""
    person, due = visitor(), papers_due(statement)
    if person is None or not due:
        return None
    return rendered(
        "commissions/statements/_papers.html",
        statement=statement,
        due=due,
        ways=_ways_to_say(person, statement, due),
        can_be_made=any(one.paper is None and one.missing is None for one in due),
    )


def _ways_to_say(person: User, statement: Statement, due: list[PaperDue]) -> list[tuple[str, str]]:
    """(words, address) of the pages on which this person can say what papers wait for."""
    partner_id = statement.partner_id
    known: dict[tuple[Place, bool], tuple[Permission, str, str]] = {
        ("settings", True): (Permission.SETTINGS_CHANGE, _("Settings"), url_for("accounts.settings")),
        ("payout_profile", False): (
            Permission.PROFILE_MANAGE, _("Payout details"), url_for("commissions.payout_profile"),
        ),
        ("payout_profile", True): (
            Permission.PARTNERS_READ, _("The partner's page"), url_for("partners.partner", partner_id=partner_id),
        ),
        ("firm", False): (Permission.FIRM_MANAGE, _("The firm's profile"), url_for("partners.firm_profile")),
        ("firm", True): (
            Permission.PARTNERS_READ, _("The partner's page"), url_for("partners.partner", partner_id=partner_id),
        ),
    }  # fmt: skip
    places = dict.fromkeys(one.place for one in due if one.place is not None)
    found = [known[place, person.is_staff] for place in places if (place, person.is_staff) in known]
    return [(words, address) for permission, words, address in found if person.may(permission)]


@fills("commissions.payout.aside", order=20)
def statements_of_a_payout(payout: Payout, **_more: Any) -> Markup | None:
    """The statements that a payout settles lines of, with their papers."""
    found = queries.statements_of_payout(payout)
    if not found:
        return None
    return rendered("commissions/payouts/_papers.html", statements=found, papers=queries.papers_of(found))


def _statement(number: str) -> Statement:
    query = statements_visible_to(signed_in_user()).where(Statement.number == number)
    return session.scalar(query) or abort(404)


@pages.get("/statements/<number>/act.pdf")
@requires(Permission.EARNINGS_READ)
@writes
def statement_act(number: str) -> Any:
    """The acceptance act."""
    return _handed_out(_statement(number), PaperKind.ACT)


@pages.get("/statements/<number>/self-billing.pdf")
@requires(Permission.EARNINGS_READ)
@writes
def statement_self_billing(number: str) -> Any:
    """The self-billing invoice."""
    return _handed_out(_statement(number), PaperKind.SELF_BILLING)


def _handed_out(statement: Statement, kind: PaperKind) -> Response:
    """The paper as it was made. That a partner fetched something of the statement is written down the first time."""
    query = sa.select(StatementPaper).where(
        StatementPaper.statement_id == statement.id, StatementPaper.kind == kind
    )
    paper: StatementPaper = session.scalar(query) or abort(404)
    answer = Response(paper_bytes(paper), mimetype="application/pdf")
    if partner_of(signed_in_user()) is not None:
        operations.mark_received(statement, by=signed_in_user())
    answer.headers["Content-Disposition"] = f'attachment; filename="{paper.number}.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@pages.post("/statements/<number>/papers")
@requires(Permission.EARNINGS_READ)
def statement_papers(number: str) -> Any:
    """Makes what belongs to the statement and was waiting for something."""
    made = make_papers(_statement(number), by=signed_in_user())
    if made:
        flash(ngettext("One paper was made.", "%(num)s papers were made.", len(made)), "good")
    else:
        flash(_("There is nothing to make."), "info")
    return redirect(url_for("commissions.statement", number=number))
