"""What a reimbursement is made of, in sentences."""

from core.i18n import format_money, format_percent
from core.i18n import gettext as _
from events.reimbursement import Cut, Reason, Reimbursement, Terms


def said(cut: Cut, terms: Terms) -> str:
    """Why this is not reimbursed, as one sentence."""
    money = format_money(cut.amount_minor, terms.currency)
    match cut.reason:
        case Reason.NO_RATE:
            return _(
                "%(label)s: there is no exchange rate for %(currency)s on that day yet, so it does not count so far.",
                label=cut.label,
                currency=cut.because,
            )
        case Reason.NO_RECEIPT:
            return _("%(label)s: %(money)s has no receipt yet.", label=cut.label, money=money)
        case Reason.REFUSED:
            if cut.because:
                return _(
                    "%(label)s: %(money)s is not accepted: %(why)s",
                    label=cut.label,
                    money=money,
                    why=_ended(cut.because),
                )
            return _("%(label)s: %(money)s is not accepted.", label=cut.label, money=money)
        case Reason.TAX:
            return _("%(label)s: %(money)s is tax, which does not count.", label=cut.label, money=money)
        case Reason.EXCLUDED:
            return _(
                "%(label)s: %(money)s is not eligible: %(why)s",
                label=cut.label,
                money=money,
                why=_ended(cut.because),
            )
        case Reason.VENDOR:
            return _(
                "%(label)s: %(money)s was taken off: %(why)s",
                label=cut.label,
                money=money,
                why=_ended(cut.because),
            )
        case Reason.OWN_SHARE:
            return _(
                "%(money)s stays with the host: %(rate)s of the cost is reimbursed.",
                money=money,
                rate=format_percent(float(terms.rate)),
            )
        case Reason.OVER_CAP:
            return _(
                "%(money)s is above the cap of %(cap)s.",
                money=money,
                cap=format_money(terms.cap_minor or 0, terms.currency),
            )
        case Reason.OVER_APPROVED:
            return _(
                "%(money)s is above the approved %(approved)s.",
                money=money,
                approved=format_money(terms.approved_minor, terms.currency),
            )


def sentences(result: Reimbursement) -> list[tuple[str, int]]:
    """Each cut's sentence with what it takes off, in the order it is taken off."""
    return [(said(cut, result.terms), cut.amount_minor) for cut in result.cuts]


def _ended(words: str) -> str:
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."
