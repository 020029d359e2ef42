"""What partners does when something happened to a firm or an application: it writes to the people concerned."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts import emails as accounts_emails
from accounts import operations as accounts
from accounts.models import User
from accounts.permissions import Role
from accounts.signals import PersonSuspended
from core import jobs
from core.bulk import among
from core.database import session
from core.i18n import lazy_gettext
from core.imports import import_job
from core.signals import receives
from partners import emails, operations, queries
from partners.models import (
    Agreement,
    Announcement,
    Invitation,
    Member,
    NetworkExport,
    NetworkImport,
    Partner,
    PartnerStatus,
    RejectionReason,
    TierDryRun,
    TierRun,
)
from partners.operations import contacts, invitations, network_exports, network_imports
from partners.operations.members import forget_invitations_by
from partners.queries import messages as conversations
from partners.queries import onboarding
from partners.queries.announcements import addressed_firms
from partners.queries.invitations import who_holds
from partners.queries.measures import measure_of, measures
from partners.queries.onboarding import Step
from partners.signals import (
    AgreementPublished,
    AnnouncementPublished,
    ApplicationApproved,
    ApplicationRejected,
    ApplicationStarted,
    ApplicationSubmitted,
    ConfirmationAsked,
    DevelopmentPlanAgreed,
    DevelopmentPlanProposed,
    InformationRequested,
    MemberInvited,
    MemberLeft,
    MembersInvited,
    MessageWritten,
    PartnerActivated,
    PartnerReceivedDuplicate,
    PartnerReinstated,
    PartnerSuspended,
    PartnerTerminated,
    StoryPublished,
    StoryReturned,
    TierChanged,
    TierGraceAnnounced,
    TierKept,
)

for step in (
    Step(
        "agreement",
        lazy_gettext("Accept the agreement"),
        lazy_gettext("Your firm takes part from then on."),
        7,
        "partners.agreement",
        onboarding.accepted_the_agreement,
    ),
    Step(
        "profile",
        lazy_gettext("Complete the profile"),
        lazy_gettext("Leads are matched by place, language, products and services."),
        14,
        "partners.firm",
        onboarding.filled_in_the_profile,
    ),
    Step(
        "members",
        lazy_gettext("Have two people in the portal"),
        lazy_gettext("So that a lead finds somebody even in holidays."),
        14,
        "partners.members",
        onboarding.have_two_members,
    ),
):
    onboarding.add_step(step)


@receives(ApplicationStarted, ConfirmationAsked)
def ask_the_mailbox_to_confirm_when_an_application_is_started(
    signal: ApplicationStarted | ConfirmationAsked,
) -> None:
    emails.confirm(signal.subject, operations.ask_to_confirm(signal.subject))


@receives(ApplicationSubmitted)
def tell_the_applicant_when_an_answer_is_due(signal: ApplicationSubmitted) -> None:
    emails.submitted(signal.subject)


@receives(InformationRequested)
def ask_the_applicant_by_mail(signal: InformationRequested) -> None:
    emails.question(signal.subject, signal.subject.notes[-1].text)


@receives(ApplicationApproved)
def welcome_the_applicant(signal: ApplicationApproved) -> None:
    emails.approved(signal.subject)


@receives(ApplicationRejected)
def tell_the_applicant_why_not(signal: ApplicationRejected) -> None:
    """Spam is not answered: the address may be somebody else's."""
    if signal.reason != RejectionReason.SPAM:
        emails.rejected(signal.subject)


@receives(MemberInvited)
def invite_a_member_by_mail(signal: MemberInvited) -> None:
    member = signal.subject
    secret = accounts.invite_again(member.user, by=signal.by)
    inviter = str(signal.by.name) if signal.by is not None else ""
    accounts_emails.invite(member.user, secret, firm=member.partner.name, by_name=inviter)


@jobs.job(invitations.JOB)
def mail_an_invitation(payload: dict[str, Any]) -> None:
    """Here, and nowhere before, it matters whether somebody signs in with the address. Withdrawn meanwhile: nothing."""
    row = session.get(Invitation, payload["invitation"])
    if row is None or not row.is_open:
        return
    holder = who_holds(row.email)
    secret = invitations.new_link(row)
    if holder is None:
        emails.invited(row, secret)
    else:
        emails.invited_elsewhere(row, secret, holder)


@receives(MembersInvited)
def invite_many_members_by_mail(signal: MembersInvited) -> None:
    """As :func:`invite_a_member_by_mail` does for one."""
    members = signal.subject
    by_name = str(signal.by.name) if signal.by is not None else ""
    secrets = accounts.invite_many([member.user for member in members], by=signal.by)
    for member, secret in zip(members, secrets, strict=True):
        accounts_emails.invite(member.user, secret, firm=member.partner.name, by_name=by_name)


@receives(PersonSuspended)
def take_back_the_invitations_of_whoever_is_suspended(signal: PersonSuspended) -> None:
    """Of whoever leaves a firm, too: their account is suspended then."""
    forget_invitations_by(signal.subject)


@receives(MemberLeft)
def tell_who_takes_over_from_a_colleague(signal: MemberLeft) -> None:
    if signal.successor_id:
        successor = session.get_one(Member, signal.successor_id)
        emails.work_handed_over(successor, signal.subject.user.name, signal.note)


def _admins(partner: Partner) -> list[Member]:
    return list(session.scalars(queries.admins_of(partner)))


@receives(PartnerActivated)
def tell_the_admins_that_the_firm_takes_part(signal: PartnerActivated) -> None:
    for member in _admins(signal.subject):
        emails.activated(member)


@receives(PartnerSuspended)
def tell_the_admins_why_the_firm_is_suspended(signal: PartnerSuspended) -> None:
    for member in _admins(signal.subject):
        emails.suspended(member, signal.reason)


@receives(PartnerTerminated)
def tell_both_sides_that_a_firm_left(signal: PartnerTerminated) -> None:
    """Its own admins read why; those of the firm that takes over, from whom."""
    for member in _admins(signal.subject):
        emails.terminated(member, signal.reason)
    if signal.subject.heir is not None:
        for member in _admins(signal.subject.heir):
            emails.inherited(member, signal.subject)


@receives(PartnerReceivedDuplicate)
def tell_the_admins_that_two_entries_are_one(signal: PartnerReceivedDuplicate) -> None:
    duplicate = session.get_one(Partner, signal.duplicate_id)
    for member in _admins(signal.subject):
        emails.merged(member, duplicate)


@receives(PartnerReinstated)
def tell_the_admins_that_the_suspension_is_over(signal: PartnerReinstated) -> None:
    for member in _admins(signal.subject):
        emails.reinstated(member)


@receives(TierChanged)
def tell_the_admins_about_their_tier(signal: TierChanged) -> None:
    for member in _admins(signal.subject):
        emails.tier_changed(member, signal.reason, signal.evidence)


@receives(TierGraceAnnounced)
def tell_the_admins_what_their_tier_lacks(signal: TierGraceAnnounced) -> None:
    for member in _admins(signal.subject.partner):
        emails.tier_grace(member, signal.subject)


@receives(TierKept)
def tell_the_admins_that_they_keep_their_tier(signal: TierKept) -> None:
    for member in _admins(signal.subject):
        emails.tier_kept(member)


@receives(DevelopmentPlanProposed)
def ask_the_other_side_about_the_plan(signal: DevelopmentPlanProposed) -> None:
    if signal.subject.partner_agreed_at is not None:
        emails.plan_awaits_vendor(signal.subject)
        return
    for member in _admins(signal.subject.partner):
        emails.plan_proposed(member, signal.subject)


@receives(DevelopmentPlanAgreed)
def tell_the_admins_that_the_plan_is_agreed(signal: DevelopmentPlanAgreed) -> None:
    for member in _admins(signal.subject.partner):
        emails.plan_agreed(member, signal.subject)


@receives(MessageWritten)
def write_to_the_other_side(signal: MessageWritten) -> None:
    message = signal.subject
    readers = conversations.firm_side if message.from_vendor else conversations.vendor_side
    for reader in readers(message.thread):
        emails.message_written(message, reader)


@receives(StoryPublished)
def tell_the_admins_that_their_story_is_published(signal: StoryPublished) -> None:
    for member in _admins(signal.subject.partner):
        emails.story_published(member, signal.subject)


@receives(StoryReturned)
def tell_the_admins_what_to_mend_in_their_story(signal: StoryReturned) -> None:
    for member in _admins(signal.subject.partner):
        emails.story_returned(member, signal.subject)


@receives(AnnouncementPublished)
def write_an_announcement_to_the_admins(signal: AnnouncementPublished) -> None:
    if signal.by_mail:
        jobs.enqueue("partners.mail-announcement", {"announcement": signal.subject.id, "after": 0})


@jobs.job("partners.mail-announcement")
def mail_an_announcement(payload: dict[str, Any]) -> None:
    """A hundred firms at a time, so that a large network is written to in short transactions."""
    row = session.get_one(Announcement, payload["announcement"])
    firms = addressed_firms(row.tiers, row.types, row.countries).where(Partner.id > payload["after"])
    partners = session.scalars(firms.limit(100)).all() if row.withdrawn_at is None else []
    for partner in partners:
        for member in _admins(partner):
            emails.announcement(member, row)
    if partners:
        jobs.enqueue("partners.mail-announcement", {"announcement": row.id, "after": partners[-1].id})


@jobs.recurring("partners.evaluate-tiers", at="02:40")
def evaluate_tiers_every_night(_payload: dict[str, Any]) -> None:
    """Opens the run; the firms follow some hundreds at a time, each lot a job that writes the next."""
    run = operations.begin_evaluation()
    if run is not None:
        jobs.enqueue("partners.evaluate-firms", {"run": run.id, "after": 0})


@jobs.job("partners.evaluate-firms")
def evaluate_some_firms(payload: dict[str, Any]) -> None:
    run = session.get_one(TierRun, payload["run"])
    after = operations.evaluate_some(run, after=payload["after"])
    if after is not None:
        jobs.enqueue("partners.evaluate-firms", {"run": run.id, "after": after})


@jobs.recurring("partners.keep-scores", at="03:20")
def keep_scores_every_night(_payload: dict[str, Any]) -> None:
    """A job a measure; each is replaced as a whole, so that doing one twice changes nothing."""
    operations.forget_lost_measures()
    for measure in measures():
        jobs.enqueue("partners.keep-scores-of", {"measure": measure.code})


@jobs.job("partners.keep-scores-of")
def keep_the_scores_of_a_measure(payload: dict[str, Any]) -> None:
    measure = measure_of(payload["measure"])
    if measure is not None:
        operations.keep_scores_of(measure)


import_job("partners.check-firms", NetworkImport, network_imports.check_rows)
import_job("partners.take-firms", NetworkImport, network_imports.take_rows)
import_job("partners.undo-firms", NetworkImport, network_imports.undo_some)


@jobs.job(network_imports.INVITE_JOB)
def invite_some_members(payload: dict[str, Any]) -> None:
    by = session.get(User, payload["by"]) if payload["by"] is not None else None
    network_imports.invite_members(payload["members"], by=by)


@jobs.job(network_imports.TELL_JOB)
def tell_the_admins_that_their_firm_was_taken_back(payload: dict[str, Any]) -> None:
    for member in session.scalars(
        sa.select(Member).where(among(Member.id, payload["members"])).order_by(Member.id)
    ):
        emails.terminated(member, payload["reason"])


@jobs.job(contacts.JOB)
def hand_over_more_firms(payload: dict[str, Any]) -> None:
    leaver, heir, by = (session.get_one(User, payload[name]) for name in ("leaver", "heir", "by"))
    if contacts.hand_over_some(leaver, heir, by=by):
        jobs.enqueue(contacts.JOB, payload)


@jobs.job(network_exports.JOB)
def make_an_export(payload: dict[str, Any]) -> None:
    network_exports.make_export(session.get_one(NetworkExport, payload["export"]))


@jobs.recurring("partners.forget-old-exports", at="04:05")
def forget_old_exports(_payload: dict[str, Any]) -> None:
    network_exports.forget_old_exports()


@jobs.job("partners.dry-run-tiers")
def try_a_draft_of_the_tier_rules(payload: dict[str, Any]) -> None:
    """Some hundreds of firms at a time; each job writes the next. A draft that was thrown away took its run along."""
    run = session.get(TierDryRun, payload["run"])
    after = operations.try_some(run, after=payload.get("after", 0)) if run is not None else None
    if run is not None and after is not None:
        jobs.enqueue("partners.dry-run-tiers", {"run": run.id, "after": after})


@receives(AgreementPublished)
def ask_every_firm_to_accept_a_new_agreement(signal: AgreementPublished) -> None:
    if signal.subject.accept_by is not None:
        jobs.enqueue(
            "partners.ask-to-accept",
            {"agreement": signal.subject.id, "after": 0},
            key=f"ask-to-accept:{signal.subject.id}",
        )


#: So many admins are written to in one transaction.
WRITTEN_TO_AT_ONCE = 100


@jobs.job("partners.ask-to-accept")
def ask_to_accept(payload: dict[str, Any]) -> None:
    """Writes to the admins of every firm that takes part, a hundred at a time; each job writes the next."""
    agreement = session.get_one(Agreement, payload["agreement"])
    admins = (
        sa.select(Member)
        .join(Member.partner)
        .join(Member.user)
        .options(joinedload(Member.partner), joinedload(Member.user))
        .where(
            Member.left_at.is_(None),
            User.role == Role.PARTNER_ADMIN,
            User.suspended_at.is_(None),
            Partner.status.in_((PartnerStatus.ACTIVE, PartnerStatus.ONBOARDING, PartnerStatus.SUSPENDED)),
            Member.id > payload.get("after", 0),
        )
        .order_by(Member.id)
        .limit(WRITTEN_TO_AT_ONCE)
    )
    members = session.scalars(admins).all()
    for member in members:
        emails.new_agreement(member, agreement)
    if len(members) == WRITTEN_TO_AT_ONCE:
        jobs.enqueue("partners.ask-to-accept", {"agreement": agreement.id, "after": members[-1].id})
