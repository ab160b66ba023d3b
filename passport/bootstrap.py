# SPDX-License-Identifier: Apache-2.0
"""Puts a registry together: every choice of a concrete part is made here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from passport.bootstrap_accounts import OpenAccounts, open_accounts
from passport.bootstrap_platform import Platform, open_platform
from passport.domain.files import make_directory, replace_file
from passport.domain.ledger_values import LedgerError
from passport.domain.province_table import ProvinceTable, parse_province_table
from passport.ledger.high_water import HighWater
from passport.ledger.integrate import read_tile
from passport.ledger.ports import LedgerStore, Witness, no_witness
from passport.ledger.sequencer import Ledger, LedgerOptions, log_fatal
from passport.services.check_counts import Recorder, RecorderOptions
from passport.services.checking import RegistryChecker
from passport.services.gate_facts import LedgerGateFacts
from passport.services.recall_facts import LedgerRecallFacts
from passport.services.recalls.ledger import ViewedRecalls
from passport.services.registration import FoldPolicy
from passport.services.registry import RegistryInfo, RegistryService
from passport.services.shipments import ShipmentDesk
from passport.services.views import SnapshotPlan, Views
from passport.settings import FILE_NAME, BadSettings, Settings
from passport.signing import LedgerSigner, Signer, load_key_file, new_key_file, read_key_file
from passport.storage.check_schema import CHECK_TABLES
from passport.storage.check_store import CheckStore
from passport.storage.document_store import DocumentStore
from passport.storage.engine import Database, open_database
from passport.storage.item_store import ItemStore
from passport.storage.ledger_store import SqlLedgerStore
from passport.storage.lock import DirectoryLock
from passport.storage.tile_directory import TileDirectory
from passport.witnessing import WitnessClient, can_reach_quorum
from verifier.fetch import parse_fetch_url
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Text
from verifier.protocol.note import ALG_ED25519, VKey, make_vkey
from verifier.protocol.policy import PolicyLog, TlogPolicy, parse_policy
from verifier.protocol.statements import REGISTRY, Header, make_entry, signed_bytes
from verifier.protocol.statements.registry import RegistryCreated

SQLITE_PREFIX = "sqlite:"


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class OpenStore:
    """The registry's database, with the lock that its directory needs."""

    database: Database
    lock: DirectoryLock | None
    ledger: SqlLedgerStore
    items: ItemStore
    documents: DocumentStore

    def close(self) -> None:
        # Closing a SQLite file is a checkpoint, so the lock goes last.
        self.database.close()
        if self.lock is not None:
            self.lock.release()


@dataclass(frozen=True, slots=True)
class Registry:
    """A running registry: what the web application is given, and how to end it."""

    settings: Settings
    service: RegistryService
    checker: RegistryChecker
    ledger: Ledger
    views: Views
    store: OpenStore
    checks: Database
    recorder: Recorder
    shipments: ShipmentDesk
    accounts: OpenAccounts
    platform: Platform

    def stop(self) -> None:
        """Drains and publishes what was accepted, then closes. May take as long as one witness round."""
        self.platform.stop()
        self.recorder.stop()
        self.checks.close()
        self.ledger.stop()
        self.views.stop()
        self.accounts.close()
        self.store.close()


def open_store(settings: Settings, *, url: str = "") -> OpenStore:
    """Opens the database. Raises StartRefused: DirectoryLocked, SchemaMismatch, UnsafeDatabase."""
    database_url = settings.effective_database_url
    lock = None
    if database_url.startswith(SQLITE_PREFIX):
        make_directory(settings.data)
        lock = DirectoryLock(settings.data)
        lock.acquire(url)
    try:
        database = open_database(database_url, lock)
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    return OpenStore(database, lock, SqlLedgerStore(database), ItemStore(database), DocumentStore(database))


def load_province_table(settings: Settings) -> ProvinceTable | None:
    """The operator's table of networks, if there is one. Raises BadSettings, which names the line."""
    if not settings.province_table:
        return None
    path = settings.directory / settings.province_table
    try:
        return parse_province_table(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings("bad_province_table", f"province_table: {path} cannot be read: {error}") from error
    except Malformed as error:
        raise BadSettings(error.code, f"province_table: {path}: {error}") from error


def start_recorder(settings: Settings, store: OpenStore) -> tuple[Database, Recorder]:
    """Opens the counts of checks, under the store's lock, and begins to count. Raises StartRefused, BadSettings."""
    table = load_province_table(settings)
    checks = open_database(settings.effective_checks_url, store.lock, CHECK_TABLES)
    try:
        # On PostgreSQL other processes may count beside this one.
        options = RecorderOptions(reload_seconds=None if checks.is_sqlite else 30.0)
        recorder = Recorder(CheckStore(checks), clock=utc_now, table=table, options=options)
        recorder.start()
    except BaseException:
        checks.close()
        raise
    return checks, recorder


def ledger_vkey(settings: Settings) -> VKey:
    """The ledger's verifier key, from the policy file that stands beside the settings."""
    return parse_policy(settings.policy.read_bytes()).logs[0].vkey


def start_registry(
    settings: Settings, passphrase: str, *, on_fatal: Callable[[LedgerError], None] = log_fatal
) -> Registry:
    """Opens, checks and starts everything but the web server.

    Raises StartRefused, CorruptLedger, KeyFileError, BadSettings, Malformed.
    """
    ledger_signer = load_key_file(settings.keys / "ledger.key", passphrase, "ledger")
    status_signer = load_key_file(settings.keys / "status.key", passphrase, "status")
    policy = parse_policy(settings.policy.read_bytes())
    with ExitStack() as undo:
        store = open_store(settings, url=settings.base_url)
        undo.callback(store.close)
        accounts = open_accounts(settings, store.lock)
        undo.callback(accounts.close)
        witness = make_witness(policy, store.ledger)
        ledger = make_ledger(settings, store.ledger, ledger_signer, on_fatal, witness=witness)
        ledger.start()
        undo.callback(ledger.stop)
        checks, recorder = start_recorder(settings, store)
        undo.pop_all()
    views = Views(
        store.ledger,
        store.items,
        policy=policy,
        origin=settings.origin,
        clock=utc_now,
        plan=SnapshotPlan(status_signer, settings.snapshot_lifetime, settings.snapshot_refresh),
    )
    views.follow(ledger)
    info = RegistryInfo(
        origin=settings.origin,
        base_url=settings.base_url,
        log_vkey=make_vkey(settings.origin, ALG_ED25519, ledger_signer.public_key).to_text(),
        policy=policy,
    )
    checker = RegistryChecker(
        views, store.documents, ledger, policy=policy, clock=utc_now, suspects=recorder.find_suspicion_of
    )
    facts = LedgerGateFacts(views, store.documents, checker, ledger)
    recalls, viewed = LedgerRecallFacts(views, ledger), ViewedRecalls(views, ledger)
    platform = open_platform(accounts.business, facts, recalls, viewed, utc_now, settings)
    return Registry(
        settings=settings,
        service=RegistryService(info, ledger, store.ledger, views, store.items, store.documents),
        checker=checker,
        ledger=ledger,
        views=views,
        store=store,
        checks=checks,
        recorder=recorder,
        shipments=ShipmentDesk(views, recorder, origin=settings.origin, clock=utc_now),
        accounts=accounts,
        platform=platform,
    )


def make_witness(policy: TlogPolicy, store: LedgerStore) -> Witness:
    """Who cosigns checkpoints: the policy's witnesses that have a URL. Raises BadSettings("quorum_unreachable")."""
    if not can_reach_quorum(policy):
        raise BadSettings(
            "quorum_unreachable",
            "The policy's quorum needs witnesses that it gives no URL for, so nothing could ever be published.",
        )
    if not any(witness.url for witness in policy.witnesses):
        return no_witness
    return WitnessClient(policy, lambda tile: read_tile(store, tile))


def make_ledger(
    settings: Settings,
    store: LedgerStore,
    signer: Signer,
    on_fatal: Callable[[LedgerError], None] = log_fatal,
    witness: Witness = no_witness,
) -> Ledger:
    """The sequencer over a store, with the registration policy, the high-water mark and the public directory."""
    options = LedgerOptions(
        high_water=HighWater(settings.high_water, settings.origin),
        sink=TileDirectory(settings.public),
        witness=witness,
        on_fatal=on_fatal,
        renew_seconds=None if witness is no_witness else settings.cosignature_refresh_seconds,
    )
    return Ledger(store, FoldPolicy(settings.origin), LedgerSigner(settings.origin, signer), options)


def create_registry(settings: Settings, passphrase: str) -> VKey:
    """Makes the keys, the files and entry 0 of a new registry, and returns the ledger's verifier key.

    Raises KeyFileError("key_file_exists") when the directory holds a registry: nothing is overwritten. A run that was
    interrupted leaves a directory that has no registry.toml, because that file is written last.
    """
    make_directory(settings.keys)
    for purpose in ("ledger", "status", "operator"):
        new_key_file(settings.keys / f"{purpose}.key", passphrase, purpose)
    signers = {
        purpose: load_key_file(settings.keys / f"{purpose}.key", passphrase, purpose)
        for purpose in ("ledger", "status", "operator")
    }
    vkey = make_vkey(settings.origin, ALG_ED25519, signers["ledger"].public_key)
    url = f"{settings.base_url}/ledger"
    replace_file(settings.policy, make_policy(vkey, url).to_bytes())
    store = open_store(settings)
    try:
        ledger = make_ledger(settings, store.ledger, signers["ledger"])
        ledger.start()
        try:
            entry = _first_entry(settings, signers["operator"], signers["status"])
            ledger.append(entry).result(60)
            ledger.wait_published(1, 60)
        finally:
            ledger.stop()
    finally:
        store.close()
    replace_file(settings.directory / FILE_NAME, settings.to_toml().encode())
    return vkey


def make_policy(vkey: VKey, url: str) -> TlogPolicy:
    """The policy of a ledger that has no witnesses yet: its key, and `quorum none`."""
    return parse_policy(f"log {vkey.to_text()} {url}\nquorum none\n".encode())


def set_policy(settings: Settings, data: bytes) -> TlogPolicy:
    """Makes this the registry's policy, with the ledger's URL if it has none. It counts from the next start on.

    Raises Malformed, and BadSettings for a policy that this registry could not live by; nothing is written then.
    """
    policy = parse_policy(data)
    public_key = read_key_file(settings.keys / "ledger.key").public_key
    vkey = make_vkey(settings.origin, ALG_ED25519, public_key)
    if [log.vkey for log in policy.logs] != [vkey]:
        raise BadSettings(
            "another_ledger", f"The policy must have one log line, with this ledger's key {vkey.to_text()}"
        )
    if policy.logs[0].url is None:
        policy = replace(policy, logs=(PolicyLog(vkey, f"{settings.base_url}/ledger".encode()),))
    for witness in policy.witnesses:
        if witness.url:
            parse_fetch_url(witness.url.decode("utf-8", "replace"), allow_http=True)
    if not can_reach_quorum(policy):
        raise BadSettings("quorum_unreachable", "The policy's quorum needs witnesses that it gives no URL for.")
    # Crash before the rename: the old policy; after it: the new one. Checkpoints are made to fit at the next start.
    replace_file(settings.policy, policy.to_bytes())
    return policy


def _first_entry(settings: Settings, operator: Signer, status: Signer) -> bytes:
    statement = RegistryCreated(
        header=Header(origin=settings.origin, issuer=REGISTRY, issued_at=utc_now()),
        name=Text(zh=settings.name_zh, en=settings.name_en),
        operator_key=operator.public_key,
        status_vkey=make_vkey(f"{settings.origin}/status", ALG_ED25519, status.public_key),
    )
    signature = operator.sign(signed_bytes(statement))
    return make_entry(statement, key_id=operator.public_key.key_id, signature=signature)
