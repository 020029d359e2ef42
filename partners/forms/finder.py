"""What a firm says of itself in the finder."""

from flask_wtf.file import FileField
from wtforms import BooleanField, TextAreaField
from wtforms.validators import Length

from core.forms import Form
from core.i18n import lazy_gettext

_L = lazy_gettext
_SHORT = Length(max=600, message=_L("At most 600 characters."))


class FinderEntryForm(Form):
    is_listed = BooleanField(_L("Show our firm in the public finder"))
    logo = FileField(_L("Logo"), description=_L("PNG, JPEG or WebP, at most 2 MB."))
    without_logo = BooleanField(_L("Take the logo away"))
    summary = TextAreaField(
        _L("What you do for customers, in English"), [_SHORT], description=_L("Two or three sentences.")
    )
    summary_ru = TextAreaField(_L("The same in Russian"), [_SHORT])
