"""What the components ask Python: addresses that keep their filters, clocks that warn in time, fields that explain."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FileField, Form, RadioField, SelectField, StringField
from wtforms.validators import DataRequired

from core import clock
from core.forms import choices
from core.interface import (
    address_with,
    clock_state,
    field_attributes,
    field_kind,
    field_target,
    first_error,
    has_files,
    may_stay_empty,
    other_arguments,
    time_used,
)

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def _noon() -> Iterator[None]:
    with clock.frozen_at(NOON):
        yield


def test_another_filter_keeps_the_others_and_returns_to_the_first_page() -> None:
    with Flask(__name__).test_request_context("/deals?state=open&tier=gold&tier=silver&page=4"):
        assert address_with(state="won") == "/deals?tier=gold&tier=silver&state=won"
        assert address_with(tier=None) == "/deals?state=open"
        assert address_with(page=5) == "/deals?state=open&tier=gold&tier=silver&page=5"


def test_an_address_without_arguments_has_no_question_mark() -> None:
    with Flask(__name__).test_request_context("/deals?state=open"):
        assert address_with(state="") == "/deals"


def test_a_search_carries_the_filters_but_not_the_page() -> None:
    with Flask(__name__).test_request_context("/deals?q=acme&state=open&page=4"):
        assert other_arguments("q") == [("state", "open")]


@pytest.mark.usefixtures("_noon")
@pytest.mark.parametrize(
    ("due_in", "since", "state"),
    [
        (timedelta(0), None, "late"),
        (timedelta(hours=-1), timedelta(hours=5), "late"),
        (timedelta(hours=23), None, "soon"),
        (timedelta(hours=25), None, ""),
        (timedelta(hours=3), timedelta(hours=5), "soon"),
        (timedelta(hours=5), timedelta(hours=3), ""),
    ],
)
def test_a_clock_warns_in_its_second_half_and_says_when_it_is_late(
    due_in: timedelta, since: timedelta | None, state: str
) -> None:
    assert clock_state(NOON + due_in, None if since is None else NOON - since) == state


@pytest.mark.usefixtures("_noon")
def test_the_time_used_stays_between_nothing_and_all() -> None:
    hour = timedelta(hours=1)
    assert time_used(NOON + hour, NOON - 3 * hour) == 75
    assert time_used(NOON - hour, NOON - 3 * hour) == 100
    assert time_used(NOON, NOON) == 100
    assert time_used(NOON + 2 * hour, NOON + hour) == 0


class SampleForm(Form):
    name = StringField("Name", [DataRequired("Say the name.")], description="In full.")
    kind = SelectField("Kind", choices=["a"])
    way = RadioField("Way", choices=["a", "b"])
    agreed = BooleanField("Agreed")
    proof = FileField("Proof")


def test_each_field_is_drawn_by_its_kind() -> None:
    form = SampleForm()
    assert [field_kind(field) for field in form] == ["text", "select", "radios", "check", "file"]
    assert has_files(form)
    assert field_target(form.way) == "way-0"


def test_only_what_may_stay_empty_is_called_optional() -> None:
    class Choosing(Form):
        name = StringField("Name", [DataRequired("Say the name.")])
        note = StringField("Note")
        look = SelectField("Look", choices=choices([("light", "Light"), ("dark", "Dark")]))
        land = SelectField("Land", choices=choices([("DE", "Germany")], empty="Choose"))

    assert [may_stay_empty(field) for field in Choosing()] == [False, True, False, True]


def test_a_field_is_described_by_its_hint_and_by_what_is_wrong_with_it() -> None:
    form = SampleForm(MultiDict({"name": ""}))
    assert field_attributes(form.name) == {"class": "form-control", "aria-describedby": "name-hint"}
    form.validate()
    attributes = field_attributes(form.name, rows=3)
    assert attributes["aria-describedby"] == "name-hint name-error"
    assert attributes["aria-invalid"] == "true"
    assert attributes["rows"] == 3
    assert first_error(form.name) == "Say the name."
