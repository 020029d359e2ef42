"""What commissions answer when an estimate asks what it would earn: the quote, in the reader's words."""

from commissions import quoting, wording
from referrals import quotes


@quotes.register
def quote_an_estimate(inquiry: quotes.Inquiry) -> quotes.Quote | None:
    """The live plan's quote; ``None`` when no plan is published."""
    return quoting.quote_estimate(inquiry, in_words=wording.formula_words)
