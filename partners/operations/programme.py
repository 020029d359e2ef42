"""What every programme has from its first day: tiers, services, questions, and a first agreement to start from."""

from dataclasses import dataclass

from core.activity import Actor
from core.database import session
from partners import queries
from partners.models import LineKind, Tier
from partners.operations.agreements import publish_agreement
from partners.operations.catalogue import add_service, save_question


def set_up_programme(*, by: Actor | None) -> None:
    """Adds what is missing of tiers, services, questions and agreement; what is there stays as it is."""
    known = queries.tiers_by_code()
    for rank, start in enumerate(_TIERS, start=1):
        if start.code not in known:
            session.add(start.as_tier(rank))
    services = queries.services_by_code()
    for position, (kind, texts) in enumerate(_SERVICES.items(), start=1):
        if kind.value not in services:
            add_service(kind, position=position, texts=texts)
    session.flush()
    if not queries.questions():
        for text, text_ru in _QUESTIONS:
            save_question(text=text, text_ru=text_ru, by=by)
    if queries.current_agreement() is None:
        publish_agreement(text=AGREEMENT, text_ru=AGREEMENT_RU, by=by)


def is_set_up() -> bool:
    """Whether the programme has its tiers and an agreement."""
    return bool(queries.tiers()) and queries.current_agreement() is not None


@dataclass(frozen=True)
class _Start:
    """A tier as a programme begins with it."""

    code: str
    name: str
    name_ru: str
    lead_weight: str
    cofunding_rate: str
    cofunding_cap_minor: int | None
    support: str
    support_ru: str
    demands: str
    demands_ru: str

    def as_tier(self, rank: int) -> Tier:
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return Tier(rank=rank, **fields)


_TIERS = (
    _Start(
        "registered",
        "Registered",
        "Зарегистрированный",
        "1",
        "0.3",
        200_000,
        "Partner desk by mail",
        "Служба поддержки партнёров по почте",
        "A signed agreement",
        "Подписанное соглашение",
    ),
    _Start(
        "silver",
        "Silver",
        "Серебряный",
        "1.2",
        "0.5",
        500_000,
        "A named partner manager",
        "Свой менеджер по работе с партнёрами",
        "Two certified people and first won deals",
        "Два сертифицированных сотрудника и первые выигранные сделки",
    ),
    _Start(
        "gold",
        "Gold",
        "Золотой",
        "1.5",
        "0.5",
        1_000_000,
        "Manager and a technical contact",
        "Менеджер и технический специалист",
        "Four certified people and steady sales",
        "Четыре сертифицированных сотрудника и устойчивые продажи",
    ),
    _Start(
        "platinum",
        "Platinum",
        "Платиновый",
        "2",
        "0.7",
        2_000_000,
        "Manager, technical contact and executive sponsor",
        "Менеджер, технический специалист и куратор из руководства",
        "Eight certified people and projects across a whole region",
        "Восемь сертифицированных сотрудников и проекты по всему региону",
    ),
)

_SERVICES: dict[LineKind, tuple[str, str, str, str]] = {
    LineKind.IMPLEMENTATION: (
        "Implementation", "Внедрение",
        "Set-up, configuration and going live.", "Установка, настройка и запуск в работу.",
    ),
    LineKind.INTEGRATION: (
        "Integration", "Интеграция",
        "Bookkeeping, shops and machines, over an open API.", "Учёт, магазины и оборудование через открытый API.",
    ),
    LineKind.CUSTOMISATION: (
        "Customisation", "Доработка",
        "Fields, documents and processes of one customer.", "Поля, документы и процессы одного клиента.",
    ),
    LineKind.TRAINING: (
        "Training", "Обучение",
        "On site or remote, for users and administrators.", "Очно или удалённо, для пользователей и администраторов.",
    ),
    LineKind.SUPPORT: (
        "Technical support", "Техническая поддержка",
        "By the month, in the customer's language and hours.", "Помесячно, на языке и в часы клиента.",
    ),
    LineKind.AUDIT: (
        "Audit", "Аудит",
        "A review of a running system, at a fixed price.", "Проверка работающей системы за твёрдую цену.",
    ),
    LineKind.MIGRATION: (
        "Data migration", "Перенос данных",
        "From spreadsheets and old systems, with every total checked.",
        "Из таблиц и старых систем, со сверкой каждого итога.",
    ),
    LineKind.SYSTEMS_INTEGRATION: (
        "Systems integration", "Системная интеграция",
        "Several systems made to work as one.", "Несколько систем, работающих как одна.",
    ),
    LineKind.MOBILE: (
        "Mobile apps", "Мобильные приложения",
        "Apps for a customer's people on the road.", "Приложения для выездных сотрудников клиента.",
    ),
    LineKind.HOSTING: (
        "Hosting", "Хостинг",
        "Running the system in the customer's country.", "Размещение системы в стране клиента.",
    ),
    LineKind.ADMINISTRATION: (
        "Administration", "Администрирование",
        "Looking after a running system by the month.", "Помесячное сопровождение работающей системы.",
    ),
    LineKind.OTHER: (
        "Other services", "Другие услуги",
        "Whatever else a project needs.", "Всё прочее, что нужно проекту.",
    ),
}  # fmt: skip

_QUESTIONS = (
    (
        "How many projects like ours did you finish in the last 12 months?",
        "Сколько похожих проектов вы завершили за последние 12 месяцев?",
    ),
    (
        "Which systems do your customers use today?",
        "Какими системами ваши клиенты пользуются сегодня?",
    ),
)

AGREEMENT = """\
## 1. What this agreement is

It says how the vendor and the partner work together in the partner programme. It begins when the partner accepts it in
the portal and runs until one side ends it.

## 2. Leads

The vendor passes requests of possible customers to partners by a published ranking. A partner who accepts or claims a
lead answers the customer within the time shown beside it. A lead that is not answered goes to another partner.

## 3. Deals

A deal is the partner's while its protection lasts. The partner says honestly what stage it is in. Nobody registers a
customer without their knowledge.

## 4. What the partner earns

On licences the partner earns the commission of the plan in force on the day of the sale. Of project services that the
vendor bills, the partner gets the share of that plan. Services that the partner bills are the partner's. Each amount
comes with its calculation. A new version of the plan never reduces what was earned before.

## 5. Payment

What was earned is held for the days that the plan names, and then paid with the next payout run, in the currency of the
sale. When a customer is refunded, the partner's part of the refund is taken back from later earnings. The partner says
within 30 days when a statement looks wrong.

## 6. People and certificates

Certificates belong to people. The partner keeps the list of its people in the portal up to date, and removes who has
left.

## 7. Data of customers

Both sides use personal data of customers only for the request it was given for, keep it safe, and delete it when it is
no longer needed. Each side answers for its own people.

## 8. Names and marks

The partner may call itself a partner of the vendor in its tier while this agreement runs, and uses the vendor's marks
as provided in the portal.

## 9. Changes

The vendor may publish a new version of this agreement, with the changes in plain words and at least the time stated
there to accept it. Without an accepted version in force, payouts and new leads wait.

## 10. Ending it

Either side may end this agreement with 30 days' notice, or at once when the other breaks it gravely. What was earned
until then is paid.
"""

AGREEMENT_RU = """\
## 1. О чём это соглашение

Оно определяет, как вендор и партнёр работают вместе в партнёрской программе. Соглашение вступает в силу, когда партнёр
принимает его на портале, и действует, пока одна из сторон его не прекратит.

## 2. Лиды

Вендор передаёт обращения возможных клиентов партнёрам по опубликованным правилам. Партнёр, который принял или взял лид,
отвечает клиенту за указанное рядом время. Лид без ответа переходит другому партнёру.

## 3. Сделки

Сделка принадлежит партнёру, пока действует её защита. Партнёр честно указывает стадию сделки. Никто не регистрирует
клиента без его ведома.

## 4. Что зарабатывает партнёр

С лицензий партнёр получает вознаграждение по плану, действующему в день продажи. От проектных услуг, счёт за которые
выставляет вендор, партнёр получает долю по тому же плану. Услуги, за которые счёт выставляет партнёр, принадлежат
партнёру. К каждой сумме прилагается расчёт. Новая версия плана не уменьшает заработанное ранее.

## 5. Выплата

Заработанное удерживается столько дней, сколько указано в плане, и выплачивается со следующим реестром выплат в валюте
продажи. При возврате денег клиенту доля партнёра вычитается из последующих начислений. О неточности в ведомости партнёр
сообщает в течение 30 дней.

## 6. Люди и сертификаты

Сертификаты принадлежат людям. Партнёр поддерживает список своих сотрудников на портале в порядке и исключает тех, кто
ушёл.

## 7. Данные клиентов

Стороны используют персональные данные клиентов только для того обращения, ради которого они получены, хранят их
надёжно и удаляют, когда они больше не нужны. Каждая сторона отвечает за своих людей.

## 8. Имена и знаки

Пока действует соглашение, партнёр вправе называть себя партнёром вендора своего уровня и использовать знаки вендора в
том виде, в каком они предоставлены на портале.

## 9. Изменения

Вендор вправе опубликовать новую версию соглашения, описав изменения простыми словами и указав срок её принятия. Без
принятой действующей версии выплаты и новые лиды приостанавливаются.

## 10. Прекращение

Любая сторона может прекратить соглашение, предупредив за 30 дней, или сразу, если другая сторона грубо его нарушила.
Заработанное к этому времени выплачивается.
"""
