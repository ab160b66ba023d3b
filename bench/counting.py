# SPDX-License-Identifier: Apache-2.0
"""What does counting cost a check? The same checks with and without it, in turns, while the counts are written.

Run: python bench/counting.py. In one process, with the database on disk and the writer at work; about 20 s.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.checking import PASSPHRASE, Bench, in_turns, make_bench
from passport.bootstrap import Registry, start_registry
from verifier.verdict import Verdict
from verifier.web.counts import PlatformChecker
from verifier.web.ports import Checker, Visit


def check_all(checker: Checker, codes: list[str]) -> int:
    """The verdicts of an API call."""
    for code in codes:
        checker.check(code)
    return len(codes)


def visit_all(registry: Registry, codes: list[str], turn: list[int]) -> int:
    """What the check page does beside its verdict: count a new visitor, then read the code's row."""
    turn[0] += 1
    visit = Visit(f"192.0.2.{turn[0] % 250}", f"browser {turn[0]}", "44")
    for code in codes:
        verdict = registry.checker.check(code)
        registry.recorder.record(verdict, visit)
        registry.recorder.find_count(verdict, visit)
    return len(codes)


def record_all(registry: Registry, verdicts: list[Verdict], turn: list[int]) -> int:
    """Noting alone."""
    turn[0] += 1
    visit = Visit(f"192.0.2.{turn[0] % 250}", f"browser {turn[0]}", "44")
    for verdict in verdicts:
        registry.recorder.record(verdict, visit)
    return len(verdicts)


def run(bench: Bench) -> None:
    """Prints the table."""
    registry = start_registry(bench.settings, PASSPHRASE)
    try:
        registry.views.wait_for_size(3, 10)
        urls, turn = bench.urls, [0]
        verdicts = [registry.checker.check(url) for url in urls]
        counted = PlatformChecker(registry.checker, registry.recorder)
        bare, api, page, noting = in_turns(
            partial(check_all, registry.checker, urls),
            partial(check_all, counted, urls),
            partial(visit_all, registry, urls, turn),
            partial(record_all, registry, verdicts, turn),
        )
    finally:
        registry.stop()
    print(f"{'a second':<60}{'checks':>10}{'of bare':>9}")
    print(f"{'verify() without counting':<60}{bare:>10,.0f}{1:>9.0%}")
    print(f"{'verify() counted as a platform scan, being written':<60}{api:>10,.0f}{api / bare:>9.0%}")
    print(f"{'verify(), a new session, and the row read for the page':<60}{page:>10,.0f}{page / bare:>9.0%}")
    print(f"\nnoting a new session: {1e6 / noting:.1f} µs; count and row of a page: {1e6 / page - 1e6 / bare:.0f} µs")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        run(make_bench(Path(name) / "registry", 8080))


if __name__ == "__main__":
    main()
