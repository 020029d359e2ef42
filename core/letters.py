"""Kinds of mail, and who a mail is for: what people may stop, and what stands among their notices.

Each domain names the kinds of mail it writes by the beginnings of their templates' names. Whoever knows people
(accounts) says of each mail whether it is wanted and how to stop its kind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.i18n import lazy_gettext


@dataclass(frozen=True)
class Kind:
    """Mails that somebody would stop together. Some cannot be stopped: a changed password, a suspended firm."""

    code: str
    label: Any
    can_be_stopped: bool = True
    #: Also kept as a notice; not where the mail carries a link that is a secret.
    is_noted: bool = True


@dataclass(frozen=True)
class Letter:
    """A mail about to be written: to whom, of which kind, its subject, and the page of the portal it leads to."""

    to: str
    kind: Kind
    subject: str
    path: str


@dataclass(frozen=True)
class Delivery:
    """What becomes of a letter: whether it is mailed, and the path with which its reader stops mail of its kind."""

    is_wanted: bool
    stop_path: str = ""


OTHER = Kind("other", lazy_gettext("Everything else"), can_be_stopped=False)

KINDS: dict[str, Kind] = {}
_by_template: dict[str, Kind] = {}

Registrar = Callable[[Letter], Delivery | None]
_registrars: list[Registrar] = []


def kind(code: str, label: Any, *templates: str, can_be_stopped: bool = True, is_noted: bool = True) -> None:
    """Names a kind of mail: those whose template begins with one of ``templates``, the longest beginning first."""
    one = Kind(code, label, can_be_stopped, is_noted)
    KINDS[code] = one
    for template in templates:
        _by_template[template] = one


def kind_of(template: str) -> Kind:
    """The kind that mails made from ``template`` are of."""
    fitting = [beginning for beginning in _by_template if template.startswith(beginning)]
    return _by_template[max(fitting, key=len)] if fitting else OTHER


def knows_people(registrar: Registrar) -> Registrar:
    """Registers who is asked about each letter; it answers ``None`` for a stranger, who gets every mail."""
    if registrar not in _registrars:
        _registrars.append(registrar)
    return registrar


def delivery_of(letter: Letter) -> Delivery:
    """What becomes of ``letter``."""
    answers = [answer for registrar in _registrars if (answer := registrar(letter)) is not None]
    return answers[0] if answers else Delivery(is_wanted=True)
