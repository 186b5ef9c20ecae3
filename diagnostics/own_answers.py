"""All answers of a county, and the file that keeps what they taught."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from diagnostics import store
from diagnostics.assumed import instrument_of
from diagnostics.frameworks.items import Questionnaire
from diagnostics.irt.models import Bank
from diagnostics.own_items import County, measure_county
from diagnostics.responses import Answer, Answers, answers_of

if TYPE_CHECKING:
    from sqlmodel import Session


def all_answers(session: Session, questions: Questionnaire, bank: Bank) -> Answers:
    """Return what was answered about everybody, on sheets and item by item."""
    known = set(bank.items)
    rows = [
        Answer(row.teacher_id, item, row.rater, questions.item(item).value(option))
        for row in store.responses(session, questions.framework.code)
        for item, option in row.options.items()
        if item in known
    ]
    return answers_of(bank, rows)


def measure(session: Session, questions: Questionnaire, folder: Path) -> County:
    """Measure all items by everybody's answers and keep what was found in a folder."""
    frame, assumed = questions.framework, instrument_of(questions)
    answers = all_answers(session, questions, assumed.bank)
    county = measure_county(assumed, answers, frame.code, frame.version)
    folder.mkdir(parents=True, exist_ok=True)
    county.save(folder / f"{frame.code}.json")
    return county
