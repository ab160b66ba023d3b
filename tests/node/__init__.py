# SPDX-License-Identifier: Apache-2.0
"""The node: mirror, checks over it, its HTTP interface, its process."""
