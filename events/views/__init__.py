"""The pages of events, by audience: strangers, partners and the vendor's people, and what stands on others' pages."""

from flask import Blueprint

events = Blueprint("events", __name__)
