"""One firm of perhaps thousands, typed into a form by its name or number."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import has_request_context, url_for

from core.database import session
from core.digits import number_in
from core.forms import MOST_MATCHES, FindField, Match, name_and_key
from core.i18n import current_locale, gettext
from core.i18n import lazy_gettext as _l
from core.places import place_line
from core.statuses import status_of
from partners.models import Partner, PartnerStatus
from partners.queries.partners import partners_named

HINT = _l("Its name as it stands here, or its number.")


class PartnerField(FindField):
    """One firm; ``data`` is its number as text. :meth:`among` says which firms can be meant, before it is read."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("description", HINT)
        super().__init__(label, validators, **kwargs)
        self._firms: sa.Select[Partner] = sa.select(Partner).where(sa.false())

    def among(self, firms: sa.Select[Partner], *, active: bool = False) -> None:
        """Only these can be meant; of them only those that take part now, when ``active``."""
        self._firms = firms.where(Partner.status == PartnerStatus.ACTIVE) if active else firms
        if has_request_context():
            self.suggestions = url_for("partners.partner_names", active="1" if active else None)

    def find(self, words: str) -> Sequence[Match]:
        return matches(self._firms, words)

    def nobody_fits(self) -> str:
        return gettext("No partner that can be chosen here has that name or number.")

    @property
    def firm(self) -> Partner | None:
        """Who was meant, once the form holds; None when nothing was typed."""
        return session.scalar(self._firms.where(Partner.id == int(self.data))) if self.data else None


def matches(firms: sa.Select[Partner], words: str) -> list[Match]:
    """Of ``firms`` those that the words mean, the nearest first; one more than a form shows, when there are more."""
    name, key = name_and_key(words)
    number = number_in(key)
    text = name if number is not None else words.strip()
    found = partners_named(firms, text, number=number, most=MOST_MATCHES + 1)
    return [Match(str(firm.id), firm.name, _note(firm)) for firm in found]


def in_words(firm: Partner) -> str:
    """What the field begins with where a firm is known already."""
    return Match(str(firm.id), firm.name).words


def _note(firm: Partner) -> str:
    """Where a firm is, and its state unless it takes part: what tells it from others of its name."""
    place = place_line(firm.city, firm.region, firm.country, current_locale())
    return place if firm.status is PartnerStatus.ACTIVE else f"{place}, {status_of(firm.status).word}"
