# SPDX-License-Identifier: Apache-2.0
"""Chromium and Python agree: the same modules and vectors in a real browser, under a strict Content-Security-Policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.static.reports import FILES, check_report
from tests.support.browser import open_browser
from tests.support.module_files import ModuleFiles, serve_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

RUN_VECTORS = """async (names) => {
    const { runVectors } = await import("/tests/static/vector_ops.mjs");
    const read = async (name) => [name, await (await fetch(`/tests/vectors/${name}`)).json()];
    return runVectors(Object.fromEntries(await Promise.all(names.map(read))));
}"""
CHECK_ONE = """async (input) => {
    const { giveVerdict } = await import("/tests/static/vector_ops.mjs");
    const { currentBackend } = await import("/verifier/static/verifier/ed25519.mjs");
    const { status, reason } = await giveVerdict(input);
    return { status, reason, backend: await currentBackend() };
}"""
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def files() -> type[ModuleFiles]:
    return type("TheseFiles", (ModuleFiles,), {"asked": []})


@pytest.fixture
def page(browser: Browser, files: type[ModuleFiles]) -> Iterator[Page]:
    with serve_modules(files) as url:
        page = browser.new_page(base_url=url)
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        yield page
        page.close()


def case(name: str) -> dict[str, Any]:
    return next(given["input"] for given in FILES["verdict.json"]["cases"] if given["name"] == name)


def vendored(files: type[ModuleFiles]) -> list[str]:
    return [path for path in files.asked if "/vendor/" in path]


def test_chromium_gives_the_same_answer_to_every_vector_with_both_back_ends(page: Page) -> None:
    page.goto("/")
    check_report(page.evaluate(RUN_VECTORS, list(FILES)), backends=["webcrypto", "noble"])


def test_a_browser_that_has_ed25519_does_not_load_the_vendored_one(page: Page, files: type[ModuleFiles]) -> None:
    page.goto("/")
    answer = page.evaluate(CHECK_ONE, case("genuine-version-1"))
    assert answer == {"status": "genuine", "reason": "genuine", "backend": "webcrypto"}
    assert vendored(files) == []


@pytest.mark.parametrize("name", ["genuine-version-1", "genuine-version-2"])
def test_an_old_browser_without_ed25519_gives_the_same_verdict(page: Page, files: type[ModuleFiles], name: str) -> None:
    page.add_init_script(FORGET_ED25519)
    page.goto("/")
    answer = page.evaluate(CHECK_ONE, case(name))
    assert answer == {"status": "genuine", "reason": "genuine", "backend": "noble"}
    assert vendored(files) == ["/verifier/static/vendor/noble-ed25519.mjs"]


def test_an_old_browser_that_cannot_load_ed25519_never_calls_a_code_forged(
    page: Page, files: type[ModuleFiles]
) -> None:
    files.refused = frozenset({"/verifier/static/vendor/noble-ed25519.mjs"})
    page.add_init_script(FORGET_ED25519)
    page.goto("/")
    answer = page.evaluate(
        """async ({ code, policy, now }) => {
            const load = (name) => import(`/verifier/static/verifier/${name}.mjs`);
            const [{ verify }, { parsePolicy }, { parseProductCode }, { parsePublicKey }] = await Promise.all(
                ["verify", "policy", "product_code", "keys"].map(load),
            );
            // A trust list that knows some key of the right hint: the signature is what cannot be checked.
            const { seal } = parseProductCode(code);
            const raw = Uint8Array.from(atob("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="), (c) => c.charCodeAt(0));
            const publicKey = { ...(await parsePublicKey(raw)), hint: seal.keyHint };
            const issuer = { id: "acme", findKeyByHint: () => ({ publicKey }) };
            const dates = { asOfAt: new Date(0), nextUpdateAt: new Date(9e12) };
            const snapshot = { ...dates, shard: null, findIssuerOfGtin: () => issuer };
            const trust = { policy: await parsePolicy(new TextEncoder().encode(policy)), snapshot };
            const { status, reason } = await verify(code, { trust, ledger: null, now: new Date(now) });
            return { status, reason };
        }""",
        case("genuine-version-1"),
    )
    assert answer == {"status": "cannot_tell", "reason": "no_ed25519"}
