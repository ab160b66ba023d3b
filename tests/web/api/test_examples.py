# SPDX-License-Identifier: Apache-2.0
"""The curl example of each call, run as it stands against a real server."""

from __future__ import annotations

import os
import subprocess

import pytest

from passport.web.app import create_app
from tests.support.fake_registry import FakeChecker, FakeRegistry
from tests.support.live_registry import Live
from verifier.web.api.operations import routes_of

OPERATIONS = {route.operation.name: route.operation for route in routes_of(create_app(FakeRegistry(), FakeChecker()))}


@pytest.mark.xdist_group("live_api")
@pytest.mark.parametrize("name", OPERATIONS)
def test_the_example_of_each_call_works_as_it_stands(live: Live, name: str) -> None:
    script = f"set -eu\n{OPERATIONS[name].example}"
    done = subprocess.run(
        ["sh", "-c", script],
        env={"PATH": os.environ["PATH"], **live.variables},
        cwd=live.folder,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, (script, done.stdout[-2000:], done.stderr[-2000:])


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_example_has_at_most_ten_lines_and_calls_curl_on_the_operations_own_path(name: str) -> None:
    example = OPERATIONS[name].example
    assert len(example.splitlines()) <= 10
    assert "curl --fail-with-body" in example
    assert "$REGISTRY/" in example


def test_an_example_that_fails_is_noticed(live: Live) -> None:
    variables = live.variables | {"CODE": live.codes[7].replace("/21/", "/21/X")}
    script = f"set -eu\n{OPERATIONS['fetch_proof'].example}"
    environment = {"PATH": os.environ["PATH"], **variables}
    done = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, timeout=60, check=False)
    assert done.returncode != 0
