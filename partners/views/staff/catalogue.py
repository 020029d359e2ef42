"""What the vendor sells, what partners do, what the tiers give, what applicants are asked."""

from decimal import Decimal
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.money import currencies
from core.settings import PROGRAMME_CURRENCY
from partners import operations, queries
from partners.forms import QuestionForm, ServiceForm, product_form, tier_form
from partners.models import Product, Question, Service
from partners.views import partners


@partners.get("/staff/catalogue")
@requires(Permission.CATALOGUE_MANAGE)
def catalogue() -> Any:
    """Products, services, and the questions of the application form."""
    return render_template(
        "partners/staff/catalogue.html",
        products=list(queries.products_by_code().values()),
        services=list(queries.services_by_code().values()),
        questions=queries.questions(),
    )


def _currency() -> str:
    typed = request.form.get("currency", "")
    return typed if typed in currencies() else PROGRAMME_CURRENCY.value()


@partners.route("/staff/catalogue/products/new", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def new_product() -> Any:
    """Something more to license."""
    return _product_page(None)


@partners.route("/staff/catalogue/products/<int:product_id>", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def product(product_id: int) -> Any:
    """Name, price, and whether it is still offered."""
    return _product_page(session.get(Product, product_id) or abort(404))


def _product_page(row: Product | None) -> Any:
    currency = _currency() if request.method == "POST" or row is None else row.currency
    about: dict[str, Any] = {"currency": currency}
    if row is not None:
        about |= {"list_price": row.list_price_minor, "is_retired": row.retired_at is not None}
    form = product_form(currency, obj=row, data=about)
    if form.was_sent_and_holds():
        try:
            operations.save_product(
                row,
                code=form.code.data if row is None else row.code,
                name=form.name.data,
                name_ru=form.name_ru.data,
                list_price_minor=form.list_price.data or 0,
                currency=form.currency.data,
                unit=form.unit.data,
                recurring=form.recurring.data,
                is_retired=form.is_retired.data,
                by=signed_in_user(),
            )
            flash(_("Saved."), "good")
            return redirect(url_for("partners.catalogue"))
        except InvalidInput as problem:
            form.complain(problem)
    return render_template("partners/staff/product.html", form=form, product=row), form.status


@partners.route("/staff/catalogue/services/<int:service_id>", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def service(service_id: int) -> Any:
    """Names and description of a service."""
    row = session.get(Service, service_id) or abort(404)
    form = ServiceForm(obj=row, data={"is_retired": row.retired_at is not None})
    if form.was_sent_and_holds():
        try:
            operations.save_service(
                row,
                name=form.name.data,
                name_ru=form.name_ru.data,
                description=form.description.data,
                description_ru=form.description_ru.data,
                is_retired=form.is_retired.data,
                by=signed_in_user(),
            )
            flash(_("Saved."), "good")
            return redirect(url_for("partners.catalogue"))
        except InvalidInput as problem:
            form.complain(problem)
    return render_template("partners/staff/catalogue_form.html", form=form, title=row.label), form.status


@partners.route("/staff/catalogue/questions/new", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def new_question() -> Any:
    """One more question for applicants."""
    return _question_page(None)


@partners.route("/staff/catalogue/questions/<int:question_id>", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def question(question_id: int) -> Any:
    """The words of a question."""
    return _question_page(session.get(Question, question_id) or abort(404))


def _question_page(row: Question | None) -> Any:
    form = QuestionForm(obj=row, data={"is_retired": row is not None and row.retired_at is not None})
    if form.was_sent_and_holds():
        try:
            operations.save_question(
                row,
                text=form.text.data,
                text_ru=form.text_ru.data,
                is_retired=form.is_retired.data,
                by=signed_in_user(),
            )
            flash(_("Saved."), "good")
            return redirect(url_for("partners.catalogue"))
        except InvalidInput as problem:
            form.complain(problem)
    title = _("A question to applicants")
    return render_template("partners/staff/catalogue_form.html", form=form, title=title), form.status


@partners.get("/staff/tiers")
@requires(Permission.PARTNERS_READ)
def tiers() -> Any:
    """What each tier gives."""
    return render_template(
        "partners/staff/tiers.html", tiers=queries.tiers(), counts=queries.partners_per_tier()
    )


@partners.route("/staff/tiers/<code>", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def tier(code: str) -> Any:
    """Changes what a tier gives, from now on."""
    row = queries.tiers_by_code().get(code) or abort(404)
    form = tier_form(
        PROGRAMME_CURRENCY.value(),
        obj=row,
        data={"cofunding_percent": _percent(row.cofunding_rate), "lead_weight": Decimal(row.lead_weight)},
    )
    if form.was_sent_and_holds():
        names = (
            "name",
            "name_ru",
            "lead_weight",
            "cofunding_cap_minor",
            "support",
            "support_ru",
            "demands",
            "demands_ru",
        )
        benefits = {name: getattr(form, name).data for name in names}
        try:
            operations.save_tier(
                row,
                by=signed_in_user(),
                cofunding_rate=(form.cofunding_percent.data or Decimal()) / 100,
                **benefits,
            )
            flash(_("Saved; it holds from now on."), "good")
            return redirect(url_for("partners.tiers"))
        except InvalidInput as problem:
            if "cofunding_rate" in problem.problems:
                problem.problems["cofunding_percent"] = _(
                    "It can be %(least)s to %(most)s.", least=0, most=100
                )
                del problem.problems["cofunding_rate"]
            form.complain(problem)
    return render_template("partners/staff/tier.html", form=form, tier=row), form.status


def _percent(rate: str) -> Decimal:
    return Decimal(format((Decimal(rate) * 100).normalize(), "f"))
