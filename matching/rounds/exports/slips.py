"""One slip per teacher: the seats, and for each missed choice the reason with its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog import terms
from matching.rounds.exports.book import ROW, TITLE_ROW, Book, lines_needed
from matching.rounds.exports.paper import Paper
from matching.rounds.exports.sheet import Cell
from matching.rounds.view import HoursLine, TeacherView
from matching.rounds.words import hours

WIDTHS = (10, 20, 26, 16, 7, 7)
TEMPLATES = Path(__file__).with_name("templates")
MOST_BREAKS = 1000  # a worksheet takes 1,023 page breaks


@dataclass(frozen=True, slots=True)
class Slip:
    """What one teacher reads; every table row in the order of its columns."""

    teacher_id: str
    title: str
    who: str
    sentences: tuple[str, ...]
    seats: tuple[tuple[Cell, ...], ...]
    missed: tuple[tuple[str, str, str], ...]
    hours: tuple[tuple[Cell, ...], ...]


def slip(paper: Paper, teacher: TeacherView) -> Slip:
    """Return the slip of one teacher."""
    return Slip(
        teacher_id=teacher.id,
        title=paper.say("slip_title", title=paper.view.title),
        who=paper.say(
            "slip_who",
            school=paper.school_name(teacher.id),
            subject=paper.subject(teacher.subject),
            teacher=teacher.id,
        ),
        sentences=_sentences(paper, teacher),
        seats=tuple(paper.seat_cells(seat) for seat in paper.view.seats_of[teacher.id]),
        missed=_missed(paper, teacher),
        hours=tuple(_hours(paper, line) for line in teacher.hours),
    )


def _sentences(paper: Paper, teacher: TeacherView) -> tuple[str, ...]:
    seats = paper.view.seats_of[teacher.id]
    ranks = {choice.rank for choice in teacher.choices}
    got = {choice.rank for choice in teacher.choices if choice.got}
    first = "slip_got" if ranks else "slip_no_ballot"
    said = [paper.say(first, name=teacher.name, choices=len(ranks), got=len(got))]
    forced = [seat for seat in seats if seat.kind == "assignable"]
    if forced:
        said.append(paper.say("slip_assigned", assigned=len(forced)))
    said.extend(
        f"{seat.section_id}{paper.colon}{seat.reason.say(paper.lang)}"
        for seat in forced
        if seat.reason
    )
    if not seats:
        said.append(paper.say("slip_no_seats"))
    return tuple(said)


def _missed(paper: Paper, teacher: TeacherView) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (
            paper.say("slip_rank", rank=choice.rank),
            f"{choice.section_id} {paper.view.section[choice.section_id].title}",
            choice.reason.say(paper.lang).removeprefix(f"{choice.section_id}{paper.colon}"),
        )
        for choice in sorted(teacher.choices, key=lambda c: (c.rank, c.section_id))
        if choice.reason is not None
    )


def _hours(paper: Paper, line: HoursLine) -> tuple[Cell, ...]:
    word = terms.CATEGORIES.word(line.category, paper.lang)
    return (word, hours(line.due), hours(line.reached), hours(line.short))


def seat_heads(paper: Paper) -> tuple[str, ...]:
    """Return the heads of the table of seats."""
    return paper.heads("section", "title", "when", "site", "hours", "source")


def missed_heads(paper: Paper) -> tuple[str, ...]:
    """Return the heads of the table of missed choices."""
    return paper.heads("rank", "title", "reason")


def hours_heads(paper: Paper) -> tuple[str, ...]:
    """Return the heads of the table of hours."""
    return paper.heads("category", "due", "reached", "short")


def add_slips(book: Book, paper: Paper, school_id: str) -> None:
    """Write the slips of one school's teachers, one printed page each.

    A school too large for the page breaks of one worksheet goes on in the next.
    """
    mine = sorted(t.id for t in paper.view.teachers if t.school_id == school_id)
    for start in range(0, len(mine), MOST_BREAKS):
        sheet = book.page(f"{school_id} {paper.view.school[school_id].name}", WIDTHS)
        row, breaks = 0, []
        for id_ in mine[start : start + MOST_BREAKS]:
            row = _write(book, sheet, row, slip(paper, paper.view.teacher[id_]), paper)
            breaks.append(row)
        sheet.set_h_pagebreaks(breaks[:-1])


def _write(book: Book, sheet: Any, row: int, content: Slip, paper: Paper) -> int:
    """Write one slip from `row` on and return the first row after it."""
    book.merged(sheet, row, len(WIDTHS), content.title, "title")
    sheet.set_row(row, TITLE_ROW)
    book.cell(sheet, row + 1, 0, paper.say("col_teacher"), "head")
    book.cell(sheet, row + 1, 1, content.teacher_id)
    row += 2
    for text in (content.who, *content.sentences):
        book.sentence(sheet, row, WIDTHS, text, "line")
        row += 1
    if content.seats:
        row = book.table(sheet, row + 1, (seat_heads(paper), *content.seats), WIDTHS)
    if content.missed:
        row = _write_missed(book, sheet, row + 1, content, paper)
    row = book.table(sheet, row + 1, (hours_heads(paper), *content.hours), WIDTHS)
    for text in paper.digest_foot():
        book.sentence(sheet, row, WIDTHS, text, "foot")
        row += 1
    return row + 1


def _write_missed(book: Book, sheet: Any, row: int, content: Slip, paper: Paper) -> int:
    """Write the missed choices; the reason takes the width of the four last columns."""
    wide = sum(WIDTHS[2:])
    for values in (missed_heads(paper), *content.missed):
        style = "head" if values == missed_heads(paper) else "text"
        for column, text in enumerate(values[:2]):
            book.cell(sheet, row, column, text, style)
        sheet.merge_range(row, 2, row, len(WIDTHS) - 1, "", book.formats[style])
        sheet.write_string(row, 2, values[2], book.formats[style])
        height = max(lines_needed(values[2], wide), lines_needed(values[1], WIDTHS[1]))
        sheet.set_row(row, ROW * height)
        row += 1
    return row


def slips_page(paper: Paper) -> str:
    """Return all slips as one HTML page that prints one teacher per sheet of paper."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    ordered = sorted(paper.view.teachers, key=lambda t: (t.school_id, t.id))
    return env.get_template("slips.html").render(
        paper=paper,
        lang={"zh": "zh-CN", "en": "en"}[paper.lang],
        slips=[slip(paper, teacher) for teacher in ordered],
        seat_heads=seat_heads(paper),
        missed_heads=missed_heads(paper),
        hours_heads=hours_heads(paper),
    )
