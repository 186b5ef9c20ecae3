"""What all teachers answered becomes the county's file."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from sqlalchemy import insert

from diagnostics import asking, data_files
from diagnostics.assumed import instrument_of
from diagnostics.county import county
from diagnostics.frameworks.reading import questionnaire
from diagnostics.hers import teacher
from diagnostics.own_answers import all_answers, measure
from diagnostics.own_items import load
from diagnostics.population import Population
from diagnostics.simulate import graded
from diagnostics.tables import DiagnosisRow, ItemAnswerRow, ResponseRow, TeacherRow

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
        | {"version": frame.version, "opened_at": AT}
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


def test_everybodys_answers_count(answered):
    session, values = answered
    session.add(ResponseRow(teacher_id="U000", rater="O1", options={ITEMS[0].code: 2, "gone": 1}))
    session.flush()
    found = all_answers(session, QUESTIONS, instrument_of(QUESTIONS).bank)
    assert len(found.teachers) == 211
    assert (found.seen >= 0).sum() == 1
    mine = found.own[:, [found.items.index(item.code) for item in ITEMS]]
    assert (mine == values).all()
    assert (found.own >= 0).sum() == 211 * len(ITEMS)


def test_they_are_measured_and_kept(answered, tmp_path):
    county = measure(answered[0], QUESTIONS, tmp_path / "measured")
    assert county.rungs["SD1"] == "with_prior"
    assert set(county.rungs.values()) == {"with_prior", "assumed"}
    assert set(county.items) == {item.code for item in ITEMS}
    assert load(tmp_path / "measured" / "common.json") == county


def test_a_single_profile_rests_on_the_countys_items_and_on_what_it_learnt(
    answered, tmp_path, monkeypatch
):
    """Leniency that nobody's own answers could tell is known from the county's file."""
    session, _ = answered
    her = teacher(session, "T1")
    begun = asking.begin(session, her, "common", "D-T1", "seed", AT)
    for _ in range(4):
        asking.answer(session, begun.row, her, begun.item.code, 2, 8.0, AT)
        begun = asking.standing(session, begun.row, her)
    before, _ = asking.profile(session, begun.row, her)
    monkeypatch.setattr(data_files, "_folders", [tmp_path, data_files.SHIPPED])
    found = measure(session, QUESTIONS, tmp_path / "measured")
    known = replace(found, population=Population(leniency_sds=(0.1,), learnt_from=210))
    known.save(tmp_path / "measured" / "common.json")
    after, _ = asking.profile(session, begun.row, her)
    told = [Told("T1", "T1", {item.code: 2 for item in ITEMS})]
    everybody = county(QUESTIONS, ["T1"], (), told)
    assert everybody.population == known.population
    assert before.estimates != after.estimates


@dataclass(frozen=True)
class Told:
    teacher_id: str
    rater: str
    options: dict[str, int]
