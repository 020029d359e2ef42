"""Leads from a file: looked at first, taken in as a whole, taken back when it was a mistake."""

import io
from typing import Any

import pytest
import sqlalchemy as sa

from core.database import session
from core.errors import InvalidInput, Refusal
from core.imports import ImportStatus
from referrals.models import Lead, LeadImport, LeadStatus
from referrals.operations import accept_offer, importing
from referrals.operations.importing import checking, pacing, taking, undoing
from tests.referrals.leads.cast import a_lead, make_product, the_offer

HEAD = "Company;E-mail;Country;City;People;Product;Budget\n"


def a_file(*rows: str, head: str = HEAD) -> bytes:
    return (head + "\n".join(rows) + "\n").encode("windows-1252")


GOOD = (
    "Globex;wilma@globex.example;Germany;Hamburg;1.200;Cloud;12000,50",
    "Initech;peter@initech.example;DE;München;80;;",
)


def imported(content: bytes, run_jobs: Any, *, by: Any, leave_out_wrong: bool = False) -> LeadImport:
    """A file all the way in."""
    make_product("cloud")
    row = importing.upload_leads(content, "fair.csv", source="fair", by=by)
    importing.check_with(row, row.places, by=by)
    run_jobs()
    importing.start_taking(row, leave_out_wrong=leave_out_wrong, by=by)
    run_jobs()
    return row


def leads() -> list[Lead]:
    return list(session.scalars(sa.select(Lead).order_by(Lead.id)))


def test_a_file_becomes_leads_that_look_for_partners(acme, mona, run_jobs):
    row = imported(a_file(*GOOD), run_jobs, by=mona)
    globex, initech = leads()
    assert (row.status, row.taken, row.routed) == (ImportStatus.DONE, 2, 2)
    assert (globex.company, globex.country, globex.employees) == ("Globex", "DE", 1200)
    assert (globex.product_codes, globex.size_minor, globex.source) == (["cloud"], 1200050, "fair")
    assert initech.city == "München"
    assert the_offer(initech).partner is acme


def test_wrong_rows_are_told_by_row_and_column_and_nothing_is_taken_in(acme, mona, run_jobs):
    content = a_file(GOOD[0], ";not an address;XX;;many;Nonsense;1.2.3", ";;DE;;;;")
    make_product("cloud")
    row = importing.upload_leads(content, "fair.csv", by=mona)
    importing.check_with(row, row.places, by=mona)
    run_jobs()
    told = {(one["row"], one["column"]) for one in row.problems}
    assert told >= {(3, "employees"), (3, "size"), (4, "company")}
    assert (row.status, row.wrong_rows, row.row_count) == (ImportStatus.CHECKED, 2, 3)
    with pytest.raises(Refusal, match="Some rows are wrong"):
        importing.start_taking(row, by=mona)
    assert leads() == []


def test_what_is_wrong_is_told_in_the_language_of_whoever_brought_the_file(acme, mona, run_jobs):
    mona.locale = "ru"
    row = importing.upload_leads(a_file(GOOD[0], "Umbra;;DE;;many;;"), "fair.csv", by=mona)
    make_product("cloud")
    importing.check_with(row, row.places, by=mona)
    run_jobs()
    [problem] = row.problems
    assert (problem["row"], problem["column"]) == (3, "employees")
    assert problem["sentence"].startswith("Введите целое число")


def test_wrong_rows_are_left_out_when_that_is_asked(acme, mona, run_jobs):
    row = imported(a_file(GOOD[0], ";;DE;;;;"), run_jobs, by=mona, leave_out_wrong=True)
    assert (row.taken, [lead.company for lead in leads()]) == (1, ["Globex"])


def test_repeats_of_known_leads_and_of_earlier_rows_are_known_by_the_same_rules(acme, mona, run_jobs):
    known = a_lead("Globex")
    again = "Initech again;other@initech.example;DE;;;;"
    row = imported(a_file(*GOOD, again), run_jobs, by=mona)
    _known, globex, initech, repeat = leads()
    assert (globex.status, globex.duplicate_of_id) == (LeadStatus.DUPLICATE, known.id)
    assert (repeat.status, repeat.duplicate_of_id) == (LeadStatus.DUPLICATE, initech.id)
    assert (row.taken, row.repeated) == (3, 2)


def test_an_import_goes_on_where_it_stopped_and_takes_no_row_twice(acme, rival, mona, run_jobs, monkeypatch):
    for module, name in (
        (checking, "CHECKED_AT_ONCE"),
        (taking, "TAKEN_AT_ONCE"),
        (pacing, "ROUTED_AT_ONCE"),
    ):
        monkeypatch.setattr(module, name, 3)
    rows = [f"Firm {number};a@firm-{number}.example;DE;;;;" for number in range(10)]
    row = imported(a_file(*rows), run_jobs, by=mona)
    assert (row.taken, row.routed, len(leads())) == (10, 10, 10)
    importing.take_rows(row)
    assert len(leads()) == 10


def test_a_job_that_has_routed_long_enough_leaves_the_rest_to_the_next(acme, mona, run_jobs, monkeypatch):
    monkeypatch.setattr(pacing, "SECONDS_A_JOB", 0)
    row = imported(a_file(*GOOD), run_jobs, by=mona)
    assert (row.status, row.routed) == (ImportStatus.DONE, 2)


def test_a_row_that_is_wrong_only_when_it_is_taken_takes_everything_back(acme, mona, run_jobs):
    from partners.models import Product

    make_product("cloud")
    row = importing.upload_leads(a_file(*reversed(GOOD)), "fair.csv", by=mona)
    importing.check_with(row, row.places, by=mona)
    run_jobs()
    session.execute(sa.delete(Product))
    importing.start_taking(row, by=mona)
    run_jobs()
    assert (row.status, leads()) == (ImportStatus.UNDONE, [])


def test_taken_back_it_leaves_what_partners_answered_and_lets_in_whom_it_turned_away(
    acme, ada, mona, run_jobs, monkeypatch
):
    monkeypatch.setattr(undoing, "CLOSED_AT_ONCE", 1)
    monkeypatch.setattr(undoing, "FORGOTTEN_AT_ONCE", 1)
    row = imported(a_file(*GOOD), run_jobs, by=mona)
    globex, initech = leads()
    accept_offer(the_offer(initech), by=ada)
    later = a_lead("Globex")
    assert later.duplicate_of_id == globex.id
    importing.start_undoing(row, by=mona)
    run_jobs()
    assert (row.status, row.kept) == (ImportStatus.UNDONE, 1)
    assert (globex.status, globex.reason) == (LeadStatus.UNQUALIFIED, "import_undone")
    assert initech.status is LeadStatus.ACCEPTED
    assert later.status is LeadStatus.OFFERED


def test_leads_not_yet_routed_are_forgotten_when_it_is_taken_back(acme, mona, run_jobs):
    make_product("cloud")
    row = importing.upload_leads(a_file(*GOOD), "fair.csv", by=mona)
    importing.check_with(row, row.places, by=mona)
    run_jobs()
    importing.start_taking(row, by=mona)
    importing.take_rows(row)
    importing.start_undoing(row, by=mona)
    while importing.undo_some(row):
        pass
    assert (row.status, leads()) == (ImportStatus.UNDONE, [])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a workbook", b"Company\n"])
def test_a_file_that_holds_no_rows_is_refused_at_its_field(mona, content):
    with pytest.raises(InvalidInput) as refused:
        importing.upload_leads(content, "x.csv", by=mona)
    assert "file" in refused.value.problems


def test_a_manager_brings_a_file_in(browser, mona, acme, run_jobs):
    make_product("cloud")
    browser.sign_in(mona).open("/staff/leads").click("Imports").click("Import a file")
    browser.fill("CSV file", (io.BytesIO(a_file(*GOOD, "X;;DE;;many;;")), "fair.csv")).fill("Source", "fair")
    browser.press("Upload", expect=200)
    assert browser.sees("Globex")
    browser.press("Look at every row", expect=200)
    assert browser.sees("The rows are looked at")
    run_jobs()
    browser.open(browser.url)
    assert browser.sees("1 row is wrong")
    assert browser.sees("Type a whole number")
    browser.press("Take 2 leads in, leave the wrong rows out", expect=200)
    run_jobs()
    browser.open(browser.url)
    assert browser.sees("What became of them")
    browser.click("Show the leads: What became of them")
    assert browser.sees("Initech")


def test_sellers_bring_no_files_in(browser, sam):
    browser.sign_in(sam).open("/staff/leads/imports", expect=403)
