"""What menus showed, and what teachers would rather take.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "interview",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("drafted", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("began_at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_interview_round_id_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "teacher_id", name=op.f("pk_interview")),
    )
    op.create_table(
        "menu_shown",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_menu_shown_round_id_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "teacher_id", "digest", name=op.f("pk_menu_shown")),
    )
    with op.batch_alter_table("menu_shown", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_menu_shown_at"), ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("menu_shown", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_menu_shown_at"))

    op.drop_table("menu_shown")
    op.drop_table("interview")
