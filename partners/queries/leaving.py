"""What becomes of what a firm, or one of its people, has when they leave or are merged: each domain says so.

Upper domains register a teller; the pages that terminate, merge or remove print the sentences before anybody confirms.
"""

from collections.abc import Callable, Iterable

import sqlalchemy as sa

from accounts.models import ApiKey, User
from accounts.permissions import Permission, Role
from core.database import session
from core.i18n import gettext as _
from core.i18n import ngettext
from partners.models import Member, Partner
from partners.queries.development import current_plan
from partners.queries.members import active_members

#: Told the firm that goes and the one that takes over, or ``None``; answers whole sentences, none for nothing.
Teller = Callable[[Partner, Partner | None], Iterable[str]]
_on_leaving: list[tuple[int, Teller]] = []
_on_merging: list[tuple[int, Teller]] = []


def tells_on_leaving(*, order: int) -> Callable[[Teller], Teller]:
    """Registers what is said before a partnership is terminated."""
    return _register(_on_leaving, order)


def tells_on_merging(*, order: int) -> Callable[[Teller], Teller]:
    """Registers what is said before a firm is merged into another one, which the teller always gets."""
    return _register(_on_merging, order)


#: Told somebody of a firm; answers whole sentences about what they leave unfinished, none for nothing.
MemberTeller = Callable[[Member], Iterable[str]]
_open_work: list[MemberTeller] = []


def tells_of_open_work(teller: MemberTeller) -> MemberTeller:
    """Registers what is said before somebody is taken out of their firm."""
    if teller not in _open_work:
        _open_work.append(teller)
    return teller


def open_work_of(member: Member) -> list[str]:
    """What somebody of a firm has open, in words with counts."""
    return [sentence for teller in _open_work for sentence in teller(member)]


def successors_of(member: Member) -> list[Member]:
    """Who can take over what somebody has open: colleagues who have signed up and work on deals, by name."""
    others = session.scalars(active_members(member.partner).where(Member.id != member.id))
    return [
        other
        for other in others
        if other.user.has_signed_up
        and other.user.suspended_at is None
        and other.user.may(Permission.DEALS_WORK)
    ]


def _register(tellers: list[tuple[int, Teller]], order: int) -> Callable[[Teller], Teller]:
    def register(teller: Teller) -> Teller:
        tellers.append((order, teller))
        tellers.sort(key=lambda entry: entry[0])
        return teller

    return register


def consequences_of_leaving(partner: Partner, heir: Partner | None) -> list[str]:
    """Everything that happens when ``partner`` leaves, in words with counts."""
    return [sentence for _order, teller in _on_leaving for sentence in teller(partner, heir)]


def consequences_of_merging(duplicate: Partner, survivor: Partner) -> list[str]:
    """Everything that happens when ``duplicate`` is merged into ``survivor``, in words with counts."""
    return [sentence for _order, teller in _on_merging for sentence in teller(duplicate, survivor)]


def working_keys_of(partner: Partner) -> sa.Select[ApiKey]:
    """The keys of the firm's machines that have not been revoked."""
    return (
        sa.select(ApiKey)
        .join(Member, Member.user_id == ApiKey.user_id)
        .join(User, User.id == ApiKey.user_id)
        .where(Member.partner_id == partner.id, User.role == Role.MACHINE, ApiKey.revoked_at.is_(None))
        .order_by(ApiKey.id)
    )


def branches_of(partner: Partner) -> sa.Select[Partner]:
    """The firm's branches, by name."""
    return sa.select(Partner).where(Partner.parent_id == partner.id).order_by(Partner.name, Partner.id)


def count(rows: sa.Select[object]) -> int:
    """How many rows a statement finds."""
    return session.scalar(sa.select(sa.func.count()).select_from(rows.order_by(None).subquery())) or 0


@tells_on_leaving(order=10)
def people_and_machines(partner: Partner, _heir: Partner | None) -> Iterable[str]:
    """The firm's own people, keys and branches."""
    people, keys = count(active_members(partner)), count(working_keys_of(partner))
    branches = count(branches_of(partner))
    if people:
        yield ngettext(
            "%(num)s person keeps reading money, statements and certificates, and changes nothing else.",
            "%(num)s people keep reading money, statements and certificates, and change nothing else.",
            people,
        )
    if keys:
        yield ngettext("%(num)s API key stops working.", "%(num)s API keys stop working.", keys)
    if branches:
        yield ngettext(
            "%(num)s branch stands by itself from then on.",
            "%(num)s branches stand by themselves from then on.",
            branches,
        )
    if current_plan(partner) is not None:
        yield _("Its development plan is closed.")
    yield _("It disappears from the finder and gets no leads; what is owed to it is still paid.")


@tells_on_merging(order=10)
def people_move(duplicate: Partner, survivor: Partner | None) -> Iterable[str]:
    """People, keys and branches go along."""
    assert survivor is not None
    people, keys = count(active_members(duplicate)), count(working_keys_of(duplicate))
    branches = count(branches_of(duplicate))
    if people:
        yield ngettext(
            "%(num)s person belongs to %(firm)s from then on, with the same role.",
            "%(num)s people belong to %(firm)s from then on, with the same roles.",
            people,
            firm=survivor.name,
        )
    if keys:
        yield ngettext(
            "%(num)s API key acts for %(firm)s.",
            "%(num)s API keys act for %(firm)s.",
            keys,
            firm=survivor.name,
        )
    if branches:
        yield ngettext(
            "%(num)s branch becomes a branch of %(firm)s.",
            "%(num)s branches become branches of %(firm)s.",
            branches,
            firm=survivor.name,
        )
    theirs, ours = current_plan(duplicate), current_plan(survivor)
    if theirs is not None and ours is not None:
        yield _("Its development plan ends; that of %(firm)s goes on.", firm=survivor.name)
    elif theirs is not None:
        yield _("Its development plan becomes that of %(firm)s.", firm=survivor.name)
    yield _(
        "Conversations, applications and success stories move; accepted agreements stay where they were signed."
    )
    yield _("Words and logo in the finder go along where %(firm)s has none.", firm=survivor.name)
