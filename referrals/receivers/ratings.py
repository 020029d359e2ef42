"""Customers are asked how their partner did, a while after the deal was won."""

from datetime import timedelta
from typing import Any

from core.jobs import recurring
from core.signals import receives
from referrals.emails import ratings as emails
from referrals.operations.ratings import ask_customers
from referrals.signals.ratings import RatingAsked


@recurring("referrals.ask-customers", every=timedelta(hours=6))
def ask_the_customers_whose_day_has_come(_payload: dict[str, Any]) -> None:
    """A few hundred at a time; what is left is asked by the next run."""
    ask_customers()


@receives(RatingAsked)
def write_to_the_customer(signal: RatingAsked) -> None:
    emails.asked(signal.subject)
