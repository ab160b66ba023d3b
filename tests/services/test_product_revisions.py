# SPDX-License-Identifier: Apache-2.0
"""What a registry tells of a product's passports, and what becomes of old ones that are sent again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from passport.services.registry import RegistryService
from tests.support.makers import Maker
from tests.support.registries import Workshop
from verifier.protocol.errors import Malformed


@pytest.fixture(scope="module")
def service(workshop: Workshop) -> RegistryService:
    return workshop.registry.service


@pytest.fixture(scope="module")
def acme(workshop: Workshop) -> Maker:
    return workshop.admit("acme", "69012340")


@pytest.fixture(scope="module")
def bolt(workshop: Workshop) -> Maker:
    return workshop.admit("bolt", "69055550")


def test_a_product_is_described_to_its_maker_alone_with_the_revision_that_is_next(
    workshop: Workshop, service: RegistryService, acme: Maker, bolt: Maker
) -> None:
    gtin = acme.gtin(5)
    assert service.find_product("nobody", gtin) is None
    assert service.find_product("acme", gtin) == {"gtin": gtin, "issuer": "acme", "next_revision": 0}
    workshop.say(workshop.passport(acme, gtin, "0a" * 32), acme.key)
    index = workshop.say(workshop.passport(acme, gtin, "0b" * 32), acme.key)
    last = {"digest": "0b" * 32, "index": index, "revision": 1}
    assert service.find_product("acme", gtin) == {"gtin": gtin, "issuer": "acme", "next_revision": 2, "published": last}
    assert service.find_product("bolt", gtin) == {"gtin": gtin, "issuer": "bolt", "next_revision": 0}
    with pytest.raises(Malformed):
        service.find_product("acme", gtin[:-1])


def test_an_old_passport_sent_again_wins_nothing_back(
    workshop: Workshop, service: RegistryService, acme: Maker
) -> None:
    """Over HTTP the old bytes are known and keep their index; new bytes with an old number are refused."""
    gtin = acme.gtin(6)
    old = workshop.sign(workshop.passport(acme, gtin, "0c" * 32), acme.key)
    (first,) = workshop.submit(old)
    stale = replace(workshop.passport(acme, gtin, "0c" * 32), revision=0)
    workshop.say(workshop.passport(acme, gtin, "0d" * 32), acme.key)
    (again,) = workshop.submit(old)
    assert (again.index, again.is_new) == (first.index, False)
    header = replace(stale.header, issued_at=stale.header.issued_at + timedelta(seconds=1))
    (refused,) = workshop.submit(workshop.sign(replace(stale, header=header), acme.key))
    assert refused.error is not None and refused.error.code == "wrong_revision"
    current = workshop.registry.views.current
    assert current is not None and current.products[gtin].digest == "0d" * 32
