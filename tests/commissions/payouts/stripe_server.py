"""A small Stripe of our own on loopback: keeps state, counts money, honours idempotency keys, fails on demand.

Every request is held against the installed package's types and Stripe's published document, and is answered 400 when
either would not take it. Every answer is held against the document as well; :attr:`FakeStripe.odd_answers` must stay
empty.
"""

import hashlib
import hmac
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.commissions.payouts.stripe_document import NotTaken, check_request, problem_of_answer, unfolded

Answer = tuple[int, dict[str, Any]]


class FakeStripe:
    """Connected accounts, a balance, transfers, reversals and events.

    ``faults`` are taken one a request to create a transfer (or, as ``("POST", path)`` in ``faults_of``, one a request
    there): ``drop_before``, ``drop_after`` (the connection is cut, before or after the deed), ``500_before``,
    ``500_after``, ``429``, ``409``, ``insufficient``.
    """

    def __init__(self) -> None:
        self.balance = 10**9
        self.transfers: dict[str, dict[str, Any]] = {}
        self.payments: dict[str, list[dict[str, Any]]] = {}
        self.reversals: dict[str, dict[str, Any]] = {}
        self.accounts: dict[str, dict[str, Any]] = {}
        #: The invoices that a payment intent paid, and what each got.
        self.paid_invoices: dict[str, dict[str, int]] = {}
        #: All lines of an invoice, which its event tells a part of.
        self.invoice_lines: dict[str, list[dict[str, Any]]] = {}
        self.events: list[dict[str, Any]] = []
        #: Whether what happens can be listed afterwards.
        self.remembers = True
        self.faults: deque[str] = deque()
        self.faults_of: dict[tuple[str, str], deque[str]] = {}
        self.kept: dict[str, tuple[dict[str, Any], int, dict[str, Any]]] = {}
        self.keys: list[str] = []
        self.calls: list[str] = []
        self.refused: list[str] = []
        self.odd_answers: list[str] = []
        #: Called at each request, while whoever asks is waiting.
        self.while_asked: Callable[[], None] | None = None
        self.lock = threading.Lock()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                return

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                self._answer(
                    "GET",
                    parts.path,
                    owner.handle("GET", parts.path, parts.query, None, self.headers.get("Stripe-Account")),
                )

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                key = self.headers.get("Idempotency-Key")
                self._answer("POST", self.path, owner.handle("POST", self.path, body, key))

            def _answer(self, method: str, path: str, answer: Answer | None) -> None:
                if answer is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                status, body = answer
                if status == 200:
                    problem = problem_of_answer(method, path, body)
                    if problem is not None:
                        owner.odd_answers.append(problem)
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                if status in {409, 429, 500}:
                    self.send_header("Stripe-Should-Retry", "false")
                self.end_headers()
                self.wfile.write(content)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> "FakeStripe":
        self.thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(timeout=5)

    def handle(
        self, method: str, path: str, encoded: str, key: str | None, account: str | None = None
    ) -> Answer | None:
        """One request, as Stripe would take it, for the platform or one ``account``; ``None`` cuts the line."""
        if self.while_asked is not None:
            self.while_asked()
        data = unfolded(encoded)
        self.calls.append(f"{method} {path}")
        try:
            check_request(method, path, data)
        except NotTaken as problem:
            self.refused.append(str(problem))
            return _error(400, "parameter_unknown", str(problem))
        with self.lock:
            fault = self._fault(method, path)
            if fault == "drop_before":
                return None
            if fault in {"429", "409", "500_before"}:
                return _error(int(fault[:3]), "fault", "Not now")
            if method == "GET":
                return self._get(path, data) if account is None else self._get_of(account, path, data)
            if path == "/v1/transfers" and key:
                self.keys.append(key)
            answer = self._once(path, data, key, fault)
            if fault == "drop_after":
                return None
            return _error(500, "fault", "Broken") if fault == "500_after" else answer

    def _fault(self, method: str, path: str) -> str:
        waiting = self.faults if (method, path) == ("POST", "/v1/transfers") else None
        waiting = waiting or self.faults_of.get((method, path))
        return waiting.popleft() if waiting else ""

    def _once(self, path: str, data: dict[str, Any], key: str | None, fault: str) -> Answer:
        """A key that came before is answered as then, or refused when it asks for something else."""
        if key is not None and key in self.kept:
            first, status, answer = self.kept[key]
            same = first == {"path": path, **data}
            return (status, answer) if same else _error(400, "idempotency_error", "Other parameters")
        if fault == "insufficient":
            made = _error(400, "balance_insufficient", "Insufficient funds")
        else:
            made = self._do(path, data)
        if key is not None and not (made[0] == 400 and made[1]["error"]["code"] == "parameter_unknown"):
            self.kept[key] = ({"path": path, **data}, *made)
        return made

    def forget_keys(self) -> None:
        """What Stripe does a day later."""
        self.kept.clear()

    # What is asked

    def _get(self, path: str, data: dict[str, Any]) -> Answer:
        if path == "/v1/transfers":
            return self._page(path, [one for one in self.transfers.values() if _fits(one, data)], data)
        if path == "/v1/events":
            wanted = [one for one in self.events if _fits(one, data) and one["type"] in data.get("types", ())]
            return self._page(path, wanted, data)
        if path == "/v1/invoice_payments":
            payment = data["payment"]
            paid = self.paid_invoices.get(payment["payment_intent"], {})
            rows = [_payment_of(invoice, amount, payment) for invoice, amount in paid.items()]
            return self._page(path, rows, data)
        if path.startswith("/v1/invoices/"):
            name = path.split("/")[3]
            return self._page(path, list(reversed(self.invoice_lines[name])), data)
        if path == "/v1/balance":
            amounts = [{"amount": self.balance, "currency": code} for code in ("eur", "usd", "isk")]
            nothing = [{"amount": 0, "currency": "eur"}]
            balance = {"object": "balance", "livemode": False, "available": amounts, "pending": nothing}
            return 200, balance
        kind, _slash, name = path.removeprefix("/v1/").partition("/")
        things = {"transfers": self.transfers, "accounts": self.accounts}
        thing = things.get(kind, {}).get(name)
        return (200, thing) if thing is not None else _error(404, "resource_missing", "No such thing")

    def _get_of(self, account: str, path: str, data: dict[str, Any]) -> Answer:
        """What an account is asked itself: its payments to its own bank."""
        assert path == "/v1/payouts"
        if account not in self.accounts:
            return _error(404, "resource_missing", "No such account")
        return self._page(path, self.payments.get(account, []), data)

    @staticmethod
    def _page(path: str, found: list[dict[str, Any]], data: dict[str, Any]) -> Answer:
        newest = list(reversed(found))
        after = data.get("starting_after")
        if after is not None:
            newest = newest[[one["id"] for one in newest].index(after) + 1 :]
        most = int(data.get("limit", 10))
        return 200, {"object": "list", "data": newest[:most], "has_more": len(newest) > most, "url": path}

    # What is done

    def _do(self, path: str, data: dict[str, Any]) -> Answer:
        if path == "/v1/transfers":
            return self._transfer(data)
        if path == "/v1/accounts":
            return 200, self.accounts[self.an_account(f"acct_{len(self.accounts) + 1:06}", ready=False)]
        if path == "/v1/account_links":
            now = int(time.time())
            url = f"{self.url}/questions/{data['account']}"
            return 200, {"object": "account_link", "url": url, "created": now, "expires_at": now + 300}
        return self._reversal(path.split("/")[3], data)

    def _transfer(self, data: dict[str, Any]) -> Answer:
        amount = int(data["amount"])
        account = self.accounts.get(data["destination"], {})
        if account.get("capabilities", {}).get("transfers") != "active":
            return _error(
                400, "insufficient_capabilities_for_transfer", "The account cannot receive transfers"
            )
        if amount > self.balance:
            return _error(400, "balance_insufficient", "Insufficient funds")
        self.balance -= amount
        account["fake_balance"] = account.get("fake_balance", 0) + amount
        name = f"tr_{len(self.transfers) + 1:06}"
        self.transfers[name] = {
            "id": name,
            "object": "transfer",
            "amount": amount,
            "amount_reversed": 0,
            "balance_transaction": f"txn_{name}",
            "created": int(time.time()),
            "currency": data["currency"],
            "description": data.get("description"),
            "destination": data["destination"],
            "livemode": False,
            "metadata": data.get("metadata", {}),
            "reversals": {
                "object": "list", "data": [], "has_more": False, "url": f"/v1/transfers/{name}/reversals",
            },
            "reversed": False,
            "source_transaction": None,
            "source_type": "card",
            "transfer_group": data.get("transfer_group"),
        }  # fmt: skip
        self._happened("transfer.created", self.transfers[name])
        return 200, self.transfers[name]

    def _reversal(self, name: str, data: dict[str, Any]) -> Answer:
        transfer = self.transfers.get(name)
        if transfer is None:
            return _error(404, "resource_missing", "No such transfer")
        amount = int(data.get("amount", transfer["amount"] - transfer["amount_reversed"]))
        account = self.accounts[transfer["destination"]]
        if amount > transfer["amount"] - transfer["amount_reversed"] or amount > account["fake_balance"]:
            return _error(400, "balance_insufficient", "The account has spent it")
        account["fake_balance"] -= amount
        self.balance += amount
        transfer["amount_reversed"] += amount
        transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
        made = {
            "id": f"trr_{len(self.reversals) + 1:06}", "object": "transfer_reversal", "amount": amount,
            "balance_transaction": None, "created": int(time.time()), "currency": transfer["currency"],
            "destination_payment_refund": None, "metadata": data.get("metadata", {}), "source_refund": None,
            "transfer": name,
        }  # fmt: skip
        self.reversals[made["id"]] = made
        self._happened("transfer.reversed", transfer)
        return 200, made

    def _happened(self, kind: str, thing: dict[str, Any], account: str | None = None) -> dict[str, Any]:
        event = {
            "id": f"evt_{len(self.events) + 1:06}", "object": "event", "api_version": None,
            "created": int(time.time()), "data": {"object": dict(thing)}, "livemode": False,
            "pending_webhooks": 1, "request": None, "type": kind, **({"account": account} if account else {}),
        }  # fmt: skip
        if self.remembers:
            self.events.append(event)
        return event

    # What tests do

    def an_account(self, name: str, *, ready: bool = True) -> str:
        state = "active" if ready else "inactive"
        self.accounts[name] = {"id": name, "object": "account", "capabilities": {"transfers": state}}
        return name

    def pays_the_bank(self, account: str, status: str, trouble: str | None = None) -> None:
        """Stripe pays an account out to its own bank, and tells nobody."""
        some = self.payments.setdefault(account, [])
        now = int(time.time())
        some.append(
            {
                "id": f"po_{len(some) + 1:06}", "object": "payout", "amount": 100, "application_fee": None,
                "application_fee_amount": None, "arrival_date": now, "automatic": True, "balance_transaction": None,
                "created": now, "currency": "eur", "description": None, "destination": None,
                "failure_balance_transaction": None, "failure_code": None, "failure_message": trouble,
                "livemode": False, "metadata": {}, "method": "standard", "original_payout": None,
                "payout_method": None, "reconciliation_status": "not_applicable", "reversed_by": None,
                "source_type": "card", "statement_descriptor": None, "status": status, "trace_id": None,
                "type": "bank_account",
            }
        )  # fmt: skip

    def reverse(self, name: str) -> None:
        """Stripe takes a transfer back whole."""
        assert self._reversal(name, {})[0] == 200

    def tells(self, kind: str, thing: dict[str, Any], account: str | None = None) -> dict[str, Any]:
        """Something happens; answers its event."""
        return self._happened(kind, thing, account)

    @property
    def paid_out(self) -> int:
        return sum(one["amount"] - one["amount_reversed"] for one in self.transfers.values())


def _fits(thing: dict[str, Any], data: dict[str, Any]) -> bool:
    group, created = data.get("transfer_group"), data.get("created", {})
    since = created.get("gte") if isinstance(created, dict) else created
    return (group is None or thing.get("transfer_group") == group) and (
        since is None or thing["created"] >= int(since)
    )


def _payment_of(invoice: str, amount: int, payment: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"inpay_{invoice}", "object": "invoice_payment", "invoice": invoice, "payment": payment, "status": "paid",
        "amount_paid": amount, "amount_requested": amount, "created": int(time.time()), "currency": "eur",
        "is_default": True, "livemode": False, "status_transitions": {"canceled_at": None, "paid_at": int(time.time())},
    }  # fmt: skip


def _error(status: int, code: str, message: str) -> Answer:
    kind = "idempotency_error" if code == "idempotency_error" else "invalid_request_error"
    return status, {
        "error": {"type": "api_error" if status >= 500 else kind, "code": code, "message": message}
    }


def signed(event: dict[str, Any], secret: str, at: float | None = None) -> tuple[bytes, str]:
    """The bytes of an event and the header that Stripe sends with them."""
    body = json.dumps(event).encode()
    stamp = int(at if at is not None else time.time())
    mark = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={stamp},v1={mark}"
