"""What a deal's project will cost: each saving of its estimate is a version, and versions are copied."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import format_money
from core.i18n import gettext as _
from core.money import LIMIT, currencies
from core.signals import announce
from partners.models import LineKind, Product, Recurrence
from partners.queries.measures import programme_today
from referrals import estimates
from referrals.models.deals import Deal, Estimate, EstimateLine, EstimateMilestone
from referrals.models.sales import BilledBy
from referrals.queries.catalogue import Catalogue, PricesWritten, prices_written
from referrals.signals.deals import EstimateSaved

MOST_LINES = 100
MOST_MILESTONES = 50
LONGEST_NOTE = 2000
#: More of one thing, and finer parts of it, is a slip of the hand.
MOST_QUANTITY = 10**9
DECIMALS = 4


@dataclass(frozen=True, kw_only=True)
class LineData:
    """One line of an estimate as the partner typed it."""

    kind: LineKind
    description: str
    quantity: Decimal
    unit_price_minor: int
    discount_percent: Decimal = Decimal(0)
    recurring: Recurrence = Recurrence.ONCE
    product: str | None = None


@dataclass(frozen=True, kw_only=True)
class MilestoneData:
    """A part of the project that becomes payable when it is accepted."""

    name: str
    amount_minor: int
    due_on: date | None = None
    document: str = ""


@dataclass(frozen=True, kw_only=True)
class EstimateData:
    """A whole estimate. ``note`` and ``valid_until`` are what the customer reads beside the lines."""

    currency: str
    billed_by: BilledBy
    lines: tuple[LineData, ...]
    milestones: tuple[MilestoneData, ...] = field(default=())
    valid_until: date | None = None
    note: str = ""


class EstimateMovedOn(Refusal):
    """Somebody else saved a version since this one was begun; ``newest`` is that version."""

    def __init__(self, newest: Estimate) -> None:
        super().__init__(
            _(
                "Version %(version)s was saved while you were writing. Look at what changed, then save yours.",
                version=newest.version,
            )
        )
        self.newest = newest


def totals_of(lines: Iterable[LineData | EstimateLine]) -> estimates.Totals:
    """What lines come to, typed or stored."""
    return estimates.totals(as_line(line) for line in lines)


def as_line(line: LineData | EstimateLine) -> estimates.Line:
    """A line, typed or stored, as the computation takes it."""
    return estimates.Line(
        line.kind.value, line.quantity, line.unit_price_minor, line.discount_percent, line.recurring.value
    )


def save_estimate(
    deal: Deal, data: EstimateData, *, by: Actor | None, based_on: int | None = None
) -> Estimate:
    """Keeps the estimate as a new version; what is the same as the last one makes none.

    ``based_on`` is the number of the version that the writer began with, 0 for none: EstimateMovedOn is raised when
    there is a newer one. Raises InvalidInput, at ``lines-<n>-<field>``, ``milestones-<n>-<field>`` or a field's name,
    and Refusal when the deal is over.

    A line of a product that has a list price in the estimate's currency has that price, or the one that a line of an
    earlier version of this deal's was written with; the way to give less is the discount.
    """
    lock(deal)
    session.expire(deal, ["estimates"])
    if deal.closed_at is not None:
        raise Refusal(_("%(number)s is closed, so its estimate stays as it is.", number=deal.number))
    last = deal.estimate
    totals = _checked_totals(deal, data)
    if last is not None and data_of(last) == data:
        return last
    if last is not None and based_on is not None and based_on != last.version:
        raise EstimateMovedOn(last)
    estimate = Estimate(
        deal=deal,
        version=last.version + 1 if last is not None else 1,
        currency=data.currency,
        billed_by=data.billed_by,
        total_minor=totals.total_minor,
        licence_minor=totals.licence_minor,
        valid_until=data.valid_until,
        note=data.note or None,
        created_at=clock.now(),
        created_by_id=by.id if by is not None else None,
        lines=[_stored_line(position, line) for position, line in enumerate(data.lines)],
        milestones=[
            EstimateMilestone(
                position=position,
                name=milestone.name,
                amount_minor=milestone.amount_minor,
                due_on=milestone.due_on,
                document=milestone.document,
            )
            for position, milestone in enumerate(data.milestones)
        ],
    )
    session.add(estimate)
    announce(EstimateSaved(deal, by, version=estimate.version))
    return estimate


def _stored_line(position: int, line: LineData) -> EstimateLine:
    return EstimateLine(
        position=position,
        kind=line.kind,
        product=line.product,
        description=line.description,
        quantity_text=str(line.quantity),
        unit_price_minor=line.unit_price_minor,
        discount_percent_text=str(line.discount_percent),
        recurring=line.recurring,
    )


def copy_estimate(source: Estimate, deal: Deal, *, by: Actor | None) -> Estimate:
    """``source`` as the newest version of ``deal``'s estimate: an older version again, or another project's.

    Another project has other days and another customer, so the milestones lose theirs, the note stays behind, and
    licences cost what the list says today. An older version keeps its prices, but no day that is over.
    """
    data = data_of(source)
    if source.deal_id != deal.id:
        undated = tuple(replace(milestone, due_on=None) for milestone in data.milestones)
        lines = _at_list_prices(data)
        data = replace(data, lines=lines, milestones=undated, valid_until=None, note="")
    elif source.is_past_its_day:
        data = replace(data, valid_until=None)
    return save_estimate(deal, data, by=by)


def _at_list_prices(data: EstimateData) -> tuple[LineData, ...]:
    catalogue = Catalogue.read()
    return tuple(
        replace(line, unit_price_minor=listed.list_price_minor, recurring=listed.recurring)
        if (listed := catalogue.listed(line.product, data.currency)) is not None
        else line
        for line in data.lines
    )


def has_other_prices(saved: Estimate, source: Estimate) -> bool:
    """Whether the copy costs something else than what it was made from, or at other times, line by line."""
    prices, before = (
        [(line.unit_price_minor, line.recurring) for line in version.lines] for version in (saved, source)
    )
    return prices != before


def data_of(estimate: Estimate) -> EstimateData:
    """A version as somebody would have typed it."""
    return EstimateData(
        currency=estimate.currency,
        billed_by=estimate.billed_by,
        lines=tuple(
            LineData(
                kind=line.kind,
                description=line.description,
                quantity=line.quantity,
                unit_price_minor=line.unit_price_minor,
                discount_percent=line.discount_percent,
                recurring=line.recurring,
                product=line.product,
            )
            for line in estimate.lines
        ),
        milestones=tuple(
            MilestoneData(
                name=milestone.name,
                amount_minor=milestone.amount_minor,
                due_on=milestone.due_on,
                document=milestone.document,
            )
            for milestone in estimate.milestones
        ),
        valid_until=estimate.valid_until,
        note=estimate.note or "",
    )


def _checked_totals(deal: Deal, data: EstimateData) -> estimates.Totals:
    problems: dict[str, str] = {}
    if data.currency not in currencies():
        problems["currency"] = _("Use an ISO 4217 code such as EUR.")
    if not data.lines:
        problems["lines"] = _("An estimate needs at least one line.")
    if len(data.lines) > MOST_LINES:
        problems["lines"] = _("An estimate has at most %(most)s lines.", most=MOST_LINES)
    if len(data.milestones) > MOST_MILESTONES:
        problems["milestones"] = _("An estimate has at most %(most)s milestones.", most=MOST_MILESTONES)
    if len(data.note) > LONGEST_NOTE:
        problems["note"] = _("It can have at most %(most)s characters.", most=LONGEST_NOTE)
    last = deal.estimate
    is_another_day = last is None or data.valid_until != last.valid_until
    if data.valid_until is not None and data.valid_until < programme_today() and is_another_day:
        problems["valid_until"] = _("This day is over. Give today or a later day.")
    catalogue, written = Catalogue.read(), PricesWritten(prices_written(deal))
    for position, line in enumerate(data.lines):
        if line.product is not None and line.product not in catalogue.products:
            problems[f"lines-{position}-item"] = _("Not in the catalogue: %(codes)s.", codes=line.product)
        listed = catalogue.listed(line.product, data.currency)
        if listed is not None and not (is_at_list(line, listed) or keeps_its_price(line, listed, written)):
            name = "unit_price" if line.unit_price_minor != listed.list_price_minor else "recurring"
            problems[f"lines-{position}-{name}"] = must_be_at_list(listed)
        problems.update({f"lines-{position}-{name}": said for name, said in _wrong_in(line).items()})
    for position, milestone in enumerate(data.milestones):
        if milestone.amount_minor < 0:
            problems[f"milestones-{position}-amount"] = _("Give an amount, 0 or more.")
    if problems:
        raise InvalidInput(problems)
    counted = [as_line(line) for line in data.lines]
    totals = estimates.totals(counted)
    if totals.total_minor >= LIMIT:
        raise InvalidInput({"lines": _("That is more than the books can hold.")})
    if sum(milestone.amount_minor for milestone in data.milestones) > totals.total_minor:
        raise InvalidInput({"milestones": _("Together the milestones are more than the project.")})
    return totals


def is_at_list(line: LineData, listed: Product) -> bool:
    """It costs what the price list says, as often as it says."""
    return (line.unit_price_minor, line.recurring) == (listed.list_price_minor, listed.recurring)


def keeps_its_price(line: LineData, listed: Product, written: PricesWritten) -> bool:
    """It has the price that a line was written with before; asked once a line, in the order of the lines."""
    return written.keeps((listed.currency, listed.code, line.unit_price_minor, line.recurring))


def must_be_at_list(listed: Product) -> str:
    """The sentence at a line that has another price."""
    return _("The list price is %(price)s.", price=list_price_in_words(listed))


def list_price_in_words(listed: Product) -> str:
    """``€336.00 a year``."""
    return f"{format_money(listed.list_price_minor, listed.currency)} {listed.recurring.label}"


def _wrong_in(line: LineData) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not 0 < line.quantity < MOST_QUANTITY:
        problems["quantity"] = _("Give more than 0.")
    elif line.kind is LineKind.LICENCE and not estimates.is_whole(line.quantity):
        problems["quantity"] = _("Give a whole number.")
    elif is_too_fine(line.quantity):
        problems["quantity"] = _("Give at most %(digits)s decimals.", digits=DECIMALS)
    if line.unit_price_minor < 0:
        problems["unit_price"] = _("Give an amount, 0 or more.")
    if not 0 <= line.discount_percent <= 100:
        problems["discount"] = _("Give 0 to 100.")
    elif is_too_fine(line.discount_percent):
        problems["discount"] = _("Give at most %(digits)s decimals.", digits=DECIMALS)
    return problems


def is_too_fine(number: Decimal) -> bool:
    """It has more decimals than anybody means."""
    exponent = number.normalize().as_tuple().exponent if len(number.as_tuple().digits) <= 28 else -99
    return isinstance(exponent, int) and exponent < -DECIMALS
