"""Thousands of sales at once come to the same as one after another: facts, customers, trail, and what they earn."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from commissions import ledger
from commissions.models import Account, Assessment, CachedBalance, Entry, Pair
from core import clock
from core.activity import Activity
from core.database import session
from core.errors import InvalidInput, Refusal
from referrals.models import Customer, LeadOrigin, ReceivedFact, Sale
from referrals.models.customers import CustomerKey
from referrals.operations import LeadData, receive_lead
from referrals.operations.codes import make_referral_code
from referrals.operations.sales import Outcome, many, record_refund, record_sale, record_sales
from tests.commissions.cast import a_line, a_live_plan
from tests.referrals.deals.cast import a_deal, a_won_deal, later_data
from tests.statements import heard_statements


class _Undo(Exception):
    pass


def _one_by_one(rows: list[dict[str, Any]], source: str = "csv") -> list[tuple[Any, ...]]:
    """What :func:`record_sale` answers for each row in a savepoint."""
    answers: list[tuple[Any, ...]] = []
    for row in rows:
        try:
            with session.begin_nested():
                recorded = record_sale(row, by=None, source=source)
                answers.append((recorded.fact.external_id, recorded.is_new))
        except Refusal as refusal:
            answers.append((refusal.sentence,))
        except InvalidInput as problem:
            answers.append((problem.problems,))
    return answers


def _together(rows: list[dict[str, Any]], source: str = "csv") -> list[tuple[Any, ...]]:
    outcomes = record_sales(rows, by=None, source=source)
    session.expire_all()
    return [_said(outcome) for outcome in outcomes]


def _said(outcome: Outcome) -> tuple[Any, ...]:
    if isinstance(outcome.problem, Refusal):
        return (outcome.problem.sentence,)
    if isinstance(outcome.problem, InvalidInput):
        return (outcome.problem.problems,)
    assert outcome.sale_id is not None
    return session.get_one(Sale, outcome.sale_id).external_id, outcome.is_new


def _columns(row: Any, *without: str) -> dict[str, Any]:
    left_out = {"id", "created_at", "received_at", "at", *without}
    return {
        column.key: getattr(row, column.key)
        for column in sa.inspect(type(row)).column_attrs
        if column.key not in left_out
    }


def _world() -> dict[str, Any]:
    """Everything that is known afterwards, without ids and moments of writing."""
    session.flush()
    session.expire_all()
    customers = {
        row.id: (row.external_id, row.name, row.country, row.domain)
        for row in session.scalars(sa.select(Customer))
    }
    sales = {row.id: (row.source, row.external_id) for row in session.scalars(sa.select(Sale))}
    things: dict[str, Any] = {"sale": sales, "customer": customers}
    pairs = {row.id: (customers[row.customer_id], row.partner_id) for row in session.scalars(sa.select(Pair))}
    earned: dict[tuple[Any, ...], int] = {}
    for entry in session.scalars(sa.select(Entry)):
        key = (sales.get(entry.sale_id or 0), entry.line, entry.rule, entry.beneficiary)
        earned[key] = earned.get(key, 0) + entry.amount_minor
    return {
        "customers": sorted(repr(_columns(row)) for row in session.scalars(sa.select(Customer))),
        "keys": sorted(
            (row.kind, row.value, customers[row.customer_id] if row.customer_id else None)
            for row in session.scalars(sa.select(CustomerKey))
        ),
        "sales": [
            repr(
                _columns(row, "customer_id")
                | {
                    "customer": customers[row.customer_id],
                    "lines": [_columns(line, "sale_id") for line in row.lines],
                    "refunded": row.refunded_minor,
                }
            )
            for row in session.scalars(sa.select(Sale).order_by(Sale.id))
        ],
        "messages": sorted(
            (row.source, row.kind, row.external_id, row.digest, repr(row.body), repr(sales.get(row.subject_id or 0)))
            for row in session.scalars(sa.select(ReceivedFact).where(ReceivedFact.kind.in_(["sale", "name"])))
        ),
        "trail": [
            (row.verb, row.subject_type, repr(things[row.subject_type][row.subject_id]), row.partner_id, row.actor_name)
            for row in session.scalars(
                sa.select(Activity).where(Activity.subject_type.in_(things)).order_by(Activity.id)
            )
        ],
        "earned": {key: amount for key, amount in earned.items() if amount},
        "pairs": sorted(
            (repr(pairs[row.id]), row.plan_version_id, row.first_sale_at, repr(sales[row.first_sale_id]))
            for row in session.scalars(sa.select(Pair))
        ),
        "assessed": sorted(
            (
                repr(sales[row.sale_id]),
                row.plan_version_id,
                repr(row.partner),
                sorted((row.customer | {"id": _number_or(row.customer["id"], customers)}).items(), key=repr),
            )
            for row in session.scalars(sa.select(Assessment))
        ),
        # What is held and what counts already may differ: one by one, a line can be granted and taken back at once
        "balances": [
            (partner_id, currency, owed)
            for partner_id, currency, owed in session.execute(
                sa.select(Account.partner_id, Account.currency, sa.func.sum(CachedBalance.amount_minor))
                .join(CachedBalance, CachedBalance.account_id == Account.id)
                .group_by(Account.partner_id, Account.currency)
                .order_by(Account.partner_id, Account.currency)
            )
            if owed
        ],
        "audit": ledger.audit(),
    }  # fmt: skip


def _number_or(number: str, customers: dict[int, Any]) -> Any:
    """The vendor's number of a customer; who has none is known by its id, which differs from run to run."""
    return number if number.startswith("cus_") else customers[int(number)]


def _both(rows: list[dict[str, Any]], source: str = "csv") -> tuple[list[Any], list[Any]]:
    """Both ways from the same beginning: their answers; the worlds are held against each other here."""
    with session.begin_nested() as sandbox:
        expected = _one_by_one(rows, source)
        world = _world()
        sandbox.rollback()
    session.expire_all()
    answers = _together(rows, source)
    found = _world()
    for what in world:
        assert found[what] == world[what], what
    return answers, expected


customers = st.fixed_dictionaries(
    {
        "external_id": st.sampled_from([None, None, "cus_1", "cus_2"]),
        "name": st.sampled_from(["Globex", "Initech", "Acme", None]),
        "country": st.sampled_from([None, "DE", "FR"]),
        "domain": st.sampled_from([None, "globex.example", "www.initech.example", "hooli.example", "acme.example"]),
        "tax_id": st.sampled_from([None, None, "DE136695976"]),
        "size": st.sampled_from([None, "10"]),
    }
).filter(lambda customer: customer["external_id"] or customer["name"])  # fmt: skip
messages = st.fixed_dictionaries(
    {
        "external_id": st.sampled_from(["R-1", "R-2", "R-3", "R-4", "R-5", "PO-1", "W-1"]),
        "invoice": st.sampled_from([None, None, None, "I-1", "I-2", "PO-2"]),
        "day": st.integers(-5, 30),
        "partner": st.sampled_from([None, None, "acme", "rival", "acme", "nobody"]),
        "referral_code": st.sampled_from([None, None, "ACME-1", "nonsense"]),
        "deal_id": st.sampled_from([None, None, None, None, None, "deal", "99999999"]),
        "currency": st.sampled_from(["EUR", "EUR", "EUR", "USD", "XXX"]),
        "paid": st.sampled_from(["full", "full", "none"]),
        "type": st.sampled_from(["new", "renewal"]),
        "customer": customers,
        "lines": st.lists(
            st.tuples(st.sampled_from(["licence", "implementation"]), st.integers(-500, 90_000) | st.just(77)),
            min_size=1, max_size=2,
        ),
    }
)  # fmt: skip


@pytest.fixture
def a_busy_programme(acme: Any, rival: Any, time: Any) -> dict[Any, Any]:
    """A plan, a code, a deal under protection, a won deal, a lead with a code, and a refund that waits for its sale."""
    a_live_plan()
    code = make_referral_code(acme, "ACME-1", by=None)
    deal = a_deal(rival, "Initech", website="initech.example")
    a_won_deal(acme, "Umbrella", order="PO-1")
    receive_lead(
        LeadData(
            origin=LeadOrigin.API, company="Hooli", person="Greta", email="greta@hooli.example", country="DE",
            language="de", text="Stock", consent_version="1", consent_at=clock.now(), referral_code=code.code,
        ),
        by=None,
    )  # fmt: skip
    record_refund(later_data("re_1", 40, sale_external_id="W-1"), by=None, source="csv")
    told = _row("in_1", acme, invoice="R-5", lines=[a_line("licence", 77)])
    record_sale(told, by=None, source="stripe", also_named=["I-2"])
    session.flush()
    return {
        "acme": str(acme.id),
        "rival": str(rival.id),
        "nobody": "99999999",
        "deal": str(deal.id),
        None: None,
    }


def _rows(about: list[dict[str, Any]], names: dict[Any, str | None]) -> list[dict[str, Any]]:
    return [
        {
            "external_id": one["external_id"],
            "invoice": one["invoice"],
            "occurred_at": clock.now() + timedelta(days=one["day"], hours=1),
            "currency": one["currency"],
            "partner_id": names.get(one["partner"]),
            "referral_code": one["referral_code"],
            "deal_id": names.get(one["deal_id"], one["deal_id"]),
            "paid": one["paid"],
            "type": one["type"],
            "customer": one["customer"],
            "lines": [a_line(kind, minor) for kind, minor in one["lines"]],
        }
        for one in about
    ]


@settings(max_examples=60, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(messages, min_size=1, max_size=8))
def test_together_is_the_same_as_one_by_one(a_busy_programme: Any, about: list[dict[str, Any]]) -> None:
    with session.begin_nested() as sandbox:
        answers, expected = _both(_rows(about, a_busy_programme))
        assert answers == expected
        sandbox.rollback()
    session.expire_all()


def _row(name: str, partner: Any = None, **about: Any) -> dict[str, Any]:
    """A sale to a customer that nobody has heard of, unless said otherwise."""
    return {
        "external_id": name,
        "occurred_at": clock.now(),
        "currency": "EUR",
        "partner_id": str(partner.id) if partner is not None else None,
        "customer": {"name": f"Firm {name}", "country": "DE"},
        "lines": [a_line("licence", 100_000), a_line("training", 50_001)],
        **about,
    }


def test_plain_sales_take_as_many_statements_for_a_hundred_as_for_ten(acme: Any) -> None:
    a_live_plan()
    spent = []
    for turn, number in enumerate((10, 10, 100)):
        rows = [_row(f"{turn}-{place}", acme) for place in range(number)]
        with heard_statements() as said:
            outcomes = record_sales(rows, by=None, source="csv")
        assert all(outcome.is_new for outcome in outcomes)
        spent.append(len(said))
    assert spent[2] <= spent[1]


def test_a_number_decides_before_the_site_does(acme: Any) -> None:
    """Two customers with numbers of their own share a site; one without a number is the first of them."""
    a_live_plan()
    site = {"country": "DE", "domain": "globex.example"}
    rows = [
        _row("1", acme, customer={"external_id": "cus_1", "name": "Globex", **site}),
        _row("2", acme, customer={"external_id": "cus_2", "name": "Globex Services", **site}),
        _row("3", customer={"name": "Globex GmbH", "size": "50", **site}),
        _row("4", customer={"external_id": "cus_2", "name": "Globex", "country": "FR"}),
    ]
    answers, expected = _both(rows)
    assert answers == expected == [("1", True), ("2", True), ("3", True), ("4", True)]


def test_what_the_row_before_did_counts_for_the_next(acme: Any, rival: Any) -> None:
    """The first sale makes its partner the customer's; a message said otherwise is refused; an invoice is one sale."""
    a_live_plan()
    globex = {"external_id": "cus_1", "name": "Globex", "country": "DE"}
    rows = [
        _row("1", customer=globex),
        _row("2", rival, customer=globex),
        _row("3", customer=globex, invoice="I-1"),
        _row("3", acme, customer=globex, invoice="I-1"),
        _row("4", customer=globex, invoice="I-1"),
        _row("5", customer=globex, invoice="I-1", currency="USD"),
        _row("2", rival, customer=globex),
        _row("6", acme, currency="XXX"),
        _row("6", acme),
    ]
    answers, expected = _both(rows)
    assert answers == expected
    assert [answer[-1] for answer in answers[:3]] == [True, True, True]
    assert answers[4] == ("3", False) and "other" in answers[5][0] and answers[6] == ("2", False)
    sale = session.scalars(sa.select(Sale).where(Sale.external_id == "3")).one()
    assert sale.partner_id == rival.id


@pytest.mark.parametrize("name", ["R-2026-7", "in_1", "pi_1", "ch_1"])
@pytest.mark.parametrize("by", ["invoice", "external_id"])
def test_what_stripe_has_told_counts_once(acme: Any, name: str, by: str) -> None:
    """A list has Stripe's number of the invoice, its id, or that of a payment, as its own number or its invoice."""
    a_live_plan()
    record_sale(
        _row("in_1", acme, invoice="R-2026-7"), by=None, source="stripe", also_named=["in_1", "pi_1", "ch_1"]
    )
    is_known = by == "invoice" or name == "R-2026-7"
    rows = [
        _row("R-1", acme),
        _row("R-2", acme) | {by: name},
        _row("R-3", acme, lines=[a_line("licence", 99)]) | ({by: name} if name != "R-2026-7" else {}),
        _row("R-2", acme) | {by: name},
    ]
    answers, expected = _both(rows)
    assert answers == expected
    assert answers[1] == (("in_1", False) if is_known else (name, True))


def test_another_sum_under_the_same_number_is_another_sale(acme: Any) -> None:
    """Numbers of two channels may be the same by chance; only an invoice with another sum is refused."""
    a_live_plan()
    record_sale(_row("in_1", acme, invoice="7"), by=None, source="stripe")
    rows = [_row("7", acme, lines=[a_line("licence", 99)]), _row("8", acme, invoice="7", currency="USD")]
    answers, expected = _both(rows)
    assert answers == expected
    assert answers[0] == ("7", True) and "another sum" in answers[1][0]


def test_the_same_rows_again_change_nothing(acme: Any) -> None:
    a_live_plan()
    rows = [_row(str(number), acme) for number in range(5)]
    first = record_sales(rows, by=None, source="csv")
    before = _world()
    again = record_sales(rows, by=None, source="csv")
    assert [outcome.sale_id for outcome in again] == [outcome.sale_id for outcome in first]
    assert not any(outcome.is_new for outcome in again)
    assert _world() == before


def test_a_partner_cannot_record_many_either(ada: Any) -> None:
    with pytest.raises(Refusal, match="by the vendor"):
        record_sales([_row("1")], by=ada)


def test_more_than_is_taken_at_once_is_taken_in_parts(acme: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a_live_plan()
    monkeypatch.setattr(many, "AT_ONCE", 2)
    rows = [_row(str(number), acme) for number in range(5)]
    answers, expected = _both([*rows, rows[0]])
    assert answers == expected


def test_partners_that_sell_to_each_other_in_one_list_wait_for_a_person(acme: Any, rival: Any) -> None:
    """The second of two sales in a circle is held, as it is when they come one after another."""
    a_live_plan()
    acme.domain, rival.domain = "acme.example", "rival.example"
    make_referral_code(acme, "ACME-1", by=None)
    make_referral_code(rival, "RIVAL-1", by=None)
    to_acme = {"external_id": "cus_a", "name": "A", "country": "DE", "domain": "acme.example"}
    to_rival = {"external_id": "cus_r", "name": "R", "country": "DE", "domain": "rival.example"}
    rows = [
        _row("1", customer=to_acme, referral_code="RIVAL-1"),
        _row("2", customer=to_rival, referral_code="ACME-1"),
    ]
    answers, expected = _both(rows)
    assert answers == expected
    held = session.scalars(sa.select(Sale.held_because).order_by(Sale.id)).all()
    assert held == [None, "in_a_circle"]
