# SPDX-License-Identifier: Apache-2.0
"""Where webhooks may go: every form of an address that is not a public host's is refused, by its own name."""

from __future__ import annotations

import ipaddress

import pytest

from passport.domain.public_addresses import AddressRule, find_special_use, parse_networks
from passport.domain.webhooks import parse_endpoint_url, parse_label, parse_types, split_url
from verifier.protocol.errors import Malformed

NOT_PUBLIC = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255"),
    *("127.0.0.1", "127.255.0.1", "168.63.129.16", "169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.255"),
    *("192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255"),
    *("198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("192.31.196.1", "192.52.193.1", "192.175.48.1"),
    *("::", "::1", "::127.0.0.1", "::10.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8"),
    *("64:ff9b::a9fe:a9fe", "64:ff9b::8.8.8.8", "64:ff9b:1::10.0.0.1", "64:ff9b:1:ffff::1", "100::1", "100:0:0:1::1"),
    *("2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:20::1", "2001:db8::1", "2001:2::1"),
    *("2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:808:808::1", "2620:4f:8000::1", "3fff::1", "3fff:fff::1"),
    *("5f00::1", "4000::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "feff::1"),
    *("ff00::1", "ff02::1", "ff0e::1", "2606:4700::5efe:10.0.0.1", "2606:4700::200:5efe:10.0.0.1"),
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "11.0.0.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1"]
PUBLIC += ["192.0.1.1", "198.17.0.1", "223.255.255.255", "2606:4700::1111", "2400:3200::1", "2a00::1", "2003::1"]


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_an_address_that_is_not_a_public_hosts_is_refused(text: str) -> None:
    assert find_special_use(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_not(text: str) -> None:
    assert find_special_use(ipaddress.ip_address(text)) == ""


def test_whatever_pythons_own_tables_call_private_is_refused_here_too() -> None:
    networks = [network for name in ("_private_networks",) for kind in (4, 6) for network in _own_tables(kind, name)]
    assert len(networks) > 15
    for network in networks:
        for address in (network[0], network[-1]):
            assert find_special_use(address), address


def _own_tables(kind: int, name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    found: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = getattr(
        getattr(ipaddress, f"_IPv{kind}Constants"), name
    )
    return found


@pytest.mark.parametrize(
    "url",
    [
        *("https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/"),
        *("https://127.1/", "https://127.0.1/", "https://127.0.0.0x1/", "https://127.0.0.01/", "https://0/"),
        *("https://017700000001/", "https://10.0.0.256/", "https://1.2.3/", "https://1.2.3.4.5/"),
        *("https://localhost/", "https://metadata/", "https://[::1/", "https://[::1%25lo]/", "https://[fe80::1%eth0]/"),
        *("http://hooks.example.com/", "ftp://hooks.example.com/", "//hooks.example.com/", "hooks.example.com"),
        *("https://user@hooks.example.com/", "https://user:pass@hooks.example.com/", "https://a.b@127.0.0.1/"),
        *("https://hooks.example.com/#x", "https://hooks.example.com\\@127.0.0.1/", "https://hooks.example.com/a b"),
        *("https://hooks.example.com/\r\nHost: x", "https://hooks..example.com/", "https://.example.com/"),
        *("https://-a.example.com/", "https://hooks.example.com:0/", "https://hooks.example.com:99999/"),
        *("https://hooks.example.com/%zz", "https://例子.测试/", "https://①②⑦.0.0.1/", "", "https://", "https:///x"),
        *("https://hooks.example.com/" + "a" * 2048, "https://" + "a" * 64 + ".com/"),
    ],
)
def test_what_is_no_https_address_of_a_name_or_has_an_odd_spelling_is_malformed(url: str) -> None:
    with pytest.raises(Malformed) as caught:
        split_url(url)
    assert caught.value.code == "bad_webhook_url"


@pytest.mark.parametrize("text", [text for text in NOT_PUBLIC if "%" not in text])
def test_a_literal_address_that_is_not_public_is_refused_when_it_is_entered(text: str) -> None:
    url = f"https://[{text}]/in" if ":" in text else f"https://{text}/in"
    with pytest.raises(Malformed) as caught:
        parse_endpoint_url(url, AddressRule())
    assert caught.value.code == "webhook_address_refused"


def test_an_address_has_one_spelling() -> None:
    for url, one in {
        "https://Hooks.Example.COM": "https://hooks.example.com/",
        "https://hooks.example.com.:443/a?b=c:9#"[:-1]: "https://hooks.example.com/a?b=c:9",
        "https://hooks.example.com?x=1": "https://hooks.example.com/?x=1",
        "https://[2606:4700:0::1]/": "https://[2606:4700::1]/",
        "https://8.8.8.8/": "https://8.8.8.8/",
        "https://xn--fsqu00a.xn--0zwm56d/": "https://xn--fsqu00a.xn--0zwm56d/",
    }.items():
        assert parse_endpoint_url(url, AddressRule()).url == one
        assert split_url(one).url == one


def test_ports_and_private_networks_are_the_operators_to_allow() -> None:
    rule = AddressRule(parse_networks(("10.20.0.0/16", "fd00:1::/32")), (8443,))
    for url in ("https://hooks.example.com:8443/", "https://10.20.3.4/", "https://[fd00:1::5]:8443/"):
        assert parse_endpoint_url(url, rule).url == url
        with pytest.raises(Malformed):
            parse_endpoint_url(url, AddressRule())
    for url in ("https://10.21.0.1/", "https://hooks.example.com:80/", "https://[fd00:2::5]/"):
        with pytest.raises(Malformed):
            parse_endpoint_url(url, rule)
    assert rule.find_refusal(ipaddress.ip_address("::ffff:10.20.3.4")), "another form of it was not allowed"
    with pytest.raises(Malformed):
        parse_networks(("10.20.0.1/16",))


def test_types_and_labels() -> None:
    assert parse_types(["recall.closed", "badge.misplaced", "recall.closed"]) == ("badge.misplaced", "recall.closed")
    assert parse_types([]) == ()
    for wrong in ("webhook.test", "recall.*", ""):
        with pytest.raises(Malformed):
            parse_types([wrong])
    assert parse_label("  Quality   team ") == "Quality team"
    for label in ("x" * 81, "a\u202eb", "a\0b"):
        with pytest.raises(Malformed):
            parse_label(label)
