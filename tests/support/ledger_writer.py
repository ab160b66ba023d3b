# SPDX-License-Identifier: Apache-2.0
"""A ledger process to be killed: eight threads append, and each acknowledged entry is reported on standard output.

Arguments: site directory, name of the run, URL of a PostgreSQL database or "-". Environment PASSPORT_TEST_FSIZE: the
largest file in bytes that the process may write (RLIMIT_FSIZE); then it ends with 3 at the first append that fails.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from passport.domain.ledger_values import AppendFailed
from tests.support.ledgers import Site, running

if TYPE_CHECKING:
    from passport.ledger.sequencer import Ledger

THREADS = 8


def write(ledger: Ledger, name: str, number: int, failed: threading.Event) -> None:
    count = 0
    while not failed.is_set():
        entry = f"{name}-{number}-{count}".encode() + b" " + bytes(count % 700)
        try:
            appended = ledger.append(entry).result(60)
        except AppendFailed as error:
            os.write(1, f"failed {error.code}\n".encode())
            failed.set()
            return
        # One write of less than PIPE_BUF bytes: a line arrives whole or not at all.
        os.write(1, f"{appended.index} {name}-{number}-{count} {count % 700}\n".encode())
        count += 1


def main() -> None:
    directory, name, url = sys.argv[1:]
    limit = os.environ.get("PASSPORT_TEST_FSIZE")
    site = Site(Path(directory), None if url == "-" else url)
    failed = threading.Event()
    with site.store() as store, running(site.ledger(store, pool_seconds=0.002)) as ledger:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
        os.write(1, b"started\n")
        threads = [
            threading.Thread(target=write, args=(ledger, name, number, failed), daemon=True)
            for number in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    sys.exit(3)


if __name__ == "__main__":
    main()
