"""What the components under templates/components need from Python, handed to every template."""

from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_timedelta
from flask import Flask, request
from markupsafe import Markup
from wtforms.fields.core import Field

from core import charts, clock
from core.colour import brand_tones
from core.compiling import written
from core.i18n import current_locale, format_both_ways, gettext
from core.icons import icon_shape
from core.statuses import status_of
from core.tables import column, dress_rows

# The smallest components. A list draws hundreds of them, and a macro costs ten times as much as a function, so these
# are functions; templates/components/icon.html, pill.html and clock.html hand them out and say how they are used.


def draw_icon(name: str, label: str | None = None) -> Markup:
    """One of Bootstrap's icons, silent unless it has a ``label``."""
    shape = icon_shape(name)
    return shape + Markup('<span class="visually-hidden">{}</span>').format(label) if label else shape


def draw_tag(word: Any, tone: str = "mute", shape: str = "circle") -> Markup:
    """A pill with a word of its own."""
    look = "pill" if tone == "mute" else f"pill {tone}"
    return Markup('<span class="{}">{}{}</span>').format(look, icon_shape(shape), word)


def draw_pill(state: str, kind: str | None = None) -> Markup:
    """A pill for the state of a thing, as core/statuses.py says it."""
    return _pill(str(state), kind, current_locale())


@lru_cache(maxsize=1024)
def _pill(state: str, kind: str | None, _locale: str) -> Markup:
    status = status_of(state, kind)
    return draw_tag(str(status.word), status.tone, status.icon)


def draw_when(at: datetime) -> Markup:
    """A moment that passed, both ways: its distance, and itself."""
    distance, itself = format_both_ways(at)
    parts = (written(distance), at.isoformat(), written(itself))
    page = '<span class="nowrap">%s</span> · <time class="nowrap" datetime="%s">%s</time>' % parts  # noqa: UP031
    return Markup(page)  # noqa: S704 - both texts are escaped above


def dotted(*parts: Any) -> str:
    """Those of ``parts`` that say something, in one line: "Hamburg · 12 people"."""
    return " · ".join([part if type(part) is str else str(part) for part in parts if part])


_HIDDEN = {"HiddenField", "CSRFTokenField"}


def clock_state(due: datetime, since: datetime | None = None) -> str:
    """``late`` past ``due``; ``soon`` in the second half of its time, or with less than a day left; else nothing."""
    now = clock.now()
    if now >= due:
        return "late"
    if since is not None:
        return "soon" if now - since > due - now else ""
    return "soon" if (due - now).total_seconds() < 86_400 else ""


def time_used(due: datetime, since: datetime) -> int:
    """How many per cent of the time between ``since`` and ``due`` are over, 0 to 100."""
    whole = (due - since).total_seconds()
    if whole <= 0:
        return 100
    return max(0, min(100, round(100 * (clock.now() - since).total_seconds() / whole)))


def lateness(due: datetime) -> str:
    """How long ago ``due`` was: ``2 hours late``."""
    span = format_timedelta(clock.now() - due, threshold=1.5, locale=current_locale())
    return gettext("%(span)s late", span=span)


def address_with(**changes: object) -> str:
    """This page's own address with some arguments changed; None takes one out. Changing anything returns to page 1."""
    here = request._get_current_object()  # type: ignore[attr-defined]
    arguments: dict[str, Any] = here.args.to_dict(flat=False) if here.args else {}
    if "page" not in changes:
        arguments.pop("page", None)
    for name, value in changes.items():
        arguments.pop(name, None)
        if value is not None and value != "":
            arguments[name] = [str(value)]
    if not arguments:
        return str(here.path)
    return f"{here.path}?{_query(tuple((name, tuple(values)) for name, values in arguments.items()))}"


@lru_cache(maxsize=4096)
def _query(arguments: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    return urlencode(arguments, doseq=True)


def other_arguments(*names: str) -> list[tuple[str, str]]:
    """What the address carries beside ``names`` and the page, for the hidden fields of a search form."""
    left_out = {*names, "page"}
    return [(name, value) for name, value in request.args.items(multi=True) if name not in left_out]


def field_kind(field: Field) -> str:
    """How a form's field is drawn: hidden, check, radios, checks, file, select or text."""
    if field.type in _HIDDEN:
        return "hidden"
    if field.type == "RadioField":
        return "radios"
    if field.type == "ListField":
        return "checks"
    kind = getattr(field.widget, "input_type", "")
    if kind in {"checkbox", "file"}:
        return {"checkbox": "check", "file": "file"}[kind]
    return "select" if hasattr(field, "choices") else "text"


_LOOKS = {"check": "form-check-input", "select": "form-select", "file": "form-control mt-2"}


def field_attributes(field: Field, **attributes: Any) -> dict[str, Any]:
    """The attributes of a field's element: its look, and the hint and error that describe it."""
    drawn: dict[str, Any] = {"class": _LOOKS.get(field_kind(field), "form-control"), **attributes}
    described_by = [
        f"{field.id}-{part}"
        for part, there in (("hint", field.description), ("error", field.errors))
        if there
    ]
    if described_by:
        drawn["aria-describedby"] = " ".join(described_by)
    if field.errors:
        drawn["aria-invalid"] = "true"
    mode = getattr(field, "input_mode", None)
    if mode:
        drawn.update(inputmode=mode, autocomplete="off")
    suggestions = getattr(field, "suggestions", "")
    if suggestions:
        drawn.update({"list": f"{field.id}-names", "data-suggest": suggestions, "autocomplete": "off"})
    return drawn


def field_target(field: Field) -> str:
    """The id that a link in the summary of errors leads to: of a group, its first choice."""
    return f"{field.id}-0" if field_kind(field) in {"radios", "checks"} else str(field.id)


def may_stay_empty(field: Field) -> bool:
    """Whether somebody may leave a field out; a list without an empty choice is always answered."""
    if field.flags.required:
        return False
    if field.type != "SelectField" or not field.choices:
        return True
    return not next(iter(field.iter_choices())).value


def first_error(field: Field) -> str:
    """The first sentence that is wrong with a field, also of a list of fields or a form inside the form."""
    errors: Any = field.errors
    while isinstance(errors, dict | list | tuple):
        errors = next(iter(errors.values() if isinstance(errors, dict) else (one for one in errors if one)))
    return str(errors)


def has_files(form: Any) -> bool:
    """Whether the form uploads something and so must be sent in parts."""
    return any(field_kind(field) == "file" for field in form)


def init_app(app: Flask) -> None:
    """Gives the templates what the components call."""
    app.jinja_env.globals.update(
        address_with=address_with,
        bars_of=charts.bars_of,
        changes_of=charts.changes_of,
        brand_tones=brand_tones,
        clock_state=clock_state,
        column=column,
        dotted=dotted,
        draw_icon=draw_icon,
        draw_pill=draw_pill,
        draw_tag=draw_tag,
        draw_when=draw_when,
        dress_rows=dress_rows,
        field_attributes=field_attributes,
        field_kind=field_kind,
        field_target=field_target,
        first_error=first_error,
        gauge_of=charts.gauge_of,
        has_files=has_files,
        icon_shape=icon_shape,
        lateness=lateness,
        may_stay_empty=may_stay_empty,
        line_of=charts.line_of,
        other_arguments=other_arguments,
        status_of=status_of,
        time_used=time_used,
    )
