"""What somebody types about a paper of a firm."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import DateField, SelectField, StringField
from wtforms.validators import Optional

from core import uploads
from core.forms import LINE, NEEDED, Form, choices
from core.i18n import lazy_gettext
from partners.models import DocumentKind

_L = lazy_gettext


class DocumentChangeForm(Form):
    """What stands about a paper; its file never changes."""

    kind = SelectField(_L("What it is"), [NEEDED])
    title = StringField(_L("Title"), [NEEDED, LINE], description=_L("Such as “Framework contract 2026”."))
    valid_until = DateField(
        _L("Valid until"), [Optional()], description=_L("You are reminded in time; empty: without an end.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices((kind.value, kind.label) for kind in DocumentKind)

    def answers(self) -> dict[str, Any]:
        """As :func:`partners.operations.change_document` takes them."""
        return {"kind": self.kind.data, "title": self.title.data, "valid_until": self.valid_until.data}


class DocumentForm(DocumentChangeForm):
    """One more paper, with its file."""

    file = FileField(
        _L("File"),
        [NEEDED],
        description=_L("PDF or a picture (JPEG, PNG, HEIC), at most 10 MB."),
        render_kw={"accept": uploads.ACCEPTED},
    )

    def answers(self) -> dict[str, Any]:
        """As :func:`partners.operations.keep_document` takes them."""
        return super().answers() | {
            "content": self.file.data.stream.read(uploads.MOST_BYTES + 1),
            "name": self.file.data.filename,
        }
