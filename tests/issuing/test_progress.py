# SPDX-License-Identifier: Apache-2.0
"""What a person, or a log, hears of a long command: how much, how fast, how long still."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from passport.commands import progress
from passport.commands.progress import BarReporter, LineReporter, make_reporter


def test_a_log_gets_plain_lines_with_rate_and_remaining_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_LINE_SECONDS", 0.05)
    with LineReporter() as reporter:
        reporter.start("sign", 100_000)
        time.sleep(0.1)
        reporter.advance(1000)
        reporter.start("write", 10)
        reporter.advance(10)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Signing codes: 1,000 of 100,000 (")
    assert " s left)" in lines[0]
    assert lines[-1].startswith("Writing code files: 10 of 10 (")


def test_quiet_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with make_reporter(quiet=True) as reporter:
        reporter.start("sign", 10)
        reporter.advance(10)
        reporter.say("something")
    assert capsys.readouterr().err == ""


def test_a_person_gets_a_bar_with_rate_and_remaining_time() -> None:
    screen = io.StringIO()
    with BarReporter(Console(file=screen, force_terminal=True, width=120)) as reporter:
        reporter.start("sign", 1000)
        for _ in range(6):
            reporter.advance(100)
            time.sleep(0.06)
        reporter.say("a word in between [with brackets]")
    shown = screen.getvalue()
    assert "Signing codes" in shown
    assert "600/1000" in shown
    assert "/s" in shown
    assert "0:00:0" in shown
    assert "[with brackets]" in shown


def test_a_stopped_bar_does_not_say_that_it_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = LineReporter()
    reporter.start("sign", 10)
    reporter.__exit__(KeyError, KeyError(), None)
    assert capsys.readouterr().err == ""
