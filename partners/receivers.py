"""What partners does when something happened to a firm or an application: it writes to the people concerned."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts import emails as accounts_emails
from accounts import operations as accounts
from accounts.models import User
from accounts.permissions import Role
from core import jobs
from core.database import session
from core.i18n import lazy_gettext
from core.signals import receives
from partners import emails, operations, queries
from partners.models import Agreement, Member, Partner, PartnerStatus
from partners.queries import onboarding
from partners.queries.onboarding import Step
from partners.signals import (
    AgreementPublished,
    ApplicationApproved,
    ApplicationRejected,
    ApplicationStarted,
    ApplicationSubmitted,
    ConfirmationAsked,
    InformationRequested,
    MemberInvited,
    PartnerActivated,
    PartnerReinstated,
    PartnerSuspended,
    TierChanged,
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
    emails.rejected(signal.subject)


@receives(MemberInvited)
def invite_a_member_by_mail(signal: MemberInvited) -> None:
    member = signal.subject
    secret = accounts.invite_again(member.user, by=signal.by)
    inviter = str(signal.by.name) if signal.by is not None else ""
    accounts_emails.invite(member.user, secret, firm=member.partner.name, by_name=inviter)


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


@receives(PartnerReinstated)
def tell_the_admins_that_the_suspension_is_over(signal: PartnerReinstated) -> None:
    for member in _admins(signal.subject):
        emails.reinstated(member)


@receives(TierChanged)
def tell_the_admins_about_their_tier(signal: TierChanged) -> None:
    for member in _admins(signal.subject):
        emails.tier_changed(member, signal.reason)


@receives(AgreementPublished)
def ask_every_firm_to_accept_a_new_agreement(signal: AgreementPublished) -> None:
    if signal.subject.accept_by is not None:
        jobs.enqueue(
            "partners.ask-to-accept",
            {"agreement": signal.subject.id},
            key=f"ask-to-accept:{signal.subject.id}",
        )


@jobs.job("partners.ask-to-accept")
def ask_to_accept(payload: dict[str, Any]) -> None:
    """Writes to the admins of every firm that takes part."""
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
        )
    )
    for member in session.scalars(admins).all():
        emails.new_agreement(member, agreement)
