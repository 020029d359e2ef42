"""Files for partners: firms take them, the vendor keeps them."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for

from accounts.access import public, requires, signed_in_user
from accounts.permissions import Permission
from core import storage, uploads
from core.database import session, writes
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.i18n import language_name
from core.pagination import paginate
from core.settings import ACCENT, VENDOR_NAME
from partners import operations, queries
from partners.cobranding import price_list, with_partner
from partners.forms.resources import ResourceForm
from partners.models import Partner, Resource, ResourceKind
from partners.queries import resources as asked
from partners.views import partners


def _resource(number: int) -> Resource:
    rows = asked.resources_visible_to(signed_in_user()).where(Resource.id == number)
    return session.scalar(rows) or abort(404)


@partners.get("/resources")
@requires(Permission.FIRM_READ)
def resources() -> Any:
    """What we may sell with, by kind and language, and the badge of our tier."""
    user = signed_in_user()
    firm = queries.partner_of(user) or abort(404)
    rows = asked.resources_visible_to(user)
    page = paginate(asked.resources_matching(rows, **_asked()))
    return render_template("partners/resources/resources.html", page=page, partner=firm, **_filters())


@partners.get("/resources/<int:resource_id>/file")
@requires(Permission.FIRM_READ)
@writes
def resource_file(resource_id: int) -> Any:
    """The file, with our name on it where it is co-branded; that it was taken is kept."""
    user = signed_in_user()
    resource = _resource(resource_id)
    firm = queries.partner_of(user) or abort(404)
    operations.note_download(resource, firm, by=user)
    answer = uploads.download(
        resource.storage_key, name=resource.file_name, content_type=resource.content_type
    )
    if resource.co_branded:
        answer.set_data(with_partner(storage.read(resource.storage_key), firm))
    return answer


@partners.get("/resources/price-list.pdf")
@requires(Permission.FIRM_READ)
def price_list_file() -> Any:
    """The catalogue of today with our name and logo."""
    firm = queries.partner_of(signed_in_user()) or abort(404)
    answer = Response(price_list(firm), mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename="price-list.pdf")
    return answer


@partners.get("/resources/badge.svg")
@requires(Permission.FIRM_READ)
def tier_badge() -> Any:
    """The badge of our tier, for site and signature."""
    firm = queries.partner_of(signed_in_user()) or abort(404)
    drawn = render_template(
        "partners/resources/badge.svg",
        tier=firm.tier_row.label,
        vendor=VENDOR_NAME.value(),
        accent=ACCENT.value(),
    )
    answer = Response(drawn, mimetype="image/svg+xml")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{firm.tier}-partner.svg")
    return answer


@partners.get("/finder/<int:partner_id>/logo")
@public
def partner_logo(partner_id: int) -> Any:
    """A firm's logo, an image that was made anew when it was uploaded."""
    partner = session.get(Partner, partner_id)
    if partner is None or not partner.is_active or not partner.logo:
        abort(404)
    answer = Response(storage.read(partner.logo), mimetype="image/png")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


@partners.get("/staff/resources")
@requires(Permission.RESOURCES_WRITE)
def staff_resources() -> Any:
    """Everything there is, and how often it was taken."""
    page = paginate(asked.resources_matching(asked.resources_visible_to(signed_in_user()), **_asked()))
    return render_template(
        "partners/resources/staff/resources.html",
        page=page,
        taken=asked.downloads_of(list(page.items)),
        tiers=queries.tiers_by_code(),
        **_filters(),
    )


@partners.route("/staff/resources/new", methods=["GET", "POST"])
@requires(Permission.RESOURCES_WRITE)
def new_resource() -> Any:
    """One more file."""
    return _edited(None)


@partners.route("/staff/resources/<int:resource_id>", methods=["GET", "POST"])
@requires(Permission.RESOURCES_WRITE)
def staff_resource(resource_id: int) -> Any:
    """Another title, segment or file."""
    return _edited(_resource(resource_id))


@partners.post("/staff/resources/<int:resource_id>/retirement")
@requires(Permission.RESOURCES_WRITE)
def resource_retirement(resource_id: int) -> Any:
    """Partners no longer see it."""
    operations.retire_resource(_resource(resource_id), by=signed_in_user())
    flash(_("Retired: partners no longer see it."), "good")
    return redirect(url_for("partners.staff_resources"))


def _edited(resource: Resource | None) -> Any:
    form = ResourceForm(resource)
    if form.was_sent_and_holds():
        try:
            operations.save_resource(resource, **form.answers(), by=signed_in_user())
            flash(_("Saved."), "good")
            return redirect(url_for("partners.staff_resources"))
        except InvalidInput as problem:
            form.complain(problem)
    return render_template(
        "partners/resources/staff/resource.html", form=form, resource=resource
    ), form.status


def _asked() -> dict[str, str]:
    return {name: request.args.get(name, "")[:20] for name in ("kind", "language")}


def _filters() -> dict[str, Any]:
    return {
        "kinds": [(kind.value, str(kind.label)) for kind in ResourceKind],
        "file_languages": [(code, language_name(code)) for code in ("en", "ru", "de", "fr", "es", "pl")],
    }
