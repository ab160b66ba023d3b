# SPDX-License-Identifier: Apache-2.0
"""The operator's commands: `passport registry init`, `passport serve`, `passport ledger fsck | rebuild | …`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from passport.bootstrap import (
    OpenStore,
    create_registry,
    ledger_vkey,
    open_store,
    set_policy,
    start_registry,
)
from passport.commands.passphrase import passphrase_option
from passport.domain.errors import PassportError
from passport.domain.ledger_values import StartRefused
from passport.ledger.fsck import Finding, fsck, fsck_store
from passport.ledger.high_water import HighWater, adopt_high_water
from passport.ledger.rebuild import rebuild
from passport.ledger_url import UrlSource
from passport.settings import Settings, load_settings, origin_of
from verifier.protocol.statements import parse_entry
from verifier.protocol.statements.products import BatchIssued

if TYPE_CHECKING:
    from verifier.web.server import EndOfServer, Opened

LOG_HELP = "How each request and each event is written to standard error, one line each."
DIRECTORY = click.argument("directory", type=click.Path(path_type=Path, file_okay=False))


@click.group("registry")
def registry_group() -> None:
    """Make a registry: its keys, its settings and entry 0 of its ledger."""


@registry_group.command("init")
@DIRECTORY
@click.option("--base-url", required=True, help="Where the public will reach it, for example https://id.example.cn")
@click.option("--name-zh", required=True, help="The operator's name in Chinese.")
@click.option("--name-en", required=True, help="The operator's name in English.")
@click.option("--listen", default="127.0.0.1:8080", show_default=True, help="Address and port of the server.")
@click.option("--database-url", default="", help="postgresql://…; SQLite in the directory if not given.")
@passphrase_option
def init(
    directory: Path, base_url: str, name_zh: str, name_en: str, listen: str, database_url: str, passphrase: str
) -> None:
    """Make a new registry in DIRECTORY. Nothing that exists is overwritten."""
    settings = Settings(
        directory=directory,
        origin=origin_of(base_url),
        base_url=base_url.rstrip("/"),
        name_zh=name_zh,
        name_en=name_en,
        listen=listen,
        database_url=database_url,
    )
    vkey = create_registry(settings, passphrase)
    click.echo(f"The registry is in {directory}. Its ledger's verifier key, for everybody's policy file:")
    click.echo(f"\n  {vkey.to_text()}\n")
    click.echo(f"Keep a copy of {settings.keys} and of {settings.high_water.parent} apart from the database's backups.")
    click.echo(
        f"Move {settings.keys / 'operator.key'} to the machine that admits issuers; the server does not need it."
    )


@registry_group.command("set-policy")
@DIRECTORY
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def set_policy_command(directory: Path, file: Path) -> None:
    """Make FILE the policy of the registry in DIRECTORY: which witnesses it asks, and how many it needs.

    A policy for another ledger, or with a quorum that the witnesses with URLs cannot reach, is refused.
    """
    settings = load_settings(directory)
    policy = set_policy(settings, file.read_bytes())
    asked = [witness.vkey.name for witness in policy.witnesses if witness.url]
    click.echo(f"{settings.policy}: {len(asked)} witnesses to ask{': ' if asked else ''}{', '.join(asked)}")
    click.echo(f"quorum {policy.quorum.decode('utf-8', 'replace')}. It counts from the server's next start on.")


@click.command("serve")
@DIRECTORY
@click.option("--listen", default=None, help="Address and port; otherwise `listen` of registry.toml.")
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help=LOG_HELP)
@passphrase_option
def serve(directory: Path, listen: str | None, log_format: Literal["text", "json"], passphrase: str) -> None:
    """Serve the registry in DIRECTORY: pages, API and ledger. Ctrl-C or SIGTERM ends it cleanly."""
    from verifier.web.api.request_log import start_logging
    from verifier.web.server import Server

    settings = load_settings(directory)
    address = listen or settings.listen
    refuse_taken_address(address)

    def open_application(end: Callable[[EndOfServer], None]) -> Opened:
        start_logging(log_format)
        return open_web(settings, passphrase, end)

    server = Server(open_application, name="passport", listen=address, threads=settings.threads)
    click.echo(f"Serving {settings.base_url} on http://{address} (Ctrl-C ends it)")
    sys.exit(server.serve())


def refuse_taken_address(address: str) -> None:
    """Raises StartRefused("port_in_use") when somebody listens there already, before anything is opened."""
    from verifier.web.server import why_not_free

    why = why_not_free(address)
    if why is not None:
        remedy = "Stop what listens there, or give another address with --listen."
        raise StartRefused("port_in_use", f"The server cannot listen on {address}: {why}.", remedy)


def open_web(settings: Settings, passphrase: str, end: Callable[[EndOfServer], None]) -> Opened:
    """The registry and the web application over it."""
    from passport.web.api.frame import ApiFrame
    from passport.web.api.limits import RateLimits
    from passport.web.app import create_app
    from passport.web.ports import Counting
    from verifier.web.server import EndOfServer, Opened
    from verifier.web.settings import WebSettings
    from verifier.web.streams import StreamGate

    def as_end(error: PassportError) -> EndOfServer:
        return EndOfServer(error.code, str(error), error.exit_code)

    try:
        registry = start_registry(settings, passphrase, on_fatal=lambda error: end(as_end(error)))
    except PassportError as error:
        raise as_end(error) from error
    web_settings = WebSettings(
        trusted_hosts=settings.trusted_hosts,
        max_streams=max(1, settings.threads // 2),
        is_https=settings.base_url.startswith("https:"),
        proxies=settings.proxies,
        province_header=settings.province_header,
    )
    gate = StreamGate(web_settings.max_streams)
    counting = Counting(registry.recorder, registry.shipments)
    limits = RateLimits(
        api_per_minute=settings.rate_limit_api_per_minute,
        uploads_per_minute=settings.rate_limit_uploads_per_minute,
        pages_per_minute=settings.rate_limit_pages_per_minute,
        proxies=settings.proxies,
    )
    frame = ApiFrame(
        base_url=settings.base_url,
        limits=limits,
        keys=registry.accounts.business.idempotency_keys(),
        accounts=registry.accounts.accounts,
        listings=registry.platform.listings,
        badges=registry.platform.badges,
        webhooks=registry.platform.webhooks,
        returns=registry.platform.returns,
        recalls=registry.platform.recalls,
        live=registry.platform.live,
    )
    app = create_app(registry.service, registry.checker, web_settings, gate, counting, frame)
    return Opened(app, release=gate.stop, close=registry.stop)


@click.group("ledger")
def ledger_group() -> None:
    """Check and repair a ledger."""


@ledger_group.command("fsck")
@DIRECTORY
@click.option("--server", default=None, help="Check what this server publishes: for a registry that is running.")
def fsck_command(directory: Path, server: str | None) -> None:
    """Hash the whole ledger again, from the entries to the signed root, and name every blob that is wrong.

    Exit code 0: sound. 80: something is wrong.
    """
    settings = load_settings(directory)
    vkey = ledger_vkey(settings)
    if server is not None:
        findings = fsck(UrlSource(f"{server.rstrip('/')}/ledger", allow_http=True), vkey)
    else:
        store = open_store(settings)
        try:
            findings = fsck_store(store.ledger, vkey, check_entry=lambda _index, entry: check_items(store, entry))
        finally:
            store.close()
    for finding in findings:
        click.echo(str(finding))
    click.echo(f"{len(findings)} problems found" if findings else "The ledger is sound.")
    sys.exit(80 if findings else 0)


def check_items(store: OpenStore, entry: bytes) -> list[Finding]:
    """Looks at the item hashes that a batch statement binds, if they were uploaded completely."""
    statement = parse_entry(entry).statement
    if not isinstance(statement, BatchIssued):
        return []
    issuer, batch = statement.header.issuer, statement.batch
    if not store.items.is_complete(issuer, batch):
        return []
    problems = store.items.check_batch(issuer, batch, count=statement.count, item_root=statement.item_root)
    return [Finding(*problem.split(": ", 1)) for problem in problems]


@ledger_group.command("rebuild")
@DIRECTORY
@click.option("--from", "source", required=True, help="URL of the ledger's public tiles, …/ledger")
@click.option("--allow-http", is_flag=True, help="Allow plain http to another machine: everything is verified anyway.")
def rebuild_command(directory: Path, source: str, allow_http: bool) -> None:
    """Fill the empty database of DIRECTORY from public tiles, believing nothing but the ledger's key."""
    settings = load_settings(directory)
    store = open_store(settings)
    try:
        head = rebuild(
            UrlSource(source, allow_http=allow_http),
            store.ledger,
            ledger_vkey(settings),
            HighWater(settings.high_water, settings.origin),
        )
    finally:
        store.close()
    click.echo(f"Restored {head.size} entries.")
    click.echo("Item hashes and documents are not in public tiles: their makers send them again.")


@ledger_group.command("adopt-high-water")
@DIRECTORY
@click.confirmation_option(prompt="Have you compared the ledger's size with what witnesses and mirrors saw last?")
def adopt_command(directory: Path) -> None:
    """Set a lost high-water mark to what the database holds."""
    settings = load_settings(directory)
    store = open_store(settings)
    try:
        head = store.ledger.read_head()
        if head is None:
            raise click.ClickException("the database holds no ledger")
        mark = adopt_high_water(HighWater(settings.high_water, settings.origin), head)
    finally:
        store.close()
    click.echo(f"The high-water mark is now at {mark.size} entries.")


COMMANDS: tuple[click.Command, ...] = (registry_group, serve, ledger_group)
