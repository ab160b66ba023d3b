# SPDX-License-Identifier: Apache-2.0
"""The base of the errors that the issuer and the registry raise on purpose.

PassportError
├── KeyFileError                a key file cannot be made or opened (passport.signing)
└── LedgerError                 passport.domain.ledger_values
    ├── AppendFailed            not stored, as far as we know: try again
    ├── StoreFailed, HeadMoved  between a store and its sequencer
    ├── CorruptLedger, OutcomeUnknown       the ledger stops for good
    └── StartRefused            BelowHighWater, DirectoryLocked, SchemaMismatch, UnsafeDatabase, NotEmpty
"""

from __future__ import annotations

from typing import ClassVar


class PassportError(Exception):
    """An error with a stable snake_case `code`; `str(error)` says what happened and what to do.

    `exit_code` is what a command or a server ends with when nothing catches the error.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
