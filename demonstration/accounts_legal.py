"""What visitors of the vendor's site have to find: privacy notice, terms and imprint, in both languages."""

from core.settings import LEGAL, change_setting

PRIVACY = """\
Meridian Software GmbH, Torstraße 44, 10119 Berlin, runs this portal and answers for the data in it.

## What we keep

- **Of partners and their people**: name, business e-mail and telephone, role, what they learned and did here.
- **Of people who ask us or a partner for an offer**: what they typed into the form, and that they agreed.
- **Of visitors**: one cookie that keeps a session open, and one that remembers a partner's link. Nothing else is
  counted, and nobody else gets to know of a visit.

## What for, and for how long

We keep it to work with partners and to answer enquiries (Art. 6 (1) b GDPR). Enquiries that came to nothing are erased
after a year; what belongs to the books is kept for ten years, as the law asks.

## Who reads it

The partner who takes care of an enquiry, and those of our people who need it. It is kept in Germany.

## Your rights

You may ask what we keep about you, have it put right or erased, and take it along: write to
privacy@meridian.example. You may complain to the data protection authority of Berlin.
"""

PRIVACY_RU = """\
Портал ведёт Meridian Software GmbH, Torstraße 44, 10119 Берлин; она же отвечает за данные в нём.

## Что мы храним

- **О партнёрах и их сотрудниках**: имя, рабочие почту и телефон, роль, пройденное обучение и действия на портале.
- **О тех, кто просит предложение**: то, что указано в форме, и данное согласие.
- **О посетителях**: один файл cookie для входа и один, который помнит ссылку партнёра. Другой статистики нет, и
  третьим лицам о посещениях не сообщается.

## Зачем и как долго

Данные нужны для работы с партнёрами и ответов на обращения (ст. 6 (1) b GDPR). Обращения, из которых ничего не вышло,
удаляются через год; то, что относится к учёту, хранится десять лет, как требует закон.

## Кто их видит

Партнёр, который занимается обращением, и те наши сотрудники, кому это нужно. Данные хранятся в Германии.

## Ваши права

Вы можете узнать, что о вас хранится, исправить, удалить или забрать эти данные: privacy@meridian.example. Жалобу можно
подать в надзорный орган Берлина по защите данных.
"""

TERMS = """\
These terms hold for whoever uses this portal. What partners and Meridian owe each other stands in the partner
agreement, which comes before them.

- **Access** is personal. Keep your password and your second factor to yourself, and tell us at once when somebody else
  may know them.
- **Leads** are given to you to take care of. Use what they say for this alone, and answer in time.
- **Figures** shown before a payout run is approved are a preview. What is owed is what your statement says.
- **Materials** may be used to sell our products, unchanged but for your own logo where there is a place for it.
- We may close an account that is misused. We look after the portal on working days and announce longer interruptions.

German law applies; the courts of Berlin decide. In force since 1 January 2026.
"""

TERMS_RU = """\
Эти условия действуют для всех, кто пользуется порталом. Взаимные обязательства партнёра и Meridian определяет
партнёрское соглашение, оно важнее этих условий.

- **Доступ** личный. Никому не сообщайте пароль и второй фактор, а если их мог узнать кто-то ещё, сразу напишите нам.
- **Лиды** передаются вам для работы с ними. Используйте их данные только для этого и отвечайте вовремя.
- **Суммы**, показанные до утверждения реестра выплат, предварительные. Причитается то, что указано в ведомости.
- **Материалы** можно использовать для продажи наших продуктов без изменений, добавляя свой логотип там, где для него
  есть место.
- Учётную запись, которой злоупотребляют, мы можем закрыть. Портал обслуживается по рабочим дням, о долгих перерывах мы
  предупреждаем.

Применяется право Германии, споры решают суды Берлина. Действует с 1 января 2026 года.
"""

IMPRINT = """\
Meridian Software GmbH\\
Torstraße 44, 10119 Berlin, Germany

Managing director: Henrike Falk\\
Commercial register: Berlin, HRB 000000\\
VAT number: DE000000000

partners@meridian.example, +49 40 000000

*Meridian is made up: this is a demo.*
"""

IMPRINT_RU = """\
Meridian Software GmbH\\
Torstraße 44, 10119 Берлин, Германия

Директор: Хенрике Фальк\\
Торговый реестр: Берлин, HRB 000000\\
Номер плательщика НДС: DE000000000

partners@meridian.example, +49 40 000000

*Компания Meridian вымышлена: это демонстрация.*
"""

_TEXTS = {
    "privacy": (PRIVACY, PRIVACY_RU),
    "terms": (TERMS, TERMS_RU),
    "imprint": (IMPRINT, IMPRINT_RU),
}


def make_demo(**_sizes: int) -> None:
    for page, texts in _TEXTS.items():
        for setting, text in zip(LEGAL[page], texts, strict=True):
            change_setting(setting, text, by=None)
