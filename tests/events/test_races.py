"""Many at once: an allocation is never overdrawn, a receipt counts once, a seat is given once. Real commits."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa

from core.clock import frozen_at
from core.database import session, transaction
from core.errors import InvalidInput, Refusal
from core.uploads import check_file
from events import operations
from events.models import (
    Allocation,
    ClaimLine,
    Event,
    FundingClaim,
    FundingRequest,
    Registration,
    RegistrationStatus,
)
from tests.cast import a_partner
from tests.conftest import MONDAY_MORNING
from tests.events import cast

WORKERS = 8


def _all_at_once(app: Any, deeds: list[Any], at: Any = MONDAY_MORNING) -> Counter[str]:
    """Does every deed in a thread and transaction of its own; answers how each ended."""

    def carry_out(deed: Any) -> str:
        with app.app_context(), frozen_at(at):
            try:
                with transaction():
                    deed()
            except (Refusal, InvalidInput) as no:
                return type(no).__name__
            return "done"

    with ThreadPoolExecutor(WORKERS) as threads:
        return Counter(threads.map(carry_out, deeds))


def _programme() -> Any:
    from partners import operations as partners

    partners.set_up_programme(by=None)
    return a_partner("Acme")


def test_parallel_approvals_never_overdraw_an_allocation(own_app):
    with own_app.app_context(), frozen_at(MONDAY_MORNING), transaction():
        acme = _programme()
        allocation = cast.an_allocation(amount=1_000)
        wanted = [cast.a_submitted_request(acme, title=f"Number {number}").id for number in range(WORKERS)]
        allocation_id = allocation.id

    def approve(request_id: int) -> Any:
        return lambda: operations.approve_request(
            session.get_one(FundingRequest, request_id),
            session.get_one(Allocation, allocation_id),
            amount_minor=300,
            by=None,
        )

    assert _all_at_once(own_app, [approve(one) for one in wanted]) == {"done": 3, "Refusal": 5}
    with own_app.app_context(), transaction():
        row = session.get_one(Allocation, allocation_id)
        assert row.reserved_minor == 900


def test_one_receipt_in_many_claims_at_once_counts_once(own_app):
    with own_app.app_context(), frozen_at(MONDAY_MORNING), transaction():
        acme = _programme()
        allocation = cast.an_allocation()
        requests = [
            cast.an_approved_request(acme, title=f"Number {number}", allocation=allocation, amount=1_000)
            for number in range(WORKERS)
        ]
        over = max(one.ends_at for one in requests)
        numbers = [one.id for one in requests]
    with own_app.app_context(), frozen_at(over), transaction():
        claims = [operations.start_claim(session.get_one(FundingRequest, one), by=None).id for one in numbers]
    photo = check_file(cast.a_picture(3), "receipt.png")

    def claim(claim_id: int) -> Any:
        values = {
            "kind": "room", "supplier": f"Hotel {claim_id}", "number": "1", "dated_on": over.date(), "currency": "EUR",
            "gross_minor": 100,
        }  # fmt: skip
        return lambda: operations.save_line(
            session.get_one(FundingClaim, claim_id), values, file=photo, by=None
        )

    assert _all_at_once(own_app, [claim(one) for one in claims], over) == {
        "done": 1,
        "InvalidInput": WORKERS - 1,
    }
    with own_app.app_context(), transaction():
        assert session.scalar(sa.select(sa.func.count()).select_from(ClaimLine)) == 1


def test_the_last_seats_are_given_once(own_app):
    with own_app.app_context(), frozen_at(MONDAY_MORNING), transaction():
        event_id = cast.an_approved_request(_programme(), seats=3).event.id

    def register(number: int) -> Any:
        return lambda: operations.register_guest(
            session.get_one(Event, event_id),
            name="Guest",
            email=f"g{number}@globex.example",
            company="Globex",
        )

    assert _all_at_once(own_app, [register(one) for one in range(WORKERS)]) == {"done": WORKERS}
    with own_app.app_context(), transaction():
        states = Counter(session.scalars(sa.select(Registration.status)))
    assert states == {RegistrationStatus.REGISTERED: 3, RegistrationStatus.WAITLISTED: 5}
