"""Sales from a file: agreed on, checked, and taken in as a whole, or what of it is in order."""

import os
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from commissions import ledger
from commissions.models import Entry, EntryKind, PayoutMethod, PayoutProfile, SaleImport
from commissions.operations import sale_imports
from commissions.operations.bulk import Accrual
from commissions.operations.sale_columns import sale_of
from core import clock, jobs, retention, storage
from core.database import session, transaction
from core.errors import InvalidInput, Refusal
from core.imports import ImportStatus
from core.sheets import Record
from partners import operations as programme
from referrals.models import Sale
from referrals.operations import make_referral_code
from referrals.operations.sales import Outcome, record_sale, record_sales
from referrals.payees import account_digest
from tests import cast
from tests.browser import Browser
from tests.commissions.cast import a_definition, a_live_plan
from tests.doomed import Doomed
from tests.statements import heard_statements

HEAD = "Sale number;Sold on;Customer;Partner's number;Kind of line;Unit price without tax\n"


def _file(*rows: str) -> bytes:
    return (HEAD + "".join(f"{row}\n" for row in rows)).encode()


def _uploaded(content: bytes) -> SaleImport:
    return sale_imports.upload_sales(content, "sales.csv", by=None)


def _checked(content: bytes) -> SaleImport:
    row = _uploaded(content)
    sale_imports.check_with(row, row.places)
    while sale_imports.check_rows(row):
        pass
    return row


def _taken(row: SaleImport, **how: Any) -> SaleImport:
    sale_imports.start_taking(row, leave_out_wrong=how.get("leave_out", False))
    while sale_imports.take_rows(row):
        pass
    return row


def _sales() -> dict[str, tuple[int, int]]:
    return {
        sale.external_id: (sale.total_minor, len(sale.lines)) for sale in session.scalars(sa.select(Sale))
    }


IBAN = "DE89370400440532013000"


def _with_account(account: str, tax_id: str = "") -> bytes:
    """A sale by the code of Acme's, and who paid it."""
    head = HEAD.replace("Partner's number", "Referral code").replace(
        "\n", ";IBAN;Customer's tax number;Country\n"
    )
    return f"{head}R-1;2026-03-01;Globex;ACME;licence;100;{account};{tax_id};DE\n".encode()


@pytest.fixture
def two_sales(acme: Any) -> bytes:
    a_live_plan()
    return _file(
        f"R-1;2026-03-01;Globex;{acme.id};licence;1 000,50",
        f"R-1;2026-03-01;Globex;{acme.id};training;200",
        f"R-2;01.03.2026;Initech;{acme.id};;99.99",
    )


def test_rows_of_one_number_are_one_sale_and_earn(two_sales: bytes) -> None:
    row = _taken(_checked(two_sales))
    assert (row.status, row.sales, row.taken, row.left_out) == (ImportStatus.DONE, 2, 2, 0)
    assert _sales() == {"R-1": (120_050, 2), "R-2": (9_999, 1)}
    assert (session.scalar(sa.select(sa.func.count()).select_from(Entry)) or 0) >= 3


def test_the_same_file_again_changes_nothing(two_sales: bytes) -> None:
    _taken(_checked(two_sales))
    row = _checked(two_sales)
    assert (row.sales, row.known, row.wrong_rows) == (2, 2, 0)
    assert _taken(row).taken == 0


def test_other_contents_are_told_as_a_difference(two_sales: bytes) -> None:
    _taken(_checked(two_sales))
    row = _checked(two_sales.replace(b"99.99", b"88.00"))
    [problem] = row.problems
    assert (problem["row"], problem["column"]) == (4, "external_id")
    assert "other contents" in problem["sentence"]


def test_everything_or_nothing_unless_asked_otherwise(two_sales: bytes) -> None:
    row = _checked(two_sales + b"R-3;soon;Globex;99999;licence;ten\n")
    assert {problem["column"] for problem in row.problems} == {"occurred_at", "amount"}
    assert (row.sales, row.wrong_rows) == (3, 1)
    with pytest.raises(Refusal):
        sale_imports.start_taking(row, leave_out_wrong=False)
    assert _sales() == {}
    assert (_taken(row, leave_out=True).taken, row.left_out) == (2, 1)


def test_a_sale_is_never_cut_in_two(two_sales: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sale_imports, "CHECKED_AT_ONCE", 2)
    monkeypatch.setattr(sale_imports, "TAKEN_AT_ONCE", 1)
    row = _checked(two_sales.replace(b"R-1", b"R-0", 1))
    assert row.sales == 3
    assert _taken(row).taken == 3


def test_stopped_it_goes_on_where_it_was(two_sales: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sale_imports, "TAKEN_AT_ONCE", 2)
    row = _checked(two_sales)
    sale_imports.start_taking(row, leave_out_wrong=False)
    assert sale_imports.take_rows(row)
    sale_imports.stop_taking(row)
    assert not sale_imports.take_rows(row)
    sale_imports.resume_taking(row)
    while sale_imports.take_rows(row):
        pass
    assert (row.taken, len(_sales())) == (2, 2)


def _one_by_one(rows: list[dict[str, Any]], *, by: Any, source: str, is_a_part: bool) -> list[Outcome]:
    """What :func:`record_sales` answers, by the verb for a single sale."""
    outcomes = []
    for data in rows:
        try:
            with session.begin_nested():
                recorded = record_sale(data, by=by, source=source)
        except (InvalidInput, Refusal) as problem:
            outcomes.append(Outcome(problem=problem))
        else:
            outcomes.append(Outcome(recorded.fact.id, recorded.is_new))
    return outcomes


def _all_of_it(row: SaleImport) -> dict[str, Any]:
    """What an import came to: its own figures, the sales as they stand, and what they earn."""
    return {
        "import": (
            row.status,
            row.sales,
            row.known,
            row.taken,
            row.left_out,
            row.wrong_rows,
            row.problem_count,
        ),
        "problems": row.problems,
        "sales": {
            sale.external_id: (
                sale.total_minor,
                sale.partner_id,
                sale.customer.name,
                sale.status,
                len(sale.lines),
            )
            for sale in session.scalars(sa.select(Sale))
        },
        "earned": sorted(
            (
                entry.sale.external_id if entry.sale else "",
                entry.partner_id or 0,
                entry.rule,
                entry.amount_minor,
            )
            for entry in session.scalars(sa.select(Entry))
        ),
    }


@pytest.mark.parametrize("at_once", [1, 3, 1000])
def test_together_sales_come_to_what_each_comes_to_by_itself(
    acme: Any, two_sales: bytes, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Wrong ones are told at their rows and lose nobody else; what came before is no double."""
    monkeypatch.setattr(sale_imports, "TAKEN_AT_ONCE", at_once)
    _taken(_checked(two_sales))
    content = (
        two_sales.replace(b"99.99", b"88.00")
        + "".join(
            f"{line}\n"
            for line in (
                f"R-3;2026-03-02;Globex;{acme.id};licence;10",
                "R-4;soon;Globex;;licence;10",
                "R-5;2026-03-02;Initech;99999;licence;10",
                f"R-6;2026-03-02;Initech;{acme.id};support;12.50",
                "R-3;2026-03-02;Globex;;licence;11",
                "R-7;2026-03-03;Umbra;;licence;7",
                "R-7;2026-03-03;Umbra;;training;3",
            )
        ).encode()
    )
    came_to = []
    for how in (_one_by_one, record_sales):
        monkeypatch.setattr(sale_imports, "record_sales", how)
        undone = session.begin_nested()
        came_to.append(_all_of_it(_taken(_checked(content), leave_out=True)))
        undone.rollback()
        session.expire_all()
    alone, together = came_to
    assert together == alone
    assert {name: together["sales"][name][0] for name in ("R-2", "R-3", "R-6", "R-7")} == {
        "R-2": 9_999, "R-3": 1_000, "R-6": 1_250, "R-7": 1_000,
    }  # fmt: skip
    assert {problem["row"] for problem in together["problems"]} >= {4, 6, 7}


@pytest.fixture
def years_of_sales(acme: Any, rival: Any) -> list[str]:
    """Two years' sales of three customers, under a plan that pays less from the second year on.

    The earliest two are from before there was a plan, and earn nothing.
    """
    a_live_plan(a_definition(effective_from="2024-01-01T00:00:00+00:00"))
    return [
        f"R-{place};{date(2026, 2, 20) - timedelta(days=place * 41)};Firm {place % 3};"
        f"{(acme, rival)[place % 3 % 2].id};{('licence', 'training')[place % 2]};{1000 + place}.37"
        for place in range(22)
    ]


def _sums() -> dict[Any, int]:
    """What each partner's lines come to, by sale, line and rule."""
    sums: dict[Any, int] = {}
    for entry in session.scalars(sa.select(Entry)):
        assert entry.sale is not None
        key = (entry.sale.external_id, entry.line, entry.rule, entry.beneficiary)
        sums[key] = sums.get(key, 0) + entry.amount_minor
    return {key: amount for key, amount in sums.items() if amount}


def _as_one_by_one(contents: list[bytes]) -> dict[Any, int]:
    """What files come to whose sales are recorded one after another; undone."""
    with session.begin_nested() as undone, pytest.MonkeyPatch.context() as patched:
        patched.setattr(sale_imports, "record_sales", _one_by_one)
        for content in contents:
            _taken(_checked(content))
        sums = _sums()
        undone.rollback()
    session.expire_all()
    return sums


def test_rows_may_stand_in_any_order_of_their_dates(
    years_of_sales: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The latest first, by many jobs: nothing is granted that an earlier row takes back."""
    content = _file(*years_of_sales)
    alone = _as_one_by_one([content])
    monkeypatch.setattr(sale_imports, "TAKEN_AT_ONCE", 3)
    monkeypatch.setattr(sale_imports, "WORKED_OUT_AT_ONCE", 4)
    row = _taken(_checked(content))
    assert (row.status, row.taken) == (ImportStatus.DONE, len(years_of_sales))
    assert _sums() == alone
    entries = session.scalars(sa.select(Entry)).all()
    assert len({rule for _sale, _line, rule, _whose in alone}) > 2
    assert all(entry.kind is not EntryKind.REVERSAL for entry in entries)
    assert ledger.audit() == []


def test_a_second_file_may_be_of_the_time_before_the_first(
    years_of_sales: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the first had earned moves with the day on which its customers turn out to have begun."""
    later, earlier = _file(*years_of_sales[:11]), _file(*years_of_sales[11:])
    alone = _as_one_by_one([later, earlier])
    monkeypatch.setattr(sale_imports, "TAKEN_AT_ONCE", 3)
    monkeypatch.setattr(sale_imports, "WORKED_OUT_AT_ONCE", 4)
    _taken(_checked(later))
    before = _sums()
    _taken(_checked(earlier))
    found = _sums()
    assert found == alone
    assert before.items() - found.items()
    assert ledger.audit() == []


def test_what_is_stopped_is_worked_out_as_far_as_it_is_there(
    years_of_sales: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = _file(*years_of_sales)
    alone = _as_one_by_one([content])
    monkeypatch.setattr(sale_imports, "TAKEN_AT_ONCE", 9)
    monkeypatch.setattr(sale_imports, "WORKED_OUT_AT_ONCE", 4)
    row = _checked(content)
    sale_imports.start_taking(row, leave_out_wrong=False)
    assert sale_imports.take_rows(row)
    sale_imports.stop_taking(row)
    assert _sums() == {}
    jobs.run_until_idle()
    assert len(_sales()) == 9 and {sale for sale, *_rest in _sums()} == set(_sales())
    sale_imports.resume_taking(session.scalars(sa.select(SaleImport)).one())
    jobs.run_until_idle()
    row = session.scalars(sa.select(SaleImport)).one()
    assert (row.status, row.taken, len(_sales())) == (ImportStatus.DONE, 22, 22)
    assert _sums() == alone and ledger.audit() == []


def test_killed_anywhere_it_goes_on_and_no_line_is_lost_or_doubled(own_app: Any, tmp_path: Any) -> None:
    with own_app.app_context(), transaction():
        programme.set_up_programme(by=None)
        acme = cast.a_partner("Acme", tier="gold", country="DE")
        a_live_plan(a_definition(effective_from="2024-01-01T00:00:00+00:00"))
        lines = [
            f"R-{place // 2};{date(2026, 2, 20) - timedelta(days=place // 2 * 90)};Firm {place % 4 // 2};{acme.id};"
            f"{('licence', 'training')[place % 2]};{1000 + place}.37"
            for place in range(14)
        ]
        row = _uploaded(_file(*lines))
        sale_imports.check_with(row, row.places)
        import_id = row.id
    stride = 1 if os.environ.get("SOAK") == "full" else 23
    place, deaths = 11, 0
    with Doomed(
        "tests.commissions.bulk.crash_child", own_app.config["DATABASE_URL"], str(tmp_path)
    ) as doomed:
        while not doomed.do("import_sales", place):
            deaths, place = deaths + 1, place + stride
            with own_app.app_context(), transaction():
                assert ledger.audit() == [], f"killed at {place - stride}"
    assert deaths > 3
    with own_app.app_context(), transaction():
        row = session.get_one(SaleImport, import_id)
        assert (row.status, row.sales, row.taken, row.left_out) == (ImportStatus.DONE, 7, 7, 0)
        assert set(_sales()) == {f"R-{number}" for number in range(7)}
        assert all(lines == 2 for _total, lines in _sales().values())
        found = _sums()
        keys = [entry.key for entry in session.scalars(sa.select(Entry))]
        assert len(keys) == len(set(keys)) == len(found)
        Accrual(by=None).go_over([sale.id for sale in session.scalars(sa.select(Sale).order_by(Sale.id))])
        assert _sums() == found


def _is_paid(partner: Any, **about: Any) -> None:
    """The partner's payout details."""
    moment = clock.now()
    values = {"created_at": moment, "changed_at": moment, "changed_by_name": "", "pays_from": moment, **about}
    method, holder = PayoutMethod.SEPA, "Acme GmbH"
    session.add(
        PayoutProfile(partner_id=partner.id, method=method, holder=holder, iban=IBAN, country="DE", **values)
    )
    session.flush()


@pytest.mark.parametrize(
    ("payee", "account", "tax_id", "reason"),
    [
        ({}, "DE89 3704 0044 0532 0130 00", "", "same_account"),
        ({}, "DE02 1203 0000 0000 2020 51", "", None),
        ({"tax_id": "DE136695976"}, "", "DE 136 695 976", "same_payee"),
    ],
)
def test_who_paid_is_compared_with_who_is_paid(
    acme: Any, payee: dict[str, str], account: str, tax_id: str, reason: str | None
) -> None:
    """As over the API: a partner that buys from itself waits for a person."""
    a_live_plan()
    make_referral_code(acme, "ACME", by=None)
    _is_paid(acme, **payee)
    _taken(_checked(_with_account(account, tax_id)))
    assert session.scalars(sa.select(Sale)).one().held_because == reason


def test_of_an_account_only_a_digest_is_kept() -> None:
    values = {"external_id": "1", "occurred_at": "2026-03-01", "customer": "Globex", "amount": "1"}
    data = sale_of([Record(2, {**values, "account": "de89 3704 0044 0532 0130 00"})])
    assert data["customer"]["account"] == account_digest(IBAN)
    assert "3704" not in str(data)


def test_a_number_that_is_too_long_is_told_at_its_column() -> None:
    row = _checked(_with_account("1" * 61))
    [problem] = row.problems
    assert (problem["row"], problem["column"]) == (2, "account")
    assert problem["sentence"] == "It can have at most 60 characters."


def test_a_file_goes_a_month_after_it_was_needed(
    two_sales: bytes, time: Any, browser: Browser, finn: Any
) -> None:
    """What its rows became stays; one that was never taken in has to be brought again."""
    rule = retention.RULES["sale_files"]
    done, left = _taken(_checked(two_sales)), _checked(two_sales)
    keys = [done.file_key, left.file_key]
    time.move(days=29)
    assert rule.due_now == 0
    time.move(days=2)
    assert retention.keep(rule) == 2 and rule.due_now == 0
    assert [done.file_key, left.file_key] == ["", ""] and len(_sales()) == 2
    for key in keys:
        with pytest.raises(FileNotFoundError):
            storage.read(key)
    with pytest.raises(Refusal, match="not kept any more"):
        sale_imports.start_taking(left, leave_out_wrong=False)
    browser.sign_in(finn)
    for row in (done, left):
        assert browser.open(f"/staff/sales/imports/{row.id}").sees("sales.csv")


def test_what_is_wrong_only_when_it_is_taken_is_told_at_its_row(
    two_sales: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same number, later in the file and with other contents, is no second sale."""
    row = _taken(_checked(two_sales + b"R-1;2026-03-01;Globex;;licence;5\n"))
    assert (row.taken, row.left_out) == (2, 1)
    [problem] = row.problems
    assert (problem["row"], problem["column"]) == (5, "external_id")
    assert "other contents" in problem["sentence"]


@pytest.mark.parametrize(
    ("text", "minor"),
    [("1 234,50", 123450), ("1.234,50", 123450), ("1,234.50", 123450), ("1234.5", 123450), ("-7", -700)],
)
def test_amounts_as_people_write_them(text: str, minor: int) -> None:
    values = {
        "external_id": "1",
        "occurred_at": "2026-03-01",
        "customer": "Globex",
        "amount": text,
        "currency": "EUR",
    }
    assert sale_of([Record(2, values)])["lines"][0]["unit_amount_minor"] == minor


def test_too_many_decimals_are_no_amount() -> None:
    values = {
        "external_id": "1",
        "occurred_at": "2026-03-01",
        "customer": "Globex",
        "amount": "1.005",
        "currency": "EUR",
    }
    with pytest.raises(InvalidInput):
        sale_of([Record(2, values)])


def test_the_pages_lead_from_the_file_to_the_sales(browser: Browser, finn: Any, two_sales: bytes) -> None:
    import_id = _uploaded(two_sales).id
    browser.sign_in(finn).open("/staff/sales").click("Import from a file").click("sales.csv")
    assert browser.sees("R-1") and browser.sees("Which column is what")
    browser.press("Look at every row")
    assert browser.sees("Being checked")
    jobs.run_until_idle()
    browser.open(f"/staff/sales/imports/{import_id}")
    assert browser.sees("Every row is in order.")
    browser.press("Take 2 sales in")
    jobs.run_until_idle()
    browser.open(f"/staff/sales/imports/{import_id}")
    assert browser.sees("What became of them")
    assert len(_sales()) == 2


def test_partners_never_see_imports(browser: Browser, ada: Any, two_sales: bytes) -> None:
    row = _uploaded(two_sales)
    browser.sign_in(ada).open(f"/staff/sales/imports/{row.id}", expect=403)


def test_a_file_is_taken_in_at_the_command_line(own_app: Any, tmp_path: Any) -> None:
    """Columns are known by their headings; wrong rows are told and end with 1 unless they are left out."""
    path = tmp_path / "sales.csv"
    path.write_bytes(_file("R-1;2026-03-01;Globex;;licence;100", "R-2;soon;Globex;;licence;1"))
    runner = own_app.test_cli_runner()
    refused = runner.invoke(args=["commissions", "import-sales", str(path)])
    assert refused.exit_code == 1 and "row 3, occurred_at" in refused.output
    looked = runner.invoke(
        args=["commissions", "import-sales", str(path), "--leave-out-wrong", "--check-only"]
    )
    assert (looked.exit_code, "taken in" in looked.output) == (0, False)
    done = runner.invoke(args=["commissions", "import-sales", str(path), "--leave-out-wrong"])
    assert done.exit_code == 0 and "1 sales taken in, 1 left out" in done.output
    with own_app.app_context(), transaction():
        assert list(_sales()) == ["R-1"]


def test_looking_at_a_hundred_sales_takes_as_many_statements_as_at_ten(acme: Any) -> None:
    a_live_plan()
    spent = []
    for number in (10, 10, 100):
        row = _uploaded(
            _file(*(f"R-{place};2026-03-01;Globex;{acme.id};licence;100" for place in range(number)))
        )
        sale_imports.check_with(row, row.places)
        with heard_statements() as said:
            assert not sale_imports.check_rows(row)
        spent.append(len(said))
    assert spent[1] == spent[2]
