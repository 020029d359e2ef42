"""Papers of a firm: the same list for those of the firm who look after them, and for the vendor's people."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from markupsafe import Markup

from accounts.access import requires, signed_in_user
from accounts.models import User
from accounts.permissions import Permission
from core import uploads
from core.database import session
from core.errors import InvalidInput
from core.i18n import format_day
from core.i18n import gettext as _
from core.interface import dotted
from core.pagination import paginate
from core.slots import fills, rendered
from core.waiting import Waiting, waits
from partners import operations, queries
from partners.forms.documents import DocumentChangeForm, DocumentForm
from partners.menu import end_of
from partners.models import Document, Partner
from partners.queries import documents as asked
from partners.queries.measures import programme_today
from partners.views import partners as pages

#: How many stand on the firm's page.
ON_A_PAGE = 4


def _own() -> Partner:
    return queries.partner_of(signed_in_user()) or abort(404)


def _theirs(partner_id: int) -> Partner:
    """The firm, for the vendor's people only: a firm's own people have a page of their own."""
    user = signed_in_user()
    visible = queries.partners_visible_to(user).where(Partner.id == partner_id)
    return (session.scalar(visible) if user.is_staff else None) or abort(404)


def _document(firm: Partner, document_id: int) -> Document:
    rows = asked.documents_visible_to(signed_in_user()).where(
        Document.partner_id == firm.id, Document.id == document_id
    )
    return session.scalar(rows) or abort(404)


@pages.get("/firm/documents")
@requires(Permission.DOCUMENTS_READ)
def firm_documents() -> Any:
    """Our papers, as the vendor has them."""
    return _page(_own(), DocumentForm(formdata=None))


@pages.post("/firm/documents")
@requires(Permission.DOCUMENTS_WRITE)
def firm_document_upload() -> Any:
    """One more."""
    return _uploaded(_own())


@pages.get("/firm/documents/<int:document_id>/file")
@requires(Permission.DOCUMENTS_READ)
def firm_document_file(document_id: int) -> Any:
    """One of our papers, as a download."""
    return _file(_document(_own(), document_id))


@pages.route("/firm/documents/<int:document_id>/change", methods=["GET", "POST"])
@requires(Permission.DOCUMENTS_WRITE)
def firm_document_change(document_id: int) -> Any:
    """Another last day, kind or title of one of ours."""
    return _changed(_document(_own(), document_id))


@pages.post("/firm/documents/<int:document_id>/withdrawal")
@requires(Permission.DOCUMENTS_WRITE)
def firm_document_withdrawal(document_id: int) -> Any:
    """No longer in force."""
    return _withdrawn(_document(_own(), document_id))


@pages.get("/staff/partners/<int:partner_id>/documents")
@requires(Permission.DOCUMENTS_READ)
def partner_documents(partner_id: int) -> Any:
    """The firm's papers."""
    return _page(_theirs(partner_id), DocumentForm(formdata=None))


@pages.post("/staff/partners/<int:partner_id>/documents")
@requires(Permission.DOCUMENTS_WRITE)
def partner_document_upload(partner_id: int) -> Any:
    """One more, put there by the vendor."""
    return _uploaded(_theirs(partner_id))


@pages.get("/staff/partners/<int:partner_id>/documents/<int:document_id>/file")
@requires(Permission.DOCUMENTS_READ)
def partner_document_file(partner_id: int, document_id: int) -> Any:
    """One of the firm's papers, as a download."""
    return _file(_document(_theirs(partner_id), document_id))


@pages.route("/staff/partners/<int:partner_id>/documents/<int:document_id>/change", methods=["GET", "POST"])
@requires(Permission.DOCUMENTS_WRITE)
def partner_document_change(partner_id: int, document_id: int) -> Any:
    """Another last day, kind or title of one of the firm's papers."""
    return _changed(_document(_theirs(partner_id), document_id))


@pages.post("/staff/partners/<int:partner_id>/documents/<int:document_id>/withdrawal")
@requires(Permission.DOCUMENTS_WRITE)
def partner_document_withdrawal(partner_id: int, document_id: int) -> Any:
    """No longer in force."""
    return _withdrawn(_document(_theirs(partner_id), document_id))


def _address(firm: Partner) -> str:
    if signed_in_user().is_staff:
        return url_for("partners.partner_documents", partner_id=firm.id)
    return url_for("partners.firm_documents")


def _page(firm: Partner, form: DocumentForm) -> Any:
    user = signed_in_user()
    rows = asked.documents_visible_to(user).where(Document.partner_id == firm.id)
    return render_template(
        "partners/documents/documents.html",
        partner=firm,
        page=paginate(rows),
        today=programme_today(),
        form=form,
        may_write=user.may(Permission.DOCUMENTS_WRITE) and (user.is_staff or not firm.has_left),
    ), form.status


def _uploaded(firm: Partner) -> Any:
    form = DocumentForm()
    if form.was_sent_and_holds():
        try:
            operations.keep_document(firm, **form.answers(), by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Uploaded: both sides see it."), "good")
            return redirect(_address(firm))
    return _page(firm, form)


def _file(row: Document) -> Any:
    if row.storage_key is None:
        abort(404)
    return uploads.download(row.storage_key, name=row.name, content_type=row.content_type)


def _changed(row: Document) -> Any:
    form = DocumentChangeForm(obj=row)
    if form.was_sent_and_holds():
        try:
            operations.change_document(row, **form.answers(), by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Saved. The file is as it was."), "good")
            return redirect(_address(row.partner))
    return render_template(
        "partners/documents/change.html", document=row, form=form, back=_address(row.partner)
    ), form.status


def _withdrawn(row: Document) -> Any:
    operations.withdraw_document(row, by=signed_in_user())
    flash(_("Withdrawn: it is no longer in force."), "good")
    return redirect(_address(row.partner))


@fills("partners.firm.aside", order=20)
@fills("partners.partner.aside", order=20)
def papers(partner: Partner) -> Markup | None:
    """On the firm's page, for either side: the latest papers in force, and the way to all of them."""
    user = signed_in_user()
    if not user.may(Permission.DOCUMENTS_READ):
        return None
    rows = asked.documents_visible_to(user).where(
        Document.partner_id == partner.id, Document.withdrawn_at.is_(None)
    )
    return rendered(
        "partners/documents/_of_firm.html",
        documents=session.scalars(rows.limit(ON_A_PAGE)).all(),
        url=_address(partner),
        today=programme_today(),
    )


@waits
def papers_to_renew(person: User) -> Iterable[Waiting]:
    """For whoever can upload a new one or say that it holds longer, on either side: papers about to end, or ended."""
    if not person.may(Permission.DOCUMENTS_WRITE):
        return []
    return [
        Waiting(
            title=_("Renew: %(title)s", title=row.title),
            detail=dotted(
                row.partner.name if person.is_staff else "",
                row.kind.label,
                _("valid until %(day)s", day=format_day(row.valid_until)),
            ),
            url=url_for("partners.partner_documents", partner_id=row.partner_id)
            if person.is_staff
            else url_for("partners.firm_documents"),
            verb=_("Upload"),
            icon="file-earmark-text",
            due_at=end_of(row.valid_until) - timedelta(seconds=1),
        )
        for row in session.scalars(asked.documents_to_renew(person).limit(20))
        if row.valid_until is not None
    ]
