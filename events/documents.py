"""How the same receipt is known again however it is typed: supplier, number and day in one plain form."""

import re
import unicodedata
from datetime import date

#: What firms write behind their names, or leave out.
_LEGAL_FORMS = frozenset({
    "ab", "ag", "aps", "as", "asa", "bv", "co", "company", "corp", "corporation", "doo", "eg", "ek", "ev",
    "gbr", "gesellschaft", "gmbh", "inc", "incorporated", "jsc", "kft", "kg", "kgaa", "limited", "llc",
    "llp", "lp", "ltd", "mbh", "nv", "ohg", "oy", "oyj", "plc", "pte", "sa", "sarl", "sas", "sl", "sro",
    "spa", "spzoo", "srl", "ug", "ао", "зао", "ип", "оао", "ооо", "пао", "тоо", "чп", "фоп", "тов",
})  # fmt: skip
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


def plain_supplier(name: str) -> str:
    """``"Café Adler GmbH & Co. KG"`` → ``"cafeadler"``: no case, accents, signs or legal forms."""
    words = re.findall(r"\w+", re.sub(r"[.']", "", _without_accents(name)))
    telling = [word for word in words if word not in _LEGAL_FORMS]
    return "".join(telling or words).replace("_", "")


def plain_number(number: str) -> str:
    """``"INV 2026/0077"`` → ``"inv202677"``: no case, signs or leading zeros."""
    return _alphanumeric(_LEADING_ZEROS.sub("", _without_accents(number)))


def document_keys(supplier: str, supplier_tax_id: str, number: str, dated_on: date) -> tuple[str | None, str]:
    """The keys of a document: by the supplier's tax number, if it is known, and by its name; with number and day."""
    document = f"{plain_number(number)}|{dated_on.isoformat()}"
    tax_id = _alphanumeric(_without_accents(supplier_tax_id))
    return (f"{tax_id}|{document}" if tax_id else None), f"{plain_supplier(supplier)}|{document}"


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()


def _alphanumeric(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())
