"""The words for what a reviewer should look at twice."""

from typing import Any

from core.i18n import country_name
from core.i18n import gettext as _

_WORDS = {
    "duplicate_partner": lambda detail: _("Like the partner %(name)s", name=detail),
    "duplicate_application": lambda detail: _("Like another application: %(name)s", name=detail),
    "free_mail": lambda detail: _("Free mailbox at %(domain)s", domain=detail),
    "disposable_mail": lambda detail: _("Throw-away mailbox at %(domain)s", domain=detail),
    "domain_unlike_website": lambda detail: _(
        "E-mail domain unlike the website: %(domains)s", domains=detail
    ),
    "country_unlike_phone": lambda detail: _(
        "Phone number of another country: %(country)s", country=country_name(detail)
    ),
    "tax_id_unchecked": lambda detail: _("Tax number without a known rule: %(number)s", number=detail),
    "other_network": lambda detail: (
        _("In another vendor's network: %(which)s. Does it bind them exclusively?", which=detail)
        if detail
        else _("In another vendor's network; ask about exclusivity")
    ),
}


def words_of_flag(flag: dict[str, Any]) -> str:
    """A flag as a sentence in the reader's language."""
    words = _WORDS.get(flag["code"])
    return words(flag["detail"]) if words is not None else str(flag["code"])
