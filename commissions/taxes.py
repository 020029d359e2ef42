"""What is added to and taken off a payout: VAT on top, tax withheld, the fee of the way it is paid. Pure arithmetic."""

from dataclasses import dataclass

from core.money import half_up_ratio

_WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one payout in minor units; ``net_minor`` is what is sent."""

    amount_minor: int
    vat_minor: int = 0
    withheld_minor: int = 0
    fee_minor: int = 0

    @property
    def net_minor(self) -> int:
        return self.amount_minor + self.vat_minor - self.withheld_minor - self.fee_minor


def payout_parts(
    amount_minor: int, *, services_minor: int, vat_minor: int, withholding_bp: int, fee_minor: int
) -> Parts:
    """The parts of a payout of ``amount_minor``: rates are hundredths of a per cent, a part is rounded half up once.

    ``services_minor`` is what of it the partner did for the vendor, and ``vat_minor`` the sum of :func:`line_vat` over
    that, below 0 where it takes back more than it grants. Tax is withheld from the services without their VAT (decision
    50). A sum that is not positive has no parts.
    """
    if amount_minor <= 0:
        return Parts(amount_minor)
    return Parts(
        amount_minor,
        vat_minor=vat_minor,
        withheld_minor=half_up_ratio(max(0, services_minor) * withholding_bp, _WHOLE),
        fee_minor=fee_minor,
    )


def line_vat(amount_minor: int, before_minor: int, vat_bp: int) -> int:
    """The VAT of one line, rounded half up once, by difference to the lines that it takes back or adds to.

    ``before_minor`` is what those came to: so what is taken back in parts takes back exactly the VAT that was granted.
    The figure depends on nothing else; lines may be put together into payouts and papers in any way and sum alike.
    """
    after = half_up_ratio((before_minor + amount_minor) * vat_bp, _WHOLE)
    return after - half_up_ratio(before_minor * vat_bp, _WHOLE)
