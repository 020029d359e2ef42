"""E-mail addresses, phones and web sites in one form each, however they are typed."""

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import idna
import phonenumbers
from email_validator import EmailNotValidError, validate_email

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# One mailbox under several names. The domain they share comes last.
MAILBOX_ALIASES = {
    "googlemail.com": "gmail.com",
    "ya.ru": "yandex.ru",
    "yandex.com": "yandex.ru",
    "yandex.by": "yandex.ru",
    "yandex.kz": "yandex.ru",
    "pm.me": "proton.me",
    "protonmail.com": "proton.me",
    "protonmail.ch": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
}
PLAIN_HOST = re.compile(r"[\w-]{1,63}(\.[\w-]{1,63})+\Z", re.ASCII)

SHORTEST_PHONE = 8
"""Digits with the country's code; shorter ones are emergency and service numbers."""

DOTS_DO_NOT_COUNT = frozenset({"gmail.com"})

_FREE_MAIL = """
126.com 163.com 21cn.com alice.it aliyun.com aol.com arcor.de att.net autograf.pl bellsouth.net bigmir.net
bigpond.com bk.ru bluewin.ch bol.com.br btinternet.com centrum.cz centrum.sk charter.net comcast.net cox.net
daum.net earthlink.net eircom.net email.com email.cz email.it fastmail.com fastmail.fm foxmail.com free.fr
freemail.hu freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.fr gmx.net googlemail.com hanmail.net
hey.com home.nl hotmail.ca hotmail.co.uk hotmail.com hotmail.com.br hotmail.de hotmail.es hotmail.fr
hotmail.it hotmail.nl hushmail.com i.ua icloud.com ig.com.br inbox.lv inbox.ru interia.pl internet.ru
kakao.com kpnmail.nl laposte.net libero.it list.ru live.ca live.co.uk live.com live.com.mx live.de live.fr
live.it live.nl mac.com mail.bg mail.com mail.de mail.ee mail.kz mail.ru mailfence.com me.com meta.ua msn.com
nate.com naver.com neuf.fr ntlworld.com o2.pl onet.pl online.de op.pl optonline.net optusnet.com.au orange.fr
outlook.at outlook.com outlook.com.br outlook.de outlook.es outlook.fr outlook.it pm.me posteo.de posteo.net
proton.me protonmail.ch protonmail.com qip.ru qq.com rambler.ru rediffmail.com rocketmail.com rogers.com
runbox.com sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca sina.cn sina.com sky.com skynet.be sohu.com
sympatico.ca t-online.de talktalk.net telenet.be telia.com terra.com.br tiscali.it tlen.pl tut.by tuta.com
tuta.io tutamail.com tutanota.com ua.fm ukr.net uol.com.br verizon.net virgilio.it virginmedia.com vk.com
volny.cz walla.co.il wanadoo.fr web.de wp.pl xs4all.nl ya.ru yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk
yahoo.com yahoo.com.au yahoo.com.br yahoo.com.mx yahoo.de yahoo.es yahoo.fr yahoo.in yahoo.it yandex.by
yandex.com yandex.kz yandex.ru yeah.net ymail.com ziggo.nl zoho.com zohomail.com
"""
FREE_MAIL = frozenset(_FREE_MAIL.split())
"""Providers where anybody may have a mailbox: the domain says nothing about the company."""

_SHARED_SITES = """
2gis.ru about.me avito.ru behance.net bit.ly blogger.com dzen.ru ebay.com etsy.com facebook.com fb.com
github.com goo.gl google.com google.de google.ru hh.ru instagram.com linkedin.com linktr.ee medium.com
notion.site notion.so ok.ru pinterest.com reddit.com rutube.ru squarespace.com substack.com t.me taplink.cc
telegram.me threads.net tiktok.com tilda.ws twitter.com vk.com vk.ru whatsapp.com wix.com wordpress.com x.com
xing.com yandex.ru yelp.com youtu.be youtube.com
"""
SHARED_SITES = frozenset(_SHARED_SITES.split())
"""Sites where many firms have a page each: the domain is the site's, not the firm's."""


@lru_cache(maxsize=4096)  # of a file's row the same address is asked for half a dozen times
def normalise_email(text: str | None) -> str | None:
    """The address in lower case with its domain in Unicode; None when it cannot be an address."""
    try:
        checked = validate_email((text or "").strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return checked.normalized.lower()


def email_key(text: str | None) -> str | None:
    """What two spellings of one mailbox have in common: no plus tag, no dots where they do not count.

    For matching only; nothing is ever sent to it.
    """
    address = normalise_email(text)
    if address is None:
        return None
    mailbox, _, domain = address.rpartition("@")
    domain = MAILBOX_ALIASES.get(domain, domain)
    mailbox = mailbox.partition("+")[0] or mailbox
    if domain in DOTS_DO_NOT_COUNT:
        mailbox = mailbox.replace(".", "") or mailbox
    return f"{mailbox}@{_ascii(domain) or domain}"


def email_domain(text: str | None) -> str | None:
    """The registrable domain an address belongs to, in ASCII."""
    address = normalise_email(text)
    return registrable_domain(address.rpartition("@")[2]) if address else None


def normalise_phone(text: str | None, country: str | None = None) -> str | None:
    """The number as E.164 (``+4940123456``); ``country`` reads numbers typed without an international prefix.

    None when no such number can exist. An extension is left out.
    """
    number = _phone(text, country)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if number else None


def display_phone(e164: str) -> str:
    """``+4940123456`` with the spaces its country writes; anything else as it is."""
    number = _phone(e164, None)
    if number is None:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def phone_country(e164: str | None) -> str | None:
    """The ISO code of the country a number belongs to; None where several share it and it cannot be told."""
    number = _phone(e164, None)
    region = phonenumbers.region_code_for_number(number) if number else None
    return region if region and region.isalpha() else None


def registrable_domain(website: str | None) -> str | None:
    """The part of a web address that its owner registered, in ASCII.

    ``https://shop.пример.рф/a`` is ``xn--e1afmkfd.xn--p1ai``. Follows the public suffix list. None for
    addresses of machines and for what has no such part.
    """
    host = _host(website or "")
    if host is None or _is_ip_address(host):
        return None
    encoded = _ascii(host)
    return _suffixes().privatesuffix(encoded) if encoded else None


def company_domain(website: str | None, email: str | None = None) -> str | None:
    """The domain that names a company: of its site, else of its e-mail; never one that many firms share."""
    site = registrable_domain(website)
    if site and site not in SHARED_SITES and site not in FREE_MAIL:
        return site
    mail = email_domain(email)
    if mail and not is_free_mail(mail) and not is_disposable(mail):
        return mail
    return None


def display_domain(domain: str) -> str:
    """A domain as people read it: ``xn--e1afmkfd.xn--p1ai`` → ``пример.рф``."""
    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain


def is_free_mail(domain: str | None) -> bool:
    """Whether anybody can have a mailbox at this domain."""
    return domain in FREE_MAIL


def is_disposable(domain: str | None) -> bool:
    """Whether the domain, or one above it, gives out mailboxes that nobody keeps."""
    if not domain:
        return False
    from disposable_email_domains import blocklist

    labels = domain.lower().split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def _phone(text: str | None, country: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse((text or "").strip(), country.upper() if country else None)
    except phonenumbers.NumberParseException:
        return None
    if len(str(number.country_code)) + len(phonenumbers.national_significant_number(number)) < SHORTEST_PHONE:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _host(website: str) -> str | None:
    text = website.strip()
    if not text or any(character.isspace() for character in text):
        return None
    try:
        return (urlsplit(text if "//" in text else f"//{text}").hostname or "").rstrip(".") or None
    except ValueError:
        return None


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def _ascii(host: str) -> str | None:
    if PLAIN_HOST.match(host):
        return host.lower()
    try:
        return idna.encode(host, uts46=True).decode().lower()
    except idna.IDNAError:
        return None


@lru_cache(maxsize=1)
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
