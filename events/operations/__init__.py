"""The verbs of co-funding: set money aside, ask, approve, hold, register, claim, decide; one module a subject."""

from events.operations.advances import mark_advance_paid
from events.operations.budgets import make_allocation, make_budget, plan_year
from events.operations.claims import (
    add_proof,
    remove_line,
    remove_proof,
    save_line,
    start_claim,
    submit_claim,
)
from events.operations.gatherings import (
    change_event,
    check_in,
    hold_event,
    register_guest,
    undo_check_in,
    withdraw_registration,
)
from events.operations.hosts import (
    accept_co_host,
    ask_to_join,
    decline_co_host,
    withdraw_from_joining,
)
from events.operations.leaving import give_up_requests, move_requests, requests_to_give_up
from events.operations.receipts import delete_old_originals
from events.operations.reminders import remind_of_money, remind_of_what_is_near
from events.operations.requests import (
    approve_request,
    ask_about_request,
    cancel_event,
    copy_request,
    decline_request,
    save_request,
    submit_request,
    withdraw_request,
)
from events.operations.upkeep import close_what_is_over
from events.operations.verdicts import (
    appeal_claim,
    approve_claim,
    ask_about_claim,
    dismiss_appeal,
    judge_line,
    mark_reimbursed,
    reject_claim,
)

__all__ = [
    "accept_co_host",
    "add_proof",
    "appeal_claim",
    "approve_claim",
    "approve_request",
    "ask_about_claim",
    "ask_about_request",
    "ask_to_join",
    "cancel_event",
    "change_event",
    "check_in",
    "close_what_is_over",
    "copy_request",
    "decline_co_host",
    "decline_request",
    "delete_old_originals",
    "dismiss_appeal",
    "give_up_requests",
    "hold_event",
    "judge_line",
    "make_allocation",
    "make_budget",
    "mark_advance_paid",
    "mark_reimbursed",
    "move_requests",
    "plan_year",
    "register_guest",
    "reject_claim",
    "remind_of_money",
    "remind_of_what_is_near",
    "remove_line",
    "remove_proof",
    "requests_to_give_up",
    "save_line",
    "save_request",
    "start_claim",
    "submit_claim",
    "submit_request",
    "undo_check_in",
    "withdraw_from_joining",
    "withdraw_registration",
    "withdraw_request",
]
