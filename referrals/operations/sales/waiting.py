"""Facts that count nowhere yet: they wait for their sale, or it cannot bear them. A person tries again, or puts aside.

What is put aside only leaves the list: it is kept, and still goes to its sale if that comes one day.
"""

from typing import TypeGuard

from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from referrals.models.sales import Chargeback, Payment, Refund
from referrals.operations.sales.later import attach, objection_to, sale_named
from referrals.operations.sales.messages import hold_names, refuse_partners
from referrals.queries.waiting_facts import is_put_aside
from referrals.signals.sales import FactPutAside, RefundRecorded

Fact = Payment | Refund | Chargeback


def try_again(fact: Fact, *, sale_name: str = "", by: Actor | None) -> None:
    """Puts a fact to its sale if that is there by now, or if it can bear the refund by now.

    ``sale_name`` is the number of the sale where a person knows it better than the message. Raises InvalidInput at
    ``sale`` for a number that no sale has, or several have; Refusal when it is as it was.
    """
    refuse_partners(by)
    if fact.sale_id is None:
        _look_for_its_sale(fact, sale_name.strip(), by=by)
    elif _is_refused(fact):
        _look_whether_it_fits(fact, by=by)
    else:
        raise Refusal(_("This is with its sale already."))


def _is_refused(fact: Fact) -> TypeGuard[Refund]:
    return isinstance(fact, Refund) and fact.refused_because is not None


def _look_for_its_sale(fact: Fact, typed: str, *, by: Actor | None) -> None:
    name = typed or fact.sale_external_id
    hold_names({name, fact.sale_external_id})
    sale = sale_named(None if typed else fact.source, name)
    if sale is None and typed:
        raise InvalidInput({"sale": _("No sale has this number, or more than one has.")})
    if sale is None:
        raise Refusal(_("The sale %(number)s has not come yet.", number=name))
    lock(sale)
    lock(fact)
    if fact.sale_id is not None:
        raise Refusal(_("This is with its sale already."))
    attach(fact, sale, by=by)


def _look_whether_it_fits(refund: Refund, *, by: Actor | None) -> None:
    sale = refund.sale
    assert sale is not None
    lock(sale)
    lock(refund)
    if refund.refused_because is None:
        raise Refusal(_("This is with its sale already."))
    objection = objection_to(refund, sale)
    if objection is not None:
        raise Refusal(_("The sale still can't bear this refund."))
    refund.refused_because = None
    session.flush()
    sale.settle_status()
    announce(RefundRecorded(refund, by))


def put_aside(fact: Fact, *, reason: str, by: Actor | None) -> None:
    """Takes a fact off the list of what waits, with the reason; it is kept. Raises InvalidInput, Refusal."""
    refuse_partners(by)
    if not reason.strip():
        raise InvalidInput({"reason": _("This is needed.")})
    lock(fact)
    if fact.sale_id is not None and not _is_refused(fact):
        raise Refusal(_("This is with its sale already."))
    if is_put_aside(fact):
        raise Refusal(_("This was put aside already."))
    announce(FactPutAside(fact, by, reason=reason.strip()))
