"""What a programme may change about itself: each setting with its bounds, default, value, and who changed it when."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from core.i18n import LOCALES, currency_name, current_locale, lazy_gettext, time_zone_names
from core.i18n import gettext as _
from core.money import currencies

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
    #: What there is to choose from where that is known only when it is asked, as names in the reader's language.
    options: Callable[[], Iterable[tuple[str, Any]]] | None = None
    #: Raises ValueError with a sentence when a value may not be chosen now, though it can be held.
    refuses: Callable[[Any], None] | None = None
    #: The least and the most that a number can be.
    bounds: tuple[Any, Any] | None = None

    def in_words(self, value: Any) -> str:
        """A value as people read it: of a choice its label, of anything else itself."""
        if self.kind == "several":
            return ", ".join(str(label) for code, label in self.choices_now if code in value)
        return str(dict(self.choices_now).get(str(value), value))

    @property
    def choices_now(self) -> Sequence[tuple[str, Any]]:
        """(value, label) of everything that can be chosen."""
        return tuple(self.options()) if self.options is not None else self.choices

    def kept(self, value: Value) -> str:
        """A value as it is stored, and as :attr:`parse` reads it."""
        return ",".join(value) if isinstance(value, tuple) else str(value)

    def value(self) -> Value:
        """What holds now; the default where what was stored once can no longer be held."""
        stored = _stored().get(self.key)
        if stored is None:
            return self.default
        try:
            return self.parse(str(stored.value))
        except ValueError:
            return self.default

    def stored(self) -> StoredSetting | None:
        """The row behind a changed value: when, and by whom."""
        return _stored().get(self.key)


DECLARED: dict[str, Setting[Any]] = {}

_ALL = sa.select(StoredSetting)


def _stored() -> dict[str, StoredSetting]:
    """Every changed setting, read once a session."""
    if not has_app_context():
        return {}
    kept = session.info
    if "settings" not in kept:
        kept["settings"] = {row.key: row for row in session.scalars(_ALL)}
    rows: dict[str, StoredSetting] = kept["settings"]
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
    return _declare(Setting(key, default, label, group, _one_of_those(choices), hint, "choice", choices))


def _one_of_those(choices: tuple[tuple[str, Any], ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in {value for value, _label in choices}:
            raise ValueError(_("Choose one of the list."))
        return text

    return parse


def one_that_is_known(
    key: str, default: str, label: Any, group: Any, is_known: Callable[[str], bool], *,
    options: Callable[[], Iterable[tuple[str, Any]]], hint: Any = "",
) -> Setting[str]:  # fmt: skip
    """Declares a setting that is a code which ``is_known``; ``options`` answers all of them with their names."""

    def parse(text: str) -> str:
        code = text.strip()
        if not is_known(code):
            raise ValueError(_("Choose one of the list."))
        return code

    return _declare(Setting(key, default, label, group, parse, hint, "choice", options=options))


def some_of(
    key: str, default: tuple[str, ...], label: Any, group: Any, choices: tuple[tuple[str, Any], ...], *,
    hint: Any = "",
) -> Setting[tuple[str, ...]]:  # fmt: skip
    """Declares a setting that is one or several of ``choices`` (value, label), kept in their order."""

    def parse(text: str) -> tuple[str, ...]:
        typed = {word.strip() for word in text.split(",") if word.strip()}
        if typed - {value for value, _label in choices}:
            raise ValueError(_("Choose from the list."))
        if not typed:
            raise ValueError(_("Choose at least one."))
        return tuple(value for value, _label in choices if value in typed)

    return _declare(Setting(key, default, label, group, parse, hint, "several", choices))


def change_setting(setting: Setting[Any], typed: str, *, by: Actor | None) -> None:
    """Changes a setting for everybody. Raises InvalidInput with the setting's key."""
    try:
        value = setting.parse(typed)
        if setting.refuses is not None:
            setting.refuses(value)
    except ValueError as error:
        raise InvalidInput({setting.key: str(error)}) from error
    before = setting.value()
    if value == before:
        return
    row = session.get(StoredSetting, setting.key) or StoredSetting(key=setting.key)
    row.value = setting.kept(value)
    row.changed_at = clock.now()
    row.changed_by_id = by.id if by is not None else None
    row.changed_by_name = str(by.name) if by is not None else ""
    session.add(row)
    activity.record(
        "setting changed",
        None,
        by=by,
        details={"key": setting.key, "before": setting.kept(before), "after": setting.kept(value)},
    )
    session.flush()
    _read_anew()


def change_settings(typed: Mapping[str, str], *, by: Actor | None) -> None:
    """Changes all of these settings, by their keys, or none. Raises InvalidInput with what is wrong by key."""
    problems: dict[str, str] = {}
    try:
        with session.begin_nested():
            for key, text in typed.items():
                try:
                    change_setting(DECLARED[key], text, by=by)
                except InvalidInput as problem:
                    problems |= problem.problems
            if problems:
                raise InvalidInput(problems)
    finally:
        _read_anew()


def _read_anew() -> None:
    """Something was changed, or a change taken back."""
    session.info.pop("settings", None)


def _colour(text: str) -> str:
    import re

    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError(_("Type a colour as # and six digits, such as #59275f."))
    return text.lower()


def _is_zone(name: str) -> bool:
    return name == "UTC" or name in time_zone_names()


def _zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in ["UTC", *time_zone_names()]]


def _is_country(code: str) -> bool:
    from core import places

    return places.is_country(code)


def _countries() -> list[tuple[str, str]]:
    from core import places

    return list(places.countries(current_locale()))


def _is_currency(code: str) -> bool:
    return code in currencies()


def _currencies() -> list[tuple[str, str]]:
    return [(code, f"{code} – {currency_name(code)}") for code in sorted(currencies())]


def _only_offered(code: str) -> None:
    if code not in LANGUAGES.value():
        raise ValueError(_("Choose one of the languages that are offered."))


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
LANGUAGES = some_of(
    "programme.languages",
    tuple(LOCALES),
    lazy_gettext("Languages"),
    _BRAND,
    tuple(LOCALES.items()),
    hint=lazy_gettext("In which people can use the portal and are written to."),
)
DEFAULT_LANGUAGE = _declare(
    Setting(
        "programme.language",
        "en",
        lazy_gettext("First language"),
        _BRAND,
        _one_of_those(tuple(LOCALES.items())),
        lazy_gettext("For whoever has none of those that are offered."),
        "choice",
        tuple(LOCALES.items()),
        refuses=_only_offered,
    )
)
PROGRAMME_TIME_ZONE = one_that_is_known(
    "programme.time_zone",
    "Europe/Berlin",
    lazy_gettext("Time zone of the programme"),
    _BRAND,
    _is_zone,
    options=_zones,
    hint=lazy_gettext("Months, statements and clocks follow it."),
)
PROGRAMME_COUNTRY = one_that_is_known(
    "programme.country",
    "DE",
    lazy_gettext("Country whose working days the vendor keeps"),
    _BRAND,
    _is_country,
    options=_countries,
)
PROGRAMME_CURRENCY = one_that_is_known(
    "programme.currency",
    "EUR",
    lazy_gettext("Main currency"),
    _BRAND,
    _is_currency,
    options=_currencies,
)


def _legal(page: str, label: Any, label_ru: Any) -> tuple[Setting[str], Setting[str]]:
    """Declares one of the legal texts, and the same in Russian."""
    hint = lazy_gettext("For readers of Russian. Empty: they read the other text.")
    return (
        line_of_text(f"legal.{page}", "", label, _BRAND, kind="long", most=60000),
        line_of_text(f"legal.{page}_ru", "", label_ru, _BRAND, kind="long", most=60000, hint=hint),
    )


#: The legal pages: each as it is written, and in Russian.
LEGAL = {
    "privacy": _legal("privacy", lazy_gettext("Privacy notice"), lazy_gettext("Privacy notice in Russian")),
    "terms": _legal("terms", lazy_gettext("Terms"), lazy_gettext("Terms in Russian")),
    "imprint": _legal("imprint", lazy_gettext("Imprint"), lazy_gettext("Imprint in Russian")),
}


def legal_text(page: str) -> str:
    """A legal text in the reader's language, or in the other where it is written in one only; empty when in none."""
    written, in_russian = (setting.value() for setting in LEGAL[page])
    return (in_russian or written) if current_locale() == "ru" else (written or in_russian)
