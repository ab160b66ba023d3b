# SPDX-License-Identifier: Apache-2.0
"""The formats: bytes in, frozen values out. No clock, no files, no sockets, no randomness, public keys only."""
