# SPDX-License-Identifier: Apache-2.0
"""Declarations of the calls that registry and a platform's own node both answer: verdicts on codes, a lot's status."""

from __future__ import annotations

from verifier.api_types import BadgeStatus, CodesToVerify, CodeVerdict, OpenApiDocument, Verdicts
from verifier.protocol.fields import Text
from verifier.web.api.codes import (
    BAD_BADGE_ADDRESS,
    JSON_BODY,
    RAW_TARGET,
)
from verifier.web.api.operations import JSON, LINES, Answer, Content, Operation, Parameter

VERIFYING = Text(zh="核验", en="Verifying")
ABOUT_API = Text(zh="关于接口", en="About the API")

LANGUAGE = Parameter(
    "lang",
    "query",
    str,
    Text(
        zh="文字的语言，zh 或 en；否则看 Accept-Language。", en="Language of the words, zh or en; else Accept-Language."
    ),
    is_required=False,
)

VERIFY_CODES = Operation(
    name="verify_codes",
    group=VERIFYING,
    summary=Text(
        zh="一次核验 1 至 10,000 个产品码，按原顺序逐个给出结论。",
        en="Verify 1 to 10,000 product codes; one verdict each, in the same order.",
    ),
    bodies=(Content(JSON, CodesToVerify), Content(LINES, str)),
    answers=(
        Answer(
            200,
            Text(zh="每个码的结论。", en="A verdict for each code. A bad code is its own `malformed` verdict."),
            (Content(JSON, Verdicts), Content(LINES, CodeVerdict)),
        ),
    ),
    problems=JSON_BODY,
    example="""\
# A code is a link, or its path and query. For many codes send one JSON string to a line
# as application/x-ndjson: the verdicts come back line by line, while you send.
curl --fail-with-body --silent --show-error \\
  --request POST "$REGISTRY/api/v1/verify" \\
  --header 'Content-Type: application/json' \\
  --data "{\\"codes\\": [\\"$CODE\\", \\"not a code\\"]}"
""",
)

BADGE_STATUS = Operation(
    name="badge_status",
    group=VERIFYING,
    summary=Text(zh="一个批次此刻的状态，用于徽标轮询。", en="The status of a lot just now, for badges that poll."),
    parameters=(
        Parameter("gtin", "path", str, Text(zh="14 位商品条码。", en="The GTIN, 14 digits.")),
        Parameter("lot", "path", str, Text(zh="批号。", en="The lot number.")),
        LANGUAGE,
    ),
    answers=(
        Answer(
            200,
            Text(zh="批次的状态。", en="The lot's status; `malformed` when GTIN or lot is not well formed."),
            (Content(JSON, BadgeStatus),),
        ),
    ),
    problems=(*RAW_TARGET, BAD_BADGE_ADDRESS),
    example="""\
# Ask again every few seconds. Past `seconds_left` a good status must no longer be shown.
curl --fail-with-body --silent --show-error \\
  "$REGISTRY/badge/01/$GTIN/10/$LOT/status?lang=en"
""",
)

OPENAPI_DOCUMENT = Operation(
    name="openapi_document",
    group=ABOUT_API,
    summary=Text(zh="本接口的 OpenAPI 3.1 描述。", en="The OpenAPI 3.1 description of this API."),
    answers=(Answer(200, Text(zh="描述文件。", en="The description."), (Content(JSON, OpenApiDocument),)),),
    example="""\
# Feed it to a generator of clients, or read it at $REGISTRY/api
curl --fail-with-body --silent --show-error \\
  "$REGISTRY/api/v1/openapi.json"
""",
)
