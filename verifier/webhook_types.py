# SPDX-License-Identifier: Apache-2.0
"""What the calls about webhooks take and answer, as frozen values: docs/webhooks.md says what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from verifier.api_types import Count, Cursor
from verifier.listing_types import Uuid
from verifier.wire import Bound, JsonObject

EventName: TypeAlias = Literal["recall.published", "recall.revised", "recall.closed", "badge.misplaced"]
MessageName: TypeAlias = Literal[
    "recall.published", "recall.revised", "recall.closed", "badge.misplaced", "webhook.test"
]
MessageId: TypeAlias = Annotated[str, Bound("evt_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")]


@dataclass(frozen=True, slots=True)
class WebhookInput:
    """Where messages go, and which: without `types` all, later ones too. A webhook is enabled unless it says not."""

    url: Annotated[str, Bound("https://[!-~]+", maximum=2048)]
    types: Annotated[tuple[EventName, ...], Bound(maximum=20)] | None = None
    label: Annotated[str, Bound(maximum=80)] | None = None
    is_enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class WebhookInfo:
    """A webhook. No `types`: all of them. `failing` is a webhook that has taken nothing for an hour.

    `failing_since`: the first failure after the last good answer. `old_secret_until`: until then messages bear a
    signature by the secret before this one as well.
    """

    id: Uuid
    url: str
    types: tuple[EventName, ...]
    label: str
    state: Literal["active", "failing", "disabled"]
    pending: Count
    created_at: datetime
    changed_at: datetime
    failing_since: datetime | None = None
    last_delivered_at: datetime | None = None
    old_secret_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class WebhookList:
    """All of them, the oldest first; ten at most."""

    webhooks: tuple[WebhookInfo, ...]


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """A webhook with its new secret. It is shown this once: absent when the answer is given again."""

    webhook: WebhookInfo
    secret: Annotated[str, Bound("whsec_[A-Za-z0-9+/]+=*")] | None = None


@dataclass(frozen=True, slots=True)
class DeliveryInfo:
    """A message on its way. `status` and `error` are the last attempt's; `next_at` is there while it is pending."""

    id: Uuid
    webhook: Uuid
    message: MessageId
    type: MessageName
    state: Literal["pending", "delivered", "given_up"]
    is_replay: bool
    attempts: Count
    created_at: datetime
    next_at: datetime | None = None
    ended_at: datetime | None = None
    status: Count | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """The newest first."""

    deliveries: tuple[DeliveryInfo, ...]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class AttemptInfo:
    """One request: a status, or an error code. `answer`: the first 200 printable characters of the answer."""

    at: datetime
    duration_ms: Count
    answer: str
    status: Count | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryDetail:
    """A delivery with its attempts, and the body that is sent."""

    delivery: DeliveryInfo
    attempts: tuple[AttemptInfo, ...]
    body: JsonObject
