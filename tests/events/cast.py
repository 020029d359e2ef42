"""What the tests of events are about: money set aside, requests, events, guests, receipts, claims."""

import io
from datetime import date, datetime, timedelta
from typing import Any

from core import clock
from core.database import session
from core.uploads import check_file
from events import operations
from events.models import Activity, Allocation, Budget, FundingClaim, FundingRequest, ProofKind, Registration
from events.queries.claims import computed


def a_budget(amount: int = 2_000_000, currency: str = "EUR", **about: Any) -> Budget:
    """Money for this year's events."""
    about = {"name": "Events 2026", "starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31), **about}
    return operations.make_budget(amount_minor=amount, currency=currency, by=None, **about)


def an_allocation(partner: Any = None, amount: int = 1_000_000, budget: Budget | None = None) -> Allocation:
    """A part of a budget, for one partner or open to all."""
    return operations.make_allocation(
        budget or a_budget(), amount_minor=amount, expires_on=date(2026, 12, 31), partner=partner, by=None
    )


def a_draft(
    for_: Any,
    *,
    starts_at: datetime | None = None,
    costs: tuple[tuple[str, int], ...] = (("room", 200_000), ("catering", 100_000)),
    by: Any = None,
    **about: Any,
) -> FundingRequest:
    """A request that only has to be submitted."""
    starts_at = starts_at or clock.now() + timedelta(days=30)
    values = {
        "activity": Activity.SEMINAR,
        "title": "Cloud breakfast",
        "city": "Berlin",
        "country": "DE",
        "venue": "Hall 4",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=3),
        "time_zone": "Europe/Berlin",
        "language": "de",
        "goal": "Show the cloud to local manufacturers",
        "expected_guests": 40,
        "expected_leads": 8,
        "seats": None,
        "currency": "EUR",
        "own_share_minor": 0,
        "co_hosts": [],
        **about,
    }
    lines = [{"kind": kind, "amount_minor": amount} for kind, amount in costs]
    return operations.save_request(for_, values, lines, by=by)


def a_submitted_request(for_: Any, **about: Any) -> FundingRequest:
    """A request that waits for the vendor."""
    request = a_draft(for_, **about)
    operations.submit_request(request, by=None)
    return request


def an_approved_request(
    for_: Any, *, amount: int = 150_000, allocation: Allocation | None = None, **about: Any
) -> FundingRequest:
    """A request with money reserved and its event planned."""
    request = a_submitted_request(for_, **about)
    operations.approve_request(request, allocation or an_allocation(), amount_minor=amount, by=None)
    return request


def a_guest(event: Any, name: str = "Greta Guest", *, agrees: bool = True, **about: Any) -> Registration:
    """Somebody who registered."""
    first = name.split(maxsplit=1)[0].lower()
    about = {"email": f"{first}@globex.example", "company": "Globex", **about}
    return operations.register_guest(event, name=name, agrees=agrees, **about)


def a_picture(shade: int = 120, *, kind: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    """The file of a small picture; another ``shade`` is another file."""
    from PIL import Image

    image = Image.new("RGB", size, (shade % 256, 90, 160))
    for column in range(size[0] // 2):
        image.putpixel((column, (column * shade) % size[1]), (255, 255, 255))
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def a_photo(kind: str, size: tuple[int, int]) -> bytes:
    """The file of a picture that looks the same in every size."""
    from PIL import Image

    out = io.BytesIO()
    Image.radial_gradient("L").rotate(20).resize(size).convert("RGB").save(out, kind)
    return out.getvalue()


def a_pdf(words: str = "Invoice", **parts: Any) -> bytes:
    """The file of a one-page PDF."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": words})
    for change in parts.values():
        change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def a_held_request(for_: Any, time: Any, **about: Any) -> FundingRequest:
    """An approved request whose event is over, with one guest checked in; the clock stands on the day after it."""
    request = an_approved_request(for_, **about)
    guest = a_guest(request.event) if request.event.is_public else None
    time.move_to(request.starts_at)
    if guest is not None:
        operations.check_in(guest, by=None)
    time.move_to(request.ends_at + timedelta(days=1))
    return request


def a_line(
    claim: FundingClaim, *, number: str = "R-1", shade: int = 120, receipt: bool = True, **about: Any
) -> Any:
    """A cost with its receipt: 1,190.00 with 190.00 of tax in it."""
    values = {
        "kind": "room",
        "description": "Hall",
        "supplier": "Hotel Adler",
        "supplier_tax_id": "DE811907980",
        "number": number,
        "dated_on": clock.now().date() - timedelta(days=1),
        "currency": "EUR",
        "gross_minor": 119_000,
        "tax_minor": 19_000,
        "excluded_minor": 0,
        "excluded_because": "",
        **about,
    }
    file = check_file(a_picture(shade), f"{number}.png") if receipt else None
    return operations.save_line(claim, values, file=file, by=None)


def a_complete_claim(for_: Any, time: Any, **about: Any) -> FundingClaim:
    """A claim that only has to be submitted: 2,000.00 of eligible cost, so 1,000.00 at 50 %."""
    request = a_held_request(for_, time, **about)
    claim = operations.start_claim(request, by=None)
    a_line(claim, number="R-1", shade=11)
    a_line(claim, number="R-2", shade=12)
    for kind in (ProofKind.AGENDA, ProofKind.PHOTOS):
        operations.add_proof(claim, kind, file=check_file(a_picture(40), "proof.png"), by=None)
    session.flush()
    return claim


def a_submitted_claim(for_: Any, time: Any, **about: Any) -> FundingClaim:
    """A claim that waits for the vendor."""
    claim = a_complete_claim(for_, time, **about)
    operations.submit_claim(claim, by=None)
    return claim


def approve(claim: FundingClaim, *, by: Any = None) -> None:
    """Approves what the claim comes to."""
    operations.approve_claim(claim, version=claim.version, amount_minor=computed(claim).amount_minor, by=by)
