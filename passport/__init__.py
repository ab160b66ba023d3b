# SPDX-License-Identifier: Apache-2.0
"""The issuer's tools and the registry: what makes codes and keeps the ledger. Stands on `verifier`."""
