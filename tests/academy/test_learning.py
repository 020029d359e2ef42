"""Learning: the catalogue for everybody, a course that is resumed, marked fallbacks, the team's view."""

from typing import Any

import pytest

from academy import operations, queries, settings
from academy.views.learners import standings
from core.database import session
from core.errors import Refusal
from core.settings import change_setting
from partners.operations import add_member
from tests.academy.cast import a_certificate, a_course, live
from tests.partners.tiers import live_rules


def read(person: Any, course: Any, lessons: int) -> None:
    version = live(course)
    for lesson in version.lessons[:lessons]:
        operations.complete_lesson(version, lesson, by=person)


def test_anybody_reads_the_titles(browser: Any) -> None:
    a_course(title="Selling")
    a_course("hidden", title="Hidden draft", published=False)
    browser.open("/courses")
    assert browser.sees("Selling")
    assert not browser.sees("Hidden draft")


def test_the_programme_page_names_the_courses(browser: Any, programme: None) -> None:
    a_course(title="Selling")
    assert browser.open("/programme").sees("About selling.")


def test_a_course_is_begun_read_and_resumed(browser: Any, sam: Any) -> None:
    a_course()
    browser.sign_in(sam).open("/academy").press("Begin the course")
    assert browser.heading == "Lesson 1"
    assert "<strong>1</strong>" in browser.html
    browser.press("Mark as read, go on")
    assert browser.heading == "Lesson 2"
    browser.open("/academy").click("Go on: Lesson 2").press("Mark as read, go on")
    assert browser.sees("You have read every lesson. The exam is next.")
    assert browser.sees("2 of 2")


def test_reading_a_lesson_twice_counts_once(sam: Any) -> None:
    course = a_course()
    read(sam, course, 1)
    read(sam, course, 1)
    assert standings(sam)[0].lessons_read == 1


def test_one_goes_on_behind_the_last_lesson_read(sam: Any) -> None:
    course = a_course()
    version = live(course)
    operations.complete_lesson(version, version.lessons[1], by=sam)
    following = standings(sam)[0].next_lesson
    assert following is not None
    assert following.edition["title"] == "Lesson 1"


def test_progress_is_kept_when_a_new_version_is_published(sam: Any) -> None:
    course = a_course()
    read(sam, course, 2)
    draft = operations.begin_draft(course, by=None)
    operations.add_lesson(draft.modules[0], texts={"en": {"title": "Lesson 3", "text": "New."}}, by=None)
    operations.publish_version(draft, by=None)
    standing = standings(sam)[0]
    assert (standing.lessons_read, len(standing.version.lessons)) == (2, 3)


def test_enrolling_twice_is_one_enrolment(sam: Any) -> None:
    version = live(a_course())
    assert operations.enrol(version, by=sam) is operations.enrol(version, by=sam)


def test_a_draft_can_be_neither_learned_nor_seen(browser: Any, sam: Any) -> None:
    course = a_course(published=False)
    draft = queries.draft_version(course)
    assert draft is not None
    with pytest.raises(Refusal, match="is not taught now"):
        operations.enrol(draft, by=sam)
    browser.sign_in(sam).open("/academy/courses/selling", expect=404)


def test_a_missing_translation_is_marked(browser: Any, sam: Any) -> None:
    lesson = live(a_course()).lessons[0]
    browser.sign_in(sam)
    sam.locale = "ru"
    browser.open(f"/academy/courses/selling/lessons/{lesson.id}")
    assert browser.heading == "Lesson 1"
    assert browser.sees("Ещё не переведено.")
    assert '<article class="prose" lang="en">' in browser.html


def test_a_translation_older_than_its_original_is_behind(time: Any) -> None:
    from academy.models.editions import edition_of, with_edition

    editions = with_edition({}, "en", {"title": "A", "text": "a"})
    editions = with_edition(editions, "ru", {"title": "Б", "text": "б"})
    assert not edition_of(editions, "ru").is_behind
    time.move(days=1)
    assert with_edition(editions, "en", {"title": "A", "text": "a"}) == editions
    editions = with_edition(editions, "en", {"title": "A", "text": "changed"})
    assert edition_of(editions, "ru").is_behind
    assert edition_of({"en": {"title": "A"}}, "ru").is_fallback


def test_scripts_in_a_lesson_are_harmless(browser: Any, sam: Any) -> None:
    course = a_course()
    draft = operations.begin_draft(course, by=None)
    texts = {
        "en": {"title": "<script>x</script>", "text": "<script>alert(1)</script>\n\n[a](javascript:alert(1))"}
    }
    operations.change_lesson(draft.lessons[0], texts=texts, minutes=1, by=None)
    operations.publish_version(draft, by=None)
    lesson = live(course).lessons[0]
    browser.sign_in(sam).open(f"/academy/courses/selling/lessons/{lesson.id}")
    assert "<script>alert" not in browser.html
    assert 'href="javascript:' not in browser.html


def test_the_admin_sees_the_team_and_what_a_certificate_would_open(
    browser: Any, acme: Any, ada: Any, sam: Any
) -> None:
    read(sam, a_course(), 1)
    a_course("cloud", title="Cloud", products=("cloud",))
    browser.sign_in(ada).open("/academy/team")
    assert browser.sees("1 of 2 lessons")
    assert browser.sees("leads that ask for cloud. Nobody is certified for it yet.")


def test_the_team_page_does_not_grow_with_the_team(browser: Any, acme: Any, ada: Any, sam: Any) -> None:
    from accounts.permissions import Role
    from tests.cast import a_member

    course = a_course()
    a_certificate(sam, course)
    browser.sign_in(ada).open("/academy/team")
    before = browser.queries
    for name in ("Bob Builder", "Eve Engineer", "Zoe Zeller"):
        read(a_member(acme, name, Role.ENGINEER), course, 2)
    browser.open("/academy/team")
    assert browser.queries <= before


def test_a_team_is_seen_by_its_own_admin_and_the_vendor_only(
    browser: Any, acme: Any, sam: Any, rex: Any, mona: Any
) -> None:
    a_course()
    session.commit()
    for person, path, status in (
        (sam, "/academy/team", 403),
        (rex, f"/staff/partners/{acme.id}/team", 404),
        (mona, f"/staff/partners/{acme.id}/team", 200),
    ):
        browser.client.delete_cookie("guildhall")
        browser.sign_in(person).open(path, expect=status)


def test_the_first_certificate_is_a_step_of_a_new_firm(acme: Any, sam: Any) -> None:
    from academy.receivers import have_a_certificate

    assert acme.id not in set(have_a_certificate([acme.id]))
    a_certificate(sam, a_course())
    assert acme.id in set(have_a_certificate([acme.id]))


def test_the_team_page_says_what_a_tier_still_needs(browser: Any, acme: Any, ada: Any, sam: Any) -> None:
    a_course()
    live_rules(
        ("silver", "certified_people", 1, {"course": "selling"}),
        ("gold", "certified_people", 3, {"course": "selling"}),
    )
    browser.sign_in(ada).open("/academy/team")
    assert browser.sees("Gold needs 3 more people certified in “Selling”")
    a_certificate(sam, queries.course_by_code("selling"))
    browser.open("/academy/team")
    assert browser.sees("Gold needs 2 more people certified in “Selling”")


def test_without_rules_the_team_page_asks_for_nothing(browser: Any, acme: Any, ada: Any) -> None:
    a_course()
    browser.sign_in(ada).open("/academy/team")
    assert not browser.sees("What the tiers ask for")


def test_who_joins_begins_the_first_course(browser: Any, acme: Any, ada: Any, pia: Any) -> None:
    course = a_course()
    change_setting(settings.FIRST_COURSE, "selling", by=pia)
    member = add_member(acme, email="nils@acme.example", name="Nils New", role="engineer", by=ada)
    enrolment = queries.enrolment_of(member.user, course.id)
    assert enrolment is not None and enrolment.wanted_by is not None and enrolment.enrolled_by_id is None
    add_member(acme, email="tina@acme.example", name="Tina", role="partner_finance", by=ada)
    assert acme.id not in set(queries.firms_that_read_the_first_course([acme.id]))
    browser.sign_in(ada).open("/academy/first-course")
    assert browser.heading == "Selling"
    version = live(course)
    operations.complete_lesson(version, version.lessons[0], by=ada)
    assert acme.id in set(queries.firms_that_read_the_first_course([acme.id]))


def test_without_a_first_course_nobody_is_enrolled(browser: Any, acme: Any, ada: Any) -> None:
    course = a_course()
    member = add_member(acme, email="nils@acme.example", name="Nils New", role="engineer", by=ada)
    assert queries.enrolment_of(member.user, course.id) is None
    assert set(queries.firms_that_read_the_first_course([acme.id])) == {acme.id}
    assert browser.sign_in(ada).open("/academy/first-course").heading == "Academy"
