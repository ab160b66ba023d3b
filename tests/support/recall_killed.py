# SPDX-License-Identifier: Apache-2.0
"""A process that carries one recall in small pieces until it is done, for tests that kill it: DIRECTORY URL."""

from __future__ import annotations

import sys
from pathlib import Path

from passport.services.recalls import worker as worker_module
from passport.services.recalls.kit import RecallKit
from passport.services.recalls.worker import RecallWorker
from passport.services.webhooks import make_webhooks
from tests.support.accounts import open_site
from tests.support.recalls import ToldRecalls, lots_of, state_of
from tests.support.webhooks import ToldSender, make_kit

PIECE = 10


def main(directory: str, url: str) -> None:
    worker_module.CHUNK = PIECE
    ledger = ToldRecalls()
    ledger.publish(state_of(coverage=lots_of("L1")))
    with open_site(Path(directory), None if url == "-" else url) as site:
        outbox = make_webhooks(make_kit(site, ToldSender())).outbox
        worker = RecallWorker(RecallKit(site.business, ledger, outbox, site.clock))
        print("started", flush=True)
        while worker.work():
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
