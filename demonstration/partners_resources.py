"""What firms sell with, and what the first firm and its people at the vendor wrote to each other."""

import io
from collections.abc import Sequence
from datetime import timedelta
from importlib.resources import files
from time import struct_time
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from core import clock
from core.database import session
from partners import operations
from partners.models import Partner, ResourceKind
from partners.queries import active_members

INK, QUIET, ACCENT, PAPER = (28, 25, 38), (110, 104, 122), (112, 44, 107), (252, 251, 249)
WIDE, SHEET = (1440, 810), (1240, 1754)

#: Kind, title, Russian title, language, tiers, whether firms' names go on it, name of the file, its pages.
PAPERS: tuple[tuple[ResourceKind, str, str, str, tuple[str, ...], bool, str, tuple[str, ...]], ...] = (
    (
        ResourceKind.DECK,
        "Meridian Cloud in ten minutes",
        "Meridian Cloud за десять минут (на английском)",
        "en",
        (),
        True,
        "meridian-cloud-in-ten-minutes.pdf",
        (
            "Meridian Cloud\nStock, orders and transport\non one system",
            "What changes on the first day\n- One stock instead of three lists\n- Scanners at every gate\n"
            "- Every order with its lorry",
            "How we work\n- Four weeks from the first visit to the first order\n- Training where people work\n"
            "- We stay after the first day",
        ),
    ),
    (
        ResourceKind.DECK,
        "Meridian Cloud in ten minutes (in Russian)",
        "Meridian Cloud за десять минут",
        "ru",
        (),
        True,
        "meridian-cloud-za-desyat-minut.pdf",
        (
            "Meridian Cloud\nСклад, заказы и доставка\nв одной системе",
            "Что меняется в первый день\n- Один склад вместо трёх списков\n- Сканеры на каждых воротах\n"
            "- Каждый заказ со своей машиной",
        ),
    ),
    (
        ResourceKind.CASE,
        "Fischhaus Detlefsen: one stock in six weeks",
        "Fischhaus Detlefsen: единый склад за шесть недель (на английском)",
        "en",
        (),
        True,
        "case-fischhaus-detlefsen.pdf",
        (
            "Fischhaus Detlefsen, Hamburg\n- Three cold stores, forty people\n- One stock in six weeks\n"
            "- A third fewer write-offs in the first quarter",
        ),
    ),
    (
        ResourceKind.OTHER,
        "Moving from an old system: the playbook",
        "Переход со старой системы: порядок работ (на английском)",
        "en",
        ("gold", "platinum"),
        False,
        "migration-playbook.pdf",
        (
            "The playbook of a migration\n- Week 1: what is there, and who owns it\n"
            "- Week 2: a trial with last month's data\n- Week 3: the trial in front of the people who will work with it"
            "\n- Week 4: the night of the move, with a way back",
        ),
    ),
)

#: A subject, how long ago, who of the firm asked (its place among the people), the question, and the answer if any.
CONVERSATIONS: tuple[tuple[str, timedelta, int, str, tuple[Role, str] | None], ...] = (
    (
        "Which price list holds for renewals?",
        timedelta(days=9),
        1,
        "A customer of last year renews in December. Do the prices of this year hold, or those of the contract?",
        (
            Role.PARTNER_MANAGER,
            "Those of this year's list, less the discount that stands in the contract. The list of today is under "
            "Resources, with your name on it.",
        ),
    ),
    (
        "A seat at the October training for two engineers",
        timedelta(days=2),
        0,
        "Jule and a new colleague would like to come to the technical training. Is there room for both?",
        None,
    ),
)


def make_demo(**_sizes: int) -> None:
    """Files to sell with, taken by the first firm; two conversations of it, one of which waits for the vendor."""
    staff = {user.role: user for user in session.scalars(sa.select(User).order_by(User.id.desc()))}
    manager = staff[Role.PARTNER_MANAGER]
    with clock.frozen_at(clock.now() - timedelta(days=40)):
        resources = _keep_papers(manager)
    firm = session.scalars(sa.select(Partner).order_by(Partner.id)).first()
    if firm is None:
        return
    people = [member.user for member in session.scalars(active_members(firm))]
    if not people:
        return
    for number, resource in enumerate(resources):
        if not resource.tiers or firm.tier in resource.tiers:
            with clock.frozen_at(clock.now() - timedelta(days=20 - number)):
                operations.note_download(resource, firm, by=people[number % len(people)])
    for subject, ago, place, question, answer in CONVERSATIONS:
        with clock.frozen_at(clock.now() - ago):
            asker = people[min(place, len(people) - 1)]
            thread = operations.open_thread(firm, subject=subject, text=question, by=asker)
        if answer is not None:
            with clock.frozen_at(clock.now() - ago + timedelta(hours=5)):
                operations.write_message(thread, answer[1], by=staff[answer[0]])


def _keep_papers(manager: User) -> list[Any]:
    kept = []
    for kind, title, title_ru, language, tiers, co_branded, name, pages in PAPERS:
        size = WIDE if kind is ResourceKind.DECK else SHEET
        kept.append(
            operations.save_resource(
                kind=kind,
                title=title,
                title_ru=title_ru,
                language=language,
                tiers=tiers,
                co_branded=co_branded,
                upload=(a_pdf(pages, size), name),
                by=manager,
            )
        )
    kept.append(
        operations.save_resource(
            kind=ResourceKind.LOGO,
            title="Logo for light backgrounds",
            title_ru="Логотип для светлого фона",
            upload=(a_logo("Meridian"), "meridian-logo.png"),
            by=manager,
        )
    )
    return kept


def a_pdf(pages: Sequence[str], size: tuple[int, int]) -> bytes:
    """A PDF of pages in large type, the same bytes each time; a page's first line is its heading."""
    drawn = [_page(words, size) for words in pages]
    out = io.BytesIO()
    # The dates would else be those of today
    written = struct_time((2026, 1, 5, 9, 0, 0, 0, 5, 0))
    drawn[0].save(
        out,
        "PDF",
        save_all=True,
        append_images=drawn[1:],
        resolution=size[0] / 8.27 if size[0] < size[1] else size[0] / 13.33,
        creationDate=written,
        modDate=written,
    )
    return out.getvalue()


def a_logo(name: str) -> bytes:
    """A PNG of the vendor's name."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (960, 320), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((48, 80, 208, 240), outline=ACCENT, width=22)
    draw.line((128, 60, 128, 260), fill=ACCENT, width=16)
    draw.text((256, 92), name, font=_font(112, bold=True), fill=INK)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _page(words: str, size: tuple[int, int]) -> Any:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(image)
    heading, *lines = words.split("\n")
    left, top = 110, 150
    draw.rectangle((0, 0, 26, size[1]), fill=ACCENT)
    draw.text((left, top), heading, font=_font(64, bold=True), fill=INK)
    for number, line in enumerate(lines):
        sign, _dash, rest = line.partition("- ")
        at = top + 150 + number * 84
        if not sign:
            draw.ellipse((left, at + 16, left + 16, at + 32), fill=ACCENT)
        draw.text((left + (0 if sign else 44), at), rest or line, font=_font(40), fill=QUIET if sign else INK)
    return image


def _font(size: int, *, bold: bool = False) -> Any:
    from PIL import ImageFont

    name = f"PT_Sans-Web-{'Bold' if bold else 'Regular'}.ttf"
    return ImageFont.truetype(str(files("fontpkg_pt_sans") / "files" / name), size)
