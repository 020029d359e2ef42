"""Files from people, which are hostile until shown otherwise: what they may be, and how they are kept and given out.

PDF, JPEG, PNG and HEIC only, by content and by extension. Pictures are decoded within limits and made anew, so that
nothing but pixels is kept: no place, no comment, no second file behind them. A PDF is kept as it is, so everything in
it that could act is looked for first. Files lie outside the web root under random names and leave as attachments.
"""

import hashlib
import io
import re
import time
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import filetype
from flask import Response

from core import jobs, storage
from core.i18n import gettext as _
from core.likeness import likeness_of

MOST_BYTES = 10 * 1024 * 1024
MOST_PAGES = 30
#: A JPEG is decoded at a smaller scale; the others are decoded whole.
MOST_PIXELS = {"image/jpeg": 100_000_000, "image/heic": 50_000_000, "image/png": 25_000_000}
LONGEST_SIDE = 4096
#: A PDF that takes longer to look through is no plain document.
MOST_SECONDS = 2.0
MOST_OBJECTS = 20_000

EXTENSIONS = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/heic": ("heic", "heif"),
}
#: For the ``accept`` attribute of a field.
ACCEPTED = ",".join(f".{extension}" for extensions in EXTENSIONS.values() for extension in extensions)


class RefusedFile(ValueError):
    """The file is not taken; the message is a whole, translated sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept. ``sha256`` is of what was uploaded; ``likeness`` of how a picture looks."""

    content: bytes
    content_type: str
    name: str
    sha256: str
    likeness: str | None


def check_file(content: bytes, name: str, *, most_pages: int = MOST_PAGES) -> CheckedFile:
    """The file made safe. Raises RefusedFile."""
    if not content:
        raise RefusedFile(_("The file is empty."))
    if len(content) > MOST_BYTES:
        raise RefusedFile(_("The file is larger than %(most)s MB.", most=MOST_BYTES // 1024 // 1024))
    found = filetype.guess_mime(content[:8192])
    if found == "image/heif":
        found = "image/heic"
    extension = PurePosixPath(name.replace("\\", "/")).suffix.lower().removeprefix(".")
    if found not in EXTENSIONS:
        raise RefusedFile(_("Choose a PDF, or a picture as JPEG, PNG or HEIC."))
    if extension not in EXTENSIONS[found]:
        raise RefusedFile(
            _(
                "The name ends in “.%(extension)s”, but the content is another kind of file. "
                "Save it again and upload that.",
                extension=extension[:12],
            )
        )
    sha256 = hashlib.sha256(content).hexdigest()
    if found == "application/pdf":
        _check_pdf(content, most_pages)
        return CheckedFile(content, found, tidy_name(name), sha256, None)
    clean, content_type, likeness = _made_anew(content, found)
    return CheckedFile(clean, content_type, tidy_name(name), sha256, likeness)


def keep_file(file: CheckedFile, *, folder: str) -> str:
    """Stores a checked file; answers its key."""
    return storage.keep(file.content, folder=folder)


def forget_later(key: str) -> None:
    """Removes a stored file once the running transaction is kept."""
    jobs.enqueue("core.forget-file", {"key": key})


@jobs.job("core.forget-file")
def forget_file(payload: dict[str, Any]) -> None:
    storage.forget(payload["key"])


def download(key: str, *, name: str, content_type: str) -> Response:
    """The file as an attachment that no browser opens in our place."""
    answer = Response(storage.read(key), mimetype=content_type)
    answer.headers.set("Content-Disposition", "attachment", filename=tidy_name(name))
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def tidy_name(name: str) -> str:
    """The last part of a name, printable, at most 100 signs; text to show, never a path."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(sign for sign in last if sign.isprintable() and sign not in '<>:"|?*').strip(". ")
    stem, dot, extension = plain.rpartition(".")
    return f"{stem[:90]}{dot}{extension[:9]}" if plain else "file"


# Pictures


def _made_anew(content: bytes, content_type: str) -> tuple[bytes, str, str | None]:
    """The pixels as a new file, its type, and its likeness. A PNG stays one, everything else becomes a JPEG."""
    import pillow_heif
    from PIL import Image, ImageOps

    pillow_heif.register_heif_opener(thumbnails=False)
    kind = {"image/jpeg": "JPEG", "image/png": "PNG", "image/heic": "HEIF"}[content_type]
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            if image.width * image.height > MOST_PIXELS[content_type]:
                raise RefusedFile(
                    _(
                        "The picture has more than %(most)s million pixels.",
                        most=MOST_PIXELS[content_type] // 10**6,
                    )
                )
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image)
            plain = Image.new("RGB", upright.size, "white")
            if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
                with_alpha = upright.convert("RGBA")
                plain.paste(with_alpha, mask=with_alpha.getchannel("A"))
            else:
                plain.paste(upright.convert("RGB"))
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        if isinstance(error, RefusedFile):
            raise
        raise RefusedFile(_("This picture can't be read. Take it again, or save it as JPEG.")) from error
    out = io.BytesIO()
    if content_type == "image/png":
        plain.save(out, "PNG")
        return out.getvalue(), "image/png", likeness_of(plain)
    plain.save(out, "JPEG", quality=88)
    return out.getvalue(), "image/jpeg", likeness_of(plain)


# PDF

#: Names of a PDF's dictionary entries and actions that do something when it is opened or clicked.
_ACTS = {
    "/JS",
    "/JavaScript",
    "/Launch",
    "/SubmitForm",
    "/ImportData",
    "/GoToE",
    "/RichMedia",
    "/RichMediaContent",
    "/Rendition",
    "/Movie",
    "/3D",
    "/XFA",
}
_ACTS_ANYWHERE = re.compile(rb"/(JavaScript|Launch|RichMedia|ImportData|SubmitForm)\b")
_ESCAPED = re.compile(rb"#([0-9a-fA-F]{2})")
_MARKUP = re.compile(rb"<\s*(!doctype|html|script|svg|body|\?php)", re.IGNORECASE)


def _acts() -> RefusedFile:
    return RefusedFile(_("This PDF holds a script or another action. Print it to PDF again and upload that."))


def _too_complex() -> str:
    return _("This PDF is too complex to be looked through. Print it to PDF again and upload that.")


def _hidden() -> RefusedFile:
    return RefusedFile(_("Another file is hidden in this PDF. Print it to PDF again and upload that."))


def _check_pdf(content: bytes, most_pages: int) -> None:
    """Raises RefusedFile for what is not plainly a document: scripts, actions, other files, locks, too much of it."""
    unreadable = RefusedFile(_("This PDF can't be read. Print it to PDF again and upload that."))
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-2048:]:
        raise unreadable
    behind = content[content.rindex(b"%%EOF") + 5 :]
    if behind.strip(b"\r\n\t \0") or b"PK\x05\x06" in content[-66_000:] or _MARKUP.search(content[:1024]):
        raise _hidden()
    if _ACTS_ANYWHERE.search(_ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), content)):
        raise _acts()
    from pypdf import apply_configuration

    try:
        with apply_configuration(**_PARSER_LIMITS):
            _look_through(content, most_pages)
    except RefusedFile:
        raise
    except Exception as error:
        # Whatever the parser trips over is no plain document.
        raise unreadable from error


#: What the parser may unfold while it looks: tables and lists of objects, never pictures or pages.
_PARSER_LIMITS: dict[str, Any] = {
    "zlib_maximum_output_length": 2_000_000,
    "lzw_maximum_output_length": 2_000_000,
    "run_length_maximum_output_length": 2_000_000,
    "brotli_maximum_output_length": 2_000_000,
    "maximum_declared_stream_length": MOST_BYTES,
    "array_maximum_element_count": 50_000,
    "dictionary_maximum_element_count": 5_000,
    "page_tree_maximum_entries": 500,
    "page_tree_maximum_page_entries": 5_000,
}


def _look_through(content: bytes, most_pages: int) -> None:
    from pypdf import PdfReader

    until = time.monotonic() + MOST_SECONDS
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise RefusedFile(_("This PDF is locked with a password. Save it without one."))
    numbers = {number for table in reader.xref.values() for number in table} | set(reader.xref_objStm)
    if len(numbers) > MOST_OBJECTS:
        raise RefusedFile(_too_complex())
    _walk(reader.trailer.get("/Root"), 0)
    for number in sorted(numbers):
        if time.monotonic() > until:
            raise RefusedFile(_too_complex())
        found = reader.get_object(number) if number else None
        if found is not None:
            _walk(found, 0)
    if not 0 < len(reader.pages) <= most_pages:
        raise RefusedFile(_("A PDF can have up to %(most)s pages.", most=most_pages))


def _walk(thing: Any, depth: int) -> None:
    """Looks at an object and what it holds directly; what it refers to is looked at by its own number."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

    if depth > 30:
        raise _acts()
    if isinstance(thing, IndirectObject):
        return
    if isinstance(thing, DictionaryObject):
        for key in thing:
            value = thing.raw_get(key)
            if str(key) in _ACTS or (isinstance(value, NameObject) and str(value) in _ACTS):
                raise _acts()
            _walk(value, depth + 1)
        if "/EF" in thing and not _is_invoice_data(thing):
            raise _hidden()
    elif isinstance(thing, ArrayObject):
        for value in thing:
            _walk(value, depth + 1)


def _is_invoice_data(attached: Any) -> bool:
    """An electronic invoice carries itself as XML, by name and by content; nothing else may ride along."""
    names = [str(attached[key]).lower() for key in ("/F", "/UF") if key in attached]
    if not names or not all(name.endswith(".xml") for name in names):
        return False
    streams = attached["/EF"].get_object()
    for key in streams:
        start = bytes(streams[key].get_object().get_data())[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
        if not start.startswith(b"<") or _MARKUP.search(start):
            return False
    return True
