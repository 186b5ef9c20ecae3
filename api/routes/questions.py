"""Ten questions "A or B?" at most that sharpen a teacher's list: begun, answered, taken back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Response
from sqlmodel import Session

from api.choosing import questions
from api.choosing.questions import Step
from api.choosing.tables import InterviewRow
from api.messages import Language, say
from api.reads import menus as reads
from api.reads.menus import AtBoard
from api.routes.door import VERSIONED, IfMatch, NeedsKey, RoundId, Visiting, plain_id
from api.routes.examples import PREFERENCE, QUESTIONS
from api.routes.menu import ItemOut, item_out
from api.schemas import Id, Inward, Outward
from api.unit_of_work import Done
from catalog.pairwise import MOST_ASKED, Question
from matching.rounds.life.calls import Call
from matching.rounds.life.events import Happened

router = APIRouter(prefix="/rounds/{round_id}/menu/questions", tags=["menu"])


class QuestionsIn(Inward):
    """Whether to go on with what was begun, or to forget its answers and begin afresh."""

    afresh: bool = False


class PreferenceIn(Inward):
    """Which of the two sections she would rather take."""

    better: Id
    worse: Id


class ChoiceOut(Outward):
    """The question to answer now: two sections, with the odds of each."""

    one: ItemOut
    other: ItemOut
    sentence: str


class PlaceOut(Outward):
    """One line of the order that follows; `drafted` is its place on her own list, if it has one."""

    section_id: str
    title: str
    drafted: int | None


class InterviewOut(Outward):
    """Where her questions stand; the order is a proposal, and nothing is handed in by it."""

    version: int
    asked: int
    most: int
    question: ChoiceOut | None
    why: str
    order: list[PlaceOut]


@router.post("", response_model=InterviewOut)
def begin_questions(
    visit: Visiting,
    round_id: RoundId,
    sent: Annotated[QuestionsIn, Body(openapi_examples=QUESTIONS)],
    key: NeedsKey = None,
) -> Response:
    """Begin questions about her list, or go on with them · 开始两两比较."""
    with visit.reading("teacher") as (session, scope):
        her = reads.her(session, scope, plain_id(round_id))
    call = visit.call(visit.bearer)

    def command(session: Session) -> Happened:
        found = questions.begin(session, call, plain_id(round_id), her, afresh=sent.afresh)
        return _happened(found, her, visit.lang)

    return _told(visit, visit.act(call, command, sent))


@router.get("", response_model=InterviewOut, openapi_extra=VERSIONED)
def get_questions(visit: Visiting, round_id: RoundId) -> Response:
    """Show the question to answer now and the order so far · 查看当前比较与排序建议."""
    with visit.reading("teacher") as (session, scope):
        her = reads.at_board(session, scope, plain_id(round_id))
        row = questions.look(session, scope, plain_id(round_id))
    return visit.answer(_standing(row, her, visit.lang), row.version)


@router.post("/answers", response_model=InterviewOut)
def prefer(
    visit: Visiting,
    round_id: RoundId,
    sent: Annotated[PreferenceIn, Body(openapi_examples=PREFERENCE)],
    key: NeedsKey = None,
    match: IfMatch = None,
) -> Response:
    """Say which of the two she would rather take, and get the next question · 作出比较."""
    call, her, version = _about_to(visit, round_id)

    def command(session: Session) -> Happened:
        given = (sent.better, sent.worse, version)
        found = questions.answer(session, plain_id(round_id), her, *given)
        return _happened(found, her, visit.lang)

    return _told(visit, visit.act(call, command, sent))


@router.post("/undo", response_model=InterviewOut)
def take_back(
    visit: Visiting, round_id: RoundId, key: NeedsKey = None, match: IfMatch = None
) -> Response:
    """Take the last answer back · 撤回上一次比较."""
    call, her, version = _about_to(visit, round_id)

    def command(session: Session) -> Happened:
        found = questions.undo(session, plain_id(round_id), her, version)
        return _happened(found, her, visit.lang)

    return _told(visit, visit.act(call, command))


def _about_to(visit: Visiting, round_id: str) -> tuple[Call, AtBoard, int]:
    """Return her call, herself before the board, and the version she has seen: all but the writing."""
    with visit.reading("teacher") as (session, scope):
        version = visit.version()
        her = reads.at_board(session, scope, plain_id(round_id))
    return visit.call(visit.bearer), her, version


def _happened(step: Step, her: AtBoard, lang: Language) -> Happened:
    return questions.happened(step, _standing(step[1], her, lang).model_dump())


def _told(visit: Visiting, done: Done) -> Response:
    return visit.done(done, InterviewOut, done.body, done.body["version"])


def _standing(row: InterviewRow, her: AtBoard, lang: Language) -> InterviewOut:
    found = questions.standing(row, her)
    own = {section: place for place, section in enumerate(found.drafted, 1)}
    return InterviewOut(
        version=found.version,
        asked=found.asked,
        most=MOST_ASKED,
        question=_choice(found.question, lang),
        why=say(found.why, lang) if found.why else "",
        order=[
            PlaceOut(section_id=item.section, title=item.title, drafted=own.get(item.section))
            for item in found.order
        ],
    )


def _choice(asked: Question | None, lang: Language) -> ChoiceOut | None:
    if asked is None:
        return None
    one, other = item_out(asked.one, lang), item_out(asked.other, lang)
    return ChoiceOut(one=one, other=other, sentence=asked.sentence().say(lang))
