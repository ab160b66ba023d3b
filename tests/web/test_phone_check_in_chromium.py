# SPDX-License-Identifier: Apache-2.0
"""The check page's phone verifies by itself: real Chromium, real registries, and servers that lie in many ways."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from passport.settings import Settings
from passport.signing import load_key_file, sign_note
from tests.support.browser import open_browser
from tests.support.makers import BatchPlan, Maker, SigningKey, both, make_gtin, sign_batch, sign_code
from tests.support.phone_stage import PhoneStage
from tests.support.registries import PASSPHRASE, Workshop, make_template, running_registry
from verifier.protocol.encoding import encode_canonical_json
from verifier.protocol.fields import format_instant, parse_instant
from verifier.protocol.product_code import ProductCode
from verifier.protocol.statements.products import CodesVoided, SeqRange
from verifier.protocol.statements.recall import RecallPublished
from verifier.protocol.statements.registry import KeyRevoked
from verifier.verdict import Status
from verifier.web.static_files import scripts_version

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

DONE = "() => ['done', 'failed'].includes(document.getElementById('phone').dataset.state)"
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
IS_ABOVE = "() => document.querySelector('main > section').id === 'phone'"
MEMORY = "product-passport/seen/v1"
# A browser of 2023: its WebCrypto does not know the name.
FORGET_ED25519 = """
    const { importKey } = SubtleCrypto.prototype;
    SubtleCrypto.prototype.importKey = function (format, key, algorithm, ...rest) {
        if ((algorithm.name ?? algorithm) === "Ed25519") {
            return Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError"));
        }
        return importKey.call(this, format, key, algorithm, ...rest);
    };
"""


@dataclass
class Shop:
    """A registry with one maker who recalled lot L1; `codes` by the status that they must have."""

    workshop: Workshop
    maker: Maker
    codes: dict[str, ProductCode] = field(default_factory=dict)


def stock(workshop: Workshop) -> Shop:
    """Every status that a real registry reaches."""
    acme = workshop.admit("acme", "69012345")
    recalled, good, partly_void, unsent = (
        workshop.issue(acme, number, lot=f"L{number}", upload=number < 4) for number in (1, 2, 3, 4)
    )
    bolt = workshop.admit("bolt", "69077777")
    late = workshop.issue(bolt, 1)
    workshop.say(RecallPublished(workshop.header("acme"), "acme/1", workshop.notice(acme, lot="L1")), acme.key)
    workshop.say(CodesVoided(workshop.header("acme"), 3, (SeqRange(1, 2),), both("misprint")), acme.key)
    assert late.index is not None
    revoked = KeyRevoked(workshop.header("registry"), "bolt", bolt.key.key_id, late.index, "stolen")
    workshop.say(revoked, workshop.operator)
    nobody = SigningKey("a key that nobody registered")
    moved_seal = replace(good.codes[2].seal, seq=1)
    return Shop(
        workshop,
        acme,
        {
            "genuine": good.codes[1],
            "recalled": recalled.codes[1],
            "void": partly_void.codes[1],
            "not_logged": sign_code(acme.key, gtin=acme.gtin(), batch=9, seq=1),
            "counterfeit/bad_signature": ProductCode(acme.gtin(), good.codes[1].serial, moved_seal),
            "counterfeit/unknown_key": sign_code(nobody, gtin=acme.gtin(), batch=2, seq=1),
            "counterfeit/unknown_prefix": sign_code(acme.key, gtin=make_gtin("6988888"), batch=2, seq=1),
            "counterfeit/key_revoked": late.codes[1],
            "cannot_tell": unsent.codes[1],
        },
    )


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


@dataclass
class Phone:
    """One browser profile in front of the stage. `complaints`: what its console says of blocked or broken things."""

    context: BrowserContext
    page: Page
    url: str
    complaints: list[str]

    def open(self, code: ProductCode | str, *, language: str = "en") -> Page:
        path = code if isinstance(code, str) else code.to_path()
        self.page.goto(f"{self.url}/check{path}{'&' if '?' in path else '?'}lang={language}")
        self.page.wait_for_function(DONE)
        return self.page

    def said(self, name: str) -> str:
        return self.page.locator(f"#phone [data-part={name}]").inner_text()

    def data(self, name: str) -> str | None:
        return self.page.locator("#phone").get_attribute(f"data-{name}")

    @property
    def server_says(self) -> str | None:
        return self.page.locator(".verdict[data-status]").get_attribute("data-status")

    @property
    def is_above(self) -> bool:
        return bool(self.page.evaluate(IS_ABOVE))

    @property
    def memory(self) -> dict[str, object] | None:
        text = self.page.evaluate("(key) => localStorage.getItem(key)", MEMORY)
        return None if text is None else dict(json.loads(text))

    def step(self, number: int) -> str | None:
        return self.page.locator(f"#phone [data-step='{number}']").get_attribute("class")

    def row(self, name: str) -> str:
        return self.page.locator(f"#phone [data-row={name}] dd").text_content() or ""


def open_phone(browser: Browser, stage: PhoneStage, **options: object) -> Phone:
    context = browser.new_context(**{"viewport": {"width": 390, "height": 844}, "locale": "en-GB"} | options)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return Phone(context, page, stage.url, complaints)


@pytest.fixture
def phone(browser: Browser, stage: PhoneStage) -> Iterator[Phone]:
    phone = open_phone(browser, stage)
    yield phone
    phone.context.close()


STATUSES = [
    *("genuine", "recalled", "void", "not_logged", "cannot_tell"),
    *("counterfeit/bad_signature", "counterfeit/unknown_key", "counterfeit/unknown_prefix", "counterfeit/key_revoked"),
]


@pytest.mark.parametrize("name", STATUSES)
def test_phone_and_server_agree_on_every_status_that_a_registry_reaches(phone: Phone, shop: Shop, name: str) -> None:
    status, _, reason = name.partition("/")
    phone.open(shop.codes[name])
    assert (phone.server_says, phone.data("status")) == (status, status)
    if reason:
        assert phone.data("reason") == reason
    assert not phone.is_above
    if status != "cannot_tell":
        assert phone.data("versus") == "agrees"
        assert phone.said("versus") == "The server says the same."
        assert phone.said("title") == phone.page.locator(".verdict h1").inner_text()
    assert not [line for line in phone.complaints if "Content Security Policy" in line or "Error" in line]


@pytest.mark.parametrize("path", ["/01/06901234500017/21/1", "/01/1/21/2?S=AA", "?code=what%20is%20this"])
def test_what_is_no_code_is_no_code_for_the_phone_either_and_nothing_is_fetched(
    phone: Phone, stage: PhoneStage, path: str
) -> None:
    phone.open(path)
    assert (phone.server_says, phone.data("status")) == ("malformed", "malformed")
    assert not [asked for asked in stage.asked if asked.startswith(("/ledger", "/api"))]


def test_a_good_code_passes_every_step_and_says_what_it_rests_on(phone: Phone, shop: Shop) -> None:
    phone.open(shop.codes["genuine"])
    assert [phone.step(number) for number in range(11)] == ["passed"] * 11
    phone.page.get_by_text("Step by step").click()
    assert phone.page.get_by_text("Is it the same ledger that your phone saw last time?").is_visible()
    assert phone.said("count") == "11 of 11 passed"
    assert phone.row("lot") == "L2"
    assert phone.row("signing_key") == shop.maker.key.key_id
    assert phone.row("witnesses") == "None"
    assert "First visit" in phone.row("memory")
    assert re.fullmatch(r"Recall information as of \d+ \w+ \d{4}, \d\d:\d\d \(UTC\+8\)", phone.said("as-of"))
    phone.open(shop.codes["genuine"])
    assert "remembered since" in phone.row("memory")


def test_the_status_key_comes_from_entry_0_and_is_remembered(phone: Phone, shop: Shop, stage: PhoneStage) -> None:
    phone.open(shop.codes["genuine"])
    assert any(path.startswith("/ledger/tile/entries/000") for path in stage.asked)
    assert phone.memory is not None
    assert phone.memory["statusVkey"] == shop.workshop.registry.service.describe()["status_vkey"]
    stage.asked.clear()
    phone.open(shop.codes["recalled"])
    fetched = [path.split("?")[0] for path in stage.asked if path.startswith(("/ledger", "/api"))]
    gtin = shop.maker.gtin()
    assert sorted(path.removesuffix(shop.codes["recalled"].serial) for path in fetched) == [
        f"/api/v1/proof/01/{gtin}/21/",
        "/ledger/policy",
        f"/ledger/snapshot/gtin/{gtin}",
    ]


def test_a_status_key_that_entry_0_does_not_name_is_not_believed(phone: Phone, shop: Shop, stage: PhoneStage) -> None:
    stage.changes["/ledger/tile/entries/"] = lambda body: body.replace(b"/status+", b"/sTatus+")
    phone.open(shop.codes["genuine"])
    assert (phone.data("status"), phone.data("reason")) == ("cannot_tell", "bad_inclusion_proof")
    assert phone.memory is None
    assert phone.is_above


def test_a_lying_server_that_hides_a_recall_is_contradicted_at_the_top_of_the_page(
    phone: Phone, shop: Shop, stage: PhoneStage
) -> None:
    stage.checker.lie = (Status.GENUINE, "genuine")
    phone.open(shop.codes["recalled"])
    assert (phone.server_says, phone.data("status")) == ("genuine", "recalled")
    assert phone.is_above
    assert phone.data("versus") == "differs"
    assert phone.said("title") == "This product is recalled"
    assert "The server says something else" in phone.said("versus")
    assert phone.page.get_by_text("The server's word differs from what your phone found.").is_visible()
    assert "doubted" in (phone.page.locator(".verdict[data-status]").get_attribute("class") or "")
    assert phone.page.locator("[data-part=server-todo]").is_hidden()
    assert phone.page.locator("#phone").get_by_text("Stop using it.").is_visible()
    assert phone.page.locator("#phone").get_by_text("Power bank may overheat").is_visible()
    assert phone.page.locator("#phone a.call").get_attribute("href") == "tel:400-000-0000".replace("-", "")


def test_a_warning_of_the_server_is_not_covered_up_by_the_phones_green(
    phone: Phone, shop: Shop, stage: PhoneStage
) -> None:
    stage.checker.lie = (Status.RECALLED, "recall")
    phone.open(shop.codes["genuine"])
    assert (phone.data("status"), phone.data("versus"), phone.is_above) == ("genuine", "differs", True)
    assert "doubted" not in (phone.page.locator(".verdict[data-status]").get_attribute("class") or "")
    assert phone.page.locator("[data-part=server-todo]").is_visible()


def test_that_a_code_may_be_copied_is_the_servers_knowledge_and_stays_on_top(
    phone: Phone, shop: Shop, stage: PhoneStage
) -> None:
    stage.checker.lie = (Status.SUSPECT, "many_provinces")
    phone.open(shop.codes["genuine"])
    assert (phone.data("status"), phone.data("versus"), phone.is_above) == ("genuine", "adds", False)
    assert "known to the server alone" in phone.said("versus")


def change_member(body: bytes, name: str, change: Callable[[str], str]) -> bytes:
    document = json.loads(body)
    document[name] = change(document[name])
    return encode_canonical_json(document)


@pytest.mark.parametrize(
    ("member", "change", "step"),
    [
        ("item_hash", lambda text: ("B" if text[0] == "A" else "A") + text[1:], 7),
        ("entry", lambda text: text.replace('"count":4', '"count":5'), 6),
        ("issuer", lambda text: "bolt", 4),
    ],
)
def test_a_tampered_proof_is_noticed_and_never_green(
    phone: Phone, shop: Shop, stage: PhoneStage, member: str, change: Callable[[str], str], step: int
) -> None:
    stage.changes["/api/v1/proof/"] = lambda body: change_member(body, member, change)
    phone.open(shop.codes["genuine"])
    assert (phone.server_says, phone.data("status")) == ("genuine", "cannot_tell")
    assert phone.step(step) == "unknown"
    assert phone.is_above


def test_a_stale_snapshot_is_noticed_although_the_server_says_genuine(
    phone: Phone, shop: Shop, stage: PhoneStage
) -> None:
    settings = shop.workshop.registry.settings
    signer = load_key_file(settings.keys / "status.key", PASSPHRASE, "status")

    def age(body: bytes) -> bytes:
        value = json.loads(body.partition(b"\n")[0])
        for member in ("as_of", "next_update"):
            value[member] = format_instant(parse_instant(value[member]) - timedelta(days=3))
        return sign_note(encode_canonical_json(value).decode() + "\n", f"{settings.origin}/status", signer)

    stage.changes["/ledger/snapshot/"] = age
    phone.open(shop.codes["genuine"])
    assert (phone.data("status"), phone.data("reason")) == ("cannot_tell", "snapshot_stale")
    assert phone.is_above
    phone.open(shop.codes["recalled"])
    assert phone.data("status") == "recalled", "an old recall is still a warning"


def test_a_wrong_clock_of_the_phone_is_named(phone: Phone, shop: Shop) -> None:
    phone.page.clock.install(time=0)
    phone.page.goto(f"{phone.url}/check{shop.codes['genuine'].to_path()}&lang=en")
    phone.page.wait_for_function(DONE)
    assert phone.data("reason") == "snapshot_stale"
    assert "check date and time of your phone" in phone.said("versus")


SCRIPTS = f"/static/{scripts_version()}/verifier/"


@pytest.mark.parametrize("path", ["/ledger/policy", "/ledger/snapshot/", "/ledger/tile/", "/api/v1/proof/", SCRIPTS])
def test_what_does_not_arrive_leaves_the_page_as_it_was_and_is_never_green(
    phone: Phone, shop: Shop, stage: PhoneStage, path: str
) -> None:
    stage.changes[path] = lambda body: None
    phone.open(shop.codes["genuine"])
    assert phone.data("state") == "failed"
    assert phone.said("title") == "Your phone could not check"
    assert not phone.is_above
    assert phone.page.locator("#phone .tone-green").count() == 0
    assert phone.page.locator(".verdict.is-green h1").is_visible()


def test_a_recall_in_the_snapshot_stands_although_the_proof_does_not_arrive(
    phone: Phone, shop: Shop, stage: PhoneStage
) -> None:
    stage.changes["/api/v1/proof/"] = lambda body: None
    stage.checker.lie = (Status.GENUINE, "genuine")
    phone.open(shop.codes["recalled"])
    assert (phone.data("status"), phone.is_above) == ("recalled", True)


def test_without_a_script_the_page_says_that_the_phone_did_not_check(
    browser: Browser, stage: PhoneStage, shop: Shop
) -> None:
    phone = open_phone(browser, stage, java_script_enabled=False)
    phone.page.goto(f"{phone.url}/check{shop.codes['genuine'].to_path()}&lang=en")
    assert phone.said("title") == "Not checked by your phone"
    assert phone.page.locator(".verdict.is-green").is_visible()
    phone.context.close()


def test_an_old_browser_without_ed25519_finds_the_same(phone: Phone, shop: Shop, stage: PhoneStage) -> None:
    phone.page.add_init_script(FORGET_ED25519)
    for name in ("genuine", "recalled", "counterfeit/bad_signature"):
        phone.open(shop.codes[name])
        assert (phone.data("status"), phone.data("versus")) == (name.partition("/")[0], "agrees")
    assert any("/vendor/noble-ed25519.mjs" in path for path in stage.asked)


def test_an_old_browser_that_cannot_load_ed25519_says_that_it_could_not_check(
    phone: Phone, shop: Shop, stage: PhoneStage
) -> None:
    phone.page.add_init_script(FORGET_ED25519)
    phone.page.route("**/vendor/**", lambda route: route.abort())
    phone.open(shop.codes["genuine"])
    assert (phone.data("state"), phone.data("reason")) == ("failed", "no_ed25519")
    assert "lacks what the check needs" in phone.said("sentence")


OpenRegistry = Callable[[], AbstractContextManager[Workshop]]


@pytest.fixture
def twin(template: Settings, tmp_path: Path) -> OpenRegistry:
    """Another registry with the same keys and the same entry 0: what a lying operator runs for a second audience."""
    return partial(running_registry, template, tmp_path)


def log_batches(workshop: Workshop, maker: Maker, numbers: range) -> None:
    """Many batches at once, without their items."""
    plans = [BatchPlan(maker.gtin(), number, 1) for number in numbers]
    about = {"origin": workshop.origin, "issuer": maker.id, "key": maker.key}
    issued_at = workshop.header(maker.id).issued_at
    for at in range(0, len(plans), 200):
        batches = [sign_batch(plan, issued_at=issued_at, **about) for plan in plans[at : at + 200]]  # type: ignore[arg-type]
        workshop.submit(*(workshop.sign(batch.statement, maker.key) for batch in batches))


@pytest.mark.parametrize("batches", [1, 8, 300])
def test_a_forked_ledger_is_shown_on_the_second_visit_with_both_notes_to_save(
    phone: Phone, shop: Shop, stage: PhoneStage, twin: OpenRegistry, batches: int
) -> None:
    phone.open(shop.codes["genuine"])
    before = phone.memory
    with twin() as other:
        acme = other.admit("acme", "69012345")
        batch = other.issue(acme, 1)
        log_batches(other, acme, range(2, batches + 1))
        stage.show(other)
        is_smaller = batches == 1
        if is_smaller:  # with the tiles in its cache the browser could prove the fork even so
            phone.context.new_cdp_session(phone.page).send("Network.clearBrowserCache")
        phone.open(batch.codes[1])
        assert (phone.server_says, phone.data("status")) == ("genuine", "cannot_tell")
        assert phone.data("reason") == ("ledger_went_back" if is_smaller else "ledger_forked")
        assert phone.is_above
        assert phone.step(5) == "failed"
        assert phone.said("title") == ("The ledger went back" if is_smaller else "The ledger shows two histories")
        with phone.page.expect_download() as download:
            phone.page.get_by_role("button", name="Save both signed notes").click()
        text = download.value.path().read_text()
        assert text.count(f"\n— {other.origin}") >= 2
        assert len(set(re.findall(r"\"root_hash\":\"([^\"]+)|^[0-9]+\n(\S{44})$", text, re.MULTILINE))) >= 2
        assert phone.memory == before, "what was remembered stays"
        phone.open(batch.codes[1])
        assert phone.is_above, "and the alarm too"
        phone.page.get_by_text("Step by step").click()
        phone.page.get_by_role("button", name="Forget this registry").click()
        phone.page.wait_for_function(f"() => ({DONE})() && !document.querySelector('.above')")
        assert phone.data("status") == "genuine"
    assert not [line for line in phone.complaints if "Content Security Policy" in line]


def test_a_fork_is_not_hidden_by_tiles_that_the_browser_kept(
    phone: Phone, stage: PhoneStage, template: Settings, tmp_path: Path
) -> None:
    for turn, count in enumerate((300, 310)):
        with running_registry(template, tmp_path / str(turn)) as workshop:
            acme = workshop.admit("acme", "69012345")
            batch = workshop.issue(acme, 1)
            log_batches(workshop, acme, range(2 + turn, count))  # so that both histories have a full tile
            stage.show(workshop)
            phone.open(batch.codes[0])
            assert phone.data("reason") == ("genuine", "ledger_forked")[turn]


def test_a_ledger_that_grew_honestly_is_linked_to_what_the_phone_saw(
    phone: Phone, stage: PhoneStage, twin: OpenRegistry
) -> None:
    with twin() as workshop:
        acme = workshop.admit("acme", "69012345")
        batch = workshop.issue(acme, 1)
        stage.show(workshop)
        phone.open(batch.codes[0])
        for number in range(2, 12):
            workshop.issue(acme, number, upload=False)
        stage.asked.clear()
        phone.open(batch.codes[0])
        assert (phone.data("status"), phone.data("versus")) == ("genuine", "agrees")
        assert any(path.startswith("/ledger/tile/0/000") for path in stage.asked), "consistency from the tiles"
        assert phone.memory is not None
        assert {tree["size"] for tree in phone.memory["trees"]} == {"13"}  # type: ignore[attr-defined]


def test_a_snapshot_that_is_older_than_the_proof_is_linked_by_the_phone_itself(
    phone: Phone, stage: PhoneStage, twin: OpenRegistry
) -> None:
    with twin() as workshop:
        acme = workshop.admit("acme", "69012345")
        first = workshop.issue(acme, 1)
        old = workshop.registry.service.snapshot_for_gtin(acme.gtin())
        workshop.issue(acme, 2)
        stage.show(workshop)
        stage.changes["/ledger/snapshot/"] = lambda body: old
        phone.open(first.codes[0])
        assert (phone.data("status"), phone.step(5)) == ("genuine", "passed")


def test_an_older_snapshot_than_last_time_is_refused_although_it_is_signed_and_current(
    phone: Phone, stage: PhoneStage, twin: OpenRegistry
) -> None:
    with twin() as workshop:
        acme = workshop.admit("acme", "69012345")
        batch = workshop.issue(acme, 1)
        old = workshop.registry.service.snapshot_for_gtin(acme.gtin())
        workshop.issue(acme, 2)
        stage.show(workshop)
        phone.open(batch.codes[0])
        assert phone.data("status") == "genuine"
        notice = workshop.notice(acme, lot="L1")
        workshop.say(RecallPublished(workshop.header("acme"), "acme/1", notice), acme.key)
        stage.changes["/ledger/snapshot/"] = lambda body: old
        stage.checker.lie = (Status.GENUINE, "genuine")
        phone.open(batch.codes[0])
        assert (phone.data("status"), phone.data("reason")) == ("cannot_tell", "ledger_went_back")
        assert phone.is_above


def test_another_ledger_key_is_an_alarm_and_not_an_update(
    phone: Phone, shop: Shop, stage: PhoneStage, tmp_path: Path
) -> None:
    phone.open(shop.codes["genuine"])
    with running_registry(make_template(tmp_path / "keys"), tmp_path / "other") as other:
        batch = other.issue(other.admit("acme", "69012345"), 1)
        stage.show(other)
        phone.open(batch.codes[0])
        assert (phone.server_says, phone.data("status")) == ("genuine", "cannot_tell")
        assert phone.said("title") == "The ledger's key has changed"
        assert phone.is_above
        phone.page.get_by_text("Read the notes").click()
        assert phone.said("papers").count("log id.example.cn/ledger+") == 2


def test_two_histories_within_one_visit_are_a_fork_too(
    phone: Phone, shop: Shop, stage: PhoneStage, twin: OpenRegistry
) -> None:
    with twin() as other:
        acme = other.admit("acme", "69012345")
        other.issue(acme, 1)
        forked = other.registry.service.checkpoint()
        stage.changes["/ledger/checkpoint"] = lambda body: forked
        tile, entries = (other.registry.service.read_tile_path(f"tile/{kind}/000.p/3") for kind in ("0", "entries"))
        stage.changes["/ledger/tile/0/000.p/3"] = lambda body: tile
        stage.changes["/ledger/tile/entries/000.p/3"] = lambda body: entries
        phone.open(shop.codes["genuine"])
    assert (phone.data("status"), phone.data("reason")) == ("cannot_tell", "ledger_forked")
    assert phone.memory is None


def test_a_browser_that_keeps_nothing_says_so_and_checks_all_the_same(phone: Phone, shop: Shop) -> None:
    phone.page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })")
    phone.open(shop.codes["genuine"])
    assert phone.data("status") == "genuine"
    assert "Nothing is remembered" in phone.row("memory")


@pytest.mark.parametrize(("width", "language"), [(390, "zh"), (390, "en"), (1280, "zh"), (195, "en")])
@pytest.mark.parametrize("lie", [None, (Status.GENUINE, "genuine")])
def test_the_block_fits_every_width_and_can_be_worked_by_keyboard(
    browser: Browser, stage: PhoneStage, shop: Shop, width: int, language: str, lie: tuple[Status, str] | None
) -> None:
    stage.checker.lie = lie
    phone = open_phone(browser, stage, viewport={"width": width, "height": 844})
    page = phone.open(shop.codes["recalled"], language=language)
    heading = page.locator("#phone summary", has=page.locator("[data-part=count]"))
    heading.focus()
    page.keyboard.press("Enter")
    assert page.locator("#phone .steps").is_visible()
    assert page.evaluate(OVERFLOW) <= 0
    small = """() => [...document.querySelectorAll('#phone a, #phone button, #phone summary')]
        .map((e) => e.getBoundingClientRect()).filter(({ width, height }) => width > 0 && height < 43.5).length"""
    assert page.evaluate(small) == 0
    assert page.locator("#phone [role=status]").get_attribute("aria-live") == "polite"
    phone.context.close()
