"""The routing policy: what holds, what held before, and a new version."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import clock
from core.database import session, writes
from core.forms import choices
from core.i18n import format_number
from core.i18n import gettext as _
from core.pagination import paginate
from referrals.forms.leads import PolicyForm
from referrals.models.routing import PolicyReplay, RoutingPolicy
from referrals.operations.replays import start_replay, stop_replay
from referrals.operations.routing import Queue, draft_policy, policy_in_force, publish_draft, read_policy
from referrals.queries import lists
from referrals.queries.decisions import policies, published_policy, replays_of
from referrals.queries.firms import partners_by_number
from referrals.routing import Choice, Factor, Mode, Policy, factor_label
from referrals.views import pages
from referrals.views.wording import MODE_LABELS, spoken

QUARTER = timedelta(days=91)
#: So many gains and losses are drawn.
MOST_SHOWN = 20

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
        page=paginate(policies()),
        counts=lists.status_counts(),
        **spoken(),
    )


@pages.route("/staff/leads/policy/versions/new", methods=["GET", "POST"])
@requires(Permission.POLICIES_WRITE)
def new_policy() -> Any:
    """A new version, which routes every lead from the moment it is published."""
    row = published_policy()
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
            draft = draft_policy(changed, _queues(form), note=form.note.data)
            if form.as_draft.data:
                return redirect(url_for("referrals.policy_draft", version=draft.version))
            publish_draft(draft, by=signed_in_user())
            flash(_("Leads are routed by %(policy)s from now on.", policy=draft.name), "good")
            return redirect(url_for("referrals.policy"))
    return render_template("referrals/leads/staff/new_policy.html", form=form), form.status


@pages.get("/staff/leads/policy/versions/<int:version>")
@requires(Permission.ROUTING_READ)
def policy_draft(version: int) -> Any:
    """A draft, and what its replays came to: who would gain, and who would lose."""
    row = _draft(version)
    replays = replays_of(row)
    latest = replays[0] if replays else None
    rows = _outcome(latest) if latest is not None else []
    moved = sorted((one for one in rows if one.change), key=lambda one: (-abs(one.change), one.name))[
        :MOST_SHOWN
    ]
    return render_template(
        "referrals/leads/staff/policy_draft.html",
        row=row,
        changes=_changes(row),
        latest=latest,
        outcome=rows,
        moved=sorted(moved, key=lambda one: -one.change),
        by_tier=_by_tier(rows),
        **spoken(),
    )


@pages.post("/staff/leads/policy/versions/<int:version>/replays")
@requires(Permission.POLICIES_WRITE)
def replay_policy(version: int) -> Any:
    """Plays the last three months again."""
    now = clock.now()
    start_replay(_draft(version), now - QUARTER, now, by=signed_in_user())
    return redirect(url_for("referrals.policy_draft", version=version))


@pages.post("/staff/leads/policy/versions/<int:version>/replays/stop")
@requires(Permission.POLICIES_WRITE)
def stop_policy_replay(version: int) -> Any:
    """Leaves the replay at what was played so far, and shows that."""
    for row in replays_of(_draft(version)):
        stop_replay(row)
    return redirect(url_for("referrals.policy_draft", version=version))


@pages.post("/staff/leads/policy/versions/<int:version>/publication")
@requires(Permission.POLICIES_WRITE)
def publish_policy_draft(version: int) -> Any:
    """Routes by the draft from now on."""
    row = publish_draft(_draft(version), by=signed_in_user())
    flash(_("Leads are routed by %(policy)s from now on.", policy=row.name), "good")
    return redirect(url_for("referrals.policy"))


def _draft(version: int) -> RoutingPolicy:
    return session.scalar(policies().where(RoutingPolicy.version == version)) or abort(404)


@dataclass(frozen=True)
class Gain:
    """How many leads a partner receives by the policy in force, by the draft, and did receive."""

    name: str
    tier: str
    before: int
    after: int
    really: int

    @property
    def change(self) -> int:
        return self.after - self.before


def _outcome(replay: PolicyReplay) -> list[Gain]:
    firms = partners_by_number(int(partner_id) for partner_id in replay.outcome)
    return [
        Gain(firms[int(one)].name, firms[int(one)].tier, *counts)
        for one, counts in replay.outcome.items()
        if int(one) in firms
    ]


def _by_tier(rows: Sequence[Gain]) -> list[Gain]:
    """The same added up by tier."""

    def sums(tier: str) -> list[int]:
        return [
            sum(getattr(one, name) for one in rows if one.tier == tier)
            for name in ("before", "after", "really")
        ]

    return [Gain(tier, tier, *sums(tier)) for tier in sorted({one.tier for one in rows})]


def _changes(row: RoutingPolicy) -> list[tuple[str, str, str]]:
    """What the draft says otherwise than the policy in force: (what, before, after)."""
    before, _queues_before = read_policy(policy_in_force())
    after, _queues_after = read_policy(row)
    weights = [
        (factor_label(factor), before.weights.get(factor, 0), after.weights.get(factor, 0))
        for factor in Factor
    ]
    labels = {
        "k": _("How many at once, in that mode"), "open_leads_cap": _("Open leads a partner can hold"),
        "daily_cap": _("Leads a partner can get a day"),
        "half_distance_km": _("Kilometres at which distance counts half"),
    }  # fmt: skip
    numbers = [(labels[name], getattr(before, name), getattr(after, name)) for name in _NUMBERS]
    found = [
        (label, format_number(one), format_number(other))
        for label, one, other in [*weights, *numbers]
        if one != other
    ]
    if before.mode is not after.mode:
        found.append((_("How leads are given"), str(MODE_LABELS[before.mode]), str(MODE_LABELS[after.mode])))
    return found


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
