# SPDX-License-Identifier: Apache-2.0
"""Check page, badge and verify API, for a registry and for a platform's own node. Needs Flask."""
