# SPDX-License-Identifier: Apache-2.0
"""Schema versions by alembic: run at the start, inside the transaction and the turn that open the database.

To change a table: change schema.py, add the next file in migrations/versions, and run tests/storage/business.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from passport.domain.ledger_values import SchemaMismatch

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from sqlalchemy import Connection

# Alembic's own name would be anybody's in a PostgreSQL database that is shared.
VERSION_TABLE: Final = "business_schema_version"


def load_scripts() -> ScriptDirectory:
    """The migrations that this program brings along."""
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))


def migrate(connection: Connection, target: str = "head") -> None:
    """Bring the tables to `target`, all steps in the caller's transaction: a crash leaves the old version, or the new.

    Raises SchemaMismatch("schema_too_new") when a newer program made them; nothing is changed then.
    """
    scripts = load_scripts()
    known = {script.revision for script in scripts.walk_revisions()}
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    unknown = set(context.get_current_heads()) - known
    if unknown:
        raise SchemaMismatch(
            "schema_too_new",
            f"The business database has schema version {', '.join(sorted(unknown))}, which this program does not know.",
            "Use the newer program that made it; nothing was changed.",
        )

    def steps(revision: Any, _context: MigrationContext) -> Collection[Any]:
        return scripts._upgrade_revs(target, revision)

    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        environment.configure(connection=connection, version_table=VERSION_TABLE, transactional_ddl=False)
        environment.run_migrations()
