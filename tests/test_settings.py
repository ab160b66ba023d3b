# SPDX-License-Identifier: Apache-2.0
"""Settings of a registry: what is written is read back, and every mistake is named with its file."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passport.settings import FILE_NAME, BadSettings, Settings, load_settings, origin_of

GOOD = """
origin = "id.example.cn/ledger"
base_url = "https://id.example.cn"
name_zh = "登记处"
name_en = "Registry"
"""
BASE = Settings(Path("/srv/registry"), "id.example.cn/ledger", "https://id.example.cn", "登记处", "Registry")


def load(directory: Path, content: str | bytes) -> Settings:
    data = content.encode() if isinstance(content, str) else content
    (directory / FILE_NAME).write_bytes(data)
    return load_settings(directory)


def mistake(directory: Path, content: str | bytes) -> BadSettings:
    with pytest.raises(BadSettings) as caught:
        load(directory, content)
    assert FILE_NAME in str(caught.value)
    return caught.value


def test_four_settings_are_enough_and_the_rest_has_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD) == replace(BASE, directory=tmp_path)


@pytest.mark.parametrize("name", ["origin", "base_url", "name_zh", "name_en"])
def test_a_missing_setting_is_named(tmp_path: Path, name: str) -> None:
    lines = [line for line in GOOD.splitlines() if not line.startswith(name)]
    error = mistake(tmp_path, "\n".join(lines))
    assert error.code == "missing_setting" and name in str(error)


def test_an_unknown_setting_is_refused_and_the_known_ones_listed(tmp_path: Path) -> None:
    error = mistake(tmp_path, GOOD + "colour = 'red'\n")
    assert error.code == "unknown_setting"
    assert "colour" in str(error) and "snapshot_refresh_seconds" in str(error)
    assert mistake(tmp_path, GOOD + "directory = '/'\n").code == "unknown_setting"


@pytest.mark.parametrize(
    "line",
    [
        "threads = 0",
        "threads = -1",
        "threads = true",
        "threads = 1.5",
        "threads = '8'",
        "listen = 8080",
        "trusted_hosts = 'a'",
        "trusted_hosts = [1]",
        "snapshot_lifetime_seconds = 0",
        "snapshot_refresh_seconds = []",
        "database_url = false",
    ],
)
def test_a_value_of_the_wrong_kind_is_named(tmp_path: Path, line: str) -> None:
    error = mistake(tmp_path, GOOD + line + "\n")
    assert error.code == "bad_setting" and line.partition(" ")[0] in str(error)


@pytest.mark.parametrize("content", ["origin =", b"\xff\xfe", GOOD + GOOD, 'a = "x\ny"', "\x00"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: str | bytes) -> None:
    assert mistake(tmp_path, content).code == "bad_settings"


def test_a_directory_without_settings_gets_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="passport registry init") as caught:
        load_settings(tmp_path)
    assert (caught.value.code, caught.value.exit_code) == ("no_settings", 3)
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(BadSettings):
        load_settings(tmp_path)


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(texts, min_size=5, max_size=5), st.lists(texts, max_size=3), st.integers(1, 10**9))
def test_whatever_is_written_is_read_back(tmp_path: Path, words: list[str], hosts: list[str], number: int) -> None:
    made = replace(
        BASE,
        directory=tmp_path,
        name_zh=words[0],
        name_en=words[1],
        database_url=words[2],
        listen=words[3],
        origin=words[4],
        trusted_hosts=tuple(hosts),
        threads=number,
    )
    assert load(tmp_path, made.to_toml()) == made


def test_every_setting_stands_in_the_written_file() -> None:
    text = BASE.to_toml()
    assert [field.name for field in fields(BASE) if f"\n{field.name} = " not in text] == ["directory"]


@pytest.mark.parametrize(
    ("base_url", "origin"),
    [
        ("https://id.example.cn", "id.example.cn/ledger"),
        ("https://id.example.cn/", "id.example.cn/ledger"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080/ledger"),
        ("https://example.cn/passport/", "example.cn/passport/ledger"),
        ("http://[::1]:80", "[::1]:80/ledger"),
    ],
)
def test_the_origin_is_the_schemeless_prefix_of_the_ledger(base_url: str, origin: str) -> None:
    assert origin_of(base_url) == origin


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "id.example.cn",
        "ftp://id.example.cn",
        "https://",
        "https://user@id.example.cn",
        "https://id.example.cn?x=1",
        "https://id.example.cn#x",
        "https://[::1",
        "https://id example.cn",
        "https://id.example.cn/a+b",
    ],
)
def test_what_is_no_base_url_is_refused(base_url: str) -> None:
    with pytest.raises(BadSettings) as caught:
        origin_of(base_url)
    assert caught.value.code == "bad_base_url"


def test_everything_of_a_registry_lies_in_its_directory() -> None:
    places = (BASE.keys, BASE.data, BASE.public, BASE.high_water, BASE.policy)
    assert all(place.is_relative_to(BASE.directory) for place in places)
    assert BASE.effective_database_url == "sqlite:////srv/registry/data/passport.sqlite3"
    assert replace(BASE, database_url="postgresql://x/y").effective_database_url == "postgresql://x/y"
    assert BASE.host == "id.example.cn"
    assert (BASE.snapshot_lifetime, BASE.snapshot_refresh) == (timedelta(days=1), timedelta(minutes=1))
