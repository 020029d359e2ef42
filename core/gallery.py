"""What the page of all components shows: a few invented things, in every state a component has."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, EmailField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired

from core import clock
from core.differences import changes
from core.forms import DecimalTextField, Form, ListField, MoneyField, choices
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.pagination import Page
from core.statuses import STATUSES
from core.waiting import Waiting


class SampleForm(Form):
    """One field of every kind."""

    company = StringField(
        lazy_gettext("Company"), [DataRequired()], description=lazy_gettext("As it stands in the register.")
    )
    email = EmailField(lazy_gettext("E-mail"), [DataRequired()])
    price = MoneyField(lazy_gettext("Unit price"), [DataRequired()])
    discount = DecimalTextField(lazy_gettext("Discount"))
    country = SelectField(lazy_gettext("Country"))
    reason = RadioField(lazy_gettext("Reason"), [DataRequired()])
    services = ListField(lazy_gettext("Services"), description=lazy_gettext("What you offer yourselves."))
    note = TextAreaField(lazy_gettext("Note"))
    invoice = FileField(
        lazy_gettext("Invoice"),
        description=lazy_gettext("PDF, PNG or JPEG, up to 10 MB. Drop it here or choose it."),
    )
    agreed = BooleanField(lazy_gettext("The customer agreed to be named"))


def _form(prefix: str, values: Mapping[str, Any]) -> SampleForm:
    form = SampleForm(formdata=None, prefix=prefix, data=values)
    form.country.choices = choices([("DE", _("Germany")), ("NL", _("Netherlands"))])
    form.reason.choices = choices([("capacity", _("No capacity")), ("area", _("Outside our area"))])
    form.services.choices = choices([("implementation", _("Implementation")), ("training", _("Training"))])
    form.process(None, data=values)
    return form


def _imports() -> dict[str, Any]:
    """Files that come in, as templates/components/imports.html is given them: one on its way, one with a wrong row."""
    problems = [{"row": 7, "column": "country", "sentence": _("Name the country by its code, such as DE.")}]
    return {
        "moving": {"is_moving": True, "read_to": 481, "row_count": 1200, "problem_count": 0},
        "checked": {
            "is_moving": False, "read_to": 41, "row_count": 40, "unit_count": 40, "wrong_rows": 1,
            "problems": problems, "problem_count": 1,
        },
        "columns": [{"name": "country", "label": _("Country")}],
    }  # fmt: skip


def samples() -> dict[str, Any]:
    """Everything templates/layouts/components_page.html asks for."""
    now = clock.now()
    wrong = _form("wrong-", {"company": "", "reason": None, "services": [], "country": "DE"})
    wrong.company.errors = [_("Name the company.")]
    wrong.price.errors = [_("Type an amount, such as 1234.50.")]
    wrong.reason.errors = [_("Choose one.")]
    wrong.invoice.errors = [_("Choose a PDF, PNG or JPEG.")]
    return {
        "form": _form(
            "plain-",
            {"company": "Hansen & Brandt IT", "price": 18000, "services": ["training"], "agreed": True},
        ),
        "wrong_form": wrong,
        "statuses": [tuple(name.split(".")[::-1]) if "." in name else (name, None) for name in STATUSES],
        "many": Page(items=[], number=3, size=25, total=214),
        "differences": changes(
            _("The partner answers within 30 days."), _("The partner answers within 14 days.")
        ),
        "waiting": [
            Waiting(
                _("Lead offer: Brouwer Logistics"),
                _("Warehouse, 20 users, 12 km away"),
                "#",
                _("Answer the offer"),
                "inbox",
                now + timedelta(hours=3),
            ),
            Waiting(
                _("Deal to decide: Apotheke Nord"),
                _("The decision was promised for this morning"),
                "#",
                _("Decide"),
                "briefcase",
                now - timedelta(hours=2),
            ),
            Waiting(
                _("Statement of October"),
                _("Waits for your signature"),
                "#",
                _("Open the statement"),
                "file-text",
            ),
        ],
        "imports": _imports(),
        "moments": {
            "calm": (now + timedelta(days=9), now - timedelta(days=1)),
            "soon": (now + timedelta(hours=3), now - timedelta(hours=5)),
            "late": (now - timedelta(hours=2), now - timedelta(days=2)),
            "past": now - timedelta(days=3),
        },
    }
