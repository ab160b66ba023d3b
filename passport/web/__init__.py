# SPDX-License-Identifier: Apache-2.0
"""The registry over HTTP: statements, item hashes, documents, proofs, the ledger as static bytes, and its pages."""
