"""Makers of applications, through the operations that pages use."""

import re
from typing import Any

from core.database import session
from partners import operations
from partners.models import Application, ApplicationStatus
from tests.browser import Browser

COMPLETE: dict[str, Any] = {
    "type": "integrator",
    "city": "Hamburg",
    "website": "www.kontor.example",
    "phone": "+49 40 1234567",
    "languages": ["de"],
    "services": ["implementation"],
    "regions": ["DE-HH"],
    "heard_from": "website",
    "about": "We bring order into warehouses.",
}


def a_draft(company: str = "Kontor", **about: Any) -> Application:
    """Four answers, and a mailbox that has not confirmed yet."""
    about = {
        "country": "DE",
        "person": "Karl Kontor",
        "email": f"karl@{company.split(maxsplit=1)[0].lower()}.example",
        "locale": "en",
        **about,
    }
    return operations.start_application(company=company, **about)


def confirmed(application: Application) -> Application:
    """The same, with the mailbox proved."""
    operations.confirm_email(application, operations.ask_to_confirm(application))
    return application


def an_application(
    company: str = "Kontor", *, first: dict[str, Any] | None = None, **answers: Any
) -> Application:
    """Sent, and with the vendor."""
    application = confirmed(a_draft(company, **(first or {})))
    site = f"www.{company.split(maxsplit=1)[0].lower()}.example"
    operations.send_application(application, privacy_read=True, **{**COMPLETE, "website": site, **answers})
    session.flush()
    assert application.status is ApplicationStatus.SUBMITTED
    return application


def posted(browser: Browser, path: str, **data: str) -> int:
    """The status of a form sent to ``path`` with a token in order, whether or not a page offers it."""
    session.commit()
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.html)
    assert found is not None, f"no form on {browser.url}"
    answer = browser._ask(path, method="POST", data={"csrf_token": found[1], **data})
    session.expire_all()
    return int(answer.status_code)
