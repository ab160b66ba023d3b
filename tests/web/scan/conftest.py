# SPDX-License-Identifier: Apache-2.0
"""What the tests of the scan page share: a stocked registry, a stage, browsers with and without a filmed label."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from passport.settings import Settings
from tests.support.browser import open_browser
from tests.support.phone_shop import Shop, stock
from tests.support.phone_stage import PhoneStage
from tests.support.registries import make_template, running_registry
from tests.web.scan.label_film import write_film
from tests.web.scan.scanner import Scanner, open_scanner

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module")
def shop(template: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_registry(template, tmp_path_factory.mktemp("registry")) as workshop:
        yield stock(workshop)


@pytest.fixture(scope="module")
def stage(shop: Shop) -> Iterator[PhoneStage]:
    """One for the module: the host is printed in the label, and a film takes a moment to write."""
    with PhoneStage() as stage:
        stage.show(shop.workshop)
        yield stage


@pytest.fixture(scope="module")
def filming(stage: PhoneStage, shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium whose camera sees the label of the genuine code, and whose owner always says yes."""
    host = stage.url.removeprefix("http://")
    film = write_film(tmp_path_factory.mktemp("film") / "label.y4m", shop.codes["genuine"].to_qr_text(host))
    with open_browser(*FAKE_CAMERA, f"--use-file-for-fake-video-capture={film}") as browser:
        yield browser


@pytest.fixture
def scanner(filming: Browser, stage: PhoneStage) -> Iterator[Scanner]:
    with open_scanner(filming, stage) as scanner:
        yield scanner
