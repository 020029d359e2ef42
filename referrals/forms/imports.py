"""The form by which a file of leads comes in."""

from wtforms import StringField
from wtforms.validators import Length, Optional

from core.i18n import lazy_gettext as _l
from core.imports.forms import SheetForm

_SHORT = Length(max=80, message=_l("At most 80 characters."))


class UploadForm(SheetForm):
    """A file, and what holds for all its rows."""

    source = StringField(_l("Source"), [Optional(), _SHORT], description=_l("Where a row says nothing else."))
    campaign = StringField(_l("Campaign"), [Optional(), _SHORT])
