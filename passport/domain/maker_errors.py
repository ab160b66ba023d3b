# SPDX-License-Identifier: Apache-2.0
"""What can go wrong on a maker's, an authority's or an operator's own machine; each branch has an exit code of its own.

PassportError
└── MakerError
    ├── BadInput             3  a file or an option is not well formed; the message names the file and the line
    ├── RegistryRefused      4  the registry holds a rule against it; `code` is the rule
    ├── RegistryUnavailable  5  no answer: run the same command again
    ├── StateConflict        6  another run, or another batch, has what this one needs
    └── NotConfirmed         7  a person said no, or nobody was there to say yes
"""

from __future__ import annotations

from typing import ClassVar

from passport.domain.errors import PassportError


class MakerError(PassportError):
    """Base of the errors of the maker's side."""


class BadInput(MakerError):
    """What the person gave is not well formed."""

    exit_code: ClassVar[int] = 3


class RegistryRefused(MakerError):
    """The registry answered no. `status` is the HTTP status, 200 for one refused statement among several."""

    exit_code: ClassVar[int] = 4

    def __init__(self, code: str, message: str, status: int = 200) -> None:
        super().__init__(code, message)
        self.status = status


class RegistryUnavailable(MakerError):
    """The registry could not be asked, or gave no answer that makes sense. Nothing is known about the outcome."""

    exit_code: ClassVar[int] = 5


class StateConflict(MakerError):
    """A file on this machine says that the command cannot go on."""

    exit_code: ClassVar[int] = 6


class NotConfirmed(MakerError):
    """The person did not agree to what was shown."""

    exit_code: ClassVar[int] = 7
