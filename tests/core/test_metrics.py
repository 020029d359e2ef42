"""The figures at /metrics, and who may read them."""

from typing import Any

import pytest

from core import jobs
from tests.browser import Browser


def ask(browser: Browser, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return browser._ask("/metrics", method="GET", headers=named)


def test_pages_and_jobs_are_counted(browser: Browser, run_jobs: Any) -> None:
    browser.open("/sign-in", expect=None)
    jobs.enqueue("core.forget-finished-jobs", {})
    run_jobs()
    text = ask(browser).get_data(as_text=True)
    assert (
        'guildhall_request_seconds_count{method="GET",status=' in text and 'view="accounts.sign_in"' in text
    )
    assert 'guildhall_jobs_total{kind="core.forget-finished-jobs",outcome="done"}' in text
    assert "guildhall_jobs_due 0.0" in text and "guildhall_mail_bounced 0.0" in text


def test_from_elsewhere_they_do_not_exist(browser: Browser) -> None:
    assert ask(browser, X_Forwarded_For="127.0.0.1").status_code == 404
    answer = browser._ask("/metrics", method="GET", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert answer.status_code == 404


def test_with_a_token_only_who_knows_it_reads_them(
    browser: Browser, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "METRICS_TOKEN", "for the monitoring")
    assert ask(browser).status_code == 404
    assert ask(browser, Authorization="Bearer wrong").status_code == 404
    assert ask(browser, Authorization="Bearer for the monitoring").status_code == 200
