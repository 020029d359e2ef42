"""By which plan a sale is computed that names one which is not there."""

from collections.abc import Mapping
from typing import Any

from wtforms import SelectField

from core.forms import Form, choices
from core.i18n import lazy_gettext as _l


class SalePlanForm(Form):
    """One of the plans that have a published version, or the partner's own."""

    plan = SelectField(_l("Plan"))

    def __init__(self, names: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.plan.choices = choices(
            ((code, f"{name} ({code})") for code, name in names.items()), empty=_l("The partner's plan")
        )
