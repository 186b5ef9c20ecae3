"""The parts about places: quotas and shares, sections, release days, attendance."""

from __future__ import annotations

from collections import Counter

from catalog import terms
from matching.rounds.exports.sheet import Cell
from matching.rounds.report.charts import Bar, Group, bars
from matching.rounds.report.desk import Desk, Heat, Part, Table
from matching.rounds.tallies import SchoolFigure
from matching.rounds.view import HalfDay, LimitView, SchoolView
from matching.rounds.words import day_text, hours, percent, short_day

MOST_BARS = 12


def quotas_part(desk: Desk) -> Part:
    """Return level shares as bars with their limits, and every quota in the table."""
    limits = (*desk.view.shares, *desk.view.quotas)
    kept = sum(_kept(limit) for limit in limits)
    sentence = desk.say("quotas_line", count=len(limits), kept=kept)
    groups = [_limit_bar(desk, limit) for limit in limits[:MOST_BARS]]
    table = Table(
        desk.say("quotas_title"),
        desk.heads("limit_title", "counts", "min", "max", "reached_count", "state"),
        tuple(_limit_row(desk, limit) for limit in limits),
        (34, 10, 10, 10, 10, 12),
    )
    charts = (bars("chart-quotas", desk.say("quotas_title"), sentence, groups),) if groups else ()
    return Part("quotas", desk.say("quotas_title"), (sentence,), table, charts)


def _kept(limit: LimitView) -> bool:
    below = limit.maximum is None or limit.reached <= limit.maximum
    return limit.minimum <= limit.reached and below


def _limit_bar(desk: Desk, limit: LimitView) -> Group:
    unit = desk.say(f"unit_{limit.counts}")
    reached = Bar("engine" if _kept(limit) else "problem", limit.reached, f"{limit.reached} {unit}")
    ends = {end for end in (limit.minimum, limit.maximum) if end}
    return Group(limit.title, (reached,), tuple(sorted(ends)), _range(desk, limit))


def _range(desk: Desk, limit: LimitView) -> str:
    if limit.maximum is None:
        return desk.say("range_min", minimum=limit.minimum)
    if limit.minimum == limit.maximum:
        return desk.say("range_exact", exact=limit.minimum)
    if not limit.minimum:
        return desk.say("range_max", maximum=limit.maximum)
    return desk.say("range_both", minimum=limit.minimum, maximum=limit.maximum)


def _limit_row(desk: Desk, limit: LimitView) -> tuple[Cell, ...]:
    return (
        limit.title,
        desk.say(f"unit_{limit.counts}"),
        limit.minimum,
        "–" if limit.maximum is None else limit.maximum,
        limit.reached,
        desk.say("state_kept" if _kept(limit) else "state_missed"),
    )


def sections_part(desk: Desk) -> Part:
    """Return demand and seats of every section, the closed ones and who was moved from them."""
    view = desk.view
    closed = [f for f in desk.told.sections if not view.section[f.section_id].open]
    sentences = [
        desk.say("sections_line", open=len(view.sections) - len(closed), closed=len(closed))
    ]
    moved = Counter(line.section_id for line in view.moved)
    placed = Counter(line.section_id for line in view.moved if line.now)
    sentences += [
        desk.say(
            "sections_closed",
            section=figure.section_id,
            title=view.section[figure.section_id].title,
            applied=figure.applied,
            minimum=view.section[figure.section_id].minimum,
            moved=moved[figure.section_id],
            placed=placed[figure.section_id],
        )
        for figure in closed
    ]
    columns = "section title level hours applied first minimum capacity seated assigned fill status"
    rows = tuple(
        (
            f.section_id,
            view.section[f.section_id].title,
            terms.LEVELS.word(view.section[f.section_id].level, desk.lang),
            hours(view.section[f.section_id].minutes),
            f.applied,
            f.first,
            view.section[f.section_id].minimum,
            view.section[f.section_id].capacity,
            f.seated,
            f.assigned,
            percent(f.seated, view.section[f.section_id].capacity),
            desk.say("status_runs" if view.section[f.section_id].open else "status_closed"),
        )
        for f in desk.told.sections
    )
    widths = (9, 26, 9, 8, 10, 10, 10, 10, 10, 10, 9, 10)
    table = Table(desk.say("sections_title"), desk.heads(*columns.split()), rows, widths)
    return Part("sections", desk.say("sections_title"), tuple(sentences), table, plain=True)


def release_part(desk: Desk) -> Part:
    """Return how many are away per school and day, shaded by how near the limit they are."""
    schools = [figure for figure in desk.told.schools if figure.away]
    days = sorted({when.day for figure in schools for when in figure.away})
    over = sum(_over(desk.view.school[f.school_id], f) for f in schools)
    sentences = [desk.say("release_over", over=over) if over else desk.say("release_kept")]
    tight = [figure for figure in schools if figure.limit and figure.peak]
    if tight:
        sentences.append(
            desk.say(
                "release_tight",
                full=sum(figure.peak >= (figure.limit or 0) for figure in tight),
                schools=len(schools),
            )
        )
    rows = [_release_row(desk, figure, days) for figure in schools]
    heads = (*desk.heads("school", "most_away"), *(day_text(day, desk.lang) for day in days))
    flat: tuple[tuple[Cell, ...], ...] = tuple(
        (row[0], int(row[1]) if row[1].isdigit() else row[1], *(int(t or 0) for t, _ in row[2]))
        for row in rows
    )
    return Part(
        id="release",
        title=desk.say("release_title"),
        sentences=tuple(sentences),
        table=Table(desk.say("release_title"), heads, flat, (22, 10, *(9,) * len(days))),
        heat=Heat(
            desk.say("col_school"),
            tuple((short_day(day), day_text(day, desk.lang)) for day in days),
            tuple(rows),
            desk.say("col_most_away"),
            tuple((at, desk.say(f"heat_{at}".replace("-", "_"))) for at in (-1, 1, 2, 3, 4, 5)),
        ),
        notes=(desk.say("release_note"),),
    )


def _over(school: SchoolView, figure: SchoolFigure) -> int:
    """Count half-days on which more are away than the school may release."""
    return sum(figure.away.get(when, 0) > most for when, most in school.limits.items())


def _release_row(
    desk: Desk, figure: SchoolFigure, days: list[str]
) -> tuple[str, str, tuple[tuple[str, int], ...]]:
    school = desk.view.school[figure.school_id]
    cells = tuple(_heat_cell(school, figure, day) for day in days)
    return (school.name, str(figure.limit) if figure.limit is not None else "–", cells)


def _heat_cell(school: SchoolView, figure: SchoolFigure, day: str) -> tuple[str, int]:
    """Return the larger of the two half-days and its shade."""
    halves = (HalfDay(day, "am"), HalfDay(day, "pm"))
    away = max(figure.away.get(half, 0) for half in halves)
    limits = [school.limits[half] for half in halves if half in school.limits]
    if not away:
        return "", 0
    if not limits:
        return str(away), -1
    most = min(limits)
    shade = 5 if away > most else -(-4 * away // most)
    return str(away), shade


def attendance_part(desk: Desk) -> Part | None:
    """Return attendance and hours posted, if the round has got that far."""
    seen = desk.view.attendance
    if seen is None:
        return None
    sentence = desk.say(
        "attendance_line",
        attended=seen.half_days_attended,
        planned=seen.half_days_planned,
        percent=percent(seen.half_days_attended, seen.half_days_planned),
        posted=desk.hours(seen.minutes_posted),
        certificates=seen.certificates,
        teachers=desk.told.teachers,
    )
    notes = (desk.say("attendance_simulated"),) if seen.simulated else ()
    return Part("attendance", desk.say("attendance_title"), (sentence,), notes=notes)
