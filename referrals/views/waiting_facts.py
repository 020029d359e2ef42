"""Payments, refunds and chargebacks that count nowhere: the list, trying again, putting aside with a reason."""

from itertools import islice
from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from referrals.forms.waiting_facts import PutAsideForm, TryAgainForm
from referrals.models import Refund
from referrals.operations.sales import put_aside, try_again
from referrals.operations.sales.waiting import Fact
from referrals.queries import waiting_facts as asked
from referrals.views import pages

_SHOWN = 50
KIND_LABELS = {"payment": _l("Payment"), "refund": _l("Refund"), "chargeback": _l("Chargeback")}


def kind_of(fact: Fact) -> str:
    """As it stands in the address."""
    return type(fact).__name__.lower()


@pages.get("/staff/sales/facts")
@requires(Permission.SALES_WRITE)
def waiting_facts() -> Any:
    """What waits for its sale, what its sale can't bear, and what was put aside and why."""
    if not signed_in_user().is_staff:
        abort(404)
    aside = (
        row
        for kind in asked.KINDS.values()
        for row in session.execute(asked.facts_put_aside(kind).limit(_SHOWN))
    )
    return render_template(
        "referrals/sales/waiting_facts.html",
        waiting=[
            fact for query in asked.facts_without_a_sale() for fact in session.scalars(query.limit(_SHOWN))
        ],
        refused=session.scalars(asked.refused_refunds().limit(_SHOWN)).all(),
        aside=list(islice(aside, _SHOWN)),
        kind_of=kind_of,
        kinds=KIND_LABELS,
    )


@pages.get("/staff/sales/facts/<kind>/<int:fact_id>")
@requires(Permission.SALES_WRITE)
def waiting_fact(kind: str, fact_id: int) -> Any:
    """One of them, and what can be done."""
    return _page(_fact(kind, fact_id))


@pages.post("/staff/sales/facts/<kind>/<int:fact_id>/again")
@requires(Permission.SALES_WRITE)
def try_fact_again(kind: str, fact_id: int) -> Any:
    """Puts it to its sale, if that is possible by now."""
    fact = _fact(kind, fact_id)
    form = TryAgainForm()
    if not form.was_sent_and_holds():
        return _page(fact, again=form)
    try:
        try_again(fact, sale_name=form.sale.data or "", by=signed_in_user())
    except InvalidInput as problem:
        form.complain(problem)
        return _page(fact, again=form)
    except Refusal as refusal:
        flash(refusal.sentence, "bad")
        return redirect(url_for("referrals.waiting_fact", kind=kind, fact_id=fact_id))
    if isinstance(fact, Refund) and fact.refused_because is not None:
        flash(_("The sale is found, and it can't bear this refund."), "bad")
        return redirect(url_for("referrals.waiting_fact", kind=kind, fact_id=fact_id))
    flash(_("It counts now. What the sale earns follows it."), "good")
    return redirect(url_for("referrals.sale", sale_id=fact.sale_id))


@pages.post("/staff/sales/facts/<kind>/<int:fact_id>/aside")
@requires(Permission.SALES_WRITE)
def put_fact_aside(kind: str, fact_id: int) -> Any:
    """Takes it off the list, with the reason."""
    fact = _fact(kind, fact_id)
    form = PutAsideForm()
    if not form.was_sent_and_holds():
        return _page(fact, aside=form)
    put_aside(fact, reason=form.reason.data, by=signed_in_user())
    flash(_("Put aside. It is kept, and still goes to its sale if that comes."), "good")
    return redirect(url_for("referrals.waiting_facts"))


def _fact(kind: str, fact_id: int) -> Fact:
    table = asked.KINDS.get(kind) or abort(404)
    found: Fact | None = session.scalar(
        asked.facts_that_count_nowhere(signed_in_user(), table).where(table.id == fact_id)
    )
    return found or abort(404)


def _page(fact: Fact, **sent: Any) -> Any:
    forms = {"again": TryAgainForm(formdata=None), "aside": PutAsideForm(formdata=None)} | sent
    page = render_template(
        "referrals/sales/waiting_fact.html",
        fact=fact,
        kind=kind_of(fact),
        label=KIND_LABELS[kind_of(fact)],
        forms=forms,
        is_put_aside=asked.is_put_aside(fact),
    )
    return page, 422 if sent else 200
