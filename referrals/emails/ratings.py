"""The one mail that a customer gets from the programme: how did your partner do?"""

from core import mail
from core.i18n import LOCALES
from core.letters import Delivery, Letter, knows_people
from core.settings import VENDOR_NAME
from referrals.emails.deals import plain
from referrals.models.ratings import Rating
from referrals.operations.ratings import path_of

_KIND = "referrals.ratings"


def asked(rating: Rating) -> None:
    """The question, in the language of the lead where that is one of ours."""
    if rating.email is None:
        return
    language = rating.deal.lead.language if rating.deal.lead is not None else None
    mail.send(
        "referrals/emails/rating_asked",
        to=rating.email,
        locale=language if language in LOCALES else None,
        key=f"rating:{rating.id}",
        name=plain(rating.deal.person),
        company=plain(rating.deal.company),
        partner=plain(rating.partner.name),
        vendor=plain(VENDOR_NAME.value()),
        url=mail.absolute_url(path_of(rating)),
    )


@knows_people
def a_customer_stops_by_the_mail_itself(letter: Letter) -> Delivery | None:
    """Customers have no account: their questions stop beside the answer."""
    if letter.kind.code != _KIND:
        return None
    return Delivery(is_wanted=True, stop_path=f"{letter.path}/stop")
