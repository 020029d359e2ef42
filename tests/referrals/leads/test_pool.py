"""What is in the pool may be claimed by everybody who fits; one of them gets it."""

import pytest

from core.activity import Activity
from core.database import session
from core.errors import Refusal
from partners.operations import change_partner
from referrals.models import ContactKind, LeadStatus
from referrals.operations import claim_lead, log_contact, return_lead
from referrals.queries import leads_visible_to, pool_visible_to
from referrals.queries.claims import active_claim
from referrals.receivers.leads import take_idle_leads_back
from tests.cast import a_partner
from tests.referrals.leads.cast import a_lead, a_pooled_lead, the_offer


def _pool_of(user):
    return session.scalars(pool_visible_to(user)).all()


def test_everybody_who_fits_sees_it_and_nobody_else(ada, rex):
    outsider = a_partner("Osaka", country="JP")
    from accounts.permissions import Role
    from tests.cast import a_member

    oda = a_member(outsider, "Oda", Role.SELLER)
    leads = [a_pooled_lead(name) for name in ("Globex", "Initech", "Umbrella")]
    assert _pool_of(ada) == _pool_of(rex) == leads
    assert _pool_of(oda) == []


def test_the_first_claim_wins_and_the_second_is_told_so_without_a_name(acme, ada, rex):
    lead = a_pooled_lead()
    claim_lead(lead, by=ada)
    with pytest.raises(Refusal) as refusal:
        claim_lead(lead, by=rex)
    assert refusal.value.sentence == "Globex has already been claimed."
    assert active_claim(lead).partner is acme
    claims = session.query(Activity).filter_by(verb="lead claimed", subject_id=lead.id).all()
    assert [row.actor_id for row in claims] == [ada.id]


def test_a_claimed_lead_is_nobody_elses_to_see(ada, rex):
    lead = a_pooled_lead()
    claim_lead(lead, by=ada)
    assert session.scalars(leads_visible_to(ada)).all() == [lead]
    assert session.scalars(leads_visible_to(rex)).all() == []


def test_nobody_hoards(acme, ada):
    change_partner(acme, by=None, open_lead_cap=1)
    first, second = a_pooled_lead("Globex"), a_pooled_lead("Initech")
    claim_lead(first, by=ada)
    with pytest.raises(Refusal, match="You hold 1 leads of 1"):
        claim_lead(second, by=ada)


def test_claiming_what_is_offered_to_you_is_accepting_it(ada, rival):
    lead = a_lead()
    the_offer(lead)
    assert claim_lead(lead, by=ada).status is LeadStatus.ACCEPTED


def test_the_first_call_stops_the_clock(ada):
    lead = claim_lead(a_pooled_lead(), by=ada)
    assert lead.contact_due_at is not None
    log_contact(lead, kind=ContactKind.NOTE, text="Looked at their site.", by=ada)
    assert lead.status is LeadStatus.CLAIMED
    log_contact(lead, kind=ContactKind.CALL, text="Wants a demo on Friday.", by=ada)
    assert (lead.status, lead.contact_due_at) == (LeadStatus.CONTACTED, None)
    log_contact(lead, kind=ContactKind.MEETING, text="Goes on.", is_working=True, by=ada)
    assert lead.status is LeadStatus.WORKING


def test_who_gives_back_does_not_get_it_again(ada, rex):
    lead = claim_lead(a_pooled_lead(), by=ada)
    return_lead(lead, reason="They speak Dutch only.", by=ada)
    assert lead.status is LeadStatus.AVAILABLE
    assert _pool_of(ada) == []
    assert claim_lead(lead, by=rex).status is LeadStatus.CLAIMED


def test_after_thirty_idle_days_it_goes_back_to_the_pool(ada, rex, mails, time):
    lead = claim_lead(a_pooled_lead(), by=ada)
    time.move(days=29)
    take_idle_leads_back({})
    assert lead.status is LeadStatus.CLAIMED
    time.move(days=1)
    take_idle_leads_back({})
    assert lead.status is LeadStatus.AVAILABLE
    assert _pool_of(rex) == [lead]
    assert "Globex has gone back to the pool" in [mail["subject"] for mail in mails(to=ada.email)]


def test_an_update_keeps_the_lead(ada, time):
    lead = claim_lead(a_pooled_lead(), by=ada)
    time.move(days=20)
    log_contact(lead, kind=ContactKind.EMAIL, text="Sent the outline.", by=ada)
    time.move(days=20)
    take_idle_leads_back({})
    assert lead.status is LeadStatus.CONTACTED


def test_who_asked_for_a_call_stands_first_then_who_is_active_in_the_product_then_the_oldest(acme, ada):
    oldest, active, calling = (a_pooled_lead(name) for name in ("Oldest", "Active", "Calling"))
    active.warmth, calling.call_at = 2, "soon"
    session.flush()
    assert list(session.scalars(pool_visible_to(ada))) == [calling, active, oldest]
