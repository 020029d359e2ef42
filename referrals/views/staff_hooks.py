"""Web hooks in: the addresses, their mapping, what came; and the door other systems knock at."""

from typing import Any

from flask import abort, current_app, flash, jsonify, redirect, render_template, request, url_for

from accounts.access import public, requires, signed_in_user
from accounts.limits import per_address
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from referrals.forms.hooks import HookForm, MappingForm
from referrals.models.hooks import HookKind, LeadHook
from referrals.operations import hooks
from referrals.queries import hooks as asked
from referrals.queries.lists import status_counts
from referrals.views import pages
from referrals.views.wording import spoken


@pages.post("/webhooks/leads/<slug>")
@public
@per_address("3000 per hour")
def receive_hook(slug: str) -> Any:
    """A message of another system, believed by its signature alone."""
    hook = asked.open_hook(slug) or abort(404)
    body = request.get_data(cache=False)
    if not hooks.is_from_sender(hook, body, request.headers):
        abort(401, description=_("The signature does not fit."))
    message = hooks.take_message(hook, body, request.headers.get("webhook-id"))
    answer = {"lead": str(message.lead_id) if message.lead_id else None, "problem": message.problem or None}
    return jsonify(answer), 202 if message.lead_id is None else 200


@pages.get("/staff/leads/hooks")
@requires(Permission.KEYS_MANAGE)
def lead_hooks() -> Any:
    """Every address, and when it last heard something."""
    page = paginate(asked.hooks_visible_to(signed_in_user()))
    return render_template(
        "referrals/leads/hooks/hooks.html",
        page=page,
        last=asked.last_messages([hook.id for hook in page.items]),
        counts=status_counts(),
        **spoken(),
    )


@pages.route("/staff/leads/hooks/new", methods=["GET", "POST"])
@requires(Permission.KEYS_MANAGE)
def new_hook() -> Any:
    """Opens an address."""
    form = HookForm(data={"company": "company", "email": "email"})
    if form.was_sent_and_holds():
        try:
            hook = hooks.make_hook(
                form.name.data,
                HookKind(form.kind.data),
                form.mapping(),
                source=form.source.data or "",
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("The address is open. Give it to the other system together with the secret."), "good")
            return redirect(url_for("referrals.lead_hook", hook_id=hook.id))
    return render_template("referrals/leads/hooks/new.html", form=form, fields=hooks.FIELDS), form.status


@pages.route("/staff/leads/hooks/<int:hook_id>", methods=["GET", "POST"])
@requires(Permission.KEYS_MANAGE)
def lead_hook(hook_id: int) -> Any:
    """One address: its secret, its mapping, and what came."""
    hook = _visible(hook_id)
    form = MappingForm(data=hook.mapping)
    if form.was_sent_and_holds():
        try:
            hooks.change_mapping(hook, form.mapping())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Saved."), "good")
            return redirect(url_for("referrals.lead_hook", hook_id=hook_id))
    page = render_template(
        "referrals/leads/hooks/hook.html",
        hook=hook,
        form=form,
        fields=hooks.FIELDS,
        messages=asked.latest_messages(hook),
        secret=hooks.secret_of(hook),
        address=f"{current_app.config['BASE_URL']}{url_for('referrals.receive_hook', slug=hook.slug)}",
    )
    return page, form.status


@pages.post("/staff/leads/hooks/<int:hook_id>/secret")
@requires(Permission.KEYS_MANAGE)
def renew_hook_secret(hook_id: int) -> Any:
    """Another secret; the old one is no longer good."""
    hooks.renew_secret(_visible(hook_id))
    flash(_("The secret is new. The other system needs it before its next message."), "good")
    return redirect(url_for("referrals.lead_hook", hook_id=hook_id))


@pages.post("/staff/leads/hooks/<int:hook_id>/end")
@requires(Permission.KEYS_MANAGE)
def close_hook(hook_id: int) -> Any:
    """The address answers no more."""
    hooks.close_hook(_visible(hook_id), by=signed_in_user())
    flash(_("The address is closed."), "good")
    return redirect(url_for("referrals.lead_hooks"))


def _visible(hook_id: int) -> LeadHook:
    return session.scalar(asked.hooks_visible_to(signed_in_user()).where(LeadHook.id == hook_id)) or abort(
        404
    )
