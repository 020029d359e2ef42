"""Who is this? Normalises what came in at the door, and says whether we know it already and who was first.

Values in, values out: the database part looks the keys up and hands back what it found.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from itertools import pairwise

from core.contacts import company_domain, email_domain, email_key, is_disposable, normalise_phone
from core.i18n import gettext as _
from core.taxids import parse_tax_id

# Names

CYRILLIC = str.maketrans(
    dict(zip("абвгґдезиіклмнопрстуфыэ", "abvggdeziiklmnoprstufye", strict=True))
    | {"ё": "e", "ж": "zh", "й": "y", "ї": "yi", "є": "ye", "х": "kh", "ц": "ts", "ч": "ch"}
    | {"ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya", "ў": "u"}
)

# Written behind the name; some in front as well, below. As the key writes them: Latin, no marks, no dots.
_FORMS_BEHIND = """
a s|ab|ag|aktiebolag|aktiengesellschaft|ao|aps|as|asa|b v|bv|bvba|ca|cjsc|co|company|corp|corporation|cv|doo
eg|eirl|ek|esp|eurl|ev|fzco|fze|gbr|gesellschaft mit beschrankter haftung|gesmbh|gmbh|haftungsbeschrankt|hf
inc|incorporated|jsc|k k|kd|kft|kg|kgaa|kk|koop|ky|l l c|lda|limited|llc|llp|lp|ltd|ltda|mbh
mit beschrankter haftung|n v|nv|nyrt|oao|ohg|ojsc|ood|ooo|ou|oy|oyj|pao|pjsc|plc|pllc|private|pte|pty|public
pvt|s a|s l|s p a|s r l|s r o|sa|sa de cv|saoc|sapa|sarl|sas|sasu|sdn bhd|se|sia|sl|slu|snc|sp j|sp k
sp z o o|sp z oo|spa|spol s ro|spolka z ograniczona odpowiedzialnoscia|sprl|srl|sro|tbk|uab|ug|unlimited|vof
wll|zao|zrt
"""
_FORMS_IN_FRONT = """
ab|aktsionernoe obshchestvo|ao|chp|company|eurl|firma|fop|individualnyy predprinimatel|ip|kompaniya|oao
obshchestvo s ogranichennoy otvetstvennostyu|ooo|otkrytoe aktsionernoe obshchestvo|pao|pt
publichnoe aktsionernoe obshchestvo|sa|sarl|sas|sia|the|too|tov
tovarishchestvo s ogranichennoy otvetstvennostyu|uab|zakrytoe aktsionernoe obshchestvo|zao
"""


def _forms(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(form.split()) for form in text.replace("\n", "|").split("|") if form)


FORMS_BEHIND = _forms(_FORMS_BEHIND)
FORMS_IN_FRONT = _forms(_FORMS_IN_FRONT)
LONGEST_FORM = max(map(len, FORMS_BEHIND | FORMS_IN_FRONT))
CONNECTIVES = frozenset({"and", "und", "et", "i"})

INITIALS = re.compile(r"(?<!\w)\w(?:\.\w)+(?!\w)")
NOT_LETTERS = re.compile(r"[\W_]+")
SIMILAR = 0.5
"""Names at least this similar are for a person to compare."""


def name_key(name: str | None) -> str:
    """What all spellings of a company's name share.

    ``ООО «Ромашка»`` and ``Romashka, LLC`` are both ``romashka``: without case, marks, punctuation, legal
    form and words like *and*; Cyrillic in Latin letters. A name made of nothing else keeps what it has.
    Applying it again changes nothing.
    """
    text = _folded(_folded(name or ""))
    words = [word for word in NOT_LETTERS.split(INITIALS.sub(_without_dots, text)) if word]
    words = [word for word in words if word not in CONNECTIVES] or words
    while True:
        for length in range(min(LONGEST_FORM, len(words) - 1), 0, -1):
            if tuple(words[-length:]) in FORMS_BEHIND:
                words = words[:-length]
                break
            if tuple(words[:length]) in FORMS_IN_FRONT:
                words = words[length:]
                break
        else:
            return " ".join(words)


def trigrams(key: str) -> frozenset[str]:
    """The threes of letters of a :func:`name_key`; each word has two blanks before it and one behind."""
    padded = (f"  {word} " for word in key.split())
    return frozenset(word[start : start + 3] for word in padded for start in range(len(word) - 2))


def similarity(shared: int, own: int, other: int) -> float:
    """How alike two names are, from 0 to 1: the trigrams they share among all that either has."""
    union = own + other - shared
    return shared / union if union else 0.0


def name_similarity(one: str, other: str) -> float:
    """:func:`similarity` of two names as typed."""
    ours, theirs = trigrams(name_key(one)), trigrams(name_key(other))
    return similarity(len(ours & theirs), len(ours), len(theirs))


def postcode_key(postcode: str | None) -> str:
    """A postcode without blanks and dashes, in capitals."""
    return NOT_LETTERS.sub("", unicodedata.normalize("NFKC", postcode or "")).upper()


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().translate(CYRILLIC)
    bare = "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    )
    return bare.translate(CYRILLIC).casefold()


def _without_dots(match: re.Match[str]) -> str:
    return match.group().replace(".", "")


# Keys


class Strength(IntEnum):
    """How much a shared key proves, weakest first."""

    SIMILAR_NAME = 1
    NAME_AND_POSTCODE = 2
    PHONE = 3
    EMAIL = 4
    DOMAIN = 5
    TAX_ID = 6


class KeyKind(StrEnum):
    TAX_ID = "tax_id"
    DOMAIN = "domain"
    EMAIL = "email"
    PHONE = "phone"
    NAME_AND_POSTCODE = "name_and_postcode"
    SIMILAR_NAME = "similar_name"

    @property
    def strength(self) -> Strength:
        return Strength[self.name]


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of a company and its person, as it was typed."""

    company: str | None = None
    tax_id: str | None = None
    website: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    postcode: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """One thing by which a company is recognised.

    Equal keys are the same company, as far as the kind proves.
    """

    kind: KeyKind
    value: str

    @property
    def strength(self) -> Strength:
        return self.kind.strength


def keys_of(identity: Identity) -> tuple[Key, ...]:
    """Every key the identity gives, strongest first.

    The value of a similar name is its :func:`name_key`, to be compared by trigrams; all others compare as
    they are.
    """
    name = name_key(identity.company)
    postcode = postcode_key(identity.postcode)
    country = (identity.country or "").upper()
    tax_id = parse_tax_id(identity.tax_id, country)
    values = {
        KeyKind.TAX_ID: tax_id.key if tax_id else None,
        KeyKind.DOMAIN: company_domain(identity.website, identity.email),
        KeyKind.EMAIL: email_key(identity.email),
        KeyKind.PHONE: normalise_phone(identity.phone, country or None),
        KeyKind.NAME_AND_POSTCODE: f"{country}:{postcode}:{name}" if name and postcode else None,
        KeyKind.SIMILAR_NAME: name,
    }
    return tuple(Key(kind, value) for kind, value in values.items() if value)


# Conflicts


class HitClass(StrEnum):
    """What we already know a company as; the classes a partner is told."""

    EXISTING_CUSTOMER = "existing_customer"
    REGISTRATION = "registration"
    CLAIMED_LEAD = "claimed_lead"
    VENDOR_OPPORTUNITY = "vendor_opportunity"
    EARLIER_LEAD = "earlier_lead"
    SAME_PARTNER = "same_partner"


class Outcome(StrEnum):
    CLEAR = "clear"
    NEEDS_REVIEW = "needs_review"
    CONFLICT = "conflict"


HELD = frozenset(
    {
        HitClass.EXISTING_CUSTOMER,
        HitClass.REGISTRATION,
        HitClass.CLAIMED_LEAD,
        HitClass.VENDOR_OPPORTUNITY,
    }
)
"""Somebody has a right to these; an earlier lead is nobody's yet."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found by one of our keys, with everything the vendor knows of it."""

    kind: KeyKind
    hit_class: HitClass
    reference: str
    """The record's id."""
    completed_at: datetime
    """When it was complete, which decides who was first."""
    partner_id: str | None = None
    protected_until: datetime | None = None
    similarity: float = 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What a partner may know of a hit. It has no place for whose it is."""

    hit_class: HitClass
    kind: KeyKind
    outcome: Outcome
    protected_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a conflict check, safe to show to the partner who asked."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()

    @property
    def protected_until(self) -> datetime | None:
        """When the last protection that stands in the way ends; None when none does or one has no end."""
        ends = [finding.protected_until for finding in self.findings if finding.outcome is Outcome.CONFLICT]
        return max((end for end in ends if end), default=None) if all(ends) else None


def classify(
    hits: Iterable[Hit], *, completed_at: datetime, now: datetime, partner_id: str | None = None
) -> Verdict:
    """Clear, needs review or conflict, for ``partner_id`` (None: for a lead that is nobody's yet).

    First is whoever completed first: what was complete later than ``completed_at`` does not count. A record
    of the same partner stands in nobody's way. What somebody holds is a conflict by an exact key, and for a
    person to look at by a similar name. An earlier lead, and a protection that has ended, are for a person
    to look at.
    """
    strongest: dict[tuple[HitClass, str], Hit] = {}
    for hit in hits:
        if hit.completed_at > completed_at or (hit.kind is KeyKind.SIMILAR_NAME and hit.similarity < SIMILAR):
            continue
        record = (hit.hit_class, hit.reference)
        known = strongest.get(record)
        if known is None or hit.kind.strength > known.kind.strength:
            strongest[record] = hit
    found = [(hit, _finding(hit, now, partner_id)) for hit in strongest.values()]
    found.sort(key=lambda pair: (-_GRAVITY[pair[1].outcome], -pair[0].kind.strength, pair[0].completed_at))
    findings = tuple(finding for _hit, finding in found)
    return Verdict(findings[0].outcome if findings else Outcome.CLEAR, findings)


def duplicate_of(hits: Iterable[Hit], *, completed_at: datetime) -> Hit | None:
    """The first earlier lead that an exact key shows to be the same; None when there is none."""
    earlier = [
        hit
        for hit in hits
        if hit.hit_class in (HitClass.EARLIER_LEAD, HitClass.CLAIMED_LEAD)
        and hit.kind is not KeyKind.SIMILAR_NAME
        and hit.completed_at <= completed_at
    ]
    return min(earlier, key=lambda hit: (hit.completed_at, hit.reference, -hit.kind.strength), default=None)


def finding_sentence(finding: Finding) -> str:
    """What the partner reads; who holds it is never said."""
    return {
        HitClass.EXISTING_CUSTOMER: _("This company is already a customer."),
        HitClass.REGISTRATION: _("Another partner has an active registration of this company."),
        HitClass.CLAIMED_LEAD: _("Another partner is already working on a lead from this company."),
        HitClass.VENDOR_OPPORTUNITY: _("We are already talking to this company ourselves."),
        HitClass.EARLIER_LEAD: _("This company has come to us before."),
        HitClass.SAME_PARTNER: _("You already have this company."),
    }[finding.hit_class]


_GRAVITY = {Outcome.CLEAR: 0, Outcome.NEEDS_REVIEW: 1, Outcome.CONFLICT: 2}


def _finding(hit: Hit, now: datetime, partner_id: str | None) -> Finding:
    if hit.partner_id is not None and hit.partner_id == partner_id:
        return Finding(HitClass.SAME_PARTNER, hit.kind, Outcome.CLEAR, hit.protected_until)
    if hit.protected_until is not None and hit.protected_until <= now:
        return Finding(HitClass.EARLIER_LEAD, hit.kind, Outcome.NEEDS_REVIEW)
    is_certain = hit.hit_class in HELD and hit.kind is not KeyKind.SIMILAR_NAME
    outcome = Outcome.CONFLICT if is_certain else Outcome.NEEDS_REVIEW
    return Finding(hit.hit_class, hit.kind, outcome, hit.protected_until)


# Spam and leads nobody can work on


class SpamSign(StrEnum):
    """What gives a machine away, and how heavily it counts; at :data:`SPAM` it is one."""

    HONEYPOT = "honeypot"
    TOO_FAST = "too_fast"
    REPEATED = "repeated"
    MARKUP = "markup"
    GIBBERISH = "gibberish"
    LINKS = "links"
    PHRASES = "phrases"
    DISPOSABLE_EMAIL = "disposable_email"
    MIXED_ALPHABETS = "mixed_alphabets"

    @property
    def points(self) -> int:
        return _POINTS[self]


SPAM = 100
_POINTS = {
    SpamSign.HONEYPOT: 100,
    SpamSign.TOO_FAST: 100,
    SpamSign.REPEATED: 60,
    SpamSign.MARKUP: 60,
    SpamSign.GIBBERISH: 60,
    SpamSign.LINKS: 40,
    SpamSign.PHRASES: 40,
    SpamSign.DISPOSABLE_EMAIL: 40,
    SpamSign.MIXED_ALPHABETS: 40,
}

FASTEST_SECONDS = 3.0
"""Nobody fills in the form in less."""
MANY_LINKS = 3
MANY_REPEATS = 3

LINK = re.compile(r"https?://|www\.", re.I)
MARKUP = re.compile(r"</?a\b|\[/?url\b|\[/?link\b|<script\b", re.I)
PHRASES = re.compile(
    r"\bseo\b.{0,40}\b(services?|rank)|first page of google|backlinks?\b|guest post|casino|\bviagra\b"
    r"|crypto invest|make money online|продвижени\w+ сайт|раскрутк\w+ сайт|казино|заработ\w+ в интернете"
    r"|рассылк\w+ по базе",
    re.I,
)
MIXED_WORD = re.compile(r"[a-z][а-яё]|[а-яё][a-z]", re.I)
SHUFFLED_WORD = re.compile(r"[A-Za-z]{10,}\Z")


@dataclass(frozen=True, slots=True)
class Submission:
    """What the form and its surroundings say about how a lead was sent."""

    text: str = ""
    person: str = ""
    company: str = ""
    email: str = ""
    honeypot: str = ""
    """The field people do not see."""
    seconds: float | None = None
    """From showing the form to sending it; None when it did not come from a form."""
    same_text_lately: int = 0
    """How many other leads had this very text."""


def spam_signs(submission: Submission) -> tuple[SpamSign, ...]:
    """Every sign found, heaviest first."""
    text = submission.text
    found = {
        SpamSign.HONEYPOT: bool(submission.honeypot.strip()),
        SpamSign.TOO_FAST: submission.seconds is not None and submission.seconds < FASTEST_SECONDS,
        SpamSign.REPEATED: bool(text.strip()) and submission.same_text_lately >= MANY_REPEATS,
        SpamSign.MARKUP: bool(MARKUP.search(text)),
        SpamSign.GIBBERISH: any(_is_gibberish(name) for name in (submission.person, submission.company)),
        SpamSign.LINKS: len(LINK.findall(text)) >= MANY_LINKS,
        SpamSign.PHRASES: bool(PHRASES.search(text)),
        SpamSign.DISPOSABLE_EMAIL: is_disposable(email_domain(submission.email)),
        SpamSign.MIXED_ALPHABETS: bool(MIXED_WORD.search(submission.person)),
    }
    return tuple(sorted((sign for sign, is_there in found.items() if is_there), key=lambda s: -s.points))


def is_spam(signs: Iterable[SpamSign]) -> bool:
    """Whether the signs together are proof enough. One doubtful sign alone never is."""
    return sum(sign.points for sign in signs) >= SPAM


def _is_gibberish(name: str) -> bool:
    """Letters in random case, as machines fill in names: ``jXqTwLpZrKdM``."""
    changes = sum(one.islower() and other.isupper() for one, other in pairwise(name))
    return bool(SHUFFLED_WORD.match(name.strip())) and changes >= 3


class Unqualified(StrEnum):
    """Why a lead is not worth a partner's time. The last four only a person can say."""

    NO_CONTACT = "no_contact"
    DISPOSABLE_EMAIL = "disposable_email"
    COUNTRY_NOT_SERVED = "country_not_served"
    TOO_SMALL = "too_small"
    NOT_A_COMPANY = "not_a_company"
    NO_NEED = "no_need"
    LOOKING_FOR_WORK = "looking_for_work"
    ONLY_A_TEST = "only_a_test"


@dataclass(frozen=True, slots=True)
class Requirements:
    """What the programme asks of a lead; nothing set asks nothing."""

    countries: frozenset[str] = frozenset()
    """Where partners work at all; empty when everywhere."""
    least_employees: int | None = None


def unqualified_because(
    identity: Identity, *, employees: int | None = None, requirements: Requirements | None = None
) -> Unqualified | None:
    """The first reason not to route a lead; None when there is none. What is not known is no reason."""
    asked = requirements or Requirements()
    address = email_key(identity.email)
    if address is None and normalise_phone(identity.phone, identity.country) is None:
        return Unqualified.NO_CONTACT
    if is_disposable(email_domain(identity.email)):
        return Unqualified.DISPOSABLE_EMAIL
    if identity.country and asked.countries and identity.country.upper() not in asked.countries:
        return Unqualified.COUNTRY_NOT_SERVED
    if employees is not None and asked.least_employees is not None and employees < asked.least_employees:
        return Unqualified.TOO_SMALL
    return None


def unqualified_label(reason: Unqualified) -> str:
    """The reason in words."""
    return {
        Unqualified.NO_CONTACT: _("No e-mail or phone that works"),
        Unqualified.DISPOSABLE_EMAIL: _("Throw-away e-mail address"),
        Unqualified.COUNTRY_NOT_SERVED: _("Country without partners"),
        Unqualified.TOO_SMALL: _("Company too small"),
        Unqualified.NOT_A_COMPANY: _("Not a company"),
        Unqualified.NO_NEED: _("No need for what we offer"),
        Unqualified.LOOKING_FOR_WORK: _("Looking for work or selling something"),
        Unqualified.ONLY_A_TEST: _("Only a test"),
    }[reason]


def spam_label(sign: SpamSign) -> str:
    """The sign in words."""
    return {
        SpamSign.HONEYPOT: _("A field that people do not see was filled in"),
        SpamSign.TOO_FAST: _("Sent faster than anyone can type"),
        SpamSign.REPEATED: _("The same text came several times"),
        SpamSign.MARKUP: _("The text has link code in it"),
        SpamSign.GIBBERISH: _("The name is made of random letters"),
        SpamSign.LINKS: _("The text has many links"),
        SpamSign.PHRASES: _("The text sells something that spam sells"),
        SpamSign.DISPOSABLE_EMAIL: _("Throw-away e-mail address"),
        SpamSign.MIXED_ALPHABETS: _("The name mixes alphabets within a word"),
    }[sign]
