"""The parts about people: hours, ranks, who is served worst, rural and town."""

from __future__ import annotations

from catalog import terms
from matching.rounds.exports.sheet import Cell
from matching.rounds.report.charts import Bar, Group, Stack, bars, lorenz, stacked
from matching.rounds.report.desk import Desk, Part, Table
from matching.rounds.tallies import AreaFigure, HoursFigure, WorstFigure
from matching.rounds.words import hours, number, percent

SOURCES = ("required", "chosen", "assigned", "other")


def hours_part(desk: Desk) -> Part:
    """Return the hours reached by category and where they came from."""
    lines = desk.told.hours
    sentences = tuple(
        desk.say(
            "hours_line" if line.short else "hours_full",
            category=desk.category(line.category),
            met=line.met,
            due=line.due,
            percent=percent(line.met, line.due),
            short=desk.hours(line.short),
        )
        for line in lines
    )
    used = [name for name in SOURCES if any(getattr(line, name) for line in lines)]
    chart = stacked(
        "chart-hours",
        desk.say("hours_chart"),
        " ".join(sentences),
        [(name, desk.say(f"source_{name}")) for name in used],
        [_hours_row(desk, line, used) for line in lines],
    )
    heads = desk.heads("category", "due", "met", "owed", *SOURCES, "short")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            desk.category(line.category),
            line.due,
            line.met,
            hours(line.owed),
            *(hours(getattr(line, name)) for name in SOURCES),
            hours(line.short),
        )
        for line in lines
    )
    table = Table(desk.say("hours_table"), heads, rows, (14, *(13,) * 8))
    return Part("hours", desk.say("hours_title"), sentences, table, (chart,))


def _hours_row(desk: Desk, line: HoursFigure, used: list[str]) -> Stack:
    """Return the mean per teacher of one category beside the mean due."""
    means = tuple(getattr(line, name) / line.due for name in used)
    return Stack(
        desk.category(line.category),
        means,
        desk.hours(round(sum(means))),
        line.owed / line.due,
        desk.say("hours_target", hours=desk.hours(round(line.owed / line.due))),
    )


def ranks_part(desk: Desk) -> Part:
    """Return seats by rank, round 1 and round 2 apart, assigned seats in a bar of their own."""
    told = desk.told
    unit = desk.say("unit_seats")
    rows = [
        Stack(
            desk.say("rank", rank=line.rank),
            (line.first_round, line.second_round, 0),
            f"{line.first_round + line.second_round} {unit}",
        )
        for line in told.ranks
    ]
    rows.append(Stack(desk.say("ranks_assigned"), (0, 0, told.assigned), f"{told.assigned} {unit}"))
    sentence = desk.say(
        "ranks_line",
        first=told.final.first,
        teachers=told.teachers,
        percent=percent(told.final.first, told.teachers),
        chosen=told.chosen,
        assigned=told.assigned,
    )
    series = [("chosen", "ranks_one"), ("chosen2", "ranks_two"), ("assigned", "ranks_assigned")]
    chart = stacked(
        "chart-profile",
        desk.say("ranks_title"),
        sentence,
        [(colour, desk.say(word)) for colour, word in series],
        rows,
    )
    table = Table(
        desk.say("ranks_title"),
        desk.heads("rank", "chosen_one", "chosen_two", "assigned_two"),
        (
            *(
                (desk.say("rank", rank=r.rank), r.first_round, r.second_round, 0)
                for r in told.ranks
            ),
            (desk.say("ranks_assigned"), 0, 0, told.assigned),
        ),
        (16, 18, 18, 18),
    )
    return Part("ranks", desk.say("ranks_title"), (sentence,), table, (chart,))


def worst_part(desk: Desk) -> Part:
    """Return the teachers served worst, without names, and how evenly chosen hours are shared."""
    told = desk.told
    sentence = desk.say("worst_even", gini=f"{told.gini:.2f}")
    half = sum(told.chosen_minutes[: len(told.chosen_minutes) // 2])
    share = percent(half, sum(told.chosen_minutes))
    lower = desk.say("worst_half", share=share)
    chart = lorenz(
        "chart-even",
        desk.say("worst_chart"),
        f"{sentence} {lower}",
        told.chosen_minutes,
        (desk.say("worst_line"), desk.say("worst_curve")),
    )
    table = Table(
        desk.say("worst_table", count=len(told.worst)),
        desk.heads(
            "number", "area", "stage", "subject", "short_hours", "best", "chosen", "assigned"
        ),
        tuple(_worst_row(desk, place, line) for place, line in enumerate(told.worst, 1)),
        (6, 8, 16, 18, 14, 16, 12, 12),
    )
    told_short = desk.say("worst_short", short=told.final.short, target=desk.target)
    return Part(
        "worst", desk.say("worst_title"), (told_short, sentence, lower), table, (chart,), plain=True
    )


def _worst_row(desk: Desk, place: int, line: WorstFigure) -> tuple[Cell, ...]:
    teacher = desk.view.teacher[line.teacher_id]
    rural = desk.view.school[teacher.school_id].rural
    return (
        place,
        desk.say("area_rural" if rural else "area_town"),
        terms.STAGES.word(teacher.stage, desk.lang),
        terms.SUBJECTS.word(teacher.subject, desk.lang),
        hours(line.short),
        desk.say("rank", rank=line.best_rank) if line.best_rank else desk.say("rank_none"),
        line.chosen,
        line.assigned,
    )


def areas_part(desk: Desk) -> Part:
    """Return rural teachers beside town teachers."""
    town, rural = desk.told.areas
    groups = [
        Group(desk.say(f"areas_{name}"), tuple(_share(desk, area, name) for area in (rural, town)))
        for name in ("served", "first", "enough")
    ]
    groups.append(
        Group(desk.say("areas_hours"), tuple(_mean_hours(desk, area) for area in (rural, town)))
    )
    sentence = desk.say(
        "areas_line",
        rural=rural.teachers,
        town=town.teachers,
        rural_first=percent(rural.first, rural.teachers),
        town_first=percent(town.first, town.teachers),
    )
    heads = desk.heads("area", "teachers", "served", "first", "short_people", "chosen_hours")
    table = Table(
        desk.say("areas_title"),
        heads,
        tuple(
            (_area_word(desk, a), a.teachers, a.served, a.first, a.short, hours(a.chosen_minutes))
            for a in (rural, town)
        ),
        (10, 12, 14, 16, 18, 22),
    )
    chart = bars("chart-areas", desk.say("areas_title"), sentence, groups)
    return Part("areas", desk.say("areas_title"), (sentence,), table, (chart,))


def _area_word(desk: Desk, area: AreaFigure) -> str:
    return desk.say("area_rural" if area.rural else "area_town")


def _share(desk: Desk, area: AreaFigure, name: str) -> Bar:
    count = {"served": area.served, "first": area.first, "enough": area.teachers - area.short}[name]
    share = 100 * count / area.teachers if area.teachers else 0
    text = f"{_area_word(desk, area)} {percent(count, area.teachers)}"
    return Bar("rural" if area.rural else "town", share, text, scale=100)


def _mean_hours(desk: Desk, area: AreaFigure) -> Bar:
    mean = hours(round(area.chosen_minutes / area.teachers)) if area.teachers else 0
    text = f"{_area_word(desk, area)} {desk.say('hours_each', hours=number(mean))}"
    return Bar("rural" if area.rural else "town", mean, text)
