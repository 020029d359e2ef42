"""The pages of accounts, by audience: strangers, people themselves, the vendor's staff."""

from flask import Blueprint

accounts = Blueprint("accounts", __name__)
