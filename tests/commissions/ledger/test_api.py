"""The books over the API: each key sees its own partner, the vendor's all."""

from datetime import timedelta
from typing import Any

import pytest

from commissions import ledger
from commissions.models import EntryKind
from commissions.operations.profiles import set_tax_rates
from commissions.operations.statements import bounds_of, issue_due_statements
from tests.commissions.earnings import a_profile, an_approved_run, an_entry


@pytest.fixture(autouse=True)
def _books_are_sound_afterwards() -> Any:
    yield
    assert not ledger.audit()


def test_a_balance_has_the_fixed_shape(acme: Any, machine: Any) -> None:
    entry = an_entry(acme, 5_800, available_in=30)
    answer = machine("balances:read").get(f"/partners/{acme.id}/balance")
    assert answer.status_code == 200
    assert answer.json == {
        "partner_id": str(acme.id),
        "as_of": entry.received_at.isoformat().replace("+00:00", "Z"),
        "balances": [
            {
                "currency": "EUR",
                "held_minor": 5800,
                "payable_minor": 0,
                "in_run_minor": 0,
                "paid_minor": 0,
                "total_minor": 5800,
            }
        ],
    }


def test_a_balance_is_answered_as_of_any_moment(acme: Any, machine: Any) -> None:
    entry = an_entry(acme, 5_800, available_in=30)
    asking = machine("balances:read")

    def at(moment: Any) -> Any:
        text = moment.isoformat().replace("+00:00", "Z")
        return asking.get(f"/partners/{acme.id}/balance?as_of={text}").json["balances"]

    assert at(entry.received_at - timedelta(seconds=1)) == []
    assert at(entry.received_at)[0]["held_minor"] == 5_800
    assert at(entry.available_at - timedelta(seconds=1))[0]["held_minor"] == 5_800
    assert at(entry.available_at)[0]["payable_minor"] == 5_800


def test_an_unreadable_moment_is_refused(acme: Any, machine: Any) -> None:
    for text in ("yesterday", "2026-03-02T09:00:00"):
        assert machine("balances:read").get(f"/partners/{acme.id}/balance?as_of={text}").status_code == 422


def test_lines_are_paged_by_cursor(acme: Any, machine: Any) -> None:
    entries = [an_entry(acme, 100 + number) for number in range(3)]
    asking = machine("balances:read")
    first = asking.get(f"/partners/{acme.id}/entries?limit=2").json
    assert [item["id"] for item in first["items"]] == [str(entry.id) for entry in entries[:2]]
    second = asking.get(f"/partners/{acme.id}/entries?limit=2&after={first['next']}").json
    assert [item["amount_minor"] for item in second["items"]] == [102]
    assert second["next"] is None
    assert second["items"][0]["state"] == "payable"


def test_a_line_that_was_taken_back_whole_says_so(acme: Any, machine: Any) -> None:
    whole, part = an_entry(acme, 100), an_entry(acme, 200)
    for line, taken_back in ((whole, 60), (whole, 40), (part, 199)):
        an_entry(acme, -taken_back, kind=EntryKind.REVERSAL, corrects_id=line.id)
    items = machine("balances:read").get(f"/partners/{acme.id}/entries").json["items"]
    assert [item["amount_minor"] for item in items if item["is_reversed"]] == [100]
    assert {item["state"] for item in items} == {"payable"}


def test_statements_are_listed_and_read_with_their_lines(acme: Any, machine: Any, time: Any) -> None:
    an_entry(acme, 5_800)
    time.move_to(bounds_of("2026-03")[1])
    (statement,) = issue_due_statements()
    asking = machine("balances:read")
    listed = asking.get(f"/partners/{acme.id}/statements").json["items"]
    assert [item["number"] for item in listed] == [statement.number]
    whole = asking.get(f"/partners/{acme.id}/statements/{statement.number}").json
    assert [line["amount_minor"] for line in whole["lines"]] == [5_800]
    assert asking.get(f"/partners/{acme.id}/statements/nothing").status_code == 404


def test_a_run_and_its_payouts_are_read(acme: Any, finn: Any, mona: Any, machine: Any) -> None:
    a_profile(acme)
    entry = an_entry(acme, 60_000)
    run = an_approved_run(finn, mona)
    asking = machine("payouts:read")
    answer = asking.get(f"/payout-runs/{run.id}").json
    assert (answer["status"], answer["total_minor"], answer["digest"]) == ("approved", 60_000, run.digest)
    assert answer["payouts"][0]["entry_ids"] == [str(entry.id)]
    payout = asking.get(f"/payouts/{answer['payouts'][0]['id']}").json
    assert payout["destination"].endswith(("3000", "4300", "3201", "2606"))
    assert "DE89" not in str(payout)


def test_taxes_and_fees_of_a_payout_are_read(acme: Any, finn: Any, mona: Any, machine: Any) -> None:
    set_tax_rates(a_profile(acme), vat_bp=1900, withholding_bp=500, by=finn)
    an_entry(acme, 10_000)
    run = an_approved_run(finn, mona)
    asking = machine("payouts:read")
    for said in (
        asking.get(f"/payouts/{run.payouts[0].id}").json,
        asking.get(f"/payout-runs/{run.id}").json,
    ):
        parts = [said[name] for name in ("vat_minor", "withheld_minor", "fee_minor", "net_minor")]
        assert parts == [1_900, 500, 0, 11_400]


def test_each_line_of_a_payout_says_its_vat(acme: Any, finn: Any, mona: Any, machine: Any) -> None:
    set_tax_rates(a_profile(acme), vat_bp=1950, withholding_bp=0, by=finn)
    service = an_entry(acme, 10_001)
    costs = an_entry(acme, 5_000, kind=EntryKind.REIMBURSEMENT)
    run = an_approved_run(finn, mona)
    asking = machine("payouts:read")
    said = asking.get(f"/payouts/{run.payouts[0].id}").json
    assert said["lines"] == [
        {"entry_id": str(service.id), "amount_minor": 10_001, "vat_percent": "19.5", "vat_minor": 1_950},
        {"entry_id": str(costs.id), "amount_minor": 5_000, "vat_percent": "0", "vat_minor": 0},
    ]
    assert said["entry_ids"] == [line["entry_id"] for line in said["lines"]]
    assert asking.get(f"/payout-runs/{run.id}").json["payouts"][0]["lines"] == said["lines"]
    described = asking.get("/openapi.json").json["components"]["schemas"]["PayoutLine"]["properties"]
    assert set(described) == {"entry_id", "amount_minor", "vat_percent", "vat_minor"}


@pytest.mark.parametrize("scope", ["leads:read", "sales:write"])
def test_another_scope_does_not_open_the_books(acme: Any, machine: Any, scope: str) -> None:
    asking = machine(scope)
    assert asking.get(f"/partners/{acme.id}/balance").status_code == 403
    assert asking.get("/payout-runs/1").status_code == 403


def test_a_partners_key_sees_its_own_money_and_nobody_elses(
    app: Any, acme: Any, rival: Any, finn: Any, mona: Any
) -> None:
    from partners.operations.members import make_partner_key
    from tests.conftest import Machine

    a_profile(acme)
    an_entry(acme, 60_000)
    run = an_approved_run(finn, mona)
    _key, secret = make_partner_key(rival, name="Rival's", scopes=["balances:read"], by=None)
    asking = Machine(app, secret)
    assert asking.get(f"/partners/{rival.id}/balance").status_code == 200
    for path in (
        f"/partners/{acme.id}/balance",
        f"/partners/{acme.id}/entries",
        f"/partners/{acme.id}/statements",
        "/partners/x/balance",
    ):
        assert asking.get(path).status_code == 404, path
    for path in (f"/payouts/{run.payouts[0].id}", f"/payout-runs/{run.id}"):
        assert asking.get(path).status_code == 403, path
