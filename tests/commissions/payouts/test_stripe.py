"""Paid through Stripe: whatever happens on the way, each payout is one transfer, and the books say what Stripe says."""

import time as real_time
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from commissions import ledger
from commissions.models import Payout, PayoutMethod, PayoutStatus, RunStatus, WebhookEvent
from commissions.operations import reconciliation
from commissions.operations.payouts import release_payout, retry_payout, start_sending, take_back
from core.activity import Activity
from core.database import session
from core.errors import Refusal
from partners.operations import reinstate_partner, suspend_partner
from tests.commissions.earnings import a_profile, an_approved_run, an_entry
from tests.commissions.payouts.stripe_server import FakeStripe, signed

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
        assert fake.odd_answers == []
        assert fake.refused == []


@pytest.fixture(autouse=True)
def _books_are_sound_afterwards(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "own_app" not in request.fixturenames:
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


def test_a_currency_that_stripe_counts_in_other_units_is_paid_to_the_unit(
    acme: Any, finn: Any, mona: Any, stripe: FakeStripe, run_jobs: Any
) -> None:
    stripe.an_account(f"acct_{acme.id}")
    a_profile(acme, PayoutMethod.STRIPE)
    an_entry(acme, 120_000, currency="ISK")
    run = an_approved_run(finn, mona, "ISK")
    start_sending(run, by=finn)
    run_jobs()
    payout = _now(run.payouts[0])
    # Stripe takes 120,000 krónur, which have no smaller unit, as 12,000,000.
    assert (payout.status, stripe.paid_out) == (PayoutStatus.PAID, 12_000_000)
    assert [str(one.verdict) for one in reconciliation.compare_with_stripe()] == ["matched"]
    take_back(payout, reason="Paid twice", by=finn)
    run_jobs()
    assert (_now(payout).status, stripe.paid_out) == (PayoutStatus.REVERSED, 0)


def test_what_was_on_its_way_waits_while_the_partner_is_suspended(
    sending: Any, acme: Any, mona: Any, stripe: FakeStripe, run_jobs: Any, time: Any
) -> None:
    payout = sending("429")
    run_jobs()
    suspend_partner(acme, reason="Looked into", by=mona)
    for _round in range(4):
        time.move(hours=6)
        run_jobs()
    assert (_now(payout).status, stripe.paid_out) == (PayoutStatus.SENDING, 0)
    reinstate_partner(acme, reason="All well", by=mona)
    time.move(minutes=30)
    run_jobs()
    assert (_now(payout).status, stripe.paid_out) == (PayoutStatus.PAID, 120_000)
    assert set(stripe.keys) == {f"payout-{payout.id}-1"}


def test_what_had_arrived_before_the_suspension_is_paid(
    sending: Any, acme: Any, mona: Any, stripe: FakeStripe, run_jobs: Any, time: Any
) -> None:
    payout = sending("drop_after", "drop_after")
    run_jobs()
    suspend_partner(acme, reason="Looked into", by=mona)
    time.move(minutes=20)
    run_jobs()
    assert (_now(payout).status, stripe.paid_out) == (PayoutStatus.PAID, 120_000)


def test_a_second_try_waits_for_the_end_of_a_suspension(
    sending: Any, acme: Any, finn: Any, mona: Any, stripe: FakeStripe, run_jobs: Any, browser: Any
) -> None:
    payout = sending("insufficient")
    run_jobs()
    assert _now(payout).status is PayoutStatus.FAILED
    suspend_partner(acme, reason="Looked into", by=mona)
    with pytest.raises(Refusal, match="suspended"):
        retry_payout(_now(payout), by=finn)
    browser.sign_in(finn).open(f"/staff/payouts/{payout.id}").sees("Acme is suspended.")
    assert "Send it once more" not in browser.buttons
    reinstate_partner(acme, reason="All well", by=mona)
    retry_payout(_now(payout), by=finn)
    run_jobs()
    assert _now(payout).status is PayoutStatus.PAID


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
    return signed(event, secret, at)


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

    stripe.remembers = False
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
    kept = session.scalars(sa.select(WebhookEvent.event_id).order_by(WebhookEvent.event_id))
    assert list(kept) == ["evt_1", "evt_2"]


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


def test_reconciliation_finds_what_nobody_told(app: Any, sending: Any, stripe: FakeStripe) -> None:
    from core.jobs import run_next

    stripe.remembers = False
    payout = sending("500_after")
    session.commit()
    with app.app_context():
        # Only what was asked for, not the nightly comparison.
        while run_next():
            pass
    session.expire_all()
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
    assert states == ["matched", "unknown_there"]


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


def test_what_stripe_never_told_is_fetched(
    sending: Any, stripe: FakeStripe, run_jobs: Any, time: Any, acme: Any
) -> None:
    """The address was away while Stripe told; within the hour the events are listed and handled."""
    from commissions.queries.earnings import Balance, balances

    payout = sending()
    run_jobs()
    stripe.reverse("tr_000001")
    time.move(minutes=61)
    run_jobs()
    assert _now(payout).status is PayoutStatus.REVERSED
    assert balances(acme) == [Balance("EUR", payable_minor=120_000)]


def test_nothing_is_sent_while_stripe_holds_too_little(
    sending: Any, stripe: FakeStripe, finn: Any, mona: Any
) -> None:
    stripe.balance = 119_999
    with pytest.raises(Refusal, match="Top the balance up"):
        sending()
    assert stripe.keys == []


def test_nothing_is_sent_while_stripe_knows_transfers_that_we_never_made(
    sending: Any, stripe: FakeStripe
) -> None:
    """A backup was restored that is older than the last run."""
    stripe.an_account("acct_lost")
    order = {"amount": "5", "currency": "eur", "destination": "acct_lost", "transfer_group": "payout_4711"}
    assert stripe._do("/v1/transfers", order)[0] == 200
    with pytest.raises(Refusal, match="Was a backup restored"):
        sending()


def test_a_key_that_stripe_forgot_pays_nobody_twice(
    sending: Any, stripe: FakeStripe, run_jobs: Any, time: Any
) -> None:
    """The transfer was made, the answer lost, the key forgotten: it is found by its group before any repetition."""
    stripe.remembers = False
    payout = sending("drop_after", "drop_after")
    stripe.forget_keys()
    run_jobs()
    stripe.forget_keys()
    time.move(hours=25)
    run_jobs()
    assert _now(payout).status is PayoutStatus.PAID
    assert stripe.paid_out == 120_000


def test_a_paid_transfer_is_taken_back_once_and_owed_again(
    sending: Any, stripe: FakeStripe, run_jobs: Any, finn: Any, acme: Any
) -> None:
    from commissions.operations.payouts import take_back
    from commissions.queries.earnings import Balance, balances

    payout = sending()
    run_jobs()
    take_back(_now(payout), reason="Sent to the wrong firm", by=finn)
    take_back(_now(payout), reason="Sent to the wrong firm", by=finn)
    run_jobs()
    assert _now(payout).status is PayoutStatus.REVERSED
    assert stripe.paid_out == 0
    assert balances(acme) == [Balance("EUR", payable_minor=120_000)]


def test_what_a_partner_has_spent_is_not_taken_back(
    sending: Any, stripe: FakeStripe, run_jobs: Any, finn: Any
) -> None:
    from commissions.operations.payouts import take_back

    payout = sending()
    run_jobs()
    stripe.accounts[payout.destination["account"]]["fake_balance"] = 0
    take_back(_now(payout), reason="Sent to the wrong firm", by=finn)
    run_jobs()
    assert _now(payout).status is PayoutStatus.PAID
    assert _now(payout).reason == "The account has spent it"


def test_trouble_at_a_partners_bank_is_told_and_forgotten_when_it_is_over(
    sending: Any, stripe: FakeStripe, run_jobs: Any, tell: Any, acme: Any, ada: Any, mails: Any
) -> None:
    from commissions.queries.payouts import profile_of

    sending()
    failed = stripe.tells("payout.failed", {"id": "po_1", "object": "payout", "failure_message": "No such account"},
                          f"acct_{acme.id}")  # fmt: skip
    assert tell(*_signed(failed)) == 200
    run_jobs()
    assert profile_of(acme).stripe_trouble == "No such account"  # type: ignore[union-attr]
    assert any("Stripe could not pay" in mail["subject"] for mail in mails(to=ada.email))
    paid = stripe.tells("payout.paid", {"id": "po_2", "object": "payout"}, f"acct_{acme.id}")
    tell(*_signed(paid))
    run_jobs()
    assert profile_of(acme).stripe_trouble is None  # type: ignore[union-attr]


def test_every_night_each_account_is_asked_how_it_is(
    sending: Any,
    stripe: FakeStripe,
    run_jobs: Any,
    time: Any,
    acme: Any,
    ada: Any,
    mails: Any,
    monkeypatch: Any,
) -> None:
    """What Stripe told of a connected account and nobody heard: found by asking, in batches, once."""
    from commissions.queries.payouts import profile_of
    from commissions.receivers import stripe_accounts

    monkeypatch.setattr(stripe_accounts, "BATCH", 1)
    payout = sending()
    run_jobs()
    account = payout.destination["account"]
    stripe.an_account(account, ready=False)
    stripe.pays_the_bank(account, "failed", "No such account")
    time.move(days=1)
    run_jobs()
    profile = profile_of(acme)
    assert profile is not None
    assert (profile.stripe_ready, profile.stripe_trouble) == (False, "No such account")
    stripe.pays_the_bank(account, "in_transit")
    time.move(days=1)
    run_jobs()
    assert profile_of(acme).stripe_trouble == "No such account"  # type: ignore[union-attr]
    stripe.pays_the_bank(account, "paid")
    stripe.an_account(account)
    time.move(days=1)
    run_jobs()
    profile = profile_of(acme)
    assert profile is not None
    assert (profile.stripe_ready, profile.stripe_trouble) == (True, None)
    assert len([mail for mail in mails(to=ada.email) if "Stripe could not pay" in mail["subject"]]) == 1
    assert stripe.odd_answers == []
    assert stripe.refused == []


def test_an_account_that_left_is_not_ready(
    sending: Any, stripe: FakeStripe, run_jobs: Any, time: Any, acme: Any
) -> None:
    from commissions.queries.payouts import profile_of

    payout = sending()
    run_jobs()
    del stripe.accounts[payout.destination["account"]]
    time.move(days=1)
    run_jobs()
    assert profile_of(acme).stripe_ready is False  # type: ignore[union-attr]


def test_an_event_of_a_foreign_account_changes_nothing_and_is_written_down(
    stripe: FakeStripe, run_jobs: Any, tell: Any
) -> None:
    tell(
        *_signed(stripe.tells("account.updated", {"id": "acct_foreign", "object": "account"}, "acct_foreign"))
    )
    run_jobs()
    assert (
        session.scalar(sa.select(Activity.id).where(Activity.verb == "event of a foreign account"))
        is not None
    )
    assert not any("/v1/accounts" in call for call in stripe.calls)


def test_a_live_installation_hears_live_events_only(stripe: FakeStripe, app: Any, tell: Any) -> None:
    app.config["STRIPE_API_KEY"] = "sk_live_x"
    assert tell(*_signed({**_event("ping", {}, "evt_live"), "livemode": True})) == 200
    assert tell(*_signed(_event("ping", {}, "evt_test"))) == 200
    app.config["STRIPE_API_KEY"] = "sk_test_x"
    assert list(session.scalars(sa.select(WebhookEvent.event_id))) == ["evt_live"]


def test_every_order_of_events_about_a_payout_ends_in_the_same_state(
    sending: Any, stripe: FakeStripe, run_jobs: Any, tell: Any, acme: Any
) -> None:
    """Created, updated, reversed: late, twice and in any order; the transfer's own facts count."""
    import itertools

    from commissions.queries.earnings import Balance, balances

    stripe.remembers = False
    payout = sending()
    run_jobs()
    stripe.reverse("tr_000001")
    kinds = ("transfer.created", "transfer.updated", "transfer.reversed")
    for number, order in enumerate(itertools.permutations(kinds)):
        for kind in (*order, order[0]):
            tell(*_signed(_event(kind, {"id": "tr_000001", "object": "transfer"}, f"evt_{number}_{kind}")))
        run_jobs()
        assert _now(payout).status is PayoutStatus.REVERSED
        assert balances(acme) == [Balance("EUR", payable_minor=120_000)]


def test_no_transaction_is_open_while_stripe_is_asked(own_app: Any) -> None:
    """Whoever asks holds no connection: neither a lock nor a place in the queue."""
    from commissions.operations.webhooks import store_event
    from core.database import current_database, transaction
    from core.jobs import run_until_idle
    from tests import cast
    from tests.people import Role

    with FakeStripe() as fake, own_app.app_context():
        own_app.config.update(STRIPE_API_KEY="sk_test_x", STRIPE_API_BASE=fake.url)
        held: list[str] = []
        pool = current_database().engine.pool

        def look() -> None:
            if pool.checkedout():  # type: ignore[attr-defined]
                held.append(fake.calls[-1] if fake.calls else "the first call")

        fake.while_asked = look
        with transaction():
            from partners import operations

            operations.set_up_programme(by=None)
            acme = cast.a_partner("Acme", tier="gold", country="DE")
            finn, mona = cast.a_user("Finn", Role.FINANCE), cast.a_user("Mona", Role.PARTNER_MANAGER)
            fake.an_account(f"acct_{acme.id}")
            a_profile(acme, PayoutMethod.STRIPE)
            an_entry(acme, 120_000)
            run_id = an_approved_run(finn, mona).id
        with transaction():
            from accounts.models import User
            from commissions.models import PayoutRun

            finn = session.scalars(sa.select(User).where(User.role == Role.FINANCE)).one()
            start_sending(session.get_one(PayoutRun, run_id), by=finn)
        run_until_idle()
        with transaction():
            for event in fake.events:
                store_event(event)
        with transaction():
            reconciliation.compare_with_stripe()
        run_until_idle()
        assert fake.paid_out == 120_000
        assert len(fake.calls) >= 6
        assert held == []
