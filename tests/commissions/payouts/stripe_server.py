"""A small Stripe of our own on loopback: keeps state, counts money, honours idempotency keys, fails on demand."""

import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class FakeStripe:
    """Connected accounts, a balance, and transfers. ``faults`` are taken one a request to create a transfer.

    Faults: ``drop_before``, ``drop_after`` (the connection is cut, before or after the transfer was made),
    ``500_before``, ``500_after``, ``429``, ``409``, ``insufficient``.
    """

    def __init__(self) -> None:
        self.balance = 10**9
        self.transfers: dict[str, dict[str, Any]] = {}
        self.accounts: dict[str, dict[str, Any]] = {}
        self.faults: deque[str] = deque()
        self.kept: dict[str, tuple[dict[str, str], int, dict[str, Any]]] = {}
        self.keys: list[str] = []
        self.lock = threading.Lock()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                return

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                self._answer(*owner.get(parts.path, dict(parse_qsl(parts.query))))

            def do_POST(self) -> None:
                body = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()))
                answer = owner.post(self.path, body, self.headers.get("Idempotency-Key"))
                if answer is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                self._answer(*answer)

            def _answer(self, status: int, body: dict[str, Any]) -> None:
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

    def get(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        with self.lock:
            if path == "/v1/transfers":
                found = [one for one in self.transfers.values() if self._fits(one, query)]
                return 200, {"object": "list", "data": found, "has_more": False, "url": "/v1/transfers"}
            kind, _slash, name = path.removeprefix("/v1/").partition("/")
            thing = {"transfers": self.transfers, "accounts": self.accounts}.get(kind, {}).get(name)
            return (200, thing) if thing is not None else _error(404, "resource_missing", "No such thing")

    @staticmethod
    def _fits(transfer: dict[str, Any], query: dict[str, str]) -> bool:
        group, since = query.get("transfer_group"), query.get("created[gte]")
        return (group is None or transfer["transfer_group"] == group) and (
            since is None or transfer["created"] >= int(since)
        )

    def post(self, path: str, body: dict[str, str], key: str | None) -> tuple[int, dict[str, Any]] | None:
        with self.lock:
            if key is not None and key in self.kept:
                first, status, answer = self.kept[key]
                return (
                    (status, answer)
                    if first == body
                    else _error(400, "idempotency_error", "Other parameters")
                )
            fault = self.faults.popleft() if path == "/v1/transfers" and self.faults else ""
            if path == "/v1/transfers" and key:
                self.keys.append(key)
            if fault == "drop_before":
                return None
            if fault in {"429", "409", "500_before"}:
                return _error(int(fault[:3]), "fault", "Not now")
            if fault == "insufficient":
                status, answer = _error(400, "balance_insufficient", "Insufficient funds")
            else:
                status, answer = self._do(path, body)
            if key is not None:
                self.kept[key] = (body, status, answer)
            if fault == "drop_after":
                return None
            return _error(500, "fault", "Broken") if fault == "500_after" else (status, answer)

    def _do(self, path: str, body: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if path == "/v1/transfers":
            return self._transfer(body)
        if path == "/v1/accounts":
            name = f"acct_{len(self.accounts) + 1:06}"
            self.accounts[name] = {"id": name, "object": "account", "capabilities": {"transfers": "inactive"}}
            return 200, self.accounts[name]
        if path == "/v1/account_links":
            return 200, {
                "object": "account_link",
                "url": f"{self.url}/questions/{body['account']}",
                "created": 1,
            }
        return _error(404, "unknown", path)

    def _transfer(self, body: dict[str, str]) -> tuple[int, dict[str, Any]]:
        amount = int(body["amount"])
        known = "amount currency destination transfer_group description metadata[payout_id] metadata[key]"
        unknown = set(body) - set(known.split())
        if unknown:
            return _error(400, "parameter_unknown", str(unknown))
        if self.accounts.get(body["destination"], {}).get("capabilities", {}).get("transfers") != "active":
            return _error(
                400, "insufficient_capabilities_for_transfer", "The account cannot receive transfers"
            )
        if amount > self.balance:
            return _error(400, "balance_insufficient", "Insufficient funds")
        self.balance -= amount
        name = f"tr_{len(self.transfers) + 1:06}"
        self.transfers[name] = {
            "id": name,
            "object": "transfer",
            "amount": amount,
            "amount_reversed": 0,
            "currency": body["currency"],
            "destination": body["destination"],
            "transfer_group": body["transfer_group"],
            "created": int(time.time()),
            "reversed": False,
            "metadata": {"payout_id": body["metadata[payout_id]"]},
        }
        return 200, self.transfers[name]

    def an_account(self, name: str, *, ready: bool = True) -> str:
        state = "active" if ready else "inactive"
        self.accounts[name] = {"id": name, "object": "account", "capabilities": {"transfers": state}}
        return name

    def reverse(self, name: str) -> None:
        """Stripe takes a transfer back whole."""
        self.transfers[name]["reversed"] = True
        self.transfers[name]["amount_reversed"] = self.transfers[name]["amount"]
        self.balance += self.transfers[name]["amount"]

    @property
    def paid_out(self) -> int:
        return sum(one["amount"] - one["amount_reversed"] for one in self.transfers.values())


def _error(status: int, code: str, message: str) -> tuple[int, dict[str, Any]]:
    kind = (
        "idempotency_error"
        if code == "idempotency_error"
        else "invalid_request_error"
        if status < 500
        else "api_error"
    )
    return status, {"error": {"type": kind, "code": code, "message": message}}
