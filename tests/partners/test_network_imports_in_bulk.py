"""Thousands of firms come with a file, and go again: in bulk, and yet as if each were added by hand."""

from typing import Any

import sqlalchemy as sa

from academy.models import Enrolment
from academy.settings import FIRST_COURSE
from accounts.models import ApiKey, OneTimeToken, User
from accounts.permissions import Role
from core.activity import Activity
from core.database import session
from core.imports import ImportStatus
from core.settings import change_setting
from partners import operations, queries
from partners.models import AgreementAcceptance, Member, NetworkImport
from partners.operations import network_imports
from partners.operations.agreements import accept_agreement
from partners.operations.firms import admit_partner
from partners.operations.members import make_partner_key
from tests.academy.cast import a_course
from tests.partners.test_networks import FILE, checked, taken, the_firm
from tests.statements import heard_statements


def trail_of(name: str) -> list[tuple[str, str, str, dict[str, Any]]]:
    """What the trail says of a firm: deed, kind of thing, by whom, details. A mail's own moment is its firm's."""
    firm = the_firm(name)
    rows = session.scalars(sa.select(Activity).where(Activity.partner_id == firm.id).order_by(Activity.id))
    return [(row.verb, row.subject_type, row.actor_name, row.details) for row in rows]


def everything_of(name: str) -> dict[str, Any]:
    """What the tables say of a firm, its people and its signature, but for numbers, moments and names."""
    firm = the_firm(name)
    rows: dict[str, Any] = {"firm": plain(firm, "name", "legal_name", "search_text", "import_id")}
    member = session.scalars(sa.select(Member).where(Member.partner_id == firm.id)).one()
    acceptance = session.scalars(
        sa.select(AgreementAcceptance).where(AgreementAcceptance.partner_id == firm.id)
    ).one()
    token = session.scalars(sa.select(OneTimeToken).where(OneTimeToken.user_id == member.user_id)).one()
    enrolment = session.scalars(sa.select(Enrolment).where(Enrolment.user_id == member.user_id)).one()
    rows["person"] = plain(member.user, "name", "email")
    rows["signature"] = plain(acceptance, "partner_id")
    rows["link"] = plain(token, "user_id", "token_digest", "email")
    rows["learns"] = plain(enrolment, "user_id")
    return rows


def plain(row: Any, *but: str) -> dict[str, Any]:
    names = {column.key for column in row.__mapper__.column_attrs} - {"id", *but}
    return {name: getattr(row, name) for name in sorted(names) if not name.endswith("_at")}


def test_a_firm_from_a_file_is_the_same_as_one_added_by_hand(
    programme: None, mona: User, run_jobs: Any, mails: Any
) -> None:
    change_setting(FIRST_COURSE, a_course().code, by=None)
    said: dict[str, Any] = {"country": "NO", "city": "Bergen", "services": ["training"], "manager": mona}
    by_hand = admit_partner(
        name="Byhand", tier="silver", type="reseller", plan="standard", tax_id="923609016", by=mona, **said
    )
    agreement = queries.current_agreement()
    assert agreement is not None
    accept_agreement(by_hand, agreement, by=mona, on_paper=True)
    operations.add_member(by_hand, email="nora@byhand.example", name="Nora", role=Role.PARTNER_ADMIN, by=mona)
    head = "Name;Country;City;Tier;Tax number;Services;Manager;Contact;E-mail;Agreement signed\n"
    line = "Byfile;NO;Bergen;silver;983971636;training;mona@meridian.example;Nora;nora@byfile.example;yes\n"
    row = taken(head + line, mona, run_jobs, invite_admins=True)
    assert (row.problem_count, row.taken, row.invited) == (0, 1, 1)
    ours, theirs = everything_of("Byfile"), everything_of("Byhand")
    for name in ("tax_id", "tax_key"):
        assert ours["firm"].pop(name) != theirs["firm"].pop(name)
    assert ours == theirs
    assert the_firm("Byfile").search_text == "byfile byfile bergen 983971636"
    assert sorted(trail_of("Byfile"), key=str) == sorted(trail_of("Byhand"), key=str)
    deeds = sa.select(Activity.verb, sa.func.count()).group_by(Activity.verb)
    counted = dict(session.execute(deeds).all())
    assert counted["learner enrolled"] == counted["person invited"] == 2
    [one], [other] = mails(to="nora@byfile.example"), mails(to="nora@byhand.example")
    assert one["subject"] == other["subject"] and "/invitation/" in one["text"]


def test_what_speaks_against_a_row_is_found_in_whatever_job_reads_it(
    acme: Any, ada: User, mona: User, run_jobs: Any, monkeypatch: Any
) -> None:
    operations.change_partner(acme, website="acme.example", by=None)
    monkeypatch.setattr(network_imports.checking, "CHECKED_AT_ONCE", 2)
    rows = [
        "Nordvik;NO;nordvik.example;;",
        "Kontor;DE;www.acme.example;;",
        "Umbra;DE;;Ada;ADA@acme.example",
        "Nordvik II;NO;https://NORDVIK.example/shop;;",
    ]
    row = checked("Name;Country;Website;Contact;E-mail\n" + "\n".join(rows), mona, run_jobs)
    found = [(one["row"], one["column"], one["sentence"]) for one in row.problems]
    assert found == [
        (3, "name", "Acme is a partner already, by tax number or site."),
        (4, "admin_email", "Somebody signs in with this address already."),
        (5, "name", "The same firm as in row 2."),
    ]


def test_the_last_rows_may_end_with_a_job(
    programme: None, mona: User, run_jobs: Any, monkeypatch: Any
) -> None:
    """Nothing is left for the job after them, which ends the import all the same."""
    monkeypatch.setattr(network_imports.taking, "TAKEN_AT_ONCE", 2)
    row = taken("Name;Country\nOne;DE\nTwo;DE\n", mona, run_jobs)
    assert (row.status, row.taken) == (ImportStatus.DONE, 2)


def test_who_is_taken_back_is_told_and_suspended_together(
    programme: None, mona: User, run_jobs: Any, mails: Any
) -> None:
    row = taken(FILE, mona, run_jobs, invite_admins=True)
    network_imports.start_undoing(row, by=mona)
    run_jobs()
    nordvik = the_firm("Nordvik")
    member = session.scalars(sa.select(Member).where(Member.partner_id == nordvik.id)).one()
    assert nordvik.status_reason == "Its import was taken back." and nordvik.terminated_at is not None
    assert member.left_at is not None and member.user.suspended_at is not None
    assert [one["subject"] for one in mails(to=member.user.email)][-1] != mails(to=member.user.email)[0][
        "subject"
    ]
    ended = [entry for entry in trail_of("Nordvik") if entry[0] == "partner terminated"]
    assert ended == [
        ("partner terminated", "partner", "",
         {"reason": "Its import was taken back.", "heir_id": 0, "heir_name": ""}),
    ]  # fmt: skip


def test_nobody_is_invited_to_a_firm_that_was_taken_back_meanwhile(
    programme: None, mona: User, run_jobs: Any, mails: Any
) -> None:
    row = taken(FILE, mona, run_jobs, invite_admins=True)
    nordvik = the_firm("Nordvik")
    member = session.scalars(sa.select(Member).where(Member.partner_id == nordvik.id)).one()
    before = len(mails(to=member.user.email))
    network_imports.start_undoing(row, by=mona)
    run_jobs()
    network_imports.invite_members([member.id], by=mona)
    tokens = sa.select(sa.func.count()).where(OneTimeToken.user_id == member.user_id)
    assert session.scalar(tokens) == 1 and len(mails(to=member.user.email)) == before + 1, (
        "the farewell alone"
    )


def test_a_firm_with_a_machine_loses_its_key_with_the_import(
    programme: None, mona: User, run_jobs: Any
) -> None:
    row = taken(FILE, mona, run_jobs)
    key, _secret = make_partner_key(the_firm("Kontor"), name="CRM", scopes=["leads:read"], by=mona)
    network_imports.start_undoing(row, by=mona)
    run_jobs()
    row = session.get_one(NetworkImport, row.id)
    assert (row.forgotten, row.ended, row.kept) == (0, 2, 0)
    assert session.get_one(ApiKey, key.id).revoked_at is not None and the_firm("Kontor").has_left


def test_taking_asks_the_database_no_more_for_more_firms(
    programme: None, mona: User, run_jobs: Any, app: Any
) -> None:
    def statements(count: int, letter: str) -> int:
        rows = "".join(
            f"{letter} {number};DE;Hamburg;{letter}-{number}.example;N {number};n{number}@{letter}.example;yes\n"
            for number in range(count)
        )
        row = checked(f"Name;Country;City;Website;Contact;E-mail;Agreement signed\n{rows}", mona, run_jobs)
        assert row.problem_count == 0
        network_imports.start_taking(row, invite_admins=True, by=mona)
        session.flush()
        with heard_statements() as seen:
            network_imports.take_rows(row)
            session.flush()
        return len(seen)

    assert statements(30, "b") == statements(3, "a")
