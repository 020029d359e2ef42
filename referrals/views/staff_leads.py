"""The vendor's side of leads: the list, one lead with its whole routing, the triage, and a lead typed in."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.bulk import among
from core.database import session
from core.digits import number_in
from core.errors import InvalidInput
from core.exports import csv_response
from core.i18n import country_name
from core.i18n import gettext as _
from core.interface import dotted
from core.pagination import page_of, paginate
from core.places import kilometres
from partners.models import Partner
from partners.queries import partners_visible_to
from referrals import operations
from referrals.forms.leads import AssignForm, MergeForm, SortForm, StaffLeadForm
from referrals.matching import SIMILAR, SpamSign, Unqualified, spam_label, unqualified_label
from referrals.models.leads import ORIGIN_LABELS, Lead, LeadOrigin, LeadStatus
from referrals.models.routing import DECLINE_LABELS, DeclineReason, RoutingDecision, RoutingPolicy
from referrals.operations import LeadData
from referrals.operations.attribution import OWN_BECAUSE
from referrals.operations.identity import identity_of, lead_hits
from referrals.operations.routing import left_out_by_reason, ranking_of, read_policy
from referrals.queries import lists
from referrals.queries.claims import active_claim
from referrals.queries.decisions import decisions_of, latest_decision
from referrals.queries.firms import partner_names, partners_by_number
from referrals.queries.leads import (
    LeadFilter,
    activity_of,
    contacts_of,
    duplicates_of,
    leads_by_number,
    leads_matching,
    leads_visible_to,
    triage_visible_to,
)
from referrals.queries.names import Names
from referrals.queries.offers import offers_of
from referrals.queries.senders import neighbours_of
from referrals.routing import Mode, OverrideKind, factor_label, mode_label, override_label, reason_sentence
from referrals.views import pages
from referrals.views.wording import (
    DEEDS,
    FILTER_LABELS,
    RETURN_REASONS,
    TRIAGE_REASONS,
    factor_lines,
    spoken,
)

MOST_IN_A_FILE = 50_000
#: Of who was filtered out for one reason, so many are looked at for the nearest.
MOST_NAMED = 2000


def _wanted() -> LeadFilter:
    return LeadFilter(
        text=request.args.get("q", "")[:200],
        status=request.args.get("status", ""),
        origin=request.args.get("origin", ""),
        country=request.args.get("country", ""),
        source=request.args.get("source", ""),
        partner_id=number_in(request.args.get("partner")),
        import_id=number_in(request.args.get("import")),
    )


@pages.get("/staff/leads")
@requires(Permission.ROUTING_READ)
def staff_leads() -> Any:
    """Every lead, newest first, by state, way in, country and words."""
    page = paginate(leads_matching(leads_visible_to(signed_in_user()), _wanted()))
    return render_template(
        "referrals/leads/staff/leads.html",
        page=page,
        partner_names=partner_names(lead.partner_id for lead in page.items if lead.partner_id is not None),
        counts=lists.status_counts(),
        statuses=[status.value for status in LeadStatus],
        origins=ORIGIN_LABELS,
        countries=sorted(
            ((code, country_name(code)) for code in lists.countries_of_leads()), key=lambda one: one[1]
        ),
        **spoken(),
    )


@pages.get("/staff/leads.csv")
@requires(Permission.ROUTING_READ)
def staff_leads_csv() -> Any:
    """The same list as a file."""
    query = leads_matching(leads_visible_to(signed_in_user()), _wanted()).limit(MOST_IN_A_FILE)
    leads = session.scalars(query).all()
    names = partner_names(lead.partner_id for lead in leads if lead.partner_id is not None)
    head = [
        _("Number"), _("Came in"), _("State"), _("Way in"), _("Source"), _("Campaign"), _("Company"), _("Person"),
        _("E-mail"), _("Phone"), _("Country"), _("Region"), _("City"), _("People"), _("Products"), _("Partner"),
    ]  # fmt: skip
    return csv_response("leads", head, _cells(leads, names))


def _cells(leads: Sequence[Lead], names: dict[int, str]) -> Iterator[list[Any]]:
    for lead in leads:
        yield [
            lead.number, lead.received_at.isoformat(timespec="seconds"), lead.status.value, lead.origin.value,
            lead.source, lead.campaign, lead.company, lead.person, lead.email, lead.phone, lead.country, lead.region,
            lead.city, lead.employees, " ".join(lead.product_codes), names.get(lead.partner_id or 0, ""),
        ]  # fmt: skip


@pages.get("/staff/leads/triage")
@requires(Permission.ROUTING_READ)
def triage() -> Any:
    """Leads that wait for a person, oldest first."""
    page = paginate(triage_visible_to(signed_in_user()))
    return render_template(
        "referrals/leads/staff/triage.html",
        page=page,
        reason_of=reason_of,
        counts=lists.status_counts(),
        **spoken(),
    )


@pages.route("/staff/leads/new", methods=["GET", "POST"])
@requires(Permission.LEADS_WRITE)
def new_lead() -> Any:
    """A lead typed in by a colleague; routed like any other."""
    form = StaffLeadForm()
    if form.was_sent_and_holds():
        try:
            lead = operations.receive_lead(_typed_in(form), by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("%(lead)s came in.", lead=lead.name), "good")
            return redirect(url_for("referrals.staff_lead", lead_id=lead.id))
    return render_template("referrals/leads/staff/new.html", form=form), form.status


def _typed_in(form: StaffLeadForm) -> LeadData:
    names = (
        "company", "person", "email", "phone", "country", "region", "city", "postcode", "website", "language",
        "industry", "call_at", "text", "source",
    )  # fmt: skip
    said: dict[str, Any] = {name: getattr(form, name).data or None for name in names}
    return LeadData(
        origin=LeadOrigin.STAFF,
        employees=int(form.employees.data) if form.employees.data else None,
        products=tuple(form.products.data or ()),
        services=tuple(form.services.data or ()),
        size_minor=form.size.data,
        **said,
    )


@pages.get("/staff/leads/<int:lead_id>")
@requires(Permission.ROUTING_READ)
def staff_lead(lead_id: int) -> Any:
    """Everything about one lead, and what a manager may do with it."""
    return _lead_page(_visible_lead(lead_id), _assign_form(), SortForm(prefix="sort"))


@pages.post("/staff/leads/<int:lead_id>/assignment")
@requires(Permission.LEADS_TRIAGE)
def assign_lead(lead_id: int) -> Any:
    """Asks one partner, chosen by hand; whoever had it loses it."""
    lead = _visible_lead(lead_id)
    form = _assign_form()
    if form.was_sent_and_holds():
        partner = form.partner_id.firm or abort(404)
        try:
            operations.assign_lead(lead, partner, reason=form.reason.data or "", by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("%(partner)s is asked now.", partner=partner.name), "good")
            return redirect(url_for("referrals.staff_lead", lead_id=lead_id))
    return _lead_page(lead, form, SortForm(prefix="sort"))


@pages.post("/staff/leads/<int:lead_id>/pool")
@requires(Permission.LEADS_TRIAGE)
def put_into_pool(lead_id: int) -> Any:
    """Lets every partner who fits claim it."""
    lead = _visible_lead(lead_id)
    operations.put_into_pool(lead, by=signed_in_user())
    if lead.status is LeadStatus.AVAILABLE:
        flash(_("The lead is in the pool now."), "good")
    else:
        flash(_("No partner passes the filters, so it stays in triage."), "wait")
    return redirect(url_for("referrals.staff_lead", lead_id=lead_id))


@pages.post("/staff/leads/<int:lead_id>/claim/undo")
@requires(Permission.LEADS_TRIAGE)
def undo_staff_claim(lead_id: int) -> Any:
    """A partner claimed it by mistake: the lead is where it was before."""
    operations.undo_claim(_visible_lead(lead_id), by=signed_in_user())
    flash(_("The claim is undone."), "good")
    return redirect(url_for("referrals.staff_lead", lead_id=lead_id))


@pages.post("/staff/leads/<int:lead_id>/sorting")
@requires(Permission.LEADS_TRIAGE)
def sort_lead(lead_id: int) -> Any:
    """Says what the lead is: real, spam, a repeat, or not one for partners."""
    lead = _visible_lead(lead_id)
    form = SortForm(prefix="sort")
    if form.was_sent_and_holds():
        try:
            operations.sort_lead(
                lead,
                form.sort.data,
                reason=form.reason.data or "",
                duplicate_of=_lead_by_number(form.duplicate_of.data or ""),
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Sorted."), "good")
            return redirect(url_for("referrals.staff_lead", lead_id=lead_id))
    return _lead_page(lead, _assign_form(), form)


@pages.post("/staff/leads/<int:lead_id>/merging")
@requires(Permission.LEADS_TRIAGE)
def merge_lead(lead_id: int) -> Any:
    """Another lead is the same as this one."""
    lead = _visible_lead(lead_id)
    form = MergeForm(prefix="merge")
    if form.was_sent_and_holds():
        other = _lead_by_number(form.other.data)
        try:
            if other is None:
                raise InvalidInput({"other": _("There is no such lead.")})
            operations.merge_leads(lead, other, by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("%(other)s is a repeat of this lead now.", other=other.number), "good")
            return redirect(url_for("referrals.staff_lead", lead_id=lead_id))
    return _lead_page(lead, _assign_form(), SortForm(prefix="sort"), form)


def _lead_by_number(typed: str) -> Lead | None:
    """``L-2026-0042`` or ``42``."""
    number = number_in(typed.strip().rpartition("-")[2])
    return session.scalar(leads_visible_to(signed_in_user()).where(Lead.id == number))


def _assign_form() -> AssignForm:
    form = AssignForm()
    form.partner_id.among(partners_visible_to(signed_in_user()), active=True)
    return form


def _lead_page(
    lead: Lead, assign_form: AssignForm, sort_form: SortForm, merge_form: MergeForm | None = None
) -> Any:
    offers = offers_of(lead)
    activity = activity_of(lead)
    partner_of_offer = {offer.id: offer.partner.name for offer in offers}
    hits = lead_hits(identity_of(lead), but=lead, similar=True) if lead.status is LeadStatus.TRIAGE else []
    page = render_template(
        "referrals/leads/staff/lead.html",
        lead=lead,
        offers=offers,
        claim=active_claim(lead),
        contacts=contacts_of(lead),
        duplicates=duplicates_of(lead),
        neighbours=neighbours_of(lead.id),
        activity=activity,
        deeds=DEEDS,
        deed_detail=lambda row: deed_detail(row, partner_of_offer),
        decision=latest_decision(lead),
        alike=leads_by_number(
            int(hit.reference.partition(":")[2]) for hit in hits if hit.similarity >= SIMILAR
        ),
        reason=reason_of(lead),
        spam_signs=[spam_label(SpamSign(sign)) for sign in lead.spam_signs],
        assign_form=assign_form,
        sort_form=sort_form,
        merge_form=merge_form or MergeForm(prefix="merge"),
        may_triage=signed_in_user().may(Permission.LEADS_TRIAGE),
        **spoken(),
    )
    return page, (422 if request.method == "POST" else 200)


def reason_of(lead: Lead) -> str:
    """Why a lead is where it is, in words."""
    if lead.reason is None:
        return ""
    if lead.reason in RETURN_REASONS:
        return str(RETURN_REASONS[lead.reason])
    if lead.reason in TRIAGE_REASONS:
        return str(TRIAGE_REASONS[lead.reason])
    if lead.status is LeadStatus.UNQUALIFIED and lead.reason in set(Unqualified):
        return unqualified_label(Unqualified(lead.reason))
    if lead.status is LeadStatus.DUPLICATE:
        shared = {
            "tax_id": _("same tax number"),
            "domain": _("same web domain"),
            "email": _("same e-mail"),
            "phone": _("same phone"),
            "name_and_postcode": _("same name and postcode"),
        }
        return shared.get(lead.reason, lead.reason)
    return lead.reason


def deed_detail(row: Any, partner_of_offer: dict[int, str]) -> str:
    """The second line of an entry: for whom, and why."""
    details = row.details
    parts = [partner_of_offer.get(row.subject_id, "")] if row.subject_type == "offer" else []
    if "policy" in details:
        mode = mode_label(Mode(details["mode"]))
        parts.append(_("%(policy)s · %(mode)s · %(number)s eligible", policy=details["policy"], mode=mode,
                       number=details["eligible"]))  # fmt: skip
    if row.verb == "reward refused":
        return dotted(details.get("partner", ""), OWN_BECAUSE.get(details.get("reason"), ""))
    reason = details.get("reason")
    if reason:
        parts.append(str(TRIAGE_REASONS.get(reason) or RETURN_REASONS.get(reason) or _declined(reason)))
    return dotted(*parts)


def _declined(reason: str) -> str:
    return str(DECLINE_LABELS[DeclineReason(reason)]) if reason in set(DeclineReason) else reason


def _visible_lead(lead_id: int) -> Lead:
    return session.scalar(leads_visible_to(signed_in_user()).where(Lead.id == lead_id)) or abort(404)


# The candidate table


@pages.get("/staff/leads/<int:lead_id>/routing")
@requires(Permission.ROUTING_READ)
def routing(lead_id: int) -> Any:
    """How the lead was routed: the pipeline, every candidate with every factor, and who was filtered by what."""
    lead = _visible_lead(lead_id)
    decisions = decisions_of(lead)
    wanted = request.args.get("decision", "")
    decision = next((one for one in decisions if str(one.id) == wanted), decisions[0] if decisions else None)
    if decision is None:
        return render_template("referrals/leads/staff/not_routed.html", lead=lead)
    names = Names()
    ranking = ranking_of(decision)
    page = page_of(ranking)
    firms = partners_by_number(int(row.partner_id) for row in page.items)
    offers = {offer.partner_id: offer for offer in offers_of(lead)}
    policy_row = session.get_one(RoutingPolicy, decision.policy_id)
    policy, _queues = read_policy(policy_row)
    return render_template(
        "referrals/leads/staff/routing.html",
        lead=lead,
        decision=decision,
        decisions=decisions,
        page=page,
        firm_of=lambda row: firms[int(row.partner_id)],
        offers=offers,
        lines=lambda row: factor_lines(row, names),
        weights=[(factor_label(factor), weight) for factor, weight in policy.weights.items()],
        filtered=_filtered(lead, decision, names),
        left_out=decision.partners_asked - len(ranking),
        overrides=_overrides(decision, names),
        mode_label=mode_label(Mode(decision.mode)),
        policy_version=policy_row.version,
        **spoken(),
    )


def _filtered(lead: Lead, decision: RoutingDecision, names: Names) -> list[dict[str, Any]]:
    """Who was left out, by reason, each with the nearest of them."""
    reasons = left_out_by_reason(decision)
    ids = {partner_id for _one, partner_ids in reasons for partner_id in partner_ids[:MOST_NAMED]}
    places = {
        row.id: row
        for row in session.execute(
            sa.select(Partner.id, Partner.name, Partner.city, Partner.latitude, Partner.longitude).where(
                among(Partner.id, ids)
            )
        )
    }

    def distance(row: Any) -> float:
        if lead.latitude is None or lead.longitude is None or row.latitude is None:
            return float("inf")
        return kilometres((lead.latitude, lead.longitude), (row.latitude, row.longitude))

    entries = []
    for one, partner_ids in reasons:
        known = sorted((places[each] for each in partner_ids[:MOST_NAMED] if each in places), key=distance)
        entries.append(
            {
                "label": FILTER_LABELS[one.filter],
                "reason": reason_sentence(one.filter, one.params, names),
                "number": len(partner_ids),
                "nearest": known[0] if known else None,
                "distance": round(distance(known[0]))
                if known and distance(known[0]) != float("inf")
                else None,
                "partners": known[:50],
            }
        )
    return entries


def _overrides(decision: RoutingDecision, names: Names) -> list[dict[str, Any]]:
    known = partner_names(int(entry["partner_id"]) for entry in decision.overrides if entry["partner_id"])
    return [
        {
            "label": override_label(OverrideKind(entry["kind"])),
            "partner": known.get(int(entry["partner_id"]), "") if entry["partner_id"] else _("Nobody"),
            "is_ours": not entry["partner_id"],
            "evidence": entry["evidence"],
            "applied": entry["applied"],
            "stopped": " ".join(
                reason_sentence(one["filter"], one["params"], names) for one in entry["stopped_by"]
            ),
        }
        for entry in decision.overrides
    ]
