"""Keeps the gettext catalogues in line with the code: `extract`, `compile`, `check`.

English stands in the code. Every other language has one catalogue a domain; what belongs to no domain
(layouts, components, `app.py`) goes to `core`. A message may stand in several catalogues, but always with one
translation: where one English phrase means two things, give it a context with `pgettext`.

Catalogues are written without line numbers and dates, sorted by message, so that two people's changes merge.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import TemplateSyntaxError

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LANGUAGES = ("ru",)
DOMAINS = ("accounts", "partners", "referrals", "commissions", "academy", "events")
CATALOGUES = ("core", *DOMAINS)

TEMPLATES = {".html", ".txt", ".xml", ".jinja"}
TEMPLATE_OPTIONS = {
    "trimmed": "true",
    "silent": "false",
    "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols",
}
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(("_", "gettext", "lazy_gettext", "_l", "_L", "N_")),
    **dict.fromkeys(("ngettext", "lazy_ngettext"), (1, 2)),
    **dict.fromkeys(("pgettext", "lazy_pgettext"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "lazy_npgettext"), ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"%(?:\((\w+)\)[-+ #0-9.]*[a-zA-Z]|%)")
HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""

Key = tuple[str, str]
"""A message is known by its English (singular) form and its context."""


def catalogue_path(language: str, name: str) -> Path:
    """Where a language keeps the catalogue of a domain."""
    return HERE / language / "LC_MESSAGES" / f"{name}.po"


def catalogue_of(source: Path) -> str:
    """The catalogue that a source file's messages belong to."""
    parts = source.relative_to(ROOT).parts
    domain = parts[1] if parts[0] == "templates" else parts[0]
    return domain if domain in DOMAINS else "core"


def sources() -> list[Path]:
    """Every file that may hold words for people, in a fixed order."""
    code = [path for name in (*CATALOGUES, "demonstration") for path in (ROOT / name).rglob("*.py")]
    templates = [path for path in (ROOT / "templates").rglob("*") if path.suffix in TEMPLATES]
    return sorted((*ROOT.glob("*.py"), *code, *templates))


def messages_in(source: Path) -> list[Message]:
    """What a source file says to people, each message with the comments meant for translators."""
    method, options = "python", {}
    if source.suffix in TEMPLATES:
        method, options = "jinja2.ext:babel_extract", TEMPLATE_OPTIONS
    place = source.relative_to(ROOT).as_posix()
    try:
        found = extract_from_file(
            method, source, KEYWORDS, ("Translators:",), options, strip_comment_tags=True
        )
    except TemplateSyntaxError as error:
        raise SystemExit(f"{place}:{error.lineno}: {error.message}") from None
    return [
        Message(text, locations=[(place, line)], auto_comments=comments, context=context)
        for line, text, comments, context in found
    ]


def extracted(name: str) -> Catalog:
    """What the sources of one catalogue say, untranslated."""
    catalogue = Catalog()
    for source in sources():
        if catalogue_of(source) == name:
            for message in messages_in(source):
                catalogue.add(
                    message.id,
                    locations=message.locations,
                    auto_comments=message.auto_comments,
                    context=message.context,
                )
    return catalogue


def read(language: str, name: str) -> Catalog:
    """A catalogue as it stands in its file; an absent one is empty."""
    path = catalogue_path(language, name)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=name)


def write(catalogue: Catalog, path: Path) -> None:
    """Write a catalogue so that equal content is an equal file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = HEADER.format(language=catalogue.locale_identifier, plural_forms=catalogue.plural_forms)
    body = BytesIO()
    write_po(
        body,
        catalogue,
        width=110,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    path.write_bytes(header.encode() + body.getvalue().rstrip(b"\n") + b"\n")


def by_key(catalogue: Catalog) -> dict[Key, Message]:
    """The messages of a catalogue without its header."""
    return {key(message): message for message in catalogue if message.id}


def key(message: Message) -> Key:
    """What tells a message from all others."""
    return forms(message.id)[0], message.context or ""


def forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """A text, with plural forms or without, as the tuple of its forms."""
    return (text,) if isinstance(text, str) else tuple(text or ())


def is_complete(message: Message) -> bool:
    """Whether every form of a message has a translation that someone has stood by."""
    translated = forms(message.string)
    return bool(translated) and all(translated) and not message.fuzzy


def placeholders(text: str) -> set[str]:
    """What a text leaves to be filled in: `%(name)s` by name, `%%` as it is, a bare per cent sign as `%`."""
    found = {match[1] or match[0] for match in PLACEHOLDER.finditer(text)}
    return found | {"%"} if "%" in PLACEHOLDER.sub("", text) else found


def extract(names: Iterable[str]) -> None:
    """Add what is new, drop what is gone, keep what is translated, here or in another catalogue."""
    for language in LANGUAGES:
        known = {
            known_key: message
            for name in CATALOGUES
            for known_key, message in by_key(read(language, name)).items()
            if is_complete(message)
        }
        for name in names:
            old, new = by_key(read(language, name)), Catalog(locale=language, domain=name)
            for message_key, message in by_key(extracted(name)).items():
                before = old.get(message_key)
                translation = before if before and any(forms(before.string)) else known.get(message_key)
                if translation and len(forms(translation.id)) == len(forms(message.id)):
                    message.string = translation.string
                    message.user_comments = translation.user_comments
                    message.flags |= translation.flags & {"fuzzy"}
                new[message.id] = message
            write(new, catalogue_path(language, name))
            open_ones = sum(not is_complete(message) for message in by_key(new).values())
            print(f"{language}/{name}: {len(new)} messages, {open_ones} to translate")


def compile_all() -> None:
    """Write the binary catalogues that are older than their sources."""
    for path in HERE.glob("*/LC_MESSAGES/*.po"):
        binary = path.with_suffix(".mo")
        if not binary.exists() or binary.stat().st_mtime < path.stat().st_mtime:
            with binary.open("wb") as file:
                write_mo(file, read(path.parent.parent.name, path.stem))


def problems_of_sources() -> Iterator[str]:
    """Everything wrong with the English itself, a line each."""
    said: dict[Key, Message] = {}
    for source in sources():
        for message in messages_in(source):
            (place, line), english = message.locations[0], forms(message.id)
            first = said.setdefault(key(message), message)
            if forms(first.id) != english:
                yield f"{place}:{line}: has another plural than in {first.locations[0][0]}: {english[0]!r}"
            left_open = set().union(*(placeholders(form) for form in english))
            if "%" in left_open and (source.suffix in TEMPLATES or len(left_open) > 1):
                yield f"{place}:{line}: is formatted, so write its per cent sign as %%: {english[0]!r}"


def problems_of_translations(language: str) -> Iterator[str]:
    """Everything wrong with a language's catalogues, a line each."""
    seen: dict[Key, tuple[str, Message]] = {}
    for name in CATALOGUES:
        wanted, held = by_key(extracted(name)), by_key(catalogue := read(language, name))
        where = f"{language}/{name}"
        for message_key in sorted(wanted.keys() - held.keys()):
            places = ", ".join(dict.fromkeys(place for place, _ in wanted[message_key].locations))
            yield f"{where}: missing: {message_key[0]!r} ({places})"
        for message_key in sorted(held.keys() - wanted.keys()):
            yield f"{where}: no longer said anywhere: {message_key[0]!r}"
        for message_key in sorted(held.keys() & wanted.keys()):
            message = held[message_key]
            if problem := problem_of(message, wanted[message_key], catalogue.num_plurals):
                yield f"{where}: {problem}: {message_key[0]!r}"
            other, twin = seen.setdefault(message_key, (name, message))
            if twin.string != message.string:
                yield f"{where}: translated otherwise than in {other}, give it a context: {message_key[0]!r}"


def problem_of(message: Message, wanted: Message, plurals: int) -> str | None:
    """What is wrong with a translation, if anything."""
    english, translated = forms(wanted.id), forms(message.string)
    if forms(message.id) != english:
        return "has another plural than the code"
    if message.fuzzy:
        return "fuzzy"
    if not is_complete(message):
        return "not translated"
    if len(translated) != (1 if len(english) == 1 else plurals):
        return f"{len(translated)} forms instead of {plurals}"
    if any(placeholders(form) != placeholders(english[-1]) for form in translated):
        return "other placeholders than in English"
    return None


def check() -> list[str]:
    """Everything wrong with what is said, in English and in every other language."""
    return [
        *problems_of_sources(),
        *(problem for language in LANGUAGES for problem in problems_of_translations(language)),
    ]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    extraction = commands.add_parser("extract", help="bring the .po files in line with the code")
    extraction.add_argument("name", nargs="*", help=f"only these catalogues, of {', '.join(CATALOGUES)}")
    commands.add_parser("compile", help="write the .mo files that are out of date")
    commands.add_parser("check", help="name everything missing, doubtful or inconsistent")
    asked = parser.parse_args()
    if asked.command == "extract":
        if unknown := set(asked.name) - set(CATALOGUES):
            parser.error(f"no such catalogue: {', '.join(sorted(unknown))}")
        extract(asked.name or CATALOGUES)
    elif asked.command == "compile":
        compile_all()
    elif found := check():
        print("\n".join(found))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
