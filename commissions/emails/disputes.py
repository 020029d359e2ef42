"""Mail about disputes, both ways."""

from collections.abc import Iterable

from accounts.models import User
from accounts.permissions import Role
from commissions.emails.people import money_people, plain, staff
from commissions.models import Dispute, DisputeStatus
from core import mail
from core.mail import absolute_url

_SAID = {
    DisputeStatus.ANSWERED: "commissions/emails/dispute_answered",
    DisputeStatus.CORRECTED: "commissions/emails/dispute_corrected",
    DisputeStatus.REJECTED: "commissions/emails/dispute_rejected",
}


def _vendors_people(dispute: Dispute) -> Iterable[User]:
    """Finance, and the manager who looks after the firm; each once."""
    people = {person.id: person for person in staff(Role.FINANCE)}
    manager = dispute.partner.manager
    if manager is not None and manager.suspended_at is None:
        people.setdefault(manager.id, manager)
    return people.values()


def _partners_people(dispute: Dispute) -> Iterable[User]:
    """Who asked, and the firm's people who deal with money; each once."""
    people = {person.id: person for person in money_people(dispute.partner)}
    if dispute.opened_by.suspended_at is None:
        people.setdefault(dispute.opened_by_id, dispute.opened_by)
    return people.values()


def _send(template: str, dispute: Dispute, people: Iterable[User]) -> None:
    last = dispute.messages[-1]
    for person in people:
        mail.send(
            template,
            to=person.email,
            locale=person.locale,
            key=f"dispute:{dispute.id}:{template}:{last.id}:{person.id}",
            person=person,
            dispute=dispute,
            entry=dispute.entry,
            correction=dispute.correction,
            partner=plain(dispute.partner.name),
            rule=plain(dispute.entry.rule),
            text=plain(last.text, 2000),
            url=absolute_url(f"/disputes/{dispute.id}"),
        )


def ask_the_vendor(dispute: Dispute) -> None:
    """A question, or a reply to an answer, with the clock that runs."""
    _send("commissions/emails/dispute_asked", dispute, _vendors_people(dispute))


def tell_the_partner(dispute: Dispute) -> None:
    """An answer, a correction, or why the line is right."""
    _send(_SAID[dispute.status], dispute, _partners_people(dispute))


def remind_of_a_late_answer(dispute: Dispute) -> None:
    """To the vendor: the time to answer is over."""
    _send("commissions/emails/dispute_late", dispute, _vendors_people(dispute))
