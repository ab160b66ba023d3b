# SPDX-License-Identifier: Apache-2.0
"""Which addresses of the Internet are public. IANA's registries of special-purpose addresses, RFC 6890, RFC 6052.

`ipaddress.is_global` is not asked: its answers differ between releases of Python, and it takes addresses that carry
another one inside (NAT64, 6to4, Teredo, ISATAP) for public ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from verifier.protocol.errors import Malformed

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network

_V4 = {
    "0.0.0.0/8": "it is unspecified, or this network",
    "10.0.0.0/8": "it is private",
    "100.64.0.0/10": "it is a carrier's own",
    "127.0.0.0/8": "it is loopback",
    "168.63.129.16/32": "it is a cloud's metadata service",
    "169.254.0.0/16": "it is link-local, a cloud's metadata service among them",
    "172.16.0.0/12": "it is private",
    "192.0.0.0/24": "it is reserved for protocols",
    "192.0.2.0/24": "it is for documentation",
    "192.31.196.0/24": "it is reserved",
    "192.52.193.0/24": "it is reserved",
    "192.88.99.0/24": "it is a relay of 6to4",
    "192.168.0.0/16": "it is private",
    "192.175.48.0/24": "it is reserved",
    "198.18.0.0/15": "it is for measurements",
    "198.51.100.0/24": "it is for documentation",
    "203.0.113.0/24": "it is for documentation",
    "224.0.0.0/4": "it is multicast",
    "240.0.0.0/4": "it is reserved",
}
# What has a reason of its own. Everything else outside 2000::/3 is refused too.
_V6 = {
    "::/128": "it is unspecified",
    "::1/128": "it is loopback",
    "::ffff:0:0/96": "it is an IPv4 address in IPv6's clothes",
    "::/96": "it is an IPv4 address in IPv6's clothes",
    "64:ff9b::/96": "it is translated to IPv4 (NAT64)",
    "64:ff9b:1::/48": "it is translated to IPv4 (NAT64)",
    "2001::/32": "it is a Teredo tunnel",
    "2001::/23": "it is reserved for protocols",
    "2001:db8::/32": "it is for documentation",
    "2002::/16": "it is a 6to4 tunnel",
    "2620:4f:8000::/48": "it is reserved",
    "3fff::/20": "it is for documentation",
    "fc00::/7": "it is private",
    "fe80::/10": "it is link-local",
    "fec0::/10": "it is site-local",
    "ff00::/8": "it is multicast",
}
_REFUSED_V4 = tuple((IPv4Network(text), why) for text, why in _V4.items())
_REFUSED_V6 = tuple((IPv6Network(text), why) for text, why in _V6.items())
_UNICAST = IPv6Network("2000::/3")
# RFC 5214 §6.1: an interface identifier that ends in an IPv4 address.
_ISATAP = (0x00005EFE, 0x02005EFE)


@dataclass(frozen=True, slots=True)
class AddressRule:
    """Where webhooks may go: public addresses and port 443, and what the operator allows beyond."""

    networks: tuple[IpNetwork, ...] = ()
    ports: tuple[int, ...] = ()

    def allows_port(self, port: int) -> bool:
        return port == 443 or port in self.ports

    def find_refusal(self, address: IpAddress) -> str:
        """Why nothing is sent to an address; "" if it may be."""
        if any(address.version == network.version and address in network for network in self.networks):
            return ""
        return find_special_use(address)


def find_special_use(address: IpAddress) -> str:
    """What keeps an address from being a public host's; "" if nothing does."""
    if isinstance(address, IPv4Address):
        return next((why for network, why in _REFUSED_V4 if address in network), "")
    if address.scope_id:
        return "it has a zone of this machine"
    for network, why in _REFUSED_V6:
        if address in network:
            return why
    if address not in _UNICAST:
        return "it is not a public IPv6 address"
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return "it is an ISATAP tunnel"
    return ""


def parse_networks(texts: tuple[str, ...]) -> tuple[IpNetwork, ...]:
    """Networks such as 10.20.0.0/16 or fd00::/8. Raises Malformed("bad_network")."""
    try:
        return tuple(ip_network(text) for text in texts)
    except ValueError as error:
        raise Malformed("bad_network", f"A network is written like 10.20.0.0/16: {error}.") from None
