"""Taking an exam. The page shows what an attempt shows and nothing more; the server keeps the clock."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask import session as cookie

from academy import operations, queries
from academy.grading import as_ordered
from academy.models import Attempt, AttemptItem
from academy.operations.exams import asked
from academy.views import academy
from academy.views.learners import exam_rules, live_or_404
from accounts.access import requires, signed_in_user
from accounts.limits import limiter
from accounts.models import digest
from accounts.permissions import Permission
from core.database import session, writes
from core.i18n import current_locale
from core.i18n import gettext as _


def _per_browser() -> str:
    """Whose requests are counted: the signed-in browser's, told by its cookie without asking the database."""
    return f"exam:{digest(str(cookie.get('_user_id', request.remote_addr)))}"


@academy.post("/academy/courses/<code>/attempt")
@requires(Permission.COURSES_LEARN)
@limiter.limit("30 per hour", key_func=_per_browser)
def new_attempt(code: str) -> Any:
    """Begins an attempt, or goes on with the one under way."""
    attempt = operations.begin_attempt(live_or_404(code), locale=current_locale(), by=signed_in_user())
    return redirect(url_for("academy.attempt", attempt_id=attempt.id))


def _mine(attempt_id: int) -> Attempt:
    attempt: Attempt = session.scalar(
        queries.attempts_visible_to(signed_in_user()).where(Attempt.id == attempt_id)
    ) or abort(404)
    return attempt


@academy.get("/academy/attempts/<int:attempt_id>")
@requires(Permission.COURSES_LEARN)
@limiter.limit("240 per hour", key_func=_per_browser)
@writes
def attempt(attempt_id: int) -> Any:
    """The questions while the clock runs, the result after. Seen too late, it is ended here and now."""
    row = _mine(attempt_id)
    if row.is_overdue:
        row = operations.close_overdue(row)
    if row.is_open:
        return _questions_page(row)
    version = row.version
    live = queries.live_version(version.course.code)
    return render_template(
        "academy/result.html",
        attempt=row,
        version=version,
        state=queries.exam_state(signed_in_user(), live) if live is not None else None,
        why_shut=operations.why_shut,
        certificate=queries.standing_certificate(signed_in_user(), version.course)
        if row.has_passed
        else None,
        missed=[item.shown for item in row.items if row.has_passed and (item.score or 0) < 10_000],
    )


@academy.get("/academy/attempts/<int:attempt_id>/clock")
@requires(Permission.COURSES_LEARN)
@limiter.limit("600 per hour", key_func=_per_browser)
def attempt_clock(attempt_id: int) -> Any:
    """The clock alone, which the page asks for twice a minute."""
    return render_template("academy/_exam_clock.html", attempt=_mine(attempt_id))


def _questions_page(row: Attempt) -> Any:
    items = [(item, _with_order(asked(item), item), (item.given or {}).get("value")) for item in row.items]
    return render_template(
        "academy/exam.html",
        attempt=row,
        version=row.version,
        items=items,
        answered=sum(item.given is not None for item in row.items),
        rules=exam_rules(row.version),
    )


def _with_order(question: dict[str, Any], item: AttemptItem) -> dict[str, Any]:
    """Items to put in order stand as they were put last, so that a page read again shows the answer."""
    places = (item.given or {}).get("value")
    if "items" in question and isinstance(places, dict):
        question["items"] = as_ordered(question["items"], places)
    return question


def _answers_sent(row: Attempt) -> dict[int, Any]:
    """What the form holds, by position: a text, a list of choices, or pairs. What was not sent stays as it was."""
    return {item.position: _answer_to(item) for item in row.items if f"shown-{item.position}" in request.form}


def _answer_to(item: AttemptItem) -> Any:
    name = f"answer-{item.position}"
    kind = item.shown["kind"]
    if kind == "multiple":
        return request.form.getlist(name)
    if kind == "matching":
        return {pair["id"]: request.form.get(f"{name}-{pair['id']}", "") for pair in item.shown["pairs"]}
    if kind == "ordering":
        return {one["id"]: request.form.get(f"{name}-{one['id']}", "") for one in item.shown["items"]}
    return request.form.get(name, "")


@academy.post("/academy/attempts/<int:attempt_id>/answers")
@requires(Permission.COURSES_LEARN)
@limiter.limit("1200 per hour", key_func=_per_browser)
def attempt_answers(attempt_id: int) -> Any:
    """Keeps what is answered so far: after every change by the page's script, or by its button."""
    row = _mine(attempt_id)
    operations.save_answers(row, _answers_sent(row), by=signed_in_user())
    if request.headers.get("X-Requested-With") == "fetch":
        return "", 204
    flash(_("Your answers are kept."), "good")
    return redirect(url_for("academy.attempt", attempt_id=attempt_id))


@academy.post("/academy/attempts/<int:attempt_id>/submission")
@requires(Permission.COURSES_LEARN)
def attempt_submission(attempt_id: int) -> Any:
    """Hands in. Too late, and only what was kept before counts."""
    row = _mine(attempt_id)
    was_open = row.is_open
    row = operations.hand_in(row, _answers_sent(row), by=signed_in_user())
    if was_open and row.ran_out:
        flash(_("Time was up before this arrived. What had been kept until then was marked."), "wait")
    return redirect(url_for("academy.attempt", attempt_id=attempt_id))
