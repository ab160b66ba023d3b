# SPDX-License-Identifier: Apache-2.0
"""Files of listings: upload, preview, run. The page of one asks again by itself while the worker is at it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from flask import request

from passport.domain.accounts_errors import AccountError, NotAllowed
from passport.domain.listing_file import COLUMNS, MAX_FILE_SIZE, MAX_ROWS
from passport.domain.listing_imports import BUSY
from passport.web.console.listings import may_write
from verifier.protocol.errors import Malformed

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from passport.services.listings import Listings
    from passport.web.console.frame import ConsoleFrame

IMPORTS = "/console/imports"
_PIECE = 64 * 1024
_LISTED = 20


def add_import_pages(console: Blueprint, frame: ConsoleFrame, listings: Listings) -> None:
    """Nothing here waits for the worker."""
    imports = listings.imports

    @console.route("/imports", methods=["GET", "POST"], endpoint="imports")
    def index() -> AnyResponse:
        page: dict[str, Any] = {"columns": COLUMNS, "max_rows": MAX_ROWS, "max_mib": MAX_FILE_SIZE >> 20}
        found = imports.page(frame.principal, "", _LISTED)
        shown: dict[str, Any] = {"imports": found, "may_write": may_write(frame), **page}
        if request.method != "POST":
            return frame.page("imports.html", **shown)
        file = request.files.get("file")
        try:
            if file is None or not file.filename:
                raise Malformed("file_empty", "Choose a file.")
            made = imports.upload(frame.principal, file.filename, _pieces(file.stream))
        except NotAllowed:
            raise
        except (Malformed, AccountError) as error:
            return frame.refuse("imports.html", error, **shown)
        return frame.done(f"{IMPORTS}/{made.id}", "import_uploaded")

    @console.get("/imports/<import_id>", endpoint="import")
    def one(import_id: str) -> AnyResponse:
        job = imports.get(frame.principal, import_id)
        progress = job.progress
        percent = min(100, 100 * progress.position // job.size)
        if progress is job.run:
            percent = min(100, 100 * job.run.rows // max(1, job.checked.rows))
        return frame.page(
            "import.html",
            job=job,
            progress=progress,
            percent=percent,
            is_busy=job.state in BUSY,
            may_write=may_write(frame),
        )

    @console.post("/imports/<import_id>/run", endpoint="run_import")
    def run(import_id: str) -> AnyResponse:
        imports.run(frame.principal, import_id)
        return frame.done(f"{IMPORTS}/{import_id}", "import_started")

    @console.post("/imports/<import_id>/discard", endpoint="discard_import")
    def discard(import_id: str) -> AnyResponse:
        imports.discard(frame.principal, import_id)
        return frame.done(IMPORTS, "import_discarded")


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece
