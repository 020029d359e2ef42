"""What the vendor sells, what partners do, what the tiers give: short lists, read once a request."""

import sqlalchemy as sa

from core.database import session
from partners.models import Product, Question, Service, Tier


def products() -> list[Product]:
    """What may be offered today, by price list order."""
    return [product for product in _all_products() if product.retired_at is None]


def products_by_code() -> dict[str, Product]:
    """Every product that ever was, by code: old leads and sales name retired ones."""
    return {product.code: product for product in _all_products()}


def services() -> list[Service]:
    """The services partners may offer today, in the programme's order."""
    return [service for service in _all_services() if service.retired_at is None]


def services_by_code() -> dict[str, Service]:
    """Every service that ever was, by line kind."""
    return {service.code: service for service in _all_services()}


def tiers() -> list[Tier]:
    """The tiers from the ground up."""
    return list(session.scalars(sa.select(Tier).order_by(Tier.rank)))


def tiers_by_code() -> dict[str, Tier]:
    """The tiers by code."""
    return {tier.code: tier for tier in tiers()}


def questions() -> list[Question]:
    """What the programme asks every applicant today."""
    return list(
        session.scalars(
            sa.select(Question).where(Question.retired_at.is_(None)).order_by(Question.position, Question.id)
        )
    )


def _all_products() -> list[Product]:
    return list(session.scalars(sa.select(Product).order_by(Product.code)))


def _all_services() -> list[Service]:
    return list(session.scalars(sa.select(Service).order_by(Service.position, Service.id)))
