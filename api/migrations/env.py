"""What alembic runs: one transaction on the connection that `api.migrations` hands over.

The guards of the tables are laid afterwards, for a table that was rebuilt has lost them.
"""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.operations import ops

from api.migrations import tables
from catalog.guards import lay


def plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write types in few words, and so that a migration needs no library but alembic."""
    if kind == "type" and type(item).__name__ == "AutoString":
        return "sa.String()"
    if kind == "type" and isinstance(item, sa.Integer):
        return "WHOLE"
    return False


def fill_old_rows(_context: Any, _revision: Any, scripts: Any) -> None:
    """Give a column that joins an old table the default of the model while its rows are filled."""
    upgrade = scripts[0].upgrade_ops
    for changes in list(upgrade.ops):
        new = [step for step in getattr(changes, "ops", ()) if joins(step)]
        for step in new:
            options = {"nullable": False, "server_default": default(step.column)}
            step.column = sa.Column(step.column.name, step.column.type, **options)
        if new:
            upgrade.ops.append(ops.ModifyTableOps(changes.table_name, [no_default(s) for s in new]))


def joins(step: Any) -> bool:
    return isinstance(step, ops.AddColumnOp) and not step.column.nullable


def no_default(step: Any) -> ops.AlterColumnOp:
    name, kind = step.column.name, step.column.type
    return ops.AlterColumnOp(step.table_name, name, existing_type=kind, modify_server_default=None)


def default(column: sa.Column[Any]) -> Any:
    """Return a model's default as both databases write it."""
    value = getattr(column.default, "arg", None)
    if isinstance(value, bool):
        return sa.true() if value else sa.false()
    return "" if value is None else str(value)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables(),
    render_as_batch=True,
    render_item=plain,
    process_revision_directives=fill_old_rows,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
lay(context.config.attributes["connection"])
