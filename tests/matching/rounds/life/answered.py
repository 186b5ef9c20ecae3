"""One answer to each question, however many stories ask it.

A sealed snapshot and the configuration of a job decide its answer (the product itself solves no such
question twice), so stories that begin alike share what was solved.
"""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session

from matching.rounds.life import answers
from matching.rounds.life.tables import JobRow
from matching.rounds.service import Answer
from matching.rounds.tables import SeatRow
from matching.watch import Watch

SOLVED: dict[tuple[str, ...], Answer] = {}


def answered(session: Session, job: JobRow, watch: Watch | None = None) -> Answer:
    """Return the answer to a job's question; the watch decides by its kind alone."""
    key = (job.round_id, job.snapshot_digest, job.configuration, type(watch).__name__)
    if key not in SOLVED:
        question = answers.question(session, job.round_id, job.id)
        seats = tuple(SeatRow(**row.model_dump()) for row in question.published)
        question = replace(question, published=seats)  # outlives the session
        SOLVED[key] = answers.answer(question, watch)
    return SOLVED[key]
