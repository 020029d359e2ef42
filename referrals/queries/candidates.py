"""Who can be given a lead, asked of the whole network in one pass.

The filters are those of :class:`referrals.routing.Filter`, asked in SQL: every partner gets the set of filters that
keep it out as one whole number, and partners with the same number come back as one row. So nearly everybody of a large
network is a few rows, and only who passes is looked at one by one.

Statements are built once for each shape of question and kept; what a lead says goes in as values.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from academy.queries import partners_certified_for
from core import clock
from core.bulk import among
from core.database import Moment, current_database, session
from core.settings import PROGRAMME_TIME_ZONE
from partners.models import Partner, PartnerStatus
from partners.queries import partners_with_valid_agreement
from referrals.models.leads import HELD, Lead
from referrals.models.routing import ClaimWay, LeadClaim, Offer, OfferStatus
from referrals.routing import Filter, Filtered, LeadFacts, Policy


@dataclass(frozen=True)
class LeftOut:
    """Partners whom the same filters keep out for the same figures."""

    failed: tuple[Filtered, ...]
    partner_ids: list[int]


@dataclass(frozen=True)
class Sorted:
    """The network sorted by what keeps whom out."""

    #: Whom nothing does, each with the number of its open leads.
    passing: dict[int, int]
    left_out: list[LeftOut]
    active_by_tier: dict[str, int]

    @property
    def asked(self) -> int:
        return len(self.passing) + sum(len(entry.partner_ids) for entry in self.left_out)

    def failures_of(self, partner_ids: Iterable[int]) -> dict[int, tuple[Filtered, ...]]:
        """What keeps these partners out; who passes, or is no candidate at all, is not in it."""
        return {
            partner_id: entry.failed
            for partner_id in sorted(set(partner_ids) - self.passing.keys())
            for entry in self.left_out
            if partner_id in entry.partner_ids
        }


@dataclass(frozen=True)
class Standings:
    """What the filters ask beside the lead and the policy: who cannot have it for what happened before."""

    declined: Collection[int]
    lapsed: Collection[int]
    #: Every tier, by its place here.
    tiers: tuple[str, ...]
    #: Tiers below the least one for a company of this size, and that one.
    tiers_below: Collection[str]
    least_tier: str
    #: When the day began.
    midnight: datetime
    #: The lead may fill only the part of a partner's day that files may.
    is_of_a_file: bool = False


class _Shape(NamedTuple):
    """What of a question makes another statement; everything else is a value in it."""

    on_sqlite: bool
    has_country: bool
    has_region: bool
    has_language: bool
    certificates: tuple[str, ...]
    services: int
    needs_every_service: bool
    tiers: tuple[str, ...]
    has_least_tier: bool
    has_declined: bool
    has_lapsed: bool
    is_of_a_file: bool
    #: The agreement that counts goes by the day.
    today: date


class _Flag(NamedTuple):
    """A condition under which a filter keeps a partner out, and the places of the codes that it is about."""

    filter: Filter
    holds: Any
    about: range = range(0)


#: The filters that count leads.
_OF_LOADS = frozenset({Filter.OPEN_LEADS, Filter.DAILY})

#: So many flags are one whole number of 64 bits; above those of the first stands the place of the tier.
_FLAGS_A_NUMBER = 48


def sort_network(lead: LeadFacts, policy: Policy, standings: Standings) -> Sorted:
    """Asks every filter of every partner that is not terminated, in one query."""
    certificates, services = tuple(sorted(lead.certificates)), sorted(lead.services)
    on_sqlite = current_database().is_sqlite
    statement, flags = _sorting(
        _Shape(
            on_sqlite=on_sqlite,
            has_country=bool(lead.country),
            has_region=bool(lead.country and lead.region),
            has_language=bool(lead.language),
            certificates=certificates,
            services=len(services),
            needs_every_service=policy.needs_every_service,
            tiers=standings.tiers,
            has_least_tier=bool(standings.tiers_below),
            has_declined=bool(standings.declined),
            has_lapsed=bool(standings.lapsed),
            is_of_a_file=standings.is_of_a_file,
            today=clock.today(PROGRAMME_TIME_ZONE.value()),
        )
    )
    # A list of codes is a text on SQLite, with every code in quotation marks.
    in_a_list = json.dumps if on_sqlite else str
    values = {
        "country": lead.country,
        "country_in_list": in_a_list(str(lead.country)),
        "part_of_country": f'"{lead.country}-',
        "region_in_list": in_a_list(str(lead.region)),
        "language_in_list": in_a_list(str(lead.language)),
        "tiers_below": list(standings.tiers_below),
        "declined": list(standings.declined),
        "lapsed": list(standings.lapsed),
        "open_leads_cap": policy.open_leads_cap,
        "daily_cap": policy.daily_cap,
        "midnight": standings.midnight,
        "day": standings.midnight.date().toordinal(),
    } | {f"service_{place}": in_a_list(code) for place, code in enumerate(services)}
    return _read(session.execute(statement, values), flags, lead, [*certificates, *services], standings)


def _read(
    rows: Iterable[Any], flags: list[_Flag], lead: LeadFacts, codes: list[str], standings: Standings
) -> Sorted:
    passing: dict[int, int] = {}
    left_out: list[LeftOut] = []
    active: dict[str, int] = defaultdict(int)
    for *numbers, ids, loads in rows:
        partner_ids: list[int] = json.loads(f"[{ids}]")
        raised = _raised(numbers, flags, codes)
        tier = (*standings.tiers, "")[numbers[0] >> _FLAGS_A_NUMBER]
        if raised:
            figures = {
                Filter.COUNTRY: {"country": lead.country},
                Filter.REGION: {"region": lead.region},
                Filter.LANGUAGE: {"language": lead.language},
                Filter.TIER: {"employees": lead.employees, "least": standings.least_tier, "tier": tier},
                Filter.PAUSED: {"until": None},
            }
            if standings.is_of_a_file:
                figures[Filter.DAILY] = {"of_a_file": True}
            left_out += _left_out(raised, figures, partner_ids, loads)
        else:
            passing.update(zip(partner_ids, json.loads(f"[{loads}]"), strict=True))
        if Filter.STANDING not in raised:
            active[tier] += len(partner_ids)
    return Sorted(passing, left_out, dict(active))


def _raised(numbers: list[int], flags: list[_Flag], codes: list[str]) -> dict[Filter, list[str]]:
    """The filters whose flags hold, in their order, with the codes they are about."""
    raised: dict[Filter, list[str]] = {}
    for place, flag in enumerate(flags):
        if numbers[place // _FLAGS_A_NUMBER] >> place % _FLAGS_A_NUMBER & 1:
            raised.setdefault(flag.filter, []).extend(codes[one] for one in flag.about)
    return {filter_: raised[filter_] for filter_ in Filter if filter_ in raised}


def _left_out(
    raised: dict[Filter, list[str]],
    figures: dict[Filter, dict[str, Any]],
    partner_ids: list[int],
    loads: str | None,
) -> list[LeftOut]:
    """Partners with the same filters ``raised``; who has too many leads stands with those who have as many."""
    by_load: dict[tuple[int, int, int, int], list[int]] = {(0, 0, 0, 0): partner_ids}
    if _OF_LOADS & raised.keys():
        by_load = defaultdict(list)
        too_many, too_many_today = (filter_ in raised for filter_ in (Filter.OPEN_LEADS, Filter.DAILY))
        listed = json.loads(f"[{loads}]")
        for partner_id, (open_leads, cap, today, daily_cap) in zip(partner_ids, listed, strict=True):
            of_all = (open_leads, cap) if too_many else (0, 0)
            by_load[of_all + ((today, daily_cap) if too_many_today else (0, 0))].append(partner_id)
    left_out = []
    for (open_leads, cap, today, daily_cap), ids in by_load.items():
        params = figures | {
            Filter.CERTIFICATE: {"products": raised.get(Filter.CERTIFICATE)},
            Filter.SERVICE: {"services": raised.get(Filter.SERVICE)},
            Filter.OPEN_LEADS: {"open": open_leads, "cap": cap},
            Filter.DAILY: figures.get(Filter.DAILY, {}) | {"today": today, "cap": daily_cap},
        }
        left_out.append(LeftOut(tuple(Filtered(filter_, params.get(filter_, {})) for filter_ in raised), ids))
    return left_out


@lru_cache(maxsize=64)
def _sorting(shape: _Shape) -> tuple[sa.Select[Any], list[_Flag]]:
    """The statement for questions of this shape, and what the bits of its numbers mean.

    Its rows: numbers of flags, the partners with these, and of some of them how many leads they have, both as the
    inside of a JSON list.
    """
    counted = _loads()
    loads = {
        "open_leads": sa.func.coalesce(counted.c.open_leads, 0),
        "cap": _least(Partner.open_lead_cap, "open_leads_cap"),
        "leads_today": sa.func.coalesce(counted.c.leads_today, 0),
        "daily_cap": _daily_cap(shape),
    }
    flags = _flags(shape, loads)
    each = (
        sa.select(
            Partner.id, *_numbers(flags, shape.tiers), *(load.label(name) for name, load in loads.items())
        )
        .outerjoin(counted, counted.c.partner_id == Partner.id)
        .where(Partner.status != PartnerStatus.TERMINATED)
        # A step of its own: PostgreSQL then expects few groups, and puts them together without sorting.
        .offset(sa.literal_column("0"))
        .subquery()
    )
    numbers = [column for column in each.c if column.name.startswith("number_")]
    statement = sa.select(
        *numbers,
        sa.func.aggregate_strings(sa.cast(each.c.id, sa.Text), ","),
        sa.func.aggregate_strings(_loads_asked_for(each, numbers, flags), ","),
    ).group_by(*numbers)
    return statement, flags


def _flags(shape: _Shape, loads: dict[str, Any]) -> list[_Flag]:
    """Everything that can keep a partner from such a lead."""
    flags = [
        _Flag(Filter.STANDING, Partner.status != PartnerStatus.ACTIVE),
        _Flag(Filter.AGREEMENT, Partner.id.not_in(partners_with_valid_agreement())),
        _Flag(Filter.OPEN_LEADS, loads["open_leads"] >= loads["cap"]),
        _Flag(Filter.DAILY, loads["leads_today"] >= loads["daily_cap"]),
        _Flag(Filter.PAUSED, Partner.paused_at.is_not(None)),
        *_area_flags(shape),
    ]
    if shape.has_language:
        speaks = sa.or_(
            _names(Partner.languages, "language_in_list", shape), _names_nothing(Partner.languages, shape)
        )
        flags.append(_Flag(Filter.LANGUAGE, sa.not_(speaks)))
    for filter_, column, name, is_asked in (
        (Filter.TIER, Partner.tier, "tiers_below", shape.has_least_tier),
        (Filter.DECLINED, Partner.id, "declined", shape.has_declined),
        (Filter.LAPSED, Partner.id, "lapsed", shape.has_lapsed),
    ):
        if is_asked:
            flags.append(_Flag(filter_, column.in_(sa.bindparam(name, expanding=True))))
    for place, code in enumerate(shape.certificates):
        uncertified = Partner.id.not_in(partners_certified_for(code))
        flags.append(_Flag(Filter.CERTIFICATE, uncertified, range(place, place + 1)))
    return flags + _service_flags(shape)


def _service_flags(shape: _Shape) -> list[_Flag]:
    """A flag for each service, or one for who offers none of them. Services stand behind the certificates."""
    first, number = len(shape.certificates), shape.services
    lacks = [sa.not_(_names(Partner.services, f"service_{place}", shape)) for place in range(number)]
    if shape.needs_every_service:
        return [
            _Flag(Filter.SERVICE, lack, range(first + place, first + place + 1))
            for place, lack in enumerate(lacks)
        ]
    return [_Flag(Filter.SERVICE, sa.and_(*lacks), range(first, first + number))] if lacks else []


def _area_flags(shape: _Shape) -> list[_Flag]:
    """A firm that names no place serves its own country; one that names parts of a country serves those only."""
    if not shape.has_country:
        return []
    names_none = _names_nothing(Partner.regions, shape)
    names_all = _names(Partner.regions, "country_in_list", shape)
    find = sa.func.instr if shape.on_sqlite else sa.func.strpos
    names_part = find(sa.cast(Partner.regions, sa.Text), sa.bindparam("part_of_country", type_=sa.Text)) > 0
    elsewhere = sa.case(
        (names_none, Partner.country != sa.bindparam("country", type_=sa.Text)),
        else_=sa.not_(sa.or_(names_all, names_part)),
    )
    flags = [_Flag(Filter.COUNTRY, elsewhere)]
    if shape.has_region:
        names_it = _names(Partner.regions, "region_in_list", shape)
        other_parts = sa.and_(sa.not_(names_none), names_part, sa.not_(names_all), sa.not_(names_it))
        flags.append(_Flag(Filter.REGION, other_parts))
    return flags


def _names(column: Any, value: str, shape: _Shape) -> sa.ColumnElement[bool]:
    """A list of codes has the one of this value."""
    code = sa.bindparam(value, type_=sa.Text)
    if shape.on_sqlite:
        return sa.func.instr(sa.cast(column, sa.Text), code) > 0
    has_code: sa.ColumnElement[bool] = sa.type_coerce(column, postgresql.JSONB).has_key(code)
    return has_code


def _names_nothing(column: Any, shape: _Shape) -> sa.ColumnElement[bool]:
    if shape.on_sqlite:
        return sa.cast(column, sa.Text) == "[]"
    return sa.type_coerce(column, postgresql.JSONB) == sa.literal_column("'[]'::jsonb")


def _least(column: Any, value: str) -> sa.ColumnElement[int]:
    cap = sa.bindparam(value, type_=sa.BigInteger)
    return sa.case((column < cap, column), else_=cap)


def _daily_cap(shape: _Shape) -> sa.ColumnElement[int]:
    """What a partner takes a day; of a file the part that :func:`referrals.routing.files_part` says."""
    cap = _least(Partner.daily_lead_cap, "daily_cap")
    if not shape.is_of_a_file:
        return cap
    day = sa.bindparam("day", type_=sa.BigInteger) + Partner.id
    return sa.case((cap > 1, cap // 2), else_=day % 2 * cap)


def _numbers(flags: list[_Flag], tiers: tuple[str, ...]) -> list[Any]:
    """Whole numbers with a bit for each flag that holds."""
    numbers = []
    for start in range(0, len(flags), _FLAGS_A_NUMBER):
        bits = [
            sa.case((flag.holds, sa.literal_column(str(1 << place))), else_=sa.literal_column("0"))
            for place, flag in enumerate(flags[start : start + _FLAGS_A_NUMBER])
        ]
        if start == 0:
            bits.append(_place_of_tier(tiers))
        numbers.append(sum(bits[1:], bits[0]).label(f"number_{start}"))
    return numbers


def _place_of_tier(tiers: tuple[str, ...]) -> Any:
    places: list[Any] = [
        (Partner.tier == code, sa.literal_column(str(place << _FLAGS_A_NUMBER)))
        for place, code in enumerate(tiers)
    ]
    nothing: Any = sa.literal_column("0")
    return sa.case(*places, else_=nothing) if places else nothing


def _loads_asked_for(each: sa.Subquery, numbers: list[Any], flags: list[_Flag]) -> Any:
    """As JSON: of who passes the number of open leads, of who has too many also what they are held against."""
    first, *further = numbers
    all_flags: Any = sa.literal_column(str((1 << _FLAGS_A_NUMBER) - 1))
    of_loads = sum(1 << place for place, flag in enumerate(flags) if flag.filter in _OF_LOADS)
    open_leads, *others = (
        sa.cast(figure, sa.Text)
        for figure in (each.c.open_leads, each.c.cap, each.c.leads_today, each.c.daily_cap)
    )
    all_of_them = sum(("," + figure for figure in others), "[" + open_leads) + "]"
    return sa.case(
        (sa.and_(first.bitwise_and(all_flags) == 0, *(number == 0 for number in further)), open_leads),
        (first.bitwise_and(sa.literal_column(str(of_loads))) != 0, all_of_them),
    )


def _counted(column: Any, *conditions: Any) -> sa.Select[Any]:
    return (
        sa.select(column.label("partner_id"), sa.func.count().label("number"))
        .where(*conditions)
        .group_by(column)
    )


def _open_leads(*among_them: Any) -> sa.CompoundSelect[Any]:
    """Leads that each partner holds, and leads that it is being asked about, in rows of their own."""
    of_leads, of_offers = among_them or (sa.true(), sa.true())
    return sa.union_all(
        _counted(Lead.partner_id, Lead.status.in_(HELD), Lead.partner_id.is_not(None), of_leads),
        _counted(Offer.partner_id, Offer.status == OfferStatus.OFFERED, of_offers),
    )


def _loads() -> sa.Subquery:
    """``partner_id``, its ``open_leads``, and how many ``leads_today`` it was offered, or took from the pool."""
    midnight = sa.bindparam("midnight", type_=Moment())
    received = sa.union_all(
        _counted(Offer.partner_id, Offer.offered_at >= midnight),
        _counted(
            LeadClaim.partner_id,
            LeadClaim.claimed_at >= midnight,
            LeadClaim.way == ClaimWay.POOL,
            LeadClaim.was_meant(),
        ),
    )
    nothing: Any = sa.literal_column("0")
    is_open, today = _open_leads().subquery(), received.subquery()
    every = sa.union_all(
        sa.select(is_open.c.partner_id, is_open.c.number.label("open_leads"), nothing.label("leads_today")),
        sa.select(today.c.partner_id, nothing, today.c.number),
    ).subquery()
    # A sum of whole numbers is a decimal on PostgreSQL, which is slow to compare.
    sums = (
        sa.cast(sa.func.sum(column), sa.BigInteger).label(column.name)
        for column in (every.c.open_leads, every.c.leads_today)
    )
    return sa.select(every.c.partner_id, *sums).group_by(every.c.partner_id).subquery()


def open_leads_of(partner_ids: Collection[int]) -> dict[int, int]:
    """How many leads these partners hold or are being asked about; who has none is not in it."""
    if not partner_ids:
        return {}
    counts = _open_leads(among(Lead.partner_id, partner_ids), among(Offer.partner_id, partner_ids)).subquery()
    rows = session.execute(
        sa.select(counts.c.partner_id, sa.func.sum(counts.c.number)).group_by(counts.c.partner_id)
    )
    return {partner_id: int(number) for partner_id, number in rows}


@contextmanager
def planned_anew() -> Iterator[None]:
    """PostgreSQL plans every statement inside by its values, and none for whoever asks next.

    What routing asks is about a few partners for one lead and about thousands for the next; a plan kept for both would
    go through all counts once for every partner. Afterwards plans are kept again, which writing many rows lives by.
    """
    if current_database().is_sqlite:
        yield
        return
    session.execute(sa.text("SET LOCAL plan_cache_mode = force_custom_plan"))
    yield
    # Not when it failed: whatever undoes the failure undoes the setting.
    session.execute(sa.text("SET LOCAL plan_cache_mode = DEFAULT"))
