"""The form by which a file of sales comes in."""

from core.i18n import lazy_gettext as _l
from core.imports.forms import SheetForm, sheet_field


class SaleFileForm(SheetForm):
    """A file from any spreadsheet or billing system."""

    file = sheet_field(_l("A row for each line of a sale; the first row holds the headings."))
