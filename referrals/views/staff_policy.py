"""The routing policy: what holds, what held before, and a new version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import clock
from core.database import session, writes
from core.digits import number_in
from core.errors import Refusal
from core.i18n import gettext as _
from core.pagination import paginate
from referrals.forms.policies import PolicyForm
from referrals.models.routing import PolicyReplay, PolicyStatus, RoutingPolicy
from referrals.operations.replays import start_replay, stop_replay
from referrals.operations.routing import (
    draft_policy,
    policy_in_force,
    publish_draft,
    publish_policy,
    read_policy,
)
from referrals.queries import lists
from referrals.queries.decisions import policies, replays_of
from referrals.queries.firms import partners_by_number
from referrals.routing import factor_label
from referrals.views import pages
from referrals.views.policy_wording import differences, in_words, weight_in_words
from referrals.views.wording import spoken

QUARTER = timedelta(days=91)
#: So many gains and losses are drawn.
MOST_SHOWN = 20


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
        words=in_words(rules, queues),
        factor_label=factor_label,
        weight_in_words=weight_in_words,
        page=paginate(policies()),
        counts=lists.status_counts(),
        **spoken(),
    )


@pages.route("/staff/leads/policy/versions/new", methods=["GET", "POST"])
@requires(Permission.POLICIES_WRITE)
@writes
def new_policy() -> Any:
    """A new version, which routes every lead once it is published. It begins as the one in force, or as ``of``."""
    of, in_force = number_in(request.args.get("of")), policy_in_force()
    rules, queues = read_policy(_version(of) if of is not None else in_force)
    form = PolicyForm(rules, queues, in_force=in_force.version)
    if form.was_sent_and_holds():
        said = {"note": form.note.data}
        if form.as_draft.data:
            draft = draft_policy(form.policy(), form.kept_queues(), **said)
            return redirect(url_for("referrals.policy_version", version=draft.version))
        try:
            row = publish_policy(
                form.policy(), form.kept_queues(), **said, by=signed_in_user(), after=form.begun_under
            )
        except Refusal as refusal:
            form.refuse(refusal)
            form.begin_anew_under(policy_in_force().version)
        else:
            flash(_("Leads are routed by %(policy)s from now on.", policy=row.name), "good")
            return redirect(url_for("referrals.policy"))
    return render_template("referrals/leads/staff/new_policy.html", form=form), form.status


@pages.get("/staff/leads/policy/versions/<int:version>")
@requires(Permission.ROUTING_READ)
def policy_version(version: int) -> Any:
    """What a version says; of a draft also what it would change, and what its replays came to: who gains, who loses."""
    row = _version(version)
    rules, queues = read_policy(row)
    is_draft = row.status is PolicyStatus.DRAFT
    in_force = policy_in_force() if is_draft else None
    replays = replays_of(row)
    latest = replays[0] if replays else None
    rows = _outcome(latest) if latest is not None else []
    moved = sorted((one for one in rows if one.change), key=lambda one: (-abs(one.change), one.name))[
        :MOST_SHOWN
    ]
    return render_template(
        "referrals/leads/staff/policy_version.html",
        row=row,
        rules=rules,
        words=in_words(rules, queues),
        factor_label=factor_label,
        weight_in_words=weight_in_words,
        is_draft=is_draft,
        in_force=in_force,
        changes=differences(read_policy(in_force), (rules, queues)) if in_force is not None else [],
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
    start_replay(_version(version), now - QUARTER, now, by=signed_in_user())
    return redirect(url_for("referrals.policy_version", version=version))


@pages.post("/staff/leads/policy/versions/<int:version>/replays/stop")
@requires(Permission.POLICIES_WRITE)
def stop_policy_replay(version: int) -> Any:
    """Leaves the replay at what was played so far, and shows that."""
    for row in replays_of(_version(version)):
        stop_replay(row)
    return redirect(url_for("referrals.policy_version", version=version))


@pages.post("/staff/leads/policy/versions/<int:version>/publication")
@requires(Permission.POLICIES_WRITE)
def publish_policy_draft(version: int) -> Any:
    """Routes by the draft from now on."""
    after = number_in(request.args.get("after"))
    row = publish_draft(_version(version), by=signed_in_user(), after=after)
    flash(_("Leads are routed by %(policy)s from now on.", policy=row.name), "good")
    return redirect(url_for("referrals.policy"))


def _version(version: int) -> RoutingPolicy:
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
