# SPDX-License-Identifier: Apache-2.0
"""JSON and TOML files that a person writes: read strictly into strings, integers, booleans, arrays and objects.

RFC 8259, TOML 1.0.
"""

from __future__ import annotations

import json
import tomllib
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from passport.domain.maker_errors import BadInput
from verifier.protocol.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from verifier.protocol.encoding import JsonValue

T = TypeVar("T")
MAX_FILE_SIZE = 1 << 20


def read_input(path: Path, *, max_size: int = MAX_FILE_SIZE) -> bytes:
    """The file's bytes. Raises BadInput("file_missing" | "file_unreadable" | "file_too_large")."""
    try:
        with path.open("rb") as file:
            data = file.read(max_size + 1)
    except FileNotFoundError:
        raise BadInput("file_missing", f"There is no file {path}.") from None
    except OSError as error:
        raise BadInput("file_unreadable", f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > max_size:
        raise BadInput("file_too_large", f"{path} is larger than {max_size} bytes.")
    return data


def load_input(path: Path) -> JsonValue:
    """The value in a .json or .toml file. TOML dates become YYYY-MM-DD. Raises BadInput."""
    data = read_input(path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadInput("not_utf8", f"{path}, line {line}: this is not UTF-8.") from None
    try:
        return _plain(tomllib.loads(text) if path.suffix == ".toml" else _load_json(text), str(path))
    except json.JSONDecodeError as error:
        raise BadInput("bad_json", f"{path}, line {error.lineno}: this is not JSON ({error.msg}).") from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput("bad_toml", f"{path}: this is not TOML: {error}.") from None
    except RecursionError:
        raise BadInput("too_deep", f"{path}: arrays and objects nest too deeply.") from None


def parse_input(path: Path, parse: Callable[[JsonValue], T]) -> T:
    """`parse` applied to the file's value; its Malformed becomes a BadInput that names the file."""
    value = load_input(path)
    try:
        return parse(value)
    except Malformed as error:
        raise BadInput(error.code, f"{path}: {error}") from error


def _load_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise json.JSONDecodeError(f"the name {twice[:40]!r} stands twice in one object", "", 0)
    return value


def _refuse_constant(text: str) -> NoReturn:
    raise json.JSONDecodeError(f"{text} is not a number of JSON", "", 0)


def _plain(value: Any, where: str) -> JsonValue:
    match value:
        case dict():
            return {str(name): _plain(item, where) for name, item in value.items()}
        case list():
            return [_plain(item, where) for item in value]
        case str():
            # Half a surrogate pair passes through JSON escapes and cannot be written as UTF-8 again.
            if not value.isprintable() and any("\ud800" <= character <= "\udfff" for character in value):
                raise BadInput("bad_text", f"{where}: a string holds half of a surrogate pair.")
            return value
        case bool() | int():
            return value
        case float():
            # A float has no one spelling to sign; the decimal text has.
            raise BadInput("number_not_whole", f'{where}: write {value} in quotes, as "{value}".')
        case datetime() | time():
            raise BadInput("bad_date", f"{where}: dates here have no time of day.")
        case date():
            return value.isoformat()
    raise BadInput("wrong_type", f"{where}: null and the like are not used here; leave the member out.")
