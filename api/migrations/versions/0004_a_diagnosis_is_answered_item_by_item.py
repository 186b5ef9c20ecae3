"""A diagnosis is answered item by item.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "diagnosis",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("framework", sa.String(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("answers", WHOLE, nullable=False),
        sa.Column("ended", sa.String(), nullable=False),
        sa.Column("opened_at", sa.String(), nullable=False),
        sa.Column("ended_at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teacher.id"], name=op.f("fk_diagnosis_teacher_id_teacher")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diagnosis")),
    )
    with op.batch_alter_table("diagnosis", schema=None) as batch_op:
        batch_op.create_index("ix_diagnosis_teacher", ["teacher_id", "framework"], unique=False)

    op.create_table(
        "item_answer",
        sa.Column("diagnosis_id", sa.String(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("option", WHOLE, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["diagnosis_id"], ["diagnosis.id"], name=op.f("fk_item_answer_diagnosis_id_diagnosis")
        ),
        sa.PrimaryKeyConstraint("diagnosis_id", "number", name=op.f("pk_item_answer")),
    )
    with op.batch_alter_table("item_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_answer_item"), ["item"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("item_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_item_answer_item"))

    op.drop_table("item_answer")
    with op.batch_alter_table("diagnosis", schema=None) as batch_op:
        batch_op.drop_index("ix_diagnosis_teacher")

    op.drop_table("diagnosis")
