# SPDX-License-Identifier: Apache-2.0
"""The `passport` command, one module per group."""
