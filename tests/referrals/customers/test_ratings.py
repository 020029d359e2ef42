"""What customers say of their partner: asked once, answered once, summed up for the firm, read by the vendor."""

from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import User
from core import personal_data
from core.database import session
from core.errors import InvalidInput, Refusal
from core.settings import change_setting
from partners import operations as partners
from partners.models import TierEvaluation
from partners.queries.measures import last_days, measure_of, values
from referrals.models import Rating
from referrals.operations import ratings
from referrals.queries.ratings import summary_of
from referrals.settings import LEAST_RATINGS, RATING_DAYS
from tests.browser import Browser
from tests.partners.tiers import live_rules
from tests.referrals.deals.cast import a_won_deal


def won(firm: Any, company: str, **about: Any) -> Any:
    name = company.lower()
    return a_won_deal(firm, company, order=f"PO-{company}", **{"email": f"greta@{name}.example", **about})


def rows() -> list[Rating]:
    return list(session.scalars(sa.select(Rating).order_by(Rating.id)))


def an_answer(firm: Any, company: str, stars: int, *, was_partner: bool = True) -> Rating:
    """A rating that was asked for and answered, whatever the clock says."""
    deal = won(firm, company)
    rating = ratings.ask_customer(deal)
    ratings.answer_rating(rating, stars=stars, was_partner=was_partner, text=f"{company} says so")
    return rating


def test_a_customer_is_asked_once_a_month_after_the_deal_was_won(acme: Any, time: Any, mails: Any) -> None:
    won(acme, "Globex", person="Greta Lund")
    time.move(days=29)
    assert ratings.ask_customers() == 0
    time.move(days=1)
    assert ratings.ask_customers() == 1
    assert ratings.ask_customers() == 0
    (mail,) = mails(to="greta@globex.example")
    assert mail["subject"] == "How did Acme do?"
    assert "Hello Greta Lund" in mail["text"] and ratings.path_of(rows()[0]) in mail["text"]
    assert mail["stop_url"].endswith("/stop")


def test_who_is_not_asked(acme: Any, ada: User, rival: Any, time: Any, pia: User) -> None:
    partners.change_partner(acme, website="www.acme.example", by=pia)
    won(acme, "Own", email="boss@acme.example")
    won(acme, "Insider", email=pia.email)
    won(acme, "Nobody", email=None)
    won(acme, "Globex")
    won(rival, "GlobexTwo", email="Greta@globex.example")
    time.move(days=30)
    assert ratings.ask_customers() == 1
    assert [row.email for row in rows()] == ["greta@globex.example"]
    assert ratings.ask_customers() == 0
    won(acme, "Late")
    time.move(days=61)
    assert ratings.ask_customers() == 0, "nobody remembers"


def test_a_programme_may_ask_nobody(acme: Any, pia: User, time: Any) -> None:
    won(acme, "Globex")
    change_setting(RATING_DAYS, "0", by=pia)
    time.move(days=10)
    assert ratings.ask_customers() == 0


def test_the_customer_answers_by_the_link_once(acme: Any, time: Any, browser: Browser) -> None:
    won(acme, "Globex")
    time.move(days=30)
    ratings.ask_customers()
    (rating,) = rows()
    path = ratings.path_of(rating)
    browser.open(path)
    assert browser.sees("Only Guildhall reads it"), "customers know the vendor by its name"
    assert browser.heading == "How did Acme do?"
    browser.press("Send", expect=422)
    browser.fill("Yes", True).fill("4 stars", True).fill("A word on it", "They came when we called.")
    browser.press("Send")
    assert browser.heading == "Thank you"
    session.expire_all()
    assert (rating.stars, rating.was_partner, rating.text) == (4, True, "They came when we called.")
    browser.open(path)
    assert browser.heading == "Thank you"
    with pytest.raises(Refusal, match="answered already"):
        ratings.answer_rating(rating, stars=5, was_partner=True, text="")
    with pytest.raises(sa.exc.DatabaseError, match="does not change"), session.begin_nested():
        session.execute(sa.update(Rating).values(stars=5))
    browser.open(path[:-1] + ("0" if path[-1] != "0" else "1"), expect=404)


def test_a_link_that_nobody_followed_closes(acme: Any, time: Any, browser: Browser) -> None:
    won(acme, "Globex")
    time.move(days=30)
    ratings.ask_customers()
    time.move(days=60)
    browser.open(ratings.path_of(rows()[0]))
    assert browser.heading == "This question is closed"
    with pytest.raises(Refusal, match="closed"):
        ratings.answer_rating(rows()[0], stars=5, was_partner=True, text="")


def test_an_answer_without_stars_is_none(acme: Any) -> None:
    deal = won(acme, "Globex")
    ratings.ask_customer(deal)
    for field, said in (
        ("stars", {"stars": 6, "was_partner": True}),
        ("was_partner", {"stars": 5, "was_partner": None}),
    ):
        with pytest.raises(InvalidInput) as problem:
            ratings.answer_rating(rows()[0], text="", **said)  # type: ignore[arg-type]
        assert set(problem.value.problems) == {field}


def test_who_wants_no_questions_gets_none(acme: Any, time: Any, browser: Browser) -> None:
    won(acme, "Globex")
    time.move(days=30)
    ratings.ask_customers()
    browser.open(ratings.path_of(rows()[0])).click("Please ask me no more").press("Ask me no more")
    assert browser.heading == "We ask you no more"
    time.move(days=300)
    won(acme, "GlobexAgain", email="greta@globex.example")
    time.move(days=30)
    assert ratings.ask_customers() == 0


def test_mail_programs_stop_it_without_a_page(app: Any, acme: Any) -> None:
    deal = won(acme, "Globex")
    ratings.ask_customer(deal)
    path = f"{ratings.path_of(rows()[0])}/stop"
    session.commit()
    with app.app_context():
        answer = app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    session.expire_all()
    assert answer.status_code == 200 and rows()[0].stopped_at is not None


def test_a_firm_reads_the_sum_from_three_answers_on(
    acme: Any, ada: User, rival: Any, rex: User, browser: Browser
) -> None:
    for company, stars in (("Globex", 5), ("Hooli", 4)):
        an_answer(acme, company, stars)
    browser.sign_in(ada).open("/firm/ratings")
    assert browser.sees("2 answers so far; from 3 on") and not browser.sees("Hooli")
    assert summary_of(acme).mean is None
    an_answer(acme, "Stark", 4)
    an_answer(acme, "Wayne", 1, was_partner=False)
    browser.open("/firm/ratings")
    assert browser.sees("4.33") and browser.sees("3 answers") and not browser.sees("Stark says so")
    theirs = Browser(browser.app).sign_in(rex).open("/firm/ratings")
    assert theirs.sees("0 answers so far")
    theirs.open("/staff/ratings", expect=403)


def test_the_rating_is_a_measure_that_a_tier_may_ask_for(acme: Any, rival: Any, ada: User, pia: User) -> None:
    measure = measure_of("customer_rating")
    assert measure is not None and measure.for_tiers
    for company, stars in (("Globex", 5), ("Hooli", 4), ("Stark", 4)):
        an_answer(acme, company, stars)
    an_answer(rival, "Wayne", 5)
    found = values(measure, "", last_days(365))
    assert {firm: (one.value, one.counted) for firm, one in found.items()} == {acme.id: (433, 3)}
    live_rules(("gold", "customer_rating", 420, {"window": "rolling", "days": 365}))
    partners.evaluate_tiers()
    met = dict(iter(session.execute(sa.select(TierEvaluation.partner_id, TierEvaluation.met))))
    assert met == {acme.id: True, rival.id: False}
    change_setting(LEAST_RATINGS, "1", by=pia)
    assert values(measure, "", last_days(365))[rival.id].value == 500


def test_staff_sets_an_answer_aside_with_a_reason_and_takes_it_back(
    acme: Any, mona: User, browser: Browser
) -> None:
    rating = an_answer(acme, "Globex", 5)
    browser.sign_in(mona).open("/staff/ratings").click("Globex")
    assert browser.sees("Globex says so")
    browser.press("Set it aside", expect=422)
    browser.fill("Why", "It is their own cousin").press("Set it aside")
    assert browser.sees("Set aside by Mona Manager: It is their own cousin")
    session.expire_all()
    assert not rating.counts and summary_of(acme).number == 0
    with pytest.raises(Refusal, match="set aside already"):
        ratings.set_aside(rating, reason="Again", by=mona)
    browser.open(f"/staff/ratings/{rating.id}").press("Count it again")
    session.expire_all()
    assert rating.counts
    browser.open("/staff/ratings?state=waiting")
    assert browser.sees("Nothing here yet")


def test_an_erased_customer_leaves_the_stars(acme: Any) -> None:
    rating = an_answer(acme, "Globex", 5)
    person = personal_data.Person("greta@globex.example", None)
    held = {holding.code: holding for holding, _rows in personal_data.records_of(person)}
    assert held["ratings"].overwrite is not None and held["ratings"].overwrite(person) == 1
    session.refresh(rating)
    assert (rating.email, rating.text, rating.stars) == (None, "", 5)


def test_ratings_of_a_duplicate_are_the_survivors(acme: Any, rival: Any, mona: User) -> None:
    an_answer(rival, "Globex", 5)
    partners.merge_partners(rival, acme, reason="The same tax number", by=mona)
    assert summary_of(acme).number == 1
