"""What somebody types about how leads are routed: a version of the policy, with its queues and its least tiers."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, FormField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from core import places
from core.digits import number_in
from core.forms import LINE, NEEDED, DecimalTextField, FieldList, Form, MoneyField, Part, choices
from core.i18n import country_name
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.settings import PROGRAMME_CURRENCY
from partners.queries import tiers
from referrals.operations.routing import Queue
from referrals.routing import Choice, Factor, Mode, Policy, SizeBand, choice_label, mode_label, services_label

#: Lines of a list that can be filled, and how many empty ones stand behind those that are.
MOST_QUEUES, MOST_BANDS, EMPTY_LINES = 12, 8, 2
_PEOPLE = NumberRange(min=1, max=1_000_000)
#: Names of countries are longer in one language than in another; what was kept in one can be kept in any.
_MANY_NAMES = Length(max=10_000)
_WEIGHT = NumberRange(min=0, max=1, message=_l("From 0 to 1."))
_PERCENT = NumberRange(min=0, max=100, message=_l("From 0 to 100."))


class QueueForm(Part):
    """Leads of one kind, which go another way than the policy's; a line without anything typed is none."""

    sources = StringField(_l("Sources"), [Optional(), LINE])
    countries = StringField(_l("Countries"), [Optional(), _MANY_NAMES])
    employees_below = IntegerField(_l("People below"), [Optional(), _PEOPLE])
    size_below = MoneyField(_l("Project below"), [Optional()], least=1)
    mode = SelectField(_l("How they are given"), [InputRequired()])
    k = IntegerField(_l("How many"), [Optional(), NumberRange(min=1, max=50)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mode.choices = choices(_MODES)
        self.size_below.read_in(PROGRAMME_CURRENCY.value())

    @property
    def _conditions(self) -> dict[str, Any]:
        return {
            "sources": tuple(source.lower() for source in _listed(self.sources.data)),
            "countries": tuple(dict.fromkeys(self.codes().values())),
            "employees_below": self.employees_below.data,
            "size_below_minor": self.size_below.data,
        }

    @property
    def is_empty(self) -> bool:
        """Nothing is said but, at most, the way that is offered first."""
        return not any(self._conditions.values()) and not self.k.data and self.mode.data == Mode.POOL.value

    def codes(self) -> dict[str, str | None]:
        """The typed countries with their codes; ``None`` for what is no country."""
        return {name: places.country_code(name) for name in _listed(self.countries.data)}

    def validate(self, extra_validators: Any = None) -> bool:
        """Adds what no single field can say: a queue says which leads it takes, in countries that there are."""
        holds = super().validate(extra_validators)
        unknown = [name for name, code in self.codes().items() if code is None]
        if unknown:
            self.countries.errors = [_("No country has this name: %(name)s.", name=unknown[0])]
        elif holds and not self.is_empty and not any(self._conditions.values()):
            self.sources.errors = [_("Say which leads go this way: at least one of the four.")]
        return holds and not self.countries.errors and not self.sources.errors

    def queue(self) -> Queue:
        """What was typed; several at once are three where no number is given."""
        return Queue(mode=Mode(self.mode.data), k=self.k.data or Queue.k, **self._conditions)


#: In a queue's choice, in few words: most queues differ by going to the pool, which stands first.
_MODES: dict[str, Any] = {
    Mode.POOL.value: _l("Pool"),
    Mode.OFFER.value: _l("One at a time"),
    Mode.K_AT_ONCE.value: _l("Several at once"),
}


class BandForm(Part):
    """From so many people upwards, leads go to partners of at least this tier."""

    employees = IntegerField(_l("From so many people on"), [Optional(), _PEOPLE])
    tier = SelectField(_l("Partners from this tier upwards"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tier.choices = choices(((tier.code, tier.label) for tier in tiers()), empty=_("Any"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Both or neither."""
        holds = super().validate(extra_validators)
        if self.employees.data and not self.tier.data:
            self.tier.errors = [_("Choose the tier.")]
        elif self.tier.data and not self.employees.data and not self.employees.errors:
            self.employees.errors = [_("Give the number of people.")]
        return holds and not self.tier.errors and not self.employees.errors


class PolicyForm(Form):
    """How leads are routed from now on."""

    mode = RadioField(_l("Mode"), [NEEDED])
    k = IntegerField(_l("How many at once, in that mode"), [NEEDED, NumberRange(min=1, max=50)])
    choice = RadioField(_l("Who is first"), [NEEDED])
    queues = FieldList(FormField(QueueForm), _l("Leads that go another way"), max_entries=MOST_QUEUES)

    open_leads_cap = IntegerField(
        _l("Open leads a partner can hold"), [NEEDED, NumberRange(min=1, max=10_000)]
    )
    daily_cap = IntegerField(_l("Leads a partner can get a day"), [NEEDED, NumberRange(min=1, max=10_000)])
    services = RadioField(_l("Services that a customer wants"), [NEEDED])
    bands = FieldList(FormField(BandForm), _l("Least tier for large companies"), max_entries=MOST_BANDS)

    distance = DecimalTextField(_l("Distance"), [NEEDED, _WEIGHT])
    tier = DecimalTextField(_l("Tier"), [NEEDED, _WEIGHT])
    fit = DecimalTextField(_l("Fit"), [NEEDED, _WEIGHT])
    acceptance = DecimalTextField(_l("Acceptance"), [NEEDED, _WEIGHT])
    answer_time = DecimalTextField(_l("Answer time"), [NEEDED, _WEIGHT])
    win_rate = DecimalTextField(_l("Win rate"), [NEEDED, _WEIGHT])
    load = DecimalTextField(_l("Load"), [NEEDED, _WEIGHT])
    fairness = DecimalTextField(_l("Fairness"), [NEEDED, _WEIGHT])
    half_distance_km = IntegerField(
        _l("Kilometres at which distance counts half"), [NEEDED, NumberRange(min=1, max=20_000)]
    )
    half_answer_hours = IntegerField(
        _l("Working hours at which the answer time counts half"), [NEEDED, NumberRange(min=1, max=1000)]
    )
    newcomer_deals = IntegerField(
        _l("Decided deals until which a partner is a newcomer"),
        [InputRequired(), NumberRange(min=0, max=1000)],
    )
    newcomer_floor = DecimalTextField(_l("Win rate that newcomers count with at least"), [NEEDED, _PERCENT])

    in_force = HiddenField()
    note = StringField(_l("What changed, and why"), [NEEDED, LINE])
    as_draft = BooleanField(_l("Keep it as a draft, to replay the last three months under it first"))

    def __init__(self, rules: Policy, queues: Sequence[Queue], *, in_force: int, **kwargs: Any) -> None:
        """``in_force`` is the number of the version that holds while it is filled in."""
        super().__init__(data=_as_typed(rules, queues) | {"in_force": str(in_force)}, **kwargs)
        self._before = rules
        self.mode.choices = choices((mode.value, mode_label(mode)) for mode in Mode)
        self.choice.choices = choices((choice.value, choice_label(choice)) for choice in Choice)
        self.services.choices = choices(
            {EVERY: services_label(needs_every=True), ONE: services_label(needs_every=False)}
        )

    def was_sent_and_holds(self) -> bool:
        """Adds what no single field can say."""
        if not super().was_sent_and_holds():
            return False
        if not any(self._weights().values()):
            self.distance.errors = [_("At least one weight must be more than nothing.")]
            return False
        sizes: set[int] = set()
        for line in self.bands:
            size = line.form.employees.data
            if size in sizes:
                line.form.employees.errors = [_("There is a line for this number already.")]
                return False
            sizes |= {size} if size else set()
        return True

    @property
    def begun_under(self) -> int:
        """The number of the version that held when the writer began; 0 for none that can be told."""
        return number_in(self.in_force.data) or 0

    def begin_anew_under(self, version: int) -> None:
        """The writer has been told of ``version``: publishing once more is meant."""
        self.in_force.data = str(version)

    def _weights(self) -> dict[Factor, Decimal]:
        return {factor: round(getattr(self, factor.value).data, 4) for factor in Factor}

    def policy(self) -> Policy:
        """The rules as typed."""
        rank_of = {tier.code: tier.rank for tier in tiers()}
        bands = [
            SizeBand(line.employees.data, rank_of[line.tier.data], line.tier.data)
            for line in (entry.form for entry in self.bands)
            if line.employees.data
        ]
        floor: Decimal = self.newcomer_floor.data  # type: ignore[assignment]  # it is needed
        return replace(
            self._before,
            mode=Mode(self.mode.data),
            choice=Choice(self.choice.data),
            weights=self._weights(),
            needs_every_service=self.services.data == EVERY,
            newcomer_floor=round(floor / 100, 4),
            tier_minimums=tuple(sorted(bands, key=lambda band: band.employees)),
            **{name: getattr(self, name).data for name in NUMBERS},
        )

    def kept_queues(self) -> list[Queue]:
        """The lines that say something, in their order: the first that takes a lead counts."""
        return [entry.form.queue() for entry in self.queues if not entry.form.is_empty]


EVERY, ONE = "every", "one"
#: Figures of the policy that are typed as they are.
NUMBERS = ("k", "open_leads_cap", "daily_cap", "half_distance_km", "half_answer_hours", "newcomer_deals")


def _as_typed(rules: Policy, queues: Sequence[Queue]) -> dict[str, Any]:
    lines = [
        {
            "sources": ", ".join(queue.sources),
            "countries": ", ".join(_country_in_a_list(code) for code in queue.countries),
            "employees_below": queue.employees_below,
            "size_below": queue.size_below_minor,
            "mode": queue.mode.value,
            "k": queue.k if queue.mode is Mode.K_AT_ONCE else None,
        }
        for queue in queues
    ]
    bands = [{"employees": band.employees, "tier": band.tier} for band in rules.tier_minimums]
    typed: dict[str, Any] = {factor.value: rules.weights.get(factor, Decimal(0)) for factor in Factor}
    return (
        typed
        | {name: getattr(rules, name) for name in NUMBERS}
        | {
            "mode": rules.mode.value,
            "choice": rules.choice.value,
            "services": EVERY if rules.needs_every_service else ONE,
            "newcomer_floor": (100 * rules.newcomer_floor).normalize(),
            "queues": [*lines, *[{"mode": Mode.POOL.value}] * EMPTY_LINES][:MOST_QUEUES],
            "bands": [*bands, *[{}] * EMPTY_LINES][:MOST_BANDS],
        }
    )


def _country_in_a_list(code: str) -> str:
    """The name, but the code where commas stand in the name, or nobody would read it back as that country."""
    name = country_name(code)
    return name if places.country_code(name) == code and "," not in name else code


def _listed(typed: str | None) -> Iterable[str]:
    return [part.strip() for part in (typed or "").split(",") if part.strip()]
