"""The vendor's own opportunities: companies that its people talk to themselves, so that no partner is sent there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from accounts.models import User
from core import clock
from core.activity import Actor
from core.contacts import company_domain
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.places import country_code
from core.settings import PROGRAMME_TIME_ZONE
from core.signals import announce
from core.taxids import parse_tax_id
from referrals.matching import HitClass, Identity, KeyKind, Outcome, Verdict, finding_sentence, keys_of
from referrals.models.leads import Lead, LeadStatus
from referrals.models.opportunities import OwnOpportunity, OwnOpportunityKey
from referrals.operations.conflicts import check_conflict
from referrals.operations.holding import free_lead, sort_lead
from referrals.operations.identity import held_keys, identity_of
from referrals.operations.routing import route_lead
from referrals.queries.identity import leads_known_by
from referrals.queries.opportunities import OWN_OPPORTUNITY, not_ended, own_opportunity_of
from referrals.signals.opportunities import OpportunityChanged, OpportunityEnded, OpportunityKept

#: After so many days somebody has to say again that the vendor talks to the company.
MOST_DAYS = 366

#: Promised to a partner: the vendor's own people come too late.
_PROMISED = frozenset({HitClass.REGISTRATION, HitClass.CLAIMED_LEAD})


@dataclass(frozen=True, kw_only=True)
class OpportunityData:
    """What somebody types: a company, by its site or its tax number of ``country``, and who talks to it until when."""

    company: str
    responsible: User
    until: date
    website: str = ""
    tax_id: str = ""
    country: str = ""
    note: str = ""


def keep_opportunity(data: OpportunityData, *, by: Actor | None) -> OwnOpportunity:
    """Writes down that the vendor talks to this company. Its leads wait for the responsible person from now on.

    Leads of it that look for a partner are taken back. Raises InvalidInput at the field that cannot be used; Refusal
    when a partner has been promised the company.
    """
    identity = _identity(data)
    keys = {key.kind: key.value for key in keys_of(identity)}
    holds_until = _end_of(data.until)
    # Whoever registers the company at this moment waits, or is waited for.
    numbers = held_keys(keys_of(identity)).values()
    for known in not_ended(keys):
        if known.holds:
            raise InvalidInput({"company": _("%(company)s is on the list already.", company=known.company)})
        end_opportunity(known, by=by)
    _refuse_what_was_promised(check_conflict(identity, partner=None))
    row = OwnOpportunity(
        company=data.company.strip()[:200],
        domain=keys.get(KeyKind.DOMAIN),
        tax_key=keys.get(KeyKind.TAX_ID),
        country=identity.country,
        responsible=data.responsible,
        note=data.note.strip()[:1000],
        holds_until=holds_until,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    session.execute(
        sa.insert(OwnOpportunityKey), [{"opportunity_id": row.id, "key_id": number} for number in numbers]
    )
    announce(OpportunityKept(row, by, company=row.company))
    for lead in _leads_of(row):
        if lead.is_seeking:
            free_lead(lead, reason="reassigned", by=by)
            lead.explicit_partner_id = None
            route_lead(lead, by=by)
    return row


def change_opportunity(
    row: OwnOpportunity, *, responsible: User, until: date, note: str, by: Actor | None
) -> None:
    """Somebody else talks to the company, or until another day. Raises InvalidInput at ``until``."""
    lock(row)
    if row.ended_at is not None:
        raise Refusal(_("This has ended. Write it down anew."))
    before = _said(row)
    row.holds_until = _end_of(until)
    row.responsible = responsible
    row.note = note.strip()[:1000]
    session.flush()
    if _said(row) != before:
        announce(OpportunityChanged(row, by, before=before, after=_said(row)))


def end_opportunity(row: OwnOpportunity, *, by: Actor | None) -> None:
    """The company is for partners again: its leads that waited look for one now. Twice is as once."""
    lock(row)
    if row.ended_at is not None:
        return
    why = "ended" if row.holds else "over"
    row.ended_at = clock.now()
    session.flush()
    announce(OpportunityEnded(row, by, company=row.company, why=why))
    for lead in _leads_of(row):
        if lead.status is LeadStatus.TRIAGE and lead.reason == OWN_OPPORTUNITY:
            sort_lead(lead, "genuine", by=by)


def own_opportunity_of_lead(lead: Lead) -> OwnOpportunity | None:
    """What holds of the lead's company."""
    return own_opportunity_of({key.kind: key.value for key in keys_of(identity_of(lead))})


def last_day(row: OwnOpportunity) -> date:
    """The last day on which it holds, in the programme's time zone."""
    return row.holds_until.astimezone(_zone()).date()


def _zone() -> ZoneInfo:
    return ZoneInfo(PROGRAMME_TIME_ZONE.value())


def _end_of(day: date) -> datetime:
    """The last minute of the day. Raises InvalidInput at ``until`` for one that is over, or too far away."""
    today = clock.today(PROGRAMME_TIME_ZONE.value())
    if not today <= day <= today + timedelta(days=MOST_DAYS):
        last = today + timedelta(days=MOST_DAYS)
        raise InvalidInput({"until": _("Choose a day from today until %(last)s.", last=last.isoformat())})
    return datetime.combine(day, time(23, 59), tzinfo=_zone())


def _identity(data: OpportunityData) -> Identity:
    """The company as conflict checks ask for it. Raises InvalidInput with every field that cannot be used."""
    problems: dict[str, str] = {}
    country = country_code(data.country) if data.country.strip() else None
    if not data.company.strip():
        problems["company"] = _("Give the company's name.")
    if data.country.strip() and country is None:
        problems["country"] = _("That is not a country's code, such as DE.")
    if data.website.strip() and company_domain(data.website, None) is None:
        problems["website"] = _("That is not a company's web address, such as www.company.com.")
    if data.tax_id.strip() and "country" not in problems:
        if country is None:
            problems["country"] = _("Choose the country of the tax number.")
        elif parse_tax_id(data.tax_id, country) is None:
            problems["tax_id"] = _("That is not a tax number of this country.")
    if not data.website.strip() and not data.tax_id.strip():
        problems["website"] = _(
            "Give the web address, the tax number, or both: a lead is recognised by them."
        )
    if problems:
        raise InvalidInput(problems)
    return Identity(
        company=data.company, website=data.website or None, tax_id=data.tax_id or None, country=country
    )


def _refuse_what_was_promised(verdict: Verdict) -> None:
    for finding in verdict.findings:
        if finding.hit_class in _PROMISED and finding.outcome is Outcome.CONFLICT:
            advice = _("It was first; agree with the partner before you go there.")
            raise Refusal(f"{finding_sentence(finding)} {advice}")


def _leads_of(row: OwnOpportunity) -> Iterable[Lead]:
    """The open leads of its company, by what names a company for certain."""
    known = ((KeyKind.DOMAIN, row.domain), (KeyKind.TAX_ID, row.tax_key))
    keys = [(kind.value, value) for kind, value in known if value]
    return dict.fromkeys(lead for lead, _kind in leads_known_by(keys))


def _said(row: OwnOpportunity) -> dict[str, str]:
    return {
        "responsible": row.responsible.name,
        "until": last_day(row).isoformat(),
        "note": row.note,
    }
