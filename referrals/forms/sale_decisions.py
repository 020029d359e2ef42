"""What is typed when a wrong sale is put right."""

from typing import Any

from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from core.forms import Form, choices
from core.i18n import lazy_gettext as _l

_WHY = [InputRequired(_l("This is needed.")), Length(max=1000, message=_l("At most 1,000 characters."))]


class VoidForm(Form):
    """Why it was no sale."""

    reason = TextAreaField(_l("Why it was no sale"), _WHY)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(prefix="void", **kwargs)


class OtherPartnerForm(Form):
    """Whose it really is."""

    partner_id = SelectField(_l("Whose it really is"), [Optional()])
    reason = TextAreaField(_l("Why"), _WHY)

    def __init__(self, partners: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(prefix="other", **kwargs)
        self.partner_id.choices = choices(((str(key), name) for key, name in partners), empty=_l("Nobody's"))
