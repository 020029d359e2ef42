"""Sales: every one for the vendor, their own for partners; typed in, given to a partner, released from review."""

from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import clock
from core.activity import activity_on
from core.database import session
from core.errors import InvalidInput, Refusal
from core.exports import Column, csv_of_list
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.i18n import lazy_pgettext
from core.pagination import paginate
from core.settings import PROGRAMME_TIME_ZONE
from partners.models import Partner
from partners.queries import partner_of, partners_visible_to
from referrals.forms.sales import AttributionForm, LaterFactForm, SaleForm
from referrals.models.sales import AttributionSource, Sale, SaleStatus
from referrals.operations import sales as operations
from referrals.queries import sales as asked
from referrals.queries import waiting_facts as facts
from referrals.queries.catalogue import Catalogue
from referrals.queries.firms import partner_names
from referrals.queries.links import link_names
from referrals.views import pages
from referrals.views.deal_wording import BECAUSE, HELD_BECAUSE
from referrals.views.evidence import clicks_and_leads

_STATES: list[tuple[str, Any]] = [
    ("", _l("all")),
    (SaleStatus.ATTRIBUTED.value, _l("Attributed")),
    (SaleStatus.UNATTRIBUTED.value, _l("Without a partner")),
    (SaleStatus.HELD.value, lazy_pgettext("sale", "Held")),
    (SaleStatus.REVERSED.value, _l("Reversed")),
]
DEEDS: dict[str, Any] = {
    "sale recorded": _l("Recorded"),
    "sale attributed": _l("Given to a partner"),
    "sale plan named": _l("Computed by another plan"),
    "sale put right": _l("Put right"),
}


@pages.get("/sales")
@requires(Permission.EARNINGS_READ)
def sales() -> Any:
    """What the firm has sold. For staff it is the vendor's list."""
    if signed_in_user().is_staff:
        return redirect(url_for("referrals.staff_sales"))
    return _list("referrals/sales/sales.html")


@pages.get("/staff/sales")
@requires(Permission.SALES_READ)
def staff_sales() -> Any:
    """Every sale; what is nobody's or under review stands on top."""
    user = signed_in_user()
    if not user.is_staff:
        abort(403)
    return _list(
        "referrals/sales/staff_sales.html",
        may_write=user.may(Permission.SALES_WRITE),
        to_look_at=session.scalars(asked.sales_to_look_at(user).limit(10)).all(),
        refused=session.scalars(facts.refused_refunds().limit(20)).all(),
        waiting=[fact for query in facts.facts_without_a_sale() for fact in session.scalars(query.limit(10))],
    )


def _list(template: str, **further: Any) -> Any:
    wanted = asked.SaleFilter(text=request.args.get("q", ""), status=request.args.get("status", ""))
    found = asked.sales_matching(asked.sales_visible_to(signed_in_user()), wanted)
    if request.args.get("format") == "csv":
        return _as_csv(found)
    return render_template(
        template,
        page=paginate(found),
        states=_STATES,
        is_narrowed=bool(wanted.text or wanted.status),
        **further,
    )


def _as_csv(found: "sa.Select[Sale]") -> Response:
    columns: list[Column] = [
        (_("Sale"), lambda sale: sale.external_id),
        (_("Invoice"), lambda sale: sale.invoice),
        (_("Sold"), lambda sale: sale.occurred_at),
        (_("Customer"), lambda sale: sale.customer.name),
        (_("Partner"), lambda sale: sale.partner.name if sale.partner else ""),
        (_("Minor units"), lambda sale: sale.total_minor),
        (_("Currency"), lambda sale: sale.currency),
        (_("State"), lambda sale: sale.status.value),
    ]
    return csv_of_list("sales", columns, found)


@pages.get("/sales/<int:sale_id>")
@requires(Permission.EARNINGS_READ)
def sale(sale_id: int) -> Any:
    """The facts of a sale, whose it is and why, and what others know of it."""
    query = asked.with_everything(asked.sales_visible_to(signed_in_user())).where(Sale.id == sale_id)
    return _sale_page(session.scalars(query).unique().one_or_none() or abort(404))


def _sale_page(found: Sale, form: AttributionForm | None = None) -> Any:
    user = signed_in_user()
    may_decide = user.is_staff and user.may(Permission.SALES_WRITE)
    firm = None if user.is_staff else partner_of(user)
    names = (
        partner_names([one["partner_id"] for one in found.attribution if one["partner_id"]])
        if user.is_staff
        else {firm.id: firm.name}
        if firm is not None
        else {}
    )
    own_links = [one.get("link_id") for one in found.attribution if one["partner_id"] in names]
    page = render_template(
        "referrals/sales/sale.html",
        sale=found,
        kind_label=Catalogue.read().label,
        because=BECAUSE,
        held_because=HELD_BECAUSE,
        names=names,
        links=link_names(own_links),
        evidence=clicks_and_leads(found) if user.is_staff and found.held_because in HELD_BECAUSE else None,
        sources=AttributionSource,
        may_decide=may_decide,
        attribution_form=form or (AttributionForm(_partners(), formdata=None) if may_decide else None),
        deeds=DEEDS,
        activity=session.scalars(activity_on(found).limit(20)).all() if user.is_staff else [],
    )
    return page, 422 if form is not None else 200


@pages.route("/staff/sales/new", methods=["GET", "POST"])
@requires(Permission.SALES_WRITE)
def new_sale() -> Any:
    """A sale that came by no other way, typed in by finance."""
    form = SaleForm(_partners())
    if request.method == "GET":
        form.occurred_on.data = clock.today(PROGRAMME_TIME_ZONE.value())
    if form.was_sent_and_holds():
        if not form.licence.data and not form.services.data:
            form.licence.errors = [_("Give the licence, the services, or both.")]
        else:
            try:
                recorded = operations.record_sale(form.typed(), by=signed_in_user(), source="page")
            except InvalidInput as problem:
                form.complain(_at_the_fields(problem))
            except Refusal as refusal:
                form.refuse(refusal, at="external_id")
            else:
                if recorded.is_new:
                    flash(_("Recorded."), "good")
                else:
                    flash(_("This sale was recorded before. Nothing was changed."), "wait")
                return redirect(url_for("referrals.sale", sale_id=recorded.fact.id))
    return render_template("referrals/sales/new_sale.html", form=form), form.status


def _at_the_fields(problem: InvalidInput) -> InvalidInput:
    return InvalidInput({where.strip("/"): said for where, said in problem.problems.items()})


@pages.route("/staff/sales/<int:sale_id>/later", methods=["GET", "POST"])
@requires(Permission.SALES_WRITE)
def later_fact(sale_id: int) -> Any:
    """What followed a sale and came by no other way: paid, given back, or what the customer's bank says."""
    found = _writable(sale_id)
    form = LaterFactForm(found)
    if request.method == "GET":
        form.occurred_on.data = clock.today(PROGRAMME_TIME_ZONE.value())
    if form.was_sent_and_holds():
        record = _RECORDING.get(form.what.data, operations.record_chargeback)
        try:
            recorded = record(form.typed(), by=signed_in_user(), sale=found, source="page")
        except InvalidInput as problem:
            form.complain(_at_the_fields(problem))
        except Refusal as refusal:
            form.refuse(refusal, at="amount_minor")
        else:
            if recorded.is_new:
                flash(_("Recorded. What the sale earns follows it."), "good")
            else:
                flash(_("This was recorded before. Nothing was changed."), "wait")
            return redirect(url_for("referrals.sale", sale_id=sale_id))
    return render_template("referrals/sales/later_fact.html", form=form, sale=found), form.status


_RECORDING: dict[str, Any] = {"payment": operations.record_payment, "refund": operations.record_refund}


@pages.post("/staff/sales/<int:sale_id>/attribution")
@requires(Permission.SALES_WRITE)
def attribute_sale(sale_id: int) -> Any:
    """Gives a sale that is nobody's to a partner."""
    found, form = _writable(sale_id), AttributionForm(_partners())
    if form.was_sent_and_holds():
        partner = form.partner_id.firm or abort(404)
        operations.attribute_sale(
            found,
            partner,
            source=AttributionSource.MANAGER,
            because=form.because.data or "",
            by=signed_in_user(),
        )
        flash(_("The sale is %(partner)s's now.", partner=partner.name), "good")
        return redirect(url_for("referrals.sale", sale_id=sale_id))
    return _sale_page(found, form)


@pages.post("/staff/sales/<int:sale_id>/release")
@requires(Permission.SALES_WRITE)
def release_sale(sale_id: int) -> Any:
    """Ends the review of a held sale."""
    found = _writable(sale_id)
    operations.release_sale(found, by=signed_in_user())
    if found.held_because:
        flash(_("It still waits: the exchange rate of its day is not known."), "wait")
    else:
        flash(_("Released. The sale earns now."), "good")
    return redirect(url_for("referrals.sale", sale_id=sale_id))


def _writable(sale_id: int) -> Sale:
    query = asked.with_everything(asked.sales_open_to(signed_in_user())).where(Sale.id == sale_id)
    return session.scalars(query).unique().one_or_none() or abort(404)


def _partners() -> sa.Select[Partner]:
    return partners_visible_to(signed_in_user())
