"""What won projects were planned with, and what was sold: the licence share before and after."""

from datetime import timedelta
from typing import Any

from flask import render_template, request

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import clock
from core.exports import csv_response
from core.i18n import gettext as _
from referrals.queries import licence_share as asked
from referrals.settings import LICENCE_SHARE
from referrals.views import pages

_PERIODS = {"": 365, "90": 90, "1095": 1095}


@pages.get("/deals/licence-share")
@requires(Permission.DEALS_READ)
def licence_shares() -> Any:
    """By partner for the vendor, by project for a partner; the whole on top."""
    user = signed_in_user()
    since = clock.now() - timedelta(days=_PERIODS.get(request.args.get("days", ""), 365))
    rows = asked.shares_of_partners(user, since) if user.is_staff else asked.shares_of_deals(user, since)
    if request.args.get("format") == "csv":
        return _as_csv(rows)
    return render_template(
        "referrals/deals/licence_share.html",
        rows=rows,
        whole=asked.shares_of_network(user, since),
        programme_share=LICENCE_SHARE.value(),
        by_partner=user.is_staff,
    )


def _as_csv(rows: list[asked.Shares]) -> Any:
    head = [
        _("Name"), _("Currency"), _("Projects"), _("Licence, planned"), _("Total, planned"), _("Licence, sold"),
        _("Total, sold"), _("Share planned, per cent"), _("Share sold, per cent"),
    ]  # fmt: skip
    cells = (
        (
            row.name, row.currency, row.projects, row.planned_licence, row.planned_total, row.sold_licence,
            row.sold_total, row.planned, row.sold,
        )
        for row in rows
    )  # fmt: skip
    return csv_response("licence-share", head, cells)
