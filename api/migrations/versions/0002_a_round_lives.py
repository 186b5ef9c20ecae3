"""What the life of a round, the log and the doors need.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "answered",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_digest", sa.String(), nullable=False),
        sa.Column("status", WHOLE, nullable=False),
        sa.Column("etag", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_answered")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("scope_id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("made_at", sa.String(), nullable=False),
        sa.Column("ends_at", sa.String(), nullable=False),
        sa.Column("last_used", sa.String(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_hash"), ["hash"], unique=True)

    op.create_table(
        "event_body",
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event_body")),
    )
    op.create_table(
        "event_log",
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("second", sa.String(), nullable=False),
        sa.Column("body_digest", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event_log")),
    )
    with op.batch_alter_table("event_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_log_round_id"), ["round_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("event_seq", WHOLE, nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("written_at", sa.String(), nullable=False),
        sa.Column("told_at", sa.String(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint(
            "kind", "person", "reference", name=op.f("uq_outbox_kind_person_reference")
        ),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_event_seq"), ["event_seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_round_id"), ["round_id"], unique=False)
        batch_op.create_index("ix_outbox_state", ["state"], unique=False)

    op.create_table(
        "answer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("snapshot_digest", sa.String(), nullable=False),
        sa.Column("configuration", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("gap", sa.Float(), nullable=True),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_answer_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "round_id", "number", "version", name=op.f("uq_answer_round_id_number_version")
        ),
        sa.UniqueConstraint(
            "round_id",
            "snapshot_digest",
            "configuration",
            name=op.f("uq_answer_round_id_snapshot_digest_configuration"),
        ),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_round_id"), ["round_id"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("snapshot_digest", sa.String(), nullable=False),
        sa.Column("configuration", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempt", WHOLE, nullable=False),
        sa.Column("stop_wanted", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("tier", WHOLE, nullable=False),
        sa.Column("tiers", WHOLE, nullable=False),
        sa.Column("seats_filled", WHOLE, nullable=False),
        sa.Column("value", WHOLE, nullable=True),
        sa.Column("bound", WHOLE, nullable=True),
        sa.Column("gap", sa.Float(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("answer_id", sa.String(), nullable=False),
        sa.Column("effort", sa.String(), nullable=False),
        sa.Column("witness", sa.JSON(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_job_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_round_id"), ["round_id"], unique=False)

    op.create_table(
        "limit_use",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("row", sa.String(), nullable=False),
        sa.Column("most", WHOLE, nullable=False),
        sa.Column("used", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_limit_use_round_id_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "row", name=op.f("pk_limit_use")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("second", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_proposal_round_id_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_round_id"), ["round_id"], unique=False)

    op.create_table(
        "round_secret",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("public_value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_round_secret_round_id_round")
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_round_secret")),
    )
    op.create_table(
        "snapshot",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("ballots", WHOLE, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_snapshot_round_id_round")
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_snapshot")),
    )
    op.create_table(
        "appeal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("raised_at", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_appeal_round_id_round")),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teacher.id"], name=op.f("fk_appeal_teacher_id_teacher")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
    )
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_round_id"), ["round_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appeal_teacher_id"), ["teacher_id"], unique=False)

    op.create_table(
        "attendance_mark",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("section_id", sa.String(), nullable=False),
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("half", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("marked_by", sa.String(), nullable=False),
        sa.Column("marked_at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_attendance_mark_round_id_round")
        ),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_attendance_mark_section_id_section")
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teacher.id"], name=op.f("fk_attendance_mark_teacher_id_teacher")
        ),
        sa.PrimaryKeyConstraint(
            "round_id", "section_id", "teacher_id", "day", "half", name=op.f("pk_attendance_mark")
        ),
    )
    op.create_table(
        "hand_in",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("draft", sa.JSON(), nullable=True),
        sa.Column("handed_in", sa.Boolean(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("most_sections", WHOLE, nullable=True),
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("school_reason", sa.String(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("received_at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_hand_in_round_id_round")),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teacher.id"], name=op.f("fk_hand_in_teacher_id_teacher")
        ),
        sa.PrimaryKeyConstraint("round_id", "teacher_id", name=op.f("pk_hand_in")),
    )
    op.create_table(
        "override",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("section_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("second", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_override_round_id_round")
        ),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_override_section_id_section")
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teacher.id"], name=op.f("fk_override_teacher_id_teacher")
        ),
        sa.PrimaryKeyConstraint("round_id", "teacher_id", "section_id", name=op.f("pk_override")),
    )
    op.create_table(
        "place",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("section_id", sa.String(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("teacher_id", sa.String(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("rank", WHOLE, nullable=False),
        sa.Column("expires_at", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(state = 'free') = (teacher_id IS NULL)", name=op.f("ck_place_place_holder")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_place_round_id_round")),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_place_section_id_section")
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teacher.id"], name=op.f("fk_place_teacher_id_teacher")
        ),
        sa.PrimaryKeyConstraint("round_id", "section_id", "number", name=op.f("pk_place")),
        sa.UniqueConstraint(
            "round_id",
            "section_id",
            "teacher_id",
            name=op.f("uq_place_round_id_section_id_teacher_id"),
        ),
    )
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.create_index("ix_place_state", ["round_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_place_teacher_id"), ["teacher_id"], unique=False)

    op.create_table(
        "posting",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("section_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("submitted_by", sa.String(), nullable=False),
        sa.Column("first_by", sa.String(), nullable=False),
        sa.Column("second_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_posting_round_id_round")),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_posting_section_id_section")
        ),
        sa.PrimaryKeyConstraint("round_id", "section_id", name=op.f("pk_posting")),
    )
    op.create_table(
        "transfer",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("school_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_transfer_round_id_round")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_transfer_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teacher.id"], name=op.f("fk_transfer_teacher_id_teacher")
        ),
        sa.PrimaryKeyConstraint("round_id", "teacher_id", name=op.f("pk_transfer")),
    )
    op.create_table(
        "waiting",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("section_id", sa.String(), nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("teacher_id", sa.String(), nullable=False),
        sa.Column("rank", WHOLE, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_waiting_round_id_round")),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_waiting_section_id_section")
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teacher.id"], name=op.f("fk_waiting_teacher_id_teacher")
        ),
        sa.PrimaryKeyConstraint("round_id", "section_id", "position", name=op.f("pk_waiting")),
        sa.UniqueConstraint(
            "round_id",
            "section_id",
            "teacher_id",
            name=op.f("uq_waiting_round_id_section_id_teacher_id"),
        ),
    )
    with op.batch_alter_table("waiting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_waiting_teacher_id"), ["teacher_id"], unique=False)

    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(), server_default="draft", nullable=False))
        batch_op.add_column(sa.Column("version", WHOLE, server_default="0", nullable=False))
        batch_op.add_column(sa.Column("number", WHOLE, server_default="1", nullable=False))
        batch_op.add_column(sa.Column("opens_at", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("closes_at", sa.String(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("closing_told", sa.String(), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("paused_at", sa.String(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("notice_until", sa.String(), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("confirm_until", sa.String(), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("published", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("successor", sa.String(), server_default="", nullable=False))

    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.alter_column("state", existing_type=sa.String(), server_default=None)
        batch_op.alter_column("version", existing_type=WHOLE, server_default=None)
        batch_op.alter_column("number", existing_type=WHOLE, server_default=None)
        batch_op.alter_column("opens_at", existing_type=sa.String(), server_default=None)
        batch_op.alter_column("closes_at", existing_type=sa.String(), server_default=None)
        batch_op.alter_column("closing_told", existing_type=sa.String(), server_default=None)
        batch_op.alter_column("paused_at", existing_type=sa.String(), server_default=None)
        batch_op.alter_column("notice_until", existing_type=sa.String(), server_default=None)
        batch_op.alter_column("confirm_until", existing_type=sa.String(), server_default=None)
        batch_op.alter_column("published", existing_type=sa.String(), server_default=None)
        batch_op.alter_column("successor", existing_type=sa.String(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.drop_column("successor")
        batch_op.drop_column("published")
        batch_op.drop_column("confirm_until")
        batch_op.drop_column("notice_until")
        batch_op.drop_column("paused_at")
        batch_op.drop_column("closing_told")
        batch_op.drop_column("closes_at")
        batch_op.drop_column("opens_at")
        batch_op.drop_column("number")
        batch_op.drop_column("version")
        batch_op.drop_column("state")

    with op.batch_alter_table("waiting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_waiting_teacher_id"))

    op.drop_table("waiting")
    op.drop_table("transfer")
    op.drop_table("posting")
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_place_teacher_id"))
        batch_op.drop_index("ix_place_state")

    op.drop_table("place")
    op.drop_table("override")
    op.drop_table("hand_in")
    op.drop_table("attendance_mark")
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appeal_teacher_id"))
        batch_op.drop_index(batch_op.f("ix_appeal_round_id"))

    op.drop_table("appeal")
    op.drop_table("snapshot")
    op.drop_table("round_secret")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_round_id"))

    op.drop_table("proposal")
    op.drop_table("limit_use")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_round_id"))

    op.drop_table("job")
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_round_id"))

    op.drop_table("answer")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_state")
        batch_op.drop_index(batch_op.f("ix_outbox_round_id"))
        batch_op.drop_index(batch_op.f("ix_outbox_event_seq"))

    op.drop_table("outbox")
    with op.batch_alter_table("event_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_log_round_id"))

    op.drop_table("event_log")
    op.drop_table("event_body")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_token_hash"))

    op.drop_table("api_token")
    op.drop_table("answered")
