"""The vendor's plans: all versions, reading, comparing, drafting without JSON, simulating and publishing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from commissions import comparison, drafting, examples, plan_files, rates, wording
from commissions.forms.plans import NewPlanForm, PlanFileForm, PlanForm
from commissions.models import Plan, PlanVersion
from commissions.operations import plans as operations
from commissions.queries import plans as queries
from commissions.standard_plan import CODE, standard_plan
from commissions.views import pages
from commissions.views.plan_reading import read_plan
from core import clock
from core.digits import number_in
from core.errors import InvalidInput, Refusal
from core.forms import parse_minor
from core.i18n import format_day, format_money, minor_digits
from core.i18n import gettext as _
from core.settings import PROGRAMME_CURRENCY, PROGRAMME_TIME_ZONE
from partners.queries import tiers_by_code


def _zone() -> ZoneInfo:
    return ZoneInfo(PROGRAMME_TIME_ZONE.value())


def _for_staff() -> None:
    """Partners read their plan on a page of their own; for them there is nothing here."""
    if not signed_in_user().is_staff:
        abort(404)


def version_at(code: str, number: int) -> PlanVersion:
    _for_staff()
    return queries.version_of(code, number) or abort(404)


def _plan(code: str) -> Plan:
    _for_staff()
    return queries.plan_by_code(code) or abort(404)


def draft_at(code: str, number: int) -> PlanVersion:
    version = version_at(code, number)
    if not version.is_draft:
        raise Refusal(
            _("Version %(version)s is published and never changes. Make a new one.", version=version.label)
        )
    return version


def url_of(version: PlanVersion, page: str = "plan_version", **more: Any) -> str:
    return url_for(f"commissions.{page}", code=version.plan.code, number=version.number, **more)


# All plans


@pages.get("/staff/plans")
@requires(Permission.PLANS_READ)
def plans() -> Any:
    """Every plan with its versions, the newest first."""
    _for_staff()
    found = queries.plans_with_versions()
    partners, written = queries.partners_by_plan(), {plan.code for plan in found}
    live = {plan.code: queries.version_at(_published(plan), clock.now()) for plan in found}
    return render_template(
        "commissions/plans/plans.html",
        plans=found,
        live=live,
        partners=partners,
        unwritten=[
            (code, firms) for code, firms in sorted(partners.items()) if found and code not in written
        ],
        may_write=signed_in_user().may(Permission.PLANS_WRITE),
    )


def _published(plan: Plan) -> list[PlanVersion]:
    known = [version for version in plan.versions if not version.is_draft]
    return sorted(known, key=lambda version: (version.effective_from, version.number))


@pages.route("/staff/plans/new", methods=["GET", "POST"])
@requires(Permission.PLANS_WRITE)
def new_plan() -> Any:
    """A plan from the standard one, from the simplest one, or from a file."""
    _for_staff()
    starts = [
        ("standard", _("the standard plan: by tier, 90 to 10 on projects")),
        ("simple", _("one rule: 10 % of every licence").replace(" %", "\u00a0%")),
        ("file", _("the file below")),
    ]
    form = NewPlanForm(starts=starts, code="" if queries.plan_by_code(CODE) else CODE)
    if form.was_sent_and_holds():
        try:
            if queries.plan_by_code(form.code.data) is not None:
                raise InvalidInput({"code": _("There is such a plan already. Make a new version of it.")})
            draft = operations.draft_version(form.code.data, _start(form), by=signed_in_user())
            flash(_("A draft is there. Nothing counts before it is published."), "good")
            return redirect(url_of(draft, "plan_draft"))
        except InvalidInput as problem:
            form.complain(_at_the_text(problem))
    return render_template("commissions/plans/new_plan.html", form=form), form.status


def _at_the_text(problem: InvalidInput) -> InvalidInput:
    """Problems of a file stand at the file, each with its place in it."""
    inside = [f"{where}: {said}" for where, said in problem.problems.items() if where.startswith("/")]
    outside = {where: said for where, said in problem.problems.items() if not where.startswith("/")}
    return InvalidInput(outside | ({"text": " · ".join(inside[:10])} if inside else {}))


def _start(form: NewPlanForm) -> dict[str, Any]:
    if form.start.data == "file":
        return _read_file(form.text.data or "")
    starts_at = _next_month().isoformat()
    currency = PROGRAMME_CURRENCY.value()
    if form.start.data == "simple":
        return _simple_plan(form.code.data, starts_at, currency)
    names = {code: tier.label for code, tier in tiers_by_code().items()}
    return standard_plan(starts_at, year=_next_month().year, currency=currency, tiers=names)


def _simple_plan(code: str, starts_at: str, currency: str) -> dict[str, Any]:
    return {
        "name": code.capitalize(),
        "currency": currency,
        "effective_from": starts_at,
        "rules": [
            {
                "name": _("Licence"),
                "when": {"all": [{"field": "line.kind", "op": "eq", "value": "licence"}]},
                "amount": {"type": "percent", "rate": "10"},
            }
        ],
        "splits": [],
    }


def _next_month() -> datetime:
    """The first of the next month in the programme's zone; from the first plan on, this month's."""
    today = clock.today(str(_zone()))
    first = today.replace(day=1)
    if queries.plan_by_code(CODE) is not None:
        first = (first + timedelta(days=32)).replace(day=1)
    return datetime.combine(first, time(0), _zone())


def _read_file(text: str) -> dict[str, Any]:
    try:
        return plan_files.read_plan(text)
    except plan_files.UnreadableFile as error:
        raise InvalidInput({"text": _("This is not TOML: %(reason)s", reason=str(error))}) from error


@pages.post("/staff/plans/<code>/versions")
@requires(Permission.PLANS_WRITE)
def new_plan_version(code: str) -> Any:
    """A draft that begins as a copy of the newest version."""
    plan = _plan(code)
    newest = max(plan.versions, key=lambda version: version.number)
    definition = newest.definition | {"effective_from": _next_month().isoformat()}
    draft = operations.draft_version(code, definition, by=signed_in_user())
    flash(_("A draft is there. Nothing counts before it is published."), "good")
    return redirect(url_of(draft, "plan_draft"))


# One version


@pages.get("/staff/plans/<code>/versions/<int:number>")
@requires(Permission.PLANS_READ)
def plan_version(code: str, number: int) -> Any:
    """A version in sentences, with what can be done with it."""
    version = version_at(code, number)
    others = [one for one in version.plan.versions if one.id != version.id]
    return render_template(
        "commissions/plans/version.html",
        version=version,
        read=read_plan(queries.parsed(version)),
        earlier=max(
            (one for one in others if one.number < version.number), key=lambda one: one.number, default=None
        ),
        is_live=queries.live_version(code) is version,
        may_write=signed_in_user().may(Permission.PLANS_WRITE),
        may_see_earlier_sales=signed_in_user().may(Permission.SALES_WRITE),
        definition=version.definition,
    )


@pages.get("/staff/plans/<code>/versions/<int:number>.toml")
@requires(Permission.PLANS_READ)
def plan_version_file(code: str, number: int) -> Response:
    """The version as a file."""
    version = version_at(code, number)
    answer = Response(plan_files.write_plan(version.definition), mimetype="application/toml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{code}-{number}.toml"'
    return answer


@pages.route("/staff/plans/<code>/versions/<int:number>/file", methods=["GET", "POST"])
@requires(Permission.PLANS_WRITE)
def plan_draft_file(code: str, number: int) -> Any:
    """A draft written as text."""
    draft = draft_at(code, number)
    form = PlanFileForm(text=plan_files.write_plan(draft.definition))
    if form.was_sent_and_holds():
        try:
            operations.change_draft(draft, _read_file(form.text.data), by=signed_in_user())
            flash(_("The draft is kept."), "good")
            return redirect(url_of(draft))
        except InvalidInput as problem:
            form.complain(_at_the_text(problem))
    return render_template("commissions/plans/file.html", form=form, version=draft), form.status


@dataclass(frozen=True)
class Difference:
    """A rule or split before and after, in words."""

    kind: str
    name: str
    old: wording.RuleWords | None
    new: wording.RuleWords | None
    old_place: int | None
    new_place: int | None


@pages.get("/staff/plans/<code>/versions/<int:number>/differences")
@requires(Permission.PLANS_READ)
def plan_differences(code: str, number: int) -> Any:
    """What changed against another version, by default the one before."""
    version = version_at(code, number)
    others = [one for one in version.plan.versions if one.id != version.id]
    asked = number_in(request.args.get("with"))
    wanted = asked if asked is not None else number - 1
    other = next((one for one in others if one.number == wanted), None) or abort(404)
    old, new = queries.parsed(other), queries.parsed(version)
    names = wording.names_now()
    rules = [
        Difference(
            one.kind, one.name,
            wording.rule_words(one.old, old.currency, names) if one.old else None,
            wording.rule_words(one.new, new.currency, names) if one.new else None,
            one.old_place, one.new_place,
        )
        for one in comparison.compare(old.rules, new.rules)
    ]  # fmt: skip
    splits = [
        Difference(
            one.kind, one.name,
            wording.split_words(one.old, old.currency, names) if one.old else None,
            wording.split_words(one.new, new.currency, names) if one.new else None,
            one.old_place, one.new_place,
        )
        for one in comparison.compare(old.splits, new.splits)
    ]  # fmt: skip
    return render_template(
        "commissions/plans/differences.html",
        version=version,
        other=other,
        others=others,
        head=_head_changes(other, version),
        rules=rules,
        splits=splits,
    )


def _head_changes(old: PlanVersion, new: PlanVersion) -> list[tuple[str, str, str]]:
    before, after = queries.parsed(old), queries.parsed(new)
    rows = [
        (_("Name of the version"), before.name, after.name),
        (_("In force from"), format_day(before.effective_from), format_day(after.effective_from)),
        (_("Currency"), before.currency, after.currency),
        (_("Which rule counts"), wording.order_sentence(before), wording.order_sentence(after)),
        (_("Days that earnings are held"), str(before.hold_days), str(after.hold_days)),
        (_("Also for customers who began under an older version"), _yes(before.rebinds), _yes(after.rebinds)),
        (_("Sales in another currency are paid in this one"), _yes(before.converts), _yes(after.converts)),
    ]
    return [row for row in rows if row[1] != row[2]]


def _yes(value: bool) -> str:
    return _("yes") if value else _("no")


# Drafting


@pages.route("/staff/plans/<code>/versions/<int:number>/draft", methods=["GET", "POST"])
@requires(Permission.PLANS_WRITE)
def plan_draft(code: str, number: int) -> Any:
    """The editor. Every button sends the whole form; only *save* keeps it."""
    draft = draft_at(code, number)
    if request.method == "GET":
        form = PlanForm(
            formdata=None, data=drafting.typed_of(draft.definition, _zone()) | _usual_trial(draft.currency)
        )
        return _editor(form, draft, drafting.Draft(dict(draft.definition)))
    form = PlanForm()
    deed = at = request.form.get("deed", "check")
    if deed != "save":
        typed = form.typed
        at = drafting.perform(typed, deed) or deed
        form = PlanForm(formdata=None, data=drafting.completed(typed))
    written = drafting.definition_of(drafting.completed(form.typed), _zone(), parse_minor)
    if deed == "save":
        problems = _problems(form, written)
        if not problems:
            try:
                operations.change_draft(draft, written.definition, by=signed_in_user())
                flash(_("The draft is kept. Simulate it over past sales next."), "good")
                return redirect(url_of(draft))
            except InvalidInput as problem:
                problems = [
                    (form.complain_at("name", said), "name", said) for said in problem.problems.values()
                ]
        return _editor(form, draft, written, problems), 422
    problems = _problems(form, written) if deed.startswith("check") else []
    return _editor(form, draft, written, problems, at)


def _usual_trial(currency: str) -> dict[str, Any]:
    return {
        "try_kind": "licence",
        "try_amount": 1000 * 10 ** minor_digits(currency),
        "try_type": "new",
        "try_country": "DE",
        "try_tier": "gold",
        "try_billing": "vendor",
    }


def _problems(form: PlanForm, written: drafting.Draft) -> list[tuple[str, str, str]]:
    """(label, field, sentence) of everything wrong, each put at its field."""
    found = list(written.problems)
    if not found:
        wrong = rates.problems_of(written.definition, queries.known_names())
        found = [(written.field_of(problem.pointer), problem.detail) for problem in wrong]
    return [(form.complain_at(name, said), name, said) for name, said in dict.fromkeys(found)]


def _editor(
    form: PlanForm,
    draft: PlanVersion,
    written: drafting.Draft,
    problems: list[tuple[str, str, str]] | None = None,
    at: str = "",
) -> str:
    worked_on = {_part_of(name) for name in (at, *(name for _label, name, _said in problems or []))}
    names = wording.names_now()
    return render_template(
        "commissions/plans/draft.html",
        form=form,
        version=draft,
        problems=problems or [],
        trial=_trial(form, written, names),
        kept=lambda part: said.when if (said := _said(part, written, names)) is not None else [],
        said=lambda part: _said(part, written, names),
        example=_examples(written),
        open_parts=worked_on,
    )


def _examples(written: drafting.Draft) -> Callable[[Any], str | None]:
    """What each rule and split pays for, once the whole draft can be computed: by the part of the form."""
    if written.problems or rates.problems_of(written.definition):
        return lambda part: None
    read = read_plan(rates.parse(written.definition))
    found = {
        f"{table}-{one.position - 1}": one.example
        for table in ("rules", "splits")
        for one in getattr(read, table)
    }
    return lambda part: found.get(part.name)


def _part_of(name: str) -> str:
    """The rule or split that a field or deed belongs to: ``rules-2`` of ``rules-2-caps-0:remove``."""
    return "-".join(name.removeprefix("check:").partition(":")[0].split("-")[:2])


def _said(part: Any, written: drafting.Draft, names: wording.Names) -> wording.RuleWords | None:
    """A rule or split as it stands in the form, in words; ``None`` while it can't be read."""
    table, index = part.name.split("-")
    if any(_part_of(name) == part.name for name, _sentence in written.problems):
        return None
    alone = {"rules": [], "splits": [], table: [written.definition[table][int(index)]]}
    try:
        plan = rates.parse(
            written.definition
            | {"name": "x", "hold_days": 0, "effective_from": "2000-01-01T00:00:00Z"}
            | alone
        )
    except rates.InvalidDefinition:
        return None
    if plan.rules:
        return wording.rule_words(plan.rules[0], plan.currency, names)
    return wording.split_words(plan.splits[0], plan.currency, names)


@dataclass(frozen=True)
class Trial:
    """What the draft would pay for the sale it is tried with."""

    sentence: str
    because: list[tuple[str, str, str]]


def _trial(form: PlanForm, written: drafting.Draft, names: wording.Names) -> Trial | None:
    """``None`` while the draft can't be computed, or the sale is not complete."""
    if written.problems or form.try_amount.data is None or rates.problems_of(written.definition):
        return None
    plan = rates.parse(written.definition)
    sale = examples.sale_of(
        plan,
        kind=form.try_kind.data,
        minor=form.try_amount.data,
        type=form.try_type.data,
        country=form.try_country.data,
        tier=form.try_tier.data,
        billed_by=form.try_billing.data,
        at=plan.effective_from,
        time_zone=_zone(),
    )
    found = examples.Example(sale, rates.compute(plan, sale))
    total = format_money(found.partner_minor, plan.currency)
    rows = [
        (entry.key.name, format_money(entry.amount_minor, plan.currency), wording.formula_words(entry.proof))
        for entry in found.computation.entries
        if entry.key.beneficiary.id == examples.SELLER
    ]
    return Trial(total, rows)


@pages.post("/staff/plans/<code>/versions/<int:number>/discard")
@requires(Permission.PLANS_WRITE)
def discard_plan_draft(code: str, number: int) -> Any:
    """Takes a draft away."""
    version = version_at(code, number)
    label = version.label
    operations.discard_draft(version, by=signed_in_user())
    flash(_("The draft %(version)s is discarded.", version=label), "good")
    return redirect(url_for("commissions.plans"))
