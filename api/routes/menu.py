"""A teacher's menu: what is recommended to her and why, all she may take, and what is not for her."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from starlette.background import BackgroundTask

from api.choosing.shown import Sight, exposure, is_known, keep, own, sight
from api.errors import Overloaded
from api.http_errors import Refused
from api.reads import menus as reads
from api.reads.rounds import led, the_round
from api.routes.catalog import Code
from api.routes.door import STAFF, Part, RoundId, SectionId, Visit, Visiting, plain_id
from api.schemas import Day, Outward, Page, Word, cursor_of
from catalog.choices import Filter, Item, SortKey
from catalog.entries import Entry
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


class PartsOut(Outward):
    """What a score is the sum of: what speaks for a section, less its price and sameness."""

    need: int
    history: int
    text: int
    policy: int
    price: int
    variety: int


class EntryOut(Outward):
    """One line of a menu; the parts add up to the score."""

    item: ItemOut
    score: int
    parts: PartsOut
    why: str


class MenuOut(Outward):
    """At most twenty sections, the best first; a menu is never a fence.

    `basis` says where odds and prices come from, and what is not known.
    """

    heading: str
    basis: list[str]
    is_default: bool
    eligible: int
    hidden: int
    entries: list[EntryOut]


class ShownLineOut(Outward):
    """One line of a menu as it was: points, the price in them, the odds in thousandths."""

    section_id: str
    score: int
    price: int
    odds: int | None


class ShownOut(Outward):
    """A menu and when she was first shown it."""

    at: str
    lines: list[ShownLineOut]


class OwnShownOut(Outward):
    """Every menu of a round that she was shown, the last first."""

    items: list[ShownOut]


class ExposureOut(Outward):
    """How many teachers a section was recommended to; null where fewer than five were."""

    section_id: str
    teachers: int | None


class ExposuresOut(Outward):
    """The sections that menus of a round showed to anybody."""

    items: list[ExposureOut]


class FoundOut(Outward):
    """Every section she may take that was looked for."""

    items: list[ItemOut]


class WhyNotOut(Outward):
    """Whether a section is for her, with every rule that stands in the way."""

    item: ItemOut
    may: bool
    reasons: list[str]


async def looked_for(
    text: Annotated[Word, Query(description="In code or title. 代码或标题包含")] = "",
    site: Annotated[Word, Query(description="In the place. 地点包含")] = "",
    first_day: Annotated[Day | None, Query(description="Not before. 不早于")] = None,
    last_day: Annotated[Day | None, Query(description="Not after. 不晚于")] = None,
    institution_id: Annotated[Code, Query()] = "",
    programme_id: Annotated[Code, Query()] = "",
    level: Annotated[Code, Query()] = "",
    category: Annotated[Code, Query()] = "",
    mode: Annotated[Code, Query()] = "",
    topic: Annotated[Code, Query()] = "",
) -> Filter:
    """Return what is looked for; what is not named asks for nothing."""
    wanted = {
        "institution": institution_id,
        "programme": programme_id,
        "level": level,
        "category": category,
        "mode": mode,
        "topic": topic,
    }
    named = {name: (value,) for name, value in wanted.items() if value}
    return Filter(text, named, first_day or "", last_day or "", site)


LookedFor = Annotated[Filter, Depends(looked_for)]


@router.get("", response_model=MenuOut)
def get_menu(visit: Visiting, round_id: RoundId) -> Response:
    """Recommend sections to the teacher who asks · 推荐班次及理由."""
    with visit.reading("teacher") as (session, scope):
        her = reads.her(session, scope, plain_id(round_id))
        shown = her.menu()
        seen = sight(plain_id(round_id), shown)
        is_new = not is_known(session, seen)
    told = MenuOut(
        heading=shown.heading(visit.lang),
        basis=[one.say(visit.lang) for one in her.basis()],
        is_default=shown.is_default,
        eligible=shown.eligible,
        hidden=len(shown.closed),
        entries=[entry_out(entry, visit.lang) for entry in shown.entries],
    )
    answer = visit.answer(told)
    if is_new:
        answer.background = BackgroundTask(_write_down, visit, seen)
    return answer


def _write_down(visit: Visit, seen: Sight) -> None:
    """Let it be written down what she was shown; she has her answer and waits for nothing."""
    call = visit.call(visit.bearer)
    with suppress(Overloaded):
        visit.office.submit(call, lambda session: keep(session, call, seen))


@router.get("/shown", response_model=OwnShownOut)
def get_shown(visit: Visiting, round_id: RoundId) -> Response:
    """Show a teacher which menus she was shown; nobody else may ask · 本人查看推荐记录."""
    with visit.reading("teacher") as (session, scope):
        row = the_round(session, scope, plain_id(round_id))
        found = own(session, row.id, scope.id)
    names = ("section_id", "score", "price", "odds")
    told = [
        ShownOut(
            at=at, lines=[ShownLineOut(**dict(zip(names, line, strict=True))) for line in lines]
        )
        for at, lines in found
    ]
    return visit.answer(OwnShownOut(items=told))


@router.get("/exposure", response_model=ExposuresOut)
def get_exposure(visit: Visiting, round_id: RoundId) -> Response:
    """Show to how many teachers menus recommended each section · 各班次的推荐人数."""
    with visit.reading(*STAFF) as (session, scope):
        found = exposure(session, led(session, scope, plain_id(round_id)).id)
    told = [ExposureOut(section_id=section, teachers=many) for section, many in found.items()]
    return visit.answer(ExposuresOut(items=told))


@router.get("/ranked", response_model=Page[EntryOut])
def get_ranked(visit: Visiting, round_id: RoundId, part: Part, wanted: LookedFor) -> Response:
    """Rank all she may take, with scores and reasons, as it is looked for · 全部可选班次排序."""
    (after,) = part.after() or ("0",)
    if not after.isdecimal():
        raise Refused(422, "http_bad_cursor", field="query.cursor")
    with visit.reading("teacher") as (session, scope):
        her = reads.her(session, scope, plain_id(round_id))
    found, first = her.ranked(wanted), int(after)
    last = first + part.limit
    told = [entry_out(entry, visit.lang) for entry in found[first:last]]
    cursor = cursor_of(last) if last < len(found) else None
    return visit.answer(Page[EntryOut](items=told, next=cursor))


@router.get("/search", response_model=FoundOut)
def search(
    visit: Visiting,
    round_id: RoundId,
    wanted: LookedFor,
    by: Annotated[SortKey, Query(description="Order. 排序")] = "id",
) -> Response:
    """Find among all she may take, on the menu or not · 查找可选班次."""
    with visit.reading("teacher") as (session, scope):
        found = reads.search(session, scope, plain_id(round_id), wanted, by)
    return visit.answer(FoundOut(items=[item_out(item, visit.lang) for item in found]))


@router.get("/sections/{section_id}", response_model=WhyNotOut)
def get_why_not(visit: Visiting, round_id: RoundId, section_id: SectionId) -> Response:
    """Tell why a section is or is not for her · 说明能否选某班次."""
    with visit.reading("teacher") as (session, scope):
        item, reasons = reads.reasons(session, scope, plain_id(round_id), plain_id(section_id))
    told = [reason.say(visit.lang) for reason in reasons]
    return visit.answer(WhyNotOut(item=item_out(item, visit.lang), may=not told, reasons=told))


def entry_out(entry: Entry, lang: Language) -> EntryOut:
    """Return a line of a menu in a language."""
    return EntryOut(
        item=item_out(entry.item, lang),
        score=entry.score,
        parts=PartsOut(**entry.parts),
        why=entry.why.say(lang),
    )


def item_out(item: Item, lang: Language) -> ItemOut:
    """Return a section as a menu shows it, in a language."""
    return ItemOut(
        section_id=item.section,
        offering_id=item.offering,
        title=item.title,
        minutes=item.minutes,
        days=list(item.days),
        site=item.site,
        odds=item.chances().say(lang),
    )
