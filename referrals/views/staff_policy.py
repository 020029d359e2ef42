"""The routing policy: what holds, what held before, and a new version."""

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import writes
from core.forms import choices
from core.i18n import gettext as _
from core.pagination import paginate
from referrals import operations
from referrals.forms.leads import PolicyForm
from referrals.operations.routing import Queue, policy_in_force, read_policy
from referrals.queries import leads as asked
from referrals.routing import Choice, Factor, Mode, Policy, factor_label
from referrals.views import pages
from referrals.views.wording import MODE_LABELS, spoken

_NUMBERS = ("k", "open_leads_cap", "daily_cap", "half_distance_km")


@pages.get("/staff/leads/policy")
@requires(Permission.ROUTING_READ)
@writes
def policy() -> Any:
    """The policy in force and its history. A new installation writes its first version here, or with its first lead."""
    row = policy_in_force()
    rules, queues = read_policy(row)
    return render_template(
        "referrals/leads/staff/policy.html",
        row=row,
        rules=rules,
        queues=queues,
        mode_labels=MODE_LABELS,
        factor_label=factor_label,
        page=paginate(asked.policies()),
        counts=asked.status_counts(),
        **spoken(),
    )


@pages.route("/staff/leads/policy/versions/new", methods=["GET", "POST"])
@requires(Permission.POLICIES_WRITE)
def new_policy() -> Any:
    """A new version, which routes every lead from the moment it is published."""
    row = asked.published_policy()
    rules, queues = read_policy(row) if row is not None else (Policy(), ())
    form = PolicyForm(data=_as_typed(rules, queues))
    form.mode.choices = choices((mode.value, label) for mode, label in MODE_LABELS.items())
    form.choice.choices = choices(
        (
            (Choice.BEST.value, _("The best score")),
            (Choice.DRAW.value, _("By lot, each with the chance its score gives")),
        )
    )
    if form.was_sent_and_holds():
        weights = {factor: getattr(form, factor.value).data for factor in Factor}
        if not any(weights.values()):
            form.distance.errors = [_("At least one weight must be more than nothing.")]
        else:
            changed = replace(
                rules,
                mode=Mode(form.mode.data),
                choice=Choice(form.choice.data),
                weights={factor: round(weight, 4) for factor, weight in weights.items()},
                **{name: getattr(form, name).data for name in _NUMBERS},
            )
            published = operations.publish_policy(
                changed, _queues(form), note=form.note.data, by=signed_in_user()
            )
            flash(_("Leads are routed by %(policy)s from now on.", policy=published.name), "good")
            return redirect(url_for("referrals.policy"))
    return render_template("referrals/leads/staff/new_policy.html", form=form), form.status


def _as_typed(rules: Policy, queues: tuple[Queue, ...]) -> dict[str, Any]:
    typed: dict[str, Any] = {factor.value: weight for factor, weight in rules.weights.items()}
    typed |= {name: getattr(rules, name) for name in _NUMBERS}
    below = [queue.employees_below for queue in queues if queue.employees_below is not None]
    typed["pool_employees_below"] = below[0] if below else None
    typed["pool_sources"] = ", ".join(source for queue in queues for source in queue.sources)
    return {**typed, "mode": rules.mode.value, "choice": rules.choice.value}


def _queues(form: PolicyForm) -> list[Queue]:
    queues = []
    if form.pool_employees_below.data:
        queues.append(Queue("Small firms", Mode.POOL, employees_below=form.pool_employees_below.data))
    sources = tuple(
        part.strip().lower() for part in (form.pool_sources.data or "").split(",") if part.strip()
    )
    if sources:
        queues.append(Queue("Sources", Mode.POOL, sources=sources))
    return queues
