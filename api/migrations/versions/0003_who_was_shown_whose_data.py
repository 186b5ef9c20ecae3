"""Who was shown whose data.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("scope_id", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("count", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.create_index("ix_access_log_actor_at", ["actor", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_access_log_at"), ["at"], unique=False)

    op.create_table(
        "access_subject",
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("access_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("teacher_id", "at", "access_id", name=op.f("pk_access_subject")),
    )
    with op.batch_alter_table("access_subject", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_access_subject_access_id"), ["access_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_access_subject_at"), ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("access_subject", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_subject_at"))
        batch_op.drop_index(batch_op.f("ix_access_subject_access_id"))

    op.drop_table("access_subject")
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_log_at"))
        batch_op.drop_index("ix_access_log_actor_at")

    op.drop_table("access_log")
