# SPDX-License-Identifier: Apache-2.0
"""How often is a genuine item called suspect, and how often a copied code? A simulation of verifier/suspicion.py.

Run: python bench/suspicion.py. Seeded: the same table every time. Every code is judged after each of its sessions, and
counts as suspect if it ever was: a suspicion stays. Assumptions, none of them measured on real people:

- 30 % of the genuine items are ever checked, the highest rate of the table below. Of these 75 % on one day, 21.5 %
  on two or three, 3 % on four to ten, 0.5 % by a curious owner on 20 to 90 days in a row. One check-day in seven has a
  second session from another network within six hours.
- 8 % are given away and 3 % sold on, half of them into another province; the new owner checks one to three times.
- On 2 % of check-days the owner is on a journey in another province.
- Wrong places: 2 % of all sessions get a province drawn at random; 5 % of owners have a telephone whose traffic leaves
  in one wrong province in two of five sessions.
- 5 % are checked once more by a shop on the check page, 2 % once in the factory before the shipment notice; 10 % of
  owners press "I have just opened it".
- Homes, journeys and copies' buyers are spread as the population is (census of 2020, millions, rounded).
- Not in it: a photograph of a code on the net that strangers check. Such a code is a copied code, and is called so.
- Copies: K of them and the original, each in the hands of a buyer, who checks once with the given rate in 90 days,
  with wrong places as above. Shipping is announced before; nobody presses the button.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from verifier.provinces import PROVINCES, is_impossible_travel
from verifier.suspicion import CheckFacts, is_suspect

GENUINE_ITEMS = 200_000
RUNS = 5
TRIALS = 2_000
COPIES = (5, 20, 100, 1_000)
RATES = (0.01, 0.03, 0.10, 0.30)
DAY = 86_400.0
# Mainland divisions in the order of verifier/provinces.py, then Taiwan, Hong Kong, Macao.
MILLIONS: tuple[int, ...] = (
    22,
    14,
    75,
    35,
    24,
    43,
    24,
    32,
    25,
    85,
    65,
    61,
    42,
    45,
    102,
    99,
    58,
    66,
    126,
    50,
    10,
    32,
    84,
    39,
    47,
    4,
)
MILLIONS += (40, 25, 6, 7, 26, 23, 7, 1)
CODES = tuple(province.code for province in PROVINCES)

Place = Callable[[random.Random], int]


@dataclass(frozen=True, slots=True)
class Session:
    """A counted session: seconds from the first day, derived province, before the shipment notice or not."""

    at: float
    province: int
    is_before_shipping: bool = False


def anywhere(rng: random.Random) -> int:
    """A province as the population is spread."""
    return rng.choices(CODES, MILLIONS)[0]


def seen_from(rng: random.Random, home: int, exit_province: int | None = None) -> int:
    """Where a session seems to come from."""
    if rng.random() < 0.02:
        return rng.choice(CODES)
    return exit_province if exit_province is not None and rng.random() < 0.4 else home


def _check_days(rng: random.Random) -> int:
    draw = rng.random()
    if draw < 0.75:
        return 1
    if draw < 0.965:
        return rng.randint(2, 3)
    return rng.randint(4, 10) if draw < 0.995 else rng.randint(20, 90)


def _owner(rng: random.Random, home: int, days: int, first_day: float) -> Iterator[Session]:
    """One owner's sessions: every day in a row if curious, else some days apart."""
    exit_province = anywhere(rng) if rng.random() < 0.05 else None
    day = first_day
    for _ in range(days):
        place = anywhere(rng) if rng.random() < 0.02 else home
        at = day * DAY + rng.uniform(0, 0.7 * DAY)
        yield Session(at, seen_from(rng, place, exit_province))
        if rng.random() < 1 / 7:
            yield Session(at + rng.uniform(60, 6 * 3600), seen_from(rng, place, exit_province))
        day += 1 if days >= 20 else rng.randint(1, 30)


def genuine_item(rng: random.Random) -> tuple[list[Session], float | None]:
    """The sessions of one genuine item in order, and when somebody pressed the button."""
    if rng.random() >= 0.30:
        return [], None
    home = anywhere(rng)
    sessions: list[Session] = []
    if rng.random() < 0.02:
        sessions.append(Session(0.0, anywhere(rng), is_before_shipping=True))
    if rng.random() < 0.05:
        sessions.append(Session(5 * DAY + rng.uniform(0, DAY), seen_from(rng, home)))
    sessions += _owner(rng, home, _check_days(rng), 10.0)
    opened = sessions[-1].at if rng.random() < 0.10 else None
    for share in (0.08, 0.03):
        if rng.random() < share:
            place = anywhere(rng) if rng.random() < 0.5 else home
            later = max(session.at for session in sessions) / DAY + rng.uniform(1, 200)
            sessions += _owner(rng, place, rng.randint(1, 3), later)
    return sorted(sessions, key=lambda session: session.at), opened


def count_up(sessions: Sequence[Session], opened: float | None = None) -> Iterator[CheckFacts]:
    """The facts that the recorder would have after each of these sessions."""
    provinces: set[int] = set()
    days: set[float] = set()
    travels = early = late = 0
    before: Session | None = None
    for number, session in enumerate(sessions, 1):
        provinces.add(session.province)
        days.add(session.at // DAY)
        if before is not None and session.at - before.at < DAY:  # so long the recorder remembers, at most
            travels += is_impossible_travel(before.province, session.province, session.at - before.at)
        early += session.is_before_shipping
        late += opened is not None and session.at // DAY > opened // DAY
        before = session
        yield CheckFacts(
            sessions=number,
            provinces=tuple(sorted(provinces)),
            impossible_travels=travels,
            before_shipping=early,
            after_opening=late,
            days=len(days),
        )


def find_amber(sessions: Sequence[Session], opened: float | None = None) -> int | None:
    """The number of sessions after which the code is suspect, and stays so; None: it never is."""
    return next((facts.sessions for facts in count_up(sessions, opened) if is_suspect(facts)), None)


def count_false_flags(items: int, seed: int = 1) -> int:
    """How many of so many genuine items are suspect at any time of their lives."""
    rng = random.Random(seed)
    return sum(find_amber(*genuine_item(rng)) is not None for _ in range(items))


def copied_code(rng: random.Random, copies: int, rate: float, place: Place = anywhere) -> list[Session]:
    """The sessions of one code that `copies` false items carry beside the true one."""
    scanned = sum(rng.random() < rate for _ in range(copies + 1))
    found = [Session(rng.uniform(0, 90 * DAY), seen_from(rng, place(rng))) for _ in range(scanned)]
    return sorted(found, key=lambda session: session.at)


def share_detected(copies: int, rate: float, trials: int, place: Place = anywhere, seed: int = 2) -> float:
    """The share of copied codes that turn amber within 90 days."""
    rng = random.Random(f"{seed} {copies} {rate}")
    return sum(find_amber(copied_code(rng, copies, rate, place)) is not None for _ in range(trials)) / trials


def share_warned(copies: int, rate: float, trials: int, place: Place = anywhere, seed: int = 3) -> float:
    """Of those who check one of the copies, the share who see amber: the code was suspect before they came."""
    rng = random.Random(f"{seed} {copies} {rate}")
    warned = total = 0
    for _ in range(trials):
        sessions = copied_code(rng, copies, rate, place)
        total += len(sessions)
        amber = find_amber(sessions)
        warned += 0 if amber is None else len(sessions) - amber
    return warned / total if total else 0.0


def upper_bound(flags: int, items: int) -> float:
    """The one-sided 95 % bound of a rate of which `flags` were seen among `items` (Poisson, exact)."""
    low, high = float(flags), flags + 10 * math.sqrt(flags + 1) + 10
    for _ in range(80):
        mean = (low + high) / 2
        at_most = sum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(flags + 1))
        low, high = (mean, high) if at_most > 0.05 else (low, mean)
    return high / items


def in_provinces(*codes: int) -> Place:
    """All buyers in these provinces."""
    return lambda rng: rng.choice(codes)


PLACES: tuple[tuple[str, Place], ...] = (
    ("sold all over the country", anywhere),
    ("sold in three provinces (Guangdong, Shandong, Sichuan)", in_provinces(44, 37, 51)),
    ("sold in two provinces (Guangdong, Beijing)", in_provinces(44, 11)),
    ("sold in one province (Guangdong)", in_provinces(44)),
)


def main() -> None:
    began = time.perf_counter()
    found = [count_false_flags(GENUINE_ITEMS, seed) for seed in range(1, RUNS + 1)]
    flags, items = sum(found), RUNS * GENUINE_ITEMS
    print(f"{RUNS} runs of {GENUINE_ITEMS:,} genuine items: {', '.join(map(str, found))} ever called suspect")
    print(
        f"{flags / items * 10_000:.2f} in 10,000, 95 % bound {upper_bound(flags, items) * 10_000:.2f} (aim: below 1)\n"
    )
    for title, place in PLACES:
        print(f"Copied codes, {title}: codes that turn amber / of those who check, who see amber")
        print(f"{'copies of one code':<20}" + "".join(f"{f'{rate:.0%} check':>16}" for rate in RATES))
        for copies in COPIES:
            trials = TRIALS if copies <= 20 else TRIALS // 4 if copies <= 100 else TRIALS // 20
            cells = ""
            for rate in RATES:
                detected, warned = (share(copies, rate, trials, place) for share in (share_detected, share_warned))
                cells += f"{f'{detected:.0%} / {warned:.0%}':>16}"
            print(f"{copies:<20,}{cells}")
        print()
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
