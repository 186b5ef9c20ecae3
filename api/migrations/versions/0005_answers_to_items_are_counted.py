"""How often each item was answered is counted by the database itself.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SQLITE = ("insert", "update", "delete")


def upgrade() -> None:
    op.create_table(
        "item_count",
        sa.Column("framework", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("total", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("framework", "item", name=op.f("pk_item_count")),
    )
    op.execute(
        "INSERT INTO item_count (framework, item, total) "
        "SELECT diagnosis.framework, item_answer.item, count(*) FROM item_answer "
        "JOIN diagnosis ON diagnosis.id = item_answer.diagnosis_id "
        "GROUP BY diagnosis.framework, item_answer.item"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION count_item_answer() CASCADE")
    else:
        for verb in SQLITE:
            op.execute(f"DROP TRIGGER item_answer_counted_{verb}")
    op.drop_table("item_count")
