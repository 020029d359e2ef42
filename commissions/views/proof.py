"""One line of earnings, opened: from the sale to the cent and the books; and what a sale earned, on the sale's page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from markupsafe import Markup

from accounts.access import requires, signed_in_user, visitor
from accounts.models import User
from accounts.permissions import Permission
from commissions import rates, wording
from commissions.models import Assessment, Entry, EntryKind, PlanVersion, Recomputation
from commissions.operations.accrual import computation_of
from commissions.operations.proofs import check_proofs_soon
from commissions.queries import plans as plan_queries
from commissions.queries import proofs as asked
from commissions.queries.earnings import EntryState
from commissions.queries.proofs import Line
from commissions.views import pages
from core.database import session
from core.i18n import country_name, format_day, format_money, format_number, ngettext
from core.i18n import gettext as _
from core.pagination import paginate
from core.slots import fills
from core.waiting import Waiting, waits
from partners.queries import partner_of
from referrals.models import Chargeback, ChargebackStatus, Payment, Refund, Sale, SaleDecision
from referrals.models.sales import SaleLine
from referrals.queries.sales import sales_visible_to


@pages.get("/earnings/lines/<int:entry_id>")
@requires(Permission.EARNINGS_READ)
def earnings_line(entry_id: int) -> Any:
    """The proof of a line in five steps. ``?again=1`` works it out again, here and now."""
    line = asked.line_visible_to(signed_in_user(), entry_id) or abort(404)
    return render_template("commissions/proof/line.html", **_page(line), again=_again(line.entry))


@pages.get("/earnings/lines/<int:entry_id>/proof.json")
@requires(Permission.EARNINGS_READ)
def earnings_line_proof(entry_id: int) -> Any:
    """The line with its proof as the API gives it, to be kept or checked elsewhere."""
    line = asked.line_visible_to(signed_in_user(), entry_id) or abort(404)
    answer = jsonify(plan_queries.answer_of(line.entry, plan_queries.version_labels([line.entry])))
    answer.headers["Content-Disposition"] = f'attachment; filename="line-{entry_id}.json"'
    return answer


@pages.get("/staff/proofs")
@requires(Permission.LEDGER_READ)
def proofs() -> Any:
    """The nightly checks, and what the last one found."""
    return render_template(
        "commissions/proof/checks.html", page=paginate(asked.checks()), last=asked.last_check()
    )


@pages.post("/staff/proofs/check")
@requires(Permission.LEDGER_READ)
def new_proof_check() -> Any:
    """A check now, by the worker."""
    check_proofs_soon(by=signed_in_user())
    flash(_("The check is on its way. Its result stands here when it is over."), "good")
    return redirect(url_for("commissions.proofs"))


@waits
def proofs_that_differ(person: User) -> Iterable[Waiting]:
    """For whoever reads the books: lines that came to another number last night."""
    if not person.is_staff or not person.may(Permission.LEDGER_READ):
        return
    last = asked.last_check()
    if last is not None and last.differing:
        yield Waiting(
            title=ngettext(
                "%(num)s line of earnings does not prove itself",
                "%(num)s lines of earnings do not prove themselves",
                len(last.differing),
            ),
            detail=_("Do not pay them before somebody has understood why."),
            url=url_for("commissions.proofs"),
            verb=_("Look"),
            icon="exclamation-triangle-fill",
            due_at=last.finished_at,
        )


def _last_proved(entry: Entry) -> Any:
    """When a check last found this line the same; ``None`` when none has yet."""
    last = asked.last_check()
    if last is None or entry.created_at > last.started_at or entry.id > last.last_entry_id:
        return None
    return None if any(found["entry_id"] == entry.id for found in last.differing) else last.finished_at


def _page(line: Line) -> dict[str, Any]:
    entry = line.entry
    user = signed_in_user()
    sale = asked.sale_of_line(entry)
    sees_sale = sale is not None and (
        session.scalar(sales_visible_to(user).where(Sale.id == sale.id).with_only_columns(Sale.id))
        is not None
    )
    names = wording.names_now(asked.partner_names(_partners_named(entry)))
    version = asked.version_of_line(entry)
    return {
        "line": line,
        "entry": entry,
        "sale": sale if sees_sale else None,
        "is_theirs": user.is_staff is False
        and (firm := partner_of(user)) is not None
        and firm.id == entry.partner_id,
        "title": wording.title_of(entry),
        "version": version,
        "version_because": _version_because(entry, sale, version),
        "why": _why(entry, sale, names),
        "base_rows": _base_rows(entry, sale, names) if sale is not None and sees_sale else [],
        "base": _base_of(entry, sale),
        "calculation": _calculation(entry),
        "cause": _cause(entry, sees_sale=sees_sale),
        "corrected": asked.corrected_by(entry),
        "corrections": asked.corrections_of(entry),
        "holds": [wording.HOLD_REASONS.get(hold.reason, hold.reason) for hold in asked.holds_on(entry)],
        "proved_at": _last_proved(entry),
        "journal": asked.journal_entry_of(entry),
        "payout": asked.payout_of(line),
        "names": names,
        "country": country_name,
        "said_account": wording.said_account,
        "kinds": wording.KINDS,
        "triggers": wording.TRIGGERS,
        "journal_kinds": wording.JOURNAL_KINDS,
        "EntryKind": EntryKind,
        "EntryState": EntryState,
    }


def _version_because(entry: Entry, sale: Sale | None, version: PlanVersion | None) -> str:
    """Why this version counts for the line: the one its customer began by, or one that took all customers along."""
    assessment = plan_queries.assessment_of(sale) if sale is not None else None
    if version is None or assessment is None:
        return ""
    if assessment.pair.plan_version_id == version.id:
        return _(
            "Plan “%(name)s”, version %(number)s, the one by which the customer began.",
            name=version.name,
            number=version.number,
        )
    if version.definition.get("rebinds"):
        return _(
            "Plan “%(name)s”, version %(number)s, which holds for customers who began before it as well.",
            name=version.name,
            number=version.number,
        )
    return _("Plan “%(name)s”, version %(number)s.", name=version.name, number=version.number)


def _partners_named(entry: Entry) -> set[int]:
    return {entry.partner_id} if entry.partner_id is not None else set()


# Which rule, and why


@dataclass(frozen=True)
class Considered:
    """A rule or split in the printed order, and what became of it."""

    position: int
    words: wording.RuleWords
    outcome: wording.Outcome


@dataclass(frozen=True)
class Why:
    """The rule that counted, the facts that decided, and all that were considered in their order."""

    words: wording.RuleWords | None
    facts: list[str]
    considered: list[Considered]
    is_split: bool
    order: str
    tier: str | None
    #: Since when the partner had it; ``None`` where it had it from the beginning, or nobody noted it.
    tier_since: datetime | None

    @property
    def passed_over(self) -> int:
        """How many rules came before the one that counted."""
        counted = next(
            (one.position for one in self.considered if one.outcome.applied), len(self.considered) + 1
        )
        return counted - 1


def _why(entry: Entry, sale: Sale | None, names: wording.Names) -> Why | None:
    """Why this rule: the sale explained by the version it is computed by. ``None`` for what no plan computed."""
    assessment = plan_queries.assessment_of(sale) if sale is not None else None
    if sale is None or assessment is None or entry.plan_version_id is None:
        return None
    computation = computation_of(sale, assessment)
    step = _step_of(entry, rates.explain(computation))
    return _why_of(computation.version, step, entry.rule, assessment, names) if step is not None else None


def _step_of(entry: Entry, steps: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The explanation of the entry's line; of an amount for the whole sale, that of the first line it stands for."""
    if entry.line is not None:
        return next((step for step in steps if step["line"] == entry.line), None)
    return next(
        (
            step
            for step in steps
            if any(got["line"] is None and got["name"] == entry.rule for got in step["earned"])
        ),
        steps[0] if steps else None,
    )


def _why_of(
    version: rates.PlanVersion, step: dict[str, Any], name: str, assessment: Assessment, names: wording.Names
) -> Why:
    split = next(
        (one for one in step["splits"] if one["split"] == name and one["outcome"] == "applied"), None
    )
    if split is not None:
        by_split = {one.name: one for one in version.splits}
        told = [
            (wording.split_words(by_split[one["split"]], version.currency, names), one)
            for one in step["splits"]
        ]
    else:
        by_rule = {one.name: one for one in version.rules}
        told = [
            (wording.rule_words(by_rule[one["rule"]], version.currency, names), one) for one in step["rules"]
        ]
    considered = [
        Considered(place, words, wording.outcome_of(one, version.currency, names))
        for place, (words, one) in enumerate(told, 1)
    ]
    chosen = next((one for _words, one in told if one["outcome"] == "applied"), None)
    tier, since = assessment.partner.get("tier"), assessment.partner.get("tier_since")
    return Why(
        words=next((one.words for one in considered if one.outcome.applied), None),
        facts=[
            wording.fact_sentence(seen, version.currency, names) for seen in (chosen or {}).get("because", [])
        ],
        considered=considered,
        is_split=split is not None,
        order=_("The first split that fits counts.")
        if split is not None
        else wording.order_sentence(version),
        tier=names.tiers.get(tier, tier) if tier else None,
        tier_since=datetime.fromisoformat(since) if since else None,
    )


# The sale and its base


def _base_rows(entry: Entry, sale: Sale, names: wording.Names) -> list[tuple[str, str]]:
    """The line of the sale, or all of them, from the price to what counts."""

    def said(amount_minor: int) -> str:
        return format_money(amount_minor, sale.currency)

    if entry.line is None:
        return [(_name_of(line, names), said(line.net_minor)) for line in sale.lines]
    line = next((one for one in sale.lines if one.position == entry.line), None)
    if line is None:
        return []
    price = said(line.unit_amount_minor)
    rows = [
        (
            f"{_name_of(line, names)}, {format_number(line.quantity)} × {price}",
            said(line.quantity * line.unit_amount_minor),
        )
    ]
    if line.discount_minor:
        rows.append((_("Discount"), said(-line.discount_minor)))
    if line.credit_minor:
        rows.append((_("Credit"), said(-line.credit_minor)))
    if line.tax_minor:
        rows.append((_("Tax, %(amount)s", amount=said(line.tax_minor)), _("left out")))
    return rows


def _name_of(line: SaleLine, names: wording.Names) -> str:
    return (
        line.description
        or names.products.get(line.product or "", line.product or "")
        or names.kind(str(line.kind))
    )


def _base_of(entry: Entry, sale: Sale | None) -> int | None:
    if sale is None:
        base: int | None = entry.proof.get("base_minor")
        return base
    if entry.line is None:
        return sum(line.net_minor for line in sale.lines)
    return next((line.net_minor for line in sale.lines if line.position == entry.line), None)


# The calculation


def _calculation(entry: Entry) -> list[tuple[str, str]]:
    proof = entry.proof
    rows = [(_("In words"), wording.formula_words(proof))]
    if "exact" in proof and isinstance(proof.get("inputs"), dict):
        rows.append((_("Exactly"), wording.exact_words(str(proof["exact"]), entry.currency)))
        rows.append((_("Rounding"), wording.rounding_words(proof, entry.currency)))
    return rows


@dataclass(frozen=True)
class Again:
    """What came of working a line out again: from its proof, and from the sale as it is known now."""

    from_proof_minor: int
    is_the_same: bool
    #: What all lines of this rule on this line of the sale come to, and what the facts say they should.
    posted_minor: int | None
    due_minor: int | None

    @property
    def all_is_well(self) -> bool:
        return self.is_the_same and self.posted_minor == self.due_minor


def _again(entry: Entry) -> Again | None:
    """Works the line out again if the reader asked for it and it has a proof that can be."""
    if "again" not in request.args or not isinstance(entry.proof.get("inputs"), dict):
        return None
    amount = rates.recompute(entry.proof)
    posted = due = None
    sale = asked.sale_of_line(entry)
    assessment = plan_queries.assessment_of(sale) if sale is not None else None
    if sale is not None and assessment is not None:
        root = asked.corrected_by(entry) or entry
        key = plan_queries.key_of(root)
        entries = list(session.scalars(plan_queries.entries_of_sale(sale.id)))
        posted = plan_queries.granted_by_key(entries).get(key, (0, root))[0]
        due = computation_of(sale, assessment).targets.get(key, 0)
    return Again(amount, amount == entry.amount_minor, posted, due)


# What a line stems from


def _cause(entry: Entry, *, sees_sale: bool) -> str | None:
    """What led to the line, in words; ``None`` when it is the sale itself.

    Whoever has a share in a sale that is not theirs reads nothing of its sums, dates and numbers.
    """
    fact = asked.fact_behind(entry)
    if isinstance(fact, Recomputation):
        return _("All sales were worked out again on %(day)s", day=format_day(fact.created_at))
    if fact is None or (isinstance(fact, Sale) and fact.id == entry.sale_id):
        return None
    if isinstance(fact, SaleDecision) and fact.sale_id == entry.sale_id:
        return _said_decision(fact)
    if not sees_sale:
        return _("Something became known of the sale, or of another one that counts with it")
    if isinstance(fact, Sale):
        return _(
            "Sale %(name)s of %(day)s became known, which comes before this one",
            name=fact.invoice or fact.external_id,
            day=format_day(fact.occurred_at),
        )
    # A part of a sale is posted once that has come.
    assert fact.sale is not None
    said = _said_decision(fact) if isinstance(fact, SaleDecision) else _said_money(fact, fact.sale.currency)
    if fact.sale.id == entry.sale_id:
        return said
    name = fact.sale.invoice or fact.sale.external_id
    return _("Because of sale %(name)s, which comes before this one: %(what)s", name=name, what=said)


def _said_money(fact: Payment | Refund | Chargeback, currency: str) -> str:
    """Money that came or went, in the currency of the sale."""
    amount, day = format_money(fact.amount_minor, currency), format_day(fact.occurred_at)
    values = {"name": fact.external_id, "amount": amount, "day": day}
    match fact:
        case Payment():
            return _("Payment %(name)s of %(amount)s on %(day)s", **values)
        case Refund():
            return _("Refund %(name)s of %(amount)s to the customer on %(day)s", **values)
        case Chargeback(status=ChargebackStatus.WON):
            return _("Chargeback %(name)s of %(amount)s, won on %(day)s", **values)
        case _lost:
            return _("Chargeback %(name)s of %(amount)s, lost on %(day)s", **values)


def _said_decision(decision: SaleDecision) -> str:
    """How a person put a sale right."""
    day = format_day(decision.decided_at)
    if decision.is_void:
        return _("The sale was voided on %(day)s", day=day)
    return _("On %(day)s it was put right whose sale it is", day=day)


# On the page of a sale


@fills("referrals.sale.main", order=20)
def what_the_sale_earned(sale: Sale, **_more: Any) -> Markup | None:
    """The lines of earnings of a sale, as far as this person may see them; or why there are none."""
    person = visitor()
    if person is None or not person.may(Permission.EARNINGS_READ):
        return None
    lines = asked.lines_of_sale(person, sale)
    names = wording.names_now()
    page = render_template(
        "commissions/proof/_sale_entries.html",
        sale=sale,
        lines=lines,
        kinds=wording.KINDS,
        names=names,
        line_names={line.position: _name_of(line, names) for line in sale.lines},
        nothing=None if lines else wording.nothing_earned(asked.why_nothing(sale), asked.plan_code_of(sale)),
        unpaid=_lines_without(sale, names),
    )
    return Markup(page)  # noqa: S704 - our own template


@dataclass(frozen=True)
class Unpaid:
    """A line of a sale that no rule pays for: each rule with the reason."""

    name: str
    considered: list[tuple[str, str]]


def _lines_without(sale: Sale, names: wording.Names) -> list[Unpaid]:
    """The lines of an assessed sale that earn nothing, and why each rule passed them over."""
    assessment = plan_queries.assessment_of(sale)
    if assessment is None:
        return []
    computation = computation_of(sale, assessment)
    currency = computation.version.currency
    found = []
    for step in rates.explain(computation):
        if any(got["amount_minor"] for got in step["earned"]) or step["line"] is None:
            continue
        line = sale.lines[step["line"]]
        reasons = [
            (one.get("rule") or one["split"], wording.outcome_of(one, currency, names).words)
            for one in (*step["splits"], *step["rules"])
            if one["outcome"] != "not_reached"
        ]
        found.append(Unpaid(_name_of(line, names), reasons))
    return found
