# SPDX-License-Identifier: Apache-2.0
"""The frame of the API that registry and node share: declarations, OpenAPI, its page, request ids and the log."""
