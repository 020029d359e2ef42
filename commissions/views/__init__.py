"""The pages, web hooks and API of commissions, one module an audience."""

from flask import Blueprint

pages = Blueprint("commissions", __name__)
