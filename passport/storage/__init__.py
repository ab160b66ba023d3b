# SPDX-License-Identifier: Apache-2.0
"""Where things are kept: SQLite or PostgreSQL through SQLAlchemy, tiles in a directory. Implements ports."""
