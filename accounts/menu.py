"""The headings of the side menu, in their order, and what accounts adds to it."""

from accounts.permissions import Permission
from core import navigation
from core.i18n import lazy_gettext as _
from core.navigation import Entry


def init_app() -> None:
    for name, label in (
        ("money", _("Money")),
        ("growth", _("Growth")),
        ("network", _("Network")),
        ("programme", _("Programme")),
        ("admin", _("Administration")),
    ):
        navigation.group(name, label)
    navigation.add(Entry(_("Home"), "core.home", "house", None, order=0, on_phone=True))
    for label, endpoint, icon, permission in (
        (_("People"), "accounts.people", "person-badge", Permission.PEOPLE_MANAGE),
        (_("Settings"), "accounts.settings", "sliders", Permission.SETTINGS_CHANGE),
        (_("API keys"), "accounts.api_keys", "key", Permission.KEYS_MANAGE),
        (_("Jobs"), "accounts.jobs", "arrow-repeat", Permission.JOBS_MANAGE),
        (_("Audit trail"), "accounts.activity", "clock-history", Permission.ACTIVITY_READ),
    ):
        navigation.add(Entry(label, endpoint, icon, permission, group="admin", order=90, audience="staff"))
