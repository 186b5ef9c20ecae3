"""A teacher's menu: what is recommended to her and why, and why a section is not for her."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.reads import menus as reads
from api.routes.door import RoundId, SectionId, Visiting, plain_id
from api.schemas import Day, Outward, Word
from catalog.choices import Filter, Item
from catalog.messages import Language

router = APIRouter(prefix="/rounds/{round_id}/menu", tags=["menu"])


class ItemOut(Outward):
    """A section as a menu shows it."""

    section_id: str
    offering_id: str
    title: str
    minutes: int
    days: list[str]
    site: str
    odds: str
    """How those fared who asked for it last time, with their number; it closes nothing."""


class EntryOut(Outward):
    """One line of a menu; the parts add up to the score."""

    item: ItemOut
    score: int
    parts: dict[str, int]
    why: str


class MenuOut(Outward):
    """At most twenty sections, the best first; a menu is never a fence."""

    heading: str
    is_default: bool
    eligible: int
    hidden: int
    entries: list[EntryOut]


class FoundOut(Outward):
    """Every section she may take that was looked for."""

    items: list[ItemOut]


class WhyNotOut(Outward):
    """Whether a section is for her, with every rule that stands in the way."""

    item: ItemOut
    may: bool
    reasons: list[str]


@router.get("", response_model=MenuOut)
def get_menu(visit: Visiting, round_id: RoundId) -> Response:
    """Recommend sections to the teacher who asks · 推荐班次及理由."""
    with visit.reading("teacher") as (session, scope):
        shown = reads.menu(session, scope, plain_id(round_id))
    told = MenuOut(
        heading=shown.heading(visit.lang),
        is_default=shown.is_default,
        eligible=shown.eligible,
        hidden=len(shown.hidden),
        entries=[
            EntryOut(
                item=_item(entry.item, visit.lang),
                score=entry.score,
                parts=dict(entry.parts),
                why=entry.why.say(visit.lang),
            )
            for entry in shown.entries
        ],
    )
    return visit.answer(told)


@router.get("/search", response_model=FoundOut)
def search(
    visit: Visiting,
    round_id: RoundId,
    text: Annotated[Word, Query(description="In code or title. 代码或标题包含")] = "",
    site: Annotated[Word, Query(description="In the place. 地点包含")] = "",
    first_day: Annotated[Day | None, Query()] = None,
    last_day: Annotated[Day | None, Query()] = None,
) -> Response:
    """Find among all she may take, on the menu or not · 查找可选班次."""
    wanted = Filter(text=text, site=site, first_day=first_day or "", last_day=last_day or "")
    with visit.reading("teacher") as (session, scope):
        found = reads.search(session, scope, plain_id(round_id), wanted)
    return visit.answer(FoundOut(items=[_item(item, visit.lang) for item in found]))


@router.get("/sections/{section_id}", response_model=WhyNotOut)
def get_why_not(visit: Visiting, round_id: RoundId, section_id: SectionId) -> Response:
    """Tell why a section is or is not for her · 说明能否选某班次."""
    with visit.reading("teacher") as (session, scope):
        item, reasons = reads.reasons(session, scope, plain_id(round_id), plain_id(section_id))
    told = [reason.say(visit.lang) for reason in reasons]
    return visit.answer(WhyNotOut(item=_item(item, visit.lang), may=not told, reasons=told))


def _item(item: Item, lang: Language) -> ItemOut:
    return ItemOut(
        section_id=item.section,
        offering_id=item.offering,
        title=item.title,
        minutes=item.minutes,
        days=list(item.days),
        site=item.site,
        odds=item.chances().say(lang),
    )
