"""What referrals adds to the side menu and to what waits for people."""

from collections.abc import Iterable

from accounts.models import User
from accounts.permissions import Permission
from core import navigation
from core.database import session
from core.i18n import country_name
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.navigation import Entry
from core.waiting import Waiting, waits
from partners.queries import partner_of
from referrals.models.leads import Lead
from referrals.queries import leads as asked


def open_offers(person: User) -> int | None:
    """How many offers wait for the firm's answer."""
    return asked.count(asked.open_offers_visible_to(person)) if partner_of(person) is not None else None


def leads_in_triage(person: User) -> int | None:
    """How many leads wait for a manager."""
    return asked.count(asked.triage_visible_to(person)) if person.may(Permission.LEADS_TRIAGE) else None


def add_leads() -> None:
    """The places of leads."""
    for endpoint, icon, permission, count, audience in (
        ("referrals.leads", "inbox", Permission.LEADS_READ, open_offers, "partner"),
        ("referrals.staff_leads", "inboxes", Permission.ROUTING_READ, leads_in_triage, "staff"),
    ):
        navigation.add(
            Entry(
                _l("Leads"),
                endpoint,
                icon,
                permission,
                order=10,
                count=count,
                due=True,
                on_phone=True,
                audience=audience,
            )
        )


def init_app() -> None:
    add_leads()


@waits
def offers_that_wait(person: User) -> Iterable[Waiting]:
    """For a partner's people: offers to answer, the nearest clock first."""
    if person.is_staff or not person.may(Permission.LEADS_CLAIM):
        return []
    offers = session.scalars(asked.open_offers_visible_to(person).limit(20)).all()
    return [
        Waiting(
            title=_("Lead offer: %(company)s", company=offer.lead.title_without_contact),
            detail=_about(offer.lead) or _("Without an answer it goes to the next partner."),
            url=f"/leads/offers/{offer.id}",
            verb=_("Look and answer"),
            icon="inbox",
            due_at=offer.due_at,
        )
        for offer in offers
    ]


@waits
def contacts_that_wait(person: User) -> Iterable[Waiting]:
    """For a partner's people: leads of theirs that nobody has called yet."""
    if person.is_staff or not person.may(Permission.LEADS_CLAIM):
        return []
    query = asked.held_leads_visible_to(person).where(Lead.contact_due_at.is_not(None)).limit(20)
    return [
        Waiting(
            title=_("First contact with %(company)s", company=lead.name),
            detail=lead.person or _about(lead),
            url=f"/leads/{lead.id}",
            verb=_("Call and write it down"),
            icon="telephone",
            due_at=lead.contact_due_at,
        )
        for lead in session.scalars(query).all()
    ]


@waits
def pool_that_waits(person: User) -> Iterable[Waiting]:
    """For a partner's people: one line for all that may be claimed."""
    if person.is_staff or not person.may(Permission.LEADS_CLAIM) or partner_of(person) is None:
        return []
    number = asked.count(asked.pool_visible_to(person))
    if not number:
        return []
    return [
        Waiting(
            title=_("Leads in the pool: %(number)s", number=number),
            detail=_("You may claim them; the first claim wins."),
            url="/leads?tab=pool",
            verb=_("Look"),
            icon="geo-alt",
        )
    ]


@waits
def triage_that_waits(person: User) -> Iterable[Waiting]:
    """For managers: leads that no rule could place, oldest first."""
    if not person.is_staff or not person.may(Permission.LEADS_TRIAGE):
        return []
    return [
        Waiting(
            title=_("Lead without a partner: %(company)s", company=lead.name),
            detail=_about(lead),
            url=f"/staff/leads/{lead.id}",
            verb=_("Decide"),
            icon="signpost-split",
        )
        for lead in session.scalars(asked.triage_visible_to(person).limit(20)).all()
    ]


def _about(lead: Lead) -> str:
    return " · ".join(part for part in (lead.city, country_name(lead.country)) if part)
