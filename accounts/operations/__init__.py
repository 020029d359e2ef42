"""The verbs of accounts, by what they are about."""

from accounts.operations.asking import ask_for_a_way_in, ask_for_another_email
from accounts.operations.factors import needs_a_second_factor, reset_factors
from accounts.operations.keys import make_api_key, note_use, revoke_api_key, stop_leaked_key
from accounts.operations.many import invite_many, make_users, suspend_many
from accounts.operations.people import (
    accept_invitation,
    begin_anew,
    change_person,
    come_in,
    invite_again,
    invite_person,
    make_first_admin,
    make_machine,
    make_user,
    reinstate_person,
    suspend_person,
)
from accounts.operations.signing_in import (
    change_password,
    confirm_identity,
    confirm_password,
    end_every_sign_in,
    finish_signing_in,
    open_sign_in,
    reset_password,
    sign_in,
    sign_out,
)
from accounts.operations.tokens import issue_token, spend_token
from accounts.operations.waiting import forget_form, keep_form, waiting_form

__all__ = [
    "accept_invitation",
    "ask_for_a_way_in",
    "ask_for_another_email",
    "begin_anew",
    "change_password",
    "change_person",
    "come_in",
    "confirm_identity",
    "confirm_password",
    "end_every_sign_in",
    "finish_signing_in",
    "forget_form",
    "invite_again",
    "invite_many",
    "invite_person",
    "issue_token",
    "keep_form",
    "make_api_key",
    "make_first_admin",
    "make_machine",
    "make_user",
    "make_users",
    "needs_a_second_factor",
    "note_use",
    "open_sign_in",
    "reinstate_person",
    "reset_factors",
    "reset_password",
    "revoke_api_key",
    "sign_in",
    "sign_out",
    "spend_token",
    "stop_leaked_key",
    "suspend_many",
    "suspend_person",
    "waiting_form",
]
