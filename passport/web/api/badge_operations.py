# SPDX-License-Identifier: Apache-2.0
"""Declarations of the calls about badges that need a token. docs/badge.md."""

from __future__ import annotations

from passport.domain.accounts import Scope
from passport.web.api import codes
from passport.web.api import listing_codes as wrong
from passport.web.api.pagination import CURSOR, LIMIT
from verifier.badge_types import BadgeAlertPage
from verifier.listing_types import Uuid
from verifier.protocol.fields import Text
from verifier.web.api.badge_operations import BADGES
from verifier.web.api.codes import ProblemCode
from verifier.web.api.operations import JSON, Answer, Content, Operation, Parameter

BAD_LISTING = ProblemCode("bad_listing", 400, Text(zh="listing 只能出现一次。", en="`listing` may be given once."))

LIST_BADGE_ALERTS = Operation(
    name="list_badge_alerts",
    group=BADGES,
    summary=Text(
        zh="出现在错误位置的徽章，新的在前，分页。", en="Badges in wrong places, the newest place first, page by page."
    ),
    parameters=(
        Parameter(
            "listing", "query", Uuid, Text(zh="只要这个商品的。", en="Those of this listing."), is_required=False
        ),
        LIMIT,
        CURSOR,
    ),
    answers=(Answer(200, Text(zh="一页。", en="One page."), (Content(JSON, BadgeAlertPage),)),),
    problems=(*wrong.ASKING, *codes.PAGING, BAD_LISTING),
    scopes=(Scope.BADGES_READ.value,),
    example="""\
curl --fail-with-body --silent --show-error --header "Authorization: Bearer $PASSPORT_TOKEN" \\
  "$REGISTRY/api/v1/badge-alerts?limit=50"
""",
)
