"""Every night the proofs are checked; whoever runs the programme hears of a difference."""

from typing import Any

from accounts.permissions import Role
from accounts.queries import active_staff_with
from commissions.operations.proofs import check_proofs
from commissions.signals import ProofsDiffer
from core import mail
from core.database import session
from core.jobs import recurring
from core.mail import absolute_url
from core.signals import receives


@recurring("commissions.proofs", at="02:20")
def check_proofs_every_night(_payload: dict[str, Any]) -> None:
    """Open lines and those of the last twelve months."""
    check_proofs(by=None)


@receives(ProofsDiffer)
def tell_who_runs_the_programme_that_a_proof_differs(signal: ProofsDiffer) -> None:
    """One mail a line and person: a difference is never ordinary."""
    entry = signal.subject
    for role in (Role.PROGRAMME_ADMIN, Role.FINANCE):
        for person in session.scalars(active_staff_with(role)):
            mail.send(
                "commissions/emails/proof_differs",
                to=person.email,
                locale=person.locale,
                key=f"proof:{entry.id}:{person.id}",
                person=person,
                entry=entry,
                url=absolute_url(f"/earnings/lines/{entry.id}?again=1"),
            )
