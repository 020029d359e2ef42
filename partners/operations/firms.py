"""Firms: added, changed, paused, suspended, reinstated."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.settings import PROGRAMME_TIME_ZONE
from core.signals import announce
from partners import queries, signals
from partners.models import DecisionKind, Partner, PartnerStatus, PartnerType
from partners.operations import agreements
from partners.operations.profile import cleaned, known_time_zone, there_are, usual_languages
from partners.operations.tier_evaluation import close_grace, note_decision, set_tier
from partners.queries.plans import USUAL_PLAN
from partners.settings import DAILY_LEAD_CAP, OPEN_LEAD_CAP

#: What a firm may be asked about itself; everything else (tier, state, manager) has a verb of its own.
PROFILE = frozenset(
    [
        "name",
        "legal_name",
        "region",
        "city",
        "postcode",
        "latitude",
        "longitude",
        "website",
        "phone",
        "tax_id",
        "regions",
        "languages",
        "products",
        "services",
        "industries",
        "open_lead_cap",
        "daily_lead_cap",
        "time_zone",
        "business_hours",
    ]
)

OFFICE_HOURS: dict[str, Any] = {"days": [0, 1, 2, 3, 4], "opens": "09:00", "closes": "18:00"}


@dataclass(frozen=True)
class Catalogue:
    """The codes of tiers and products that may be named."""

    tiers: frozenset[str]
    products: frozenset[str]


def catalogue_now() -> Catalogue:
    """What may be named today: two statements."""
    return Catalogue(frozenset(queries.tiers_by_code()), frozenset(queries.products_by_code()))


def make_partner(
    *,
    name: str,
    country: str,
    tier: str = "registered",
    type: PartnerType | str = PartnerType.RESELLER,
    plan: str = USUAL_PLAN,
    by: Actor | None,
    **profile: Any,
) -> Partner:
    """Adds a firm by hand: active at once, its agreement accepted on paper. Raises InvalidInput by field."""
    partner = admit_partner(name=name, country=country, tier=tier, type=type, plan=plan, by=by, **profile)
    current = queries.current_agreement()
    if current is None:
        raise Refusal(_("Publish the partner agreement first."))
    agreements.accept_agreement(partner, current, by=by, on_paper=True)
    return partner


def admit_partner(
    *,
    name: str,
    country: str,
    tier: str,
    type: PartnerType | str,
    plan: str,
    by: Actor | None,
    manager: User | None = None,
    **profile: Any,
) -> Partner:
    """Adds a firm in onboarding. What it does not say is taken as usual for its country and city."""
    values = checked_firm(name=name, country=country, tier=tier, type=type, plan=plan, **profile)
    partner = Partner(**new_firm(values, country=country, tier=tier, plan=plan, manager=manager))
    session.add(partner)
    session.flush()
    announce(signals.PartnerAdded(partner, by))
    return partner


def new_firm(
    values: dict[str, Any], *, country: str, tier: str, plan: str, manager: User | None
) -> dict[str, Any]:
    """A firm in onboarding as a row: ``values`` are what :func:`checked_firm` keeps of what is said of it."""
    row = {
        "legal_name": values["name"],
        "region": None,
        "city": "",
        "regions": [country],
        "languages": usual_languages(country),
        "open_lead_cap": OPEN_LEAD_CAP.value(),
        "daily_lead_cap": DAILY_LEAD_CAP.value(),
        "business_hours": OFFICE_HOURS,
        **values,
        "tier": tier,
        "plan_code": plan,
        "status": PartnerStatus.ONBOARDING,
        "manager_id": manager.id if manager is not None else None,
        "created_at": clock.now(),
    }
    if not row.get("time_zone"):
        found = known_time_zone(row["city"], country, row["region"])
        row["time_zone"] = found or PROGRAMME_TIME_ZONE.value()
    row["search_text"] = _search_text(row.get(name) for name in _SEARCHED)
    return row


def checked_firm(
    *,
    name: str,
    country: str,
    tier: str,
    type: PartnerType | str,
    plan: str,
    known: Catalogue | None = None,
    **profile: Any,
) -> dict[str, Any]:
    """What is said of a new firm as it is kept, without tier and plan. Raises InvalidInput by field.

    ``known`` are the codes there are, when they were fetched for many firms.
    """
    strangers = sorted(set(profile) - PROFILE)
    if strangers:
        raise TypeError(f"A firm's profile has no {', '.join(strangers)}.")
    known = known or catalogue_now()
    problems: dict[str, str] = {}
    values: dict[str, Any] = {}
    said = {**profile, "name": name, "country": country, "type": type}
    try:
        values = cleaned(said, country=country, products=known.products)
    except InvalidInput as problem:
        problems = dict(problem.problems)
    if tier not in known.tiers:
        problems["tier"] = f"{_('There is no tier %(code)s.', code=tier)} {there_are(known.tiers)}"
    if not plan or len(plan) > 60:
        problems["plan"] = _("Name a plan by its code.")
    if problems:
        raise InvalidInput(problems)
    return values


def change_partner(
    partner: Partner, *, by: Actor | None, manager_id: int | None = None, **values: Any
) -> None:
    """Changes what stands about a firm: its profile and, by the vendor, country, type, plan and manager.

    Only what is given changes. Raises InvalidInput by field.
    """
    lock(partner)
    allowed = PROFILE | {"country", "type", "plan_code"}
    strangers = sorted(set(values) - allowed)
    if strangers:
        raise TypeError(f"A firm has no {', '.join(strangers)} to change.")
    place = {"region": partner.region, "city": partner.city}
    kept = cleaned(values, country=values.get("country", partner.country), place=place)
    if manager_id is not None:
        kept["manager_id"] = _manager(manager_id).id
    before = {name: getattr(partner, name) for name in kept}
    changed = {name: value for name, value in kept.items() if value != before[name]}
    if not changed:
        return
    for name, value in changed.items():
        setattr(partner, name, value)
    partner.search_text = _search_text(getattr(partner, name) for name in _SEARCHED)
    session.flush()
    announce(
        signals.PartnerChanged(partner, by, before={name: before[name] for name in changed}, after=changed)
    )


def _manager(user_id: int) -> User:
    from accounts.permissions import Permission

    user = session.get(User, user_id)
    if user is None or not user.is_staff or not user.may(Permission.PARTNERS_WRITE):
        raise InvalidInput({"manager_id": _("Choose one of the vendor's partner managers.")})
    return user


def change_tier(partner: Partner, tier: str, *, reason: str, by: Actor | None) -> None:
    """Moves a firm to another tier, with the reason; the next evaluation goes by its figures again."""
    lock(partner)
    if tier not in queries.tiers_by_code():
        raise InvalidInput({"tier": _("There is no tier %(code)s.", code=tier)})
    _need(reason)
    if tier == partner.tier:
        raise Refusal(_("%(name)s is in that tier already.", name=partner.name))
    before = partner.tier
    set_tier(partner, tier)
    close_grace(partner, "changed by hand")
    note_decision(partner, DecisionKind.BY_HAND, before, tier, reason=reason.strip(), by=by)
    announce(signals.TierChanged(partner, by, before=before, after=tier, reason=reason.strip()))


def pause_partner(partner: Partner, *, by: Actor | None) -> None:
    """Asks for no new leads until resumed."""
    lock(partner)
    if partner.is_paused:
        raise Refusal(_("%(name)s is paused already.", name=partner.name))
    partner.paused_at = clock.now()
    announce(signals.PartnerChanged(partner, by, before={"paused": False}, after={"paused": True}))


def resume_partner(partner: Partner, *, by: Actor | None) -> None:
    """Takes leads again."""
    lock(partner)
    if not partner.is_paused:
        raise Refusal(_("%(name)s is not paused.", name=partner.name))
    partner.paused_at = None
    announce(signals.PartnerChanged(partner, by, before={"paused": True}, after={"paused": False}))


def suspend_partner(partner: Partner, *, reason: str, by: Actor | None) -> None:
    """No new leads, claims or payouts until reinstated. The reason is kept and shown to the firm."""
    lock(partner)
    _need(reason)
    partner.suspend(reason.strip())
    announce(signals.PartnerSuspended(partner, by, reason=reason.strip()))


def reinstate_partner(partner: Partner, *, reason: str, by: Actor | None) -> None:
    """Ends a suspension."""
    lock(partner)
    _need(reason)
    partner.reinstate()
    announce(signals.PartnerReinstated(partner, by, reason=reason.strip()))


def _need(reason: str) -> None:
    if len(reason.strip()) < 3:
        raise InvalidInput({"reason": _("Say why, in a sentence.")})


_SEARCHED = ("name", "legal_name", "city", "domain", "tax_id")


def _search_text(parts: Iterable[str | None]) -> str:
    return " ".join(part for part in parts if part).casefold()
