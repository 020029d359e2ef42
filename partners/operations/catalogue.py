"""What the vendor sells, what partners do, what tiers give, what applicants are asked."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from core import clock
from core.activity import Actor
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.money import currencies
from core.signals import announce
from partners import queries, signals
from partners.models import LineKind, Product, Question, Recurrence, Service, Tier, Unit

_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def save_product(
    product: Product | None = None,
    *,
    code: str,
    name: str,
    name_ru: str,
    list_price_minor: int,
    currency: str,
    unit: Unit | str = Unit.USER,
    recurring: Recurrence | str = Recurrence.YEAR,
    is_retired: bool = False,
    by: Actor | None,
) -> Product:
    """Adds a product, or changes one. Its code stays, since sales name it. Raises InvalidInput by field."""
    problems: dict[str, str] = {}
    if product is None:
        if not _CODE.fullmatch(code) or len(code) > 60:
            problems["code"] = _("Use small letters, digits and hyphens, such as cloud-pro.")
        elif code in queries.products_by_code():
            problems["code"] = _("There is a product with that code already.")
    problems |= {
        field: _("This is needed.")
        for field, text in (("name", name), ("name_ru", name_ru))
        if not text.strip()
    }
    if currency not in currencies():
        problems["currency"] = _("Name a currency by its code, such as EUR.")
    if not 0 <= list_price_minor < 10**12:
        problems["list_price_minor"] = _("A price is not below zero.")
    if unit not in set(Unit):
        problems["unit"] = _("Choose one of the list.")
    if recurring not in set(Recurrence):
        problems["recurring"] = _("Choose one of the list.")
    if problems:
        raise InvalidInput(problems)
    product = product or Product(code=code)
    product.name = name.strip()
    product.name_ru = name_ru.strip()
    product.list_price_minor = list_price_minor
    product.currency = currency
    product.unit = Unit(unit)
    product.recurring = Recurrence(recurring)
    product.retired_at = (product.retired_at or clock.now()) if is_retired else None
    session.add(product)
    session.flush()
    announce(signals.CatalogueChanged(product, by))
    return product


def save_service(
    service: Service,
    *,
    name: str,
    name_ru: str,
    description: str,
    description_ru: str,
    is_retired: bool = False,
    by: Actor | None,
) -> Service:
    """Renames or describes a service, or no longer offers it. The kinds themselves are the programme's rule."""
    problems = {
        field: _("This is needed.")
        for field, text in (("name", name), ("name_ru", name_ru))
        if not text.strip()
    }
    if problems:
        raise InvalidInput(problems)
    service.name = name.strip()
    service.name_ru = name_ru.strip()
    service.description = description.strip()
    service.description_ru = description_ru.strip()
    service.retired_at = (service.retired_at or clock.now()) if is_retired else None
    session.flush()
    announce(signals.CatalogueChanged(service, by))
    return service


def add_service(kind: LineKind, *, position: int, texts: tuple[str, str, str, str]) -> Service:
    """Adds the service of a line kind with its names and descriptions (English, Russian, English, Russian)."""
    name, name_ru, description, description_ru = texts
    service = Service(
        code=kind.value,
        name=name,
        name_ru=name_ru,
        description=description,
        description_ru=description_ru,
        position=position,
    )
    session.add(service)
    return service


def save_question(
    question: Question | None = None, *, text: str, text_ru: str, is_retired: bool = False, by: Actor | None
) -> Question:
    """Adds or changes a question of the application form; answers given keep the words they were asked in."""
    problems = {
        field: _("This is needed.")
        for field, words in (("text", text), ("text_ru", text_ru))
        if not words.strip()
    }
    if problems:
        raise InvalidInput(problems)
    if question is None:
        last = session.scalar(sa.select(sa.func.max(Question.position))) or 0
        question = Question(position=last + 1)
    question.text = text.strip()
    question.text_ru = text_ru.strip()
    question.retired_at = (question.retired_at or clock.now()) if is_retired else None
    session.add(question)
    session.flush()
    announce(signals.QuestionChanged(question, by))
    return question


def save_tier(tier: Tier, *, by: Actor | None, **benefits: Any) -> None:
    """Changes what a tier gives. Rates are decimals: a weight of 0.1 to 10, a co-funded share of 0 to 1."""
    allowed = {
        "name",
        "name_ru",
        "lead_weight",
        "cofunding_rate",
        "cofunding_cap_minor",
        "support",
        "support_ru",
        "demands",
        "demands_ru",
    }
    if set(benefits) - allowed:
        raise TypeError(f"A tier has no {', '.join(sorted(set(benefits) - allowed))}.")
    problems: dict[str, str] = {}
    for field, least, most in (("lead_weight", "0.1", "10"), ("cofunding_rate", "0", "1")):
        if field in benefits:
            try:
                number = Decimal(str(benefits[field]))
            except InvalidOperation:
                number = Decimal(-1)
            if not Decimal(least) <= number <= Decimal(most):
                problems[field] = _("It can be %(least)s to %(most)s.", least=least, most=most)
            benefits[field] = format(number.normalize(), "f")
    for field in ("name", "name_ru"):
        if field in benefits and not str(benefits[field]).strip():
            problems[field] = _("This is needed.")
    cap = benefits.get("cofunding_cap_minor")
    if cap is not None and not 0 <= cap < 10**12:
        problems["cofunding_cap_minor"] = _("A cap is not below zero.")
    if problems:
        raise InvalidInput(problems)
    before = {field: getattr(tier, field) for field in benefits}
    changed = {field: value for field, value in benefits.items() if value != before[field]}
    for field, value in changed.items():
        setattr(tier, field, value)
    session.flush()
    if changed:
        announce(
            signals.TierBenefitsChanged(
                tier, by, before={field: before[field] for field in changed}, after=changed
            )
        )
