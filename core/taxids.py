"""Tax and registration numbers: checked by their own country's rule and written one way."""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import cast

# What a firm of this country is asked for, best known first: a python-stdnum module and its own name.
NUMBERS: dict[str, tuple[tuple[str, str], ...]] = {
    "AR": (("ar.cuit", "CUIT"),),
    "AT": (("at.uid", "UID"), ("at.businessid", "FN"), ("at.tin", "Steuernummer")),
    "AU": (("au.abn", "ABN"), ("au.acn", "ACN")),
    "BE": (("be.vat", "BTW/TVA"),),
    "BG": (("bg.vat", "ДДС"),),
    "BR": (("br.cnpj", "CNPJ"), ("br.cpf", "CPF")),
    "BY": (("by.unp", "УНП"),),
    "CA": (("ca.bn", "BN"),),
    "CH": (("ch.vat", "MWST/TVA"), ("ch.uid", "UID")),
    "CL": (("cl.rut", "RUT"),),
    "CN": (("cn.uscc", "USCC"),),
    "CO": (("co.nit", "NIT"),),
    "CZ": (("cz.dic", "DIČ"),),
    "DE": (("de.vat", "USt-IdNr."), ("de.stnr", "Steuernummer")),
    "DK": (("dk.cvr", "CVR"),),
    "EE": (("ee.kmkr", "KMKR"), ("ee.registrikood", "Registrikood")),
    "ES": (("es.nif", "NIF"),),
    "FI": (("fi.alv", "ALV"), ("fi.ytunnus", "Y-tunnus")),
    "FR": (("fr.tva", "TVA"), ("fr.siren", "SIREN"), ("fr.siret", "SIRET")),
    "GB": (("gb.vat", "VAT"), ("gb.utr", "UTR")),
    "GR": (("gr.vat", "ΑΦΜ"),),
    "IE": (("ie.vat", "VAT"),),
    "IN": (("in_.gstin", "GSTIN"), ("in_.pan", "PAN")),
    "IT": (("it.iva", "Partita IVA"), ("it.codicefiscale", "Codice fiscale")),
    "JP": (("jp.cn", "法人番号"),),
    "KR": (("kr.brn", "BRN"),),
    "LT": (("lt.pvm", "PVM"),),
    "LU": (("lu.tva", "TVA"),),
    "LV": (("lv.pvn", "PVN"),),
    "MD": (("md.idno", "IDNO"),),
    "MX": (("mx.rfc", "RFC"),),
    "NL": (("nl.btw", "BTW"),),
    "NO": (("no.orgnr", "Orgnr"), ("no.mva", "MVA")),
    "NZ": (("nz.ird", "IRD"),),
    "PL": (("pl.nip", "NIP"), ("pl.regon", "REGON")),
    "PT": (("pt.nif", "NIF"),),
    "RO": (("ro.cf", "CIF"),),
    "RS": (("rs.pib", "PIB"),),
    "RU": (("ru.inn", "ИНН"), ("ru.ogrn", "ОГРН")),
    "SE": (("se.vat", "VAT"), ("se.orgnr", "Orgnr")),
    "SG": (("sg.uen", "UEN"),),
    "SI": (("si.ddv", "DDV"),),
    "SK": (("sk.dph", "DPH"),),
    "TR": (("tr.vkn", "VKN"),),
    "TW": (("tw.ubn", "UBN"),),
    "UA": (("ua.edrpou", "ЄДРПОУ"), ("ua.rntrc", "РНОКПП")),
    "US": (("us.ein", "EIN"),),
    "ZA": (("za.tin", "TIN"),),
}

FIRM_PART = {
    "au.abn": slice(-9, None),
    "ch.vat": slice(9),
    "fr.siret": slice(9),
    "fr.tva": slice(-9, None),
    "no.mva": slice(9),
    "se.vat": slice(10),
}
PREFIXES = {"GR": "EL", "CH": "CHE"}
"""Where it is not the country's code."""

PLAUSIBLE = re.compile(r"(?=.*\d)[0-9A-Z]{4,20}\Z")
KPP = re.compile(r"[/\\,; ]\s*\d{4}[0-9A-Z]{2}\d{3}\s*\Z")
"""What Russian firms write behind their INN; it names a branch, not the firm."""


@dataclass(frozen=True, slots=True)
class TaxId:
    """One number of one country. Two firms with equal :attr:`key` are one."""

    country: str
    value: str
    """Compact: no spaces, marks or country prefix, letters in upper case."""
    firm: str
    """The part that names the firm where several numbers share it: the SIREN within a French TVA."""
    name: str
    """What the country calls it; empty when we do not know its rule."""
    is_checked: bool
    """Whether a rule was applied; without one the number is only plausible."""

    @property
    def key(self) -> str:
        return f"{self.country}:{self.firm}"


def parse_tax_id(text: str | None, country: str | None) -> TaxId | None:
    """The number in its one form, or None when it is wrong by its country's rule."""
    country = (country or "").strip().upper()
    typed = (text or "").strip()
    if country == "RU":
        typed = KPP.sub("", typed)
    if not typed or len(country) != 2:
        return None
    for path, name in _numbers_of(country):
        rule = _rule(path)
        if rule.is_valid(typed):
            value = _bare(rule.compact(typed), country)
            return TaxId(country, value, value[FIRM_PART.get(path, slice(None))], name, is_checked=True)
    if _numbers_of(country):
        return None
    value = _bare(re.sub(r"[\W_]", "", typed).upper(), country)
    return TaxId(country, value, value, "", is_checked=False) if PLAUSIBLE.match(value) else None


def tax_id_names(country: str | None) -> tuple[str, ...]:
    """What firms of this country are asked for (``("ИНН", "ОГРН")``); empty when anything will do."""
    return tuple(name for _, name in _numbers_of((country or "").upper()))


@lru_cache(maxsize=256)
def _numbers_of(country: str) -> tuple[tuple[str, str], ...]:
    if country in NUMBERS:
        return NUMBERS[country]
    if not re.fullmatch("[A-Z]{2}", country):
        return ()
    from stdnum import get_cc_module

    rule = cast(ModuleType | None, get_cc_module(country, "vat"))
    return ((rule.__name__.removeprefix("stdnum."), "VAT"),) if rule else ()


@lru_cache(maxsize=256)
def _rule(path: str) -> ModuleType:
    return import_module(f"stdnum.{path}")


def _bare(value: str, country: str) -> str:
    """Without the country's own prefix, which one firm writes and another leaves out."""
    value = re.sub(r"[-. ]", "", value).upper()
    prefix = PREFIXES.get(country, country)
    return value.removeprefix(prefix) or value
