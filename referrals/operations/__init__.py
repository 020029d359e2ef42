"""The verbs of referrals, one module a subject."""

from referrals.operations.answering import (
    accept_offer,
    claim_lead,
    decline_offer,
    lapse_offer,
    remind_of_offer,
)
from referrals.operations.codes import make_referral_code
from referrals.operations.conflicts import check_conflict
from referrals.operations.deals import (
    answer_question,
    approve_deal,
    confirm_order,
    extend_deal,
    lose_deal,
    open_deal,
    question_deal,
    refuse_order,
    register_deal,
    reject_deal,
    save_estimate,
    submit_deal,
    win_deal,
    withdraw_deal,
)
from referrals.operations.holding import (
    log_contact,
    mirror_lost,
    mirror_won,
    recycle_idle_lead,
    return_lead,
    sort_lead,
)
from referrals.operations.intake import LeadData, keep_consent_text, receive_lead
from referrals.operations.routing import assign_lead, publish_policy, put_into_pool, route_lead
from referrals.operations.sales import (
    attribute_sale,
    record_chargeback,
    record_payment,
    record_refund,
    record_sale,
    release_sale,
)

__all__ = [
    "LeadData",
    "accept_offer",
    "answer_question",
    "approve_deal",
    "assign_lead",
    "attribute_sale",
    "check_conflict",
    "claim_lead",
    "confirm_order",
    "decline_offer",
    "extend_deal",
    "keep_consent_text",
    "lapse_offer",
    "log_contact",
    "lose_deal",
    "make_referral_code",
    "mirror_lost",
    "mirror_won",
    "open_deal",
    "publish_policy",
    "put_into_pool",
    "question_deal",
    "receive_lead",
    "record_chargeback",
    "record_payment",
    "record_refund",
    "record_sale",
    "recycle_idle_lead",
    "refuse_order",
    "register_deal",
    "reject_deal",
    "release_sale",
    "remind_of_offer",
    "return_lead",
    "route_lead",
    "save_estimate",
    "sort_lead",
    "submit_deal",
    "win_deal",
    "withdraw_deal",
]
