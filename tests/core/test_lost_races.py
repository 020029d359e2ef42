"""Two who want the same: who loses is served all the same, at the edge and in the worker; nothing typed is lost."""

import threading
from collections import Counter
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, request

from accounts.access import public
from accounts.limits import per_address
from core import jobs, races
from core.clock import DemoClock
from core.database import PortalSession, current_database, outside, session, transaction
from core.jobs import Job
from tests.browser import check_page


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str, str]]:
    """What the observers are told, and no waiting between tries."""
    told: Counter[tuple[str, str, str]] = Counter()

    def hear(*race: str) -> None:
        told[race] += 1  # type: ignore[index]

    monkeypatch.setattr(races, "observers", [hear])
    monkeypatch.setattr(races, "wait_a_little", lambda _number: None)
    return told


@pytest.fixture
def somebody_is_through(lost: Any, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Who lost tries again once this is set: on a slow machine it could else overtake who won, and meet them anew."""
    through = threading.Event()
    monkeypatch.setattr(races, "wait_a_little", lambda _number: through.wait(30))
    return through


def on_postgresql(app: Flask) -> bool:
    return not app.extensions["database"].is_sqlite


def a_page(app: Flask, address: str, view: Any, **options: Any) -> None:
    """A page for one test; without a token, since what is sent again is tested apart."""
    app.add_url_rule(address, view_func=public(view), methods=["GET", "POST"], **options)
    app.extensions["csrf"].exempt(view)


def two_rows(app: Flask) -> None:
    with app.app_context(), transaction():
        session.add_all([DemoClock(id=1, seconds_ahead=0), DemoClock(id=2, seconds_ahead=0)])


def counted(app: Flask) -> list[int]:
    with app.app_context(), transaction():
        return list(session.scalars(sa.select(DemoClock.seconds_ahead).order_by(DemoClock.id)))


def meet(app: Flask, first: int, second: int, both_hold_one: threading.Barrier) -> None:
    """Takes two rows in an order of its own; once, both hold one before either asks for the other."""
    if on_postgresql(app):
        session.execute(sa.text("SET LOCAL deadlock_timeout = '50ms'"))
    for place, number in enumerate((first, second)):
        row = session.get_one(DemoClock, number, with_for_update=True)
        row.seconds_ahead += 1
        session.flush()
        if place == 0 and on_postgresql(app):
            with suppress(threading.BrokenBarrierError):
                both_hold_one.wait(10)
                both_hold_one.abort()


def ended_by(sqlstate: str) -> sa.exc.OperationalError:
    ended = RuntimeError("ended")
    ended.sqlstate = sqlstate  # type: ignore[attr-defined]
    return sa.exc.OperationalError("SELECT 1", None, ended)


def give_up(sqlstate: str) -> None:
    """Has the database end the transaction with this SQLSTATE; SQLite knows none, so it is made up there."""
    if current_database().is_sqlite:
        raise ended_by(sqlstate)
    session.execute(sa.text(f"DO $$ BEGIN RAISE EXCEPTION 'ended' USING ERRCODE = '{sqlstate}'; END $$"))


@pytest.fixture
def edge(own_app: Flask) -> Flask:
    """The application with the edge that repeats; it stands there on PostgreSQL only, and must hold on both."""
    if not on_postgresql(own_app):
        own_app.wsgi_app = races.RepeatLostRaces(own_app.wsgi_app)  # type: ignore[method-assign]
    return own_app


def test_two_requests_that_wait_for_each_other_are_both_carried_out_once(
    edge: Flask, lost: Any, somebody_is_through: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real deadlock of two connections on PostgreSQL; on SQLite the second waits for the first to end."""
    monkeypatch.setattr(races, "_KEPT_IN_MEMORY", 1000)
    two_rows(edge)
    barrier = threading.Barrier(2)

    def both_ways() -> str:
        first, second = (1, 2) if request.args["way"] == "there" else (2, 1)
        meet(edge, first, second, barrier)
        return f"{request.form['note']} {len(request.files['paper'].read())}"

    a_page(edge, "/test-meeting", both_ways)
    answers: dict[str, Any] = {}

    def send(way: str) -> None:
        form = {"note": f"by {way}", "paper": (BytesIO(b"x" * 200_000), "paper.pdf")}
        answers[way] = edge.test_client().post(f"/test-meeting?way={way}", data=form)
        somebody_is_through.set()

    threads = [threading.Thread(target=send, args=(way,)) for way in ("there", "back")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {way: (answer.status_code, answer.text) for way, answer in answers.items()} == {
        way: (200, f"by {way} 200000") for way in ("there", "back")
    }
    assert counted(edge) == [2, 2]
    assert lost == ({("request", "deadlock", "repeated"): 1} if on_postgresql(edge) else {})


def test_a_job_that_loses_is_done_at_once_and_keeps_its_attempts(
    own_app: Flask, lost: Any, somebody_is_through: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_rows(own_app)
    barrier = threading.Barrier(2)
    monkeypatch.setitem(
        jobs._handlers, "test.meeting", lambda order: meet(own_app, order["first"], order["second"], barrier)
    )
    with own_app.app_context(), transaction():
        jobs.enqueue("test.meeting", {"first": 1, "second": 2})
        jobs.enqueue("test.meeting", {"first": 2, "second": 1})

    def work() -> None:
        with own_app.app_context():
            jobs.run_next()
        somebody_is_through.set()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with own_app.app_context(), transaction():
        rows = session.scalars(sa.select(Job)).all()
        assert [(row.attempts, row.finished_at is not None, row.last_error) for row in rows] == [
            (1, True, None)
        ] * 2
    assert counted(own_app) == [2, 2]
    assert lost == ({("job", "deadlock", "repeated"): 1} if on_postgresql(own_app) else {})


def test_a_job_that_always_loses_is_put_back_and_tried_later(
    own_app: Flask, lost: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(jobs._handlers, "test.hopeless", lambda _nothing: give_up("40001"))
    with own_app.app_context(), transaction():
        jobs.enqueue("test.hopeless")
    with own_app.app_context():
        assert jobs.run_next()
    with own_app.app_context(), transaction():
        row = session.scalars(sa.select(Job)).one()
        assert (row.attempts, row.finished_at, row.parked_at, row.leased_until) == (1, None, None, None)
    assert lost == {
        ("job", "serialization", "repeated"): races.MOST_REPEATS,
        ("job", "serialization", "given up"): 1,
    }


def losing(times: int, sqlstate: str = "40P01") -> Any:
    """A view that writes, then is ended by the database so many times, then says what it got."""
    left = [times]

    def view() -> str:
        session.get_one(DemoClock, 1).seconds_ahead += 1
        session.flush()
        if left[0]:
            left[0] -= 1
            give_up(sqlstate)
        return request.form.get("note", "nothing")

    return view


def test_what_a_lost_try_wrote_is_gone_and_it_counts_once_against_limits(edge: Flask, lost: Any) -> None:
    two_rows(edge)
    a_page(edge, "/test-thrice", per_address("2 per hour")(losing(3)))
    for note in ("first", "second"):
        answer = edge.test_client().post("/test-thrice", data={"note": note})
        assert (answer.status_code, answer.text) == (200, note)
    assert edge.test_client().post("/test-thrice", data={"note": "third"}).status_code == 429
    assert counted(edge) == [2, 0]
    assert lost == {("request", "deadlock", "repeated"): 3}


def test_who_keeps_losing_is_told_and_can_send_the_same_again(edge: Flask, lost: Any) -> None:
    two_rows(edge)
    a_page(edge, "/test-hopeless", losing(races.MOST_REPEATS + 1, "40001"))
    note = 'Two lines:\n"both" <stay> & как есть'
    form = {"csrf_token": "the page's own", "note": note, "paper": (BytesIO(b"x"), "paper.pdf")}
    answer = edge.test_client().post("/test-hopeless?tab=2", data=form)
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert "Others kept changing the same things" in answer.text and "Files have to be chosen" in answer.text
    page = check_page(answer.text, "/test-hopeless")
    again = next(one for one in page.iter("form") if one.get("action") == "/test-hopeless?tab=2")
    fields = {str(one.get("name")): one.get("value") for one in again.iter("input")}
    assert fields == {"csrf_token": "the page's own", "note": note}
    assert counted(edge) == [0, 0]
    assert lost[("request", "serialization", "given up")] == 1
    assert edge.test_client().post("/test-hopeless?tab=2", data=fields).text.replace("\r\n", "\n") == note
    assert counted(edge) == [1, 0]


def test_no_secret_is_written_into_a_page_again(edge: Flask, lost: Any) -> None:
    two_rows(edge)
    a_page(edge, "/test-secret", losing(races.MOST_REPEATS + 1))
    answer = edge.test_client().post("/test-secret", data={"note": "x", "new_password": "correct horse"})
    assert answer.status_code == 503
    assert "correct horse" not in answer.text and "Send it again" not in answer.text


def test_a_machine_gets_a_problem_document(edge: Flask, lost: Any) -> None:
    two_rows(edge)
    a_page(edge, "/api/v1/test-hopeless", losing(races.MOST_REPEATS + 1))
    answer = edge.test_client().post("/api/v1/test-hopeless", data={"note": "x"})
    assert answer.mimetype == "application/problem+json" and answer.headers["Retry-After"]
    assert answer.json["status"] == answer.status_code == 503
    assert "send it again" in answer.json["detail"]


def test_a_lock_that_somebody_holds_for_too_long_is_said_so(own_app: Flask, lost: Any) -> None:
    """Not repeated: the request has waited already."""
    two_rows(own_app)
    own_app.config["LOCK_WAIT_SECONDS"] = 0.2
    a_page(own_app, "/test-waiting", losing(0))
    with own_app.extensions["database"].engine.begin() as somebody:
        somebody.execute(sa.select(DemoClock.id).with_for_update())
        answer = own_app.test_client().post("/test-waiting", data={"note": "x"})
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    sentence = "Somebody else is changing this" if on_postgresql(own_app) else "The database is busy"
    assert sentence in answer.text
    assert own_app.test_client().post("/test-waiting", data={"note": "now"}).text == "now"
    assert lost == {}


def test_who_has_called_somebody_meanwhile_is_not_done_again(edge: Flask, lost: Any) -> None:
    two_rows(edge)
    called = []
    write = losing(1)

    def view() -> str:
        with outside():
            called.append("the bank")
        return str(write())

    a_page(edge, "/test-bank", view)
    assert edge.test_client().post("/test-bank").status_code == 503
    assert called == ["the bank"]
    assert lost == {("request", "deadlock", "given up"): 1}


def cut_the_connection() -> None:
    """Ends the own connection as a server does that is started anew."""
    if current_database().is_sqlite:
        raise sa.exc.OperationalError("x", None, RuntimeError("cut"), connection_invalidated=True)
    with current_database().engine.connect() as other:
        own = session.scalar(sa.text("SELECT pg_backend_pid()"))
        other.execute(sa.select(sa.func.pg_terminate_backend(own)))
        other.rollback()
    session.execute(sa.text("SELECT 1"))


def test_a_server_started_anew_before_the_end_is_not_noticed(edge: Flask, lost: Any) -> None:
    two_rows(edge)
    cuts = [True]

    def view() -> str:
        session.get_one(DemoClock, 1).seconds_ahead += 1
        session.flush()
        if cuts:
            cuts.clear()
            cut_the_connection()
        return "done"

    a_page(edge, "/test-restart", view)
    assert edge.test_client().post("/test-restart").text == "done"
    assert counted(edge) == [1, 0]
    assert lost == {("request", "lost connection", "repeated"): 1}


def fail_the_first_commit(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """The first commit of something written ends with ``error``, and keeps nothing."""
    real, left = PortalSession.commit, [error]

    def commit(self: PortalSession) -> None:
        if left and self.info.get("has_written"):
            raise left.pop()
        real(self)

    monkeypatch.setattr(PortalSession, "commit", commit)


def test_a_connection_lost_in_the_commit_is_not_repeated_and_is_told_truly(
    edge: Flask, lost: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows then whether it was kept, and a payment must not be made twice."""
    two_rows(edge)
    a_page(edge, "/test-commit", losing(0))
    cut = sa.exc.OperationalError("COMMIT", None, RuntimeError("cut"), connection_invalidated=True)
    fail_the_first_commit(monkeypatch, cut)
    answer = edge.test_client().post("/test-commit", data={"note": "x"})
    assert answer.status_code == 503
    assert "Look whether it is there" in answer.text
    assert "Content-Security-Policy" in answer.headers
    assert lost == {("request", "lost connection", "given up"): 1}


def test_a_race_lost_in_the_commit_is_repeated(
    edge: Flask, lost: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_rows(edge)
    a_page(edge, "/test-late", losing(0))
    fail_the_first_commit(monkeypatch, ended_by("40001"))
    assert edge.test_client().post("/test-late", data={"note": "kept"}).text == "kept"
    assert lost == {("request", "serialization", "repeated"): 1}


def test_lost_races_are_figures(own_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = [1]

    def deed() -> str:
        if tries:
            tries.clear()
            raise ended_by("40P01")
        return "done"

    monkeypatch.setattr(races, "wait_a_little", lambda _number: None)
    assert races.repeated(deed, what="test") == "done"
    text = own_app.test_client().get("/metrics").text
    assert 'guildhall_lost_races_total{outcome="repeated",reason="deadlock",where="job"}' in text


@pytest.mark.pure
def test_a_body_is_read_again_however_far_it_was_read() -> None:
    body = races._Rewindable(BytesIO(b"0123456789"))
    assert body.read(4) == b"0123"
    body.rewind()
    assert body.read(2) == b"01"
    body.rewind()
    assert body.read() == b"0123456789"
    body.rewind()
    assert body.readline() == b"0123456789"
    body.close()


@pytest.mark.pure
def test_pauses_are_short_and_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(races.time, "sleep", waited.append)
    for number in range(20):
        races.wait_a_little(number)
    assert all(0 <= seconds <= min(0.05 * 2**number, 1) for number, seconds in enumerate(waited))
    assert len(set(waited)) > 10


def test_when_nothing_can_be_asked_of_the_database_a_bare_page_keeps_what_was_typed(
    edge: Flask, lost: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual page asks for the programme's name; with the database away that breaks, too."""
    two_rows(edge)
    a_page(edge, "/test-away", losing(races.MOST_REPEATS + 1))

    def break_off(*_: Any, **_more: Any) -> str:
        raise sa.exc.OperationalError("SELECT 1", None, RuntimeError("away"))

    monkeypatch.setattr("core.pages.render_template", break_off)
    answer = edge.test_client().post("/test-away", data={"csrf_token": "x", "note": 'a <b> "c"'})
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    page = check_page(answer.text, "/test-away")
    fields = {str(one.get("name")): one.get("value") for one in page.iter("input")}
    assert fields == {"csrf_token": "x", "note": 'a <b> "c"'}
