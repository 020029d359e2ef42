"""What people type about their accounts."""

from typing import Any

from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import Email, InputRequired, Length, Optional, ValidationError

from accounts.permissions import PARTNER_ROLES, SCOPES, STAFF_ROLES
from core.digits import number_in
from core.forms import Form, ListField, choices
from core.i18n import gettext, offered_locales, time_zone_names
from core.i18n import lazy_gettext as _
from core.webhooks import TYPES

_EMAIL = [
    InputRequired(_("Type an e-mail address.")),
    Email(_("Type an address such as ada@example.com.")),
    Length(max=200),
]
_NAME = [InputRequired(_("Type a name.")), Length(max=120, message=_("At most 120 characters."))]


class SignInForm(Form):
    email = EmailField(_("E-mail"), _EMAIL, render_kw={"autocomplete": "username"})
    password = PasswordField(
        _("Password"),
        [InputRequired(_("Type your password."))],
        render_kw={"autocomplete": "current-password"},
    )


class ForgottenForm(Form):
    email = EmailField(_("E-mail"), _EMAIL, render_kw={"autocomplete": "username"})


class _NewPassword(Form):
    password = PasswordField(
        _("New password"),
        [InputRequired(_("Type a password."))],
        description=_("At least 12 characters; a few unrelated words work well."),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _("The same again"),
        [InputRequired(_("Type it again."))],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_again(self, field: Any) -> None:
        if field.data != self.password.data:
            raise ValidationError(gettext("The two are not the same."))


class ResetForm(_NewPassword):
    """A new password by a mailed link."""


class InvitationForm(_NewPassword):
    name = StringField(_("Your name"), _NAME, render_kw={"autocomplete": "name"})


class PasskeyForm(Form):
    """What a passkey answered, filled in by the script."""

    credential = HiddenField(filters=[lambda answer: answer or ""])


class NewPasskeyForm(PasskeyForm):
    passkey_name = StringField(
        _("Name of the passkey"),
        [Length(max=80, message=_("At most 80 characters."))],
        description=_("Such as “Laptop” or “Blue key”, so that you know which one to remove."),
    )


class NewAppForm(Form):
    app_name = StringField(
        _("Name of the app"),
        [Length(max=80, message=_("At most 80 characters."))],
        description=_("Such as “Phone”."),
    )


_CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "40"}


class AppConfirmationForm(Form):
    code = StringField(
        _("Six digits from the app"), [InputRequired(_("Type the six digits."))], render_kw=_CODE
    )


class SecondFactorForm(Form):
    code = StringField(
        _("Six digits from the app, or a recovery code"),
        [InputRequired(_("Type the six digits, or a recovery code."))],
        render_kw={**_CODE, "inputmode": "text", "autofocus": True},
    )


class FactorNameForm(Form):
    name = StringField(_("Name"), [InputRequired(_("Type a name.")), Length(max=80)])


class ConfirmForm(Form):
    password = PasswordField(
        _("Password"),
        [InputRequired(_("Type your password."))],
        render_kw={"autocomplete": "current-password"},
    )


class ConfirmTwiceForm(ConfirmForm):
    """The same of somebody with a second factor."""

    code = StringField(
        _("Six digits from the app, or a recovery code"),
        [InputRequired(_("Type the six digits, or a recovery code."))],
        render_kw={**_CODE, "inputmode": "text"},
    )


class ChangePasswordForm(_NewPassword):
    old_password = PasswordField(
        _("Password until now"),
        [InputRequired(_("Type your password."))],
        render_kw={"autocomplete": "current-password"},
    )


class EmailForm(Form):
    email = EmailField(_("New e-mail"), _EMAIL, render_kw={"autocomplete": "email"})


class AccountForm(Form):
    name = StringField(_("Name"), _NAME, render_kw={"autocomplete": "name"})
    locale = SelectField(_("Language"))
    time_zone = SelectField(_("Time zone"))
    theme = SelectField(
        _("Appearance"),
        choices=choices([("auto", _("As my device wishes")), ("light", _("Light")), ("dark", _("Dark"))]),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.locale.choices = choices(offered_locales(), empty=_("As my browser wishes"))
        self.time_zone.choices = choices(
            ((name, name.replace("_", " ")) for name in time_zone_names()), empty=_("The programme's")
        )


class ErasureForm(Form):
    words = StringField(
        _("E-mail of the person, typed out"),
        [InputRequired(_("Type the e-mail address."))],
        description=_("So that nobody does it by mistake: it can't be undone."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


class StaffInvitationForm(Form):
    name = StringField(_("Name"), _NAME)
    email = EmailField(_("E-mail"), _EMAIL)
    role = SelectField(_("Role"), choices=choices((role, role.label) for role in STAFF_ROLES))
    locale = SelectField(_("Language"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.locale.choices = choices(offered_locales())


class StaffPersonForm(Form):
    name = StringField(_("Name"), _NAME)
    role = SelectField(_("Role"), choices=choices((role, role.label) for role in STAFF_ROLES))


class ApiKeyForm(Form):
    name = StringField(_("Name"), _NAME, description=_("Who will use it: “Web shop”, “CRM”."))
    scopes = ListField(
        _("Scopes"),
        [InputRequired(_("Choose at least one."))],
        choices=choices((scope, scope) for scope in SCOPES),
    )
    days = StringField(
        _("Ends after days"), [Optional()], description=_("Empty: it works until it is revoked."),
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip

    def validate_days(self, field: Any) -> None:
        if not 1 <= (number_in(field.data) or 0) <= 3650:
            raise ValidationError(gettext("Type a whole number from 1 to 3650."))


class WebhookForm(Form):
    name = StringField(_("Name"), _NAME, description=_("Who listens: “CRM”, “Chat”."))
    url = StringField(
        _("Address"),
        [InputRequired(_("Type an address.")), Length(max=500)],
        description=_("https, on the open Internet, such as https://example.com/hooks."),
        render_kw={"inputmode": "url"},
    )
    event_types = ListField(_("Hears of"), [InputRequired(_("Choose at least one."))])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.event_types.choices = choices(
            (name, f"{one.label} ({name})") for name, one in sorted(TYPES.items())
        )


class SetUpForm(_NewPassword):
    vendor = StringField(_("Your company"), [InputRequired(_("Type your company's name.")), Length(max=80)])
    name = StringField(_("Your name"), _NAME, render_kw={"autocomplete": "name"})
    email = EmailField(_("Your e-mail"), _EMAIL, render_kw={"autocomplete": "username"})
    sender = EmailField(
        _("Address that mail comes from"),
        [Optional(), Email(_("Type an address such as ada@example.com."))],
        description=_("Of a domain whose mail your server may send, such as partners@example.com."),
    )
    time_zone = SelectField(_("Time zone of the programme"))
    code = StringField(
        _("Set-up code"),
        [InputRequired(_("Type the code that the server printed when it started."))],
        description=_("It stands in the server's log, so that nobody else can take the first seat."),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.time_zone.choices = choices((name, name.replace("_", " ")) for name in time_zone_names())


def partner_role_choices() -> list[Any]:
    """The roles that a partner's admin may give."""
    return choices((role, role.label) for role in PARTNER_ROLES)
