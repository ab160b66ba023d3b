# SPDX-License-Identifier: Apache-2.0
"""The frame of the registry's API: declarations of its calls, idempotency keys, cursors, rate limits. ADR 0020."""
