"""The pages of the academy, by audience: learners, examinees, anybody with a certificate in hand, authors."""

from flask import Blueprint

from core.i18n import lazy_gettext
from partners.views import PUBLIC_FOOT

academy = Blueprint("academy", __name__)

PUBLIC_FOOT += [
    (lazy_gettext("Courses"), "academy.catalogue"),
    (lazy_gettext("Check a certificate"), "academy.find_certificate"),
]
