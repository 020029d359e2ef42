"""How much of the network hangs on single firms, and what is to be handed on when one leaves."""

from typing import Any

from flask import render_template, request

from accounts.access import requires
from accounts.permissions import Permission
from core import clock
from core.database import session
from core.exports import csv_response
from core.pagination import paginate
from partners.queries import concentration as asked
from partners.queries.measures import measure_of
from partners.settings import KEY_PERCENT, RISK_PERCENT
from partners.views import partners
from partners.views.standing import partner_or_404

MOST_EXPORTED = 5_000


def _chosen() -> str:
    known = asked.shared_measures()
    wanted = request.args.get("by", "")
    return wanted if wanted in known else (known[0] if known else "")


@partners.get("/staff/concentration")
@requires(Permission.PARTNERS_READ)
def concentration() -> Any:
    """Every firm's share of revenue, leads and renewals, the largest first."""
    chosen = _chosen()
    page = paginate(asked.firms_by_share(chosen))
    sums = asked.totals()
    heavy = asked.heavy_firms(chosen) if chosen else []
    return render_template(
        "partners/staff/concentration.html",
        page=page,
        rows=asked.weights(list(page.items), sums),
        heavy=heavy,
        totals=sums,
        chosen=chosen,
        measures=[measure_of(code) for code in asked.shared_measures()],
        key_percent=KEY_PERCENT.value(),
        risk_percent=RISK_PERCENT.value(),
    )


@partners.get("/staff/concentration.csv")
@requires(Permission.PARTNERS_READ)
def concentration_csv() -> Any:
    """The same as a file."""
    chosen, codes = _chosen(), asked.shared_measures()
    sums = asked.totals()
    firms = list(session.scalars(asked.firms_by_share(chosen).limit(MOST_EXPORTED)))
    head = ["id", "name", "tier", "manager", *(f"{code}{end}" for code in codes for end in ("", "_share"))]
    lines = [
        [
            row.partner.id,
            row.partner.name,
            row.partner.tier,
            row.partner.manager.name if row.partner.manager else "",
            *(
                cell
                for code in codes
                for cell in (row.amounts.get(code, 0), f"{row.shares.get(code, 0):.4f}")
            ),
        ]
        for row in asked.weights(firms, sums)
    ]
    return csv_response(f"concentration-{clock.now():%Y-%m-%d}", head, lines)


@partners.get("/staff/partners/<int:partner_id>/handing-on")
@requires(Permission.PARTNERS_READ)
def partner_handing_on(partner_id: int) -> Any:
    """What somebody else has to take over when the firm leaves: its customers, open leads and deals."""
    firm = partner_or_404(partner_id)
    (weight,) = asked.weights([firm.id], asked.totals()) or (None,)
    return render_template(
        "partners/staff/handing_on.html",
        partner=firm,
        weight=weight,
        measures=[measure_of(code) for code in asked.shared_measures()],
    )
