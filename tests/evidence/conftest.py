# SPDX-License-Identifier: Apache-2.0
"""What the tests of evidence files share: a stocked registry, its policy, a browser, a stage, a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from passport.settings import Settings
from tests.support.browser import open_browser
from tests.support.phone_shop import Phone, Shop, open_phone, stock
from tests.support.phone_stage import PhoneStage
from tests.support.registries import make_template, running_registry
from verifier.protocol.policy import TlogPolicy, parse_policy

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module")
def shop(template: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_registry(template, tmp_path_factory.mktemp("registry")) as workshop:
        yield stock(workshop)


@pytest.fixture(scope="module")
def policy(shop: Shop) -> TlogPolicy:
    return parse_policy(shop.workshop.registry.service.policy_text())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def stage(shop: Shop) -> Iterator[PhoneStage]:
    with PhoneStage() as stage:
        stage.show(shop.workshop)
        yield stage


@pytest.fixture
def phone(browser: Browser, stage: PhoneStage) -> Iterator[Phone]:
    phone = open_phone(browser, stage, accept_downloads=True)
    yield phone
    phone.context.close()
