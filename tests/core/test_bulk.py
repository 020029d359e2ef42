"""Rows in bulk are stored as they were given, whatever stands in them."""

import gc
import json
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from core.activity import Activity, Deed, record_many
from core.bulk import Document, among, insert_rows, know_sizes, new_ids, plain_rows
from core.database import current_database, session
from referrals.models.customers import CustomerKey

texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
odd = st.sampled_from(["\\N", "\\.", "a\tb", "a\nb", "\\", "\\n", "", " ", "ё\u2028"]) | texts


@given(st.lists(odd, min_size=1, max_size=6, unique=True))
def test_text_stays_what_it_was(values: list[str]) -> None:
    """Tabs, ends of lines, and what COPY takes for an end or for nothing."""
    with session.begin_nested() as sandbox:
        insert_rows(CustomerKey, ("kind", "value", "customer_id"), [("odd", value, None) for value in values])
        rows = session.execute(
            sa.select(CustomerKey.value, CustomerKey.customer_id).where(CustomerKey.kind == "odd")
        )
        assert sorted(tuple(row) for row in rows) == sorted((value, None) for value in values)
        found = sa.select(CustomerKey.value).where(
            among(CustomerKey.value, values), CustomerKey.kind == "odd"
        )
        assert set(session.scalars(found)) == set(values)
        sandbox.rollback()


@given(st.lists(st.dictionaries(texts, st.none() | st.integers() | texts | st.lists(texts)), max_size=4))
def test_documents_are_the_same_written_and_given(documents: list[dict[str, Any]]) -> None:
    with session.begin_nested() as sandbox:
        at = clock.now()
        columns = ("at", "actor_name", "verb", "subject_type", "details")
        both = [each for given in documents for each in (given, Document(json.dumps(given)))]
        insert_rows(
            Activity, columns, [(at, "", f"odd {place}", "", each) for place, each in enumerate(both)]
        )
        rows = session.execute(sa.select(Activity.verb, Activity.details))
        kept = {verb: details for verb, details in rows}  # noqa: C416 - rows are no pairs to dict()
        for place, given in enumerate(documents):
            assert kept[f"odd {2 * place}"] == kept[f"odd {2 * place + 1}"] == given
        sandbox.rollback()


def test_ids_are_nobody_elses() -> None:
    first = new_ids(CustomerKey, 3)
    insert_rows(CustomerKey, ("id", "kind", "value"), [(row, "odd", str(row)) for row in first])
    assert len({*first, *new_ids(CustomerKey, 2)}) == 5


def test_many_deeds_stand_in_the_trail_each() -> None:
    record_many([Deed("sale recorded", "sale", 1, None), Deed("sale recorded", "sale", 2)], by=None)
    rows = session.scalars(sa.select(Activity).where(Activity.subject_type == "sale").order_by(Activity.id))
    assert [(row.subject_id, row.actor_name, row.details) for row in rows] == [(1, "", {}), (2, "", {})]


def test_the_collector_is_as_it_was_even_after_a_mistake() -> None:
    with pytest.raises(ZeroDivisionError), plain_rows(), plain_rows():
        assert not gc.isenabled()
        raise ZeroDivisionError
    assert gc.isenabled()


def test_only_what_has_grown_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    if current_database().is_sqlite:
        with pytest.raises(sa.exc.OperationalError, match="sqlite_stat1"):
            know_sizes(CustomerKey)
            session.execute(sa.text("SELECT * FROM sqlite_stat1"))
        return

    def known() -> int:
        return (
            session.scalar(sa.text("SELECT relpages FROM pg_class WHERE relname = 'referrals_customer_key'"))
            or 0
        )

    monkeypatch.setattr("core.bulk._MUCH", 20_000)

    def more(start: int, number: int) -> None:
        rows = (("odd", f"{start}-{row}", None) for row in range(number))
        insert_rows(CustomerKey, ("kind", "value", "customer_id"), rows)

    # What other tests have written and taken back may still fill pages that nobody has looked at.
    know_sizes(CustomerKey)
    before = known()
    know_sizes(CustomerKey)
    assert known() == before
    more(1, 3_000)
    know_sizes(CustomerKey)
    large = known()
    assert large > before
    more(2, 300)
    know_sizes(CustomerKey)
    assert known() == large
    more(3, 9_000)
    know_sizes(CustomerKey)
    assert known() > 2 * large
