"""`xuanke framework`: beginning a framework of one's own, and checking it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from api.console import Desk

if TYPE_CHECKING:
    from diagnostics.frameworks.items import Questionnaire

SHOWN_STAGES = ("1", "2", "3", "4")
"""幼儿园、小学、初中、高中: the stages whose answering time is told."""


def new(desk: Desk, code: str, title: str, like: str, folder: Path) -> None:
    """Copy a framework into a province's folder and say what comes next."""
    from diagnostics.frameworks.own import begin

    for path in begin(code, title, folder, like):
        desk.tell(str(path))
    desk.say("framework_begun", path=folder / "frameworks" / f"{code}.toml")


def check(desk: Desk, file: Path) -> None:
    """Tell what a framework holds, what it rests on, and what a careful reader would change."""
    from diagnostics.frameworks.lint import hints
    from diagnostics.frameworks.own import read_own

    frame, questions = read_own(file)
    desk.say("framework_heading", title=frame.title(desk.lang), version=frame.version)
    for part in frame.parts:
        desk.say("framework_part", status=_status(part.status, desk), sentence=part.say(desk.lang))
    kinds = Counter(item.kind for item in questions.items)
    desk.say(
        "framework_counts",
        dimensions=len(frame.dimensions),
        levels=frame.top,
        items=kinds["self"],
        vignettes=kinds["vignette"],
        others=kinds["observer"] + kinds["evidence"] + kinds["test"],
    )
    _times(desk, questions)
    found = hints(questions)
    for hint in found:
        desk.tell(hint.say(desk.lang))
    desk.say("framework_hints" if found else "framework_no_hints", count=len(found))
    if caution := questions.caution({}, desk.lang):
        desk.tell(caution)


def measure(desk: Desk, code: str) -> None:
    """Calibrate a framework's items and tell how far the answers allowed to go."""
    from sqlmodel import Session

    from api.province import folder_of
    from diagnostics.frameworks.reading import questionnaire
    from diagnostics.own_answers import measure as measured
    from diagnostics.own_items import FOLDER

    with desk.database() as engine, Session(engine) as session:
        found = measured(session, questionnaire(code), folder_of(desk.db) / FOLDER)
    rungs = Counter(found.rungs.values())
    desk.say(
        "framework_measured",
        persons=found.persons,
        items=len(found.items),
        alone=rungs["graded"] + rungs["graded_many"],
        prior=rungs["with_prior"],
        assumed=rungs["assumed"],
        learnt=found.population.learnt_from,
    )


def _status(status: str, desk: Desk) -> str:
    from diagnostics.frameworks.tables import STATUSES

    return STATUSES[status] if desk.lang == "zh" else status


def _times(desk: Desk, questions: Questionnaire) -> None:
    """Tell how long a short form takes, where the framework has enough items for one."""
    from catalog.terms import STAGES
    from diagnostics.errors import BadData
    from diagnostics.frameworks.duration import SLOW, minutes
    from diagnostics.frameworks.forms import forms

    for stage in SHOWN_STAGES:
        try:
            dealt = forms(questions, stage, questions.framework.code, count=28)
        except BadData:
            return
        desk.say(
            "framework_minutes",
            stage=STAGES.word(stage, desk.lang),
            items=len(dealt[0].items),
            mean=f"{max(minutes(form.items, stage) for form in dealt):.1f}",
            slow=f"{max(minutes(form.items, stage, SLOW) for form in dealt):.1f}",
        )
