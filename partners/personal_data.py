"""What partners hold about people: members, applicants, what they wrote; and how long declined applications stay."""

from typing import Any

import sqlalchemy as sa

from core import retention
from core.contacts import email_key
from core.database import session
from core.i18n import lazy_gettext as _l
from core.imports import keep_files_for_a_time
from core.personal_data import Holding, Person, holds, without_bylines
from partners.models import (
    AgreementAcceptance,
    Announcement,
    Application,
    ApplicationNote,
    ApplicationStatus,
    Contact,
    DevelopmentGoal,
    DevelopmentPlan,
    Document,
    Invitation,
    Member,
    Message,
    NetworkImport,
    Partner,
    Resource,
    ResourceDownload,
    Story,
    Thread,
    TierDryRun,
    TierHold,
)
from partners.operations import members
from partners.operations.documents import forget_documents

#: Columns that hold the name of whoever did something, as a copy.
_BYLINES = (
    Announcement.published_by_name, ApplicationNote.author_name, DevelopmentGoal.done_by_name,
    DevelopmentPlan.partner_agreed_by_name, DevelopmentPlan.vendor_agreed_by_name, Resource.changed_by_name,
    Story.published_by_name, TierDryRun.asked_by_name, TierHold.set_by_name,
)  # fmt: skip


def _membership(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return (
        sa.select(Partner.name.label("partner"), Member.joined_at, Member.left_at)
        .join(Partner, Partner.id == Member.partner_id)
        .where(Member.user_id == person.user_id)
    )


def _leave(person: Person) -> int:
    """Whoever is erased leaves their firm. Raises Refusal for the firm's last admin."""
    member = session.scalar(
        sa.select(Member).where(Member.user_id == person.user_id, Member.left_at.is_(None))
    )
    if member is None:
        return 0
    members.remove_member(member, by=None)
    return 1


def _applications(person: Person) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        Application.id, Application.created_at, Application.status, Application.email, Application.person,
        Application.position, Application.phone, Application.company, Application.website, Application.city,
        Application.country, Application.about, Application.answers, Application.privacy_read_at,
        Application.decided_at,
    ).where(_applied(person))  # fmt: skip


def _applied(person: Person) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.func.lower(Application.email) == person.email,
        Application.email_key == (email_key(person.email) or person.email),
    )


def _erase_applications(person: Person) -> int:
    ids = list(session.scalars(sa.select(Application.id).where(_applied(person))))
    _forget_applicants(ids)
    return len(ids)


def _forget_applicants(ids: list[int]) -> None:
    """The firm, its country and the decision stay, for figures and for the day on which it applies again."""
    nobody = sa.literal("erased-") + sa.cast(Application.id, sa.String) + sa.literal("@invalid")
    session.execute(
        sa.update(Application)
        .where(Application.id.in_(ids))
        .values(
            email=nobody, email_key=nobody, person="", position="", phone=None, about="", answers=[],
            heard_detail="", confirmation_digest=None, decision_note="",
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    session.execute(sa.delete(ApplicationNote).where(ApplicationNote.application_id.in_(ids)))
    session.expire_all()


def _messages(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return (
        sa.select(Message.written_at, Thread.subject, Message.text)
        .join(Thread, Thread.id == Message.thread_id)
        .where(Message.author_id == person.user_id)
        .order_by(Message.id)
    )


def _agreements(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return sa.select(
        AgreementAcceptance.agreement_id, AgreementAcceptance.accepted_at, AgreementAcceptance.accepted_by_name,
        AgreementAcceptance.text_hash,
    ).where(AgreementAcceptance.accepted_by_id == person.user_id)  # fmt: skip


def _downloads(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return (
        sa.select(ResourceDownload.at, Resource.title.label("resource"), ResourceDownload.version)
        .join(Resource, Resource.id == ResourceDownload.resource_id)
        .where(ResourceDownload.user_id == person.user_id)
    )


def _invitations(person: Person) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Partner.name.label("partner"), Invitation.email, Invitation.name, Invitation.role, Invitation.sent_at,
            Invitation.expires_at,
        )
        .join(Partner, Partner.id == Invitation.partner_id)
        .where(Invitation.email == person.email)
        .order_by(Invitation.id)
    )  # fmt: skip


def _erase_invitations(person: Person) -> int:
    return _forget_invitations(Invitation.email == person.email)


def _forget_invitations(condition: sa.ColumnElement[bool]) -> int:
    statement = sa.delete(Invitation).where(condition)
    done: Any = session.execute(statement.execution_options(synchronize_session=False))
    return int(done.rowcount)


def _care(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    """The firms that somebody of the vendor looks after."""
    if person.user_id is None:
        return None
    managed = sa.select(Partner.name.label("partner"), sa.literal("manager").label("kind")).where(
        Partner.manager_id == person.user_id
    )
    named = (
        sa.select(Partner.name, sa.cast(Contact.kind, sa.String))
        .join(Contact, Contact.partner_id == Partner.id)
        .where(Contact.user_id == person.user_id)
    )
    return sa.select(sa.union_all(managed, named).subquery())


def _end_care(person: Person) -> int:
    """The places are empty, for a colleague to fill."""
    if person.user_id is None:
        return 0
    managed: Any = session.execute(
        sa.update(Partner)
        .where(Partner.manager_id == person.user_id)
        .values(manager_id=None)
        .execution_options(synchronize_session=False)
    )
    named: Any = session.execute(
        sa.delete(Contact)
        .where(Contact.user_id == person.user_id)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    return int(managed.rowcount) + int(named.rowcount)


def _documents(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return (
        sa.select(
            Partner.name.label("partner"), Document.kind, Document.title, Document.name, Document.valid_until,
            Document.uploaded_at, Document.withdrawn_at,
        )
        .join(Partner, Partner.id == Document.partner_id)
        .where(Document.uploaded_by_id == person.user_id)
        .order_by(Document.id)
    )  # fmt: skip


holds(
    Holding(
        "membership", _l("Membership of a firm"), _membership, _leave,
        kept=_l("That somebody was a member, and when, stays by number."),
    ),
    Holding("invitations", _l("Invitations to a firm"), _invitations, _erase_invitations),
    Holding("care", _l("Firms one looks after"), _care, _end_care),
    Holding(
        "documents", _l("Documents of the firm"), _documents,
        kept=_l("They belong to the firm; who uploaded them stays by number."),
    ),
    Holding(
        "applications", _l("Applications"), _applications, _erase_applications,
        kept=_l("The firm and the decision stay, without the person."),
    ),
    Holding(
        "messages", _l("Messages to and from the vendor"), _messages,
        lambda person: without_bylines(person, *_BYLINES),
        kept=_l("What was written belongs to both firms; it stays, without the name."),
    ),
    Holding(
        "agreements", _l("Agreements accepted"), _agreements,
        kept=_l("Who accepted a contract stays with the contract, since the law asks for it."),
    ),
    Holding(
        "downloads", _l("Files taken from the resources"), _downloads,
        kept=_l("Downloads stay by number, without a name."),
    ),
)  # fmt: skip

retention.rule(
    "applications",
    _l("Declined applications"),
    _l("The person, their contact data and the correspondence go; the firm and the decision stay."),
    months=12,
    due=lambda limit: sa.select(Application.id).where(
        Application.status == ApplicationStatus.REJECTED,
        Application.decided_at < limit,
        Application.person != "",
    ),
    clear=_forget_applicants,
)
retention.rule(
    "drafts",
    _l("Applications that were never sent"),
    _l("The person, their contact data and what they had typed go."),
    months=6,
    due=lambda limit: sa.select(Application.id).where(
        Application.status.in_([ApplicationStatus.DRAFT, ApplicationStatus.EMAIL_CONFIRMED]),
        Application.created_at < limit,
        Application.person != "",
    ),
    clear=_forget_applicants,
)
retention.rule(
    "invitations",
    _l("Invitations to a firm"),
    _l("Those that nobody has followed are removed."),
    months=1,
    due=lambda limit: sa.select(Invitation.id).where(Invitation.expires_at < limit),
    clear=lambda ids: _forget_invitations(Invitation.id.in_(ids)),
)
retention.rule(
    "documents",
    _l("Withdrawn documents of firms"),
    _l("The file goes; what it was, until when it held and its fingerprint stay."),
    months=36,
    due=lambda limit: sa.select(Document.id).where(
        Document.withdrawn_at < limit, Document.storage_key.is_not(None)
    ),
    clear=forget_documents,
)
keep_files_for_a_time("firm_files", NetworkImport, _l("Files of firms that were brought in"))
