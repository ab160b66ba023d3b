# SPDX-License-Identifier: Apache-2.0
"""What every command has in hand: exit codes, language, output for people or for programs, and the hour."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path

from verifier.commands.state import StateDirectory
from verifier.fetch import Fetcher, printable
from verifier.protocol.encoding import JsonValue, encode_canonical_json
from verifier.protocol.errors import Malformed, VerifierError
from verifier.protocol.fields import Text
from verifier.protocol.policy import MAX_POLICY_SIZE, TlogPolicy, parse_policy
from verifier.verdict import Outcome

LANGUAGES = ("zh", "en")
_LONG = 4000  # characters of one text of a notice that are shown
_COLOURS = {"red": "31", "amber": "33", "green": "32", "grey": "90"}
_MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.UNKNOWN: "?", Outcome.SKIPPED: "·"}


class Exit(IntEnum):
    """What a command ends with. Scripts rely on these numbers."""

    OK = 0
    NOT_GENUINE = 1
    USAGE = 2
    CANNOT_TELL = 3
    LEDGER_FAILED = 4


class UsageError(Malformed):
    """An argument or a file of the user's own is wrong; the message says which and what to do."""

    def __init__(self, message: str, code: str = "usage") -> None:
        super().__init__(code, message)


@dataclass(frozen=True, slots=True)
class Context:
    """`now` is read once per command. `state` is None with --no-state."""

    language: str
    is_json: bool
    now: datetime
    fetcher: Fetcher
    allow_http: bool
    state: StateDirectory | None

    def words(self, text: Text) -> str:
        """One text in the user's language, safe for a terminal: it may come from a stranger."""
        return printable(text.zh if self.language == "zh" else text.en, maximum=_LONG)

    def pick(self, zh: str, en: str) -> str:
        """One of our own sentences."""
        return zh if self.language == "zh" else en

    def line(self, text: str = "") -> None:
        """One line for people."""
        print(text, file=sys.stdout)

    def heading(self, mark: str, text: str, colour: str) -> None:
        """The first line of an answer; in colour on a terminal alone, unless NO_COLOR is set."""
        shown = f"{mark} {text}"
        if sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
            shown = f"\x1b[1;{_COLOURS[colour]}m{shown}\x1b[0m"
        self.line(shown)

    def note(self, text: str) -> None:
        """A remark beside the answer, on standard error."""
        print(text, file=sys.stderr)

    def json(self, value: dict[str, JsonValue]) -> None:
        """The answer for programs: one object on one line."""
        self.line(encode_canonical_json(value).decode())


def mark_of(outcome: Outcome) -> str:
    """The sign for what became of a step."""
    return _MARKS[outcome]


def error_json(error: VerifierError) -> dict[str, JsonValue]:
    """An error for programs."""
    return {"code": error.code, "message": str(error)}


def default_language() -> str:
    """zh or en, from LC_ALL, LC_MESSAGES and LANG, the first that is set (POSIX)."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.startswith("zh") else "en"
    return "en"


def home_directory(variable: str, fallback: str) -> Path:
    """A directory of the XDG Base Directory Specification: the variable if it is an absolute path, else below home."""
    value = os.environ.get(variable, "")
    base = Path(value) if value.startswith("/") else Path.home() / fallback
    return base / "product-passport"


def default_policy_path() -> Path:
    """Where `verifier policy --save` puts the policy, and where the other commands look for it."""
    return home_directory("XDG_CONFIG_HOME", ".config") / "policy.txt"


def load_policy(given: str | None) -> TlogPolicy:
    """The policy file that was given, or the one that was saved. Raises UsageError."""
    path = Path(given) if given is not None else default_policy_path()
    try:
        data = read_file(path, MAX_POLICY_SIZE)
    except FileNotFoundError:
        hint = "Give --policy FILE, or fetch a registry's policy once with: verifier policy URL --save"
        raise UsageError(f"There is no policy file {path}. {hint}", "no_policy") from None
    try:
        return parse_policy(data)
    except Malformed as error:
        raise UsageError(f"{path}: {error}", error.code) from error


def read_file(path: Path, max_size: int) -> bytes:
    """A whole file of the user's, of at most `max_size` bytes. Raises UsageError; FileNotFoundError passes through."""
    try:
        with path.open("rb") as file:
            data = file.read(max_size + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > max_size:
        raise UsageError(f"{path} is longer than {max_size} bytes.")
    return data
