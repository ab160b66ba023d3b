# SPDX-License-Identifier: Apache-2.0
"""The operator's table of networks: the longest prefix wins, and a bad line is named."""

from __future__ import annotations

import pytest

from passport.domain.province_table import parse_province_table
from verifier.protocol.errors import Malformed

TABLE = """network,province
# documentation networks
192.0.2.0/24, 44
192.0.2.128/25,CN-BJ
192.0.2.200/32,四川
198.51.100.0/24,Shanghai

2001:db8::/32,11
2001:db8:1::/48,31
"""


@pytest.mark.parametrize(
    ("address", "province"),
    [
        ("192.0.2.1", 44),
        ("192.0.2.129", 11),
        ("192.0.2.200", 51),
        ("198.51.100.7", 31),
        ("203.0.113.1", None),
        ("2001:db8:2::1", 11),
        ("2001:db8:1::1", 31),
        ("2001:db9::1", None),
        ("::ffff:192.0.2.1", 44),
        ("unix:", None),
        ("", None),
        ("192.0.2.1:80", None),
        ("' OR 1=1", None),
    ],
)
def test_the_longest_prefix_wins(address: str, province: int | None) -> None:
    assert parse_province_table(TABLE).find(address) == province


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("192.0.3.0/24", "line 11: .*network,province"),
        ("192.0.3.0/24,Atlantis", "line 11: .*province of GB/T 2260"),
        ("192.0.3.1/24,44", "line 11: .*not a network"),
        ("192.0.3.0/33,44", "line 11: .*not a network"),
        ("192.0.2.0/24,31", "line 11: .*twice"),
        (",", "line 11"),
    ],
)
def test_a_bad_line_is_named(line: str, message: str) -> None:
    with pytest.raises(Malformed, match=message) as caught:
        parse_province_table(f"{TABLE}\n{line}\n")
    assert caught.value.code == "bad_province_table"


def test_an_empty_table_knows_nobody() -> None:
    assert parse_province_table("").find("192.0.2.1") is None
