# SPDX-License-Identifier: Apache-2.0
"""The ledger: pool, integrate, sign, acknowledge, publish; check it and restore it. Reaches its store through ports."""
