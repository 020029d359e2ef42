"""Open Badges 3.0: a certificate proves itself to anybody who has the public key, without asking us."""

import base64
import gzip
import hashlib
import json
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from academy import credentials, operations, queries
from academy.models import SigningKey
from academy.views import certificates as views
from core.database import session
from core.errors import Refusal
from tests.academy.cast import a_certificate, a_course, live


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verified(token: str, x: str) -> dict[str, Any]:
    """The claims, after the signature was checked with nothing but the public key and a cryptography library."""
    header, payload, signature = token.split(".")
    public = Ed25519PublicKey.from_public_bytes(unpadded(x))
    public.verify(unpadded(signature), f"{header}.{payload}".encode())
    claims: dict[str, Any] = json.loads(unpadded(payload))
    return claims


@pytest.fixture
def handed_out(app: Any, browser: Any, sam: Any) -> dict[str, Any]:
    """What somebody holds who was handed a credential: the token, and the public keys fetched once."""
    certificate = a_certificate(sam, a_course())
    browser.sign_in(sam).open(f"/academy/certificates/{certificate.serial}/credential")
    token = browser.response.text
    keys = app.test_client().get("/.well-known/jwks.json").json
    return {"token": token, "keys": keys, "certificate": certificate, "response": browser.response}


def bits_of(app: Any, purpose: str, x: str) -> bytes:
    answer = app.test_client().get(f"/credentials/status/{purpose}/0")
    assert answer.headers["Content-Type"] == "application/vc+jwt"
    subject = verified(answer.text, x)["credentialSubject"]
    assert (subject["type"], subject["statusPurpose"]) == ("BitstringStatusList", purpose)
    assert subject["encodedList"][0] == "u"
    return gzip.decompress(unpadded(subject["encodedList"][1:]))


def is_raised(bits: bytes, index: int) -> bool:
    return bool(bits[index >> 3] & (0x80 >> (index & 7)))


def test_the_credential_verifies_offline_from_the_public_key_alone(handed_out: Any) -> None:
    x = handed_out["keys"]["keys"][0]["x"]
    claims = verified(handed_out["token"], x)
    subject = claims["credentialSubject"]
    assert claims["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert claims["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert (claims["validFrom"], claims["validUntil"]) == ("2026-03-02T09:00:00Z", "2027-03-02T09:00:00Z")
    assert subject["achievement"]["name"] == "Selling"
    assert subject["achievement"]["description"] == "About selling."
    assert subject["achievement"]["achievementType"] == "Certification"
    assert subject["identifier"][0]["identityHash"] == "Sam Seller"
    assert subject["result"][0]["value"] == "Passed with distinction"


def test_an_independent_library_accepts_it_with_the_key_set(handed_out: Any) -> None:
    """joserfc stands for any verifier: it finds the key by ``kid`` and checks the registered claims."""
    from joserfc import jwt
    from joserfc.errors import SecurityWarning
    from joserfc.jwk import KeySet

    keys = KeySet.import_key_set(handed_out["keys"])
    with pytest.warns(SecurityWarning):
        token = jwt.decode(handed_out["token"], keys, algorithms=["EdDSA"])
    certificate = handed_out["certificate"]
    own = f"http://localhost/certificates/{certificate.serial}"
    assert token.header["kid"] == handed_out["keys"]["keys"][0]["kid"]
    assert (token.claims["jti"], token.claims["id"]) == (own, own)
    assert token.claims["iss"] == token.claims["issuer"]["id"] == "http://localhost/credentials/issuer"
    assert token.claims["sub"] == token.claims["credentialSubject"]["id"]
    registry = jwt.JWTClaimsRegistry(now=lambda: int(certificate.issued_at.timestamp()) + 60)
    registry.validate(token.claims)


def test_one_changed_word_breaks_the_signature(handed_out: Any) -> None:
    header, payload, signature = handed_out["token"].split(".")
    forged = unpadded(payload).replace(b"Sam Seller", b"Rex Outsid")
    token = ".".join((header, base64.urlsafe_b64encode(forged).decode().rstrip("="), signature))
    with pytest.raises(InvalidSignature):
        verified(token, handed_out["keys"]["keys"][0]["x"])


def test_the_kid_leads_to_the_key_and_the_issuer_names_it(app: Any, handed_out: Any) -> None:
    header = json.loads(unpadded(handed_out["token"].split(".")[0]))
    assert header == {"alg": "EdDSA", "kid": handed_out["keys"]["keys"][0]["kid"], "typ": "JWT"}
    client = app.test_client()
    assert client.get(header["kid"].removeprefix("http://localhost")).json == handed_out["keys"]["keys"][0]
    profile = client.get("/credentials/issuer").json
    assert profile["type"] == ["Profile"]
    assert profile["assertionMethod"] == [header["kid"]]
    assert client.get("/credentials/keys/none").status_code == 404


def test_what_the_credential_points_to_is_there(app: Any, handed_out: Any) -> None:
    claims = verified(handed_out["token"], handed_out["keys"]["keys"][0]["x"])
    client = app.test_client()
    achievement = claims["credentialSubject"]["achievement"]
    assert client.get(achievement["id"].removeprefix("http://localhost")).json == achievement
    for status in claims["credentialStatus"]:
        assert client.get(status["statusListCredential"].removeprefix("http://localhost")).status_code == 200
    assert client.get("/credentials/status/revocation/7").status_code == 404
    assert client.get("/credentials/status/gossip/0").status_code == 404
    assert client.get("/credentials/achievements/selling/9").status_code == 404


def test_the_mailbox_is_there_for_whoever_knows_it_already(handed_out: Any, sam: Any) -> None:
    claims = verified(handed_out["token"], handed_out["keys"]["keys"][0]["x"])
    identity = claims["credentialSubject"]["identifier"][1]
    assert sam.email not in json.dumps(claims)
    expected = hashlib.sha256((sam.email + identity["salt"]).encode()).hexdigest()
    assert identity["identityHash"] == f"sha256${expected}"


def test_a_revocation_is_read_from_the_signed_list(app: Any, handed_out: Any, pia: Any) -> None:
    x = handed_out["keys"]["keys"][0]["x"]
    status = verified(handed_out["token"], x)["credentialStatus"][0]
    assert status["statusPurpose"] == "revocation"
    index = int(status["statusListIndex"])
    before = bits_of(app, "revocation", x)
    assert len(before) == 16 * 1024
    assert not any(before)
    operations.revoke_certificate(handed_out["certificate"], reason="A mistake", by=pia)
    session.commit()
    after = bits_of(app, "revocation", x)
    assert is_raised(after, index)
    assert sum(byte.bit_count() for byte in after) == 1


def test_what_is_superseded_says_so_and_is_not_called_revoked(
    app: Any, browser: Any, sam: Any, time: Any
) -> None:
    course = a_course()
    first = a_certificate(sam, course)
    time.move(days=300)
    second = a_certificate(sam, course)
    session.commit()
    key = queries.key_in_use()
    assert key is not None
    superseded = bits_of(app, "message", key.public_key)
    assert is_raised(superseded, first.id)
    assert not is_raised(superseded, second.id)
    assert not any(bits_of(app, "revocation", key.public_key))


def test_the_same_certificate_gives_the_same_credential(sam: Any) -> None:
    certificate = a_certificate(sam, a_course())
    assert operations.credential_of(certificate) == operations.credential_of(certificate)


def test_a_new_key_signs_and_the_old_one_still_verifies(app: Any, sam: Any) -> None:
    certificate = a_certificate(sam, a_course())
    before = operations.credential_of(certificate)
    operations.new_signing_key(by=None)
    session.commit()
    after = operations.credential_of(certificate)
    keys = {key["kid"]: key["x"] for key in app.test_client().get("/credentials/keys").json["keys"]}
    assert len(keys) == 2
    for token in (before, after):
        verified(token, keys[json.loads(unpadded(token.split(".")[0]))["kid"]])
    assert before != after


def test_the_private_key_lies_encrypted_and_needs_the_secret(app: Any, sam: Any, monkeypatch: Any) -> None:
    certificate = a_certificate(sam, a_course())
    kept = session.scalars(sa.select(SigningKey)).one()
    assert len(credentials.decoded(kept.private_key)) == 12 + 32 + 16
    monkeypatch.setitem(app.config, "SECRET_KEY", "another")
    with pytest.raises(Refusal, match="SECRET_KEY has changed"):
        operations.credential_of(certificate)


def test_a_key_is_never_changed_nor_removed(sam: Any) -> None:
    a_certificate(sam, a_course())
    for deed in (sa.update(SigningKey).values(public_key="mine"), sa.delete(SigningKey)):
        with pytest.raises(sa.exc.DatabaseError, match="signing key"), session.begin_nested():
            session.execute(deed)


def test_a_credential_is_for_its_holder_their_admin_and_the_vendor(
    browser: Any, sam: Any, ada: Any, mona: Any, rex: Any
) -> None:
    serial = a_certificate(sam, a_course()).serial
    for person, status in ((sam, 200), (ada, 200), (mona, 200), (rex, 404)):
        browser.client.delete_cookie("guildhall")
        browser.sign_in(person).open(f"/academy/certificates/{serial}/credential", expect=status)
    browser.client.delete_cookie("guildhall")
    browser.open(f"/certificates/{serial}")
    assert "Download the Open Badge" not in browser.links


def test_the_certificates_page_offers_it_to_its_holder(browser: Any, sam: Any) -> None:
    serial = a_certificate(sam, a_course()).serial
    browser.sign_in(sam).open(f"/certificates/{serial}").click("Download the Open Badge")
    assert (
        browser.response.headers["Content-Disposition"] == f'attachment; filename="certificate-{serial}.jwt"'
    )


# Files that somebody was handed


def checked(browser: Any, content: bytes, name: str, *, expect: int = 200) -> Any:
    browser.open("/certificates")
    return browser.fill("The file", (BytesIO(content), name)).press("Check the file", expect=expect)


@pytest.fixture
def paper(browser: Any, sam: Any) -> tuple[Any, bytes]:
    certificate = a_certificate(sam, a_course())
    browser.sign_in(sam).open(f"/academy/certificates/{certificate.serial}/pdf")
    return certificate, browser.response.get_data()


def test_the_paper_as_it_was_issued_is_recognised(browser: Any, paper: Any) -> None:
    checked(browser, paper[1], "c.pdf")
    assert browser.sees("The file is ours, and nothing in it was changed.")
    assert browser.sees("This certificate holds.")


def test_an_edited_paper_is_unmasked_with_what_was_certified(browser: Any, paper: Any) -> None:
    certificate, pdf = paper
    for place in (10, len(pdf) // 2, len(pdf) - 300):
        edited = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
        checked(browser, edited, "c.pdf", expect=422)
        assert browser.sees("was changed after it was issued")
        assert browser.sees(certificate.serial)


def test_a_seal_moved_to_another_paper_does_not_hold(browser: Any, paper: Any, ada: Any) -> None:
    _certificate, pdf = paper
    other = operations.sealed(
        b"%PDF-1.7\nanother\n%%EOF", a_certificate(ada, queries.course_by_code("selling"))
    )
    seal = other[other.rindex(b"\n%%Guildhall-Seal") :]
    bare = pdf[: pdf.rindex(b"\n%%Guildhall-Seal")]
    checked(browser, bare + seal, "c.pdf", expect=422)
    assert browser.sees("was changed after it was issued")
    checked(browser, bare, "c.pdf", expect=422)
    assert browser.sees("does not bear our seal")


def test_readers_pass_over_the_seal(paper: Any) -> None:
    assert "Sam Seller" in PdfReader(BytesIO(paper[1]), strict=True).pages[0].extract_text()


def test_a_credential_file_is_checked_too(browser: Any, handed_out: Any, pia: Any) -> None:
    checked(browser, handed_out["token"].encode(), "c.jwt")
    assert browser.sees("This certificate holds.")
    operations.revoke_certificate(handed_out["certificate"], reason="A mistake", by=pia)
    checked(browser, handed_out["token"].encode(), "c.jwt")
    assert browser.sees("This certificate does not hold.")
    assert browser.sees("nothing in it was changed")


def test_a_token_signed_by_a_stranger_is_unmasked(browser: Any, handed_out: Any) -> None:
    claims = verified(handed_out["token"], handed_out["keys"]["keys"][0]["x"])
    stranger = credentials.signed(claims, credentials.new_key(), handed_out["keys"]["keys"][0]["kid"])
    checked(browser, stranger.encode(), "c.jwt", expect=422)
    assert browser.sees("was changed after it was issued")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    checked(browser, f"{unsigned}.{handed_out['token'].split('.')[1]}.".encode(), "c.jwt", expect=422)
    assert browser.sees("neither a certificate of ours nor a credential")


def test_what_is_no_certificate_gets_a_sentence(browser: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(views, "MOST_BYTES", 1000)
    checked(browser, b"hello", "c.pdf", expect=422)
    assert browser.sees("neither a certificate of ours nor a credential")
    checked(browser, b"x" * 1001, "c.pdf", expect=422)
    assert browser.sees("larger than any certificate")


@pytest.mark.pure
@given(st.text(max_size=300) | st.from_regex(r"\A[\w-]{0,40}\.[\w-]{0,40}\.[\w-]{0,90}\Z"))
def test_taking_apart_never_fails(text: str) -> None:
    credentials.taken_apart(text)
    credentials.seal_of(text.encode())


@pytest.mark.pure
@given(st.sets(st.integers(0, credentials.LIST_LENGTH - 1), max_size=20), st.integers(0, 3))
def test_a_status_list_raises_exactly_what_it_is_told(raised: set[int], number: int) -> None:
    from datetime import UTC, datetime

    issuer = credentials.Issuer("https://p.example", "P")
    first = number * credentials.LIST_LENGTH
    claims = credentials.status_list(
        "revocation", number, [first + one for one in raised], issuer, now=datetime(2026, 1, 1, tzinfo=UTC)
    )
    bits = gzip.decompress(unpadded(claims["credentialSubject"]["encodedList"][1:]))
    assert {index for index in range(credentials.LIST_LENGTH) if is_raised(bits, index)} == raised


def test_the_achievement_speaks_the_holders_language_where_there_is_an_edition(sam: Any) -> None:
    sam.locale = "ru"
    course = a_course()
    assert operations.achievement_of(live(course), "ru").title == "Selling"


def test_the_key_is_changed_on_the_command_line(own_app: Any) -> None:
    answer = own_app.test_cli_runner().invoke(args=["academy", "new-signing-key"])
    assert (answer.exit_code, "signs from now on" in answer.output) == (0, True)
