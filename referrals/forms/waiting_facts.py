"""What is typed about a payment, refund or chargeback that counts nowhere yet."""

from typing import Any

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from core.forms import Form
from core.i18n import lazy_gettext as _l


class TryAgainForm(Form):
    """To which sale it belongs, where a person knows it better."""

    sale = StringField(
        _l("Number of its sale"),
        [Optional(), Length(max=200, message=_l("At most 200 characters."))],
        description=_l("Its own number or that of its invoice. Empty: as the message names it."),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(prefix="again", **kwargs)


class PutAsideForm(Form):
    """Why nobody waits for it any more."""

    reason = TextAreaField(
        _l("Why"),
        [InputRequired(_l("This is needed.")), Length(max=1000, message=_l("At most 1,000 characters."))],
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(prefix="aside", **kwargs)
