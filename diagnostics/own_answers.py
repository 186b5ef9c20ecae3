"""All answers of a stage's teachers, and the file that keeps what they taught."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from diagnostics.assumed import instrument_of
from diagnostics.frameworks.items import Questionnaire
from diagnostics.irt.models import Bank
from diagnostics.own_items import County, file_name, measure_county
from diagnostics.responses import Answer, Answers, answers_of
from diagnostics.tables import DiagnosisRow, ItemAnswerRow, TeacherRow

if TYPE_CHECKING:
    from sqlmodel import Session


def answers_of_stage(session: Session, questions: Questionnaire, stage: str, bank: Bank) -> Answers:
    """Return what the teachers of a stage answered to a framework as it is now, the last each time."""
    from sqlmodel import col, select

    frame = questions.framework
    query = (
        select(DiagnosisRow.teacher_id, ItemAnswerRow)
        .join(DiagnosisRow, col(DiagnosisRow.id) == col(ItemAnswerRow.diagnosis_id))
        .join(TeacherRow, col(TeacherRow.id) == col(DiagnosisRow.teacher_id))
        .where(
            DiagnosisRow.framework == frame.code,
            DiagnosisRow.version == frame.version,
            TeacherRow.stage == stage,
        )
    )
    known = set(bank.items)
    rows = [
        Answer(who, row.item, who, questions.item(row.item).value(row.option), row.at)
        for who, row in session.exec(query)
        if row.item in known
    ]
    return answers_of(bank, rows, sorted({row.teacher for row in rows}))


def measure_stage(session: Session, questions: Questionnaire, stage: str, folder: Path) -> County:
    """Measure the items of a stage by everybody's answers and keep what was found in a folder."""
    frame, assumed = questions.framework, instrument_of(questions, stage)
    answers = answers_of_stage(session, questions, stage, assumed.bank)
    county = measure_county(assumed, answers, frame.code, frame.version, stage)
    folder.mkdir(parents=True, exist_ok=True)
    county.save(folder / file_name(frame.code, stage))
    return county
