"""What people type about a claim: costs, proofs, the vendor's verdict, an appeal."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from core import uploads
from core.forms import LINE, NEEDED, Form, MoneyField, choices
from core.i18n import gettext, lazy_gettext
from core.uploads import CheckedFile
from events.forms.fields import TEXT, SumsForm, checked_upload, currency_choices
from events.models import ClaimLine, CostKind, LineField, ProofKind

_L = lazy_gettext


class LineForm(SumsForm):
    """One cost with its receipt."""

    receipt = FileField(
        _L("Receipt"),
        description=_L("A photo or a PDF of up to 10 MB. JPEG, PNG, HEIC and PDF are taken."),
        render_kw={"accept": uploads.ACCEPTED},
    )
    photo = FileField(
        _L("Or take a photo of it now"), render_kw={"accept": "image/*", "capture": "environment"}
    )
    kind = SelectField(_L("Kind of cost"), [NEEDED])
    description = StringField(_L("What it was"), [LINE])
    supplier = StringField(_L("Supplier"), [NEEDED, Length(max=160, message=_L("At most 160 characters."))])
    supplier_tax_id = StringField(
        _L("Supplier's tax number"), [Length(max=40, message=_L("At most 40 characters."))]
    )
    number = StringField(
        _L("Number of the receipt"), [NEEDED, Length(max=60, message=_L("At most 60 characters."))]
    )
    dated_on = DateField(_L("Date of the receipt"), [NEEDED])
    currency = SelectField(_L("Currency"), [NEEDED])
    gross_minor = MoneyField(_L("Amount with tax"), [NEEDED], least=1)
    tax_minor = MoneyField(_L("Tax in it"), [Optional()], least=0)
    excluded_minor = MoneyField(
        _L("Not eligible"),
        [Optional()],
        least=0,
        description=_L("Alcohol, gifts, anything private; without tax."),
    )
    excluded_because = StringField(_L("What that is"), [LINE])
    answer = StringField(_L("Your answer"), [Length(max=500, message=_L("At most 500 characters."))])

    def __init__(
        self, *args: Any, line: ClaimLine | None = None, usual_currency: str = "EUR", **kwargs: Any
    ) -> None:
        if line is not None:
            kwargs["data"] = {
                name: getattr(line, name)
                for name in (
                    "description", "supplier", "supplier_tax_id", "number", "dated_on", "currency", "gross_minor",
                    "tax_minor", "excluded_minor", "excluded_because", "answer",
                )
            } | {"kind": line.kind.value}  # fmt: skip
        else:
            kwargs.setdefault("data", {"currency": usual_currency})
        super().__init__(*args, **kwargs)
        self.kind.choices = choices((kind.value, kind.label) for kind in CostKind)
        self.currency.choices = currency_choices()
        if line is None or not line.vendor_note:
            del self.answer

    def point_at_what_is_noted(self, line: ClaimLine) -> None:
        """Says what the vendor wants mended, at the field it is about."""
        if line.is_to_be_mended and line.vendor_field is not None:
            field = self[line.vendor_field.value]
            field.errors = [*field.errors, line.vendor_note]

    def file(self) -> CheckedFile | None:
        """The receipt or its photo, made safe; ``None`` when nothing was chosen. Raises InvalidInput at its field."""
        return checked_upload(self.receipt) or checked_upload(self.photo)

    def values(self) -> dict[str, Any]:
        """What :func:`events.operations.save_line` takes."""
        return {
            "kind": CostKind(self.kind.data),
            "description": self.description.data or "",
            "supplier": self.supplier.data,
            "supplier_tax_id": self.supplier_tax_id.data or "",
            "number": self.number.data,
            "dated_on": self.dated_on.data,
            "currency": self.currency.data,
            "gross_minor": self.gross_minor.data,
            "tax_minor": self.tax_minor.data or 0,
            "excluded_minor": self.excluded_minor.data or 0,
            "excluded_because": self.excluded_because.data or "",
            "answer": (self.answer.data or "") if "answer" in self else "",
        }


class ProofForm(Form):
    """A file or an address that shows the event took place."""

    kind = SelectField(_L("What it is"), [NEEDED])
    file = FileField(_L("File"), render_kw={"accept": uploads.ACCEPTED})
    url = StringField(_L("Address"), [Length(max=500)], description=_L("For a link: begins with https://."))

    def __init__(self, *args: Any, kinds: list[ProofKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices((kind.value, kind.label) for kind in kinds)


class AppealForm(Form):
    """Why the partner sees it otherwise."""

    appeal = TextAreaField(_L("What should be looked at again"), [TEXT, NEEDED])


class JudgementForm(SumsForm):
    """What the vendor says about one line."""

    verdict = RadioField(_L("This cost is"), [NEEDED])
    cut_minor = MoneyField(_L("Amount to take off"), [Optional()], least=0)
    field = SelectField(_L("Where"), description=_L("The partner reads the reason at this field."))
    note = StringField(_L("Why"), [Length(max=500, message=_L("At most 500 characters."))])

    def __init__(self, *args: Any, line: ClaimLine, **kwargs: Any) -> None:
        self.sums_in = line.currency
        verdict = (
            "refused"
            if line.is_refused
            else "cut"
            if line.cut_minor
            else "noted"
            if line.vendor_note
            else "accepted"
        )
        kwargs["data"] = {
            "verdict": verdict,
            "cut_minor": line.cut_minor or None,
            "note": line.vendor_note,
            "field": line.vendor_field.value if line.vendor_field is not None else "",
        }
        super().__init__(*args, **kwargs)
        self.verdict.choices = choices(
            (
                ("accepted", gettext("accepted in full")),
                ("cut", gettext("accepted in part")),
                ("refused", gettext("not accepted")),
                ("noted", gettext("to be mended")),
            )
        )
        self.field.choices = choices(
            ((field.value, field.label) for field in LineField), empty=gettext("The whole cost")
        )
