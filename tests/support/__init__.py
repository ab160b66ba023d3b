# SPDX-License-Identifier: Apache-2.0
"""What several tests share: a ledger in memory, a server for it, checks that run as scripts."""
