"""What alembic runs: one transaction on the connection that `api.migrations` hands over.

The guards of the tables are laid afterwards, for a table that was rebuilt has lost them.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from api.migrations import tables
from catalog.guards import lay


def plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write text columns as `sa.String()`, so that a migration needs no library but alembic."""
    return "sa.String()" if kind == "type" and type(item).__name__ == "AutoString" else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables(),
    render_as_batch=True,
    render_item=plain,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
lay(context.config.attributes["connection"])
