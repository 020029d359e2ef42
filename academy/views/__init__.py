"""The pages of the academy, by audience: learners, examinees, anybody with a certificate in hand, authors."""

from flask import Blueprint

academy = Blueprint("academy", __name__)
