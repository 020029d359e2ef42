"""What firms and the vendor wrote to each other, what the vendor announced, and what firms say of themselves."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from core import clock
from core.database import session
from partners import operations
from partners.models import Partner
from partners.queries import active_members, admins_of
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

#: By firm: its words in the finder, in both languages.
WORDS = {
    "Hansen & Brandt IT": (
        "Stock, orders and transport of wholesalers in the north, on one system. We stay after the first day.",
        "Склад, заказы и доставка оптовых компаний на севере — в одной системе. Остаёмся и после запуска.",
    ),
    "Kessler Systemhaus": (
        "Machines and their spare parts are our world: we connect what runs in the hall with what is sold.",
        "Станки и запчасти — наш мир: связываем то, что работает в цехе, с тем, что продаётся.",
    ),
    "Снегирь Системы": (
        "Retail and production on the Volga. Data of ten years comes along, with its history.",
        "Розница и производство на Волге. Переносим данные за десять лет вместе с историей.",
    ),
}

#: A firm, what it did for a customer, and whether the vendor has published it already.
STORIES: tuple[tuple[str, dict[str, Any], bool], ...] = (
    (
        "Hansen & Brandt IT",
        {
            "customer": "Fischhaus Detlefsen",
            "title": "From paper to one stock in six weeks",
            "title_ru": "От бумаги к единому складу за шесть недель",
            "text": "**The problem.** Three cold stores, three lists on paper, and nobody knew at noon what was left."
            "\n\n**What we did.** Meridian Cloud with scanners at every gate; forty people trained on the spot."
            "\n\n**Today.** One stock. Write-offs fell by a third in the first quarter.",
            "text_ru": "**Задача.** Три холодильных склада, три списка на бумаге, и к полудню никто не знал остатков."
            "\n\n**Что мы сделали.** Meridian Cloud и сканеры на каждых воротах; сорок человек обучены на месте."
            "\n\n**Сегодня.** Единый склад. Списания за первый квартал снизились на треть.",
            "consent_by": "Inga Detlefsen, owner",
            "consent_kept_in": "Signed sheet",
        },
        True,
    ),
    (
        "Kessler Systemhaus",
        {
            "customer": "Neckar Antriebe",
            "title": "Spare parts that are there before the machine stops",
            "text": "**The problem.** Parts were ordered when a machine stood still.\n\n**What we did.** Counters of "
            "the machines reach the stock through Meridian Flow.\n\n**Today.** Nine of ten parts lie ready.",
            "consent_by": "Ute Reiser, head of service",
            "consent_kept_in": "Mail",
        },
        False,
    ),
)


def make_demo(**_sizes: int) -> None:
    """Two announcements; a question that was answered, and one that waits; a story published, and one to read."""
    manager = session.scalars(sa.select(User).where(User.email.startswith("mona@"))).one()
    for ago, words in ANNOUNCEMENTS:
        with clock.frozen_at(clock.now() - ago):
            tiers = words.get("tiers", [])
            if not tiers or session.scalar(sa.select(sa.exists().where(Partner.tier.in_(tiers)))):
                operations.publish_announcement(**words, by=manager)
    _say_who_they_are(manager)
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


def _say_who_they_are(manager: User) -> None:
    """The firms' words and stories in the finder."""
    firms = {firm.name: firm for firm in session.scalars(sa.select(Partner).where(Partner.name.in_(WORDS)))}
    admins = {
        name: member.user
        for name, firm in firms.items()
        if (member := session.scalar(admins_of(firm).limit(1)))
    }
    for name, admin in admins.items():
        summary, summary_ru = WORDS[name]
        operations.change_finder_entry(
            firms[name], is_listed=True, summary=summary, summary_ru=summary_ru, by=admin
        )
    for name, words, is_published in STORIES:
        if name not in admins:
            continue
        with clock.frozen_at(clock.now() - timedelta(days=5)):
            told_on = clock.today("UTC") - timedelta(days=9)
            story = operations.save_story(firms[name], **words, consent_on=told_on, by=admins[name])
            operations.submit_story(story, by=admins[name])
            if is_published:
                operations.publish_story(story, by=manager)
