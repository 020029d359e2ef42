"""The rows of a checked file become leads, in bulk."""

from collections import defaultdict
from collections.abc import Sequence

from core import clock
from core.activity import Actor, Deed
from core.database import session
from core.errors import InvalidInput
from core.imports import ImportStatus, begin_taking, goes_on, is_at, next_job, some_records
from core.signals import announce, announce_together
from referrals import matching
from referrals.matching import Hit, KeyKind
from referrals.models.imports import LeadImport
from referrals.models.leads import Lead, LeadStatus
from referrals.operations.identity import hold_keys_of_many, identity_of
from referrals.operations.importing.columns import Usual, lead_data
from referrals.operations.importing.pacing import begin_routing
from referrals.operations.intake import catalogue_now, lead_from, why_unqualified
from referrals.queries import identity as known
from referrals.signals.imports import LeadsTaken
from referrals.signals.leads import LeadReceived, LeadsReceived

#: So many rows a job.
TAKEN_AT_ONCE = 1000


def start_taking(row: LeadImport, *, leave_out_wrong: bool = False, by: Actor | None) -> None:
    """Takes the file in: everything or nothing, unless wrong rows are to be left out. Raises Refusal."""
    begin_taking(row, leave_out_wrong=leave_out_wrong)
    row.leaves_out_wrong = leave_out_wrong
    announce(LeadsTaken(row, by, leaves_out=row.wrong_rows))
    next_job("referrals.take-leads", row)


def take_rows(row: LeadImport) -> bool:
    """Makes leads of the next rows; tells whether there are more.

    A row that was in order and is no longer ends an import of all or nothing.
    """
    if not is_at(row, ImportStatus.TAKING):
        return False
    catalogue, usual = catalogue_now(), Usual(row.source, row.campaign)
    by = row.created_by
    read = some_records(row, TAKEN_AT_ONCE)
    leads = []
    for record in read:
        try:
            lead = lead_from(lead_data(record, usual, catalogue), by, catalogue)
        except InvalidInput:
            if row.leaves_out_wrong:
                continue
            row.become(ImportStatus.UNDOING)
            next_job("referrals.undo-leads", row)
            return False
        lead.import_id = row.id
        lead.caller_key = f"import-{row.id}-{record.number}"
        leads.append(lead)
    session.add_all(leads)
    session.flush()
    _say_what_they_are(leads)
    announce_together(
        LeadsReceived([lead.id for lead in leads], by),
        [Deed(LeadReceived.verb, "lead", lead.id) for lead in leads],
    )
    row.taken += len(leads)
    row.repeated += sum(lead.status is LeadStatus.DUPLICATE for lead in leads)
    if goes_on(row, read, TAKEN_AT_ONCE):
        return True
    begin_routing(row)
    return False


def _say_what_they_are(leads: Sequence[Lead]) -> None:
    """Repeats of open leads, and of earlier rows; those nobody can be asked to work on; the rest are to be routed.

    The same rules as for a single lead, with everything they ask fetched at once.
    """
    identities = {lead.id: identity_of(lead) for lead in leads}
    keys = hold_keys_of_many(leads, identities)
    # Whoever holds the keys first came first, whenever it began.
    moment = clock.now()
    exact = {
        key_id: kind
        for of_lead in keys.values()
        for key_id, kind in of_lead
        if kind is not KeyKind.SIMILAR_NAME
    }
    hits: dict[int, list[Hit]] = defaultdict(list)
    for hit, key_id in known.open_leads_by_key(exact, but={lead.id for lead in leads}):
        hits[key_id].append(hit)
    for lead in leads:
        lead.received_at = moment
        own = [(key_id, kind) for key_id, kind in keys[lead.id] if key_id in exact]
        earlier = matching.duplicate_of(
            (hit for key_id, _kind in own for hit in hits[key_id]), completed_at=moment
        )
        because = why_unqualified(lead, identities[lead.id])
        if earlier is not None:
            lead.duplicate_of_id = int(earlier.reference.partition(":")[2])
            lead.reason = earlier.kind.value
            lead.become(LeadStatus.DUPLICATE)
        elif because is not None:
            lead.reason = because.value
            lead.become(LeadStatus.UNQUALIFIED)
        else:
            lead.become(LeadStatus.QUALIFIED)
            for key_id, kind in own:
                hits[key_id].append(known.hit_of(lead, kind))
    session.flush()
