"""Further ways in: another system's web hook, the product's events, the finder; and companies named for a partner."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from typing import Any

import pytest

from core import clock
from core.database import session
from core.errors import InvalidInput, Refusal
from referrals.models import HookKind, Lead, LeadOrigin, LeadStatus
from referrals.operations import LeadData, ask_partner, hooks
from referrals.operations.accounts import free_account, name_account
from tests.cast import a_partner
from tests.referrals.leads.cast import a_lead, the_asked

MAPPING = {
    "company": "contact.company.name",
    "email": "contact.emails.0.value",
    "country": "country",
    "products": "wants",
}
SAID = {
    "contact": {"company": {"name": "Globex"}, "emails": [{"value": "wilma@globex.example"}]},
    "country": "DE",
}


def a_hook(kind: HookKind = HookKind.LEAD, **mapping: str) -> Any:
    return hooks.make_hook("CRM", kind, {**MAPPING, **mapping}, source="crm", by=None)


def post(browser: Any, hook: Any, said: Any, **headers: str) -> Any:
    session.commit()
    body = json.dumps(said).encode()
    if not headers:
        digest = hmac.new(hooks.secret_of(hook).encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Signature": f"sha256={digest}"}
    answer = browser.app.test_client().post(
        f"/webhooks/leads/{hook.slug}", data=body, headers=headers, content_type="application/json"
    )
    session.expire_all()
    return answer


def standard_headers(hook: Any, said: Any, *, name: str = "msg_1", at: int | None = None) -> dict[str, str]:
    moment = int(clock.real_now().timestamp()) if at is None else at
    signed = f"{name}.{moment}.".encode() + json.dumps(said).encode()
    key = b64decode(hooks.secret_of(hook).removeprefix("whsec_"))
    signature = b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": name, "webhook-timestamp": str(moment), "webhook-signature": f"v1,{signature}"}


def test_a_signed_message_becomes_a_lead_by_its_mapping(browser, acme):
    hook = a_hook()
    answer = post(browser, hook, SAID)
    lead = session.get_one(Lead, int(answer.json["lead"]))
    assert (answer.status_code, lead.company, lead.email) == (200, "Globex", "wilma@globex.example")
    assert (lead.source, the_asked(lead)) == ("crm", acme)


def test_the_same_message_again_is_the_same_lead(browser, acme):
    hook = a_hook()
    first, again = (post(browser, hook, SAID, **standard_headers(hook, SAID)) for _turn in range(2))
    assert first.json == again.json
    assert session.query(Lead).count() == 1


def test_nobody_is_believed_without_the_signature_of_now(browser, acme):
    hook = a_hook()
    for headers in (
        {"X-Signature": "sha256=" + "0" * 64},
        standard_headers(hook, SAID, at=1_000_000_000),
        {**standard_headers(hook, SAID), "webhook-id": "another"},
        {"X-Signature": "é"},
    ):
        assert post(browser, hook, SAID, **headers).status_code == 401
    old = standard_headers(hook, SAID)
    hooks.renew_secret(hook)
    assert post(browser, hook, SAID, **old).status_code == 401
    assert session.query(Lead).count() == 0


def test_a_message_that_says_no_lead_is_kept_with_what_is_wrong(browser, acme):
    answer = post(browser, a_hook(), {"country": "Nowhere", "wants": ["teleporter"]})
    assert (answer.status_code, answer.json["lead"]) == (202, None)
    assert "teleporter" in answer.json["problem"]


def test_a_closed_address_answers_no_more(browser, acme):
    hook = a_hook()
    hooks.close_hook(hook, by=None)
    assert post(browser, hook, SAID).status_code == 404


def test_a_mapping_needs_a_company_or_an_email():
    with pytest.raises(InvalidInput):
        hooks.make_hook("CRM", HookKind.LEAD, {"person": "name"}, by=None)
    with pytest.raises(InvalidInput):
        hooks.make_hook("App", HookKind.PRODUCT, {"company": "name"}, by=None)


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff"])
def test_what_is_no_json_object_is_refused(body):
    with pytest.raises(Refusal):
        hooks.take_message(a_hook(), body, None)


def test_what_happens_in_the_product_warms_a_known_lead_and_brings_in_an_unknown_one(browser, acme):
    hook = a_hook(HookKind.PRODUCT, event="event")
    first = post(browser, hook, {**SAID, "event": "signed_up"})
    lead = session.get_one(Lead, int(first.json["lead"]))
    assert (lead.origin, lead.warmth, lead.status) == (LeadOrigin.PRODUCT, 1, LeadStatus.OFFERED)
    again = post(browser, hook, {**SAID, "event": "limit_reached"})
    assert again.json["lead"] == first.json["lead"]
    assert lead.warmth == 4


def test_who_was_chosen_in_the_finder_is_asked_first(acme, rival):
    lead = ask_partner(
        rival,
        LeadData(origin=LeadOrigin.HOSTED_FORM, company="Globex", email="w@globex.example", country="DE"),
    )
    assert (lead.origin, the_asked(lead)) == (LeadOrigin.FINDER, rival)


def test_a_visitor_of_the_finder_asks_one_partner(browser, acme, rival, time):
    browser.open(f"/contact/partners/{rival.id}")
    assert browser.heading == "Ask Rival"
    browser.open("/contact/partners/999999", expect=404)


def test_leads_of_a_named_account_go_to_its_partner(acme, rival):
    row = name_account("https://www.Globex.com/about", rival, by=None)
    assert row.domain == "globex.com"
    assert the_asked(a_lead("Globex", email="wilma@globex.com")) is rival
    with pytest.raises(InvalidInput, match="on the list already"):
        name_account("globex.com", acme, by=None)
    free_account(row, by=None)
    assert the_asked(a_lead("Globex two", email="wilma@globex-two.com")) is acme


def test_a_manager_keeps_the_list_of_accounts(browser, mona, acme):
    a_partner("Third")
    browser.sign_in(mona).open("/staff/leads").click("Named accounts")
    browser.fill("Company's site or domain", "nonsense").fill("Partner", "Acme").press(
        "Put it on the list", expect=422
    )
    browser.fill("Company's site or domain", "globex.com").fill("Partner", "Acme").press(
        "Put it on the list", expect=200
    )
    assert browser.sees("Leads of globex.com go to Acme.")
    browser.press("Take it off the list", expect=200)
    assert browser.sees("No company is on the list")


def test_the_programme_opens_an_address_and_mends_its_mapping(browser, pia, acme):
    browser.sign_in(pia).open("/staff/leads").click("Web hooks in").click("Open an address")
    browser.fill("Name", "CRM").fill("Company", "account").press("Open the address", expect=200)
    assert "whsec_" in browser.html
    browser.fill("Company", "").fill("E-mail", "").press("Save", expect=422)
    browser.fill("Company", "org.name").press("Save", expect=200)
    assert browser.sees("Saved.")
