"""Our payouts against the other side's own books: Stripe's transfers, and the statements that a bank gives."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from commissions.gateways import Outcome, Result, stripe
from commissions.gateways.statements import UnreadableStatement, read_statement
from commissions.models import (
    BankLine,
    BankStatement,
    Payout,
    PayoutMethod,
    PayoutStatus,
    StatementFormat,
    StripeComparison,
)
from commissions.operations import payouts
from commissions.operations.payouts.results import need_finance
from commissions.queries.bank import last_comparison
from commissions.queries.payouts import payout_of_group
from commissions.reconciling import Finding, Ours, Theirs, Verdict, compare, from_json
from commissions.signals import BankStatementRead
from core import clock
from core.bulk import portions
from core.database import outside, session
from core.errors import Refusal
from core.i18n import gettext as _
from core.signals import announce

COMPARE_JOB = "commissions.compare-with-stripe"
_MOST_KEPT = 500
_SETTLES = (PayoutStatus.SENDING, PayoutStatus.UNKNOWN, PayoutStatus.FAILED)
# How long a bank may take before what it should have carried out counts as missing.
_BANK_TAKES = timedelta(days=5)


def compare_with_stripe(*, days: int = 35) -> list[Finding]:
    """Compares the last ``days``. A payout whose result was unknown and that Stripe knows is settled on the way.

    Raises TryAgain when Stripe does not answer.
    """
    if not stripe.is_set_up():
        return []
    since = clock.now() - timedelta(days=days)
    with outside():
        transfers = stripe.transfers_since(since - timedelta(days=2))
    return settle_by_transfers(transfers, days=days)


def settle_by_transfers(transfers: Iterable[dict[str, Any]], *, days: int) -> list[Finding]:
    """The comparison itself, once Stripe has answered."""
    since = clock.now() - timedelta(days=days)
    theirs = [
        Theirs(
            transfer["id"],
            transfer["amount_minor"],
            transfer["currency"],
            payout_of_group(transfer["group"]),
            where=transfer["account"] or "",
            came_back=transfer["is_reversed"],
        )
        for transfer in transfers
    ]
    recent = sa.or_(
        Payout.paid_at >= since, Payout.status.in_(_SETTLES), Payout.status == PayoutStatus.REVERSED
    )
    rows = _payouts(PayoutMethod.STRIPE, recent, [one.payout_id for one in theirs])
    expected = [
        payout.id for payout in rows.values() if payout.status is PayoutStatus.PAID and payout.paid_at
    ]
    findings = compare({payout.id: _ours(payout) for payout in rows.values()}, theirs, expected)
    settled = []
    for finding in findings:
        if finding.verdict is Verdict.OPEN and finding.ours is not None and finding.theirs is not None:
            payouts.settle(rows[finding.ours.payout_id], Outcome(Result.SENT, finding.theirs.name), by=None)
            settled.append(Finding(Verdict.SETTLED, finding.ours, finding.theirs))
        else:
            settled.append(finding)
    _keep(settled, days)
    return settled


def _keep(findings: list[Finding], days: int) -> None:
    """What the reconciliation page shows until the next comparison."""
    session.add(
        StripeComparison(
            compared_at=clock.now(),
            days=days,
            counts=dict(Counter(str(finding.verdict) for finding in findings)),
            findings=[finding.as_json() for finding in findings if not finding.is_good][:_MOST_KEPT],
        )
    )
    session.flush()


def _payouts(
    method: PayoutMethod | None, recent: sa.ColumnElement[bool], named: Iterable[int | None]
) -> dict[int, Payout]:
    """Payouts that are recent or named, by id."""
    found: dict[int, Payout] = {}
    ids = sorted({payout_id for payout_id in named if payout_id is not None})
    wanted = [recent, *(Payout.id.in_(some) for some in portions(ids, 1000))]
    for condition in wanted:
        query = sa.select(Payout).where(condition, Payout.attempt > 0).options(joinedload(Payout.partner))
        if method is not None:
            query = query.where(Payout.method == method)
        found.update((payout.id, payout) for payout in session.scalars(query))
    return found


def _ours(payout: Payout) -> Ours:
    return Ours(
        payout.id,
        payout.partner.name,
        payout.net_minor,
        payout.currency,
        str(payout.status),
        payout.reference or "",
        where=str(payout.destination["account"]) if payout.method is PayoutMethod.STRIPE else "",
        is_released=payout.released_at is not None,
    )


def differences_at_stripe() -> list[str]:
    """What the last comparison with Stripe left open, a sentence each. The nightly job compares, and so can finance."""
    last = last_comparison()
    return [from_json(finding).said for finding in last.findings] if last is not None else []


def read_bank_statement(content: bytes, name: str, *, by: User) -> BankStatement:
    """Keeps the lines of a bank's statement, each file once. Refusal when it cannot be read or is here already."""
    need_finance(by)
    sha256 = hashlib.sha256(content).hexdigest()
    if session.scalar(sa.select(BankStatement.id).where(BankStatement.sha256 == sha256)) is not None:
        raise Refusal(_("This statement has been uploaded already."))
    try:
        read = read_statement(content)
    except UnreadableStatement as problem:
        raise Refusal(str(problem)) from problem
    statement = BankStatement(
        format=StatementFormat(read.format),
        name=name[:200],
        sha256=sha256,
        account=read.account[:64],
        starts_on=read.starts_on,
        ends_on=read.ends_on,
        uploaded_at=clock.now(),
        uploaded_by_name=by.name,
    )
    session.add(statement)
    session.flush()
    named = sorted({movement.payout_id for movement in read.movements if movement.payout_id is not None})
    known = set(_payouts(None, sa.false(), named))
    rows = [
        {
            "statement_id": statement.id,
            "number": number,
            "booked_on": movement.booked_on,
            "amount_minor": movement.amount_minor,
            "currency": movement.currency,
            "counterparty": movement.counterparty[:200],
            "counter_account": movement.counter_account[:64],
            "reference": movement.reference[:140],
            "key": movement.key,
            "text": movement.text,
            "payout_id": movement.payout_id if movement.payout_id in known else None,
        }
        for number, movement in enumerate(read.movements, 1)
    ]
    for some in portions(rows, 1000):
        session.execute(sa.insert(BankLine), some)
    announce(BankStatementRead(statement, by, lines=len(rows)))
    return statement


def compare_with_bank(*, days: int = 60) -> list[Finding]:
    """What the statements of the last ``days`` say against the payouts through files; reads only."""
    since = clock.now() - timedelta(days=days)
    lines = session.scalars(
        sa.select(BankLine)
        .where(BankLine.booked_on >= since.date(), BankLine.key != "")
        .order_by(BankLine.booked_on, BankLine.id)
    ).all()
    theirs = _payments(lines)
    overdue = sa.and_(
        Payout.sent_at >= since,
        Payout.sent_at <= clock.now() - _BANK_TAKES,
        Payout.status.in_((PayoutStatus.SENT, PayoutStatus.PAID)),
        Payout.method.not_in((PayoutMethod.STRIPE, PayoutMethod.MANUAL)),
    )
    rows = _payouts(None, overdue, [one.payout_id for one in theirs])
    ours = {payout.id: _ours(payout) for payout in rows.values()}
    has_statements = session.scalar(sa.select(BankStatement.id).limit(1)) is not None
    awaited = [
        payout.id
        for payout in rows.values()
        if payout.status in {PayoutStatus.SENT, PayoutStatus.PAID}
        and payout.sent_at is not None
        and payout.sent_at <= clock.now() - _BANK_TAKES
    ]
    return compare(ours, theirs, awaited if has_statements else [])


def _payments(lines: Iterable[BankLine]) -> list[Theirs]:
    """Movements that carry a key of ours: what went out, unless the same key came back later."""
    out: dict[str, Theirs] = {}
    for line in lines:
        number = line.key.split("-")[1]
        before = out.get(line.key)
        out[line.key] = Theirs(
            line.reference or line.key,
            abs(line.amount_minor),
            line.currency,
            line.payout_id if line.payout_id is not None else int(number),
            text=line.counterparty,
            came_back=line.amount_minor > 0 or (before is not None and before.came_back),
        )
    return list(out.values())


def settle_by_bank(*, days: int = 60, by: User) -> tuple[int, int]:
    """Marks what the bank's statements show as paid, and as returned; answers (paid, returned)."""
    need_finance(by)
    paid = returned = 0
    for finding in compare_with_bank(days=days):
        if finding.ours is None or finding.theirs is None:
            continue
        payout = session.get_one(Payout, finding.ours.payout_id)
        if finding.verdict is Verdict.OPEN and payout.status is PayoutStatus.SENT:
            payouts.mark_paid(payout, reference=finding.theirs.name, by=by)
            paid += 1
        elif finding.theirs.came_back and payout.status in {PayoutStatus.SENT, PayoutStatus.PAID}:
            payouts.fail_by_hand(payout, reason=_("The bank returned it."), by=by)
            returned += 1
    return paid, returned
