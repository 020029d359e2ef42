"""Forms by which a file comes in, and its columns are agreed on."""

from collections.abc import Sequence
from typing import Any

from flask_wtf.file import FileField
from wtforms import SelectField
from wtforms.validators import InputRequired, Optional

from core.forms import Form, choices
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.imports.models import ImportedFile
from core.sheets import Column


def sheet_field(description: Any) -> FileField:
    """The field of a file, with what its rows are."""
    return FileField(
        _l("CSV file"),
        [InputRequired(_l("Choose a file."))],
        description=description,
        render_kw={"accept": ".csv,.txt"},
    )


class SheetForm(Form):
    """A file with headings."""

    file = sheet_field(_l("From any spreadsheet or CRM; the first row holds the headings."))

    def sheet(self, usual_name: str) -> tuple[bytes, str]:
        """The contents and the name of the file that was sent."""
        return self.file.data.read(), self.file.data.filename or usual_name


class ColumnsForm(Form):
    """Which column of the file holds what; a field for each column that can be imported."""

    def places(self) -> dict[str, int]:
        """The place of each column that was chosen."""
        return {
            name: int(field.data)
            for name, field in self._fields.items()
            if isinstance(field, SelectField) and field.data
        }


def columns_form(row: ImportedFile, columns: Sequence[Column]) -> ColumnsForm:
    """The form for this file, as its columns stand agreed or guessed."""
    fields = {
        column.name: SelectField(
            column.label,
            [InputRequired(_("Choose the column that holds it.")) if column.required else Optional()],
            description=column.hint,
        )
        for column in columns
    }
    form: ColumnsForm = type("ColumnsOfAFile", (ColumnsForm,), fields)(
        data={name: str(place) for name, place in row.places.items()}
    )
    headings = [
        (str(place), heading or _("Column %(number)s", number=place + 1))
        for place, heading in enumerate(row.header)
    ]
    for column in columns:
        form[column.name].choices = choices(headings, empty=_("Not in the file"))
    return form
