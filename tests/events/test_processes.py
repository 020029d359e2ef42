"""Eight real processes on one database: no allocation overdrawn, no receipt paid twice, no host too many.

SOAK=full makes it long.
"""

import multiprocessing
import os
import secrets
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from core import storage
from core.clock import frozen_at
from core.database import current_database, session, transaction
from core.errors import InvalidInput, Refusal
from core.settings import change_setting
from core.uploads import check_file
from events import operations
from events.models import Allocation, ClaimLine, FundingClaim, FundingRequest, Receipt, RequestStatus
from events.settings import HOSTS_PER_COUNTRY
from tests.cast import a_partner
from tests.conftest import MONDAY_MORNING
from tests.events import cast

pytestmark = pytest.mark.soak

PROCESSES = 8
EACH = 40 if os.environ.get("SOAK") == "full" else 4

Deed = Callable[[int, int], None]


def _runner(app: Any, deed: Deed, number: int, at: Any, barrier: Any, answers: Any) -> None:
    """One process: its deeds, each in a transaction of its own, as soon as all eight are ready."""
    ended: Counter[str] = Counter()
    # The storage library's own threads do not live on in a forked process; where files lie is not what races here.
    storage.keep = lambda content, *, folder: f"{folder}/{secrets.token_urlsafe(24)}"
    with app.app_context(), frozen_at(at):
        current_database().engine.dispose(close=False)
        barrier.wait()
        for turn in range(EACH):
            ended[_outcome(deed, number, turn)] += 1
    answers.put(ended)


def _outcome(deed: Deed, number: int, turn: int) -> str:
    """``done``, the kind of refusal, or what broke. Whom the database chose to end a deadlock tries again."""
    for _try in range(8):
        try:
            with transaction():
                deed(number, turn)
        except (Refusal, InvalidInput) as no:
            return type(no).__name__
        except OperationalError:
            continue
        except Exception as broken:
            return repr(broken)
        return "done"
    return "never its turn"


def _eight(app: Any, deed: Deed, at: Any) -> Counter[str]:
    with app.app_context():
        current_database().engine.dispose()
    context = multiprocessing.get_context("fork")
    barrier, answers = context.Barrier(PROCESSES), context.Queue()
    crew = [
        context.Process(target=_runner, args=(app, deed, number, at, barrier, answers), daemon=True)
        for number in range(PROCESSES)
    ]
    for one in crew:
        one.start()
    together = sum((answers.get(timeout=100) for _one in crew), Counter())
    for one in crew:
        one.join(timeout=30)
        assert one.exitcode == 0
    return together


def _programme(*names: str) -> list[Any]:
    from partners import operations as partners

    partners.set_up_programme(by=None)
    return [a_partner(name) for name in names]


def test_eight_processes_never_overdraw_an_allocation(own_app):
    """Approvals and withdrawals of 300 each race for 1,000: what is reserved is always what stands at the requests."""
    with own_app.app_context(), frozen_at(MONDAY_MORNING), transaction():
        (acme,) = _programme("Acme")
        allocation_id = cast.an_allocation(amount=1_000).id
        wanted = [
            [cast.a_submitted_request(acme, title=f"{number}.{turn}").id for turn in range(EACH)]
            for number in range(PROCESSES)
        ]

    def approve_or_withdraw(number: int, turn: int) -> None:
        request = session.get_one(FundingRequest, wanted[number][turn])
        allocation = session.get_one(Allocation, allocation_id)
        operations.approve_request(request, allocation, amount_minor=300, by=None)
        if (number + turn) % 2:
            operations.withdraw_request(request, by=None)

    ended = _eight(own_app, approve_or_withdraw, MONDAY_MORNING)
    assert sum(ended.values()) == PROCESSES * EACH
    with own_app.app_context(), transaction():
        row = session.get_one(Allocation, allocation_id)
        promised = session.scalars(sa.select(FundingRequest.reserved_minor)).all()
        assert row.reserved_minor == sum(promised) == 900
        assert row.paid_minor == 0


@pytest.mark.parametrize("known_by", ["file", "tax number", "name"])
def test_eight_partners_claim_one_receipt_at_once_and_one_gets_it(own_app, known_by):
    with own_app.app_context(), frozen_at(MONDAY_MORNING), transaction():
        firms = _programme(*(f"Firm {number}" for number in range(PROCESSES)))
        allocation = cast.an_allocation()
        requests = [cast.an_approved_request(firm, allocation=allocation, amount=1_000) for firm in firms]
        over = max(one.ends_at for one in requests)
        numbers = [one.id for one in requests]
    with own_app.app_context(), frozen_at(over), transaction():
        claims = [operations.start_claim(session.get_one(FundingRequest, one), by=None).id for one in numbers]

    def claim(number: int, turn: int) -> None:
        own = f"{number}-{turn}" if known_by != "file" else "same"
        values = {
            "kind": "room",
            "supplier": "Hotel Adler" if known_by == "name" else f"Hotel {number}",
            "supplier_tax_id": f"DE{turn}" if known_by == "tax number" else "",
            "number": str(turn) if known_by != "file" else f"{number}-{turn}",
            "dated_on": over.date(),
            "currency": "EUR",
            "gross_minor": 100,
        }
        shade = 10 + turn if own == "same" else 60 + number * EACH + turn
        file = check_file(cast.a_picture(shade, size=(60 + shade, 40)), "receipt.png")
        row = session.get_one(FundingClaim, claims[number])
        operations.save_line(row, values, file=file, by=None)

    ended = _eight(own_app, claim, over)
    assert ended == {"done": EACH, "InvalidInput": (PROCESSES - 1) * EACH}
    with own_app.app_context(), transaction():
        assert session.scalar(sa.select(sa.func.count()).select_from(ClaimLine)) == EACH
        assert session.scalar(sa.select(sa.func.count()).select_from(Receipt)) == EACH


def test_eight_processes_approve_one_claim_and_it_is_owed_once(own_app):
    from commissions.models import Entry

    with own_app.app_context(), frozen_at(MONDAY_MORNING), transaction():
        (acme,) = _programme("Acme")
        request = cast.an_approved_request(acme, activity=cast.Activity.MAILING, amount=40_000)
        over, request_id = request.ends_at, request.id
    with own_app.app_context(), frozen_at(over), transaction():
        claim = operations.start_claim(session.get_one(FundingRequest, request_id), by=None)
        cast.a_line(claim)
        file = check_file(cast.a_picture(40), "copy.png")
        operations.add_proof(claim, cast.ProofKind.COPY, file=file, by=None)
        operations.submit_claim(claim, by=None)
        claim_id, version, amount = claim.id, claim.version, 40_000

    def approve(_number: int, _turn: int) -> None:
        row = session.get_one(FundingClaim, claim_id)
        operations.approve_claim(row, version=version, amount_minor=amount, by=None)

    assert _eight(own_app, approve, over) == {"done": 1, "Refusal": PROCESSES * EACH - 1}
    with own_app.app_context(), transaction():
        assert list(session.scalars(sa.select(Entry.amount_minor))) == [40_000]
        assert session.scalar(sa.select(Allocation.paid_minor)) == 40_000


def test_eight_approvals_at_once_make_no_more_hosts_than_the_country_may_have(own_app):
    """Each process approves requests of a firm of its own; the country may have three hosts."""
    with own_app.app_context(), frozen_at(MONDAY_MORNING), transaction():
        firms = _programme(*(f"Firm {number}" for number in range(PROCESSES)))
        allocation_id = cast.an_allocation().id
        wanted = [
            [cast.a_submitted_request(firm, title=f"Event {turn}").id for turn in range(EACH)]
            for firm in firms
        ]
        change_setting(HOSTS_PER_COUNTRY, "3", by=None)

    def approve(number: int, turn: int) -> None:
        request = session.get_one(FundingRequest, wanted[number][turn])
        allocation = session.get_one(Allocation, allocation_id)
        operations.approve_request(request, allocation, amount_minor=1, by=None)

    assert _eight(own_app, approve, MONDAY_MORNING) == {"done": 3 * EACH, "Refusal": (PROCESSES - 3) * EACH}
    with own_app.app_context(), transaction():
        hosts = sa.select(FundingRequest.partner_id).where(FundingRequest.status == RequestStatus.APPROVED)
        assert len(set(session.scalars(hosts))) == 3
