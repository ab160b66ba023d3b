# SPDX-License-Identifier: Apache-2.0
"""A stocked registry and a phone with a service worker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from passport.settings import Settings
from tests.support.browser import open_browser
from tests.support.offline_phone import OfflinePhone, open_offline_phone
from tests.support.phone_stage import PhoneStage
from tests.support.registries import make_template, running_registry

if TYPE_CHECKING:
    from playwright.sync_api import Browser

from tests.support.phone_shop import Shop, stock


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module")
def shop(template: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_registry(template, tmp_path_factory.mktemp("registry")) as workshop:
        yield stock(workshop)


@pytest.fixture
def stage(shop: Shop) -> Iterator[PhoneStage]:
    with PhoneStage() as stage:
        stage.show(shop.workshop)
        yield stage


@pytest.fixture
def phone(browser: Browser, stage: PhoneStage) -> Iterator[OfflinePhone]:
    phone = open_offline_phone(browser, stage)
    yield phone
    phone.context.close()
