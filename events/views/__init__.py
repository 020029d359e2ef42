"""The pages of events, by audience: strangers, partners and the vendor's people, and what stands on others' pages."""

from flask import Blueprint

from core.i18n import lazy_gettext
from partners.views import PUBLIC_FOOT

events = Blueprint("events", __name__)

PUBLIC_FOOT.append((lazy_gettext("Events"), "events.public_events"))
