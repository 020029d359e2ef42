"""Sending a run's money, and what becomes of each payout.

An attempt is written and committed before anything leaves the building. ``orders`` are what is asked, ``sending`` asks,
``results`` are what became of it, ``execution`` is what a bank or a person did.
"""

from commissions.operations.payouts.execution import execute_file, fail_by_hand, pay_by_hand, settle_file
from commissions.operations.payouts.orders import (
    LOOK_UP_JOB,
    REPEATABLE_FOR,
    REVERSE_JOB,
    SEND_JOB,
    SETTLE_FILE_JOB,
    is_frozen,
    is_still_open,
)
from commissions.operations.payouts.results import (
    declare_not_sent,
    look_up_later,
    mark_failed,
    mark_paid,
    mark_reversed,
    mark_sent,
    release_payout,
    repeat_or_wait,
    settle,
    wait_for_reinstatement,
)
from commissions.operations.payouts.sending import document_of, retry_payout, start_sending, take_back

__all__ = [
    "LOOK_UP_JOB",
    "REPEATABLE_FOR",
    "REVERSE_JOB",
    "SEND_JOB",
    "SETTLE_FILE_JOB",
    "declare_not_sent",
    "document_of",
    "execute_file",
    "fail_by_hand",
    "is_frozen",
    "is_still_open",
    "look_up_later",
    "mark_failed",
    "mark_paid",
    "mark_reversed",
    "mark_sent",
    "pay_by_hand",
    "release_payout",
    "repeat_or_wait",
    "retry_payout",
    "settle",
    "settle_file",
    "start_sending",
    "take_back",
    "wait_for_reinstatement",
]
