# SPDX-License-Identifier: Apache-2.0
"""Declarations of what a stranger reads: the ledger as static bytes, proofs, passports, and the health check."""

from __future__ import annotations

from typing import Annotated

from verifier.api_types import Digest, Gtin, IssuerId, ProofDocument
from verifier.protocol.fields import Text
from verifier.web.api import codes
from verifier.web.api.codes import BAD_GTIN, NOT_FOUND, PRODUCT_CODE, RAW_TARGET
from verifier.web.api.operations import JSON, OCTETS, PLAIN, Answer, Content, Operation, Parameter
from verifier.wire import Bound

LEDGER = Text(zh="账本", en="The ledger")
READERS = Text(zh="查阅", en="Reading")
PASSPORT = "application/vc+jwt"
ISSUER = Parameter("issuer", "path", IssuerId, Text(zh="发行者标识。", en="The issuer's id."))
DIGEST = Parameter("digest", "path", Digest, Text(zh="内容的 SHA-256。", en="The SHA-256 of the bytes."))
GTIN = Parameter("gtin", "path", Gtin, Text(zh="14 位商品条码。", en="The GTIN, 14 digits."))
_NOTE = (Content(PLAIN, str),)
NOT_MODIFIED = Answer(304, Text(zh="与 If-None-Match 相同。", en="It is what If-None-Match names."))


def _file(name: str, summary: Text, path: str) -> Operation:
    example = f'curl --fail-with-body --silent --show-error \\\n  "$REGISTRY{path}"\n'
    return Operation(
        name=name,
        group=LEDGER,
        summary=summary,
        answers=(Answer(200, Text(zh="文本。", en="The text."), _NOTE), NOT_MODIFIED),
        problems=codes.DOWN,
        example=example,
        has_plain_errors=True,
    )


CHECKPOINT = _file(
    "checkpoint",
    Text(zh="已发布的检查点。", en="The published checkpoint, with its cosignatures."),
    "/ledger/checkpoint",
)
SNAPSHOT = _file("snapshot", Text(zh="整个快照。", en="The whole snapshot, a signed note."), "/ledger/snapshot")
POLICY = _file("policy", Text(zh="账本的 tlog-policy。", en="The tlog-policy of this ledger."), "/ledger/policy")
HEALTH = _file("health", Text(zh="健康检查。", en="`ok` while the ledger is served."), "/healthz")

TILE = Operation(
    name="tile",
    group=LEDGER,
    summary=Text(zh="账本的一块（C2SP tlog-tiles）。", en="A tile or an entry bundle of C2SP tlog-tiles."),
    parameters=(
        Parameter(
            "place",
            "path",
            str,
            Text(zh="层和编号，斜线原样书写。", en="Level and index, such as 0/000.p/5, its slashes as they are."),
        ),
    ),
    answers=(Answer(200, Text(zh="字节。", en="The bytes."), (Content(OCTETS, bytes),)),),
    problems=(NOT_FOUND, *codes.DOWN),
    example="""\
# The width of the last bundle follows from the size in the checkpoint's second line.
SIZE=$(curl --fail-with-body --silent --show-error "$REGISTRY/ledger/checkpoint" | sed -n 2p)
curl --fail-with-body --silent --show-error \\
  --output bundle.bin \\
  "$REGISTRY/ledger/tile/entries/000.p/$((SIZE % 256))"
""",
    has_plain_errors=True,
)

SHARD = Operation(
    name="issuer_snapshot",
    group=LEDGER,
    summary=Text(zh="一个发行者的快照分片。", en="The shard of the snapshot that speaks of one issuer."),
    parameters=(ISSUER,),
    answers=(Answer(200, Text(zh="分片。", en="The shard."), _NOTE), NOT_MODIFIED),
    problems=(codes.BAD_ISSUER_ID, NOT_FOUND, *codes.DOWN),
    example="""\
curl --fail-with-body --silent --show-error \\
  "$REGISTRY/ledger/snapshot/$ISSUER"
""",
    has_plain_errors=True,
)

SHARD_OF_GTIN = Operation(
    name="gtin_snapshot",
    group=LEDGER,
    summary=Text(zh="按商品条码取快照分片。", en="The shard of the issuer who may speak for a GTIN."),
    parameters=(GTIN,),
    answers=(Answer(200, Text(zh="分片。", en="The shard."), _NOTE), NOT_MODIFIED),
    problems=(BAD_GTIN, NOT_FOUND, *codes.DOWN),
    example="""\
curl --fail-with-body --silent --show-error \\
  "$REGISTRY/ledger/snapshot/gtin/$GTIN"
""",
    has_plain_errors=True,
)

READ_DOCUMENT = Operation(
    name="read_document",
    group=READERS,
    summary=Text(zh="按 SHA-256 取一份产品护照。", en="A signed product passport by its SHA-256, byte for byte."),
    parameters=(DIGEST,),
    answers=(Answer(200, Text(zh="护照。", en="The passport."), (Content(PASSPORT, bytes),)),),
    problems=(codes.BAD_HEX, codes.UNKNOWN_DOCUMENT),
    example="""\
curl --fail-with-body --silent --show-error \\
  "$REGISTRY/documents/$DIGEST"
""",
)

FETCH_PROOF = Operation(
    name="fetch_proof",
    group=READERS,
    summary=Text(zh="一个码的证据，由您自己核验。", en="The evidence for one code, to be verified by yourself."),
    parameters=(
        GTIN,
        Parameter(
            "serial", "path", Annotated[str, Bound(minimum=1)], Text(zh="序列号。", en="The serial, as in the code.")
        ),
        Parameter("S", "query", str, Text(zh="码上的签名。", en="The seal, as in the code.")),
    ),
    answers=(Answer(200, Text(zh="证据。", en="The proof document."), (Content(JSON, ProofDocument),)),),
    problems=(*RAW_TARGET, *PRODUCT_CODE, codes.NOT_LOGGED, codes.ITEMS_NOT_UPLOADED, *codes.DOWN),
    example="""\
# $CODE is path and query of the code's own link: /01/<gtin>/21/<serial>?S=<seal>
curl --fail-with-body --silent --show-error \\
  "$REGISTRY/api/v1/proof$CODE"
""",
)
