"""Many firms at once, as they are admitted, sign and get their first admin one by one: a statement a table."""

from collections.abc import Sequence

from accounts import operations as accounts
from accounts.permissions import Role
from core import clock
from core.activity import Actor, Deed
from core.bulk import defaults_of, insert_rows, new_ids, portions
from core.i18n import current_locale
from core.jobs import enqueue
from core.signals import Signal, announce_together
from partners import signals
from partners.models import Agreement, AgreementAcceptance, Member, Partner, PartnerStatus
from partners.operations.firms import new_firm
from partners.operations.network_imports.columns import FirmRow

INVITE_JOB = "partners.invite-members"
#: So many are written to in one job.
INVITED_AT_ONCE = 100


def make_firms(
    rows: Sequence[FirmRow], *, import_id: int, agreement: Agreement | None, by: Actor | None
) -> list[int]:
    """Adds the firms of a file; answers their ids in that order. Who has signed ``agreement`` is active."""
    if not rows:
        return []
    ids = new_ids(Partner, len(rows))
    now = clock.now()
    made = []
    for number, row in zip(ids, rows, strict=True):
        firm = new_firm(row.values, country=row.country, tier=row.tier, plan=row.plan, manager=row.manager)
        if row.is_signed:
            firm |= {"status": PartnerStatus.ACTIVE, "activated_at": now}
        made.append(firm | {"id": number, "import_id": import_id})
    unsaid = defaults_of(Partner)
    names = sorted(unsaid)
    insert_rows(Partner, names, ([firm.get(name, unsaid[name]) for name in names] for firm in made))
    _announce(signals.PartnersAdded(ids, by), signals.PartnerAdded, ids)
    if agreement is not None:
        _sign([number for number, row in zip(ids, rows, strict=True) if row.is_signed], agreement, by)
    return ids


def _sign(firms: Sequence[int], agreement: Agreement, by: Actor | None) -> None:
    """Notes the acceptance on paper, by which these firms are active."""
    ids = new_ids(AgreementAcceptance, len(firms))
    now, locale = clock.now(), current_locale()
    by_id, by_name = (by.id, str(by.name)) if by is not None else (None, "")
    insert_rows(
        AgreementAcceptance,
        (
            "id", "partner_id", "agreement_id", "accepted_at", "accepted_by_id", "accepted_by_name", "on_paper",
            "locale", "text_hash",
        ),
        (
            (number, firm, agreement.id, now, by_id, by_name, True, locale, agreement.text_hash)
            for number, firm in zip(ids, firms, strict=True)
        ),
    )  # fmt: skip
    announce_together(
        signals.AgreementsAccepted(ids, by),
        [
            Deed(signals.AgreementAccepted.verb, "agreementacceptance", number, firm)
            for number, firm in zip(ids, firms, strict=True)
        ],
    )
    _announce(signals.PartnersActivated(firms, by), signals.PartnerActivated, firms)


def _announce(many: Signal[Sequence[int]], one: type[Signal[Partner]], firms: Sequence[int]) -> None:
    announce_together(many, [Deed(one.verb, "partner", number, number) for number in firms])


def make_admins(firms: Sequence[tuple[int, FirmRow]], *, by: Actor | None) -> int:
    """The admins that the rows name belong to the firms of these ids, and jobs invite them; answers how many."""
    named = [(firm, row) for firm, row in firms if row.admin_email]
    users = accounts.make_users(
        [(row.admin_email, row.admin_name) for _firm, row in named], Role.PARTNER_ADMIN
    )
    ids = new_ids(Member, len(named))
    now = clock.now()
    insert_rows(
        Member,
        ("id", "user_id", "partner_id", "joined_at"),
        ((number, user, firm, now) for number, user, (firm, _row) in zip(ids, users, named, strict=True)),
    )
    announce_together(
        signals.MembersJoined(ids, by),
        [
            Deed(signals.MemberJoined.verb, "member", number, firm)
            for number, (firm, _row) in zip(ids, named, strict=True)
        ],
    )
    for some in portions(ids, INVITED_AT_ONCE):
        enqueue(INVITE_JOB, {"members": some, "by": by.id if by is not None else None})
    return len(ids)
