# SPDX-License-Identifier: Apache-2.0
"""Declarations of the calls about a listing's badge that registry and node both answer. docs/badge.md."""

from __future__ import annotations

from typing import Annotated, Literal

from verifier.badge_types import ListingBadgeStatus, OEmbed
from verifier.protocol.fields import Text
from verifier.web.api.codes import ProblemCode
from verifier.web.api.operations import JSON, Answer, Content, Operation, Parameter
from verifier.web.api.verify_operations import LANGUAGE
from verifier.wire import Bound

BADGES = Text(zh="商品徽章", en="Badges of listings")
UNKNOWN_BADGE = ProblemCode("unknown_badge", 404, Text(zh="没有这个徽章。", en="There is no such badge here."))
BAD_SIZE = ProblemCode(
    "bad_size", 400, Text(zh="尺寸应为不小于 120 的像素数。", en="A size is a number of pixels, 120 or more.")
)
BAD_FORMAT = ProblemCode("bad_format", 400, Text(zh="format 只能是 json 或 xml。", en="format is json or xml."))

LISTING_BADGE_STATUS = Operation(
    name="listing_badge_status",
    group=BADGES,
    summary=Text(
        zh="一个商品徽章此刻的状态，供自行绘制的平台使用。",
        en="What the badge of a listing says just now, for platforms that draw their own.",
    ),
    parameters=(
        Parameter("token", "path", str, Text(zh="平台签名的徽章令牌。", en="The token that the platform signed.")),
        Parameter(
            "grant",
            "query",
            str,
            Text(zh="徽章页面自己使用。", en="Used by the badge's own frame; others leave it out."),
            is_required=False,
        ),
        LANGUAGE,
    ),
    answers=(
        Answer(
            200,
            Text(
                zh="状态；令牌不成立时为 unknown 和原因。",
                en="The status; `unknown` with the reason when the token does not hold.",
            ),
            (Content(JSON, ListingBadgeStatus),),
        ),
    ),
    example="""\
# Ask from your server, each few seconds, with a token that your server signed. Past
# `seconds_left` a good status must no longer be shown.
curl --fail-with-body --silent --show-error \\
  "$REGISTRY/badge/listing/$BADGE_TOKEN/status?lang=en"
""",
)

OEMBED = Operation(
    name="oembed",
    group=BADGES,
    summary=Text(
        zh="oEmbed：由徽章证明页的地址得到嵌入代码。", en="oEmbed: how to embed a badge, by the address of its page."
    ),
    parameters=(
        Parameter(
            "url",
            "query",
            str,
            Text(zh="本服务器上徽章或其证明页的地址。", en="Address here of a badge, or of the page behind it."),
        ),
        Parameter(
            "format",
            "query",
            Literal["json", "xml"],
            Text(zh="json（默认）或 xml。", en="json, if it is not given, or xml."),
            is_required=False,
        ),
        *(
            Parameter(name, "query", Annotated[int, Bound(minimum=120, maximum=100_000)], Text(zh=zh, en=en), False)
            for name, zh, en in (
                ("maxwidth", "最大宽度，像素。", "Pixels at most, in width."),
                ("maxheight", "最大高度，像素。", "Pixels at most, in height."),
            )
        ),
        LANGUAGE,
    ),
    answers=(
        Answer(200, Text(zh="嵌入代码。", en="How to embed it."), (Content(JSON, OEmbed), Content("text/xml", str))),
    ),
    problems=(UNKNOWN_BADGE, BAD_SIZE, BAD_FORMAT),
    example="""\
# The iframe in `html` lives as long as the token: ask again, or sign a new one, for each page.
curl --fail-with-body --silent --show-error --get "$REGISTRY/oembed" \\
  --data-urlencode "url=$REGISTRY/badge/listing/$BADGE_TOKEN/about" \\
  --data format=json
""",
)
