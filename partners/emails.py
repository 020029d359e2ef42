"""What partners writes to applicants and to the people of firms."""

from typing import Any

from accounts.models import User
from core import mail
from core.i18n import lazy_gettext as _l
from core.letters import kind
from core.settings import PROGRAMME_NAME
from partners import queries, wording
from partners.models import (
    Agreement,
    Announcement,
    Application,
    DevelopmentPlan,
    Invitation,
    Member,
    Message,
    Partner,
    Story,
    TierGrace,
)

kind("partners", _l("My firm: agreement, tier, plan, messages"), "partners/emails/")
kind(
    "partners.essential", _l("My firm's agreement and access"), "partners/emails/new_agreement",
    "partners/emails/suspended", "partners/emails/terminated", "partners/emails/reinstated",
    "partners/emails/activated", can_be_stopped=False,
)  # fmt: skip
kind(
    "partners.links",
    _l("Links of an application or an invitation"),
    "partners/emails/confirm",
    "partners/emails/invited",
    can_be_stopped=False,
    is_noted=False,
)


def status_path(application: Application) -> str:
    """The applicant's own page."""
    return f"/applications/{application.token}"


def _write_to_applicant(name: str, application: Application, **context: Any) -> None:
    mail.send(
        f"partners/emails/{name}",
        to=application.email,
        locale=application.locale,
        application=application,
        programme=PROGRAMME_NAME.value(),
        status_url=mail.absolute_url(status_path(application)),
        **context,
    )


def confirm(application: Application, secret: str) -> None:
    """The link that proves the mailbox; good for a day."""
    path = f"{status_path(application)}/confirmation/{secret}"
    _write_to_applicant("confirm", application, url=mail.absolute_url(path))


def submitted(application: Application) -> None:
    """It arrived, and by when an answer comes."""
    _write_to_applicant("submitted", application)


def question(application: Application, text: str) -> None:
    """What the reviewer asks."""
    _write_to_applicant("question", application, text=text)


def approved(application: Application) -> None:
    """Welcome; the invitation comes in a mail of its own."""
    _write_to_applicant("approved", application)


def rejected(application: Application) -> None:
    """The reason, and when to try again."""
    _write_to_applicant("rejected", application)


def invited(invitation: Invitation, secret: str) -> None:
    """A firm asks somebody to join it; the link works for seven days."""
    _write_to_invited("invited", invitation, secret, locale=invitation.locale, name=invitation.name)


def invited_elsewhere(invitation: Invitation, secret: str, holder: User) -> None:
    """The same to somebody who signs in here already: what was asked, and what they can do."""
    by_vendor = invitation.invited_by.is_staff
    template = "invited_by_vendor" if by_vendor else "invited_elsewhere"
    _write_to_invited(template, invitation, secret, locale=holder.locale, name=holder.name)


def _write_to_invited(template: str, invitation: Invitation, secret: str, **context: Any) -> None:
    mail.send(
        f"partners/emails/{template}",
        to=invitation.email,
        firm=invitation.partner.name,
        by_name=invitation.invited_by.name,
        programme=PROGRAMME_NAME.value(),
        until=invitation.expires_at,
        url=mail.absolute_url(f"/firm/invitation/{secret}"),
        **context,
    )


def activated(member: Member) -> None:
    """The agreement is accepted; the firm takes part."""
    _write_to_member("activated", member)


def suspended(member: Member, reason: str) -> None:
    """The firm is suspended, and why."""
    _write_to_member("suspended", member, reason=reason)


def terminated(member: Member, reason: str) -> None:
    """The partnership ended, why, and what stays open to them."""
    _write_to_member("terminated", member, reason=reason)


def inherited(member: Member, from_firm: Partner) -> None:
    """The firm takes over from one that left."""
    _write_to_member("inherited", member, from_firm=from_firm.name)


def work_handed_over(successor: Member, person: str, note: str) -> None:
    """A colleague has left, and what was open is the reader's; with what they were left to know."""
    url = mail.absolute_url("/deals")
    _write_to_member("work_handed_over", successor, person=person, note=note, url=url)


def merged(member: Member, from_firm: Partner) -> None:
    """Two entries of one firm are one now."""
    _write_to_member("merged", member, from_firm=from_firm.name)


def reinstated(member: Member) -> None:
    """The suspension is over."""
    _write_to_member("reinstated", member)


def new_agreement(member: Member, agreement: Agreement) -> None:
    """A new version asks to be accepted by a day."""
    _write_to_member("new_agreement", member, agreement=agreement)


def tier_changed(member: Member, reason: str, evidence: list[dict[str, Any]]) -> None:
    """Another tier, and why: in somebody's words, or by the figures."""
    _write_to_member(
        "tier_changed",
        member,
        reason=reason,
        evidence=evidence,
        evidence_words=wording.evidence_words,
        tier_url=mail.absolute_url("/firm/tier"),
    )


def tier_grace(member: Member, grace: TierGrace) -> None:
    """The tier is no longer met: what is missing, until when it is kept, and what comes then."""
    tiers = queries.tiers_by_code()
    _write_to_member(
        "tier_grace",
        member,
        grace=grace,
        tier=tiers[grace.tier],
        falls_to=tiers[grace.falls_to],
        evidence_words=wording.evidence_words,
        tier_url=mail.absolute_url("/firm/tier"),
    )


def tier_kept(member: Member) -> None:
    """The requirements are met again."""
    _write_to_member("tier_kept", member, tier_url=mail.absolute_url("/firm/tier"))


def plan_proposed(member: Member, plan: DevelopmentPlan) -> None:
    """The vendor agreed to a development plan; the firm is asked."""
    _write_to_member("plan_proposed", member, plan=plan, plan_url=mail.absolute_url("/firm/plan"))


def plan_agreed(member: Member, plan: DevelopmentPlan) -> None:
    """Both sides agreed."""
    _write_to_member("plan_agreed", member, plan=plan, plan_url=mail.absolute_url("/firm/plan"))


def plan_awaits_vendor(plan: DevelopmentPlan) -> None:
    """The firm agreed to a development plan; its manager is asked."""
    manager = plan.partner.present_manager
    if manager is not None:
        mail.send(
            "partners/emails/plan_awaits_vendor",
            to=manager.email,
            locale=manager.locale,
            name=manager.name,
            plan=plan,
            plan_url=mail.absolute_url(f"/staff/partners/{plan.partner_id}/plan"),
        )


def message_written(message: Message, to: User) -> None:
    """What the other side wrote, and where to answer."""
    mail.send(
        "partners/emails/message_written",
        to=to.email,
        locale=to.locale,
        name=to.name,
        message=message,
        thread=message.thread,
        programme=PROGRAMME_NAME.value(),
        url=mail.absolute_url(f"/messages/{message.thread_id}"),
    )


def announcement(member: Member, row: Announcement) -> None:
    """An announcement that also goes by mail."""
    _write_to_member(
        "announcement", member, announcement=row, url=mail.absolute_url(f"/announcements/{row.id}")
    )


def story_published(member: Member, story: Story) -> None:
    """The firm's story stands in the finder."""
    url = mail.absolute_url(f"/finder/stories/{story.id}")
    _write_to_member("story_published", member, story=story, url=url)


def story_returned(member: Member, story: Story) -> None:
    """What should be mended before it is published."""
    _write_to_member("story_returned", member, story=story, url=mail.absolute_url(f"/stories/{story.id}"))


def _write_to_member(name: str, member: Member, **context: Any) -> None:
    mail.send(
        f"partners/emails/{name}",
        to=member.user.email,
        locale=member.user.locale,
        name=member.user.name,
        partner=member.partner,
        programme=PROGRAMME_NAME.value(),
        home_url=mail.absolute_url("/"),
        agreement_url=mail.absolute_url("/agreement"),
        **context,
    )
