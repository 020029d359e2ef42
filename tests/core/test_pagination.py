"""Lists in pages: counted as they are read, also where rows merge."""

from typing import Any

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from core.pagination import paginate
from tests import cast
from tests.statements import heard_statements


def a_page(app: Any, query: Any, **how: Any) -> Any:
    with app.test_request_context("/"):
        return paginate(query, **how)


def three_people() -> None:
    for name, role in (("Ann One", Role.FINANCE), ("Bob Two", Role.FINANCE), ("Cy Three", Role.AUTHOR)):
        cast.a_user(name, role)


def test_a_list_is_counted_without_reading_its_columns(app: Any) -> None:
    three_people()
    with heard_statements() as heard:
        page = a_page(app, sa.select(User).order_by(User.name))
    assert page.total == 3 and [person.name for person in page.items] == ["Ann One", "Bob Two", "Cy Three"]
    assert len(heard) == 2 and "name" not in heard[0]


def test_rows_that_merge_are_counted_as_they_are_read(app: Any) -> None:
    three_people()
    distinct = a_page(app, sa.select(User.role).distinct().order_by(User.role))
    grouped = a_page(app, sa.select(User.role, sa.func.count()).group_by(User.role), scalars=False)
    for page in (distinct, grouped):
        assert page.total == len(page.items) == 2
