"""A plan as TOML reads back as what was written, whatever stands in it."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissions.plan_files import UnreadableFile, read_plan, write_plan
from commissions.rates import parse
from tests.commissions.cast import a_definition

pytestmark = pytest.mark.pure

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
scalars = texts | st.integers(-(10**14), 10**14) | st.booleans()
conditions = st.fixed_dictionaries(
    {"field": texts, "op": texts, "value": scalars | st.lists(texts, max_size=12)}
)
trees = st.recursive(
    conditions,
    lambda inner: (
        st.fixed_dictionaries({"all": st.lists(inner, max_size=4)})
        | st.fixed_dictionaries({"any": st.lists(inner, max_size=4)})
    ),
    max_leaves=12,
)
parts = st.fixed_dictionaries(
    {"name": texts, "when": trees, "amount": st.dictionaries(texts, scalars, max_size=4)}
)


@given(
    st.fixed_dictionaries(
        {
            "name": texts,
            "hold_days": st.integers(0, 90),
            "rules": st.lists(parts, max_size=4),
            "splits": st.lists(parts),
        }
    )
)
def test_what_is_written_reads_back_the_same(definition: dict[str, Any]) -> None:
    text = write_plan(definition)
    read = read_plan(text)
    assert read == {name: value for name, value in definition.items() if value != []}
    assert tomllib.loads(text)


def test_the_standard_plan_is_the_same_plan_after_the_way_out_and_back() -> None:
    assert parse(read_plan(write_plan(a_definition()))) == parse(a_definition())


def test_what_the_api_calls_null_is_left_out() -> None:
    brackets = [{"from": "0", "to": "100", "rate": "1"}, {"from": "100", "to": None, "rate": "2"}]
    amount = {"type": "brackets", "on": "line.quantity", "mode": "slab", "brackets": brackets}
    definition = a_definition(rules=[{"name": "Volume", "term_months": None, "amount": amount}])
    text = write_plan(definition)
    assert "null" not in text.lower() and "none" not in text.lower()
    assert parse(read_plan(text)) == parse(definition)


def test_moments_and_exact_decimals_of_toml_are_taken_as_they_are_typed() -> None:
    text = 'name = "x"\ncurrency = "EUR"\neffective_from = 2026-01-01T00:00:00+01:00\n'
    text += '[[rules]]\nname = "a"\namount = {type = "percent", rate = 2.90}\n'
    definition = read_plan(text)
    assert definition["rules"][0]["amount"]["rate"] == "2.90"
    assert parse(definition).effective_from.isoformat() == "2025-12-31T23:00:00+00:00"


def test_a_text_that_is_no_toml_says_where() -> None:
    with pytest.raises(UnreadableFile, match="line 1"):
        read_plan("name = = 3")
