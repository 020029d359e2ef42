"""What a programme may change about itself: each setting with its bounds, default, value, and who changed it when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from flask import has_app_context
from sqlalchemy.orm import Mapped, mapped_column

from core import activity, clock
from core.activity import Actor
from core.database import Base, JSONDocument, session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.i18n import lazy_gettext

Value = TypeVar("Value")


class StoredSetting(Base):
    """A setting that differs from its default."""

    __tablename__ = "core_setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONDocument())
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None]
    changed_by_name: Mapped[str]

    @property
    def id(self) -> None:
        """The audit trail names a setting by its key, not by a number."""
        return None


@dataclass(frozen=True)
class Setting(Generic[Value]):
    """One declared setting. ``parse`` turns typed text into a value, or raises ValueError with a sentence."""

    key: str
    default: Value
    label: Any
    group: Any
    parse: Callable[[str], Value]
    hint: Any = ""
    kind: str = "text"
    choices: tuple[tuple[str, Any], ...] = ()
    #: The least and the most that a number can be.
    bounds: tuple[Any, Any] | None = None

    def in_words(self, value: Any) -> str:
        """A value as people read it: of a choice its label, of anything else itself."""
        return str(dict(self.choices).get(str(value), value))

    def value(self) -> Value:
        """What holds now."""
        stored = _stored().get(self.key)
        return self.default if stored is None else self.parse(str(stored.value))

    def stored(self) -> StoredSetting | None:
        """The row behind a changed value: when, and by whom."""
        return _stored().get(self.key)


DECLARED: dict[str, Setting[Any]] = {}

_ALL = sa.select(StoredSetting)


def _stored() -> dict[str, StoredSetting]:
    """Every changed setting, read once a session."""
    if not has_app_context():
        return {}
    if "settings" not in session.info:
        session.info["settings"] = {row.key: row for row in session.scalars(_ALL)}
    rows: dict[str, StoredSetting] = session.info["settings"]
    return rows


def in_force() -> frozenset[tuple[str, str]]:
    """Every changed setting with its value: the same for as long as nobody changes one."""
    return frozenset((key, str(row.value)) for key, row in _stored().items())


def _declare(setting: Setting[Value]) -> Setting[Value]:
    if setting.key in DECLARED:
        raise RuntimeError(f"The setting {setting.key} is declared twice.")
    DECLARED[setting.key] = setting
    return setting


def whole_number(
    key: str, default: int, label: Any, group: Any, *, least: int = 0, most: int, hint: Any = ""
) -> Setting[int]:
    """Declares a setting that is a whole number between ``least`` and ``most``."""

    def parse(text: str) -> int:
        try:
            number = int(text.strip())
        except ValueError:
            raise ValueError(_("Type a whole number, such as %(example)s.", example=default)) from None
        if not least <= number <= most:
            raise ValueError(_("It can be %(least)s to %(most)s.", least=least, most=most))
        return number

    return _declare(Setting(key, default, label, group, parse, hint, "number", bounds=(least, most)))


def decimal_number(
    key: str, default: str, label: Any, group: Any, *, least: str = "0", most: str, hint: Any = ""
) -> Setting[Decimal]:
    """Declares a setting that is an exact decimal between ``least`` and ``most``."""

    def parse(text: str) -> Decimal:
        try:
            number = Decimal(text.strip().replace(",", "."))
        except InvalidOperation:
            raise ValueError(_("Type a number, such as %(example)s.", example=default)) from None
        if not Decimal(least) <= number <= Decimal(most):
            raise ValueError(_("It can be %(least)s to %(most)s.", least=least, most=most))
        return number

    return _declare(
        Setting(key, Decimal(default), label, group, parse, hint, "decimal", bounds=(least, most))
    )


def line_of_text(
    key: str,
    default: str,
    label: Any,
    group: Any,
    *,
    most: int = 200,
    hint: Any = "",
    kind: str = "text",
    check: Callable[[str], str] | None = None,
) -> Setting[str]:
    """Declares a setting that is a text of at most ``most`` characters."""

    def parse(text: str) -> str:
        text = text.strip() if kind != "long" else text
        if len(text) > most:
            raise ValueError(_("It can have at most %(most)s characters.", most=most))
        return check(text) if check is not None and text else text

    return _declare(Setting(key, default, label, group, parse, hint, kind))


def one_of(
    key: str, default: str, label: Any, group: Any, choices: tuple[tuple[str, Any], ...], *, hint: Any = ""
) -> Setting[str]:
    """Declares a setting that is one of ``choices`` (value, label)."""

    def parse(text: str) -> str:
        if text not in {value for value, _label in choices}:
            raise ValueError(_("Choose one of the list."))
        return text

    return _declare(Setting(key, default, label, group, parse, hint, "choice", choices))


def change_setting(setting: Setting[Any], typed: str, *, by: Actor | None) -> None:
    """Changes a setting for everybody. Raises InvalidInput with the setting's key."""
    try:
        value = setting.parse(typed)
    except ValueError as error:
        raise InvalidInput({setting.key: str(error)}) from error
    before = setting.value()
    if value == before:
        return
    row = session.get(StoredSetting, setting.key) or StoredSetting(key=setting.key)
    row.value = str(value)
    row.changed_at = clock.now()
    row.changed_by_id = by.id if by is not None else None
    row.changed_by_name = str(by.name) if by is not None else ""
    session.add(row)
    activity.record(
        "setting changed",
        None,
        by=by,
        details={"key": setting.key, "before": str(before), "after": str(value)},
    )
    session.flush()
    session.info.pop("settings", None)


def _colour(text: str) -> str:
    import re

    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError(_("Type a colour as # and six digits, such as #59275f."))
    return text.lower()


def _zone(text: str) -> str:
    from core.i18n import time_zone_names

    if text != "UTC" and text not in time_zone_names():
        raise ValueError(_("Choose a time zone such as Europe/Berlin."))
    return text


_BRAND = lazy_gettext("The programme")

VENDOR_NAME = line_of_text("vendor.name", "Guildhall", lazy_gettext("Vendor's name"), _BRAND, most=80)
PROGRAMME_NAME = line_of_text(
    "programme.name", "Partner programme", lazy_gettext("Programme's name"), _BRAND, most=80
)
ACCENT = line_of_text(
    "brand.accent",
    "",
    lazy_gettext("Accent colour"),
    _BRAND,
    most=7,
    kind="colour",
    check=_colour,
    hint=lazy_gettext("Links and the main button. Empty: the portal's own plum."),
)
LOGO = line_of_text("brand.logo", "", lazy_gettext("Logo"), _BRAND, kind="image", most=200)
SENDER_NAME = line_of_text("mail.sender_name", "", lazy_gettext("Name that mail comes from"), _BRAND, most=80)
SENDER_ADDRESS = line_of_text(
    "mail.sender",
    "partners@localhost",
    lazy_gettext("Address that mail comes from"),
    _BRAND,
    kind="email",
    most=200,
)
PROGRAMME_TIME_ZONE = line_of_text(
    "programme.time_zone",
    "Europe/Berlin",
    lazy_gettext("Time zone of the programme"),
    _BRAND,
    check=_zone,
    hint=lazy_gettext("Months, statements and clocks follow it."),
    kind="zone",
)
PROGRAMME_COUNTRY = line_of_text(
    "programme.country",
    "DE",
    lazy_gettext("Country whose working days the vendor keeps"),
    _BRAND,
    most=2,
    kind="country",
)
PROGRAMME_CURRENCY = line_of_text("programme.currency", "EUR", lazy_gettext("Main currency"), _BRAND, most=3)
PRIVACY_TEXT = line_of_text(
    "legal.privacy", "", lazy_gettext("Privacy notice"), _BRAND, kind="long", most=60000
)
TERMS_TEXT = line_of_text("legal.terms", "", lazy_gettext("Terms"), _BRAND, kind="long", most=60000)
IMPRINT_TEXT = line_of_text("legal.imprint", "", lazy_gettext("Imprint"), _BRAND, kind="long", most=20000)
