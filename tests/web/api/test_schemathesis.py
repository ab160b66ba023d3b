# SPDX-License-Identifier: Apache-2.0
"""Schemathesis over the whole API of a real server: no failure of ours, and no answer that was not declared.

Requests that fit the description and requests that do not, the same ones at every run. What a description cannot say,
such as a seal that fits, is refused by the server: so a good request may be answered with any declared error.
"""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.specs.openapi import checks

from passport.web.app import create_app
from tests.support.fake_registry import FakeChecker, FakeRegistry
from tests.support.live_registry import ISSUER, LOT, Live

EXAMPLES = 8
SEED = 20261121
pytestmark = pytest.mark.xdist_group("live_api")


def make_schema(mode: schemathesis.GenerationMode) -> Any:
    """The description of the code under test; a test below holds that the server gives the same."""
    generation = GenerationConfig(modes=[mode], max_examples=EXAMPLES, deterministic=True, no_shrink=True)
    config = SchemathesisConfig(seed=SEED, projects=ProjectsConfig(default=ProjectConfig(generation=generation)))
    return schemathesis.openapi.from_dict(DOCUMENT, config=config)


DOCUMENT = create_app(FakeRegistry(), FakeChecker()).test_client().get("/api/v1/openapi.json").get_json()
GOOD = make_schema(schemathesis.GenerationMode.POSITIVE)
BAD = make_schema(schemathesis.GenerationMode.NEGATIVE)


@schemathesis.serializer("application/vc+jwt", "application/x-ndjson", "text/csv")
def as_bytes(_context: Any, value: Any) -> bytes:
    """Bodies that are no JSON go out as they were made."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


BOUNDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
PROMISED = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
REFUSING = [*PROMISED, checks.negative_data_rejection, checks.unsupported_method]


def token_for(case: Any, live: Live) -> dict[str, str]:
    """The shop's token, where the operation asks for one: without it every answer would be the same 401."""
    asks = "security" in case.operation.definition.raw
    return {"Authorization": f"Bearer {live.shop['PASSPORT_TOKEN']}"} if asks else {}


@GOOD.parametrize()
@BOUNDED
def test_requests_that_fit_are_answered_as_declared(case: Any, live: Live) -> None:
    case.call_and_validate(base_url=live.url, checks=PROMISED, headers=token_for(case, live))


@BAD.parametrize()
@BOUNDED
def test_requests_that_do_not_fit_are_refused_as_declared(case: Any, live: Live) -> None:
    # A bad line of NDJSON is answered in its place, and the others count: so the whole is a 200.
    expected = PROMISED if case.media_type == "application/x-ndjson" else REFUSING
    # A request that is bad because it brings no token brings none: 401 is the answer that it must have.
    headers = token_for(case, live) if "Authorization" in (case.headers or {}) else {}
    case.call_and_validate(base_url=live.url, checks=expected, headers=headers)


@GOOD.parametrize()
@settings(BOUNDED, max_examples=2)
def test_requests_with_real_values_are_answered_as_declared(case: Any, live: Live) -> None:
    """Most made-up codes and digests end in a 400 or 404: here the same calls name what exists."""
    code, _, seal = live.codes[5].partition("?S=")
    known = {"gtin": live.gtin, "lot": LOT, "issuer": ISSUER, "batch": "0", "digest": live.digest, "tile": "0"}
    known |= {"serial": code.rpartition("/")[2]}
    for name in set(case.path_parameters or {}) & set(known):
        case.path_parameters[name] = known[name]
    if "S" in (case.query or {}):
        case.query["S"] = seal
    known |= {"listing": live.shop["LISTING"], "decision": live.shop["DECISION"], "appeal": live.shop["APPEAL"]}
    known |= {"dossier": live.shop["APPROVED_DOSSIER"], "sanction": live.shop["SANCTION"]}
    known |= {"sanction_appeal": live.shop["SANCTION_APPEAL"]}
    known |= {"import_id": live.shop["IMPORT"], "member": live.shop["MEMBER"], "number": live.shop["RECALL_NUMBER"]}
    known["case"] = live.shop["CASE"]
    if case.method != "DELETE":  # or the calls after it would ask for what is gone
        known |= {"webhook": live.shop["WEBHOOK"], "delivery": live.shop["DELIVERY"]}
    for name in set(case.path_parameters or {}) & set(known):
        case.path_parameters[name] = known[name]
    if "recall" in (case.query or {}):
        case.query["recall"] = "powerbank/live-1"
    if "gtin" in (case.query or {}):
        case.query["gtin"] = live.gtin
    if "url" in (case.query or {}):
        case.query["url"] = f"{live.url}/badge/listing/{live.variables['BADGE_TOKEN']}/about"
    response = case.call(base_url=live.url, headers=token_for(case, live))
    case.validate_response(response, checks=PROMISED)
    if case.method == "GET" and "place" not in (case.path_parameters or {}) and not case.query.get("cursor"):
        assert response.status_code == 200, response.text


def test_the_server_gives_the_description_that_was_tested(live: Live) -> None:
    found = json.loads(urllib.request.urlopen(f"{live.url}/api/v1/openapi.json", timeout=10).read())
    assert found.pop("servers") == [{"url": live.url}]
    assert found == {name: value for name, value in DOCUMENT.items() if name != "servers"}
