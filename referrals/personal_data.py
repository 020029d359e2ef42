"""What referrals hold about people: contacts of leads and deals, and what partners' people wrote about their work."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from core import retention
from core.database import session
from core.i18n import lazy_gettext as _l
from core.imports import keep_files_for_a_time
from core.personal_data import Holding, Person, holds, without_bylines
from referrals.matching import KeyKind
from referrals.models import (
    Deal,
    DealKey,
    HookMessage,
    IdentityKey,
    Lead,
    LeadContact,
    LeadImport,
    LeadKey,
    LeadSender,
    Rating,
)
from referrals.models.leads import LeadStatus
from referrals.models.routing import PolicyReplay

#: By these a person is recognised, by the others a company.
_OF_PEOPLE = (KeyKind.EMAIL, KeyKind.PHONE)


def _leads(person: Person) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Lead.id, Lead.received_at, Lead.origin, Lead.status, Lead.company, Lead.person, Lead.email, Lead.phone,
            Lead.city, Lead.country, Lead.text, Lead.consent_version, Lead.consent_at,
        )
        .where(sa.func.lower(Lead.email) == person.email)
        .order_by(Lead.id)
    )  # fmt: skip


def _erase_leads(person: Person) -> int:
    ids = list(session.scalars(sa.select(Lead.id).where(sa.func.lower(Lead.email) == person.email)))
    _forget_contacts(ids)
    return len(ids)


def _forget_contacts(ids: list[int]) -> None:
    """The company and what became of the lead stay; who it was, and what they wrote, go."""
    nobody = sa.literal("erased-") + sa.cast(Lead.id, sa.String) + sa.literal("@invalid")
    session.execute(
        sa.update(Lead)
        .where(Lead.id.in_(ids))
        .values(
            person=None, phone=None, text=None, call_at=None, page_url=None,
            email=sa.case((Lead.company.is_(None), nobody), else_=None),
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    session.execute(
        sa.update(HookMessage)
        .where(HookMessage.lead_id.in_(ids))
        .values(body={})
        .execution_options(synchronize_session=False)
    )
    _forget_senders(ids)
    _forget_keys(LeadKey, LeadKey.lead_id.in_(ids))
    session.expire_all()


def _forget_senders(ids: list[int]) -> None:
    session.execute(
        sa.delete(LeadSender).where(LeadSender.lead_id.in_(ids)).execution_options(synchronize_session=False)
    )


def _forget_keys(known: Any, whose: sa.ColumnElement[bool]) -> None:
    """Takes away by which e-mail and telephone leads or deals were recognised, and keys that nobody has any more."""
    of_people = sa.select(IdentityKey.id).where(IdentityKey.kind.in_([str(kind) for kind in _OF_PEOPLE]))
    keys = set(session.scalars(sa.select(known.key_id).where(whose, known.key_id.in_(of_people))))
    if not keys:
        return
    session.execute(sa.delete(known).where(whose, known.key_id.in_(keys)))
    still = set(session.scalars(sa.select(LeadKey.key_id).where(LeadKey.key_id.in_(keys))))
    still |= set(session.scalars(sa.select(DealKey.key_id).where(DealKey.key_id.in_(keys))))
    session.execute(sa.delete(IdentityKey).where(IdentityKey.id.in_(keys - still)))


def _deals(person: Person) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Deal.id, Deal.created_at, Deal.status, Deal.company, Deal.person, Deal.email, Deal.phone)
        .where(sa.func.lower(Deal.email) == person.email)
        .order_by(Deal.id)
    )


def _erase_deals(person: Person) -> int:
    ids = list(session.scalars(sa.select(Deal.id).where(sa.func.lower(Deal.email) == person.email)))
    session.execute(
        sa.update(Deal)
        .where(Deal.id.in_(ids))
        .values(person=None, email=None, phone=None)
        .execution_options(synchronize_session=False)
    )
    _forget_keys(DealKey, DealKey.deal_id.in_(ids))
    session.expire_all()
    return len(ids)


def _ratings(person: Person) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Rating.asked_at, Rating.answered_at, Rating.stars, Rating.text)
        .where(Rating.email == person.email)
        .order_by(Rating.id)
    )


def _erase_ratings(person: Person) -> int:
    ids = list(session.scalars(sa.select(Rating.id).where(Rating.email == person.email)))
    session.execute(
        sa.update(Rating)
        .where(Rating.id.in_(ids))
        .values(email=None, text="")
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    return len(ids)


def _work(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return (
        sa.select(LeadContact.at, LeadContact.lead_id, LeadContact.kind, LeadContact.text)
        .where(LeadContact.user_id == person.user_id)
        .order_by(LeadContact.id)
    )


def _erase_bylines(person: Person) -> int:
    return without_bylines(person, LeadImport.created_by_name, PolicyReplay.asked_by_name)


holds(
    Holding(
        "leads", _l("Contact of leads"), _leads, _erase_leads,
        kept=_l("The company, what became of the lead, and that they had agreed, stay."),
    ),
    Holding(
        "deals", _l("Contact of deals"), _deals, _erase_deals,
        kept=_l("The company and the deal stay, since sales and earnings hang on them."),
    ),
    Holding(
        "ratings", _l("What a customer said of a partner"), _ratings, _erase_ratings,
        kept=_l("The stars stay in the partner's rating, without a name."),
    ),
    Holding(
        "lead_work", _l("Calls, mails and meetings written down"), _work, _erase_bylines,
        kept=_l("What was written down about a customer stays with the lead, by number."),
    ),
)  # fmt: skip


def _contacts_still_there() -> Iterable[sa.ColumnElement[bool]]:
    named = sa.or_(Lead.person.is_not(None), Lead.phone.is_not(None), Lead.text.is_not(None))
    return [sa.or_(named, sa.and_(Lead.email.is_not(None), Lead.email.not_like("erased-%@invalid")))]


retention.rule(
    "leads",
    _l("Unqualified leads and spam"),
    _l("The contact person, their data and what they wrote go; the company, the source and the reason stay."),
    months=12,
    due=lambda limit: sa.select(Lead.id).where(
        Lead.status.in_([LeadStatus.UNQUALIFIED, LeadStatus.SPAM]),
        Lead.closed_at < limit,
        *_contacts_still_there(),
    ),
    clear=_forget_contacts,
)
retention.rule(
    "hook_messages",
    _l("Log of messages that came in about leads"),
    _l("What a CRM or a shop sent is emptied; that it came stays, so that it is not taken twice."),
    months=3,
    due=lambda limit: sa.select(HookMessage.id).where(
        HookMessage.received_at < limit, sa.cast(HookMessage.body, sa.Text) != "{}"
    ),
    clear=lambda ids: session.execute(
        sa.update(HookMessage)
        .where(HookMessage.id.in_(ids))
        .values(body={})
        .execution_options(synchronize_session=False)
    ),
)
retention.rule(
    "lead_senders",
    _l("From where lead forms were sent"),
    _l(
        "The digest of the visitor's network is removed; which partners were found to sit there stays with the lead."
    ),
    months=1,
    due=lambda limit: sa.select(LeadSender.lead_id).where(LeadSender.seen_at < limit),
    clear=_forget_senders,
)
keep_files_for_a_time("lead_files", LeadImport, _l("Files of leads that were brought in"))
