"""Two at the same instant, on a database where commits are real."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import sqlalchemy as sa
from flask import Flask

from academy import operations
from academy.models import Attempt, Certificate, Course
from accounts.models import User
from accounts.permissions import Role
from core.database import session, transaction
from tests.academy.cast import a_course, an_attempt, live, right_answers
from tests.cast import a_user


def at_once(app: Flask, deed: Callable[[], Any], times: int = 4) -> list[Any]:
    """What ``deed`` answers in several threads that begin together, each in a transaction of its own."""
    together = Barrier(times)

    def once(_number: int) -> Any:
        with app.app_context():
            together.wait(10)
            with transaction():
                return deed()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(once, range(times)))


def the_learner() -> User:
    return session.scalars(sa.select(User)).one()


def the_course() -> Course:
    return session.scalars(sa.select(Course)).one()


def test_starting_in_parallel_starts_one_attempt(own_app: Flask) -> None:
    with own_app.app_context(), transaction():
        a_user("Sam Seller", Role.AUTHOR)
        a_course()
    ids = at_once(
        own_app, lambda: operations.begin_attempt(live(the_course()), locale="en", by=the_learner()).id
    )
    assert len(set(ids)) == 1
    with own_app.app_context(), transaction():
        assert session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 1


def test_handing_in_in_parallel_ends_once_and_certifies_once(own_app: Flask) -> None:
    with own_app.app_context(), transaction():
        sam = a_user("Sam Seller", Role.AUTHOR)
        an_attempt(sam, a_course())

    def hand_in() -> str:
        attempt = session.scalars(sa.select(Attempt)).one()
        return str(operations.hand_in(attempt, right_answers(attempt), by=the_learner()).status)

    assert at_once(own_app, hand_in) == ["passed"] * 4
    with own_app.app_context(), transaction():
        assert session.scalar(sa.select(sa.func.count()).select_from(Certificate)) == 1
