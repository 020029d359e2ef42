"""A whole network comes in by a file and goes out as one; and where it is on the map."""

import io
import threading
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from core.activity import Activity
from core.database import session, transaction
from core.errors import InvalidInput, Refusal
from core.imports import ImportStatus
from core.jobs import run_until_idle
from partners import operations, queries
from partners.models import NetworkExport, NetworkImport, Partner, PartnerStatus
from partners.operations import network_exports, network_imports
from partners.queries.members import admins_of
from partners.queries.network_map import NARROW, Spot, drawn, network_spots
from tests import cast
from tests.browser import Browser
from tests.commissions.cast import a_live_plan
from tests.commissions.plans import definition, percent

FILE = """Name;Country;City;Website;Tier;Services;Manager;Contact;E-mail;Agreement signed
Nordvik;Norway;Bergen;nordvik.example;silver;Training, implementation;mona@meridian.example;N;nora@nordvik.example;yes
Kontor;DE;Hamburg;kontor.example;;;;;;
"""
WRONG = (
    FILE
    + """;DE;;;;;;;;
Pirat;Atlantis;;;wood;;nobody@meridian.example;;x@@;maybe
Nordvik AS;NO;Oslo;www.nordvik.example;;;;;;
Acme again;DE;;www.acme.example;;;;;;
"""
)


def checked(text: str, by: User, run_jobs: Any) -> NetworkImport:
    """A file of which every row was looked at."""
    row = network_imports.upload_firms(text.encode(), "network.csv", by=by)
    network_imports.check_with(row, row.places, by=by)
    number = row.id
    run_jobs()
    return session.get_one(NetworkImport, number)


def taken(text: str, by: User, run_jobs: Any, **how: Any) -> NetworkImport:
    row = checked(text, by, run_jobs)
    network_imports.start_taking(row, by=by, **how)
    run_jobs()
    return session.get_one(NetworkImport, row.id)


def the_firm(name: str) -> Partner:
    return session.scalars(sa.select(Partner).where(Partner.name == name)).one()


def test_a_network_comes_in_with_tiers_managers_and_admins(
    programme: None, mona: User, run_jobs: Any
) -> None:
    row = taken(FILE, mona, run_jobs, invite_admins=True)
    assert (row.status, row.taken, row.invited, row.problem_count) == (ImportStatus.DONE, 2, 1, 0)
    nordvik, kontor = the_firm("Nordvik"), the_firm("Kontor")
    assert (nordvik.status, kontor.status) == (PartnerStatus.ACTIVE, PartnerStatus.ONBOARDING)
    assert (nordvik.country, nordvik.tier, nordvik.manager_id) == ("NO", "silver", mona.id)
    assert sorted(nordvik.services) == ["implementation", "training"]
    assert queries.has_valid_agreement(nordvik)
    [admin] = session.scalars(admins_of(nordvik))
    assert (admin.user.email, admin.shown_status) == ("nora@nordvik.example", "invited")


def test_what_is_wrong_is_told_by_row_and_column(acme: Any, mona: User, run_jobs: Any) -> None:
    operations.change_partner(acme, website="acme.example", by=None)
    row = checked(WRONG, mona, run_jobs)
    found = {(one["row"], one["column"]) for one in row.problems}
    assert {
        (4, "name"),
        (5, "country"),
        (5, "manager"),
        (5, "admin_email"),
        (5, "signed"),
        (6, "name"),
        (7, "name"),
    } <= found
    assert {number for number, _column in found} == {4, 5, 6, 7} and row.wrong_rows == 4
    assert session.scalar(sa.select(sa.func.count()).select_from(Partner)) == 1, "nothing was made yet"


def test_everything_or_nothing_unless_asked_otherwise(acme: Any, mona: User, run_jobs: Any) -> None:
    row = checked(WRONG, mona, run_jobs)
    with pytest.raises(Refusal, match="Mend the file"):
        network_imports.start_taking(row, by=mona)
    network_imports.start_taking(row, leave_out_wrong=True, by=mona)
    run_jobs()
    row = session.get_one(NetworkImport, row.id)
    assert (row.status, row.invited) == (ImportStatus.DONE, 0)
    assert the_firm("Kontor").import_id == row.id


def test_large_files_go_on_row_by_row(programme: None, mona: User, run_jobs: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(network_imports.checking, "CHECKED_AT_ONCE", 3)
    monkeypatch.setattr(network_imports.taking, "TAKEN_AT_ONCE", 3)
    rows = "".join(f"Firm {number};DE\n" for number in range(10))
    row = taken(f"Name;Country\n{rows}", mona, run_jobs)
    assert (row.status, row.taken) == (ImportStatus.DONE, 10)
    assert checked(f"Name;Country\n{rows}Firm 1;DE\n", mona, run_jobs).wrong_rows == 1, (
        "seen in an earlier job"
    )


def test_an_import_is_taken_back_but_for_what_was_done(programme: None, mona: User, run_jobs: Any) -> None:
    row = taken(FILE + "Umbra;DE;;;;;;;;\n", mona, run_jobs, invite_admins=True)
    cast.a_member(the_firm("Umbra"), "Uma Umbra", Role.PARTNER_ADMIN)
    network_imports.start_undoing(row, by=mona)
    run_jobs()
    row = session.get_one(NetworkImport, row.id)
    assert (row.status, row.forgotten, row.ended, row.kept) == (ImportStatus.UNDONE, 1, 1, 1)
    assert the_firm("Nordvik").has_left
    assert the_firm("Umbra").status is PartnerStatus.ONBOARDING
    assert session.scalar(sa.select(Partner.id).where(Partner.name == "Kontor")) is None


def test_a_file_without_rows_or_needed_columns_is_refused(programme: None, mona: User) -> None:
    with pytest.raises(InvalidInput, match="file"):
        network_imports.upload_firms(b"Name;Country\n", "x.csv", by=mona)
    row = network_imports.upload_firms(b"Name;Place\nA;B\n", "x.csv", by=mona)
    with pytest.raises(InvalidInput, match="country"):
        network_imports.check_with(row, row.places, by=mona)


def test_a_manager_imports_by_the_pages(programme: None, mona: User, browser: Browser, run_jobs: Any) -> None:
    row = network_imports.upload_firms(FILE.encode(), "network.csv", by=mona)
    browser.sign_in(mona).open("/staff/partners").click("Import")
    browser.click("network.csv")
    assert browser.sees("Nordvik")
    browser.press("Look at every row")
    run_jobs()
    browser.open(f"/staff/partners/imports/{row.id}")
    assert browser.sees("Every row is in order")
    browser.press("Take 2 firms in")
    run_jobs()
    browser.open(f"/staff/partners/imports/{row.id}")
    assert browser.sees("Taken in")
    browser.press("Take it back")
    browser.open(f"/staff/partners/imports/{row.id}")
    assert browser.sees("The firms are taken back") and browser.sees("0 of 2")
    run_jobs()
    browser.open(f"/staff/partners/imports/{row.id}")
    assert browser.sees("Forgotten")
    browser.open("/staff/partners/imports/new").open(f"/staff/partners/imports/{row.id}/problems.csv")


def test_everything_leaves_as_one_file_with_safe_cells(
    acme: Any, ada: User, pia: User, browser: Browser, run_jobs: Any
) -> None:
    operations.change_partner(acme, legal_name="=cmd|' /C calc'!A0", by=None)
    browser.sign_in(pia).open("/staff/partners/exports").press("Make a new file")
    with pytest.raises(Refusal, match="already"):
        network_exports.ask_export(by=pia)
    run_jobs()
    row = session.scalars(sa.select(NetworkExport)).one()
    assert row.tables["partners"] == 1 and row.tables["members"] == 1
    assert {
        "leads",
        "deals",
        "customers",
        "sales",
        "earnings",
        "payouts",
        "funding_requests",
    } <= row.tables.keys()
    archive = zipfile.ZipFile(io.BytesIO(network_exports.take_export(row, by=pia)))
    partners = archive.read("partners.csv").decode("utf-8-sig")
    assert "'=cmd" in partners and ",=cmd" not in partners
    assert "ada@acme.example" in archive.read("members.csv").decode("utf-8-sig")
    assert (
        session.scalars(sa.select(Activity).where(Activity.verb == "network export downloaded"))
        .one()
        .actor_name
        == pia.name
    )
    browser.open("/staff/partners/exports").press("Download")


def test_while_everything_is_written_others_write_too(own_app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with own_app.app_context(), transaction():
        operations.set_up_programme(by=None)
        network_exports.ask_export(by=None)
    wrote: list[int] = []
    real = network_exports._write

    def write_beside() -> None:
        with own_app.app_context(), transaction():
            wrote.append(operations.make_partner(name="Nordvik", country="NO", by=None).id)

    def write(*about: Any) -> int:
        if not wrote:
            beside = threading.Thread(target=write_beside)
            beside.start()
            beside.join(15)
            assert wrote, "somebody waited for the export"
        return real(*about)

    monkeypatch.setattr(network_exports, "_write", write)
    with own_app.app_context():
        run_until_idle()
        with transaction():
            assert session.scalars(sa.select(NetworkExport)).one().tables["tiers"] == 4


def test_only_who_may_takes_everything_along(acme: Any, mona: User, browser: Browser, time: Any) -> None:
    browser.sign_in(mona).open("/staff/partners/exports", expect=403)


def test_files_are_removed_after_a_week(acme: Any, pia: User, run_jobs: Any, time: Any) -> None:
    row = network_exports.ask_export(by=pia)
    run_jobs()
    time.move(days=8)
    network_exports.forget_old_exports()
    row = session.get_one(NetworkExport, row.id)
    assert row.file_key is None
    with pytest.raises(Refusal, match="not there any more"):
        network_exports.take_export(row, by=pia)


@pytest.mark.pure
def test_the_map_is_cut_to_where_firms_are() -> None:
    chart = drawn([Spot(10.0, 53.5, "Hamburg", 9), Spot(13.4, 52.5, "Berlin", 1)])
    assert chart is not None
    hamburg, berlin = chart.dots
    assert 0 < hamburg.x < berlin.x < 960 and 0 < hamburg.y < berlin.y < chart.height
    assert hamburg.radius > berlin.radius
    assert drawn([]) is None
    one = drawn([Spot(179.0, 0.0, "Suva", 1)])
    assert one is not None and 0 < one.dots[0].x <= 960
    pole = drawn([Spot(0.0, 89.0, "Pole", 1), Spot(0.0, -89.0, "Other", 1)])
    assert pole is not None and all(0 <= dot.y <= pole.height for dot in pole.dots)


@pytest.mark.pure
def test_the_land_is_drawn_by_its_cities_and_one_country_stands_out() -> None:
    spots = [Spot(10.0, 53.5, "Hamburg", 1)]
    plain, chosen = drawn(spots), drawn(spots, country="DE")
    assert plain is not None and chosen is not None
    assert plain.own == "" and len(plain.land) > len(chosen.land) > 0 and chosen.own.startswith("M")


@pytest.mark.pure
def test_names_on_the_map_hide_neither_dots_nor_each_other() -> None:
    spots = [
        Spot(10.0, 53.5, "Hamburg", 3),
        Spot(12.0, 53.5, "Rostock", 2),
        Spot(11.0, 53.5, "Wismar", 1),
    ]
    chart = drawn(spots, NARROW)
    assert chart is not None and [dot.label for dot in chart.dots] == ["left", "right", ""]


def test_the_network_is_counted_and_drawn(programme: None, mona: User, browser: Browser) -> None:
    for name, country, city in (
        ("One", "DE", "Hamburg"),
        ("Two", "DE", "Hamburg"),
        ("Three", "NO", "Bergen"),
    ):
        cast.a_partner(name, country=country, city=city)
    assert [(spot.city, spot.firms) for spot in network_spots()] == [("Hamburg", 2), ("Bergen", 1)]
    browser.sign_in(mona).open("/staff/network")
    assert browser.sees("By country") and browser.sees("No gaps")
    browser.click("Germany")
    assert browser.sees("Hamburg") and not browser.sees("Bergen") and not browser.sees("By region")
    browser.open("/staff/network.csv?country=DE")


def test_what_nobody_knows_is_told_with_what_there_is(acme: Any, mona: User, run_jobs: Any) -> None:
    a_live_plan(definition(percent("10"), name="Growth"), "growth")
    head = "Name;Country;Type;Tier;Plan;Services;Languages;Phone\n"
    row = checked(f"{head}Kontor;DE;pirate;wood;gold;juggling;tlh;12\n", mona, run_jobs)
    said = {one["column"]: one["sentence"] for one in row.problems}
    assert said["plan"] == "There is no published plan gold. There are: growth, standard."
    assert said["tier"].startswith("There is no tier wood. There are: ") and "silver" in said["tier"]
    assert "referral" in said["type"] and "training" in said["services"] and "de, " in said["languages"]
    assert "phone" in said, "everything wrong with a row is told at once"


def test_a_firm_of_a_file_earns_by_the_plan_it_names_or_by_the_usual_one(
    programme: None, mona: User, run_jobs: Any
) -> None:
    a_live_plan(definition(percent("10")), "growth")
    row = taken("Name;Country;Plan\nNordvik;NO;Growth\nKontor;DE;\n", mona, run_jobs)
    assert row.status is ImportStatus.DONE
    assert (the_firm("Nordvik").plan_code, the_firm("Kontor").plan_code) == ("growth", "standard")
