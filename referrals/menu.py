"""What referrals adds to the side menu and to what waits for people."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from core import navigation
from core.database import session
from core.i18n import country_name, format_money
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.interface import dotted
from core.navigation import Entry
from core.waiting import Waiting, waits
from partners.queries import partner_of
from referrals.models.leads import Lead
from referrals.queries import lists
from referrals.queries.leads import held_leads_visible_to, triage_visible_to
from referrals.queries.offers import open_offers_visible_to
from referrals.queries.pool import pool_visible_to


def open_offers(person: User) -> sa.Select[Any] | None:
    """Offers that wait for the firm's answer."""
    return open_offers_visible_to(person) if partner_of(person) is not None else None


def leads_in_triage(person: User) -> sa.Select[Any] | None:
    """Leads that wait for a manager."""
    return triage_visible_to(person) if person.may(Permission.LEADS_TRIAGE) else None


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
    navigation.add(
        Entry(
            _l("What customers say"),
            "referrals.staff_ratings",
            "star-half",
            Permission.PARTNERS_READ,
            group="network",
            order=26,
            audience="staff",
        )
    )


@waits
def offers_that_wait(person: User) -> Iterable[Waiting]:
    """For a partner's people: offers to answer, the nearest clock first."""
    if person.is_staff or not person.may(Permission.LEADS_CLAIM):
        return []
    offers = session.scalars(open_offers_visible_to(person).limit(20)).all()
    return [
        Waiting(
            title=_("Lead offer: %(company)s", company=offer.lead.title_without_contact),
            detail=_about(offer.lead) or _("Without an answer it goes to the next partner."),
            url=f"/leads/offers/{offer.id}",
            verb=_("Look and answer"),
            icon="inbox",
            due_at=offer.due_at,
            worth=_worth(offer.lead),
        )
        for offer in offers
    ]


@waits
def contacts_that_wait(person: User) -> Iterable[Waiting]:
    """For a partner's people: leads of theirs that nobody has called yet."""
    if person.is_staff or not person.may(Permission.LEADS_CLAIM):
        return []
    query = held_leads_visible_to(person).where(Lead.contact_due_at.is_not(None)).limit(20)
    return [
        Waiting(
            title=_("Call %(company)s", company=lead.name)
            if lead.call_due_at
            else _("First contact with %(company)s", company=lead.name),
            detail=lead.person or _about(lead),
            url=f"/leads/{lead.id}",
            verb=_("Call and write it down"),
            icon="telephone",
            due_at=lead.call_due_at or lead.contact_due_at,
            worth=_worth(lead),
        )
        for lead in session.scalars(query).all()
    ]


@waits
def pool_that_waits(person: User) -> Iterable[Waiting]:
    """For a partner's people: one line for all that may be claimed."""
    if person.is_staff or not person.may(Permission.LEADS_CLAIM) or partner_of(person) is None:
        return []
    number = lists.count(pool_visible_to(person))
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
        for lead in session.scalars(triage_visible_to(person).limit(20)).all()
    ]


def _worth(lead: Lead) -> str | None:
    """What the customer thinks of spending, where they said so."""
    if lead.size_minor is None or lead.currency is None:
        return None
    return _("about %(amount)s", amount=format_money(lead.size_minor, lead.currency))


def _about(lead: Lead) -> str:
    return dotted(lead.city, country_name(lead.country))
