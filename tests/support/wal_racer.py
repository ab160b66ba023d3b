# SPDX-License-Identifier: Apache-2.0
"""One process of the race for a data directory: opens it, writes, checkpoints, closes, over and over.

Arguments: data directory, file for acknowledged digests, end as POSIX seconds, number of the process.
"""

from __future__ import annotations

import os
import random
import sys
import time
from hashlib import sha256
from pathlib import Path

from sqlalchemy import insert

from passport.domain.ledger_values import DirectoryLocked
from passport.storage.engine import open_database
from passport.storage.lock import DirectoryLock
from passport.storage.schema import documents


def main(directory: Path, log: Path, end_at: float, number: int) -> None:
    chance = random.Random(number)
    written = 0
    with open(log, "ab", buffering=0) as acknowledged:
        while time.time() < end_at:
            lock = DirectoryLock(directory)
            try:
                lock.acquire()
            except DirectoryLocked:
                time.sleep(chance.uniform(0, 0.005))
                continue
            database = open_database(f"sqlite:///{directory}/passport.sqlite3", lock)
            for _ in range(chance.randrange(1, 20)):
                data = b"%d %d " % (number, written) + os.urandom(chance.randrange(3000))
                digest = sha256(data).digest()
                row = {"digest": digest, "gtin": "06901234567892", "media_type": "text/plain", "data": data}
                with database.write() as connection:
                    connection.execute(insert(documents), row)
                acknowledged.write(digest.hex().encode() + b"\n")
                written += 1
                if chance.random() < 0.2:
                    database.checkpoint()
            if chance.random() < 0.02:
                os._exit(9)  # as if killed: the next one recovers the log
            database.close()
            lock.release()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
