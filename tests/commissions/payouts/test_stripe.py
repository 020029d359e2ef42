"""Paid through Stripe: whatever happens on the way, each payout is one transfer, and the books say what Stripe says."""

import hashlib
import hmac
import json
import time as real_time
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from commissions import ledger
from commissions.models import Payout, PayoutMethod, PayoutStatus, RunStatus, WebhookEvent
from commissions.operations import reconciliation
from commissions.operations.payouts import release_payout, retry_payout, start_sending
from core.activity import Activity
from core.database import session
from core.errors import Refusal
from tests.commissions.earnings import a_profile, an_approved_run, an_entry
from tests.commissions.payouts.stripe_server import FakeStripe

SECRET = "whsec_the_new_one"


@pytest.fixture
def stripe(app: Any) -> Iterator[FakeStripe]:
    with FakeStripe() as fake:
        before = {
            name: app.config[name] for name in ("STRIPE_API_KEY", "STRIPE_API_BASE", "STRIPE_WEBHOOK_SECRET")
        }
        app.config.update(
            STRIPE_API_KEY="sk_test_x",
            STRIPE_API_BASE=fake.url,
            STRIPE_WEBHOOK_SECRET=f"{SECRET} whsec_the_old_one",
        )
        yield fake
        app.config.update(before)


@pytest.fixture(autouse=True)
def _books_are_sound_afterwards() -> Iterator[None]:
    yield
    assert not ledger.audit()


@pytest.fixture
def sending(acme: Any, finn: Any, mona: Any, stripe: FakeStripe) -> Any:
    """A run with one payout of 1,200.00 to Acme's Stripe account that has begun to be sent, as its payout."""

    def send(*faults: str) -> Payout:
        stripe.an_account(f"acct_{acme.id}")
        stripe.faults.extend(faults)
        a_profile(acme, PayoutMethod.STRIPE)
        an_entry(acme, 120_000)
        run = an_approved_run(finn, mona)
        start_sending(run, by=finn)
        return run.payouts[0]

    return send


def _now(payout: Payout) -> Payout:
    return session.get_one(Payout, payout.id, populate_existing=True)


def test_a_payout_is_one_transfer(sending: Any, stripe: FakeStripe, run_jobs: Any) -> None:
    payout = sending()
    assert payout.status is PayoutStatus.SENDING
    run_jobs()
    payout = _now(payout)
    assert payout.status is PayoutStatus.PAID
    assert payout.run.status is RunStatus.DONE
    assert stripe.paid_out == 120_000
    assert stripe.keys == [f"payout-{payout.id}-1"]


@pytest.mark.parametrize("fault", ["drop_after", "500_after"])
def test_a_transfer_that_was_made_before_the_line_broke_is_found_and_not_repeated(
    sending: Any, stripe: FakeStripe, run_jobs: Any, time: Any, fault: str
) -> None:
    payout = sending(fault, fault)
    run_jobs()
    assert _now(payout).status in {PayoutStatus.UNKNOWN, PayoutStatus.PAID}
    time.move(minutes=3)
    run_jobs()
    assert _now(payout).status is PayoutStatus.PAID
    assert stripe.paid_out == 120_000
    assert len(set(stripe.keys)) == 1


@pytest.mark.parametrize("fault", ["drop_before", "500_before"])
def test_a_payout_nobody_knows_is_sent_again_under_the_same_key(
    sending: Any, stripe: FakeStripe, run_jobs: Any, time: Any, fault: str
) -> None:
    payout = sending(fault, fault)
    run_jobs()
    assert _now(payout).status is PayoutStatus.UNKNOWN
    assert _now(payout).reason
    for _round in range(5):
        time.move(minutes=3)
        run_jobs()
    assert _now(payout).status is PayoutStatus.PAID
    assert stripe.paid_out == 120_000
    assert set(stripe.keys) == {f"payout-{payout.id}-1"}


@pytest.mark.parametrize("fault", ["429", "409"])
def test_stripe_asks_for_patience_and_gets_it(
    sending: Any, stripe: FakeStripe, run_jobs: Any, time: Any, fault: str
) -> None:
    payout = sending(fault)
    run_jobs()
    assert _now(payout).status is PayoutStatus.SENDING
    time.move(minutes=3)
    run_jobs()
    assert _now(payout).status is PayoutStatus.PAID
    assert stripe.paid_out == 120_000


def test_a_definite_no_is_a_failure_and_a_second_try_has_a_new_key(
    sending: Any, stripe: FakeStripe, run_jobs: Any, finn: Any
) -> None:
    payout = sending("insufficient")
    run_jobs()
    payout = _now(payout)
    assert payout.status is PayoutStatus.FAILED
    assert payout.reason == "Insufficient funds"
    assert payout.run.status is RunStatus.PARTLY_SENT
    retry_payout(payout, by=finn)
    run_jobs()
    assert _now(payout).status is PayoutStatus.PAID
    assert stripe.keys == [f"payout-{payout.id}-1", f"payout-{payout.id}-2"]


def test_what_failed_can_be_given_up_once(sending: Any, run_jobs: Any, finn: Any, acme: Any) -> None:
    from commissions.queries.earnings import Balance, balances

    payout = sending("insufficient")
    run_jobs()
    release_payout(_now(payout), by=finn)
    assert balances(acme) == [Balance("EUR", payable_minor=120_000)]
    assert _now(payout).run.status is RunStatus.DONE
    with pytest.raises(Refusal):
        release_payout(_now(payout), by=finn)
    with pytest.raises(Refusal):
        retry_payout(_now(payout), by=finn)


def test_nobody_decides_by_hand_what_stripe_decides(sending: Any, finn: Any) -> None:
    from commissions.operations.payouts import declare_not_sent, fail_by_hand, pay_by_hand

    payout = sending()
    for deed in (
        lambda: fail_by_hand(payout, reason="I think so", by=finn),
        lambda: pay_by_hand(payout, reference="x", by=finn),
        lambda: declare_not_sent(payout, reason="I think so", by=finn),
    ):
        with pytest.raises(Refusal):
            deed()


def test_after_a_day_nothing_is_repeated_and_a_person_decides(
    sending: Any, stripe: FakeStripe, run_jobs: Any, time: Any, finn: Any
) -> None:
    from commissions.operations.payouts import declare_not_sent

    payout = sending("drop_before", "drop_before")
    run_jobs()
    time.move(hours=24)
    run_jobs()
    assert _now(payout).status is PayoutStatus.UNKNOWN
    assert stripe.paid_out == 0
    declare_not_sent(_now(payout), reason="Looked into Stripe's pages", by=finn)
    retry_payout(_now(payout), by=finn)
    run_jobs()
    assert _now(payout).status is PayoutStatus.PAID
    assert stripe.paid_out == 120_000


def test_a_job_that_runs_twice_sends_once(sending: Any, stripe: FakeStripe, run_jobs: Any) -> None:
    from commissions.receivers.payouts import send_payout
    from core.jobs import Job

    payout = sending()
    order = session.scalars(sa.select(Job).where(Job.kind == "commissions.send-payout")).one().payload
    run_jobs()
    send_payout(order)
    assert stripe.paid_out == 120_000
    assert _now(payout).status is PayoutStatus.PAID


def _signed(event: dict[str, Any], secret: str = SECRET, at: float | None = None) -> tuple[bytes, str]:
    body = json.dumps(event).encode()
    stamp = int(at if at is not None else real_time.time())
    mark = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={stamp},v1={mark}"


@pytest.fixture
def tell(app: Any) -> Any:
    """Posts to the inbox as Stripe does; answers the status."""

    def post(body: bytes, signature: str | None) -> int:
        session.commit()
        headers = {"Stripe-Signature": signature} if signature is not None else {}
        with app.app_context():
            answer = app.test_client().post("/webhooks/stripe", data=body, headers=headers)
        session.expire_all()
        return int(answer.status_code)

    return post


def _event(kind: str, thing: dict[str, Any], name: str = "evt_1") -> dict[str, Any]:
    return {"id": name, "object": "event", "type": kind, "livemode": False, "data": {"object": thing}}


def test_a_reversal_at_stripe_comes_back_to_the_balance_in_any_order_and_once(
    sending: Any, stripe: FakeStripe, run_jobs: Any, tell: Any, acme: Any
) -> None:
    from commissions.queries.earnings import Balance, balances

    payout = sending()
    run_jobs()
    stripe.reverse("tr_000001")
    for name, kind in (
        ("evt_2", "transfer.reversed"),
        ("evt_1", "transfer.created"),
        ("evt_2", "transfer.reversed"),
    ):
        assert tell(*_signed(_event(kind, {"id": "tr_000001", "object": "transfer"}, name))) == 200
    run_jobs()
    assert _now(payout).status is PayoutStatus.REVERSED
    assert balances(acme) == [Balance("EUR", payable_minor=120_000)]
    assert session.scalar(sa.select(sa.func.count()).select_from(WebhookEvent)) == 2


def test_a_web_hook_tells_what_a_lost_answer_did_not(
    sending: Any, stripe: FakeStripe, run_jobs: Any, tell: Any
) -> None:
    payout = sending("drop_after", "drop_after")
    run_jobs()
    tell(*_signed(_event("transfer.created", {"id": "tr_000001", "object": "transfer"})))
    run_jobs()
    assert _now(payout).status is PayoutStatus.PAID
    assert stripe.paid_out == 120_000


def test_the_old_secret_is_good_while_it_is_replaced(stripe: FakeStripe, tell: Any) -> None:
    assert tell(*_signed(_event("ping", {}), secret="whsec_the_old_one")) == 200


def _bad_ones() -> dict[str, tuple[bytes, str | None]]:
    good, mark = _signed(_event("ping", {}))
    now = real_time.time()
    old, mark_of_old = _signed(_event("ping", {}), at=now - 400)
    return {
        "unsigned": (good, None),
        "garbage": (good, "nonsense"),
        "changed": (good + b" ", mark),
        "by somebody else": _signed(_event("ping", {}), secret="whsec_other"),
        "old": (old, mark_of_old),
        "from the future": _signed(_event("ping", {}), at=now + 400),
        "with a second time": (old, f"{mark_of_old},t={int(now)}"),
        "not UTF-8": (b"\xff\xfe", mark),
        "not an event": _signed({"object": "v2.core.event", "id": "x", "type": "y"}),
        "empty": (b"", mark),
    }


@pytest.mark.parametrize("kind", list(_bad_ones()))
def test_what_stripe_did_not_sign_just_now_is_refused_and_not_stored(
    stripe: FakeStripe, tell: Any, kind: str
) -> None:
    assert tell(*_bad_ones()[kind]) == 400
    assert session.scalar(sa.select(sa.func.count()).select_from(WebhookEvent)) == 0
    assert (
        session.scalar(sa.select(Activity.verb).order_by(Activity.id.desc()).limit(1)) == "webhook rejected"
    )


def test_a_live_event_in_a_test_installation_is_ignored(stripe: FakeStripe, tell: Any) -> None:
    assert tell(*_signed({**_event("ping", {}), "livemode": True})) == 200
    assert session.scalar(sa.select(sa.func.count()).select_from(WebhookEvent)) == 0


def test_reconciliation_finds_what_nobody_told(
    sending: Any, stripe: FakeStripe, run_jobs: Any, time: Any
) -> None:
    payout = sending("500_after")
    run_jobs()
    assert [finding.state for finding in reconciliation.compare_with_stripe(days=100_000 // 24)] == [
        "settled"
    ]
    assert _now(payout).status is PayoutStatus.PAID
    stripe.transfers["tr_9"] = {
        **stripe.transfers["tr_000001"],
        "id": "tr_9",
        "transfer_group": "somebody else's",
    }
    states = sorted(finding.state for finding in reconciliation.compare_with_stripe(days=100_000 // 24))
    assert states == ["matched", "missing"]


def test_an_account_at_stripe_is_ready_when_stripe_says_so(
    stripe: FakeStripe, app: Any, ada: Any, acme: Any
) -> None:
    from commissions.queries.payouts import profile_of
    from tests.browser import Browser

    browser = Browser(app).sign_in(ada)
    browser.open("/payout-profile")
    session.commit()
    with app.app_context():
        answer = browser.client.post(
            "/payout-profile/stripe-connection",
            data={
                "csrf_token": next(
                    one.get("value") for one in browser.page.iter("input") if one.get("name") == "csrf_token"
                )
            },
        )
    session.expire_all()
    assert answer.headers["Location"].startswith(f"{stripe.url}/questions/acct_")
    profile = profile_of(acme)
    assert profile is not None and not profile.stripe_ready
    browser.open("/payout-profile/stripe-return")
    assert browser.sees("Stripe still has questions")
    stripe.an_account(str(profile.stripe_account))
    browser.open("/payout-profile/stripe-return")
    assert browser.sees("ready to be paid to")


def test_production_talks_to_stripe_alone() -> None:
    from commissions.gateways.stripe import NotSetUp, check_configuration

    config = {"STRIPE_API_KEY": "sk_live_x", "STRIPE_API_BASE": "http://127.0.0.1:1", "KIND": "production"}
    with pytest.raises(NotSetUp):
        check_configuration(config)
    check_configuration({**config, "STRIPE_API_BASE": "https://api.stripe.com"})
    with pytest.raises(NotSetUp):
        check_configuration({**config, "STRIPE_API_BASE": "https://api.stripe.com", "KIND": "demo"})
