"""Lessons with pictures, files and films; paths; whom an admin enrols; what an author reads off a course."""

import io
from datetime import date
from typing import Any

import pytest
from PIL import Image

from academy import operations, queries
from academy.lesson_text import Attached, inline_html, keys_in, lesson_html
from academy.models import Audience, CourseFile
from core.database import session
from core.errors import InvalidInput, Refusal
from tests.academy.cast import a_certificate, a_course, a_failed_attempt, live

FILES = {
    "abc": Attached("/academy/files/abc", "shot.png", "2 KB", 800, 600),
    "pdf": Attached("/academy/files/pdf", "list.pdf", "1 MB"),
}
HOSTS = {"youtube.com", "rutube.ru"}


def a_picture(kind: str = "PNG", **exif: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (120, 80), "navy").save(out, kind, **exif)
    return out.getvalue()


@pytest.mark.pure
@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("![Screen](file:abc)", '<img src="/academy/files/abc" alt="Screen" width="800" height="600" loading="lazy">'),
        ("[Prices](file:pdf)", '<a href="/academy/files/pdf" class="file" rel="noopener'),
        ("[https://www.youtube.com/watch?v=1](https://www.youtube.com/watch?v=1)", '<p class="film">'),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<td>2</td>"),
        ("```\nx < 1\n```", "<pre><code>x &lt; 1"),
        ("# One", "<h2>One</h2>"),
    ],
)  # fmt: skip
def test_what_a_lesson_shows(text: str, html: str) -> None:
    assert html in lesson_html(text, FILES, HOSTS)


@pytest.mark.pure
@pytest.mark.parametrize(
    "text",
    [
        "![x](https://evil.example/x.png)",
        "![x](file:unknown)",
        "![x](file:pdf)",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hi)",
        "[x](file:../../etc/passwd)",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](https://evil.example/watch) and more",
        "[a](https://youtube.com.evil.example/1)",
    ],
)
def test_what_a_lesson_never_shows(text: str) -> None:
    html = str(lesson_html(text, FILES, HOSTS))
    for bad in (
        "<img",
        "<script",
        'href="javascript',
        'href="data',
        'class="film"',
        'href="file:',
        'href="..',
    ):
        assert bad not in html, (text, html)


@pytest.mark.pure
def test_a_choice_is_one_line() -> None:
    assert (
        inline_html("a **b** `c` [d](https://e.example)\n\n# f")
        == "a <strong>b</strong> <code>c</code> d\n\n# f"
    )


@pytest.mark.pure
def test_the_keys_of_a_text() -> None:
    assert keys_in(["![a](file:one) [b](file:two)", "[c](https://x.example)"]) == {"one", "two"}


def test_a_picture_comes_in_without_its_place_and_is_served_as_what_it_is(
    browser: Any, arthur: Any, sam: Any
) -> None:
    course = a_course()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    browser.sign_in(arthur).open("/staff/courses/selling").click("Pictures and files")
    browser.fill("Picture or PDF", (io.BytesIO(a_picture("JPEG", exif=exif)), "shot.jpg")).press("Add")
    row = session.scalars(queries.files_of(course.id)).one()
    assert (row.width, row.height, row.markdown) == (120, 80, f"![shot](file:{row.key})")
    browser.client.delete_cookie("guildhall")
    browser.sign_in(sam).open(f"/academy/files/{row.key}")
    headers = browser.response.headers
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"].startswith("attachment")
    assert b"taken at home" not in browser.response.get_data()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "x.svg"),
        (b"<html><script>x()</script>", "x.png"),
        (b"GIF89a/*x*/=1;alert(1)", "x.gif"),
        (b"", "x.png"),
    ],
)
def test_hostile_files_are_refused_with_a_sentence(content: bytes, name: str) -> None:
    with pytest.raises(InvalidInput) as problem:
        operations.add_file(a_course(), content, name, by=None)
    assert problem.value.problems["file"]


def test_a_file_that_a_lesson_shows_stays(arthur: Any) -> None:
    course = a_course()
    file = operations.add_file(course, a_picture(), "shot.png", by=arthur)
    draft = operations.begin_draft(course, by=arthur)
    texts = {"en": {"title": "Lesson", "text": f"See ![it](file:{file.key})."}}
    operations.change_lesson(draft.lessons[0], texts=texts, minutes=3, by=arthur)
    session.flush()
    with pytest.raises(Refusal, match="shows this file"):
        operations.remove_file(file, by=arthur)
    other = operations.add_file(course, a_picture(), "other.png", by=arthur)
    operations.remove_file(other, by=arthur)
    session.flush()
    assert session.get(CourseFile, other.id) is None


def test_a_lesson_shows_its_picture_and_a_draft_does_not_leak_it(browser: Any, arthur: Any, sam: Any) -> None:
    course = a_course(published=False)
    file = operations.add_file(course, a_picture(), "shot.png", by=arthur)
    draft = queries.draft_version(course)
    assert draft is not None
    texts = {"en": {"title": "Lesson 1", "text": f"![it](file:{file.key})"}}
    operations.change_lesson(draft.lessons[0], texts=texts, minutes=3, by=arthur)
    browser.sign_in(sam).open(f"/academy/files/{file.key}", expect=404)
    operations.publish_version(draft, by=arthur)
    browser.open(f"/academy/courses/selling/lessons/{live(course).lessons[0].id}")
    assert f'src="/academy/files/{file.key}"' in browser.html
    browser.open(f"/academy/files/{file.key}")


# Paths


def a_path(*courses: Any) -> Any:
    texts = {"en": {"title": "Becoming a seller", "summary": "From nothing."}}
    return operations.save_path(
        None, code="seller", audience=Audience.SELLERS, texts=texts, courses=courses, by=None
    )


def test_a_path_leads_to_the_first_course_one_is_not_certified_in(browser: Any, sam: Any) -> None:
    first, second = a_course("first", title="First"), a_course("second", title="Second")
    a_path(first, second)
    a_certificate(sam, first)
    browser.sign_in(sam).open("/academy").click("Becoming a seller")
    assert browser.sees("1 of 2")
    browser.click("Go on: Second")
    assert browser.heading == "Second"
    browser.open("/courses")
    assert browser.sees("Becoming a seller: First → Second")


def test_a_path_needs_two_courses_each_once() -> None:
    course = a_course()
    for courses in ((course,), (course, course)):
        with pytest.raises(InvalidInput) as problem:
            a_path(*courses)
        assert "courses" in problem.value.problems


def test_an_author_arranges_a_path(browser: Any, arthur: Any) -> None:
    a_course("first", title="First"), a_course("second", title="Second")
    browser.sign_in(arthur).open("/staff/courses").click("Learning paths").click("Begin a path")
    browser.fill("Title in English", "Way").fill("Code", "way").fill("Step 1", "Second").fill(
        "Step 2", "First"
    )
    browser.press("Save").click("Way")
    path = queries.path_by_code("way")
    assert [step.course.code for step in path.steps] == ["second", "first"]
    browser.fill("Step 1", "First").fill("Step 2", "Second").press("Save").press("Retire")
    assert queries.path_by_code("way") is None


# The team


def test_an_admin_enrols_the_team_and_they_are_told(
    browser: Any, ada: Any, sam: Any, rex: Any, mails: Any
) -> None:
    course = a_course()
    browser.sign_in(ada).open("/academy/team")
    assert not browser.sees("Rex")
    browser.fill("Course", "Selling").fill("Who shall learn it", ["Sam Seller"]).fill("Done by", "2026-04-01")
    browser.press("Enrol them")
    assert browser.sees("1 person is enrolled.")
    enrolment = queries.enrolment_of(sam, course.id)
    assert enrolment is not None
    assert (enrolment.enrolled_by_id, enrolment.wanted_by) == (ada.id, date(2026, 4, 1))
    text = mails(to=sam.email)[-1]["text"]
    assert "Ada Lovelace has enrolled you" in text
    assert "1\u00a0April\u00a02026" in text
    browser.fill("Course", "Selling").fill("Who shall learn it", ["Sam Seller"]).press("Enrol them")
    assert browser.sees("They all learn it already.")


def test_somebody_of_another_firm_cannot_be_enrolled(browser: Any, ada: Any, rex: Any, no_csrf: Any) -> None:
    course = a_course()
    browser.sign_in(ada)
    no_csrf()
    answer = browser.client.post("/academy/team", data={"course": "selling", "people": [str(rex.id)]})
    assert answer.status_code == 422
    assert queries.enrolment_of(rex, course.id) is None


@pytest.fixture
def no_csrf(app: Any, monkeypatch: Any) -> Any:
    return lambda: monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)


def test_a_day_that_is_over_is_refused(ada: Any, sam: Any) -> None:
    with pytest.raises(InvalidInput) as problem:
        operations.enrol_team(live(a_course()), [sam], wanted_by=date(2026, 3, 1), by=ada)
    assert "wanted_by" in problem.value.problems


# The author


def test_an_author_sees_completion_and_the_weakest_topics(
    browser: Any, arthur: Any, sam: Any, ada: Any
) -> None:
    course = a_course()
    version = live(course)
    for lesson in version.lessons:
        operations.complete_lesson(version, lesson, by=sam)
    operations.complete_lesson(version, version.lessons[0], by=ada)
    a_certificate(sam, course)
    a_failed_attempt(ada, course)
    figures = queries.course_figures(course)
    assert (figures.enrolled, figures.completed, figures.finished, figures.passed) == (2, 1, 2, 1)
    assert [(row.name, row.share) for row in queries.weakest_topics(course)] == [
        ("leads", 0.5),
        ("money", 0.5),
    ]
    browser.sign_in(arthur).open("/staff/courses/selling")
    assert browser.sees("Weakest topics")
