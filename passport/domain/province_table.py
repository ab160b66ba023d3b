# SPDX-License-Identifier: Apache-2.0
"""From a client's address to a province, by the operator's own table: CSV `network,province`, longest prefix wins.

The address is looked at in memory and forgotten; only the province leaves this module. RFC 4632, RFC 4291.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from verifier.protocol.errors import Malformed
from verifier.provinces import find_province

MAX_ROWS = 2_000_000


class ProvinceTable:
    """Networks by IP version and prefix length. A look-up costs one step for each length that occurs."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[int, dict[int, int]]] = {4: {}, 6: {}}
        self._lengths: dict[int, tuple[int, ...]] = {4: (), 6: ()}

    def add(self, network: str, province: int) -> bool:
        """Adds a row; False when the network is there already. Raises ValueError for what is no network."""
        parsed = ip_network(network)
        by_length = self._rows[parsed.version]
        rows = by_length.setdefault(parsed.prefixlen, {})
        value = int(parsed.network_address) >> (parsed.max_prefixlen - parsed.prefixlen)
        if value in rows:
            return False
        rows[value] = province
        if len(by_length) > len(self._lengths[parsed.version]):
            self._lengths[parsed.version] = tuple(sorted(by_length, reverse=True))
        return True

    def find(self, address: str) -> int | None:
        """The province of an address, or None: not in the table, or not an address."""
        parsed = parse_address(address)
        if parsed is None:
            return None
        number, size = int(parsed), parsed.max_prefixlen
        rows = self._rows[parsed.version]
        for length in self._lengths[parsed.version]:
            found = rows[length].get(number >> (size - length))
            if found is not None:
                return found
        return None


def parse_address(address: str) -> IPv4Address | IPv6Address | None:
    """An address as the server gives it; IPv4 inside IPv6 counts as IPv4. None for what is no address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed


def parse_province_table(text: str) -> ProvinceTable:
    """Reads the table. Raises Malformed("bad_province_table"), which names the line. Empty lines, # and a heading
    pass."""
    table = ProvinceTable()
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        row = line.strip()
        if not row or row.startswith("#") or row.replace(" ", "") == "network,province":
            continue
        network, separator, name = row.partition(",")
        province = find_province(name)
        if not separator or province is None:
            raise _bad(number, f"{row[:60]!r} is not 'network,province' with a province of GB/T 2260, such as 44")
        try:
            is_new = table.add(network.strip(), province)
        except ValueError as error:
            raise _bad(number, f"{network.strip()[:60]!r} is not a network such as 192.0.2.0/24: {error}") from error
        if not is_new:
            raise _bad(number, f"{network.strip()} stands in the table twice")
        if number > MAX_ROWS:
            raise _bad(number, f"a table has at most {MAX_ROWS:,} lines")
    return table


def _bad(number: int, why: str) -> Malformed:
    return Malformed("bad_province_table", f"line {number}: {why}")
