"""What staff type about a file for partners."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Optional

from core.forms import LINE, NEEDED, Form, ListField, choices
from core.i18n import gettext, language_name, lazy_gettext
from partners import queries
from partners.models import LANGUAGES, Resource, ResourceKind

_L = lazy_gettext


class ResourceForm(Form):
    kind = SelectField(_L("Kind"), [NEEDED])
    title = StringField(_L("Title in English"), [NEEDED, LINE])
    title_ru = StringField(_L("Title in Russian"), [LINE])
    language = SelectField(_L("Language of the file"))
    tiers = ListField(_L("Only for tiers"), [Optional()], description=_L("None chosen: for all."))
    upload = FileField(_L("File"), description=_L("PDF, picture, or an Office file; at most 10 MB."))
    co_branded = BooleanField(_L("Give it out with the partner's name and logo on its first page"))

    def __init__(self, resource: Resource | None = None) -> None:
        super().__init__(obj=resource)
        self.kind.choices = choices((kind.value, kind.label) for kind in ResourceKind)
        languages = sorted(((code, language_name(code)) for code in LANGUAGES), key=lambda one: one[1])
        self.language.choices = choices(languages, empty=_L("any"))
        self.tiers.choices = choices((tier.code, tier.label) for tier in queries.tiers())
        self.upload.flags.required = resource is None
        if resource is not None:
            self.upload.description = gettext(
                "Another file is the next version; without one it stays as it is."
            )

    def answers(self) -> dict[str, Any]:
        """As :func:`partners.operations.save_resource` takes them."""
        file = self.upload.data
        return {
            "kind": self.kind.data,
            "title": self.title.data,
            "title_ru": self.title_ru.data or "",
            "language": self.language.data or "",
            "tiers": self.tiers.data or [],
            "co_branded": self.co_branded.data,
            "upload": (file.read(), file.filename) if file else None,
        }
