"""A partner's name and logo on what the vendor gives out: a PDF's first page, and the price list of the catalogue."""

import io

from core import clock, storage
from core.i18n import current_locale, format_day, format_money
from core.i18n import gettext as _
from core.pdf import render_pdf
from partners import queries
from partners.models import LineKind, Partner

_POINTS_TO_MM = 25.4 / 72


def with_partner(content: bytes, partner: Partner) -> bytes:
    """The PDF ``content`` with ``partner``'s name and logo in the lower right corner of its first page."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    first = writer.pages[0]
    images = {"logo.png": storage.read(partner.logo)} if partner.logo else None
    data = {
        "name": partner.name,
        "logo": bool(partner.logo),
        "width": round(float(first.mediabox.width) * _POINTS_TO_MM, 2),
        "height": round(float(first.mediabox.height) * _POINTS_TO_MM, 2),
    }
    stamp = PdfReader(io.BytesIO(render_pdf("partners/resources/stamp.typ", data, images)))
    first.merge_page(stamp.pages[0])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def price_list(partner: Partner) -> bytes:
    """The catalogue of today as a PDF in the reader's language, headed by ``partner``."""
    products = [
        {
            "name": product.label,
            "code": product.code,
            "unit": f"{product.unit.label}, {product.recurring.label}",
            "price": format_money(product.list_price_minor, product.currency),
        }
        for product in queries.products()
    ]
    services = [
        {"name": service.label, "description": service.said_description}
        for service in queries.services()
        if service.code != LineKind.OTHER
    ]
    data = {
        "partner": partner.name,
        "contact": " · ".join(part for part in (partner.website, partner.phone, partner.city) if part),
        "logo": bool(partner.logo),
        "date": format_day(clock.now()),
        "language": current_locale(),
        "products": products,
        "services": services,
        "words": {
            "title": _("Price list"),
            "note": _("List prices without tax, as of the day below. Services are quoted by project."),
            "product": _("Product"),
            "unit": _("Counted"),
            "price": _("Price"),
            "services": _("Services"),
        },
    }
    images = {"logo.png": storage.read(partner.logo)} if partner.logo else None
    return render_pdf("partners/resources/price_list.typ", data, images)
