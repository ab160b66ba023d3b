# SPDX-License-Identifier: Apache-2.0
"""Verdict cases about recall, void, age of the snapshot and suspicion (steps 9 and 10)."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

from ledger_kit import Case
from statement_kit import ACME, ACME_GTIN, World, both, make_batch
from verdict_kit import case

FAILED = "pppppppppfp"
UNKNOWN = "pppppppppup"
ALL = [[0, 4]]
STALE = "2026-03-02T08:00:01Z"


def at(name: str, does: str, world: World, seq: int, verdict: str, **given: object) -> Case:
    steps = "p" * 11 if verdict.startswith("genuine") else UNKNOWN if verdict.startswith("cannot_tell") else FAILED
    given.setdefault("proof", world.proof(world.batch, seq))
    return case(name, does, world, world.batch.codes[seq].url(), verdict, steps, **given)


def recall_cases() -> list[Case]:
    def recalled(scope: list[dict], covers: list[list[int]] | None) -> World:
        world = World()
        world.recall("2026-1", scope, [] if covers is None else [(0, covers)])
        return world

    lot = recalled([{"gtin": ACME_GTIN, "lot": "L1"}], ALL)
    other_lot = recalled([{"gtin": ACME_GTIN, "lot": "L2"}], None)
    seqs = recalled([{"batch": 0, "gtin": ACME_GTIN, "seqs": [1, 2]}], [[1, 2]])
    dates = recalled([{"gtin": ACME_GTIN, "produced_from": "2026-01-15", "produced_to": "2026-01-15"}], ALL)
    before = recalled([{"gtin": ACME_GTIN, "produced_from": "2026-01-01", "produced_to": "2026-01-14"}], None)
    model = recalled([{"gtin": ACME_GTIN}], ALL)
    spared = [{"except": [{"batch": 0, "seqs": [2, 2]}], "gtin": ACME_GTIN, "lot": "L1"}]
    exception = recalled(spared, [[0, 1], [3, 4]])
    ids = ["acme/2026-1"]
    red = "recalled recall"
    return [
        at("recall-by-lot", "Every item of the lot.", lot, 0, red, recalls=ids),
        at("recall-of-another-lot", "The neighbour.", other_lot, 0, "genuine genuine"),
        at("recall-by-seq-just-below-the-range", "Position 0 of the range 1 to 2.", seqs, 0, "genuine genuine"),
        at("recall-by-seq-first-of-the-range", "Both ends are included.", seqs, 1, red, recalls=ids),
        at("recall-by-seq-last-of-the-range", "Both ends are included.", seqs, 2, red, recalls=ids),
        at("recall-by-seq-just-above-the-range", "Position 3.", seqs, 3, "genuine genuine"),
        at("recall-by-production-date", "One day, both ends included.", dates, 0, red, recalls=ids),
        at("recall-until-the-day-before", "The neighbour.", before, 0, "genuine genuine"),
        at("recall-of-the-whole-model", "Every item of the GTIN.", model, 4, red, recalls=ids),
        at("recall-with-an-exception-item-beside-it", "Item 1 is covered.", exception, 1, red, recalls=ids),
        at("recall-with-an-exception-excepted-item", "Item 2 is excepted.", exception, 2, "genuine genuine"),
    ]  # fmt: skip


def several_recalls_cases() -> list[Case]:
    scope = [{"gtin": ACME_GTIN}]
    withdrawn = World()
    withdrawn.recall("2026-1", scope, [(0, ALL)], action="withdrawal")
    closed = World()
    closed.recall("2026-1", scope, [(0, ALL)])
    closed.close("2026-1")
    several = World()
    several.recall("a-closed", scope, [(0, ALL)], severity="serious")
    several.close("a-closed")
    several.recall("b-low", scope, [(0, ALL)], severity="low", action="withdrawal")
    several.recall("c-serious", scope, [(0, ALL)], severity="serious")
    voided = World()
    voided.recall("2026-1", scope, [(0, ALL)])
    voided.void(0, [[0, 0]])
    order = ["acme/c-serious", "acme/b-low", "acme/a-closed"]
    return [
        at("withdrawal-is-told-from-a-recall", "Stopped in the chain.", withdrawn, 0, "recalled withdrawal", recalls=["acme/2026-1"]),
        at("closed-recall-stays-visible", "It is over, and it is listed.", closed, 0, "genuine genuine", recalls=["acme/2026-1"]),
        at("most-severe-of-three-recalls-wins", "Active before closed, then by severity; all are listed.", several, 0, "recalled recall", recalls=order),
        at("void-is-worse-than-a-recall", "Both hold.", voided, 0, "void void", recalls=["acme/2026-1"]),
    ]  # fmt: skip


def void_cases() -> list[Case]:
    world = World()
    world.void(0, [[1, 2], [4, 4]])
    verdicts = ["genuine genuine", "void void", "void void", "genuine genuine", "void void"]
    names = ["before", "first-of", "last-of", "between", "single-position-of"]
    return [
        at(f"void-range-{name}", f"Position {seq}; void are 1 to 2 and 4.", world, seq, verdict)
        for seq, (name, verdict) in enumerate(zip(names, verdicts, strict=True))
    ]


def age_cases() -> list[Case]:
    world = World()
    recalled = World()
    recalled.recall("2026-1", [{"gtin": ACME_GTIN}], [(0, ALL)])
    voided = World()
    voided.void(0, ALL)
    ids = ["acme/2026-1"]
    return [
        at("snapshot-in-its-last-second", "Now is next_update.", world, 0, "genuine genuine", now="2026-03-02T08:00:00Z"),
        at("snapshot-stale", "One second later, whatever else is green.", world, 0, "cannot_tell snapshot_stale", now=STALE),
        at("snapshot-stale-with-a-recall", "An old recall is still a warning.", recalled, 0, "recalled recall", now=STALE, recalls=ids),
        at("snapshot-stale-with-a-void", "So is a void.", voided, 0, "void void", now=STALE),
        at("snapshot-five-minutes-ahead", "Clocks differ a little.", world, 0, "genuine genuine", now="2026-03-01T07:55:00Z"),
        at("snapshot-from-the-future", "One second more is too much.", world, 0, "cannot_tell snapshot_stale", now="2026-03-01T07:54:59Z"),
    ]  # fmt: skip


def newer_batch_cases() -> list[Case]:
    """The recall stands in the snapshot; the batch was logged after it, so no cover names it. The scope still does."""
    world = World()
    world.recall("2026-1", [{"except": [{"batch": 1, "seqs": [1, 1]}], "gtin": ACME_GTIN, "lot": "L9"}], [])
    older = world.signed_snapshot()
    size = len(world.entries)
    world.batch = world.log(make_batch(ACME, 1, lot="L9"), ACME)
    sure, spared = (world.proof(world.batch, seq, linked=size) for seq in (0, 1))
    other = World()
    other_older = other.signed_snapshot()
    other.batch = other.log(make_batch(ACME, 1, lot="L9"), ACME)
    unrecalled = other.proof(other.batch, 0, linked=5)
    return [
        at("recalled-lot-of-a-batch-newer-than-the-snapshot", "The snapshot's covers end before the batch, its scope does not.", world, 0, "recalled recall", snapshot=older, proof=sure, recalls=["acme/2026-1"]),
        at("excepted-item-of-a-batch-newer-than-the-snapshot", "The neighbour.", world, 1, "genuine genuine", snapshot=older, proof=spared),
        at("batch-newer-than-the-snapshot", "No recall as of the snapshot.", other, 0, "genuine genuine", snapshot=other_older, proof=unrecalled),
    ]  # fmt: skip


def suspicion_cases() -> list[Case]:
    world = World()
    recalled = World()
    recalled.recall("2026-1", [{"gtin": ACME_GTIN}], [(0, ALL)])
    suspicion = {"facts": both("seen in three provinces today"), "reason": "many_places"}
    url = world.batch.codes[0].url()
    return [
        case("suspicious-record-of-checks", "The code is genuine, its record is unusual.", world, url, "suspect many_places", suspicion=suspicion),
        case("suspicion-beside-a-recall", "The recall wins.", recalled, url, "recalled recall", FAILED, suspicion=suspicion, recalls=["acme/2026-1"]),
        case("suspicion-beside-a-stale-snapshot", "Suspicion is worse than not knowing.", world, url, "suspect many_places", UNKNOWN, suspicion=suspicion, now=STALE),
        case("suspicion-beside-a-forgery", "Nobody counts checks of a forgery.", world, world.batch.codes[0].url(serial=world.batch.codes[1].serial), "counterfeit bad_signature", "ppfssssssss", suspicion=suspicion),
    ]  # fmt: skip


def status_cases() -> list[Case]:
    groups = (recall_cases, several_recalls_cases, void_cases, age_cases, newer_batch_cases, suspicion_cases)
    return [item for group in groups for item in group()]
