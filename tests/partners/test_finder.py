"""The public finder: who fits, in the published order, with certificates of today; a firm may stay out of it."""

from typing import Any

from flask import Flask

from accounts.models import User
from core.database import session
from partners import operations
from partners.models import Partner
from partners.queries.finder import Wish, distance_to, partners_found
from tests.academy.cast import a_certificate, a_course
from tests.browser import Browser
from tests.cast import a_partner

HAMBURG = {"city": "Hamburg", "latitude": 53.55, "longitude": 9.99}
MUNICH = {"city": "Munich", "latitude": 48.14, "longitude": 11.58}


def found(**wish: str) -> list[str]:
    return [partner.name for partner in session.scalars(partners_found(Wish(**wish)))]


def placed(partner: Partner, **place: Any) -> Partner:
    for name, value in place.items():
        setattr(partner, name, value)
    session.flush()
    return partner


def test_the_higher_tier_stands_first_and_then_the_name(programme: None) -> None:
    a_partner("Zeta", tier="gold")
    a_partner("Beta", tier="silver")
    a_partner("Alfa", tier="silver")
    assert found() == ["Zeta", "Alfa", "Beta"]


def test_with_a_city_the_nearest_stands_first_whatever_its_tier_or_country(programme: None) -> None:
    near = placed(a_partner("Near", tier="silver", country="DE"), **HAMBURG)
    placed(a_partner("Far", tier="gold", country="DE"), **MUNICH)
    placed(a_partner("Nowhere", tier="gold", country="DE"), latitude=None, longitude=None)
    wish = Wish(country="DE", city="Lübeck")
    assert [partner.name for partner in session.scalars(partners_found(wish))] == ["Near", "Far"]
    assert distance_to(near, wish.place) in range(50, 70)


def test_every_wish_narrows(programme: None) -> None:
    placed(
        a_partner("Acme", tier="gold", country="DE"),
        languages=["de", "en"],
        products=["cloud"],
        services=["audit"],
    )
    placed(a_partner("Rival", tier="silver", country="AT"), languages=["de"], industries=["food"])
    assert found(language="en") == ["Acme"]
    assert found(product="cloud") == ["Acme"] and found(product="clou") == []
    assert found(service="audit") == ["Acme"] and found(industry="food") == ["Rival"]
    assert found(country="AT") == ["Rival"] and found(tier="gold") == ["Acme"]
    assert found(language="de", country="AT") == ["Rival"]


def test_suspended_firms_and_those_who_do_not_want_to_are_not_found(
    app: Flask, acme: Partner, rival: Partner, ada: User, mona: User
) -> None:
    operations.suspend_partner(rival, reason="Unpaid", by=mona)
    assert found() == ["Acme"]
    adas = Browser(app).sign_in(ada).open("/firm").click("Our entry in the finder")
    adas.fill("What you do for customers, in English", "We move your data.").press("Save")
    stranger = Browser(app).open("/finder")
    assert stranger.sees("We move your data.")
    adas.fill("Show our firm in the public finder", False).press("Save")
    assert found() == []
    stranger.open(f"/finder/{acme.id}", expect=404)


def test_certificates_come_from_the_register_of_today(
    app: Flask, acme: Partner, ada: User, time: Any
) -> None:
    course = a_course("selling")
    a_certificate(ada, course)
    stranger = Browser(app).open(f"/finder/{acme.id}")
    title = course.code
    assert not stranger.sees("Nobody there holds a certificate"), title
    time.move(days=800)
    assert Browser(app).open(f"/finder/{acme.id}").sees("Nobody there holds a certificate that is valid now.")


def test_an_unknown_city_is_said_at_its_field(app: Flask, acme: Partner) -> None:
    page = Browser(app).open("/finder?city=Atlantis&country=DE")
    assert page.sees("We do not know this city there")
    assert Browser(app).open("/finder?city=Hamburg").sees("Choose the country as well.")


def test_a_wish_that_no_list_offers_does_not_narrow_but_a_country_does(app: Flask, acme: Partner) -> None:
    page = Browser(app).open("/finder?product=spoons&tier=tin&country=Atlantis")
    assert page.sees("1 firm fits.") and page.sees("Acme")
    page.open("/finder?country=JP")
    assert page.sees("No partner fits all of this") and page.sees("Leave your request")
    assert '<option value="JP" selected>' in page.html
    assert page.click("Show all").sees("1 firm fits.")
