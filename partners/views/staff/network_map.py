"""Where the network is and where it is missing."""

from typing import Any

from flask import render_template, request

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import clock
from core.exports import csv_response
from partners.queries import network_map as asked
from partners.queries.catalogue import products_by_code
from partners.views import partners

MOST_GAPS = 50


def _country() -> str:
    """The country in the address, if firms are there."""
    wanted = request.args.get("country", "")
    return wanted if wanted in {place.country for place in asked.by_country()} else ""


@partners.get("/staff/network")
@requires(Permission.PARTNERS_READ)
def network() -> Any:
    """Firms on a map, by country, or by region and city of one; and what nobody could take on."""
    country = _country()
    spots = asked.network_spots(country)
    return render_template(
        "partners/staff/network_map.html",
        country=country,
        wide=asked.drawn(spots, asked.WIDE, country),
        narrow=asked.drawn(spots, asked.NARROW, country),
        countries=asked.by_country(),
        regions=asked.by_region(country) if country else [],
        cities=asked.by_city(country) if country else [],
        gaps=[gap for gap in asked.gaps(signed_in_user()) if country in ("", gap.country)][:MOST_GAPS],
        products=products_by_code(),
    )


@partners.get("/staff/network.csv")
@requires(Permission.PARTNERS_READ)
def network_csv() -> Any:
    """The counts as a file: by country, or by city of one."""
    country = _country()
    rows = asked.by_city(country) if country else asked.by_country()
    head = ["country", "city" if country else "code", "firms", "active"]
    return csv_response(
        f"network-{clock.now():%Y-%m-%d}",
        head,
        ([row.country, row.name, row.firms, row.active] for row in rows),
    )
