"""Mail about money: to the people at a partner who deal with it, and to the vendor's finance."""

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from commissions.emails.people import money_people, plain, staff
from commissions.models import Payout, PayoutProfile, PayoutRun, RunStatus, Statement, TaxPaper
from commissions.queries.papers import papers_of
from core import mail
from core.activity import Actor
from core.database import session
from core.i18n import speaking, spoken_to
from core.mail import absolute_url


def say_that_money_comes(payout: Payout) -> None:
    """To the partner: how much, to where, for which lines."""
    for person in money_people(payout.partner):
        mail.send(
            "commissions/emails/payout_paid",
            to=person.email,
            locale=person.locale,
            key=f"payout:{payout.id}:paid:{person.id}",
            person=person,
            payout=payout,
            place=_place(payout, person),
            lines=_number_of_lines(payout),
            url=absolute_url(f"/payouts/{payout.id}"),
        )


def _place(where: Payout | PayoutProfile, reader: User) -> str:
    """Where money goes, with the country's name in the reader's language."""
    with speaking(spoken_to(reader.locale)):
        return plain(where.said if isinstance(where, PayoutProfile) else where.said_destination)


def _number_of_lines(payout: Payout) -> int:
    from commissions.models import PayoutLine

    query = sa.select(sa.func.count()).where(PayoutLine.payout_id == payout.id)
    return session.scalar(query) or 0


def say_that_a_payout_failed(payout: Payout, reason: str) -> None:
    """To the partner, who may have to correct the details, and to finance, who decide what next."""
    for person in (*money_people(payout.partner), *staff(Role.FINANCE)):
        mail.send(
            "commissions/emails/payout_failed",
            to=person.email,
            locale=person.locale,
            key=f"payout:{payout.id}:{payout.attempt}:{payout.status}:{person.id}",
            person=person,
            payout=payout,
            partner=plain(payout.partner.name),
            reason=plain(reason),
            url=absolute_url(f"/staff/payouts/{payout.id}" if person.is_staff else "/payout-profile"),
        )


def say_whose_turn_it_is(run: PayoutRun) -> None:
    """To whoever acts next: those who may approve what is proposed, finance when it is approved or sent back."""
    role = Role.PARTNER_MANAGER if run.status is RunStatus.PROPOSED else Role.FINANCE
    for person in staff(role):
        if person.id == run.proposed_by_id and run.status is RunStatus.PROPOSED:
            continue
        mail.send(
            "commissions/emails/run_turn",
            to=person.email,
            locale=person.locale,
            key=f"run:{run.id}:{run.status}:{run.digest or ''}:{run.proposed_at}:{person.id}",
            person=person,
            run=run,
            partners=_number_of_payouts(run),
            note=plain(run.note),
            url=absolute_url(f"/staff/payouts/runs/{run.id}"),
        )


def _number_of_payouts(run: PayoutRun) -> int:
    return session.scalar(sa.select(sa.func.count()).where(Payout.run_id == run.id)) or 0


def say_that_stripe_could_not_pay(profile: PayoutProfile, *, event_id: str) -> None:
    """To the partner, who must mend the bank details at Stripe, and to finance."""
    for person in (*money_people(profile.partner), *staff(Role.FINANCE)):
        mail.send(
            "commissions/emails/stripe_trouble",
            to=person.email,
            locale=person.locale,
            key=f"stripe-trouble:{event_id}:{person.id}",
            person=person,
            partner=plain(profile.partner.name),
            reason=plain(profile.stripe_trouble or ""),
            url=absolute_url(
                f"/staff/partners/{profile.partner_id}/earnings" if person.is_staff else "/payout-profile"
            ),
        )


def say_that_a_tax_paper_came(paper: TaxPaper) -> None:
    """To finance, who look at it and set the rates."""
    for person in staff(Role.FINANCE):
        mail.send(
            "commissions/emails/tax_paper",
            to=person.email,
            locale=person.locale,
            key=f"tax-paper:{paper.id}:{person.id}",
            person=person,
            partner=plain(paper.partner.name),
            paper=paper,
            url=absolute_url(f"/staff/partners/{paper.partner_id}/earnings"),
        )


def say_that_details_changed(profile: PayoutProfile, by: Actor | None) -> None:
    """To every admin of the firm and the vendor's finance: money goes somewhere else from now on."""
    for person in (*money_people(profile.partner), *staff(Role.FINANCE)):
        mail.send(
            "commissions/emails/profile_changed",
            to=person.email,
            locale=person.locale,
            person=person,
            profile=profile,
            partner=plain(profile.partner.name),
            place=_place(profile, person),
            who=plain(str(by.name)) if by is not None else None,
        )


def say_that_a_statement_is_there(statement: Statement) -> None:
    """To the partner: a month is closed, and which papers go with it."""
    papers = papers_of([statement])[statement.id]
    for person in money_people(statement.partner):
        mail.send(
            "commissions/emails/statement_issued",
            to=person.email,
            locale=person.locale,
            key=f"statement:{statement.id}:{person.id}",
            person=person,
            statement=statement,
            papers=papers,
            url=absolute_url(f"/statements/{statement.number}"),
        )


def raise_the_alarm(problems: list[str], *, key: str) -> None:
    """To whoever runs the programme and to finance: the books do not prove themselves."""
    for person in staff(Role.PROGRAMME_ADMIN, Role.FINANCE):
        mail.send(
            "commissions/emails/audit_failed",
            to=person.email,
            locale=person.locale,
            key=f"{key}:{person.id}",
            person=person,
            problems=problems[:20],
            number=len(problems),
        )
