"""Certificates: one's own, the page that proves one to anybody, the paper, and the vendor's list."""

import io
from typing import Any

import segno
from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for

from academy import badges, credentials, operations, queries
from academy.forms import CheckFileForm, RevocationForm
from academy.models import Certificate, edition_of
from academy.views import academy
from accounts.access import public, requires, signed_in_user, visitor
from accounts.limits import limiter
from accounts.models import User
from accounts.permissions import Permission
from core import clock, settings
from core.database import session, writes
from core.errors import InvalidInput
from core.exports import csv_response
from core.i18n import current_locale, format_day, speaking
from core.i18n import gettext as _
from core.mail import absolute_url
from core.pagination import paginate
from core.pdf import render_pdf


def statement(certificate: Certificate) -> list[str]:
    """Every word that a certificate states: what the check code is made over."""
    return [
        certificate.serial,
        certificate.holder,
        certificate.course.code,
        str(certificate.course_version.number),
        str(certificate.level),
        str(certificate.band),
        certificate.issued_at.isoformat(),
        certificate.expires_at.isoformat(),
    ]


def code_of(certificate: Certificate) -> str:
    """The check code that stands on the paper."""
    return badges.check_code(current_app.config["SECRET_KEY"], statement(certificate))


@academy.get("/academy/certificates")
@requires(Permission.COURSES_LEARN)
def my_certificates() -> Any:
    """What I am certified for, and was."""
    person = signed_in_user()
    return render_template("academy/my_certificates.html", page=paginate(queries.certificates_of(person)))


@academy.get("/academy/certificates/<serial>/pdf")
@requires(Permission.CERTIFICATES_READ)
@writes
def certificate_pdf(serial: str) -> Any:
    """The paper, in the holder's language: for the holder, their admin, and the vendor's people."""
    certificate: Certificate = session.scalar(
        queries.certificates_visible_to(signed_in_user()).where(Certificate.serial == serial)
    ) or abort(404)
    answer = Response(pdf_of(certificate), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="certificate-{certificate.serial}.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def pdf_of(certificate: Certificate) -> bytes:
    """The paper. Its QR leads to the page that says what was certified, with the check code to compare.

    Behind its end stands the seal that breaks when a byte of it is changed.
    """
    locale = certificate.user.locale or current_locale()
    code = code_of(certificate)
    address = absolute_url(url_for("academy.certificate", serial=certificate.serial))
    picture = io.BytesIO()
    segno.make(f"{address}?code={code}", error="m").save(picture, kind="svg", border=0, scale=4)
    course = edition_of(certificate.course_version.editions, locale)
    with speaking(locale):
        data = {
            "language": locale,
            "vendor": settings.VENDOR_NAME.value(),
            "programme": settings.PROGRAMME_NAME.value(),
            "heading": _("Certificate"),
            "certifies": _("This certificate is given to"),
            "holder": certificate.holder,
            "passed": _("for passing the exam of the course"),
            "course": course["title"],
            "level": str(certificate.level.label),
            "band": str(certificate.band.label),
            "facts": [
                [_("Version of the course"), str(certificate.course_version.number)],
                [_("Issued"), format_day(certificate.issued_at)],
                [_("Valid until"), format_day(certificate.expires_at)],
                [_("Serial"), certificate.serial],
                [_("Check code"), code],
            ],
            "verify": _("Check it here: the page says what was certified and whether it still holds."),
            "address": address,
        }
    pdf = render_pdf("academy/pdf/certificate.typ", data, {"qr.svg": picture.getvalue()})
    return operations.sealed(pdf, certificate)


@academy.get("/certificates")
@public
def find_certificate() -> Any:
    """Where somebody types the serial that a paper bears."""
    serial = badges.tidy_code(request.args.get("serial", ""))
    if serial and queries.certificate_by_serial(serial) is not None:
        return redirect(url_for("academy.certificate", serial=serial))
    return _find_page(serial=serial), 404 if serial else 200


def _find_page(*, serial: str = "", verdict: str = "", found: Certificate | None = None) -> str:
    form = CheckFileForm(formdata=None)
    return render_template(
        "academy/find_certificate.html", serial=serial, verdict=verdict, found=found, form=form
    )


@academy.post("/certificates")
@public
@limiter.limit("60 per hour")
def check_file() -> Any:
    """A paper or a credential that somebody was handed: whether we made it, and whether a byte of it was changed.

    Nothing in the file is opened or believed; only its signature is computed.
    """
    upload = request.files.get("file")
    content = upload.read(MOST_BYTES + 1) if upload is not None else b""
    if upload is not None:
        upload.close()
    if not content or len(content) > MOST_BYTES:
        return _find_page(verdict="empty" if not content else "large"), 422
    verdict, serial = verdict_on(content)
    found = queries.certificate_by_serial(badges.tidy_code(serial)) if serial else None
    if verdict == "genuine" and found is not None:
        return _certificate_page(found, genuine=True)
    return _find_page(verdict="changed" if serial else verdict, found=found), 422


MOST_BYTES = 2_000_000


def verdict_on(content: bytes) -> tuple[str, str]:
    """What a file is (``genuine``, ``changed``, ``unknown``), and the serial that it names."""
    seal = credentials.seal_of(content)
    if seal is not None:
        key = queries.public_key(seal.key)
        whole = key is not None and seal.is_whole(key.public_key)
        return ("genuine" if whole else "changed"), seal.serial
    if content.startswith(b"%PDF-"):
        return "unsealed", ""
    token = credentials.taken_apart(content.decode("ascii", "replace"))
    if token is None:
        return "unknown", ""
    serial = str(token.claims.get("jti", "")).rpartition("/")[2][:60]
    key = queries.public_key(token.kid.rpartition("/")[2])
    genuine = key is not None and token.is_genuine(key.public_key)
    return ("genuine" if genuine else "changed"), serial


@academy.get("/certificates/<serial>")
@public
def certificate(serial: str) -> Any:
    """What was certified, whether it holds, and whether a paper's check code belongs to it. No e-mail, no firm."""
    found = queries.certificate_by_serial(badges.tidy_code(serial))
    if found is None:
        return _find_page(serial=serial[:60]), 404
    code = request.args.get("code", "")[:60]
    fits = badges.is_the_code(current_app.config["SECRET_KEY"], statement(found), code) if code else None
    return _certificate_page(found, code=code, fits=fits)


def _certificate_page(
    found: Certificate, *, code: str = "", fits: bool | None = None, genuine: bool = False
) -> str:
    newer = queries.standing_certificate(found.user, found.course) if found.superseded_at else None
    person = visitor()
    may_download = person is not None and session.scalar(
        queries.certificates_visible_to(person).where(Certificate.id == found.id)
    )
    return render_template(
        "academy/certificate.html",
        certificate=found,
        code=code,
        fits=fits,
        newer=newer,
        is_genuine=genuine,
        may_download=bool(may_download),
    )


@academy.get("/staff/certificates")
@requires(Permission.STAFF_PAGES)
def all_certificates() -> Any:
    """Everything that was certified, with filters and as a file."""
    person = signed_in_user()
    rows = _filtered(person)
    if request.args.get("format") == "csv":
        return csv_response("certificates", _HEAD, [_line(row) for row in session.scalars(rows)])
    return render_template(
        "academy/staff/certificates.html", page=paginate(rows), form=RevocationForm(formdata=None)
    )


_HEAD = ("serial", "holder", "course", "version", "level", "band", "issued_at", "expires_at", "status")


def _line(row: Certificate) -> list[Any]:
    moments = [row.issued_at.isoformat(), row.expires_at.isoformat()]
    course = [row.course.code, row.course_version.number, str(row.level), str(row.band)]
    return [row.serial, row.holder, *course, *moments, str(row.status)]


def _filtered(person: User) -> Any:
    rows = queries.certificates_visible_to(person)
    wanted = request.args.get("q", "").strip()
    if wanted:
        serial = badges.tidy_code(wanted)
        rows = rows.where(
            Certificate.holder.icontains(wanted, autoescape=True)
            | Certificate.serial.startswith(serial, autoescape=True)
        )
    state = request.args.get("state", "")
    standing = Certificate.revoked_at.is_(None) & Certificate.superseded_at.is_(None)
    if state == "valid":
        rows = rows.where(standing, Certificate.holds_until > clock.now())
    elif state == "expired":
        rows = rows.where(standing, Certificate.expires_at <= clock.now())
    elif state == "revoked":
        rows = rows.where(Certificate.revoked_at.is_not(None))
    return rows


@academy.route("/staff/certificates/<serial>", methods=["GET", "POST"])
@requires(Permission.CERTIFICATES_REVOKE)
def certificate_revocation(serial: str) -> Any:
    """One certificate, to take back with a reason."""
    found: Certificate = session.scalar(
        queries.certificates_visible_to(signed_in_user()).where(Certificate.serial == serial)
    ) or abort(404)
    form = RevocationForm()
    if form.was_sent_and_holds():
        try:
            operations.revoke_certificate(found, reason=form.reason.data, by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("The certificate of %(name)s is revoked.", name=found.holder), "good")
            return redirect(url_for("academy.all_certificates"))
    return render_template("academy/staff/certificate.html", certificate=found, form=form), form.status
