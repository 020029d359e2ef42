"""One way in for every lead: the forms, the API, an import, an event, a colleague."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from core import clock
from core.activity import Actor
from core.contacts import normalise_email, normalise_phone
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.places import country_code, find_city, is_region, region_code
from core.settings import PROGRAMME_CURRENCY
from core.signals import announce
from partners.models import Partner
from partners.queries import partner_of, products_by_code, services_by_code
from referrals import matching
from referrals.models.leads import ConsentText, Lead, LeadOrigin, LeadStatus
from referrals.operations.identity import hold_keys, identity_of, lead_hits, same_text_lately
from referrals.operations.links import keep_touches
from referrals.operations.routing import route_lead
from referrals.operations.senders import keep_sender
from referrals.queries.codes import spelling_of
from referrals.signals.leads import LeadReceived
from referrals.touches import Touch

#: Filled in by people on a page; there a way to reach them is asked for, and bots come too.
_TYPED_BY_STRANGERS = frozenset({LeadOrigin.EMBEDDED_FORM, LeadOrigin.HOSTED_FORM, LeadOrigin.FINDER})

_WEB_ADDRESS = re.compile(
    r"https?://[^\s/@:?#\"'<>\\]+\.[^\s/@:?#\"'<>\\]+(:\d{1,5})?([/?#][^\s\"'<>\\]*)?", re.IGNORECASE
)

_LONGEST = {
    "company": 200, "website": 300, "tax_id": 60, "person": 200, "phone": 60, "city": 120, "postcode": 20,
    "industry": 80, "text": 5000, "call_at": 120, "source": 80, "campaign": 120, "referral_code": 60, "page_url": 500,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LeadData:
    """What came in, as it was given. Company or e-mail is needed, all else may be absent."""

    origin: LeadOrigin
    company: str | None = None
    website: str | None = None
    tax_id: str | None = None
    person: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None
    postcode: str | None = None
    language: str | None = None
    industry: str | None = None
    employees: int | None = None
    products: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    size_minor: int | None = None
    currency: str | None = None
    text: str | None = None
    call_at: str | None = None
    source: str | None = None
    campaign: str | None = None
    referral_code: str | None = None
    #: The referral links that were followed before.
    touches: tuple[Touch, ...] = ()
    page_url: str | None = None
    consent_version: str | None = None
    consent_at: datetime | None = None
    #: An explicit choice; only the vendor's own people and machines may make it.
    partner_id: int | None = None
    #: The customer asked for this partner.
    wanted_partner_id: int | None = None
    #: It came from an event of this partner.
    event_partner_id: int | None = None
    #: The field that people do not see, and how long the form was open.
    honeypot: str = ""
    seconds: float | None = None
    #: The caller's own key for this lead: the same key again is the same lead.
    caller_key: str | None = None
    #: The address of the visitor who filled in a form, ours or of whoever calls the API; kept as
    #: :class:`referrals.models.senders.LeadSender` says.
    address: str | None = None


def receive_lead(data: LeadData, *, by: Actor | None) -> Lead:
    """Takes a lead in, says what it is, and routes it, all in one transaction.

    A lead that came before under the caller's key is answered as it is. Raises InvalidInput at the field that cannot
    be used; Refusal when a partner sends one (partners register deals).
    """
    if isinstance(by, User) and partner_of(by) is not None:
        raise Refusal(
            _("Leads come from the vendor. Register a deal for a customer that you found yourselves.")
        )
    known = _came_before(data, by)
    if known is not None:
        return known
    lead = lead_from(data, by)
    session.add(lead)
    session.flush()
    hold_keys(lead)
    # Whoever holds the keys first came first, whenever it began.
    lead.received_at = clock.now()
    keep_touches(lead, data.touches)
    keep_sender(lead, data.address)
    _say_what_it_is(lead, data)
    announce(LeadReceived(lead, by))
    if lead.status is LeadStatus.QUALIFIED:
        route_lead(lead, by=by)
    elif lead.duplicate_of_id is not None:
        _route_what_waited(session.get_one(Lead, lead.duplicate_of_id), by)
    return lead


def _route_what_waited(lead: Lead, by: Actor | None) -> None:
    """A company that asks again while its lead of a file waits for the file's turn does not wait any longer."""
    if lead.import_id is None or lead.status is not LeadStatus.QUALIFIED:
        return
    lock(lead)
    if lead.status is LeadStatus.QUALIFIED:
        route_lead(lead, by=by)


def ask_partner(partner: Partner, data: LeadData) -> Lead:
    """A lead of somebody who chose this partner in the finder: it is asked first, past the score and most filters."""
    return receive_lead(replace(data, origin=LeadOrigin.FINDER, wanted_partner_id=partner.id), by=None)


def _came_before(data: LeadData, by: Actor | None) -> Lead | None:
    if data.caller_key is None:
        return None
    caller = by.id if by is not None else None
    return session.scalar(sa.select(Lead).where(Lead.caller_id == caller, Lead.caller_key == data.caller_key))


def _say_what_it_is(lead: Lead, data: LeadData) -> None:
    signs = matching.spam_signs(
        matching.Submission(
            text=lead.text or "",
            person=lead.person or "",
            company=lead.company or "",
            email=lead.email or "",
            honeypot=data.honeypot,
            seconds=data.seconds,
            same_text_lately=same_text_lately(lead.text) - 1,
        )
    )
    lead.spam_signs = [sign.value for sign in signs]
    if lead.origin in _TYPED_BY_STRANGERS and matching.is_spam(signs):
        lead.become(LeadStatus.SPAM)
        return
    identity = identity_of(lead)
    earlier = matching.duplicate_of(lead_hits(identity, but=lead), completed_at=lead.received_at)
    if earlier is not None:
        lead.duplicate_of_id = int(earlier.reference.partition(":")[2])
        lead.reason = earlier.kind.value
        lead.become(LeadStatus.DUPLICATE)
        return
    because = why_unqualified(lead, identity)
    if because is not None:
        lead.reason = because.value
        lead.become(LeadStatus.UNQUALIFIED)
        return
    lead.become(LeadStatus.QUALIFIED)


def why_unqualified(lead: Lead, identity: matching.Identity) -> matching.Unqualified | None:
    """Why nobody should work on it; None for a real lead. A colleague or a machine may know another way to reach it."""
    because = matching.unqualified_because(identity, employees=lead.employees)
    if because is matching.Unqualified.NO_CONTACT and lead.origin not in _TYPED_BY_STRANGERS:
        return None
    return because


@dataclass(frozen=True)
class Catalogue:
    """What may be asked for, by code; read once for many leads."""

    products: Mapping[str, Any]
    services: Mapping[str, Any]
    _spellings: dict[str | None, str | None] = field(default_factory=dict)

    def spelling(self, code: str | None) -> str | None:
        """As :func:`spelling_of`; each word is looked up once."""
        if code not in self._spellings:
            self._spellings[code] = spelling_of(code)
        return self._spellings[code]


def catalogue_now() -> Catalogue:
    """The products and services of this moment."""
    return Catalogue(products_by_code(), services_by_code())


def lead_from(data: LeadData, by: Actor | None, catalogue: Catalogue | None = None) -> Lead:
    """The lead in its normal form, not yet kept. Raises InvalidInput with every field that cannot be used."""
    catalogue = catalogue or catalogue_now()
    problems: dict[str, str] = {}
    texts = {name: _text(getattr(data, name)) for name in _LONGEST}
    for name, longest in _LONGEST.items():
        if len(texts[name] or "") > longest:
            problems[name] = _("It can have at most %(most)s characters.", most=longest)
    email = _email(data.email, problems)
    website = _website(texts["website"], problems)
    country, region = _place(data, problems)
    city = find_city(texts["city"], country, region)
    if not texts["company"] and not data.email:
        problems["company"] = _("Give the company or an e-mail address.")
    lead = Lead(
        **{**texts, "website": website},
        status=LeadStatus.NEW,
        origin=data.origin,
        received_at=clock.now(),
        last_activity_at=clock.now(),
        caller_id=by.id if by is not None else None,
        caller_key=data.caller_key,
        email=email,
        country=country,
        region=region,
        language=_language(data.language, problems),
        latitude=city.latitude if city else None,
        longitude=city.longitude if city else None,
        employees=_whole(data.employees, "employees", problems),
        product_codes=_codes("products", data.products, catalogue.products, problems),
        service_kinds=_codes("services", data.services, catalogue.services, problems),
        size_minor=_whole(data.size_minor, "size_minor", problems),
        currency=(data.currency or PROGRAMME_CURRENCY.value()) if data.size_minor is not None else None,
        consent_version=_text(data.consent_version),
        consent_at=data.consent_at,
        explicit_partner_id=_partner(data.partner_id, "partner_id", problems),
        wanted_partner_id=_partner(data.wanted_partner_id, "wanted_partner_id", problems),
        event_partner_id=_partner(data.event_partner_id, "event_partner_id", problems),
    )
    if problems:
        raise InvalidInput(problems)
    lead.phone = normalise_phone(texts["phone"], country) or texts["phone"]
    # What a code has brought is found by the code's own spelling.
    lead.referral_code = catalogue.spelling(texts["referral_code"])
    return lead


def _text(value: Any) -> str | None:
    """Without blanks around and signs that no keyboard types; nothing is None."""
    if value is None:
        return None
    tidy = "".join(sign for sign in str(value).strip() if sign in "\n\t" or sign.isprintable())
    return tidy or None


def _email(typed: str | None, problems: dict[str, str]) -> str | None:
    if not (typed or "").strip():
        return None
    address = normalise_email(typed)
    if address is None:
        problems["email"] = _("That is not an e-mail address, such as name@company.com.")
    return address


def _website(typed: str | None, problems: dict[str, str]) -> str | None:
    """With its scheme, and only of the web: a link to it is safe."""
    if not typed:
        return None
    address = (
        typed
        if re.match(r"[a-z][a-z0-9+.-]*:", typed, re.IGNORECASE) and "://" in typed
        else f"https://{typed}"
    )
    if not _WEB_ADDRESS.fullmatch(address):
        problems.setdefault("website", _("That is not a web address, such as www.company.com."))
        return None
    return address


def _place(data: LeadData, problems: dict[str, str]) -> tuple[str | None, str | None]:
    country = region = None
    if (data.country or "").strip():
        country = country_code(data.country)
        if country is None:
            problems["country"] = _("That is not a country's code, such as DE.")
    if (data.region or "").strip():
        typed = str(data.region).strip()
        region = region_code(typed, country) or (typed.upper() if is_region(typed.upper()) else None)
        if region is None or (country and not region.startswith(f"{country}-")):
            problems["region"] = _("That is not a region of this country, such as DE-HH.")
        else:
            country = country or region.partition("-")[0]
    return country, region


def _language(typed: str | None, problems: dict[str, str]) -> str | None:
    if not (typed or "").strip():
        return None
    match = re.fullmatch(r"([a-z]{2,3})([-_][a-z0-9]{2,8})*", str(typed).strip(), re.IGNORECASE)
    if match is None:
        problems["language"] = _("That is not a language's code, such as de.")
        return None
    return match[1].lower()


def _whole(number: int | None, name: str, problems: dict[str, str]) -> int | None:
    if number is not None and not 0 <= number < 10**15:
        problems[name] = _("It cannot be less than nothing.") if number < 0 else _("That is too much.")
    return number


def _codes(
    name: str, given: tuple[str, ...], known: Mapping[str, Any], problems: dict[str, str]
) -> list[str]:
    codes = list(dict.fromkeys(str(code).strip() for code in given if str(code).strip()))
    unknown = [code for code in codes if code not in known]
    if unknown:
        problems[name] = _("Not in the catalogue: %(codes)s.", codes=", ".join(unknown))
    return codes


def _partner(partner_id: int | None, name: str, problems: dict[str, str]) -> int | None:
    if partner_id is not None and (not 0 < partner_id < 2**62 or session.get(Partner, partner_id) is None):
        problems[name] = _("There is no such partner.")
        return None
    return partner_id


def keep_consent_text(version: str, text: str, locale: str) -> None:
    """Keeps a text that people agree to, word for word, the first time somebody does."""
    if session.scalar(sa.select(ConsentText.id).where(ConsentText.version == version)) is None:
        session.add(ConsentText(version=version, text=text, locale=locale, first_used_at=clock.now()))
        session.flush()
