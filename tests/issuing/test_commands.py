# SPDX-License-Identifier: Apache-2.0
"""The `passport` command as a person meets it: with a real registry, real files, and every kind of mistake."""

from __future__ import annotations

import importlib
import json
import re
import urllib.request
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from passport.cli import _VERIFIER_EXIT_CODES, COMMANDS, EXIT_FILE_ERROR, EXIT_INTERRUPTED, main
from passport.commands import issuer
from passport.domain.errors import PassportError
from passport.services import issuing
from passport.services.file_lock import hold_lock
from tests.issuing.kit import naive_root
from tests.support.registry_process import ROOT, RegistryProcess
from verifier.protocol.fields import Text
from verifier.protocol.merkle import leaf_hash
from verifier.protocol.product_code import parse_product_code

DOCUMENT = (ROOT / "docs" / "passport-command.md").read_text()
EXAMPLES = ROOT / "examples"
GTIN = "6972345000127"


def _commands() -> dict[str, click.Command]:
    """Every command by its full name."""
    found: dict[str, click.Command] = {}
    rest: list[tuple[str, click.Command]] = [("passport", main)]
    while rest:
        name, command = rest.pop()
        if isinstance(command, click.Group):
            context = click.Context(command)
            for child in command.list_commands(context):
                inner = command.get_command(context, child)
                assert inner is not None
                rest.append((f"{name} {child}", inner))
        else:
            found[name] = command
    return found


def _section(name: str) -> str:
    match = re.search(rf"^### `{re.escape(name)}(?: [^`]*)?`\n(.*?)(?=^##|\Z)", DOCUMENT, re.M | re.S)
    assert match is not None, f"docs/passport-command.md has no section on {name}"
    return match[1]


@pytest.mark.parametrize("name", sorted(_commands()))
def test_every_command_and_option_is_documented(name: str) -> None:
    shared = DOCUMENT.partition("## Options that many commands share")[2].partition("\n## ")[0]
    section = _section(name)
    for parameter in _commands()[name].params:
        if isinstance(parameter, click.Option):
            option = parameter.opts[0]
            assert re.search(rf"`{option}\b", section) or re.search(rf"`{option}\b", shared), f"{name} {option}"
        else:
            assert parameter.make_metavar(click.Context(_commands()[name])) in _heading(name)


def _heading(name: str) -> str:
    return next(line for line in DOCUMENT.splitlines() if line.startswith(f"### `{name}"))


def test_nothing_is_documented_that_is_not_there() -> None:
    known = _commands()
    heading = r"^### `(passport [a-z -]+?)(?: [A-Z\[][^`]*)?`\n(.*?)(?=^##|\Z)"
    for name, section in re.findall(heading, DOCUMENT, re.M | re.S):
        assert name in known, name
        options = {option for parameter in known[name].params for option in parameter.opts}
        for row in re.findall(r"^\| `(--[a-z-]+)", section, re.M):
            assert row in options, f"{name} {row}"


def test_every_exit_code_is_documented() -> None:
    codes = {EXIT_FILE_ERROR, EXIT_INTERRUPTED, *(code for _, code in _VERIFIER_EXIT_CODES)}
    rest = [PassportError]
    while rest:
        kind = rest.pop()
        codes.add(kind.exit_code)
        rest += kind.__subclasses__()
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", DOCUMENT, re.M)}
    assert codes <= documented


def test_help_of_every_command_can_be_shown() -> None:
    for name in _commands():
        result = CliRunner().invoke(main, [*name.split()[1:], "--help"])
        assert result.exit_code == 0, name
        assert "Usage:" in result.output
    assert set(COMMANDS) == set(main.list_commands(click.Context(main)))


@pytest.fixture(scope="module")
def key(registry_process: RegistryProcess) -> Path:
    return registry_process.admit("down-maker", EXAMPLES / "makers" / "down-jacket.toml")


@pytest.fixture
def maker(key: Path) -> dict[str, str]:
    return {"PASSPORT_KEY": str(key), "PASSPORT_ISSUER": "down-maker"}


@pytest.fixture
def at_the_makers(
    registry_process: RegistryProcess, maker: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """This process is at the maker's: its directory and environment."""
    monkeypatch.chdir(tmp_path)
    for name, value in (registry_process.environment | maker).items():
        monkeypatch.setenv(name, value)


def _verdict(registry: RegistryProcess, link: str) -> dict[str, object]:
    request = urllib.request.Request(
        registry.url + link.partition(str(registry.port))[2], headers={"Accept": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        value: dict[str, object] = json.loads(response.read())
        return value


def test_a_maker_publishes_issues_recalls_and_voids(
    registry_process: RegistryProcess, maker: dict[str, str], tmp_path: Path
) -> None:
    run = registry_process.must
    run(
        "product", "publish", str(EXAMPLES / "products" / "down-jacket.json"), "--out", str(tmp_path / "p.jwt"), **maker
    )
    assert (tmp_path / "p.jwt").read_bytes().count(b".") == 2
    out = tmp_path / "batch"
    serials = str(EXAMPLES / "serials.csv")
    order = (
        "issue",
        "--gtin",
        GTIN,
        "--lot",
        "YR1",
        "--serials",
        serials,
        "--labels",
        "svg",
        "--out",
        str(out),
        "--yes",
    )
    printed = run(*order, **maker)
    assert "20 codes" in printed
    assert run(*order, **maker) == printed
    links = [json.loads(line)["url"] for line in (out / "codes.ndjson").read_bytes().splitlines()]
    assert len(list((out / "labels-svg" / "00000").glob("*.svg"))) == len(links) == 20
    assert {_verdict(registry_process, link)["status"] for link in links} == {"genuine"}
    batch = str(parse_product_code(links[0]).seal.batch)
    scope = ("--gtin", GTIN, "--batch", batch, "--seqs", "5-9", "--except", f"seqs={batch}:7")
    words = [f"--{name}-{language}={name}" for name in ("title", "hazard", "remedy") for language in ("zh", "en")]
    notice = ("--number", "N1", "--severity", "high", "--action", "recall", "--phone", "400-000-0002", *words)
    printed = run("recall", "publish", *scope, *notice, "--yes", **maker)
    assert "Covers 4 items of 1 batches" in printed
    run("void", "--batch", batch, "--seqs", "0", "--reason-zh", "印错", "--reason-en", "misprint", "--yes", **maker)
    statuses = [_verdict(registry_process, link)["status"] for link in links]
    recalled = {seq for seq, status in enumerate(statuses) if status == "recalled"}
    assert (recalled, statuses[0]) == ({5, 6, 8, 9}, "void")
    run("recall", "revise", "down-maker/N1", "--severity", "low", "--yes", **maker)
    run("recall", "close", "down-maker/N1", "--reason-zh", "完", "--reason-en", "over", "--yes", **maker)
    assert _verdict(registry_process, links[5])["status"] == "genuine"


def test_a_sheet_reads_back_with_another_decoder(
    registry_process: RegistryProcess, maker: dict[str, str], tmp_path: Path
) -> None:
    zxingcpp, pdfium = importlib.import_module("zxingcpp"), importlib.import_module("pypdfium2")
    out = tmp_path / "batch"
    order = ("issue", "--gtin", GTIN, "--lot", "SHEET", "--count", "30", "--labels", "pdf", "--out", str(out), "--yes")
    registry_process.must(*order, **maker)
    texts = [json.loads(line)["qr_text"] for line in (out / "codes.ndjson").read_bytes().splitlines()]
    page = pdfium.PdfDocument(out / "labels.pdf")[0].render(scale=300 / 72).to_pil()
    assert sorted(found.text for found in zxingcpp.read_barcodes(page)) == sorted(texts)


def test_png_labels_and_other_sizes_are_made_for_a_finished_batch(
    registry_process: RegistryProcess, maker: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "batch"
    order = ("issue", "--gtin", GTIN, "--lot", "PNG", "--count", "3", "--out", str(out), "--yes")
    registry_process.must(*order, **maker)
    registry_process.must(*order, "--labels", "png", **maker)
    assert sorted(path.name for path in (out / "labels-png" / "00000").iterdir()) == [f"{n:08d}.png" for n in range(3)]
    first = {}
    for size in ("25x30", "40x50"):
        registry_process.must(*order, "--labels", "pdf", "--label-mm", size, "--page", "letter", **maker)
        first[size] = (out / "labels.pdf").read_bytes()
    assert first["25x30"] != first["40x50"]
    codes = [parse_product_code(line.split(",")[4]) for line in (out / "codes.csv").read_text().splitlines()[1:]]
    assert naive_root([leaf_hash(code.item_leaf) for code in codes]).hex() in (out / "batch.json").read_text()


MISTAKES = [
    (("issue", "--gtin", "6972345000128", "--lot", "L", "--count", "1"), 2, "check digit"),
    (("issue", "--gtin", GTIN, "--lot", "L"), 2, "--count"),
    (("issue", "--gtin", GTIN, "--lot", "L", "--count", "0"), 2, "0"),
    (("issue", "--gtin", GTIN, "--lot", "a b", "--count", "1"), 2, "lot"),
    (("issue", "--gtin", GTIN, "--lot", "L", "--count", "1", "--production-date", "2026-02-30"), 2, "date"),
    (
        ("issue", "--gtin", GTIN, "--lot", "L", "--count", "1", "--labels", "pdf", "--label-mm", "1x1"),
        3,
        "bad_label_size",
    ),
    (
        ("issue", "--gtin", GTIN, "--lot", "L", "--count", "1", "--labels", "pdf", "--label-mm", "١x1"),
        2,
        "WIDTHxHEIGHT",
    ),
    (("issue", "--gtin", GTIN, "--lot", "L", "--serials", "/nowhere.csv"), 3, "file_missing"),
    (("issue", "--gtin", "6901234567892", "--lot", "L", "--count", "1"), 4, "prefix_not_yours"),
    (("issue", "--gtin", GTIN, "--lot", "L", "--count", "40000000"), 3, "wrong_count"),
    (("issue", "--gtin", GTIN, "--lot", "L", "--count", "1", "--out", "/proc/nowhere"), 8, "file_error"),
    (("issue", "--gtin", GTIN, "--lot", "L", "--discard", "--out", "empty"), 6, "nothing_to_discard"),
    (("issue", "--gtin", GTIN, "--lot", "L", "--count", "1", "--registry", "http://127.0.0.1:1/x y"), 3, "bad_url"),
    (("issue", "--gtin", GTIN, "--lot", "L", "--count", "1", "--issuer", "nobody"), 4, "unknown_issuer"),
    (("issue", "--gtin", GTIN, "--lot", "L", "--count", "1", "--key", "/nowhere.key"), 1, "key_file_missing"),
    (("product", "publish", "/nowhere.json"), 3, "file_missing"),
    (("product", "publish", str(EXAMPLES / "products" / "power-bank.json")), 4, "prefix_not_yours"),
    (("recall", "publish", "--yes"), 3, "missing_member"),
    (("recall", "publish", str(EXAMPLES / "recall-power-bank.toml"), "--yes"), 4, "prefix_not_yours"),
    (("recall", "publish", "--lot", "L"), 2, "--gtin"),
    (("recall", "publish", "--gtin", GTIN, "--seqs", "1-2"), 2, "--batch"),
    (("recall", "publish", "--gtin", GTIN, "--except", "what"), 2, "exception"),
    (("recall", "close", "down-maker/none", "--reason-zh", "x", "--reason-en", "x"), 4, "unknown_recall"),
    (("void", "--batch", "999999", "--seqs", "0", "--reason-zh", "x", "--reason-en", "x", "--yes"), 4, "unknown_batch"),
    (("void", "--batch", "0", "--seqs", "0", "--reason-zh", "x", "--reason-en", "x"), 7, "not_confirmed"),
    (("key", "show", "/nowhere.key"), 1, "key_file_missing"),
    (("key", "revoke", "ABC", "--reason", "x", "--yes"), 3, "bad_hex"),
    (("issuer", "show", "Bad_Id"), 2, "issuer id"),
    (("issuer", "show", "nobody"), 4, "unknown_issuer"),
    (("nonsense",), 2, "nonsense"),
]


@pytest.mark.usefixtures("at_the_makers")
@pytest.mark.parametrize(
    ("arguments", "exit_code", "word"), MISTAKES, ids=[" ".join(item[0])[:60] for item in MISTAKES]
)
def test_a_mistake_ends_with_a_message_and_its_exit_code(arguments: tuple[str, ...], exit_code: int, word: str) -> None:
    """In this process, to be quick: the whole command but for the interpreter's start."""
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == exit_code, result.output
    assert word in result.output
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)


def test_a_registry_that_does_not_answer_ends_with_5(maker: dict[str, str], registry_process: RegistryProcess) -> None:
    done = registry_process.run("issuer", "show", "down-maker", PASSPORT_REGISTRY="http://127.0.0.1:1", **maker)
    assert done.returncode == 5
    assert "[registry_unreachable]" in done.stderr


@pytest.mark.usefixtures("at_the_makers")
def test_a_second_run_on_the_same_directory_is_told_that_it_is_busy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(issuing, "_LOCK_WAIT_SECONDS", 0.2)
    order = ["issue", "--gtin", GTIN, "--lot", "BUSY", "--count", "1", "--out", str(tmp_path / "out")]
    with hold_lock(tmp_path / "out" / ".work" / "lock", wait_seconds=1, busy=""):
        result = CliRunner().invoke(main, order)
    assert (result.exit_code, "[busy]" in result.output) == (6, True)


def test_a_name_cannot_forge_the_operators_preview() -> None:
    forged = Text(zh="好米\nroles       manufacturer", en="Good Rice\x1b[8m")
    shown = issuer._names(forged)
    assert "\n" not in shown and "\x1b" not in shown
