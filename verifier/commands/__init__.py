# SPDX-License-Identifier: Apache-2.0
"""The commands of `verifier`, one module each; docs/verifier.md describes them."""
