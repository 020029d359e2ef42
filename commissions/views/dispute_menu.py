"""Where disputes show outside their own pages: the menu, what waits, lines, statements, plan versions."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from flask import url_for
from markupsafe import Markup

from accounts.access import visitor
from accounts.models import User
from accounts.permissions import Permission
from commissions import wording
from commissions.models import DisputeStatus, Entry, PlanVersion, Statement
from commissions.queries import disputes as asked
from core import clock, navigation
from core.database import session
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.slots import fills, rendered
from core.waiting import Waiting, waits
from partners.queries import partner_of


def init_app() -> None:
    places: dict[str, Any] = {"icon": "chat-left-quote", "group": "money"}
    for entry in (
        navigation.Entry(
            _l("Disputes"),
            "commissions.disputes",
            permission=Permission.DISPUTES_OPEN,
            order=45,
            audience="partner",
            **places,
        ),
        navigation.Entry(
            _l("Disputes"),
            "commissions.staff_disputes",
            permission=Permission.DISPUTES_DECIDE,
            order=46,
            audience="staff",
            count=disputes_that_wait,
            due=True,
            **places,
        ),
    ):
        navigation.add(entry)


def disputes_that_wait(person: User) -> sa.Select[Any]:
    """The disputes that this person should decide."""
    return asked.disputes_to_decide(person)


@waits
def disputes_to_act_on(person: User) -> Iterable[Waiting]:
    """Unanswered ones by their clocks, then those that wait for a decision."""
    if not person.may(Permission.DISPUTES_DECIDE):
        return
    for found in session.scalars(asked.with_lines(asked.disputes_to_decide(person)).limit(20)):
        yield Waiting(
            _(
                "%(partner)s disputes: %(line)s",
                partner=found.partner.name,
                line=wording.title_of(found.entry),
            ),
            found.entry.rule,
            url_for("commissions.dispute", dispute_id=found.id),
            _("Answer") if found.status is DisputeStatus.OPEN else _("Decide"),
            "chat-left-quote",
            found.answer_due_at,
        )


@fills("commissions.line.aside", order=20)
def dispute_at_a_line(entry: Entry, **_more: Any) -> Markup | None:
    """At a line: its dispute, or how long it can be disputed."""
    person = visitor()
    if person is None:
        return None
    known = asked.dispute_of_line(entry) or asked.dispute_that_made(entry)
    firm = partner_of(person)
    is_theirs = firm is not None and firm.id == entry.partner_id
    may_open = is_theirs and person.may(Permission.DISPUTES_OPEN) and known is None
    if known is None and not may_open:
        return None
    until = asked.can_be_disputed_until(entry) if may_open else None
    return rendered(
        "commissions/disputes/_at_a_line.html",
        entry=entry,
        dispute=known,
        until=until,
        is_over=until is not None and clock.now() > until,
    )


@fills("commissions.plan_version.main", order=20)
def disputes_of_a_version(version: PlanVersion, **_more: Any) -> Markup | None:
    """Which rules were disputed, and who was right."""
    found = asked.disputes_by_rule(version)
    return rendered("commissions/disputes/_by_rule.html", found=found) if found else None


@fills("commissions.statement.main", order=20)
def disputes_of_a_statement(statement: Statement, **_more: Any) -> Markup | None:
    """The disputes about lines of a statement, and what became of them."""
    found = asked.disputes_on_statement(statement)
    if not found:
        return None
    lines = [
        (line, found[line["entry_id"]])
        for line in statement.content["lines"]
        if line.get("entry_id") in found
    ]
    return rendered("commissions/disputes/_on_a_statement.html", statement=statement, lines=lines)
