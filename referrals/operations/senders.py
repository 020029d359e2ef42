"""Keeping from where leads are sent, and finding the partners whose people sit there."""

from collections.abc import Collection, Iterable
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network

from core import clock
from core.database import session, write_many_once
from core.signing import sign
from partners.models import Partner
from referrals.models.leads import Lead
from referrals.models.senders import LeadNeighbour, LeadSender
from referrals.queries.senders import (
    NEAR,
    a_while_ago,
    is_known_neighbour,
    senders_kept,
    senders_of,
    sign_ins_since,
)

_PURPOSE = "sender of a lead"
#: What a home or an office is given of IPv6; the rest of an address changes by the hour.
_HOUSEHOLD = 64
#: People of more firms than this share an address of a telephone company or a big office, which says nothing.
MOST_NEIGHBOURS = 5


def digest_of(address: str | None) -> str | None:
    """What is kept of an address: its network, digested under the portal's key.

    None for what is no address of the Internet: behind a proxy that tells nothing, everybody would be a neighbour.
    """
    try:
        found = ip_address((address or "").strip())
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if not found.is_global:
        return None
    if isinstance(found, IPv6Address):
        return sign(_PURPOSE, str(ip_network((found, _HOUSEHOLD), strict=False)))
    return sign(_PURPOSE, str(found))


def keep_sender(lead: Lead, address: str | None) -> None:
    """Keeps from where ``lead`` was sent."""
    digest = digest_of(address)
    if digest is not None:
        session.add(LeadSender(lead_id=lead.id, digest=digest, seen_at=lead.received_at))
        session.flush()


def is_neighbour(partner: Partner, lead_ids: Collection[int]) -> bool:
    """Whether one of these leads was sent from where the partner's people sign in."""
    if not lead_ids:
        return False
    if is_known_neighbour(partner, lead_ids):
        return True
    senders = senders_of(lead_ids)
    digests = {one.digest for one in senders}
    theirs = (
        {
            address
            for _id, address, _over_at in sign_ins_since(a_while_ago(), partner_id=partner.id)
            if digest_of(address) in digests
        }
        if senders
        else set()
    )
    if not theirs:
        return False
    seats = _seats(sign_ins_since(a_while_ago(), addresses=theirs))
    return any(partner.id in _near(one, seats) for one in senders)


def find_neighbours() -> int:
    """Writes down the neighbours of every lead whose sender is still kept; answers how many there are."""
    seats = _seats(sign_ins_since(a_while_ago()))
    now = clock.now()
    found = [
        {"lead_id": one.lead_id, "partner_id": partner_id, "found_at": now}
        for one in session.scalars(senders_kept().execution_options(yield_per=1000))
        for partner_id in _near(one, seats)
    ]
    write_many_once(LeadNeighbour, found, unique=["lead_id", "partner_id"])
    return len(found)


#: By digest and partner: when the partner's last session from there is over.
_Seats = dict[str, dict[int, datetime]]


def _seats(rows: Iterable[tuple[int, str, datetime]]) -> _Seats:
    seats: _Seats = {}
    for partner_id, address, over_at in rows:
        digest = digest_of(address)
        if digest is not None:
            firms = seats.setdefault(digest, {})
            firms[partner_id] = max(over_at, firms.get(partner_id, over_at))
    return seats


def _near(sender: LeadSender, seats: _Seats) -> list[int]:
    """The partners that sat where the lead came from; none where so many do that the place says nothing."""
    firms = seats.get(sender.digest, {})
    near = sorted(firm for firm, over_at in firms.items() if over_at >= sender.seen_at - NEAR)
    return near if len(near) <= MOST_NEIGHBOURS else []
