"""Customer and deal of a reported sale are typed by name or number; no page lists them, and nobody else's are found."""

import io
from typing import Any

import pytest

from commissions.models import SaleReport
from core.database import session
from referrals.models import Customer
from tests.browser import Browser
from tests.commissions.cast import a_live_plan
from tests.events.cast import a_pdf
from tests.referrals.deals.cast import a_deal, a_won_deal

ADDRESS = "/sale-reports/new"


@pytest.fixture
def globex(acme: Any) -> Any:
    """A won deal, whose customer is Acme's."""
    a_live_plan()
    return a_won_deal(acme, "Globex", order="PO-1", website="globex.example")


@pytest.fixture
def form(browser: Browser, ada: Any, globex: Any) -> Browser:
    return browser.sign_in(ada).open(ADDRESS)


def send(form: Browser, **about: Any) -> Any:
    """Sends the form as a browser without a script would; answers the response."""
    token = next(one.get("value") for one in form.page.iter("input") if one.get("name") == "csrf_token")
    fields = {
        "csrf_token": token, "number": "R-7", "sold_on": "2026-02-27", "currency": "EUR", "type": "new",
        "billed_by": "partner", "lines-0-kind": "training", "lines-0-amount": "1200", "lines-1-kind": "licence",
        "lines-1-amount": "", "lines-2-kind": "licence", "lines-2-amount": "", "customer": "", "deal": "",
        "file": (io.BytesIO(a_pdf()), "invoice.pdf"),
    }  # fmt: skip
    session.commit()
    with form.app.app_context():
        answer = form.client.post(ADDRESS, data=fields | about)
    session.expire_all()
    return answer


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "words", ["Globex", " globex ", "{id}", "Globex · {id}", "globex ·{id}", "{name} · {id}"]
)
def test_a_name_or_a_number_means_one_customer(form: Browser, globex: Any, words: str) -> None:
    answer = send(form, customer=words.format(id=globex.customer_id, name="GLOBEX"))
    assert answer.status_code == 302, text(answer)
    assert session.query(SaleReport).one().customer_id == globex.customer_id


@pytest.mark.parametrize("words", ["Globex", "{number}", "{small}", "Globex · {number}"])
def test_a_company_or_a_number_means_one_deal(form: Browser, globex: Any, words: str) -> None:
    said = words.format(number=globex.number, small=globex.number.lower())
    answer = send(form, customer="Globex", deal=said)
    assert answer.status_code == 302, text(answer)
    assert session.query(SaleReport).one().deal_id == globex.id


def test_the_page_lists_nothing_however_much_there_is(form: Browser, acme: Any) -> None:
    queries = form.queries
    for number in range(30):
        a_won_deal(acme, f"Company {number}", order=f"PO-9{number}")
    form.open(ADDRESS)
    assert form.queries == queries and "Company 12" not in form.html


def test_customers_beyond_any_list_can_be_chosen(form: Browser, acme: Any, globex: Any) -> None:
    one = session.get_one(Customer, globex.customer_id)
    rows = [
        {"name": f"Bulk {number}", "name_key": f"bulk {number}", "partner_id": acme.id}
        for number in range(1100)
    ]
    session.add_all(Customer(created_at=one.created_at, **row) for row in rows)
    session.flush()
    assert send(form, customer="Bulk 1099").status_code == 302


def test_where_several_fit_the_form_asks_and_keeps_what_was_typed(form: Browser, acme: Any) -> None:
    a_won_deal(acme, "Nordlicht Software", order="PO-2", website="soft.example")
    south = a_won_deal(acme, "Nordlicht Consulting", order="PO-3", website="south.example")
    asked = send(form, customer="nordlicht", deal="nordlicht")
    assert asked.status_code == 422
    assert text(asked).count("Choose which one you mean.") >= 2 and "south.example" in text(asked)
    assert 'value="nordlicht"' in text(asked) and 'value="R-7"' in text(asked)
    chosen = send(form, customer=["nordlicht", str(south.customer_id)], deal=["nordlicht", south.number])
    assert chosen.status_code == 302
    assert session.query(SaleReport).one().deal_id == south.id


def test_customers_of_one_name_are_told_apart_by_number_and_country(form: Browser, acme: Any) -> None:
    for place in ("FR", "PL"):
        a_won_deal(acme, "Twin", order=f"PO-{place}", country=place)
    twins = session.query(Customer).filter(Customer.name == "Twin").all()
    assert len(twins) == 2
    answer = send(form, customer="twin")
    assert answer.status_code == 422 and "France" in text(answer)
    assert all(f"Twin · {one.id}" in text(answer) for one in twins)
    assert send(form, customer=f"Twin · {twins[1].id}").status_code == 302
    assert session.query(SaleReport).one().customer is twins[1]


def test_a_deal_with_another_customer_is_refused_at_its_field(form: Browser, acme: Any) -> None:
    a_won_deal(acme, "Initech", order="PO-3")
    answer = send(form, customer="Globex", deal="Initech")
    assert answer.status_code == 422 and "This deal is with another customer." in text(answer)
    assert 'value="Initech' in text(answer)


@pytest.mark.parametrize(
    "words", ["Nobody", "999999", "Globex · 999999", "%", "_", "\\", "9" * 40, "x" * 300, "' OR 1=1 --", "١٢", "<b>"]
)  # fmt: skip
def test_nothing_fits_and_nothing_breaks(form: Browser, words: str) -> None:
    answer = send(form, customer=words, deal=words)
    assert answer.status_code == 422
    assert "No customer that can be chosen here" in text(answer) or "At most 200 characters" in text(answer)
    assert 'value="<b>"' not in text(answer)
    assert session.query(SaleReport).count() == 0


def test_what_is_anothers_or_can_have_no_sale_is_not_found(
    form: Browser, rival: Any, acme: Any, globex: Any
) -> None:
    theirs = a_won_deal(rival, "Umbrella", order="PO-8")
    draft = a_deal(acme, "Hooli")
    for words in ("Umbrella", str(theirs.customer_id), f"Umbrella · {theirs.customer_id}"):
        assert "No customer that can be chosen here" in text(send(form, customer=words))
    for words in ("Umbrella", theirs.number, str(theirs.id), "Hooli", draft.number):
        answer = send(form, customer="Globex", deal=words)
        assert answer.status_code == 422 and "No deal that can be chosen here" in text(answer)
    # A choice that was never offered counts for nothing.
    answer = send(form, customer=["Globex", str(theirs.customer_id)])
    assert answer.status_code == 302
    assert session.query(SaleReport).one().customer_id == globex.customer_id


def test_names_are_offered_as_somebody_types_and_only_ones_own(
    form: Browser, app: Any, globex: Any, rival: Any, rex: Any, finn: Any
) -> None:
    a_won_deal(rival, "Globus", order="PO-8")
    assert "/sale-reports/customer-names" in form.html and "/sale-reports/deal-names" in form.html
    form.open("/sale-reports/customer-names?q=glob")
    assert [one["words"] for one in form.response.json] == [f"Globex · {globex.customer_id}"]
    form.open("/sale-reports/deal-names?q=glob")
    assert [one["words"] for one in form.response.json] == [f"Globex · {globex.number}"]
    assert form.open("/sale-reports/deal-names").response.json == []
    assert form.open("/sale-reports/customer-names?q=%25").response.json == []
    outsider = Browser(app).sign_in(rex).open("/sale-reports/customer-names?q=globex")
    assert outsider.response.json == []
    Browser(app).sign_in(finn).open("/sale-reports/customer-names?q=globex", expect=403)


def test_a_deal_begins_the_form_and_anothers_does_not(form: Browser, globex: Any, rival: Any) -> None:
    theirs = a_won_deal(rival, "Umbrella", order="PO-8")
    form.open(f"{ADDRESS}?deal={globex.id}")
    assert f'value="Globex · {globex.number}"' in form.html
    for nonsense in (theirs.id, "x", "9" * 40, "-1"):
        form.open(f"{ADDRESS}?deal={nonsense}")
        assert "Umbrella" not in form.html
