"""Branches: firms that belong to another one. One level, so that there is never a ring."""

import sqlalchemy as sa

from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners import signals
from partners.models import Partner


def make_branch(branch: Partner, parent: Partner, *, by: Actor | None) -> None:
    """``branch`` belongs to ``parent``, whose admins read its figures. Raises InvalidInput at ``parent``."""
    for firm in sorted({branch, parent}, key=lambda firm: firm.id):
        lock(firm)
    if branch is parent or parent.has_left:
        raise InvalidInput({"parent": _("Choose another firm that takes part.")})
    if branch.has_left:
        raise Refusal(_("%(name)s has left already.", name=branch.name))
    if parent.parent_id is not None:
        raise InvalidInput(
            {"parent": _("%(name)s is a branch itself. A branch has no branches.", name=parent.name)}
        )
    if session.scalar(sa.select(Partner.id).where(Partner.parent_id == branch.id).limit(1)) is not None:
        raise Refusal(_("%(name)s has branches of its own. A branch has no branches.", name=branch.name))
    if branch.parent_id == parent.id:
        return
    branch.parent_id = parent.id
    session.flush()
    announce(signals.BranchMoved(branch, by, parent_id=parent.id, parent_name=parent.name))


def free_branch(branch: Partner, *, by: Actor | None) -> None:
    """The firm stands by itself again."""
    lock(branch)
    if branch.parent_id is None:
        raise Refusal(_("%(name)s is nobody's branch.", name=branch.name))
    branch.parent_id = None
    session.flush()
    announce(signals.BranchMoved(branch, by, parent_id=0, parent_name=""))
