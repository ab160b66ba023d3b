# SPDX-License-Identifier: Apache-2.0
"""The verdict on one code: eight statuses, each with a colour, an icon and a sentence, and its evidence. DESIGN §5."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from functools import lru_cache

from verifier.protocol.encoding import JsonValue
from verifier.protocol.fields import Text, format_instant
from verifier.protocol.product_code import ProductCode
from verifier.protocol.statements.products import BatchIssued
from verifier.recalls import RecallRecord
from verifier.trust import Issuer


class Status(StrEnum):
    """Worst first. The value is the stable code that programs read."""

    MALFORMED = "malformed"
    COUNTERFEIT = "counterfeit"
    VOID = "void"
    RECALLED = "recalled"
    NOT_LOGGED = "not_logged"
    SUSPECT = "suspect"
    CANNOT_TELL = "cannot_tell"
    GENUINE = "genuine"


SEVERITY_ORDER: dict[Status, int] = {status: rank for rank, status in enumerate(Status)}


@dataclass(frozen=True, slots=True)
class Appearance:
    """How a status looks and what it says. Status is never shown by colour alone."""

    colour: str  # red | amber | grey | green
    icon: str  # name of the icon in the templates
    title: Text
    sentence: Text


APPEARANCE: dict[Status, Appearance] = {
    Status.MALFORMED: Appearance(
        "grey",
        "broken",
        Text(zh="这不是有效的产品码", en="This is not a product code"),
        Text(
            zh="扫到的内容不完整或被改动过。请重新扫描包装上的二维码。",
            en="What was scanned is incomplete or was changed. Please scan the code on the package again.",
        ),
    ),
    Status.COUNTERFEIT: Appearance(
        "red",
        "cross",
        Text(zh="此码是伪造的", en="This code is forged"),
        Text(
            zh="这个码没有通过品牌方密钥的检查：签名不对，或者密钥不属于该品牌、已被撤销。请勿购买，并向卖家和监管部门反映。",
            en="The code does not stand up to the brand's registered keys: its signature is wrong, or its key is not "
            "this brand's or was revoked. Do not buy; tell the seller and the authority.",
        ),
    ),
    Status.VOID: Appearance(
        "red",
        "void",
        Text(zh="此码已作废", en="This code is void"),
        Text(
            zh="制造商已声明此码印错或未使用，不应出现在任何产品上。请联系卖家。",
            en="The maker declared this code misprinted or unused; it should not be on any product. Ask the seller.",
        ),
    ),
    Status.RECALLED: Appearance(
        "red",
        "recall",
        Text(zh="该产品正在召回", en="This product is recalled"),
        Text(
            zh="请停止使用，并按下面的召回办法处理。",
            en="Stop using it and follow the remedy below.",
        ),
    ),
    Status.NOT_LOGGED: Appearance(
        "amber",
        "missing",
        Text(zh="此码未在账本登记", en="This code is not in the ledger"),
        Text(
            zh="签名正确，但公开账本中没有这个码。正品在出售前都会登记。请勿购买，并联系品牌方。",
            en="The signature is right, but the public ledger does not hold this code. Genuine codes are logged before "
            "they are sold. Do not buy; contact the maker.",
        ),
    ),
    Status.SUSPECT: Appearance(
        "amber",
        "copied",
        Text(zh="此码可能被复制", en="This code may have been copied"),
        Text(
            zh="此码的查验记录不寻常：真码也可能被复制到别的产品上。如果您买的是新品，请询问卖家。",
            en="The checking record of this code is unusual: a genuine code can be copied onto another product. "
            "If yours is new, ask the seller.",
        ),
    ),
    Status.CANNOT_TELL: Appearance(
        "grey",
        "question",
        Text(zh="暂时无法判断", en="We cannot tell right now"),
        Text(
            zh="有一项检查没有完成。这不代表产品有问题，也不代表没有问题。请稍后重试。",
            en="One of the checks could not be completed. That says nothing for or against the product. "
            "Try again later.",
        ),
    ),
    Status.GENUINE: Appearance(
        "green",
        "check",
        Text(zh="此码真实有效", en="This code is genuine"),
        Text(
            zh="码由品牌方签发，已在公开账本登记，截至下方时间没有召回。真码也可能被复制，请核对产品是否相符。",
            en="The maker issued this code, it is in the public ledger, and there was no recall as of the time below. "
            "Genuine codes can be copied: compare the product with the description.",
        ),
    ),
}


class StepName(Enum):
    """The numbered list of DESIGN §5, in the words that are shown."""

    PARSE = (0, Text(zh="读懂这个码", en="The code is well formed"))
    KEY = (1, Text(zh="品牌方的密钥", en="The key is registered for this brand"))
    SIGNATURE = (2, Text(zh="数字签名", en="The signature is right"))
    SAME_ITEM = (3, Text(zh="链接与签名是同一件产品", en="Link and seal speak of the same item"))
    CHECKPOINT = (4, Text(zh="账本的签名", en="The ledger's checkpoint is signed"))
    CONSISTENT = (5, Text(zh="账本没有被改写", en="The ledger was not rewritten"))
    BATCH = (6, Text(zh="批次已登记", en="The batch is in the ledger"))
    ITEM = (7, Text(zh="此码属于该批次", en="The item is in the batch"))
    THIS_CODE = (8, Text(zh="登记的就是此码", en="That item is this code"))
    RECALL = (9, Text(zh="召回与作废", en="Recall and void status"))
    VERDICT = (10, Text(zh="结论", en="Verdict"))

    @property
    def number(self) -> int:
        return self.value[0]

    @property
    def label(self) -> Text:
        return self.value[1]


class Outcome(StrEnum):
    """What became of a step. `skipped`: an earlier step made it pointless. `unknown`: it could not be done."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    name: StepName
    outcome: Outcome


@lru_cache(maxsize=512)
def make_steps(outcomes: tuple[tuple[int, Outcome], ...], reached: int) -> tuple[Step, ...]:
    """All eleven steps: those named have their outcome, others passed up to `reached` and were skipped after it."""
    named: dict[int, Outcome] = {}
    for number, outcome in outcomes:
        if named.get(number) is not Outcome.FAILED:  # what failed did not become unknown by a later finding
            named[number] = outcome
    default = [Outcome.PASSED if name.number <= reached else Outcome.SKIPPED for name in StepName]
    return tuple(Step(name, named.get(name.number, default[name.number])) for name in StepName)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Facts about earlier checks of a code that make it look copied. Counting them is not the verifier's business."""

    reason: str
    facts: Text


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be said of one code at `checked_at`.

    `reason` is a stable snake_case word, finer than the status. `snapshot_as_of` dates the recall answer: "not
    recalled" always means "not in the snapshot of that instant". `recalls` holds every recall that covers the item,
    closed ones too, worst first.
    """

    status: Status
    reason: str
    checked_at: datetime
    code: ProductCode | None
    issuer: Issuer | None
    batch: BatchIssued | None
    batch_index: int | None
    recalls: tuple[RecallRecord, ...]
    snapshot_as_of: datetime | None
    next_update_at: datetime | None
    steps: tuple[Step, ...]
    suspicion: Suspicion | None = None

    @property
    def appearance(self) -> Appearance:
        return APPEARANCE[self.status]

    def to_json(self) -> dict[str, JsonValue]:
        """The verdict for programs: the same members in every case that has them; absent means not known."""
        value: dict[str, JsonValue] = {
            "checked_at": format_instant(self.checked_at),
            "reason": self.reason,
            "status": self.status.value,
            "steps": [{"number": step.name.number, "outcome": step.outcome.value} for step in self.steps],
        }
        if self.code is not None:
            value |= {"gtin": self.code.gtin, "serial": self.code.serial}
        if self.issuer is not None:
            value["issuer"] = {"id": self.issuer.id, "name": self.issuer.name.to_json(), "uscc": self.issuer.uscc}
        if self.batch is not None and self.batch_index is not None:
            value["batch"] = {
                "batch": self.batch.batch,
                "index": self.batch_index,
                "lot": self.batch.lot,
                "production_date": self.batch.production_date.isoformat(),
            }
        if self.recalls:
            value["recalls"] = [recall.to_public_json() for recall in self.recalls]
        if self.snapshot_as_of is not None and self.next_update_at is not None:
            value |= {
                "next_update": format_instant(self.next_update_at),
                "snapshot_as_of": format_instant(self.snapshot_as_of),
            }
        if self.suspicion is not None:
            value["suspicion"] = {"facts": self.suspicion.facts.to_json(), "reason": self.suspicion.reason}
        return value
