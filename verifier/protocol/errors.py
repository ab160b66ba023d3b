# SPDX-License-Identifier: Apache-2.0
"""The error tree of the verifier: three branches, because a caller does three different things.

VerifierError
├── Malformed      what they sent is not well formed: an error of theirs, never a verdict on a product
├── DoesNotHold    well formed and untrue: a signature, a proof or a rule that fails
└── DidNotArrive   it could not be fetched: says nothing about the thing itself
"""

from __future__ import annotations


class VerifierError(Exception):
    """Base of every error that the verifier raises on purpose.

    `code` is a stable snake_case word for programs; `str(error)` is a sentence for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Malformed(VerifierError):
    """The bytes are not a well-formed value of the format."""


class DoesNotHold(VerifierError):
    """The value is well formed, and what it claims is not true."""


class DidNotArrive(VerifierError):
    """The bytes could not be fetched in time; nothing is known about them."""
