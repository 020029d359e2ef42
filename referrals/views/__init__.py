"""The pages and the API of referrals, one module an audience and subject; all share one blueprint."""

from flask import Blueprint

pages = Blueprint("referrals", __name__)
