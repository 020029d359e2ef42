"""Three courses worth taking, and people who took them: certificates of last year, of last week, and about to end."""

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from academy import operations, queries, settings
from academy.models import Attempt, Audience, Course, Level, Practical
from accounts.models import User
from accounts.permissions import PARTNER_ROLES, Role
from core import clock
from core.database import session
from core.settings import change_setting
from partners.models import Member, Partner, PartnerStatus

_TEXTS = Path(__file__).parent / "courses"

#: Code, audience, level, products, minutes, titles and summaries, chapters, topics (tag, count, English, Russian).
_COURSES: tuple[dict[str, Any], ...] = (
    {
        "code": "selling",
        "audience": Audience.EVERYBODY,
        "level": Level.FOUNDATION,
        "products": (),
        "minutes": 30,
        "texts": {
            "en": {
                "title": "Selling with the programme",
                "summary": "From a first message to money on your account: leads, estimates, 90/10, payouts.",
            },
            "ru": {
                "title": "Продажи в программе",
                "summary": "От первого сообщения клиента до денег на счёте: лиды, сметы, деление 90/10, выплаты.",
            },
        },
        "chapters": (
            (
                "From the site to the deal",
                "От сайта до сделки",
                (("1-programme", 4), ("2-leads", 6), ("3-estimates", 6)),
            ),
            ("Money and growth", "Деньги и рост", (("4-earnings", 6), ("5-payouts", 5), ("6-standing", 6))),
        ),
        "topics": (
            ("programme", 2, "How the programme works", "Как устроена программа"),
            ("leads", 4, "Leads, offers, the pool", "Лиды, предложения, пул"),
            ("split", 3, "The 90/10 split", "Деление 90/10"),
            ("estimates", 3, "Estimates", "Сметы"),
            ("earnings", 3, "Earnings and reversals", "Вознаграждение и сторно"),
            ("payouts", 3, "Payouts", "Выплаты"),
            ("standing", 2, "Certificates and events", "Сертификаты и мероприятия"),
        ),
    },
    {
        "code": "cloud-implementation",
        "folder": "cloud",
        "audience": Audience.CONSULTANTS,
        "level": Level.PROFESSIONAL,
        "products": ("cloud",),
        "minutes": 20,
        "texts": {
            "en": {
                "title": "Cloud implementation",
                "summary": "The first week, the data, and the month after going live of Meridian Cloud.",
            },
            "ru": {
                "title": "Внедрение облака",
                "summary": "Первая неделя, данные и месяц после запуска продукта Меридиан Облако.",
            },
        },
        "chapters": (("The project", "Проект", (("1-ground", 4), ("2-data", 4), ("3-live", 3))),),
        "topics": (
            ("setup", 3, "Setting up", "Настройка"),
            ("data", 3, "Data migration", "Перенос данных"),
            ("live", 2, "Going live", "Запуск"),
        ),
    },
    {
        "code": "flow-integrations",
        "folder": "flow",
        "audience": Audience.ENGINEERS,
        "level": Level.PROFESSIONAL,
        "products": ("flow",),
        "minutes": 15,
        "texts": {
            "en": {
                "title": "Integrations with Flow",
                "summary": "Connecting systems so that nothing is lost and nothing happens twice.",
            }
        },
        "chapters": (("Flows", "", (("1-flows", 4), ("2-care", 4))),),
        "topics": (
            ("flows", 3, "Building flows", "Построение потоков"),
            ("care", 2, "Keeping them running", "Сопровождение"),
        ),
    },
)


def make_demo(*, partners: int, leads: int, sales: int, seed: int) -> None:
    """The courses, published a year and a half ago, and what the firms' people have made of them since."""
    now = clock.now()
    author = session.scalar(sa.select(User).where(User.role == Role.AUTHOR).order_by(User.id))
    with clock.frozen_at(now - timedelta(days=540)):
        courses = [_make_course(about, position, author) for position, about in enumerate(_COURSES)]
        _add_what_stands_beside(courses, author)
    change_setting(settings.FIRST_COURSE, courses[0].code, by=None)
    _plan_webinars(courses[0], now)
    _let_people_learn(courses, now, random.Random(seed))  # noqa: S311 - a story, not a secret
    _hand_works_in(courses[2], now)


def _add_what_stands_beside(courses: list[Course], author: User | None) -> None:
    """A path through two courses, a practical task for practice, and a few answers."""
    selling, cloud, flow = courses
    operations.save_path(
        None,
        code="seller",
        audience=Audience.SELLERS,
        texts={
            "en": {
                "title": "From the first lead to the first project",
                "summary": "Sell, then put into service.",
            },
            "ru": {
                "title": "От первого лида до первого проекта",
                "summary": "Сначала продать, потом внедрить.",
            },
        },
        courses=[selling, cloud],
        by=author,
    )
    operations.save_practical(
        flow,
        None,
        texts=_texts_of("practical", "task"),
        rubric=[
            {"key": f"line-{number}", "points": points, "names": {"en": {"title": en}, "ru": {"title": ru}}}
            for number, (points, en, ru) in enumerate(
                (
                    (
                        4,
                        "Nothing is lost when the other side is away",
                        "Ничего не теряется, когда другой стороны нет",
                    ),
                    (3, "Nothing happens twice", "Ничего не происходит дважды"),
                    (
                        3,
                        "It is explained so that a colleague could take over",
                        "Объяснено так, что коллега подхватит",
                    ),
                ),
                start=1,
            )
        ],
        needed=7,
        minutes=30,
        required=False,
        by=author,
    )
    for slug, products in (("claim-a-lead", []), ("certificate-check", []), ("first-week", ["cloud"])):
        operations.save_article(
            None,
            slug=slug,
            product_codes=products,
            texts=_texts_of(slug, "text"),
            is_published=True,
            by=author,
        )


def _texts_of(name: str, field: str) -> dict[str, dict[str, str]]:
    """A text of the folder ``answers`` in both languages, its first line as the title."""
    found = {}
    for locale in ("en", "ru"):
        words = _text("answers", name, locale)
        found[locale] = {field: words["text"]} if field == "task" else words
    return found


def _plan_webinars(course: Course, now: datetime) -> None:
    """One that was held and can be watched, and one to come in which some people have seats."""
    host = session.scalar(sa.select(User).where(User.role == Role.AUTHOR).order_by(User.id))
    if host is None:
        return
    about: dict[str, Any] = {"host": host, "minutes": 45, "seats": 30, "course": course, "by": host}
    with clock.frozen_at(now - timedelta(days=40)):
        held = operations.save_webinar(
            None, title="What changed in routing", locale="en", link="https://meet.example/routing",
            description="Factors of the score, one by one, with real leads.",
            starts_at=(now - timedelta(days=30)).replace(hour=9, minute=0, second=0, microsecond=0), **about,
        )  # fmt: skip
    operations.keep_recording(held, "https://vimeo.com/76979871", None, by=host)
    coming = operations.save_webinar(
        None, title="Сметы, которые подписывают", locale="ru", link="https://meet.example/estimates",
        description="Как собрать смету за десять минут и объяснить её клиенту.",
        starts_at=(now + timedelta(days=9)).replace(hour=8, minute=0, second=0, microsecond=0), **about,
    )  # fmt: skip
    people = session.scalars(
        sa.select(User)
        .join(Member, Member.user_id == User.id)
        .where(Member.left_at.is_(None), User.role.in_(PARTNER_ROLES))
        .order_by(User.id)
        .limit(4)
    )
    for person in people:
        operations.take_seat(coming, by=person)


#: What engineers handed in: text, link, days ago, and with points the examiner's verdict on it.
_WORKS: tuple[tuple[str, str, int, tuple[int, ...], str], ...] = (
    (
        "The till was off the net for ten minutes. All 42 messages arrived afterwards, in their order; "
        "the recording shows the queue before and after.\n\n"
        "The same order sent twice is one order: the other side knows it by its number.",
        "https://video.example/flow-test",
        2,
        (),
        "",
    ),
    (
        "A shop and a warehouse, connected in both directions. Notes for my colleague are on the last page.",
        "https://video.example/shop-and-warehouse",
        16,
        (4, 3, 2),
        "Clean work. Say for your colleague where the log is, too.",
    ),
)


def _hand_works_in(course: Course, now: datetime) -> None:
    """One work waits for its talk with the examiner, another one has passed; more times are on offer."""
    practical = session.scalar(sa.select(Practical).where(Practical.course_id == course.id))
    examiner = session.scalar(sa.select(User).where(User.role == Role.EXAMINER).order_by(User.id))
    engineers = session.scalars(
        sa.select(User).where(User.role == Role.ENGINEER).order_by(User.id).limit(len(_WORKS))
    ).all()
    if practical is None or examiner is None:
        return
    morning = (now + timedelta(days=3)).replace(hour=8, minute=0, second=0, microsecond=0)
    slots = operations.offer_slots(
        examiner, starts_at=morning, minutes=practical.minutes, count=4,
        place="https://meet.example/assessment", by=examiner,
    )  # fmt: skip
    for person, (text, link, days, points, feedback) in zip(engineers, _WORKS, strict=False):
        with clock.frozen_at(now - timedelta(days=days)):
            work = operations.submit_work(practical, text=text, link=link, file=None, by=person)
        if not points:
            operations.book_slot(work, slots[1], by=person)
            continue
        given = {str(line["key"]): one for line, one in zip(practical.rubric, points, strict=True)}
        with clock.frozen_at(now - timedelta(days=days - 4)):
            operations.assess(work, points=given, feedback=feedback, by=examiner)


def _a_bar() -> bytes:
    """A tenth beside nine tenths, as a picture."""
    import io

    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (1200, 140), "#b98cc0")
    ImageDraw.Draw(picture).rectangle((0, 0, 119, 140), fill="#59275f")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _text(folder: str, name: str, locale: str) -> dict[str, str]:
    """A lesson's title (the first line) and text, or nothing when there is no such edition."""
    file = _TEXTS / folder / f"{name}.{locale}.md"
    if not file.exists():
        return {}
    title, _line, text = file.read_text("utf-8").partition("\n")
    return {"title": title.removeprefix("# "), "text": text.strip()}


def _make_course(about: dict[str, Any], position: int, author: User | None) -> Course:
    folder = about.get("folder", about["code"])
    course = operations.make_course(
        code=about["code"],
        audience=about["audience"],
        level=about["level"],
        product_codes=about["products"],
        texts=about["texts"],
        position=position,
        by=author,
    )
    version = queries.draft_version(course)
    assert version is not None
    share = operations.add_file(course, _a_bar(), "share.png", by=author) if folder == "selling" else None
    for english, russian, lessons in about["chapters"]:
        titles = {"en": {"title": english}, **({"ru": {"title": russian}} if russian else {})}
        module = operations.add_module(version, texts=titles, by=author)
        for name, minutes in lessons:
            editions = {locale: _text(folder, name, locale) for locale in ("en", "ru")}
            texts = {locale: words for locale, words in editions.items() if words}
            if share is not None:
                for words in texts.values():
                    words["text"] = words["text"].replace("file:SHARE", f"file:{share.key}")
            operations.add_lesson(module, texts=texts, minutes=minutes, by=author)
    for locale in ("en", "ru"):
        bank = _TEXTS / folder / f"questions.{locale}.gift"
        if bank.exists():
            report = operations.import_questions(course, bank.read_text("utf-8"), locale=locale, by=author)
            assert not report.problems, report.problems
    draws = [
        {"tag": tag, "count": count, "names": {"en": {"title": english}, "ru": {"title": russian}}}
        for tag, count, english, russian in about["topics"]
    ]
    operations.change_version(version, texts={}, minutes=about["minutes"], draws=draws, by=author)
    operations.publish_version(version, by=author)
    session.expire(course, ["versions"])
    return course


def _let_people_learn(courses: list[Course], now: datetime, chance: random.Random) -> None:
    """Firm by firm: the first person of most firms is certified, others are on their way, one has failed."""
    firms = session.scalars(
        sa.select(Partner).where(Partner.status == PartnerStatus.ACTIVE).order_by(Partner.id)
    ).all()
    for number, firm in enumerate(firms):
        people = session.scalars(
            sa.select(User)
            .join(Member, Member.user_id == User.id)
            .where(Member.partner_id == firm.id, Member.left_at.is_(None), User.role.in_(PARTNER_ROLES))
            .order_by(Member.id)
        ).all()
        since = max(firm.created_at, now - timedelta(days=340)) + timedelta(days=2)
        for rank, person in enumerate(people):
            joined = max(since, person.created_at + timedelta(days=1))
            if joined < now - timedelta(days=3):
                _learn(person, rank, number, courses, joined, now, chance)


def _learn(
    person: User,
    rank: int,
    number: int,
    courses: list[Course],
    since: datetime,
    now: datetime,
    chance: random.Random,
) -> None:
    selling, cloud, flow = courses
    room = (now - since) / timedelta(days=1)

    def some_day(least: float, most: float) -> datetime:
        """Between two points of the person's time here, each 0 to 1."""
        return since + timedelta(days=room * chance.uniform(least, most))

    if rank == 0:
        _pass(person, selling, some_day(0, 0.3), chance)
        if number % 4 != 3:
            _pass(person, cloud, some_day(0.1, 0.6), chance)
        if number % 3 == 1:
            _pass(person, flow, some_day(0.5, 0.9), chance)
    elif rank == 1 and number % 5 == 2:
        _try(person, selling, now - timedelta(days=1, hours=5), chance, skill=0.35)
    elif rank == 1 and number % 2:
        _pass(person, selling, some_day(0.4, 0.9), chance)
    else:
        _read(person, selling, some_day(0.6, 0.95), chance.randint(1, 5))


def _read(person: User, course: Course, day: datetime, lessons: int) -> None:
    version = queries.live_version(course.code)
    assert version is not None
    for place, lesson in enumerate(version.lessons[:lessons]):
        with clock.frozen_at(day + timedelta(minutes=6 * place)):
            operations.complete_lesson(version, lesson, by=person)


def _pass(person: User, course: Course, day: datetime, chance: random.Random) -> None:
    """Reads everything, then tries until it is passed, a day and a bit apart."""
    _read(person, course, day, 100)
    for attempt in range(3):
        skill = (0.88, 0.97, 1.0)[attempt]
        if _try(person, course, day + timedelta(hours=2 + 26 * attempt), chance, skill=skill).has_passed:
            return


def _try(person: User, course: Course, begun: datetime, chance: random.Random, *, skill: float) -> Attempt:
    version = queries.live_version(course.code)
    assert version is not None
    with clock.frozen_at(begun):
        attempt = operations.begin_attempt(version, locale=person.locale or "en", by=person)
    with clock.frozen_at(begun + timedelta(minutes=version.exam.minutes * chance.uniform(0.4, 0.9))):
        answers = {
            item.position: _answer(item.shown, chance.random() < skill, chance) for item in attempt.items
        }
        return operations.hand_in(attempt, answers, by=person)


def _answer(shown: dict[str, Any], knows: bool, chance: random.Random) -> Any:
    """What somebody gives who knows, or who guesses."""
    if "choices" in shown:
        right = [choice["id"] for choice in shown["choices"] if float(choice["weight"]) > 0]
        given = right if knows else [chance.choice(shown["choices"])["id"]]
        return given if shown["kind"] == "multiple" else given[0]
    if "truth" in shown:
        return "true" if shown["truth"] is knows else "false"
    if "items" in shown:
        places = [str(one["place"] + 1) for one in shown["items"]]
        if not knows:
            chance.shuffle(places)
        return {one["id"]: place for one, place in zip(shown["items"], places, strict=True)}
    if "pairs" in shown:
        rights = [pair["right_id"] for pair in shown["pairs"]]
        if not knows:
            chance.shuffle(rights)
        return {pair["id"]: right for pair, right in zip(shown["pairs"], rights, strict=True)}
    if shown["kind"] == "numeric":
        return shown["accepted"][0]["least"] if knows else str(chance.randint(1, 100))
    return shown["accepted"][0]["text"] if knows else "?"
