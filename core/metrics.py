"""What a monitoring system reads at ``/metrics``: how long pages take, what jobs do, and what waits.

Figures of pages and jobs are kept by each process. Where several serve (``flask run-portal``), they share a folder
(``PROMETHEUS_MULTIPROC_DIR``) and are added up when somebody asks; what waits is asked of the database then.
"""

import hmac
import os
import time
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from flask import Flask, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from core import clock, jobs, races
from core.bounces import Bounce
from core.database import session
from core.jobs import Job

_own = CollectorRegistry()

_REQUESTS = Histogram(
    "guildhall_request_seconds",
    "Time to answer, by view, method and class of status.",
    ["view", "method", "status"],
    registry=_own,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_JOBS = Counter(
    "guildhall_jobs", "Jobs carried out, by kind and outcome.", ["kind", "outcome"], registry=_own
)


_RACES = Counter(
    "guildhall_lost_races",
    "Requests and jobs that the database ended for another's sake, by reason, and what became of them.",
    ["where", "reason", "outcome"],
    registry=_own,
)


class _WhatWaits:
    """The gauges that the database answers, at the moment somebody asks."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        is_open = sa.and_(Job.finished_at.is_(None), Job.parked_at.is_(None))
        due = sa.and_(is_open, Job.run_at <= clock.now())
        waiting, oldest, parked = session.execute(
            sa.select(
                sa.func.count().filter(due),
                sa.func.min(Job.run_at).filter(due),
                sa.func.count().filter(Job.parked_at.is_not(None)),
            )
        ).one()
        bounced = session.scalar(sa.select(sa.func.count()).where(Bounce.settled_at.is_(None)))
        age = (clock.now() - oldest).total_seconds() if oldest is not None else 0
        for name, text, value in (
            ("guildhall_jobs_due", "Jobs that are due and not done.", waiting),
            ("guildhall_jobs_oldest_due_seconds", "How late the oldest of them is.", age),
            ("guildhall_jobs_parked", "Jobs that were given up and wait for somebody.", parked),
            ("guildhall_mail_bounced", "Refused mail that nobody has seen to.", bounced),
        ):
            yield GaugeMetricFamily(name, text, value=value or 0)


def text() -> bytes:
    """Every figure in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        kept = CollectorRegistry()
        MultiProcessCollector(kept)  # type: ignore[no-untyped-call]
    else:
        kept = _own
    asked = CollectorRegistry()
    asked.register(_WhatWaits())
    return generate_latest(kept) + generate_latest(asked)


def may_read(token: str) -> bool:
    """Whoever knows ``METRICS_TOKEN`` may; where none is set, only programs on this machine.

    Behind a proxy every visitor seems to come from this machine, so a forwarded request is nobody's.
    """
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        return hmac.compare_digest(given.encode(), token.encode())
    is_forwarded = "Forwarded" in request.headers or "X-Forwarded-For" in request.headers
    return request.remote_addr in {"127.0.0.1", "::1"} and not is_forwarded


def _count_job(kind: str, outcome: str) -> None:
    _JOBS.labels(kind, outcome).inc()


def _count_race(where: str, reason: str, outcome: str) -> None:
    _RACES.labels(where, reason, outcome).inc()


def init_app(app: Flask) -> None:
    if _count_race not in races.observers:
        races.observers.append(_count_race)
    if _count_job not in jobs.observers:
        jobs.observers.append(_count_job)

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def note(response: Any) -> Any:
        attempt = races.current_attempt()
        is_lost = attempt is not None and attempt.lost_by != ""
        if request.endpoint is not None and "began" in g and not is_lost:
            status = f"{response.status_code // 100}xx"
            _REQUESTS.labels(request.endpoint, request.method, status).observe(time.perf_counter() - g.began)
        return response
