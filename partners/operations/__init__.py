"""The verbs of partners: join, belong, agree, invite, suspend; one module a subject."""

from partners.operations.agreements import accept_agreement, publish_agreement
from partners.operations.applications import (
    add_internal_note,
    answers_as_asked,
    approve_application,
    ask_again_to_confirm,
    ask_applicant,
    ask_to_confirm,
    begin_review,
    confirm_email,
    give_information,
    reject_application,
    save_draft,
    send_application,
    start_application,
)
from partners.operations.catalogue import save_product, save_question, save_service, save_tier
from partners.operations.firms import (
    change_partner,
    change_tier,
    make_partner,
    pause_partner,
    reinstate_partner,
    resume_partner,
    suspend_partner,
)
from partners.operations.members import (
    add_member,
    change_member_role,
    invite_member_again,
    make_partner_key,
    remove_member,
    revoke_partner_key,
)
from partners.operations.programme import set_up_programme

__all__ = [
    "accept_agreement",
    "add_internal_note",
    "add_member",
    "answers_as_asked",
    "approve_application",
    "ask_again_to_confirm",
    "ask_applicant",
    "ask_to_confirm",
    "begin_review",
    "change_member_role",
    "change_partner",
    "change_tier",
    "confirm_email",
    "give_information",
    "invite_member_again",
    "make_partner",
    "make_partner_key",
    "pause_partner",
    "publish_agreement",
    "reinstate_partner",
    "reject_application",
    "remove_member",
    "resume_partner",
    "revoke_partner_key",
    "save_draft",
    "save_product",
    "save_question",
    "save_service",
    "save_tier",
    "send_application",
    "set_up_programme",
    "start_application",
    "suspend_partner",
]
