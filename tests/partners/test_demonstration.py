"""The demo's first firm has something to sell with, and has written to the vendor."""

import io
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from core.database import session
from demonstration import partners_resources
from partners.models import Partner, ResourceDownload, Thread
from tests import cast
from tests.browser import Browser


def test_a_firm_finds_files_and_conversations(
    acme: Partner, ada: User, sam: User, mona: User, browser: Browser
) -> None:
    partners_resources.make_demo(seed=3)
    browser.sign_in(sam).open("/resources")
    assert browser.sees("Meridian Cloud in ten minutes") and browser.sees("the playbook"), "Acme is gold"
    browser.open("/messages").click("Which price list holds for renewals?")
    assert browser.sees("Those of this year's list")
    waiting = session.scalars(sa.select(Thread).where(Thread.answer_due_at.is_not(None))).one()
    assert waiting.partner_id == acme.id and waiting.subject.startswith("A seat at the October training")
    taken = session.scalars(sa.select(ResourceDownload))
    assert {row.partner_id for row in taken} == {acme.id}


def test_a_firm_of_a_lower_tier_does_not_take_what_is_not_for_it(
    programme: None, mona: User, browser: Browser
) -> None:
    firm = cast.a_partner("Kontor", tier="silver", country="DE")
    seller = cast.a_member(firm, "Silke Seller", Role.SELLER)
    partners_resources.make_demo(seed=3)
    assert not browser.sign_in(seller).open("/resources").sees("the playbook")
    assert session.scalar(sa.select(sa.func.count()).select_from(ResourceDownload)) == 4


def test_the_files_are_the_same_each_time_and_can_carry_a_name(acme: Partner, ada: User, mona: User) -> None:
    from pypdf import PdfReader

    from partners.cobranding import with_partner

    first, second = (partners_resources.a_pdf(("One", "Two\n- a\nb"), (1440, 810)) for _time in range(2))
    assert first == second and partners_resources.a_logo("M") == partners_resources.a_logo("M")
    stamped: Any = PdfReader(io.BytesIO(with_partner(first, acme)))
    assert len(stamped.pages) == 2 and "Acme" in stamped.pages[0].extract_text()
