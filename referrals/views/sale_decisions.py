"""A wrong sale put right: voided, or given to another partner. Reached from the sale's own page."""

from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, url_for
from markupsafe import Markup

from accounts.access import requires, signed_in_user, visitor
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.slots import fills, rendered
from partners.models import Partner
from partners.queries import partners_visible_to
from referrals.forms.sale_decisions import OtherPartnerForm, VoidForm
from referrals.models import Sale, SaleDecision
from referrals.operations import sales as operations
from referrals.queries import sales as asked
from referrals.views import pages


@fills("referrals.sale.aside", order=80)
def wrong_sale(sale: Sale, **_more: Any) -> Markup | None:
    """For who may decide: the way to put it right, and what was decided before."""
    person = visitor()
    if person is None or not person.is_staff or not person.may(Permission.SALES_WRITE):
        return None
    decided = session.scalars(
        sa.select(SaleDecision).where(SaleDecision.sale_id == sale.id).order_by(SaleDecision.id)
    ).all()
    if not decided and sale.partner_id is None and sale.voided_at is not None:
        return None
    return rendered("referrals/sales/_wrong_sale.html", sale=sale, decided=decided, names=_names_in(decided))


def _names_in(decided: Any) -> dict[int, str]:
    ids = {one for decision in decided for one in (decision.from_partner_id, decision.to_partner_id) if one}
    if not ids:
        return {}
    rows = session.execute(sa.select(Partner.id, Partner.name).where(Partner.id.in_(ids)))
    return {int(partner_id): str(name) for partner_id, name in rows}


def _sale(sale_id: int) -> Sale:
    user = signed_in_user()
    if not user.is_staff:
        abort(404)
    query = asked.with_everything(asked.sales_open_to(user)).where(Sale.id == sale_id)
    return session.scalars(query).unique().one_or_none() or abort(404)


def _partners(but: Sale) -> sa.Select[Partner]:
    return partners_visible_to(signed_in_user()).where(Partner.id != (but.partner_id or 0))


@pages.get("/staff/sales/<int:sale_id>/decision")
@requires(Permission.SALES_WRITE)
def sale_decision(sale_id: int) -> Any:
    """Both ways to put a wrong sale right."""
    return _page(_sale(sale_id))


def _page(sale: Sale, **sent: Any) -> Any:
    forms = {
        "other": OtherPartnerForm(_partners(sale), formdata=None),
        "void": VoidForm(formdata=None),
    } | sent
    page = render_template(
        "referrals/sales/sale_decision.html", sale=sale, forms=forms, sent=next(iter(sent), None)
    )
    return page, 422 if sent else 200


@pages.post("/staff/sales/<int:sale_id>/void")
@requires(Permission.SALES_WRITE)
def sale_void(sale_id: int) -> Any:
    """It was no sale."""
    found, form = _sale(sale_id), VoidForm()
    if form.was_sent_and_holds():
        try:
            operations.void_sale(found, reason=form.reason.data or "", by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Voided. What it had earned is taken back."), "good")
            return redirect(url_for("referrals.sale", sale_id=sale_id))
    return _page(found, void=form)


@pages.post("/staff/sales/<int:sale_id>/other-partner")
@requires(Permission.SALES_WRITE)
def sale_other_partner(sale_id: int) -> Any:
    """It is somebody else's."""
    found = _sale(sale_id)
    form = OtherPartnerForm(_partners(found))
    if form.was_sent_and_holds():
        partner = form.partner_id.firm
        try:
            operations.reattribute_sale(found, partner, reason=form.reason.data or "", by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Put right. What it earns has moved along."), "good")
            return redirect(url_for("referrals.sale", sale_id=sale_id))
    return _page(found, other=form)
