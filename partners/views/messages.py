"""Conversations: the same pages for a firm's people, who see their own, and for the vendor's, who see all."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup

from accounts.access import requires, signed_in_user
from accounts.models import User
from accounts.permissions import Permission
from accounts.queries import staff
from core.database import session, writes
from core.digits import number_in
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from core.slots import fills, rendered
from partners import operations, queries, subjects
from partners.forms.messages import MessageForm, ThreadForm, ThreadPeopleForm
from partners.models import Partner, Thread
from partners.queries import messages as asked
from partners.queries.contacts import people_of
from partners.subjects import Topic
from partners.views import partners

#: How many conversations about a thing stand on its page.
ON_A_PAGE = 5


def _thread(number: int) -> Thread:
    rows = asked.with_names(asked.threads_visible_to(signed_in_user()))
    return session.scalars(rows.where(Thread.id == number)).unique().one_or_none() or abort(404)


@partners.get("/messages")
@requires(Permission.MESSAGES_WRITE)
def messages() -> Any:
    """The conversations: open ones first seen, those that wait for the vendor by their clock."""
    user = signed_in_user()
    state = request.args.get("state", "waiting" if user.is_staff else "")
    number = number_in(request.args.get("partner")) if user.is_staff else None
    page = paginate(asked.with_names(asked.threads_in(user, state=state, partner_id=number)))
    return render_template(
        "partners/messages/messages.html",
        page=page,
        state=state,
        firm=session.get(Partner, number) if number is not None else None,
        unread=asked.unread_among(user, list(page.items)),
    )


@partners.route("/messages/new", methods=["GET", "POST"])
@requires(Permission.MESSAGES_WRITE)
def new_message() -> Any:
    """Begins a conversation: about a thing (``?about=lead-12``) or in general, with somebody in particular (``?to=7``);
    for the vendor with ``?partner=``."""
    user = signed_in_user()
    kind, topic, number = _topic(user)
    firm = _firm(user, topic)
    form = ThreadForm(
        [] if user.is_staff else people_of(firm),
        subject=topic.title if topic is not None else "",
        to=number_in(request.args.get("to")),
    )
    if form.was_sent_and_holds():
        try:
            about = (kind, number, topic.title) if topic is not None else None
            thread = operations.open_thread(
                firm,
                subject=form.subject.data,
                text=form.text.data,
                about=about,
                people=form.chosen(),
                by=user,
            )
            flash(_("Sent."), "good")
            return redirect(url_for("partners.message_thread", thread_id=thread.id))
        except InvalidInput as problem:
            form.complain(problem)
    due = None if user.is_staff else operations.answer_due()
    return render_template(
        "partners/messages/new_message.html", form=form, firm=firm, topic=topic, due=due
    ), form.status


@partners.get("/messages/<int:thread_id>")
@requires(Permission.MESSAGES_WRITE)
@writes
def message_thread(thread_id: int) -> Any:
    """One conversation; opening it marks it as read."""
    thread = _thread(thread_id)
    operations.read_thread(thread, by=signed_in_user())
    return _thread_page(thread, MessageForm())


@partners.post("/messages/<int:thread_id>/messages")
@requires(Permission.MESSAGES_WRITE)
def message_answer(thread_id: int) -> Any:
    """The next word."""
    thread = _thread(thread_id)
    form = MessageForm()
    if form.was_sent_and_holds():
        try:
            message = operations.write_message(thread, form.text.data, by=signed_in_user())
            flash(_("Sent."), "good")
            here = url_for("partners.message_thread", thread_id=thread.id)
            return redirect(f"{here}#message-{message.id}")
        except InvalidInput as problem:
            form.complain(problem)
    return _thread_page(thread, form)


@partners.post("/messages/<int:thread_id>/people")
@requires(Permission.PARTNERS_READ)
def message_people(thread_id: int) -> Any:
    """Who of the vendor is named in it."""
    thread = _thread(thread_id)
    form = ThreadPeopleForm(list(session.scalars(staff())))
    if form.was_sent_and_holds():
        operations.name_people(thread, form.chosen(), by=signed_in_user())
        flash(_("New messages of the firm reach these people."), "good")
    return redirect(url_for("partners.message_thread", thread_id=thread.id))


@partners.post("/messages/<int:thread_id>/closing")
@requires(Permission.MESSAGES_WRITE)
def message_closing(thread_id: int) -> Any:
    """Nothing is left to say."""
    operations.close_thread(_thread(thread_id), by=signed_in_user())
    flash(_("Closed. A new message opens it again."), "good")
    return redirect(url_for("partners.messages"))


def _thread_page(thread: Thread, form: MessageForm) -> Any:
    user = signed_in_user()
    topic = subjects.topic_of(user, thread.about_kind, thread.about_id)
    people = ThreadPeopleForm(list(session.scalars(staff())), chosen=thread.people) if user.is_staff else None
    return (
        render_template(
            "partners/messages/thread.html",
            thread=thread,
            messages=session.scalars(asked.messages_of(thread)).all(),
            form=form,
            people=people,
            topic=topic,
        ),
        form.status,
    )


def _topic(user: User) -> tuple[str, Topic | None, int]:
    """What ``?about=`` names: kind, thing, number. Raises 404 for what is not theirs to see."""
    kind, _dash, typed = request.args.get("about", "").rpartition("-")
    if not kind:
        return "", None, 0
    number = number_in(typed) or 0
    topic = subjects.topic_of(user, kind, number)
    return (kind, topic, number) if topic is not None else abort(404)


def _firm(user: User, topic: Topic | None) -> Partner:
    """Whose conversation it becomes: one's own firm's, or for the vendor the thing's or that of ``?partner=``."""
    named = number_in(request.args.get("partner"))
    number = topic.partner_id if topic is not None and user.is_staff else named
    rows = queries.partners_visible_to(user)
    if user.is_staff:
        rows = rows.where(Partner.id == number)
    return session.scalars(rows).one_or_none() or abort(404)


@partners.app_template_global("conversations")
def conversations(kind: str, number: int, partner_id: int | None = None) -> Markup:
    """For the page of a thing: the conversations about it, and the way to begin one. Nothing while it is nobody's."""
    user = signed_in_user()
    if not user.may(Permission.MESSAGES_WRITE) or (user.is_staff and partner_id is None):
        return Markup()
    threads = session.scalars(asked.threads_about(user, kind, number).limit(ON_A_PAGE)).all()
    return rendered("partners/messages/_about.html", threads=threads, kind=kind, number=number)


@fills("partners.partner.aside", order=30)
def conversations_with_the_firm(partner: Partner) -> Markup | None:
    """On the firm's page for the vendor's people: the latest conversations."""
    user = signed_in_user()
    if not user.may(Permission.MESSAGES_WRITE):
        return None
    threads = session.scalars(asked.threads_in(user, partner_id=partner.id).limit(ON_A_PAGE)).all()
    return rendered("partners/messages/_of_firm.html", threads=threads, partner=partner)
