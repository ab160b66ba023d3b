# SPDX-License-Identifier: Apache-2.0
"""What an operator sets: `registry.toml` in the directory of the registry. Unknown names are refused."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from passport.domain.errors import PassportError
from passport.domain.public_addresses import parse_networks
from verifier.protocol.errors import Malformed
from verifier.protocol.note import is_key_name

FILE_NAME = "registry.toml"


class BadSettings(PassportError):
    """`registry.toml` is missing, cannot be read, or says something that is not understood."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one registry; docs/operations.md explains each.

    `base_url` is where the public reaches it, without a slash at the end. `origin` is the ledger's: the schemeless URL
    prefix of `/ledger`, fixed for ever by the first entry.
    """

    directory: Path
    origin: str
    base_url: str
    name_zh: str
    name_en: str
    database_url: str = ""  # empty: SQLite in the directory
    listen: str = "127.0.0.1:8080"
    threads: int = 32
    trusted_hosts: tuple[str, ...] = ()
    snapshot_lifetime_seconds: int = 86_400
    snapshot_refresh_seconds: int = 60
    cosignature_refresh_seconds: int = 600
    rate_limit_api_per_minute: int = 1_200
    rate_limit_uploads_per_minute: int = 12_000
    rate_limit_pages_per_minute: int = 30_000
    proxies: int = 0  # trusted proxies in front of the server
    province_header: str = ""  # in which the proxy says the client's province
    province_table: str = ""  # a CSV file network,province; relative to the directory
    webhook_allow_networks: tuple[str, ...] = ()  # private networks that webhooks may go to
    webhook_allow_ports: tuple[int, ...] = ()  # beside 443

    @property
    def keys(self) -> Path:
        return self.directory / "keys"

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def public(self) -> Path:
        """The exported ledger, for any static web server."""
        return self.directory / "public" / "ledger"

    @property
    def high_water(self) -> Path:
        return self.directory / "high-water" / "ledger.json"

    @property
    def policy(self) -> Path:
        return self.directory / "policy.txt"

    @property
    def effective_checks_url(self) -> str:
        """Counts of checks have a SQLite file of their own, so that they never hold up the ledger's writer."""
        return self.database_url or f"sqlite:///{(self.data / 'checks.sqlite3').absolute()}"

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{(self.data / 'passport.sqlite3').absolute()}"

    @property
    def host(self) -> str:
        """Host and port of `base_url`, as they stand in codes."""
        return urlsplit(self.base_url).netloc

    @property
    def snapshot_lifetime(self) -> timedelta:
        return timedelta(seconds=self.snapshot_lifetime_seconds)

    @property
    def snapshot_refresh(self) -> timedelta:
        return timedelta(seconds=self.snapshot_refresh_seconds)

    def to_toml(self) -> str:
        """The file's text."""
        lines = ["# Settings of this registry: see docs/operations.md. `origin` and `base_url` never change.", ""]
        for field in fields(self):
            if field.name != "directory":
                lines.append(f"{field.name} = {_toml(getattr(self, field.name))}")
        return "\n".join(lines) + "\n"


def origin_of(base_url: str) -> str:
    """The origin of the ledger at a base URL: no scheme, then /ledger (C2SP tlog-tiles, Parameters)."""
    try:
        parts = urlsplit(base_url)
    except ValueError:  # half of an IPv6 address
        parts = urlsplit("")
    origin = f"{parts.netloc}{parts.path.rstrip('/')}/ledger"
    if (
        parts.scheme not in ("https", "http")
        or not parts.netloc
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
        or not is_key_name(origin)  # the ledger's key bears this name
    ):
        raise BadSettings("bad_base_url", f"{base_url!r} is not a base URL such as https://id.example.cn")
    return origin


def load_settings(directory: Path) -> Settings:
    """Reads DIR/registry.toml. Raises BadSettings, naming the line of thought and the remedy."""
    path = directory / FILE_NAME
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadSettings(
            "no_settings", f"{path} is missing: is {directory} a registry? Make one with 'passport registry init'."
        ) from error
    except (OSError, ValueError) as error:
        raise BadSettings("bad_settings", f"{path} cannot be read: {error}") from error
    kinds = {field.name: field.type for field in fields(Settings) if field.name != "directory"}
    for name, value in values.items():
        if name not in kinds:
            raise BadSettings(
                "unknown_setting", f"{path}: {name} is not a setting; known are {', '.join(sorted(kinds))}"
            )
        values[name] = _check(path, name, kinds[name], value)
    try:
        parse_networks(values.get("webhook_allow_networks", ()))
    except Malformed as error:
        raise BadSettings(error.code, f"{path}: webhook_allow_networks: {error}") from error
    missing = {"origin", "base_url", "name_zh", "name_en"} - set(values)
    if missing:
        raise BadSettings("missing_setting", f"{path}: {', '.join(sorted(missing))} must be set")
    return Settings(directory=directory, **values)


def _check(path: Path, name: str, kind: object, value: Any) -> Any:
    if kind == "str" and isinstance(value, str):
        return value
    least = 0 if name == "proxies" else 1
    if kind == "int" and isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return value
    if kind == "tuple[str, ...]" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if kind == "tuple[int, ...]" and isinstance(value, list) and all(_is_port(item) for item in value):
        return tuple(value)
    raise BadSettings("bad_setting", f"{path}: {name} has a value of the wrong kind")


def _is_port(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65_536


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, int):
        return str(value)
    # A JSON string is a TOML string, once DEL is escaped too.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
