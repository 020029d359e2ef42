"""Applications: begun, kept, proved, sent, reviewed, decided."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from accounts.models import User, digest, new_secret
from accounts.permissions import PARTNER_ROLES, Role
from core import clock, contacts
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import country_name, format_day, spoken_to
from core.i18n import gettext as _
from core.settings import PROGRAMME_TIME_ZONE, legal_text
from core.signals import announce
from core.vendor_time import in_working_days
from partners import queries, signals
from partners.models import (
    Application,
    ApplicationNote,
    ApplicationStatus,
    HeardFrom,
    Partner,
    RejectionReason,
    hash_of_texts,
)
from partners.operations.firms import admit_partner
from partners.operations.invitations import invite_colleague
from partners.operations.members import add_member, checked_person
from partners.operations.profile import SAID_BY_FIRMS, cleaned, usual_languages
from partners.queries import applications as questions
from partners.queries.invitations import who_holds
from partners.queries.plans import USUAL_PLAN
from partners.settings import COUNTRIES, FREE_MAIL, REAPPLY_DAYS, REVIEW_DAYS

CONFIRMATION_LIVES = timedelta(hours=24)
LONGEST_TEXT = 4000

#: What has to be answered; of a firm that is known as a customer, less.
NEEDED = ("type", "city", "languages", "services", "heard_from", "about")
NEEDED_OF_A_CUSTOMER = ("type", "languages", "services")

#: What an applicant is asked beside company, country, person and e-mail.
DRAFT = frozenset(
    [
        "position",
        "phone",
        "legal_form",
        "region",
        "city",
        "postcode",
        "tax_id",
        "website",
        "employees",
        "type",
        "regions",
        "languages",
        "products",
        "services",
        "industries",
        "heard_from",
        "heard_detail",
        "about",
        "answers",
    ]
)


def start_application(
    *, company: str, country: str, person: str, email: str, locale: str, source: str = "page"
) -> Application:
    """Keeps a new draft and asks the mailbox to confirm. Raises InvalidInput by field."""
    problems: dict[str, str] = {}
    kept: dict[str, Any] = {}
    try:
        kept = cleaned({"company": company, "country": country, "person": person}, country=country)
    except InvalidInput as problem:
        problems = problem.problems
    accepted = COUNTRIES.value().split()
    if "country" not in problems and accepted and country not in accepted:
        problems["country"] = _("We have no programme in %(country)s yet.", country=country_name(country))
    address = contacts.normalise_email(email)
    if address is None:
        problems["email"] = _("Type an e-mail address, such as name@example.com.")
    elif FREE_MAIL.value() == "refuse" and contacts.is_free_mail(contacts.email_domain(address)):
        problems["email"] = _("Use the address of your firm: free mailboxes are not accepted here.")
    if problems or address is None:
        raise InvalidInput(problems)
    application = Application(
        token=new_secret(),
        status=ApplicationStatus.DRAFT,
        source=source,
        locale=spoken_to(locale),
        created_at=clock.now(),
        email=address,
        email_key=contacts.email_key(address) or address,
        answers=[],
        flags=[],
        regions=[country],
        languages=usual_languages(country),
        **kept,
    )
    session.add(application)
    session.flush()
    announce(signals.ApplicationStarted(application, None))
    return application


def ask_to_confirm(application: Application) -> str:
    """A new secret for the mailed link that proves the mailbox; the one before stops working."""
    lock(application)
    if application.confirmed_at is not None:
        raise Refusal(_("This e-mail address is confirmed already."))
    secret = new_secret()
    application.confirmation_digest = digest(secret)
    application.confirmation_sent_at = clock.now()
    return secret


def ask_again_to_confirm(application: Application) -> None:
    """Mails a fresh link to the applicant."""
    if application.confirmed_at is not None:
        raise Refusal(_("This e-mail address is confirmed already."))
    announce(signals.ConfirmationAsked(application, None))


def confirm_email(application: Application, secret: str) -> None:
    """Proves the mailbox by what only its mail held. An application that was complete goes off at once.

    Where the applicant has to wait (turned down not long ago) it stays a draft that says so.
    """
    lock(application)
    sent_at = application.confirmation_sent_at
    is_right = application.confirmation_digest == digest(secret)
    if application.confirmed_at is not None and is_right:
        return
    if not is_right or sent_at is None or clock.now() - sent_at > CONFIRMATION_LIVES:
        raise Refusal(_("This link is no longer good. Ask for a new one on the page of your application."))
    application.become(ApplicationStatus.EMAIL_CONFIRMED)
    application.confirmed_at = clock.now()
    if application.completed_at is not None:
        if questions.may_apply_on(application) is None:
            _hand_in(application)
        else:
            application.completed_at = None


def save_draft(application: Application, **values: Any) -> None:
    """Keeps what is typed so far; nothing is needed yet, but what is there must be usable. Raises InvalidInput."""
    lock(application)
    if not application.is_editable:
        raise Refusal(_("Your application has been sent already."))
    _write(application, values)


def keep_what_holds(application: Application, **values: Any) -> None:
    """Keeps a draft while it is typed: whatever cannot be used yet stays as it was, and nobody is told of it."""
    try:
        save_draft(application, **values)
    except InvalidInput as problem:
        rest = {name: value for name, value in values.items() if name not in problem.problems}
        if len(rest) < len(values):
            keep_what_holds(application, **rest)


def _write(application: Application, values: dict[str, Any]) -> None:
    strangers = sorted(set(values) - DRAFT)
    if strangers:
        raise TypeError(f"An application has no {', '.join(strangers)}.")
    values = dict(values)
    for name, kind in (("heard_from", HeardFrom),):
        if name in values:
            values[name] = kind(values[name]) if values[name] else None
    if not values.get("type"):
        values.pop("type", None)
    if len(values.get("about") or "") > LONGEST_TEXT:
        raise InvalidInput({"about": _("It can have at most %(most)s characters.", most=LONGEST_TEXT)})
    place = {"region": application.region, "city": application.city}
    kept = cleaned(values, country=application.country, place=place)
    for name in ("latitude", "longitude"):
        kept.pop(name, None)
    for name, value in kept.items():
        setattr(application, name, value)
    session.flush()


def send_application(application: Application, *, privacy_read: bool, **values: Any) -> None:
    """Completes and sends it. Until the e-mail is confirmed it waits, and goes off by itself then.

    Raises InvalidInput by field for what is missing.
    """
    is_short = questions.takes_the_short_path(application)
    if is_short and not values.get("heard_from"):
        values["heard_from"] = HeardFrom.CUSTOMER.value
    save_draft(application, **values)
    problems = {
        name: _("This is needed.")
        for name in (NEEDED_OF_A_CUSTOMER if is_short else NEEDED)
        if not getattr(application, name)
    }
    if not is_short and not application.website and not application.tax_id:
        problems["website"] = _("Name your site or a tax number, so that we can see who you are.")
    if not privacy_read:
        problems["privacy_read"] = _("This is needed.")
    if problems:
        raise InvalidInput(problems)
    wait_until = questions.may_apply_on(application) if application.confirmed_at is not None else None
    if wait_until is not None:
        raise Refusal(_("You can apply again from %(day)s.", day=format_day(wait_until)))
    application.completed_at = clock.now()
    application.privacy_read_at = clock.now()
    application.privacy_hash = hash_of_texts(legal_text("privacy"))
    if application.confirmed_at is not None:
        _hand_in(application)


def _hand_in(application: Application) -> None:
    application.become(ApplicationStatus.SUBMITTED)
    application.submitted_at = clock.now()
    application.review_due_at = review_due()
    application.flags = questions.flags_of(application)
    session.flush()
    announce(signals.ApplicationSubmitted(application, None))


def review_due() -> Any:
    """When an answer is due that is asked for now: the setting's working days, in the vendor's calendar."""
    return in_working_days(REVIEW_DAYS.value())


def begin_review(application: Application, *, by: User) -> None:
    """Takes it: the applicant sees that somebody reads it, colleagues see who."""
    lock(application)
    application.become(ApplicationStatus.IN_REVIEW)
    application.reviewer_id = by.id
    announce(signals.ReviewBegun(application, by))


def assign_application(application: Application, reviewer: User, *, by: User) -> None:
    """Gives it to a colleague to decide. Raises Refusal when it is decided already."""
    lock(application)
    if not application.is_undecided:
        raise Refusal(
            _("The application of %(company)s has moved on. Look at it again.", company=application.company)
        )
    if application.status is ApplicationStatus.SUBMITTED:
        application.become(ApplicationStatus.IN_REVIEW)
    application.reviewer_id = reviewer.id
    session.flush()
    announce(signals.ReviewBegun(application, by))


@dataclass(frozen=True)
class Together:
    """What came of one deed on several applications: how many, and the sentences of those that could not."""

    done: int
    refused: list[str]


def decide_together(applications: Iterable[Application], deed: Callable[[Application], None]) -> Together:
    """Does ``deed`` to each, whatever happens to the others; one that has moved on is told, not forced.

    Only what can be mended is done to several at once: taking, assigning, asking, turning down spam. Nobody becomes a
    partner unread.
    """
    done, refused = 0, []
    for application in applications:
        try:
            with session.begin_nested():
                deed(application)
        except Refusal as refusal:
            refused.append(refusal.sentence)
        else:
            done += 1
    return Together(done, refused)


def _be_in_review(application: Application, by: User) -> None:
    """Whoever decides takes it on the way; an answer that was asked for is no longer waited for."""
    lock(application)
    if application.status is ApplicationStatus.SUBMITTED:
        begin_review(application, by=by)
    elif application.status is ApplicationStatus.INFO_REQUESTED:
        application.become(ApplicationStatus.IN_REVIEW)


def ask_applicant(application: Application, text: str, *, by: User) -> None:
    """Asks the applicant something by mail; the clock stands until they answer."""
    question = _note_text(text)
    _be_in_review(application, by)
    application.become(ApplicationStatus.INFO_REQUESTED)
    application.review_due_at = None
    _add_note(application, question, author=by.name)
    announce(signals.InformationRequested(application, by))


def give_information(application: Application, text: str) -> None:
    """The applicant's answer; the clock runs anew."""
    answer = _note_text(text)
    lock(application)
    if application.status is not ApplicationStatus.INFO_REQUESTED:
        raise Refusal(_("Nothing is asked of you at the moment."))
    application.become(ApplicationStatus.IN_REVIEW)
    application.review_due_at = review_due()
    _add_note(application, answer, author=application.person, from_applicant=True)
    announce(signals.InformationGiven(application, None))


def add_internal_note(application: Application, text: str, *, by: User) -> None:
    """A note that only the vendor's people read."""
    _add_note(application, _note_text(text), author=by.name, is_internal=True)


def _note_text(text: str) -> str:
    text = text.strip()
    if not text:
        raise InvalidInput({"text": _("This is needed.")})
    if len(text) > LONGEST_TEXT:
        raise InvalidInput({"text": _("It can have at most %(most)s characters.", most=LONGEST_TEXT)})
    return text


def _add_note(
    application: Application,
    text: str,
    *,
    author: str,
    from_applicant: bool = False,
    is_internal: bool = False,
) -> None:
    application.notes.append(
        ApplicationNote(
            at=clock.now(),
            author_name=author,
            text=text,
            from_applicant=from_applicant,
            is_internal=is_internal,
        )
    )
    session.flush()


@dataclass(frozen=True)
class FirstAdmin:
    """Who is to be a new firm's first admin."""

    email: str
    name: str
    #: Whether the firm may wait for them while they still belong to another one.
    may_wait: bool = False


def approve_application(
    application: Application,
    *,
    tier: str = "registered",
    plan: str = USUAL_PLAN,
    manager: User | None = None,
    admin: FirstAdmin | None = None,
    by: User,
) -> Partner:
    """Makes the firm (in onboarding) and its first admin, who is invited by mail. ``manager`` looks after it.

    ``admin`` is who applied, unless somebody else is named. A person belongs to one firm at a time: whose address signs
    in elsewhere becomes the admin by a mailed link, once they have left there, and only where ``may_wait`` says so.
    Raises InvalidInput at ``admin`` when it does not, or when the address is one of the vendor's own people.
    """
    admin = admin or FirstAdmin(application.email, application.person)
    address = checked_person(admin.email, admin.name, Role.PARTNER_ADMIN)
    holder = who_holds(address)
    _be_in_review(application, by)
    if holder is not None and application.is_undecided:
        _refuse_an_admin_from_elsewhere(holder, may_wait=admin.may_wait)
    application.become(ApplicationStatus.APPROVED)
    assert application.type is not None
    partner = admit_partner(
        name=application.company,
        country=application.country,
        tier=tier,
        type=application.type,
        plan=plan,
        manager=manager or by,
        by=by,
        legal_name=_with_legal_form(application),
        **{name: getattr(application, name) for name in SAID_BY_FIRMS},
    )
    if holder is None:
        add_member(
            partner,
            email=address,
            name=admin.name,
            role=Role.PARTNER_ADMIN,
            locale=application.locale,
            by=by,
        )
    else:
        invite_colleague(partner, email=address, name=admin.name, role=Role.PARTNER_ADMIN, by=by)
    _decide(application, by)
    application.partner_id = partner.id
    session.flush()
    announce(signals.ApplicationApproved(application, by))
    return partner


def _refuse_an_admin_from_elsewhere(holder: User, *, may_wait: bool) -> None:
    if holder.role not in PARTNER_ROLES:
        raise InvalidInput(
            {"admin": _("%(email)s is one of our own people. Name somebody else.", email=holder.email)}
        )
    if not may_wait:
        raise InvalidInput(
            {
                "admin": _(
                    "%(email)s signs in already. Choose how the firm gets its admin.", email=holder.email
                )
            }
        )


def _with_legal_form(application: Application) -> str:
    """The company's whole name; the legal form is added unless it stands there already."""
    name, form = application.company, application.legal_form
    return name if not form or form.casefold() in name.casefold() else f"{name} {form}"


def reject_application(
    application: Application, *, reason: RejectionReason | str, note: str = "", by: User
) -> None:
    """Turns it down; the applicant reads the reason and from when they may apply again."""
    if reason not in set(RejectionReason):
        raise InvalidInput({"reason": _("Choose one of the list.")})
    if len(note) > LONGEST_TEXT:
        raise InvalidInput({"note": _("It can have at most %(most)s characters.", most=LONGEST_TEXT)})
    if reason == RejectionReason.OTHER and not note.strip():
        raise InvalidInput({"note": _("Say why, in a sentence.")})
    _be_in_review(application, by)
    application.become(ApplicationStatus.REJECTED)
    application.reason = RejectionReason(reason)
    application.decision_note = note.strip()
    today = clock.today(PROGRAMME_TIME_ZONE.value())
    application.may_reapply_on = today + timedelta(days=REAPPLY_DAYS.value())
    _decide(application, by)
    announce(signals.ApplicationRejected(application, by, reason=str(reason)))


def _decide(application: Application, by: User) -> None:
    application.decided_at = clock.now()
    application.decided_by_id = by.id
    application.review_due_at = None
    session.flush()


def answers_as_asked(answers: dict[int, str]) -> list[dict[str, Any]]:
    """What was answered to the programme's own questions, each as it was asked."""
    return [
        {
            "question": question.id,
            "text": question.label,
            "answer": answers[question.id].strip()[:LONGEST_TEXT],
        }
        for question in queries.questions()
        if answers.get(question.id, "").strip()
    ]
