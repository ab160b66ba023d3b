# SPDX-License-Identifier: Apache-2.0
"""Files that are whole after a power cut. The verifier's witness needs them too, so they live there: verifier/files.py.

POSIX rename and link.
"""

from __future__ import annotations

from verifier.files import create_file, make_directory, replace_file, sync_directory

__all__ = ["create_file", "make_directory", "replace_file", "sync_directory"]
