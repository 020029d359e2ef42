"""What commissions' payouts add to the menu, to what waits for people, and to other domains' pages."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from flask import url_for
from markupsafe import Markup

from accounts.models import User
from accounts.permissions import Permission
from commissions.models import Payout, PayoutRun, PayoutStatus, PlanVersion, RunStatus
from commissions.queries.earnings import balances
from commissions.queries.payouts import profile_of
from core import navigation
from core.database import session
from core.i18n import format_money, gettext, lazy_gettext
from core.navigation import Entry
from core.slots import fills, rendered
from core.waiting import Waiting, waits
from partners.models import Partner
from partners.queries import partner_of

_L = lazy_gettext


def init_app() -> None:
    for entry in (
        _partners(
            _L("Earnings"), "earnings", "cash-stack", Permission.EARNINGS_READ, order=40, on_phone=True
        ),
        _partners(_L("Payouts"), "payouts", "bank", Permission.EARNINGS_READ, order=42),
        _partners(_L("Statements"), "statement_list", "file-text", Permission.EARNINGS_READ, order=44),
        _partners(_L("Payout details"), "payout_profile", "credit-card", Permission.PROFILE_MANAGE, order=46),
        _staffs(
            _L("Earnings"),
            "staff_earnings",
            "cash-stack",
            Permission.BALANCES_READ,
            order=40,
            also=("/statements",),
        ),
        _staffs(
            _L("Payouts"),
            "staff_payouts",
            "bank",
            Permission.RUNS_READ,
            order=42,
            count=runs_that_wait,
            due=True,
            on_phone=True,
        ),
        _staffs(_L("Books"), "books", "journal-check", Permission.LEDGER_READ, order=48),
        _staffs(
            _L("Proofs"),
            "proofs",
            "patch-check",
            Permission.LEDGER_READ,
            order=49,
            also=("/staff/recomputations",),
        ),
        _partners(_L("How you earn"), "plan", "calculator", Permission.PLANS_READ, order=47),
        Entry(
            _L("Plans"),
            "commissions.plans",
            "calculator",
            Permission.PLANS_READ,
            group="programme",
            order=63,
            audience="staff",
        ),
    ):
        navigation.add(entry)


def _partners(label: Any, endpoint: str, icon: str, permission: Permission, **how: Any) -> Entry:
    return Entry(label, f"commissions.{endpoint}", icon, permission, group="money", audience="partner", **how)


def _staffs(label: Any, endpoint: str, icon: str, permission: Permission, **how: Any) -> Entry:
    return Entry(label, f"commissions.{endpoint}", icon, permission, group="money", audience="staff", **how)


def runs_that_wait(person: User) -> sa.Select[PayoutRun] | None:
    """The runs that wait for this person's role."""
    states = _states_waiting_for(person)
    return sa.select(PayoutRun).where(PayoutRun.status.in_(states)) if states else None


def _states_waiting_for(person: User) -> list[RunStatus]:
    if person.may(Permission.RUNS_APPROVE):
        return [RunStatus.PROPOSED]
    if person.may(Permission.RUNS_PROPOSE):
        return [RunStatus.DRAFT, RunStatus.APPROVED, RunStatus.SENDING, RunStatus.PARTLY_SENT]
    return []


_VERBS = {
    RunStatus.DRAFT: (_L("was sent back"), _L("Look at it again")),
    RunStatus.PROPOSED: (_L("waits for a second person"), _L("Look and approve")),
    RunStatus.APPROVED: (_L("is approved and not sent yet"), _L("Send it")),
    RunStatus.SENDING: (_L("is being sent"), _L("Write down what the bank did")),
    RunStatus.PARTLY_SENT: (_L("has payouts that are open or failed"), _L("Look at them")),
}


@waits
def runs_to_act_on(person: User) -> Iterable[Waiting]:
    """Payout runs whose next step is this person's."""
    states = _states_waiting_for(person)
    if not states:
        return
    runs = session.scalars(
        sa.select(PayoutRun).where(PayoutRun.status.in_(states)).order_by(PayoutRun.id).limit(20)
    )
    for run in runs:
        what, verb = _VERBS[run.status]
        yield Waiting(
            gettext(
                "Payout run %(number)s, %(sum)s",
                number=run.id,
                sum=format_money(run.total_minor, run.currency),
            ),
            str(what),
            url_for("commissions.run", run_id=run.id),
            str(verb),
            "bank",
            run.proposed_at if run.status is RunStatus.PROPOSED else None,
        )


@waits
def failed_payouts(person: User) -> Iterable[Waiting]:
    """Payouts that failed and wait for finance to decide."""
    if not person.may(Permission.RUNS_PROPOSE):
        return
    rows = session.scalars(
        sa.select(Payout)
        .where(Payout.status == PayoutStatus.FAILED, Payout.released_at.is_(None))
        .options(sa.orm.joinedload(Payout.partner))
        .order_by(Payout.id)
        .limit(20)
    )
    for payout in rows:
        yield Waiting(
            gettext(
                "Payout to %(partner)s failed, %(sum)s",
                partner=payout.partner.name,
                sum=format_money(payout.amount_minor, payout.currency),
            ),
            payout.reason or "",
            url_for("commissions.staff_payout", payout_id=payout.id),
            gettext("Decide"),
            "exclamation-triangle-fill",
            payout.failed_at,
        )


@waits
def plan_to_publish(person: User) -> Iterable[Waiting]:
    """For whoever writes plans, on the first days: without a published one no sale earns anything."""
    if not person.may(Permission.PLANS_WRITE):
        return
    published = sa.select(sa.exists().where(PlanVersion.published_at.is_not(None)))
    if not session.scalar(published):
        yield Waiting(
            gettext("Publish a plan"),
            gettext("Until then no sale earns anything and the calculator stays closed."),
            url_for("commissions.plans"),
            gettext("Begin"),
            "calculator",
        )


@waits
def payout_details_to_complete(person: User) -> Iterable[Waiting]:
    """A firm that earned something and cannot be paid."""
    firm = partner_of(person) if person.may(Permission.PROFILE_MANAGE) else None
    if firm is None:
        return
    profile = profile_of(firm)
    if profile is not None and not profile.missing:
        return
    owed = [balance for balance in balances(firm) if balance.total_minor > 0]
    if owed:
        yield Waiting(
            gettext("Say where your money goes"),
            gettext(
                "%(sum)s cannot be paid until you do.",
                sum=format_money(owed[0].total_minor, owed[0].currency),
            ),
            url_for("commissions.payout_profile"),
            gettext("Fill in the details"),
            "credit-card",
        )


@fills("partners.partner.aside", order=40)
def partner_balance(partner: Partner, **_: Any) -> Markup | None:
    """On the vendor's page of a partner: what is owed, with a link to the lines."""
    page = "commissions/payouts/staff/_partner_balance.html"
    return rendered(page, partner=partner, balances=balances(partner))
