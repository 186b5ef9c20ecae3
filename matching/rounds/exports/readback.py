"""Reading the written sheets back and comparing every seat and figure with the result.

Nothing here is shared with the code that builds the rows: the files are opened the way an office
opens them, and what they say is held against the round itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog import terms
from catalog.messages import Language
from matching.rounds.exports import write
from matching.rounds.exports.articles import Articles
from matching.rounds.exports.demand import SMALLEST
from matching.rounds.exports.paper import Paper
from matching.rounds.exports.slips import hours_heads, missed_heads, seat_heads
from matching.rounds.figures import away_of
from matching.rounds.tallies import Demand, SectionFigure
from matching.rounds.view import HalfDay, RoundView
from matching.rounds.words import day_text, head_text, hours

Rows = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A file that does not say what the result says."""

    file: str
    what: str
    expected: str
    found: str


def figures_match(view: RoundView, folder: Path, lang: Language = "zh") -> bool:
    """Return whether every seat and figure in the written sheets equals the result."""
    return not mismatches(view, folder, lang)


def mismatches(view: RoundView, folder: Path, lang: Language = "zh") -> tuple[Mismatch, ...]:
    """Return where the written sheets differ from the result; nothing when all agree."""
    paper = Paper(view, lang)
    found = list(_missing(paper, folder))
    if found:
        return tuple(found)
    for check in (_digests, _public, _schools, _classes, _institutions, _slips, _page):
        for path, what, expected, said in check(paper, folder):
            if expected != said:
                name = str(path.relative_to(folder))
                found.append(Mismatch(name, what, *_difference(expected, said)))
    return tuple(found)


Claim = tuple[Path, str, object, object]


def _missing(paper: Paper, folder: Path) -> Iterator[Mismatch]:
    paths = [*write.sheets(paper, folder), write.slips_xlsx(paper, folder)]
    for path in (*paths, write.slips_html(paper, folder)):
        if not path.is_file():
            yield Mismatch(str(path.relative_to(folder)), "file", "present", "missing")


def _difference(expected: object, said: object) -> tuple[str, str]:
    """Return only what differs, so that a message names the seat and not the whole list."""
    if isinstance(expected, Counter) and isinstance(said, Counter):
        return str(sorted(expected - said)), str(sorted(said - expected))
    if isinstance(expected, dict) and isinstance(said, dict):
        keys = sorted(k for k in expected.keys() | said.keys() if expected.get(k) != said.get(k))
        return str({k: expected.get(k) for k in keys}), str({k: said.get(k) for k in keys})
    return str(expected), str(said)


def read(path: Path) -> list[Rows]:
    """Return the cells of every sheet of a workbook; whole numbers as int."""
    from python_calamine import CalamineWorkbook

    with path.open("rb") as file:
        opened = CalamineWorkbook.from_filelike(file)
        return [
            [[_plain(cell) for cell in row] for row in opened.get_sheet_by_index(at).to_python()]
            for at in range(len(opened.sheet_names))
        ]


def _plain(cell: Any) -> Any:
    return int(cell) if isinstance(cell, float) and cell == int(cell) else cell


def table(rows: Rows, first: str) -> list[dict[str, Any]]:
    """Return the rows below the head that begins with `first`, up to a row left almost empty."""
    top = next(at for at, row in enumerate(rows) if row and row[0] == first)
    head = [str(cell) for cell in rows[top] if cell != ""]
    found = []
    for row in rows[top + 1 :]:
        if len([cell for cell in row if cell != ""]) < 2:
            break
        found.append(dict(zip(head, row, strict=False)))
    return found


def _digests(paper: Paper, folder: Path) -> Iterator[Claim]:
    line = paper.say("foot_digest", digest=paper.view.digest)
    for path in (*write.sheets(paper, folder), write.slips_xlsx(paper, folder)):
        for at, rows in enumerate(read(path), 1):
            yield path, f"digest, sheet {at}", True, any(line in row for row in rows)


def _public(paper: Paper, folder: Path) -> Iterator[Claim]:
    path, view, told = write.public_path(paper, folder), paper.view, paper.told
    (rows,) = read(path)
    number, school, name, id_, section, amount = paper.heads(
        "number", "school", "name", "id", "section", "hours"
    )
    found = Counter(
        (row[school], row[name], row[id_], row[section], row[amount]) for row in table(rows, number)
    )
    seats = Counter(
        (
            *_person(paper, seat.teacher_id),
            seat.section_id,
            hours(view.section[seat.section_id].minutes),
        )
        for seat in view.seats
    )
    yield path, "seats", seats, found
    counts = {"seats": told.seats, "teachers": told.served}
    foot = paper.say("foot_count", chosen=told.chosen, assigned=told.assigned, **counts)
    yield path, "totals", True, any(foot in row for row in rows)


def _person(paper: Paper, teacher_id: str) -> tuple[str, str, str]:
    name = paper.view.teacher[teacher_id].name
    return (paper.school_name(teacher_id), name, paper.masked(teacher_id))


def _schools(paper: Paper, folder: Path) -> Iterator[Claim]:
    teacher, section, day, am, pm, number, amount, limit = paper.heads(
        "teacher", "section", "day", "am", "pm", "number", "hours", "limit"
    )
    for id_ in paper.view.school:
        path = write.school_path(paper, folder, id_)
        going, away = read(path)
        found = Counter((row[teacher], row[section], row[amount]) for row in table(going, number))
        yield path, "seats", _seats_of_school(paper.view, id_), found
        told = {row[day]: (row[am], row[pm], row[limit]) for row in table(away, day)}
        yield path, "away", _away_by_day(paper, id_), told


def _seats_of_school(view: RoundView, school_id: str) -> Counter[tuple[str, str, float]]:
    return Counter(
        (seat.teacher_id, seat.section_id, hours(view.section[seat.section_id].minutes))
        for seat in view.seats
        if view.teacher[seat.teacher_id].school_id == school_id
    )


def _away_by_day(paper: Paper, school_id: str) -> dict[str, tuple[int, int, int | str]]:
    """Return day -> away in the morning, in the afternoon, and the limit."""
    away, limits = away_of(paper.view, school_id), paper.view.school[school_id].limits
    found = {}
    for day in sorted({when.day for when in away}):
        halves = (HalfDay(day, "am"), HalfDay(day, "pm"))
        limit = min((limits[half] for half in halves if half in limits), default=None)
        said = paper.say("no_limit") if limit is None else limit
        found[day_text(day, paper.lang)] = (away.get(halves[0], 0), away.get(halves[1], 0), said)
    return found


def _classes(paper: Paper, folder: Path) -> Iterator[Claim]:
    number, school, name, id_ = paper.heads("number", "school", "name", "id")
    for section in (section for section in paper.view.sections if section.open):
        path = write.class_path(paper, folder, section.id)
        people, *rolls = read(path)
        seats = paper.view.seated_in[section.id]
        found = Counter((row[school], row[name], row[id_]) for row in table(people, number))
        yield path, "people", Counter(_person(paper, seat.teacher_id) for seat in seats), found
        for roll in rolls:
            lines = table(roll, number)
            signing = Counter((row[school], row[name]) for row in lines if row[number] != "")
            expected = Counter(_person(paper, seat.teacher_id)[:2] for seat in seats)
            yield path, "roll", expected, signing
            counted = next(row for row in lines if row[school] == paper.say("roll_expected"))
            halves = [head_text(meeting, paper.lang) for meeting in section.meetings]
            due = dict.fromkeys(halves, len(seats))
            yield path, "expected", due, {half: counted.get(half) for half in halves}


def _institutions(paper: Paper, folder: Path) -> Iterator[Claim]:
    section, subject, capacity, minimum, *columns = paper.heads(
        "section", "subject", "capacity", "minimum", "applied", "first", "seated", "unmet"
    )
    view, told = paper.view, paper.told
    for id_ in sorted({section.institution_id for section in view.sections}):
        path = write.institution_path(paper, folder, id_)
        sections, subjects = (
            table(r, h) for r, h in zip(read(path), (section, subject), strict=True)
        )
        ours = [f for f in told.sections if view.section[f.section_id].institution_id == id_]
        lines = [d for d in told.demand if d.institution_id == id_]
        for row, figure in zip(sections, ours, strict=True):
            yield from _demand(path, row, figure.section_id, row[section], columns, figure)
            offered = view.section[figure.section_id]
            said = (row[capacity], row[minimum])
            yield path, f"{offered.id} size", (offered.capacity, offered.minimum), said
        for row, line in zip(subjects, lines, strict=True):
            yield from _demand(path, row, paper.subject(line.subject), row[subject], columns, line)


def _demand(
    path: Path,
    row: dict[str, Any],
    label: str,
    said: str,
    columns: list[str],
    figure: SectionFigure | Demand,
) -> Iterator[Claim]:
    """Compare a line of demand; a small group must be withheld, a larger one may be."""
    yield path, "label", label, said
    applied, first, seated, unmet = (row[column] for column in columns)
    yield path, f"{label} seated", figure.seated, seated
    if 0 < figure.applied < SMALLEST:
        yield path, f"{label} withheld", ("<5",) * 3, (applied, first, unmet)
    elif applied != "*":
        expected = (figure.applied, figure.first, figure.unmet)
        yield path, label, expected, (applied, first, unmet)


def _slips(paper: Paper, folder: Path) -> Iterator[Claim]:
    """Compare the printed slips: seats, missed choices and hours of every teacher."""
    path = write.slips_xlsx(paper, folder)
    teacher = paper.say("col_teacher")
    heads = {seat_heads(paper), missed_heads(paper), hours_heads(paper)}
    found: dict[str, list[tuple[Any, ...]]] = {}
    for rows in read(path):
        current: list[tuple[Any, ...]] = []
        for row in rows:
            if row[0] == teacher:
                current = found.setdefault(row[1], [])
            current.append(_filled(row))
    for id_, expected in _slip_rows(paper).items():
        said = [row for row in found.get(id_, []) if len(row) > 2 and row not in heads]
        yield path, id_, Counter(map(_filled, expected)), Counter(said)
    yield path, "teachers", set(paper.view.teacher), set(found)


def _filled(row: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(cell for cell in row if cell != "")


def _page(paper: Paper, folder: Path) -> Iterator[Claim]:
    """Compare the slips of the page with the same expectation."""
    path = write.slips_html(paper, folder)
    reader = Articles()
    reader.feed(path.read_text(encoding="utf-8"))
    for id_, expected in _slip_rows(paper).items():
        told = Counter(tuple(_shown(cell) for cell in row) for row in expected)
        yield path, id_, told, Counter(reader.found.get(id_, []))
    yield path, "digests", len(paper.view.teachers), reader.text.count(paper.view.digest)


def _shown(cell: object) -> str:
    return cell if isinstance(cell, str) else f"{cell:g}"


def _slip_rows(paper: Paper) -> dict[str, list[tuple[Any, ...]]]:
    """Return the table rows that each teacher's slip must hold, straight from the round."""
    view, found = paper.view, {}
    for teacher in view.teachers:
        seats = [paper.seat_cells(seat) for seat in view.seats_of[teacher.id]]
        missed = [
            (
                paper.say("slip_rank", rank=choice.rank),
                f"{choice.section_id} {view.section[choice.section_id].title}",
                choice.reason.say(paper.lang),
            )
            for choice in teacher.choices
            if choice.reason
        ]
        account = [
            (
                terms.CATEGORIES.word(line.category, paper.lang),
                hours(line.due),
                hours(line.reached),
                hours(line.short),
            )
            for line in teacher.hours
        ]
        found[teacher.id] = [*seats, *missed, *account]
    return found
