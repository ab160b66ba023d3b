# SPDX-License-Identifier: Apache-2.0
"""Declarations of what makers' machines send, and what anybody asks of a registry."""

from __future__ import annotations

from typing import Annotated

from passport.web.api import codes
from passport.web.api.pagination import CURSOR, LIMIT
from verifier.api_types import (
    BatchDescription,
    EntriesToLog,
    EntryResults,
    IssuerDescription,
    IssuerPage,
    ProductDescription,
    RefusedEntries,
    RegistryDescription,
    ShipmentDocument,
    ShipmentReceipt,
)
from verifier.protocol.fields import Text
from verifier.web.api.codes import (
    BAD_GTIN,
    BAD_HEX,
    BAD_ISSUER_ID,
    BAD_JSON,
    BAD_RANGE,
    CANONICAL_JSON,
    DOWN,
    JSON_BODY,
    WRONG_LENGTH,
)
from verifier.web.api.ledger_operations import DIGEST, GTIN, ISSUER, NOT_MODIFIED, PASSPORT, READERS
from verifier.web.api.openapi import PROBLEM_JSON
from verifier.web.api.operations import JSON, OCTETS, Answer, Content, Operation, Parameter, Repeat
from verifier.wire import Bound

MAKERS = Text(zh="制造商", en="Makers")
Number = Annotated[str, Bound("0|[1-9][0-9]{0,18}")]

BATCH = Parameter(
    "batch", "path", Number, Text(zh="发行者自己的批号，从 0 起。", en="The issuer's batch number, from 0.")
)

SUBMIT_STATEMENTS = Operation(
    name="submit_statements",
    group=MAKERS,
    summary=Text(
        zh="把 1 至 256 条已签名的声明写入账本。", en="Log 1 to 256 signed statements; each is judged by itself."
    ),
    bodies=(Content(JSON, EntriesToLog),),
    answers=(
        Answer(200, Text(zh="逐条结果。", en="What became of each."), (Content(JSON, EntryResults),)),
        Answer(422, Text(zh="全部被拒。", en="All were refused."), (Content(PROBLEM_JSON, RefusedEntries),)),
    ),
    problems=(*JSON_BODY, codes.ALL_REFUSED, codes.LEDGER_UNAVAILABLE, *DOWN),
    repeat=Repeat.BY_CONTENT,
    example="""\
# statements.json: {"entries": ["<canonical JSON of a signed statement>", …]}
# `passport` makes and signs them; the registry has no key of yours.
curl --fail-with-body --silent --show-error \\
  --request POST "$REGISTRY/api/v1/statements" \\
  --header 'Content-Type: application/json' \\
  --data-binary @statements.json
""",
)

DESCRIBE_REGISTRY = Operation(
    name="describe_registry",
    group=READERS,
    summary=Text(zh="登记处的名称、密钥和已发布的长度。", en="The registry's names, keys and published size."),
    answers=(Answer(200, Text(zh="说明。", en="The description."), (Content(JSON, RegistryDescription),)),),
    problems=DOWN,
    example="""\
# Take the ledger's key from elsewhere as well before you believe it.
curl --fail-with-body --silent --show-error \\
  "$REGISTRY/api/v1/registry"
""",
)

LIST_ISSUERS = Operation(
    name="list_issuers",
    group=READERS,
    summary=Text(
        zh="已准入的发行者，按标识排序，分页。", en="The admitted issuers in the order of their ids, page by page."
    ),
    parameters=(LIMIT, CURSOR),
    answers=(Answer(200, Text(zh="一页。", en="One page."), (Content(JSON, IssuerPage),)),),
    problems=(*codes.PAGING, *DOWN),
    example="""\
# Follow `next` (it is in the header Link as well) until it is absent:
#   "$REGISTRY/api/v1/issuers?limit=50&cursor=<next>"
curl --fail-with-body --silent --show-error \\
  "$REGISTRY/api/v1/issuers?limit=50"
""",
)

FIND_ISSUER = Operation(
    name="find_issuer",
    group=READERS,
    summary=Text(zh="一个已准入的发行者及其密钥。", en="An admitted issuer, its keys, prefixes and next batch number."),
    parameters=(ISSUER,),
    answers=(Answer(200, Text(zh="发行者。", en="The issuer."), (Content(JSON, IssuerDescription),)),),
    problems=(BAD_ISSUER_ID, codes.UNKNOWN_ISSUER, *DOWN),
    example="""\
curl --fail-with-body --silent --show-error \\
  "$REGISTRY/api/v1/issuers/$ISSUER"
""",
)

FIND_PRODUCT = Operation(
    name="find_product",
    group=READERS,
    summary=Text(
        zh="发行者为某个 GTIN 发布的护照，以及下一版的序号。",
        en="An issuer's passport of a GTIN, and the revision that its next one must have.",
    ),
    parameters=(ISSUER, GTIN),
    answers=(Answer(200, Text(zh="产品。", en="The product."), (Content(JSON, ProductDescription),)),),
    problems=(BAD_ISSUER_ID, BAD_GTIN, codes.UNKNOWN_ISSUER, *DOWN),
    example="""\
curl --fail-with-body --silent --show-error \\
  "$REGISTRY/api/v1/issuers/$ISSUER/products/$GTIN"
""",
)

FIND_BATCH = Operation(
    name="find_batch",
    group=READERS,
    summary=Text(
        zh="一批码在账本中的位置和缺少的部分。", en="Where a batch stands in the ledger, and what is missing of it."
    ),
    parameters=(ISSUER, BATCH),
    answers=(Answer(200, Text(zh="批次。", en="The batch."), (Content(JSON, BatchDescription),)),),
    problems=(BAD_ISSUER_ID, *codes.DECIMALS, codes.UNKNOWN_BATCH, *DOWN),
    example="""\
curl --fail-with-body --silent --show-error \\
  "$REGISTRY/api/v1/batches/$ISSUER/$BATCH"
""",
)

READ_ITEMS = Operation(
    name="read_items",
    group=READERS,
    summary=Text(zh="一批码的全部哈希，供离线核验。", en="All item hashes of a batch, for those who check offline."),
    parameters=(ISSUER, BATCH),
    answers=(
        Answer(200, Text(zh="每个 32 字节。", en="32 bytes each, in the order of seq."), (Content(OCTETS, bytes),)),
        NOT_MODIFIED,
    ),
    problems=(BAD_ISSUER_ID, *codes.DECIMALS, codes.UNKNOWN_BATCH, codes.ITEMS_INCOMPLETE, *DOWN),
    example="""\
# Work out the RFC 6962 root over them and compare it with the logged item_root.
curl --fail-with-body --silent --show-error \\
  --output items.bin \\
  "$REGISTRY/api/v1/batches/$ISSUER/$BATCH/items"
""",
)

PUT_ITEM_TILE = Operation(
    name="put_item_tile",
    group=MAKERS,
    summary=Text(
        zh="上传一批码的 256 个哈希。", en="Upload the item hashes of one tile: 256 of them, with their path."
    ),
    parameters=(ISSUER, BATCH, Parameter("tile", "path", Number, Text(zh="块号，从 0 起。", en="The tile, from 0."))),
    bodies=(Content(OCTETS, bytes),),
    answers=(Answer(204, Text(zh="已保存。", en="It is stored.")),),
    problems=(
        BAD_ISSUER_ID,
        *codes.DECIMALS,
        WRONG_LENGTH,
        codes.UNKNOWN_BATCH,
        codes.BAD_INCLUSION_PROOF,
        *DOWN,
    ),
    repeat=Repeat.BY_CONTENT,
    example="""\
# tile.bin proves itself: the hashes and their path to the logged item_root.
curl --fail-with-body --silent --show-error \\
  --request PUT "$REGISTRY/api/v1/batches/$ISSUER/$BATCH/items/0" \\
  --header 'Content-Type: application/octet-stream' \\
  --data-binary @tile.bin
""",
)

PUT_DOCUMENT = Operation(
    name="put_document",
    group=MAKERS,
    summary=Text(zh="按 SHA-256 保存一份已签名的产品护照。", en="Keep a signed product passport at its SHA-256."),
    parameters=(DIGEST,),
    bodies=(Content(PASSPORT, bytes),),
    answers=(
        Answer(201, Text(zh="是新的。", en="It is new.")),
        Answer(204, Text(zh="已经有了。", en="It was here before.")),
    ),
    problems=(
        BAD_HEX,
        codes.DIGEST_DIFFERS,
        *codes.PASSPORT_PROBLEMS,
        BAD_JSON,
        BAD_GTIN,
        *DOWN,
    ),
    repeat=Repeat.BY_CONTENT,
    example="""\
DIGEST=$(sha256sum passport.jwt | cut -d ' ' -f 1)
curl --fail-with-body --silent --show-error \\
  --request PUT "$REGISTRY/api/v1/documents/$DIGEST" \\
  --header 'Content-Type: application/vc+jwt' \\
  --data-binary @passport.jwt
""",
)

SUBMIT_SHIPMENT = Operation(
    name="submit_shipment",
    group=MAKERS,
    summary=Text(zh="告知一段码已经出厂。", en="Tell that codes of a batch left the factory."),
    bodies=(Content(JSON, ShipmentDocument),),
    answers=(Answer(200, Text(zh="已记下。", en="It is noted."), (Content(JSON, ShipmentReceipt),)),),
    problems=(
        *CANONICAL_JSON,
        BAD_RANGE,
        BAD_ISSUER_ID,
        BAD_HEX,
        codes.NO_COUNTING,
        codes.UNKNOWN_BATCH,
        *(problem for problem in codes.PASSPORT_PROBLEMS if problem.status == 422),
        *codes.SHIPMENT_PROBLEMS,
        *DOWN,
    ),
    repeat=Repeat.BY_CONTENT,
    example="""\
# shipment.json is signed with the key of the batch's maker: docs/counting.md
curl --fail-with-body --silent --show-error \\
  --request POST "$REGISTRY/api/v1/shipments" \\
  --header 'Content-Type: application/json' \\
  --data-binary @shipment.json
""",
)
