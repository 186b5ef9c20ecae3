"""The first tables.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_digest", sa.String(), nullable=False),
        sa.Column("added", WHOLE, nullable=False),
        sa.Column("changed", WHOLE, nullable=False),
        sa.Column("removed", WHOLE, nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_batch"),
    )
    op.create_table(
        "institution",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("licence", sa.String(), nullable=False),
        sa.Column("valid_from", sa.String(), nullable=False),
        sa.Column("valid_to", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_institution"),
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("year", WHOLE, nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("budget_fen", WHOLE, nullable=True),
        sa.Column("eligibility", sa.String(), nullable=False),
        sa.Column("practice_percent", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_programme"),
    )
    op.create_table(
        "round",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("year", WHOLE, nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("list_length", WHOLE, nullable=False),
        sa.Column("seed_commitment", sa.String(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_round"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("gb2260", sa.String(), nullable=True),
        sa.Column("valid_from", sa.String(), nullable=True),
        sa.Column("valid_to", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name="fk_unit_parent_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
    )
    op.create_index("ix_unit_parent_id", "unit", ["parent_id"])
    op.create_table(
        "import_change",
        sa.Column("batch_id", WHOLE, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("key", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name="fk_import_change_batch_id_import_batch"
        ),
        sa.PrimaryKeyConstraint("batch_id", "number", name="pk_import_change"),
    )
    op.create_table(
        "offering",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("institution_id", sa.String(), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("max_years", WHOLE, nullable=True),
        sa.Column("min_years", WHOLE, nullable=True),
        sa.Column("half_days", WHOLE, nullable=False),
        sa.Column("minutes", WHOLE, nullable=False),
        sa.Column("practice_minutes", WHOLE, nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("dimensions", sa.JSON(), nullable=False),
        sa.Column("prerequisites", sa.JSON(), nullable=False),
        sa.Column("licence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name="fk_offering_institution_id_institution"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name="fk_offering_programme_id_programme"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_offering"),
    )
    op.create_index("ix_offering_institution_id", "offering", ["institution_id"])
    op.create_index("ix_offering_programme_id", "offering", ["programme_id"])
    op.create_table(
        "quota",
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("min_seats", WHOLE, nullable=False),
        sa.Column("max_seats", WHOLE, nullable=False),
        sa.Column("green_seats", WHOLE, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name="fk_quota_programme_id_programme"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_quota_unit_id_unit"),
        sa.PrimaryKeyConstraint(
            "unit_id", "programme_id", "stage", "subject", "role", name="pk_quota"
        ),
    )
    op.create_table(
        "result",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("instance_digest", sa.String(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("backend", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("gap", sa.Float(), nullable=True),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("goals", sa.JSON(), nullable=False),
        sa.Column("closed", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_result_round_id_round"),
        sa.PrimaryKeyConstraint("id", name="pk_result"),
        sa.UniqueConstraint("round_id", "number", name="uq_result_round_id_number"),
    )
    op.create_index("ix_result_round_id", "result", ["round_id"])
    op.create_table(
        "school",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("residence", sa.String(), nullable=False),
        sa.Column("staff", WHOLE, nullable=False),
        sa.Column("release_percent", WHOLE, nullable=True),
        sa.Column("release_max", WHOLE, nullable=True),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_school_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_school"),
    )
    op.create_index("ix_school_unit_id", "school", ["unit_id"])
    op.create_table(
        "section",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("offering_id", sa.String(), nullable=False),
        sa.Column("minimum", WHOLE, nullable=False),
        sa.Column("capacity", WHOLE, nullable=False),
        sa.Column("meetings", sa.JSON(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("fee_fen", WHOLE, nullable=False),
        sa.Column("chief_expert", sa.String(), nullable=False),
        sa.Column("class_head", sa.String(), nullable=False),
        sa.Column("life_head", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.id"], name="fk_section_offering_id_offering"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_section"),
    )
    op.create_index("ix_section_offering_id", "section", ["offering_id"])
    op.create_table(
        "teacher",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("id_hash", sa.String(), nullable=False),
        sa.Column("id_last4", sa.String(), nullable=False),
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("other_subjects", sa.JSON(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("title_rank", WHOLE, nullable=True),
        sa.Column("years", WHOLE, nullable=False),
        sa.Column("office_years", WHOLE, nullable=True),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("phone_masked", sa.String(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_teacher_school_id_school"),
        sa.PrimaryKeyConstraint("id", name="pk_teacher"),
    )
    op.create_index("ix_teacher_id_hash", "teacher", ["id_hash"])
    op.create_index("ix_teacher_school_id", "teacher", ["school_id"])
    op.create_table(
        "ballot",
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("most_sections", WHOLE, nullable=True),
        sa.Column("returned", sa.Boolean(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teacher.id"], name="fk_ballot_teacher_id_teacher"
        ),
        sa.PrimaryKeyConstraint("teacher_id", name="pk_ballot"),
    )
    op.create_table(
        "ban",
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("from_day", sa.String(), nullable=False),
        sa.Column("until_day", sa.String(), nullable=False),
        sa.Column("where", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("excuse", sa.String(), nullable=False),
        sa.Column("excused_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["teacher_id"], ["teacher.id"], name="fk_ban_teacher_id_teacher"),
        sa.PrimaryKeyConstraint("teacher_id", "event", "from_day", name="pk_ban"),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("year", WHOLE, nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("minutes", WHOLE, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("offering_id", sa.String(), nullable=True),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("posted_on", sa.String(), nullable=False),
        sa.Column("corrects", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["corrects"], ["ledger_entry.id"], name="fk_ledger_entry_corrects_ledger_entry"
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teacher.id"], name="fk_ledger_entry_teacher_id_teacher"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_entry"),
    )
    op.create_index("ix_ledger_entry_teacher_id", "ledger_entry", ["teacher_id"])
    op.create_index("ix_ledger_entry_year", "ledger_entry", ["year"])
    op.create_table(
        "rating",
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("rater", sa.String(), nullable=False),
        sa.Column("level", WHOLE, nullable=False),
        sa.Column("day", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teacher.id"], name="fk_rating_teacher_id_teacher"
        ),
        sa.PrimaryKeyConstraint("teacher_id", "dimension", "source", "rater", name="pk_rating"),
    )
    op.create_table(
        "reason",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("have", WHOLE, nullable=False),
        sa.Column("need", WHOLE, nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_reason_round_id_round"),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teacher.id"], name="fk_reason_teacher_id_teacher"
        ),
        sa.PrimaryKeyConstraint("round_id", "number", "teacher_id", "subject", name="pk_reason"),
    )
    op.create_table(
        "seat",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("section_id", sa.String(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("rank", WHOLE, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_seat_round_id_round"),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name="fk_seat_section_id_section"),
        sa.ForeignKeyConstraint(["teacher_id"], ["teacher.id"], name="fk_seat_teacher_id_teacher"),
        sa.PrimaryKeyConstraint("round_id", "teacher_id", "section_id", name="pk_seat"),
    )
    op.create_table(
        "ledger_approval",
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("step", WHOLE, nullable=False),
        sa.Column("approver", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entry.id"], name="fk_ledger_approval_entry_id_ledger_entry"
        ),
        sa.PrimaryKeyConstraint("entry_id", "step", name="pk_ledger_approval"),
        sa.UniqueConstraint("entry_id", "approver", name="uq_ledger_approval_entry_id_approver"),
    )


def downgrade() -> None:
    op.drop_table("ledger_approval")
    op.drop_table("seat")
    op.drop_table("reason")
    op.drop_table("rating")
    op.drop_index("ix_ledger_entry_year", "ledger_entry")
    op.drop_index("ix_ledger_entry_teacher_id", "ledger_entry")
    op.drop_table("ledger_entry")
    op.drop_table("ban")
    op.drop_table("ballot")
    op.drop_index("ix_teacher_school_id", "teacher")
    op.drop_index("ix_teacher_id_hash", "teacher")
    op.drop_table("teacher")
    op.drop_index("ix_section_offering_id", "section")
    op.drop_table("section")
    op.drop_index("ix_school_unit_id", "school")
    op.drop_table("school")
    op.drop_index("ix_result_round_id", "result")
    op.drop_table("result")
    op.drop_table("quota")
    op.drop_index("ix_offering_programme_id", "offering")
    op.drop_index("ix_offering_institution_id", "offering")
    op.drop_table("offering")
    op.drop_table("import_change")
    op.drop_index("ix_unit_parent_id", "unit")
    op.drop_table("unit")
    op.drop_table("round")
    op.drop_table("programme")
    op.drop_table("institution")
    op.drop_table("import_batch")
