"""What people type about companies that the vendor talks to itself."""

from typing import Any

from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from core import places
from core.forms import LINE, NEEDED, Form, choices
from core.i18n import current_locale
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.imports.forms import sheet_field
from referrals.queries.opportunities import who_may_be_responsible

_NOTE = Length(max=1000, message=_l("At most 1,000 characters."))


class _Held(Form):
    """Who talks to the company, and until when."""

    responsible_id = SelectField(_l("Who talks to them"), [NEEDED])
    until = DateField(_l("Until"), [NEEDED], description=_l("At most a year; then say it again."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.id): person for person in who_may_be_responsible()}
        self.responsible_id.choices = choices(
            ((number, person.name) for number, person in self.people.items()), empty=_("Choose")
        )


class OpportunityForm(_Held):
    """A company, and who of the vendor talks to it."""

    company = StringField(_l("Company"), [NEEDED, LINE])
    website = StringField(_l("Website"), [Optional(), LINE], description=_l("Such as globex.com."))
    tax_id = StringField(_l("Tax number"), [Optional(), Length(max=60)])
    country = SelectField(_l("Country"), [Optional()], description=_l("Needed for a tax number."))
    note = TextAreaField(_l("Note"), [Optional(), _NOTE], description=_l("Only the vendor reads it."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = choices(places.countries(current_locale()), empty=_("Choose"))


class ChangeForm(_Held):
    """The same company, another person or day."""

    note = TextAreaField(_l("Note"), [Optional(), _NOTE], description=_l("Only the vendor reads it."))


class OpportunitiesForm(_Held):
    """Many companies from a file; who and until when holds for rows that say nothing else."""

    file = sheet_field(_l("The first row holds the headings."))
