"""Where a web hook may go: never into the portal's own network, whatever a name resolves to today.

The name is resolved once, every address is checked, and the connection is made to the very address that was checked,
so a name that changes in between (DNS rebinding) gains nothing.
"""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.i18n import gettext as _

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS = (443, 8443)
#: IPv6 addresses that carry an IPv4 one: a way around the check of the latter.
_CARRIERS = tuple(
    ipaddress.ip_network(text)
    for text in ("::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)


class NotAllowed(ValueError):
    """The address may not be called; the message says why, for whoever typed it."""


@dataclass(frozen=True)
class Target:
    """Where exactly to connect: the checked address, and the name that the certificate has to be for."""

    address: str
    host: str
    port: int
    path: str
    is_https: bool


def networks(texts: Iterable[str]) -> list[IPNetwork]:
    """``10.1.0.0/16`` and the like, from the operator's setting. Raises ValueError."""
    return [ipaddress.ip_network(text) for text in texts]


def is_public(address: IPAddress) -> bool:
    """Whether ``address`` is somebody else's: on the open Internet, and not a disguise of one that is not."""
    if isinstance(address, ipaddress.IPv6Address) and any(address in carrier for carrier in _CARRIERS):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_link_local)


def _resolve(host: str, port: int) -> list[IPAddress]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotAllowed(_("The name %(host)s is not known.", host=host)) from error
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def check(url: str, allowed: Iterable[IPNetwork] = ()) -> Target:
    """Where ``url`` leads, when it may be called. Raises NotAllowed.

    https on port 443 or 8443 to public addresses; in the ``allowed`` networks also http and any port.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise NotAllowed(_("Type an address such as https://example.com/hooks.")) from error
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username or parts.password:
        raise NotAllowed(_("Type an address such as https://example.com/hooks."))
    addresses = _resolve(parts.hostname, port)
    own = list(allowed)
    if addresses and all(any(address in network for network in own) for address in addresses):
        pass
    elif parts.scheme != "https" or port not in PORTS:
        raise NotAllowed(_("Only https on port 443 or 8443."))
    elif not addresses or not all(is_public(address) for address in addresses):
        raise NotAllowed(_("%(host)s is not on the open Internet.", host=parts.hostname))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(str(addresses[0]), parts.hostname, port, path, parts.scheme == "https")
