"""What a customer says of the partner, and why an answer is set aside."""

from typing import Any

from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from core.forms import Form, choices
from core.i18n import gettext, ngettext
from core.i18n import lazy_gettext as _l
from core.settings import VENDOR_NAME
from referrals.models.ratings import MOST_STARS

_CHOSEN = InputRequired(_l("Choose one."))


class RatingForm(Form):
    """Three questions, answered in half a minute."""

    was_partner = RadioField(_l("Was it this partner who worked for you?"), [_CHOSEN])
    stars = RadioField(_l("How was it?"), [_CHOSEN])
    text = TextAreaField(
        _l("A word on it"),
        [Optional(), Length(max=2000)],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text.description = gettext(
            "Only %(vendor)s reads it; the partner sees the stars of all its customers together.",
            vendor=VENDOR_NAME.value(),
        )
        self.was_partner.choices = choices((("yes", _l("Yes")), ("no", _l("No, another one or nobody"))))
        self.stars.choices = choices(
            (str(number), ngettext("%(num)s star", "%(num)s stars", number))
            for number in range(MOST_STARS, 0, -1)
        )


class AsideForm(Form):
    """Why an answer should not count."""

    reason = TextAreaField(_l("Why"), [InputRequired(_l("This is needed.")), Length(max=500)])
