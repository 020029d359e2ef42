"""Success stories: written, sent, published or given back, withdrawn."""

from datetime import date

from accounts.models import User
from core import clock
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners import signals
from partners.models import Partner, Story, StoryStatus


def save_story(
    partner: Partner,
    story: Story | None = None,
    *,
    customer: str,
    title: str,
    text: str,
    title_ru: str = "",
    text_ru: str = "",
    consent_by: str = "",
    consent_on: date | None = None,
    consent_kept_in: str = "",
    by: User,
) -> Story:
    """Writes a draft, or changes one. Raises InvalidInput at ``consent_on`` for a day to come."""
    if consent_on is not None and consent_on > clock.today("UTC"):
        raise InvalidInput({"consent_on": _("Choose a day that has come.")})
    if story is None:
        story = Story(partner_id=partner.id, status=StoryStatus.DRAFT, created_at=clock.now())
        session.add(story)
    else:
        lock(story)
        if not story.may_be_edited:
            raise Refusal(_("A story that was sent is not edited. Ask for it back, or withdraw it."))
    story.customer, story.title, story.text = customer.strip(), title.strip(), text.strip()
    story.title_ru, story.text_ru = title_ru.strip(), text_ru.strip()
    story.consent_by, story.consent_on, story.consent_kept_in = (
        consent_by.strip(),
        consent_on,
        consent_kept_in.strip(),
    )
    session.flush()
    announce(signals.StorySaved(story, by))
    return story


def submit_story(story: Story, *, by: User) -> None:
    """Asks the vendor to publish it. Raises Refusal without the customer's consent."""
    lock(story)
    story.submit()
    announce(signals.StorySubmitted(story, by))


def publish_story(story: Story, *, by: User) -> None:
    """It stands in the finder from now on."""
    lock(story)
    story.publish(by.name)
    announce(signals.StoryPublished(story, by))


def return_story(story: Story, *, reason: str, by: User) -> None:
    """Gives it back to the firm with a reason. Raises InvalidInput at ``reason``."""
    if len(reason.strip()) < 3:
        raise InvalidInput({"reason": _("Say why, in a sentence.")})
    lock(story)
    story.give_back(reason.strip())
    announce(signals.StoryReturned(story, by, reason=reason.strip()))


def withdraw_story(story: Story, *, by: User) -> None:
    """Nobody reads it any more, at once: the firm, the vendor or the customer wishes so."""
    lock(story)
    story.withdraw()
    announce(signals.StoryWithdrawn(story, by))
