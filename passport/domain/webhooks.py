# SPDX-License-Identifier: Apache-2.0
"""Webhooks as values: what happened, who wants to hear of it, and how telling them went. docs/webhooks.md.

Standard Webhooks (https://www.standardwebhooks.com). The parsers raise only Malformed, on any text.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from passport.domain.accounts_errors import Conflict, UnknownObject
from passport.domain.public_addresses import AddressRule, IpAddress
from verifier.protocol.encoding import JsonValue, encode_canonical_json
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import format_instant

MAX_URL = 2048
MAX_LABEL = 80
MAX_ENDPOINTS = 10  # of one organisation
MAX_EVENT_SIZE = 256 * 1024
GIVE_UP_AFTER = timedelta(hours=24)
FAILING_AFTER = timedelta(hours=1)  # without one good answer
OLD_SECRET_LIFETIME = timedelta(hours=24)
KEEP_EVENTS = timedelta(days=90)
_DELAYS = (5, 30, 120, 300, 900, 1800, 3600)  # seconds after each failure; the last one from then on
_JITTER = 0.2

_URL = re.compile(
    r"https://(?P<host>[A-Za-z0-9.-]{1,254}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
    r"(?:[/?][A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]*)?",
    re.ASCII,
)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*", re.ASCII)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class EventType(StrEnum):
    """What happened. A receiver ignores types that it does not know."""

    RECALL_PUBLISHED = "recall.published"
    RECALL_REVISED = "recall.revised"
    RECALL_CLOSED = "recall.closed"
    BADGE_MISPLACED = "badge.misplaced"
    WEBHOOK_TEST = "webhook.test"


CHOSEN_TYPES = tuple(kind for kind in EventType if kind is not EventType.WEBHOOK_TEST)
"""What an endpoint may choose from; a test goes to the one endpoint that it is for."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that an organisation is told of. `at` is when it happened, in UTC; `data` as in docs/webhooks.md."""

    type: EventType
    at: datetime
    data: dict[str, JsonValue]

    def to_bytes(self) -> bytes:
        """The body that is sent: canonical JSON (RFC 8785). Raises Malformed; ValueError above 256 KiB."""
        data = encode_canonical_json({"data": self.data, "timestamp": format_instant(self.at), "type": self.type.value})
        if len(data) > MAX_EVENT_SIZE:
            raise ValueError(f"an event has at most {MAX_EVENT_SIZE} bytes: send ids, not whole lists")
        return data


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event under its id, which is the message's `webhook-id`. `first_delivered_at`: the first 2xx of anybody."""

    id: str
    organisation: str
    type: EventType
    at: datetime
    body: bytes
    first_delivered_at: datetime | None = None


class EndpointState(StrEnum):
    """`failing`: no good answer for an hour; it is tried as before. `disabled`: its owner's wish; nothing is sent."""

    ACTIVE = "active"
    FAILING = "failing"
    DISABLED = "disabled"
    DELETED = "deleted"  # kept for its log, until the log is too old; nobody is shown it


@dataclass(frozen=True, slots=True)
class EndpointFields:
    """What the owner says: where to, which types (sorted; none: all, later ones too), and a word for people."""

    url: str
    types: tuple[EventType, ...] = ()
    label: str = ""

    def wants(self, kind: EventType) -> bool:
        return kind is EventType.WEBHOOK_TEST or not self.types or kind in self.types


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an organisation takes events. `failing_since` is the first failure after the last good answer."""

    id: str
    organisation: str
    fields: EndpointFields
    state: EndpointState
    created_at: datetime
    changed_at: datetime
    failing_since: datetime | None = None
    last_delivered_at: datetime | None = None
    secret_made_at: datetime | None = None
    old_secret_until: datetime | None = None

    @property
    def is_sent_to(self) -> bool:
        return self.state in (EndpointState.ACTIVE, EndpointState.FAILING)


@dataclass(frozen=True, slots=True)
class SealedSecrets:
    """An endpoint's signing secrets as they are kept. `old` is empty, or good until `old_until`."""

    new: bytes = field(repr=False)
    old: bytes = field(default=b"", repr=False)
    old_until: datetime | None = None


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint. `next_at` counts while it is pending; `give_up_at` is its last try.

    `status` and `error` are the last attempt's. `is_replay`: somebody asked for it to be sent again.
    """

    id: str
    organisation: str
    endpoint: str
    event: str
    type: EventType
    state: DeliveryState
    created_at: datetime
    next_at: datetime
    give_up_at: datetime
    attempts: int = 0
    ended_at: datetime | None = None
    status: int = 0
    error: str = ""
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request: an HTTP status, or 0 and an error code. `answer`: the first 200 printable characters."""

    at: datetime
    status: int
    error: str
    duration_ms: int
    answer: str = ""

    @property
    def is_good(self) -> bool:
        return 200 <= self.status <= 299


@dataclass(frozen=True, slots=True)
class Job:
    """A delivery that is due, and all that sending it needs. `lease` is whoever holds its endpoint."""

    delivery: Delivery
    endpoint: Endpoint
    secrets: SealedSecrets
    body: bytes = field(repr=False)
    lease: str = ""


@dataclass(frozen=True, slots=True)
class HourCount:
    """Attempts that ended well and badly in the hour from `at` on."""

    at: datetime
    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook's URL taken apart. `literal` is the host when it is an IP address."""

    url: str
    host: str
    port: int
    path: str
    literal: IpAddress | None = None

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"


def split_url(text: str) -> Target:
    """A webhook's URL in its one spelling. Raises Malformed("bad_webhook_url"); no address is judged here."""
    wrong = Malformed(
        "bad_webhook_url",
        f"A webhook's address is https://host/… in ASCII without user name and fragment, at most {MAX_URL} characters.",
    )
    match = _URL.fullmatch(text) if len(text) <= MAX_URL else None
    if match is None or _PERCENT.search(text):
        raise wrong
    try:
        port = urlsplit(text).port
    except ValueError:
        raise wrong from None
    if port == 0:
        raise wrong
    host, literal = _split_host(match["host"], wrong)
    path = text[len("https://") :].removeprefix(match["host"])
    path = re.sub(r"\A:[0-9]{1,5}", "", path)
    target = Target("", host, port or 443, path if path.startswith("/") else "/" + path, literal)
    url = f"https://{target.authority}{target.path}"
    if len(url) > MAX_URL:
        raise wrong
    return Target(url, target.host, target.port, target.path, literal)


def parse_endpoint_url(text: str, rule: AddressRule) -> Target:
    """An address that may be kept. Raises Malformed: bad_webhook_url, webhook_port_refused, webhook_address_refused.

    Names are looked up, and judged, before each attempt: what a name says today proves nothing for tomorrow.
    """
    target = split_url(text)
    if not rule.allows_port(target.port):
        raise Malformed("webhook_port_refused", f"Port {target.port} is not allowed here; use 443.")
    if target.literal is not None and (why := rule.find_refusal(target.literal)):
        raise Malformed("webhook_address_refused", f"Nothing is sent to {target.host}: {why}.")
    return target


def parse_types(texts: Iterable[str]) -> tuple[EventType, ...]:
    """The types that are wanted, each once, sorted; none means all. Raises Malformed("bad_event_type")."""
    wanted = set(texts)
    if not wanted <= {kind.value for kind in CHOSEN_TYPES}:
        raise Malformed("bad_event_type", f"A type is one of {', '.join(CHOSEN_TYPES)}.")
    return tuple(sorted(EventType(text) for text in wanted))


def parse_label(text: str) -> str:
    """A word for people, up to 80 visible characters on one line, or none. Raises Malformed("bad_webhook_label")."""
    label = " ".join(unicodedata.normalize("NFC", text[: 4 * MAX_LABEL]).split())
    if len(label) > MAX_LABEL or any(unicodedata.category(c) in _INVISIBLE for c in label):
        raise Malformed("bad_webhook_label", f"A label has at most {MAX_LABEL} visible characters on one line.")
    return label


def parse_endpoint(url: str, types: Iterable[str], label: str, rule: AddressRule) -> EndpointFields:
    """Raises Malformed, for the first field that is wrong."""
    return EndpointFields(parse_endpoint_url(url, rule).url, parse_types(types), parse_label(label))


def next_attempt_at(delivery: Delivery, now: datetime, luck: float) -> datetime | None:
    """When to try again after a failure, the `delivery.attempts`-th; None: it is given up.

    `luck` in [0, 1) spreads what failed together over a fifth more of the time. The last try is at `give_up_at`.
    """
    if now >= delivery.give_up_at:
        return None
    seconds = _DELAYS[min(max(delivery.attempts, 1), len(_DELAYS)) - 1] * (1 + _JITTER * luck)
    return min(now + timedelta(seconds=seconds), delivery.give_up_at)


def _split_host(text: str, wrong: Malformed) -> tuple[str, IpAddress | None]:
    """A name with a dot in lower case, or an IP address in its one spelling. Numbers in any other are no names."""
    if text.startswith("["):
        try:
            address = ipaddress.IPv6Address(text[1:-1])
        except ValueError:
            raise wrong from None
        return str(address), address
    host = text.lower().removesuffix(".")
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        # C libraries read 2130706433, 0x7f.1, 0177.0.0.1 and 127.1 as addresses. Here there is one spelling.
        try:
            literal = ipaddress.IPv4Address(host)
        except ValueError:
            raise wrong from None
        return host, literal
    if len(labels) < 2 or len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise wrong
    return host, None


class UnknownWebhook(UnknownObject):
    """Codes: unknown_webhook, unknown_delivery."""


class WebhookConflict(Conflict):
    """Codes: too_many_webhooks, webhook_url_taken, webhook_disabled, delivery_pending."""
