"""The word of customers: asked by a signed link, summed up for the partner, read one by one by the vendor."""

from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for

from accounts.access import public, requires, signed_in_user
from accounts.limits import per_address
from accounts.permissions import Permission
from core import clock
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from partners.queries import partner_of
from referrals.forms.ratings import AsideForm, RatingForm
from referrals.models.ratings import Rating
from referrals.operations import ratings as operations
from referrals.queries import ratings as asked
from referrals.settings import RATING_DAYS
from referrals.views import pages


def _by_link(rating_id: int, signature: str) -> Rating:
    g.no_referrer = True
    return operations.rating_by_link(rating_id, signature) or abort(404)


@pages.route("/ratings/<int:rating_id>/<signature>", methods=["GET", "POST"])
@public
@per_address("120 per hour")
def rating(rating_id: int, signature: str) -> Any:
    """The customer's question, and thanks once it is answered. A reload or a second click changes nothing."""
    found = _by_link(rating_id, signature)
    form = RatingForm()
    is_open = found.answered_at is None and found.open_until > clock.now()
    if is_open and form.was_sent_and_holds():
        try:
            operations.answer_rating(
                found,
                stars=int(form.stars.data),
                was_partner=form.was_partner.data == "yes",
                text=form.text.data or "",
            )
            return redirect(url_for("referrals.rating", rating_id=rating_id, signature=signature))
        except InvalidInput as problem:
            form.complain(problem)
    stop_url = url_for("referrals.rating_stop", rating_id=rating_id, signature=signature)
    page = render_template(
        "referrals/ratings/answer.html", rating=found, form=form, is_open=is_open, stop_url=stop_url
    )
    return page, form.status if is_open else 200


@pages.route("/ratings/<int:rating_id>/<signature>/stop", methods=["GET", "POST"])
@public
@per_address("120 per hour")
def rating_stop(rating_id: int, signature: str) -> Any:
    """No more questions to this mailbox; mail programs ask the address by themselves (RFC 8058)."""
    found = _by_link(rating_id, signature)
    if request.method == "POST":
        operations.stop_asking(found)
    return render_template("referrals/ratings/stop.html", rating=found)


@pages.get("/firm/ratings")
@requires(Permission.FIRM_READ)
def firm_ratings() -> Any:
    """What our customers said, all of them together."""
    firm = partner_of(signed_in_user()) or abort(404)
    return render_template(
        "referrals/ratings/firm.html", summary=asked.summary_of(firm), days=RATING_DAYS.value()
    )


@pages.get("/staff/ratings")
@requires(Permission.PARTNERS_READ)
def staff_ratings() -> Any:
    """Every answer with whose it is; those that are no customer's are set aside."""
    state = request.args.get("state", "")
    return render_template(
        "referrals/ratings/staff.html",
        page=paginate(asked.all_ratings(state)),
        state=state,
        days=RATING_DAYS.value(),
    )


@pages.get("/staff/ratings/<int:rating_id>")
@requires(Permission.PARTNERS_READ)
def staff_rating(rating_id: int) -> Any:
    """One answer in the customer's words."""
    return _page(session.get(Rating, rating_id) or abort(404), AsideForm(formdata=None))


def _page(found: Rating, form: AsideForm) -> Any:
    page = render_template(
        "referrals/ratings/one.html",
        rating=found,
        form=form,
        may_write=signed_in_user().may(Permission.PARTNERS_WRITE),
    )
    return page, form.status


@pages.post("/staff/ratings/<int:rating_id>/aside")
@requires(Permission.PARTNERS_WRITE)
def rating_aside(rating_id: int) -> Any:
    """An answer counts no more."""
    found = session.get(Rating, rating_id) or abort(404)
    form = AsideForm()
    if form.was_sent_and_holds():
        try:
            operations.set_aside(found, reason=form.reason.data or "", by=signed_in_user())
            flash(_("Set aside: it counts no more."), "good")
            return redirect(url_for("referrals.staff_rating", rating_id=found.id))
        except InvalidInput as problem:
            form.complain(problem)
    return _page(found, form)


@pages.post("/staff/ratings/<int:rating_id>/counting")
@requires(Permission.PARTNERS_WRITE)
def rating_counting(rating_id: int) -> Any:
    """An answer that was set aside counts again."""
    found = session.get(Rating, rating_id) or abort(404)
    operations.count_again(found, by=signed_in_user())
    flash(_("It counts again."), "good")
    return redirect(url_for("referrals.staff_rating", rating_id=found.id))
