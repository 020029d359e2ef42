"""What firms and the vendor wrote to each other, and what the vendor announced."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from core import clock
from core.database import session
from partners import operations
from partners.models import Partner
from partners.queries import active_members
from referrals.models.deals import Deal, DealStatus

ANNOUNCEMENTS: tuple[tuple[timedelta, dict[str, Any]], ...] = (
    (
        timedelta(days=12),
        {
            "title": "Autumn campaign: co-funding for breakfasts and seminars",
            "title_ru": "Осенняя кампания: софинансирование завтраков и семинаров",
            "text": "Until the end of the year we answer requests for **breakfasts** and **seminars** within "
            "three working days.\n\n- Ask at least 14 days ahead.\n- Put the expected guests and leads into the "
            "request: that is what we look at first.",
            "text_ru": "До конца года на заявки о **завтраках** и **семинарах** мы отвечаем за три рабочих дня."
            "\n\n- Подавайте заявку не позже чем за 14 дней.\n- Укажите ожидаемых гостей и лиды: на это мы "
            "смотрим в первую очередь.",
        },
    ),
    (
        timedelta(days=3),
        {
            "title": "Gold and platinum: early access to the new mobile client",
            "title_ru": "Золото и платина: ранний доступ к новому мобильному клиенту",
            "text": "From Monday your engineers can try the new mobile client with a customer of their choice. "
            "Answer here if you want a seat.",
            "text_ru": "С понедельника ваши инженеры могут попробовать новый мобильный клиент у выбранного "
            "заказчика. Ответьте здесь, если хотите место.",
            "tiers": ["gold", "platinum"],
        },
    ),
)

#: A subject and a question about a deal, and the answer of the vendor, if there is one yet.
QUESTIONS = (
    (
        ("A discount for the first year?", "They sign this month if we come down by 8 %. May we?"),
        "Yes, up to 10 % on the licence. Put it into the estimate, so that the share stays visible.",
    ),
    (("Who joins the workshop from your side?", "They ask for somebody who knows data migration."), ""),
)


def make_demo(**_sizes: int) -> None:
    """Two announcements; a question that was answered, and one that waits."""
    manager = session.scalars(sa.select(User).where(User.email.startswith("mona@"))).one()
    for ago, words in ANNOUNCEMENTS:
        with clock.frozen_at(clock.now() - ago):
            tiers = words.get("tiers", [])
            if not tiers or session.scalar(sa.select(sa.exists().where(Partner.tier.in_(tiers)))):
                operations.publish_announcement(**words, by=manager)
    deals = session.scalars(
        sa.select(Deal).where(Deal.status == DealStatus.APPROVED).order_by(Deal.id).limit(2)
    ).all()
    for deal, (asked, answered) in zip(deals, QUESTIONS, strict=False):
        seller = session.scalars(active_members(deal.partner)).first()
        if seller is None:
            continue
        about = ("deal", deal.id, f"{deal.number} · {deal.company}")
        with clock.frozen_at(clock.now() - timedelta(hours=30)):
            thread = operations.open_thread(
                deal.partner, subject=asked[0], text=asked[1], about=about, by=seller.user
            )
        if answered:
            with clock.frozen_at(clock.now() - timedelta(hours=26)):
                operations.write_message(thread, answered, by=manager)
