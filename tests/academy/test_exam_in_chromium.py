"""The exam in a real Chromium: two tabs, a reload, a lost connection, a late answer, a device whose clock is wrong."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from academy.models import Attempt, AttemptItem
from accounts.models import User
from accounts.permissions import Role
from core import clock
from core.database import Base, current_database, session, transaction
from partners.models import Partner
from tests import cast
from tests.academy.cast import a_course
from tests.browser import PASSWORD
from tests.conftest import make_app
from tests.portal import DESKTOP, PHONE, Portal, Watch, a_portal, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.pure]

#: A loaded machine takes its time.
expect.set_options(timeout=20_000)

BANK = """
// [tag:leads]
::Way::Put it in **order**.{>3 ALL VERTICAL ABSOLUTE_POSITION SHOW
Offer
Accept
Win
}

// [tag:leads]
::Owner::Who owns a claimed lead?{
=The firm that claimed it
~Nobody
}

// [tag:leads]
::Ninety::How many of 100?{#90}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal with one course and one learner."""
    folder: Path = tmp_path_factory.mktemp("exam")
    app = make_app(f"sqlite:///{folder / 'exam.db'}", folder, TESTING=False)
    with app.app_context():
        Base.metadata.create_all(current_database().engine)
        with transaction():
            from partners import operations

            operations.set_up_programme(by=None)
            cast.a_partner("Acme")
            a_course(bank=BANK, draws=[{"tag": "leads", "count": 3, "names": {}}], published=True)
    try:
        with a_portal(app) as portal:
            yield portal
    finally:
        with app.app_context():
            current_database().engine.dispose()


@pytest.fixture
def exam(served: Portal, chromium: Any) -> Iterator[Any]:
    """Opens an attempt of somebody new in a browser of its own: ``exam(size=PHONE)`` answers the page."""
    contexts, watches = [], []
    with served.app.app_context(), transaction():
        number = session.scalar(sa.select(sa.func.count()).select_from(User))
        acme = session.scalars(sa.select(Partner)).one()
        email = cast.a_member(acme, f"Sam{number} Seller", Role.SELLER).email

    def begin(*, size: tuple[int, int] = DESKTOP, scripts: bool = True, skew_ms: int = 0) -> Any:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=scripts,
            has_touch=size == PHONE,
        )
        context.set_default_timeout(15_000)
        if skew_ms:
            context.add_init_script(f"const real = Date.now; Date.now = () => real.call(Date) + {skew_ms};")
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(page))
        sign_in(page, served.address, email, password=PASSWORD)
        page.goto(f"{served.address}/academy/courses/selling")
        page.click("text=Start the exam")
        page.wait_for_selector("form[data-exam]")
        return page

    yield begin
    for context in contexts:
        context.close()


def kept(served: Portal) -> dict[str, Any]:
    """What the server holds of the open attempt: by kind of question."""
    with served.app.app_context():
        attempt = session.scalars(sa.select(Attempt).order_by(Attempt.id.desc())).first()
        assert attempt is not None
        rows = session.scalars(sa.select(AttemptItem).where(AttemptItem.attempt_id == attempt.id))
        return {row.shown["kind"]: (row.given or {}).get("value") for row in rows}


def number_field(page: Any) -> Any:
    return page.locator("input[inputmode=decimal]")


def saved(page: Any) -> None:
    expect(page.locator("[data-exam-state]")).to_have_text("Your answers are kept.")


def test_answers_are_kept_as_they_are_given_and_survive_a_reload(served: Portal, exam: Any) -> None:
    page = exam()
    number_field(page).fill("90")
    saved(page)
    assert kept(served)["numeric"] == "90"
    page.reload()
    expect(number_field(page)).to_have_value("90")


def test_a_second_tab_goes_on_with_the_same_attempt(served: Portal, exam: Any) -> None:
    page = exam()
    number_field(page).fill("80")
    saved(page)
    other = page.context.new_page()
    other.goto(f"{served.address}/academy/courses/selling")
    other.click("text=Go on with the exam")
    assert other.url == page.url
    expect(number_field(other)).to_have_value("80")
    other.click("text=Hand in")
    other.wait_for_selector("text=By topic")
    number_field(page).fill("90")
    page.wait_for_selector("text=By topic")
    assert kept(served)["numeric"] == "80"


def test_a_lost_connection_loses_nothing(served: Portal, exam: Any) -> None:
    page = exam()
    page.context.set_offline(True)
    number_field(page).fill("90")
    expect(page.locator("[data-exam-state]")).to_contain_text("No connection")
    assert kept(served)["numeric"] is None
    page.context.set_offline(False)
    saved(page)
    assert kept(served)["numeric"] == "90"


def test_leaving_the_page_in_mid_word_keeps_the_word(served: Portal, exam: Any) -> None:
    page = exam()
    number_field(page).fill("7")
    page.goto(f"{served.address}/academy")
    for _moment in range(100):  # what is sent in leaving arrives when it arrives
        if kept(served)["numeric"] is not None:
            break
        page.wait_for_timeout(100)
    assert kept(served)["numeric"] == "7"


def test_what_comes_too_late_is_refused_and_what_was_kept_counts(
    served: Portal, exam: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = exam()
    number_field(page).fill("90")
    saved(page)
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    number_field(page).fill("91")
    page.wait_for_selector("text=By topic")
    assert kept(served)["numeric"] == "90"
    monkeypatch.undo()


@pytest.mark.parametrize("skew_ms", [-3_600_000, 3_600_000])
def test_a_device_whose_clock_is_an_hour_off_has_the_same_time(
    served: Portal, exam: Any, skew_ms: int
) -> None:
    page = exam(skew_ms=skew_ms)
    page.wait_for_timeout(2500)
    expect(page.locator("form[data-exam]")).to_be_visible()
    number_field(page).fill("90")
    saved(page)


@pytest.mark.parametrize("how", ["mouse", "keyboard", "touch"])
def test_things_are_put_in_order_by_mouse_keyboard_and_finger(served: Portal, exam: Any, how: str) -> None:
    page = exam(size=PHONE if how == "touch" else DESKTOP)
    names = page.locator(".order li label")

    def move_up(words: str) -> None:
        button = page.get_by_role("button", name=f"Move up: {words}")
        if how == "keyboard":
            button.focus()
            page.keyboard.press("Enter")
        elif how == "touch":
            button.tap()
        else:
            button.click()

    for place, words in enumerate(("Offer", "Accept", "Win")):
        while names.all_inner_texts().index(words) > place:
            move_up(words)
    assert names.all_inner_texts() == ["Offer", "Accept", "Win"]
    saved(page)
    assert sorted(kept(served)["ordering"].values()) == ["1", "2", "3"]
    page.reload()
    assert page.locator(".order li label").all_inner_texts() == ["Offer", "Accept", "Win"]
    expect(page.get_by_role("button", name="Move up: Offer")).to_be_disabled()


def test_without_scripts_the_whole_exam_can_be_taken(served: Portal, exam: Any) -> None:
    page = exam(scripts=False)
    number_field(page).fill("90")
    for row in page.locator(".order li").all():
        place = {"Offer": "1", "Accept": "2", "Win": "3"}[row.locator("label").inner_text()]
        row.locator("select").select_option(place)
    page.click("text=The firm that claimed it")
    page.click("text=Keep my answers")
    expect(number_field(page)).to_have_value("90")
    page.click("text=Hand in")
    page.wait_for_selector("text=Passed")


def test_the_page_holds_no_answers(exam: Any) -> None:
    source = exam().content()
    for secret in ("weight", "100.0", "truth", "accepted", "right_id", '"place"', "ABSOLUTE_POSITION"):
        assert secret not in source
