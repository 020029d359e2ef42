"""The agreement: published in versions, accepted by each firm."""

from datetime import date, timedelta

import sqlalchemy as sa

from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import current_locale
from core.i18n import gettext as _
from core.settings import PROGRAMME_TIME_ZONE
from core.signals import announce
from partners import queries, signals
from partners.models import Agreement, AgreementAcceptance, Partner, PartnerStatus, hash_of_texts
from partners.queries import agreements as questions
from partners.settings import ACCEPTANCE_DAYS

SHORTEST_TEXT = 200


def publish_agreement(
    *,
    text: str,
    text_ru: str,
    summary: str = "",
    summary_ru: str = "",
    accept_by: date | None = None,
    by: Actor | None,
) -> Agreement:
    """Publishes the next version. Firms with an earlier one accept by ``accept_by`` (a setting's days from today).

    What was earned under an earlier version stays as it is. Raises InvalidInput by field.
    """
    problems = {
        name: _("Write the whole text, in both languages.")
        for name, written in (("text", text), ("text_ru", text_ru))
        if len(written.strip()) < SHORTEST_TEXT
    }
    before = queries.current_agreement()
    today = clock.today(PROGRAMME_TIME_ZONE.value())
    if before is None:
        accept_by = None
    else:
        accept_by = accept_by or today + timedelta(days=ACCEPTANCE_DAYS.value())
        if accept_by <= today:
            problems["accept_by"] = _("Give partners until a day to come.")
        if hash_of_texts(text, text_ru) == before.text_hash:
            problems["text"] = _("This is the text of version %(number)s.", number=before.number)
        if not summary.strip() or not summary_ru.strip():
            problems["summary"] = _("Say in a sentence or two, in both languages, what changed.")
    if problems:
        raise InvalidInput(problems)
    agreement = Agreement(
        number=(session.scalar(sa.select(sa.func.max(Agreement.number))) or 0) + 1,
        text=text,
        text_ru=text_ru,
        summary=summary.strip(),
        summary_ru=summary_ru.strip(),
        text_hash=hash_of_texts(text, text_ru),
        accept_by=accept_by,
        published_at=clock.now(),
        published_by_id=by.id if by is not None else None,
    )
    session.add(agreement)
    session.flush()
    announce(signals.AgreementPublished(agreement, by))
    return agreement


def accept_agreement(
    partner: Partner,
    agreement: Agreement,
    *,
    by: Actor | None,
    text_hash: str | None = None,
    on_paper: bool = False,
) -> AgreementAcceptance:
    """Accepts the current version for the firm; who was in onboarding becomes active.

    ``text_hash`` is that of the text which was on the page: another one is refused. ``on_paper``: the vendor has it
    signed and notes it.
    """
    lock(partner)
    current = queries.current_agreement()
    if current is None or agreement.id != current.id or text_hash not in (None, current.text_hash):
        raise Refusal(_("There is a newer version of the agreement. Read that one."))
    if questions.has_accepted(partner, agreement):
        raise Refusal(_("%(name)s has accepted this version already.", name=partner.name))
    if partner.status is PartnerStatus.TERMINATED:
        raise Refusal(_("The partnership with %(name)s has ended.", name=partner.name))
    acceptance = AgreementAcceptance(
        partner=partner,
        agreement=agreement,
        accepted_at=clock.now(),
        accepted_by_id=by.id if by is not None else None,
        accepted_by_name=str(by.name) if by is not None else "",
        on_paper=on_paper,
        locale=current_locale(),
        text_hash=agreement.text_hash,
    )
    session.add(acceptance)
    session.flush()
    announce(signals.AgreementAccepted(acceptance, by))
    if partner.status is PartnerStatus.ONBOARDING:
        partner.activate()
        announce(signals.PartnerActivated(partner, by))
    return acceptance
