"""Answers to the items of a questionnaire come on sheets.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "response",
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("rater", sa.String(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("day", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teacher.id"], name=op.f("fk_response_teacher_id_teacher")
        ),
        sa.PrimaryKeyConstraint("teacher_id", "rater", name=op.f("pk_response")),
    )


def downgrade() -> None:
    op.drop_table("response")
