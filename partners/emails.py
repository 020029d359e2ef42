"""What partners writes to applicants and to the people of firms."""

from typing import Any

from core import mail
from core.settings import PROGRAMME_NAME
from partners.models import Agreement, Application, Member


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


def activated(member: Member) -> None:
    """The agreement is accepted; the firm takes part."""
    _write_to_member("activated", member)


def suspended(member: Member, reason: str) -> None:
    """The firm is suspended, and why."""
    _write_to_member("suspended", member, reason=reason)


def reinstated(member: Member) -> None:
    """The suspension is over."""
    _write_to_member("reinstated", member)


def new_agreement(member: Member, agreement: Agreement) -> None:
    """A new version asks to be accepted by a day."""
    _write_to_member("new_agreement", member, agreement=agreement)


def tier_changed(member: Member, reason: str) -> None:
    """Another tier, and why."""
    _write_to_member("tier_changed", member, reason=reason)


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
