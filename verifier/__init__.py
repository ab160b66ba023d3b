# SPDX-License-Identifier: Apache-2.0
"""Everything that a stranger needs to check a product code: no issuer code, no issuer data, `cryptography` alone."""
