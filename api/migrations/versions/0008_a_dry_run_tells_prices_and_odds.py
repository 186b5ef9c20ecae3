"""A dry run tells prices and odds before a round has a result.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dry_run",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("teachers", WHOLE, nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_dry_run_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_dry_run")),
    )


def downgrade() -> None:
    op.drop_table("dry_run")
