"""How a firm shows itself in the public finder."""

from accounts.images import logo_from
from core.activity import Actor
from core.database import lock, session
from core.signals import announce
from core.uploads import forget_later
from partners import signals
from partners.models import FinderEntry, Partner


def change_logo(partner: Partner, content: bytes | None, *, by: Actor | None) -> None:
    """Keeps another logo, made anew from its pixels, or none. Raises InvalidInput at ``logo``."""
    lock(partner)
    old, partner.logo = partner.logo, logo_from(content) if content else None
    if old:
        forget_later(old)
    announce(signals.LogoChanged(partner, by))


def change_finder_entry(
    partner: Partner, *, is_listed: bool, summary: str, summary_ru: str, by: Actor | None
) -> FinderEntry:
    """Says whether the firm is in the finder, and what stands there in English and Russian."""
    lock(partner)
    entry = session.get(FinderEntry, partner.id)
    if entry is None:
        entry = FinderEntry(partner_id=partner.id, is_listed=is_listed)
        session.add(entry)
    entry.is_listed, entry.summary, entry.summary_ru = is_listed, summary.strip(), summary_ru.strip()
    session.flush()
    announce(signals.FinderEntryChanged(partner, by, is_listed=is_listed))
    return entry
