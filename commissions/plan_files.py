"""A plan version as a file for people: TOML, with the same fields as the API. What is written reads back the same."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

_WIDTH = 100
_HEAD = ("name", "currency", "effective_from", "match", "hold_days", "rebinds", "converts")


class UnreadableFile(ValueError):
    """The text is no TOML; the message says where and why."""


def read_plan(text: str) -> dict[str, Any]:
    """The definition that a file holds. Moments become text, exact decimals stay as they were typed.

    TOML has no null: a field that is absent is what the API calls null.
    """
    try:
        found = tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(str(error)) from error
    definition: dict[str, Any] = _plain(found)
    return definition


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return value


def write_plan(definition: Mapping[str, Any]) -> str:
    """A definition as a file: the head first, then each rule and each split in its order."""
    head = [
        name
        for name in (*_HEAD, *sorted(set(definition) - {*_HEAD, "rules", "splits"}))
        if name in definition
    ]
    lines = [f"{_key(name)} = {_value(definition[name])}" for name in head if definition[name] is not None]
    for table in ("rules", "splits"):
        for part in definition.get(table, []):
            lines += ["", f"[[{table}]]", *_table(part)]
    return "\n".join(lines) + "\n"


def _table(part: Mapping[str, Any]) -> list[str]:
    return [f"{_key(name)} = {_value(value)}" for name, value in part.items() if value is not None]


def _value(value: Any, indent: str = "") -> str:
    """A value on one line where it fits, lists on several where not."""
    short = _short(value)
    if not isinstance(value, list) or len(short) + len(indent) <= _WIDTH:
        return short if not isinstance(value, Mapping) else _inline(value, indent)
    inner = indent + "  "
    return "[\n" + "".join(f"{inner}{_value(each, inner)},\n" for each in value) + f"{indent}]"


def _inline(value: Mapping[str, Any], indent: str) -> str:
    """An inline table: TOML keeps it on one line, but lists in it may break."""
    parts = [f"{_key(name)} = {_value(each, indent)}" for name, each in value.items() if each is not None]
    return "{" + ", ".join(parts) + "}"


def _short(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return _text(value)
        case Mapping():
            parts = [f"{_key(name)} = {_short(each)}" for name, each in value.items() if each is not None]
            return "{" + ", ".join(parts) + "}"
        case Sequence():
            return "[" + ", ".join(_short(each) for each in value) + "]"
    raise TypeError(f"A plan holds no {type(value).__name__}.")


def _key(name: str) -> str:
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain else _text(name)


def _text(text: str) -> str:
    """A basic string; TOML knows the escapes of JSON, and wants the one of DEL besides."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
