"""What is typed when a wrong sale is put right."""

from typing import Any

import sqlalchemy as sa
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from core.forms import Form
from core.i18n import lazy_gettext as _l
from partners.forms.choosing import PartnerField
from partners.models import Partner

_WHY = [InputRequired(_l("This is needed.")), Length(max=1000, message=_l("At most 1,000 characters."))]


class VoidForm(Form):
    """Why it was no sale."""

    reason = TextAreaField(_l("Why it was no sale"), _WHY)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(prefix="void", **kwargs)


class OtherPartnerForm(Form):
    """Whose it really is."""

    partner_id = PartnerField(
        _l("Whose it really is"), [Optional()], description=_l("Its name or its number. Empty: nobody's.")
    )
    reason = TextAreaField(_l("Why"), _WHY)

    def __init__(self, partners: sa.Select[Partner], **kwargs: Any) -> None:
        super().__init__(prefix="other", **kwargs)
        self.partner_id.among(partners)
