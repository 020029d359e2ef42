"""A sale may name its plan: a code that nobody knows is refused at every door, and waits for a person elsewhere."""

from typing import Any

import pytest
import sqlalchemy as sa

from commissions.ledger import audit
from commissions.models import Entry
from commissions.operations import sale_imports
from commissions.operations.bulk import Accrual
from commissions.operations.plan_codes import compute_by, release_sales_whose_plan_has_come
from core.database import session
from core.errors import InvalidInput, Refusal
from core.imports import ImportStatus
from referrals.models import Sale, SaleStatus
from referrals.operations.sales import record_sale, record_sales
from tests.browser import Browser
from tests.commissions.cast import a_definition, a_draft, a_live_plan, sold
from tests.commissions.plans import percent
from tests.commissions.sales.test_sales_over_the_api import a_sale
from tests.referrals.deals.cast import sale_data


@pytest.fixture(autouse=True)
def _a_plan(programme: None) -> Any:
    a_live_plan(a_definition(rules=[percent("10")], splits=[]))
    yield
    assert audit() == []


def _a_plan_called(code: str, rate: str = "20") -> None:
    a_live_plan(a_definition(rules=[percent(rate)], splits=[]), code=code)


def _earned() -> list[int]:
    return list(session.scalars(sa.select(Entry.amount_minor).order_by(Entry.id)))


def test_the_api_refuses_an_unknown_plan_at_its_field(machine: Any, acme: Any) -> None:
    billing = machine("sales:write", "sales:read")
    answer = billing.post("/sales", a_sale(partner_id=str(acme.id), plan="standrad"))
    assert answer.status_code == 422
    assert answer.json["errors"] == [
        {"pointer": "/plan", "detail": "There is no plan with the code standrad."}
    ]
    assert session.scalar(sa.select(sa.func.count()).select_from(Sale)) == 0
    _a_plan_called("special")
    assert billing.post("/sales", a_sale(partner_id=str(acme.id), plan="special")).status_code == 201
    assert _earned() == [40_000]


def test_what_was_taken_before_is_answered_again(machine: Any, acme: Any) -> None:
    """A sale that came through before its plan was asked for has its answer."""
    data = a_sale(partner_id=str(acme.id), plan="standrad")
    billing = machine("sales:write", "sales:read")
    _a_plan_called("standrad")
    assert billing.post("/sales", data).status_code == 201
    assert billing.post("/sales", data).status_code == 200


def test_a_file_says_at_its_row_which_plan_is_unknown(acme: Any) -> None:
    head = "Sale number;Sold on;Customer;Partner's number;Unit price without tax;Plan\n"
    rows = f"R-1;2026-03-01;Globex;{acme.id};100;standard\nR-2;2026-03-01;Initech;{acme.id};100;standrad\n"
    row = sale_imports.upload_sales((head + rows).encode(), "sales.csv", by=None)
    sale_imports.check_with(row, row.places)
    while sale_imports.check_rows(row):
        pass
    [problem] = row.problems
    assert (problem["row"], problem["column"]) == (3, "plan")
    assert problem["sentence"] == "There is no plan with the code standrad."
    sale_imports.start_taking(row, leave_out_wrong=True)
    while sale_imports.take_rows(row):
        pass
    assert (row.status, row.taken, row.left_out) == (ImportStatus.DONE, 1, 1)


def test_its_partner_reads_what_the_sale_waits_for(acme: Any, ada: Any, browser: Browser) -> None:
    sale = sold(acme, plan="standrad")
    browser.sign_in(ada).open(f"/sales/{sale.id}")
    assert browser.sees("The sale names the plan “standrad”")
    assert not browser.sees("Compute it by another plan")


def test_stripes_sale_waits_until_finance_names_another_plan(acme: Any, finn: Any, browser: Browser) -> None:
    """What cannot be refused, such as a paid invoice, is kept."""
    data = sale_data("in_1", partner_id=str(acme.id), plan="standrad")
    sale = record_sale(data, by=None, source="stripe").fact
    assert (sale.status, _earned()) == (SaleStatus.HELD, [])
    browser.sign_in(finn).open("/staff/sales")
    assert browser.sees("To look at")
    browser.open(f"/sales/{sale.id}")
    assert browser.sees("It names the plan “standrad”, and no such plan is published.")
    assert not browser.sees("Release the sale")
    browser.fill("Plan", "Standard 2026 (standard)").press("Compute it by this plan")
    assert browser.sees("The sale is computed by this plan now.")
    session.refresh(sale)
    assert (sale.status, sale.plan_code) == (SaleStatus.ATTRIBUTED, "standard")
    assert len(_earned()) >= 1


def test_it_may_go_by_its_partners_plan(acme: Any, rex: Any) -> None:
    sale = sold(acme, plan="standrad")
    with pytest.raises(InvalidInput, match="code nonsense"):
        compute_by(sale, "nonsense", by=None)
    compute_by(sale, None, by=None)
    assert (sale.plan_code, _earned()) == (None, [20_000])
    with pytest.raises(Refusal, match="does not wait for a plan"):
        compute_by(sale, "standard", by=None)


def test_nobody_else_names_the_plan_of_a_sale(acme: Any, ada: Any, browser: Browser) -> None:
    sale = sold(acme, plan="standrad")
    browser.sign_in(ada).open(f"/staff/sales/{sale.id}/plan", expect=403)


def test_a_sale_that_waits_for_no_plan_has_no_such_page(acme: Any, finn: Any, browser: Browser) -> None:
    sale = sold(acme)
    browser.sign_in(finn).open(f"/staff/sales/{sale.id}/plan")
    assert browser.heading.startswith("Sale inv_1") and not browser.sees("None")


def test_it_earns_by_itself_when_its_plan_is_published(acme: Any) -> None:
    """A code comes to life with its first version that is published; a draft is none yet."""
    sale = sold(acme, plan="later")
    a_draft(a_definition(rules=[percent("20")], splits=[]), code="later")
    assert release_sales_whose_plan_has_come(by=None) == 0
    also = sold(acme, name="inv_2", plan="later")
    assert (sale.status, also.status) == (SaleStatus.HELD, SaleStatus.HELD)
    _a_plan_called("later")
    assert release_sales_whose_plan_has_come(by=None) == 2
    assert (sale.status, _earned()) == (SaleStatus.ATTRIBUTED, [40_000, 40_000])


def test_many_at_once_wait_like_one(acme: Any) -> None:
    rows = [sale_data(f"inv_{number}", partner_id=str(acme.id), plan="standrad") for number in range(3)]
    outcomes = record_sales(rows, by=None, source="stripe")
    found = session.scalars(sa.select(Sale).where(Sale.id.in_([one.sale_id for one in outcomes]))).all()
    assert {(sale.status, sale.held_because) for sale in found} == {(SaleStatus.HELD, "no_plan")}


def test_a_recomputation_finds_those_that_earned_nothing_in_silence(acme: Any) -> None:
    """A sale from before such codes were held."""
    sale = sold(acme, plan="standrad")
    sale.held_because = None
    sale.settle_status()
    session.flush()
    Accrual(by=None).work_out([sale.id])
    session.expire_all()
    assert session.get_one(Sale, sale.id).held_because == "no_plan"


def test_a_partners_own_plan_that_nobody_wrote_is_named(acme: Any, pia: Any, browser: Browser) -> None:
    acme.plan_code = "gold2027"
    sale = sold(acme)
    assert (sale.status, _earned()) == (SaleStatus.ATTRIBUTED, [])
    browser.sign_in(pia).open(f"/sales/{sale.id}")
    assert browser.sees("The partner earns by the plan “gold2027”, and no version of that is published.")
    browser.open("/staff/plans")
    assert browser.sees("1 partner earns by the plan “gold2027”, which nobody has written")
