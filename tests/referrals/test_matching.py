"""Who is this: names and keys in one form, conflicts without naming anyone, machines told from people."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.matching import (
    SIMILAR,
    Finding,
    Hit,
    HitClass,
    Identity,
    KeyKind,
    Outcome,
    Requirements,
    SpamSign,
    Strength,
    Submission,
    Unqualified,
    Verdict,
    classify,
    duplicate_of,
    finding_sentence,
    is_spam,
    keys_of,
    name_key,
    name_similarity,
    similarity,
    spam_label,
    spam_signs,
    trigrams,
    unqualified_because,
    unqualified_label,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACME, RIVAL = "acme", "rival"


def a_hit(
    hit_class: HitClass = HitClass.REGISTRATION,
    kind: KeyKind = KeyKind.DOMAIN,
    *,
    of: str | None = RIVAL,
    days_ago: int = 5,
    protected_days: int | None = 85,
    reference: str = "r1",
    alike: float = 1.0,
) -> Hit:
    until = None if protected_days is None else NOW + timedelta(days=protected_days)
    return Hit(kind, hit_class, reference, NOW - timedelta(days=days_ago), of, until, alike)


def check(*hits: Hit, by: str | None = ACME) -> Verdict:
    return classify(hits, completed_at=NOW, now=NOW, partner_id=by)


# Names


@pytest.mark.parametrize(
    "typed",
    [
        "ООО «Ромашка»",
        "Общество с ограниченной ответственностью «РОМАШКА»",
        "Ромашка, ООО",
        "Romashka LLC",
        "ROMASHKA Ltd.",
        "romashka g.m.b.h. & co. kg",
        "Romashka Sp. z o.o.",
        "Romashka, spol. s r.o.",
        "Romashka A/S",
    ],
)
def test_case_legal_form_and_alphabet_do_not_make_another_company(typed: str) -> None:
    assert name_key(typed) == "romashka"


def test_marks_and_ands_do_not_either() -> None:
    assert name_key("Müller & Söhne AG") == name_key("MULLER und SOHNE") == "muller sohne"


@pytest.mark.parametrize(
    ("typed", "key"), [("GmbH", "gmbh"), ("And", "and"), ("", ""), (None, ""), ("«»", "")]
)
def test_a_name_of_nothing_else_keeps_what_it_has(typed: str | None, key: str) -> None:
    assert name_key(typed) == key


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["ООО", "and", "Co.", "a.b.", "KG", "Ромашка", "the"])).map(" ".join)
)
def test_a_key_of_a_key_is_the_key(typed: str) -> None:
    assert name_key(name_key(typed)) == name_key(typed)


def test_trigrams_are_those_of_the_words() -> None:
    assert trigrams("ab c") == {"  a", " ab", "ab ", "  c", " c "}


@pytest.mark.parametrize(
    ("one", "other", "is_similar"),
    [
        ("Brouwer Logistics BV", "Brouwer Logistic", True),
        ("Meridian Software", "Meridien Software", True),
        ("Hansen & Brandt", "Hansen und Brand", True),
        ("Ромашка", "Romashka Plus", True),
        ("Globex", "Initech", False),
        ("Rolf", "Golf", False),
    ],
)
def test_similar_names_are_for_a_person_to_compare(one: str, other: str, is_similar: bool) -> None:
    assert (name_similarity(one, other) >= SIMILAR) is is_similar


@given(st.text(max_size=20), st.text(max_size=20))
def test_similarity_is_mutual_and_a_name_is_wholly_like_itself(one: str, other: str) -> None:
    assert name_similarity(one, other) == name_similarity(other, one)
    assert 0 <= name_similarity(one, other) <= 1
    assert name_similarity(one, one) == (1 if name_key(one) else 0)
    assert similarity(0, 0, 0) == 0


# Keys


def test_keys_come_strongest_first() -> None:
    keys = keys_of(
        Identity(
            company="Globex GmbH",
            tax_id="DE 136 695 976",
            website="https://www.globex.example/de",
            email="Ada+x@Globex.example",
            phone="040 123456",
            country="de",
            postcode="20 095",
        )
    )
    assert [(key.kind, key.value) for key in keys] == [
        (KeyKind.TAX_ID, "DE:136695976"),
        (KeyKind.DOMAIN, "globex.example"),
        (KeyKind.EMAIL, "ada@globex.example"),
        (KeyKind.PHONE, "+4940123456"),
        (KeyKind.NAME_AND_POSTCODE, "DE:20095:globex"),
        (KeyKind.SIMILAR_NAME, "globex"),
    ]
    assert [key.strength for key in keys] == sorted(Strength, reverse=True)


def test_a_free_mail_address_gives_no_domain() -> None:
    assert [key.kind for key in keys_of(Identity(email="ada@gmail.com"))] == [KeyKind.EMAIL]


def test_nothing_known_gives_no_keys() -> None:
    assert keys_of(Identity()) == ()


# Conflicts


def test_nothing_found_is_clear() -> None:
    assert check() == Verdict(Outcome.CLEAR)


@pytest.mark.parametrize(
    "hit_class",
    [HitClass.EXISTING_CUSTOMER, HitClass.REGISTRATION, HitClass.CLAIMED_LEAD, HitClass.VENDOR_OPPORTUNITY],
)
def test_what_somebody_holds_is_a_conflict_by_an_exact_key_and_a_question_by_a_similar_name(
    hit_class: HitClass,
) -> None:
    assert check(a_hit(hit_class, KeyKind.PHONE)).outcome is Outcome.CONFLICT
    assert check(a_hit(hit_class, KeyKind.SIMILAR_NAME, alike=0.8)).outcome is Outcome.NEEDS_REVIEW


def test_a_name_that_is_hardly_similar_is_no_hit() -> None:
    assert check(a_hit(kind=KeyKind.SIMILAR_NAME, alike=0.3)).outcome is Outcome.CLEAR


def test_an_earlier_lead_is_for_a_person_to_look_at() -> None:
    assert check(a_hit(HitClass.EARLIER_LEAD, of=None, protected_days=None)).outcome is Outcome.NEEDS_REVIEW


def test_ones_own_record_stands_in_nobodys_way() -> None:
    verdict = check(a_hit(of=ACME))
    assert verdict.outcome is Outcome.CLEAR
    assert verdict.findings[0].hit_class is HitClass.SAME_PARTNER


def test_a_record_of_nobody_is_not_the_record_of_an_asker_without_a_name() -> None:
    assert check(a_hit(HitClass.VENDOR_OPPORTUNITY, of=None), by=None).outcome is Outcome.CONFLICT


def test_a_protection_that_has_ended_is_only_an_earlier_lead() -> None:
    verdict = check(a_hit(protected_days=0))
    assert (verdict.outcome, verdict.findings[0].hit_class) == (Outcome.NEEDS_REVIEW, HitClass.EARLIER_LEAD)


def test_who_completed_later_was_not_first() -> None:
    assert check(a_hit(days_ago=-1)).outcome is Outcome.CLEAR


def test_one_record_found_by_several_keys_is_told_once_by_the_strongest() -> None:
    verdict = check(a_hit(kind=KeyKind.SIMILAR_NAME), a_hit(kind=KeyKind.TAX_ID), a_hit(kind=KeyKind.PHONE))
    assert [finding.kind for finding in verdict.findings] == [KeyKind.TAX_ID]


def test_the_partner_is_told_when_the_protection_ends() -> None:
    verdict = check(a_hit(protected_days=10), a_hit(protected_days=40, reference="r2"))
    assert verdict.protected_until == NOW + timedelta(days=40)
    assert check(a_hit(protected_days=None), a_hit(reference="r2")).protected_until is None
    assert check().protected_until is None


def test_what_a_partner_is_told_has_no_place_for_whose_it_is() -> None:
    assert {field.name for field in fields(Finding)} == {"hit_class", "kind", "outcome", "protected_until"}
    assert RIVAL not in repr(check(a_hit()))


def test_every_class_has_its_sentence() -> None:
    sentences = {finding_sentence(Finding(one, KeyKind.DOMAIN, Outcome.CONFLICT)) for one in HitClass}
    assert len(sentences) == len(HitClass)


hits = st.builds(
    a_hit,
    st.sampled_from(HitClass),
    st.sampled_from(KeyKind),
    of=st.sampled_from([ACME, RIVAL, None]),
    days_ago=st.integers(-3, 9),
    protected_days=st.none() | st.integers(-5, 90),
    reference=st.sampled_from("abc"),
    alike=st.floats(0, 1),
)


@given(st.lists(hits, max_size=5), hits)
def test_another_hit_never_makes_a_verdict_milder(found: list[Hit], another: Hit) -> None:
    gravity = [Outcome.CLEAR, Outcome.NEEDS_REVIEW, Outcome.CONFLICT].index
    same_record = [hit for hit in found if hit.reference == another.reference]
    if not same_record:
        assert gravity(check(*found, another).outcome) >= gravity(check(*found).outcome)


def test_a_duplicate_is_of_the_first_lead_with_an_exact_key() -> None:
    first = a_hit(HitClass.EARLIER_LEAD, KeyKind.EMAIL, of=None, days_ago=9, reference="first")
    later = a_hit(HitClass.EARLIER_LEAD, KeyKind.TAX_ID, of=None, days_ago=2, reference="later")
    alike = a_hit(HitClass.EARLIER_LEAD, KeyKind.SIMILAR_NAME, of=None, days_ago=20, reference="alike")
    assert duplicate_of([later, alike, first], completed_at=NOW) == first
    assert duplicate_of([alike, a_hit()], completed_at=NOW) is None


# Spam


def test_an_honest_lead_shows_no_signs() -> None:
    honest = Submission(
        "We run two warehouses on spreadsheets. See https://globex.example", "Ada de Wit", "Globex GmbH"
    )
    assert spam_signs(honest) == ()


@pytest.mark.parametrize(
    ("submission", "sign"),
    [
        (Submission(honeypot="x"), SpamSign.HONEYPOT),
        (Submission(seconds=0.4), SpamSign.TOO_FAST),
    ],
)
def test_a_trap_alone_is_proof(submission: Submission, sign: SpamSign) -> None:
    assert spam_signs(submission) == (sign,)
    assert is_spam(spam_signs(submission))


@pytest.mark.parametrize(
    ("submission", "sign"),
    [
        (Submission("a", same_text_lately=3), SpamSign.REPEATED),
        (Submission('<a href="x">y</a>'), SpamSign.MARKUP),
        (Submission(person="jXqTwLpZrKdM"), SpamSign.GIBBERISH),
        (Submission("http://a.b http://c.d www.e.f"), SpamSign.LINKS),
        (Submission("Продвижение сайта недорого"), SpamSign.PHRASES),
        (Submission(email="a@mailinator.com"), SpamSign.DISPOSABLE_EMAIL),
        (Submission(person="Иvaнов"), SpamSign.MIXED_ALPHABETS),
    ],
)
def test_one_doubtful_sign_alone_is_not(submission: Submission, sign: SpamSign) -> None:
    assert spam_signs(submission) == (sign,)
    assert not is_spam([sign])


def test_several_doubtful_signs_together_are() -> None:
    assert is_spam(spam_signs(Submission('<a href="http://x">casino</a>', email="a@mailinator.com")))


@pytest.mark.parametrize("name", ["MacDonald", "McKinsey", "PricewaterhouseCoopers", "ООО Ромашка", "BASF"])
def test_real_names_are_not_gibberish(name: str) -> None:
    assert spam_signs(Submission(person=name, company=name)) == ()


def test_every_sign_and_reason_has_its_words() -> None:
    assert all(spam_label(sign) for sign in SpamSign)
    assert all(unqualified_label(reason) for reason in Unqualified)


# Qualification


@pytest.mark.parametrize(
    ("identity", "employees", "reason"),
    [
        (Identity(company="Globex"), None, Unqualified.NO_CONTACT),
        (Identity(email="a@mailinator.com"), None, Unqualified.DISPOSABLE_EMAIL),
        (Identity(email="a@globex.example", country="BR"), None, Unqualified.COUNTRY_NOT_SERVED),
        (Identity(email="a@globex.example", country="DE"), 3, Unqualified.TOO_SMALL),
        (Identity(email="a@globex.example"), None, None),
        (Identity(phone="040 123456", country="de"), 10, None),
    ],
)
def test_a_lead_nobody_can_work_on_has_its_reason(
    identity: Identity, employees: int | None, reason: Unqualified | None
) -> None:
    asked = Requirements(countries=frozenset({"DE"}), least_employees=5)
    assert unqualified_because(identity, employees=employees, requirements=asked) is reason


def test_a_programme_that_asks_nothing_takes_everybody_who_can_be_reached() -> None:
    assert unqualified_because(Identity(email="a@gmail.com", country="BR"), employees=1) is None
