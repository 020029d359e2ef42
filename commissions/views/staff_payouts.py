"""For the vendor's people: what is payable, every payout run, and the proposal of the next one."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from commissions.forms.payouts import ProposalForm
from commissions.models import Payout, PayoutStatus
from commissions.operations import runs
from commissions.queries import payouts as queries
from commissions.queries.earnings import currencies_owed, sums_by_state
from commissions.queries.proposals import proposal
from commissions.queries.unusual import unusual_in_proposal
from commissions.views import pages
from core import clock
from core.database import session
from core.digits import numbers_in
from core.forms import SelectChoice
from core.i18n import gettext as _
from core.pagination import page_of, paginate
from core.settings import PROGRAMME_CURRENCY


@pages.get("/staff/payouts")
@requires(Permission.RUNS_READ)
def staff_payouts() -> Any:
    """What is payable in each currency, and every run."""
    owed = _owed_by_currency()
    return render_template(
        "commissions/payouts/staff/payouts.html",
        owed=owed,
        page=paginate(queries.runs_visible_to(signed_in_user())),
        in_the_air=session.scalars(
            queries.payouts_in_the_air().options(joinedload(Payout.partner)).limit(20)
        ).all(),
        failed=session.scalars(
            sa.select(Payout)
            .where(Payout.status == PayoutStatus.FAILED, Payout.released_at.is_(None))
            .options(joinedload(Payout.partner))
            .order_by(Payout.id)
            .limit(20)
        ).all(),
    )


def _owed_by_currency() -> list[Any]:
    """(currency, held, payable, in a run, paid) over all partners."""
    sums = sums_by_state(clock.now()).subquery()
    columns = [
        sa.cast(sa.func.sum(sums.c[name]), sa.BigInteger) for name in ("held", "payable", "in_run", "paid")
    ]
    rows = session.execute(
        sa.select(sums.c.currency, *columns).group_by(sums.c.currency).order_by(sums.c.currency)
    )
    return list(rows)


def _asked_currency() -> str:
    known = currencies_owed()
    asked = request.args.get("currency", "")
    main = PROGRAMME_CURRENCY.value()
    return asked if asked in known else main if main in known or not known else known[0]


# How many of those who are left out stand below the list; the rest is a list of its own.
SOME_LEFT_OUT = 8


@pages.route("/staff/payouts/proposal", methods=["GET", "POST"])
@requires(Permission.RUNS_PROPOSE)
def run_proposal() -> Any:
    """Everything payable in a currency, who is left out and why, and the button that proposes exactly that.

    Whom finance leaves out by hand stands in the address, so that it holds from page to page of a long list.
    """
    currency = _asked_currency()
    form = ProposalForm()
    whole = proposal(currency)
    form.leave_out.choices = [SelectChoice(str(one.partner_id), one.partner) for one in whole.candidates]
    if request.method == "GET":
        form.digest.data = whole.digest
        form.leave_out.data = request.args.getlist("leave_out")
    elif form.was_sent_and_holds():
        made = runs.propose_run(
            currency,
            leave_out=numbers_in(form.leave_out.data or []),
            seen_digest=form.digest.data,
            by=signed_in_user(),
        )
        flash(_("Proposed. Now a second person looks at it."), "good")
        return redirect(url_for("commissions.run", run_id=made.id))
    by_hand = numbers_in(form.leave_out.data or [])
    planned = whole.without(by_hand)
    asked = request.args.get("q", "").strip().casefold()
    left_out_alone = request.args.get("list") == "left-out"
    rows = planned.left_out if left_out_alone else planned.candidates
    return render_template(
        "commissions/payouts/staff/proposal.html",
        planned=planned,
        looks=unusual_in_proposal(planned),
        page=page_of([row for row in rows if asked in row.partner.casefold()]),
        left_out_alone=left_out_alone,
        some_left_out=planned.left_out[:SOME_LEFT_OUT],
        by_hand=by_hand,
        address=_address_of(currency, by_hand),
        form=form,
        currencies=currencies_owed(),
    ), form.status


def _address_of(currency: str, by_hand: list[int]) -> Callable[..., str]:
    """The address of the proposal with one partner more, or one less, left out by hand."""

    def address(*, with_also: int | None = None, without: int | None = None) -> str:
        left_out = [partner_id for partner_id in by_hand if partner_id != without]
        if with_also is not None:
            left_out.append(with_also)
        return url_for(
            "commissions.run_proposal", currency=currency, leave_out=left_out, q=request.args.get("q") or None
        )

    return address
