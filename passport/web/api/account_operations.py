# SPDX-License-Identifier: Apache-2.0
"""Declarations of the calls about one's own organisation: tokens, members, audit trail. docs/accounts.md."""

from __future__ import annotations

from typing import Annotated

from passport.domain.accounts import Scope
from passport.web.api import codes
from passport.web.api.listing_codes import INVALID_TOKEN, PERSON_NEEDED, SCOPE_MISSING
from passport.web.api.pagination import CURSOR, LIMIT
from verifier.account_types import AuditPage, MemberId, MemberInfo, MemberPage, OrganisationInfo, TokenId, TokenPage
from verifier.protocol.fields import Text
from verifier.web.api.codes import ProblemCode
from verifier.web.api.operations import JSON, Answer, Content, Operation, Parameter, Repeat
from verifier.wire import Bound

ACCOUNTS = Text(zh="本组织", en="Your organisation")
_CALL = 'curl --fail-with-body --silent --show-error --header "Authorization: Bearer $PASSPORT_TOKEN" \\\n'
_ASKING = (INVALID_TOKEN, SCOPE_MISSING)
UNKNOWN_PERSON = ProblemCode(
    "unknown_person", 404, Text(zh="没有这个成员。", en="Your organisation has no such member.")
)
BAD_ACTION = ProblemCode("bad_action", 400, Text(zh="操作名称写法不对。", en="The action is not well formed."))
BAD_ACTOR = ProblemCode("bad_actor", 400, Text(zh="操作者写法不对。", en="The actor is not well formed."))

DESCRIBE_ORGANISATION = Operation(
    name="describe_organisation",
    group=ACCOUNTS,
    summary=Text(zh="令牌所属的组织，及令牌现在的权限。", en="Whose token this is, and what it may do at this moment."),
    answers=(Answer(200, Text(zh="组织。", en="The organisation."), (Content(JSON, OrganisationInfo),)),),
    problems=(INVALID_TOKEN,),
    needs_token=True,
    example=f"""\
# The first call of a new program: is the token good, and does it have the scopes that are needed?
{_CALL}  "$REGISTRY/api/v1/organisation"
""",
)

LIST_TOKENS = Operation(
    name="list_tokens",
    group=ACCOUNTS,
    summary=Text(zh="本组织的令牌，新的在前，分页。", en="The tokens of your organisation, the newest first."),
    parameters=(LIMIT, CURSOR),
    answers=(Answer(200, Text(zh="一页。", en="One page."), (Content(JSON, TokenPage),)),),
    problems=(*_ASKING, *codes.PAGING),
    scopes=(Scope.TOKENS_READ.value,),
    example=f"""\
# Without secrets: those are shown once, when a person makes the token in the console.
{_CALL}  "$REGISTRY/api/v1/tokens?limit=50"
""",
)

REVOKE_TOKEN = Operation(
    name="revoke_token",
    group=ACCOUNTS,
    summary=Text(
        zh="令牌作废自己。作废别的令牌要由人登录控制台。",
        en="A token ends itself, at once and for good. Another one is ended by a person in the console.",
    ),
    parameters=(Parameter("token", "path", TokenId, Text(zh="令牌的编号。", en="The token's id.")),),
    answers=(Answer(204, Text(zh="已作废。", en="It has ended.")),),
    problems=(INVALID_TOKEN, PERSON_NEEDED),
    repeat=Repeat.BY_CONTENT,
    needs_token=True,
    example="""\
# pp_<id>_<secret>: for a program that is taken down, or a token that has been seen by others.
ID=$(printf %s "$OLD_TOKEN" | cut -d _ -f 2)
curl --fail-with-body --silent --show-error --request DELETE \\
  --header "Authorization: Bearer $OLD_TOKEN" \\
  "$REGISTRY/api/v1/tokens/$ID"
""",
)

LIST_MEMBERS = Operation(
    name="list_members",
    group=ACCOUNTS,
    summary=Text(zh="本组织的成员，分页。", en="The members of your organisation, the oldest first."),
    parameters=(LIMIT, CURSOR),
    answers=(Answer(200, Text(zh="一页。", en="One page."), (Content(JSON, MemberPage),)),),
    problems=(*_ASKING, *codes.PAGING),
    scopes=(Scope.MEMBERS_READ.value,),
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/members?limit=50"
""",
)

FIND_MEMBER = Operation(
    name="find_member",
    group=ACCOUNTS,
    summary=Text(zh="一个成员。", en="One member."),
    parameters=(Parameter("member", "path", MemberId, Text(zh="成员的编号。", en="The member's id.")),),
    answers=(Answer(200, Text(zh="成员。", en="The member."), (Content(JSON, MemberInfo),)),),
    problems=(*_ASKING, UNKNOWN_PERSON),
    scopes=(Scope.MEMBERS_READ.value,),
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/members/$MEMBER"
""",
)

LIST_AUDIT = Operation(
    name="list_audit",
    group=ACCOUNTS,
    summary=Text(
        zh="本组织的操作记录，新的在前；每行带链式散列。",
        en="The audit trail of your organisation, the newest first, each row with its hash in the chain.",
    ),
    parameters=(
        Parameter(
            "action",
            "query",
            Annotated[str, Bound("[a-z_.]{1,64}")],
            Text(zh="只要这种操作。", en="Rows of this action."),
            is_required=False,
        ),
        Parameter(
            "actor",
            "query",
            Annotated[str, Bound("[a-z0-9]{1,64}")],
            Text(zh="只要这个操作者。", en="Rows of this member or token."),
            is_required=False,
        ),
        LIMIT,
        CURSOR,
    ),
    answers=(Answer(200, Text(zh="一页。", en="One page."), (Content(JSON, AuditPage),)),),
    problems=(*_ASKING, *codes.PAGING, BAD_ACTION, BAD_ACTOR),
    scopes=(Scope.AUDIT_READ.value,),
    example=f"""\
# Read it all and recompute the chain: verifier.audit_chain.check_audit_chain(client.each_audit_row())
{_CALL}  "$REGISTRY/api/v1/audit?limit=50"
""",
)
