"""The nightly tier evaluation and the scorecards of the whole network, against the five minutes they may take."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from accounts import operations as accounts
from accounts import queries as accounts_queries
from accounts.permissions import Role
from bench.measure import Figure
from core import clock, jobs
from core.database import session, transaction
from partners import operations
from partners.models import Partner, TierDryRun, TierRules, TierRun
from partners.queries.measures import measures
from referrals.operations.sales import record_sale

MINUTES = 5
_ADMIN = "tiers@bench.example"
_SALES_A_FIRM = 8
_YEAR: dict[str, Any] = {"window": "rolling", "days": 365}


def measure(app: Flask) -> list[Figure]:
    """Evaluates every firm of the database against seven requirements, over eight sales of two lines each.

    Every step is a transaction of its own, as the worker takes them.
    """
    with app.app_context():
        with transaction():
            firms, branches, rules = _prepare()
        with transaction():
            admin = accounts_queries.user_by_email(_ADMIN)
            run = operations.ask_dry_run(session.get_one(TierRules, rules), by=admin).id
        tried = _steps(lambda after: operations.try_some(session.get_one(TierDryRun, run), after=after))
        with transaction():
            draft = session.get_one(TierRules, rules)
            operations.publish_rules(
                draft, note="The rules of the bench.", by=accounts_queries.user_by_email(_ADMIN)
            )
        first, moved = _a_night()
        later, _moved = _a_night()
        scores = [_timed(lambda one=measure: operations.keep_scores_of(one)) for measure in measures()]
    lines = firms * _SALES_A_FIRM * 2
    about = f"{firms:,} firms, {branches:,} of them branches, 7 requirements, {lines:,} sale lines"
    return [
        *_within(f"tier evaluation, the night {moved:,} firms move or are warned ({about})", first),
        *_within(f"tier evaluation, a usual night ({about})", later),
        *_within(f"dry run of a draft ({about})", tried),
        *_within(f"scorecards of all firms ({about})", scores),
    ]


def _prepare() -> tuple[int, int, int]:
    """(firms, branches, number of the draft of the rules)."""
    firms = session.scalar(sa.select(sa.func.count()).select_from(Partner)) or 0
    _sell()
    branches = _branch_off()
    admin = accounts.make_user(
        email=_ADMIN,
        name="Bench Tiers",
        role=Role.PROGRAMME_ADMIN,
        locale="en",
        password="x" * 14,
    )
    rules = operations.begin_draft(by=admin)
    for tier, code, value, more in (
        ("silver", "total_revenue", 100_000, _YEAR),
        ("silver", "active_customers", 1, _YEAR),
        ("gold", "licence_revenue", 1_500_000, _YEAR),
        ("gold", "total_revenue", 2_500_000, {"window": "year"}),
        ("gold", "certified_people", 2, {}),
        ("platinum", "licence_revenue", 5_000_000, _YEAR),
        ("platinum", "renewals_rate", 8_000, _YEAR),
    ):
        operations.save_requirement(rules, tier=tier, measure=code, value=value, by=admin, **more)
    return firms, branches, rules.id


def _a_night() -> tuple[list[float], int]:
    """How long each lot of firms took, and of how many firms something followed."""
    with transaction():
        begun = operations.begin_evaluation()
        assert begun is not None
        number = begun.id
    taken = _steps(lambda after: operations.evaluate_some(session.get_one(TierRun, number), after=after))
    with transaction():
        run = session.get_one(TierRun, number)
        return taken, run.promoted + run.demoted + run.warned


def _timed(deed: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    with transaction():
        deed()
    return time.perf_counter() - begun


def _steps(step: Callable[[int], int | None]) -> list[float]:
    """Takes a step after the other to the end, each in its transaction; answers the seconds of each."""
    taken: list[float] = []
    reached: list[int | None] = [0]
    while reached[-1] is not None:
        after = reached[-1]
        taken.append(_timed(lambda last=after: reached.append(step(last))))
    return taken


def _within(what: str, taken: list[float]) -> list[Figure]:
    """All of it within the five minutes of a night, and each job of it well within the lease of a job."""
    allowed, lease = MINUTES * 60, jobs.LEASE.total_seconds() / 10
    whole, longest = sum(taken), max(taken)
    return [
        Figure(
            what, f"{whole:,.1f} s", f"{allowed} s", f"{whole / allowed:.2f} ×", "≤ 1 ×", whole <= allowed
        ),
        Figure(
            f"the longest of its {len(taken)} jobs, against a tenth of a lease",
            f"{longest:,.2f} s",
            f"{lease:,.0f} s",
            f"{longest / lease:.2f} ×",
            "≤ 1 ×",
            longest <= lease,
        ),
    ]


def _branch_off() -> int:
    """Every twentieth firm is a branch of the one before it; answers how many that are."""
    firms = session.scalars(sa.select(Partner.id).order_by(Partner.id)).all()
    pairs = {firms[place]: firms[place - 1] for place in range(19, len(firms), 20)}
    for branch, parent in pairs.items():
        session.execute(sa.update(Partner).where(Partner.id == branch).values(parent_id=parent))
    return len(pairs)


def _sell() -> None:
    """One sale by the operation, then copies of it for every firm, spread over two years, by SQL."""
    firm = session.scalars(sa.select(Partner).order_by(Partner.id).limit(1)).one()
    moment = clock.now() - timedelta(days=3)
    record_sale(
        {
            "external_id": "tiers-1", "occurred_at": moment, "received_at": moment, "currency": "EUR",
            "customer": {"name": "Tiers GmbH", "country": "DE"}, "type": "new", "billed_by": "vendor",
            "paid": "full", "partner_id": str(firm.id),
            "lines": [
                {"kind": "licence", "quantity": 1, "unit_amount_minor": 250_000},
                {"kind": "training", "quantity": 1, "unit_amount_minor": 90_000},
            ],
        },
        by=None,
    )  # fmt: skip
    session.flush()
    session.execute(_COPY_SALES, {"each": _SALES_A_FIRM})
    session.execute(_COPY_LINES)
    session.execute(sa.text("ANALYZE referrals_sale"))
    session.execute(sa.text("ANALYZE referrals_sale_line"))


_COLUMNS = (
    "source, external_id, invoice, customer_id, partner_id, deal_id, type, billed_by, currency, occurred_at, "
    "received_at, plan_code, referral_code, paid, paid_minor, total_minor, metadata, status, attribution_source, "
    "attribution, held_because"
)
_COPY_SALES = sa.text(
    f"INSERT INTO referrals_sale ({_COLUMNS}) "
    "SELECT s.source, 'tiers-' || p.id || '-' || n, NULL, s.customer_id, p.id, NULL, "
    "CASE WHEN n % 3 = 0 THEN 'renewal' ELSE 'new' END, s.billed_by, s.currency, "
    "s.occurred_at - make_interval(days => ((p.id * 7 + n * 89) % 700)::int), s.received_at, NULL, NULL, s.paid, NULL, "
    "s.total_minor, s.metadata, s.status, s.attribution_source, s.attribution, NULL "
    "FROM referrals_sale s, partners_partner p, generate_series(1, :each) n WHERE s.external_id = 'tiers-1'"
)
_LINE = (
    "position, kind, product, description, quantity, unit_amount_minor, discount_minor, credit_minor, tax_minor, "
    "cost_minor"
)
_COPY_LINES = sa.text(
    f"INSERT INTO referrals_sale_line (sale_id, {_LINE}) "
    "SELECT t.id, l.position, l.kind, l.product, l.description, l.quantity, l.unit_amount_minor, l.discount_minor, "
    "l.credit_minor, l.tax_minor, l.cost_minor FROM referrals_sale t, referrals_sale s JOIN referrals_sale_line l "
    "ON l.sale_id = s.id WHERE s.external_id = 'tiers-1' AND t.external_id LIKE 'tiers-%-%'"
)
