"""What all teachers of a stage answered becomes the county's file, and nobody else's answers do."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import insert

from diagnostics.assumed import instrument_of
from diagnostics.frameworks.reading import questionnaire
from diagnostics.own_answers import answers_of_stage, measure_stage
from diagnostics.own_items import load
from diagnostics.simulate import graded
from diagnostics.tables import DiagnosisRow, ItemAnswerRow, TeacherRow

AT = "2026-06-01T08:00:00Z"
QUESTIONS = questionnaire()
ITEMS = tuple(QUESTIONS.of("self", dimension="SD1", stage="2"))


@pytest.fixture
def answered(session):
    """210 teachers of the second stage and one of the fourth answer the first dimension."""
    chance = np.random.default_rng(3)
    bank = instrument_of(QUESTIONS, "2").bank
    at = [bank.items.index(item.code) for item in ITEMS]
    shown = np.repeat(chance.normal(size=(211, 1)), len(at), axis=1)
    values = graded(bank.slopes[at], bank.intercepts[at], shown, chance)
    teachers = [
        {"id": f"U{n:03d}", "name": "教师", "school_id": "PV1", "subject": "jyt:13", "years": 4}
        | {"stage": "4" if n == 210 else "2"}
        for n in range(211)
    ]
    frame = QUESTIONS.framework
    diagnoses = [
        {"id": f"D{n}", "teacher_id": f"U{n:03d}", "framework": frame.code, "seed": "s"}
        | {"version": frame.version if n != 209 else frame.version + 1, "opened_at": AT}
        for n in range(211)
    ]
    rows = [
        {"diagnosis_id": f"D{n}", "number": j + 1, "item": item.code, "at": AT}
        | {"option": int(values[n, j]) + 1}
        for n in range(211)
        for j, item in enumerate(ITEMS)
    ]
    for table, found in ((TeacherRow, teachers), (DiagnosisRow, diagnoses), (ItemAnswerRow, rows)):
        session.execute(insert(table), found)
    return session, values


def test_only_the_stages_answers_to_the_framework_as_it_is_count(answered):
    session, values = answered
    found = answers_of_stage(session, QUESTIONS, "2", instrument_of(QUESTIONS, "2").bank)
    assert len(found.teachers) == 209
    mine = found.own[:, [found.items.index(item.code) for item in ITEMS]]
    assert (mine == values[:209]).all()
    assert (found.own >= 0).sum() == 209 * len(ITEMS)


def test_they_are_measured_and_kept(answered, tmp_path):
    county = measure_stage(answered[0], QUESTIONS, "2", tmp_path / "measured")
    assert county.rungs["SD1"] == "with_prior"
    assert set(county.rungs.values()) == {"with_prior", "assumed"}
    assert set(county.items) == {item.code for item in ITEMS}
    assert load(tmp_path / "measured" / "common-2.json") == county
    assert measure_stage(answered[0], QUESTIONS, "4", tmp_path).items == {}
