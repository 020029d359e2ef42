"""No secret lies in the repository: no key of ours, of Stripe's, of a cloud, no private key."""

import re

import pytest

from tests.architecture.tree import place, text_files

pytestmark = pytest.mark.pure

# Each pattern is written so that it does not find itself; what tests make up is plainly no secret.
SECRETS = re.compile(
    r"\bgh[k]_[A-Za-z0-9_-]{40,}"
    r"|\b[sr]k_(?:live)_[A-Za-z0-9]{16,}|\bwhse[c]_(?!test|demo|ZGVtbyBkZW1v)[A-Za-z0-9+/]{24,}"
    r"|\b(?:AK[I]A|AS[I]A)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bxox[baprs]-[A-Za-z0-9-]{10,}"
    r"|-{5}BEGIN (?:[A-Z]+ )?PRIVATE KE[Y]-{5}"
)


def test_no_file_holds_a_secret() -> None:
    found = [
        f"{place(path)}:{number}"
        for path in text_files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if SECRETS.search(line)
    ]
    assert not found


def test_a_key_of_ours_would_be_found() -> None:
    from accounts.models import KEY_PREFIX, new_secret

    assert SECRETS.search(f"curl -H 'Authorization: Bearer {KEY_PREFIX}{new_secret()}'")
