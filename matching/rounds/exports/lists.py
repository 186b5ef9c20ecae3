"""The lists of people: 公示名单, school notices, class lists with 签到册."""

from __future__ import annotations

from catalog import terms
from matching.rounds.exports.paper import Paper
from matching.rounds.exports.sheet import Cell, Sheet
from matching.rounds.figures import absentees
from matching.rounds.view import HalfDay, SchoolView, SeatView, SectionView
from matching.rounds.words import day_text, head_text, hours, hours_text

ROLL_MARKS = ("expected", "arrived", "leave", "absent", "replaced")


def public_list(paper: Paper) -> Sheet:
    """Return who has a seat, for the public: names and the last four signs of the id number."""
    view, told = paper.view, paper.told
    seats = [seat for id_ in sorted(view.seated_in) for seat in view.seated_in[id_]]
    seats.sort(key=lambda seat: (view.teacher[seat.teacher_id].school_id, seat.teacher_id))
    last = view.solves[-1]
    columns = [
        "number",
        "school",
        "name",
        "id",
        "subject",
        "section",
        "title",
        "level",
        "hours",
        "source",
    ]
    counts = {"seats": told.seats, "teachers": told.served}
    return Sheet(
        name=paper.say("file_public"),
        title=paper.say("public_title", title=view.title),
        lines=(paper.say("public_line", unit=view.unit_name),),
        header=paper.heads(*columns),
        rows=tuple(_public_row(paper, number, seat) for number, seat in enumerate(seats, 1)),
        widths=(5, 20, 10, 14, 12, 9, 24, 8, 7, 7),
        foot=(
            paper.say("foot_count", chosen=told.chosen, assigned=told.assigned, **counts),
            *paper.digest_foot(),
            paper.say("foot_check", version=last.version, seed=last.seed),
        ),
        landscape=True,
    )


def _public_row(paper: Paper, number: int, seat: SeatView) -> tuple[Cell, ...]:
    teacher = paper.view.teacher[seat.teacher_id]
    section = paper.view.section[seat.section_id]
    return (
        number,
        paper.school_name(teacher.id),
        teacher.name,
        paper.masked(teacher.id),
        paper.subject(teacher.subject),
        section.id,
        section.title,
        terms.LEVELS.word(section.level, paper.lang),
        hours(section.minutes),
        paper.source(seat),
    )


def school_notice(paper: Paper, school: SchoolView) -> tuple[Sheet, Sheet]:
    """Return who of a school goes when, and how many are away on each day beside the limit."""
    return _who_goes(paper, school), _away(paper, school)


def _who_goes(paper: Paper, school: SchoolView) -> Sheet:
    view = paper.view
    figure = next(f for f in paper.told.schools if f.school_id == school.id)
    mine = sorted(t.id for t in view.teachers if t.school_id == school.id)
    seats = [seat for id_ in mine for seat in view.seats_of[id_]]
    columns = [
        "number",
        "teacher",
        "name",
        "subject",
        "section",
        "title",
        "when",
        "site",
        "hours",
        "source",
    ]
    return Sheet(
        name=paper.say("school_tab"),
        title=paper.say("school_title", school=school.name),
        lines=(
            paper.say(
                "school_line", teachers=figure.teachers, served=figure.served, seats=len(seats)
            ),
        ),
        header=paper.heads(*columns),
        rows=tuple(
            (
                number,
                seat.teacher_id,
                view.teacher[seat.teacher_id].name,
                paper.subject(view.teacher[seat.teacher_id].subject),
                *paper.seat_cells(seat),
            )
            for number, seat in enumerate(seats, 1)
        ),
        widths=(5, 10, 10, 12, 9, 24, 30, 20, 7, 7),
        foot=paper.digest_foot(),
        landscape=True,
    )


def _away(paper: Paper, school: SchoolView) -> Sheet:
    figure = next(f for f in paper.told.schools if f.school_id == school.id)
    peak = "away_peak" if figure.peak else "away_none"
    people = absentees(paper.view, school.id)
    return Sheet(
        name=paper.say("away_tab"),
        title=paper.say("away_title", school=school.name),
        lines=(paper.say(peak, peak=figure.peak, limit=figure.limit),),
        header=paper.heads("day", "am", "pm", "limit", "names"),
        rows=tuple(
            _away_row(paper, school, people, day) for day in sorted({when.day for when in people})
        ),
        widths=(18, 10, 10, 12, 48),
        foot=paper.digest_foot(),
    )


def _away_row(
    paper: Paper, school: SchoolView, people: dict[HalfDay, list[str]], day: str
) -> tuple[Cell, ...]:
    halves = (HalfDay(day, "am"), HalfDay(day, "pm"))
    gone = [people.get(half, []) for half in halves]
    names = [paper.view.teacher[id_].name for id_ in sorted({*gone[0], *gone[1]})]
    limits = [school.limits[half] for half in halves if half in school.limits]
    limit: Cell = min(limits) if limits else paper.say("no_limit")
    joint = "、" if paper.lang == "zh" else ", "
    return (day_text(day, paper.lang), len(gone[0]), len(gone[1]), limit, joint.join(names))


def class_list(paper: Paper, section: SectionView) -> tuple[Sheet, ...]:
    """Return the class list of an open section and, where it meets, its roll by half-day."""
    return (_class(paper, section), *([_roll(paper, section)] if section.meetings else []))


def _class(paper: Paper, section: SectionView) -> Sheet:
    seats = paper.view.seated_in[section.id]
    staff = section.staff
    return Sheet(
        name=paper.say("class_tab"),
        title=paper.say("class_title", section=section.id, title=section.title),
        lines=(
            paper.say(
                "class_line",
                institution=section.institution_name,
                when=paper.when(section),
                site=section.site,
                hours=hours_text(section.minutes, paper.lang),
            ),
            paper.say(
                "class_staff",
                chief=staff.chief_expert,
                subject_head=staff.class_head,
                life_head=staff.life_head,
            ),
            paper.say(
                "class_count",
                seated=len(seats),
                capacity=section.capacity,
                minimum=section.minimum,
            ),
        ),
        header=paper.heads("number", "school", "name", "id", "stage", "subject", "remark"),
        rows=tuple(_class_row(paper, number, seat) for number, seat in enumerate(seats, 1)),
        widths=(5, 24, 10, 14, 12, 12, 14),
        foot=paper.digest_foot(),
    )


def _class_row(paper: Paper, number: int, seat: SeatView) -> tuple[Cell, ...]:
    teacher = paper.view.teacher[seat.teacher_id]
    return (
        number,
        paper.school_name(teacher.id),
        teacher.name,
        paper.masked(teacher.id),
        terms.STAGES.word(teacher.stage, paper.lang),
        paper.subject(teacher.subject),
        "",
    )


def _roll(paper: Paper, section: SectionView) -> Sheet:
    """Return T3: one column per half-day, and the counts the class heads fill in."""
    view, meetings = paper.view, sorted(section.meetings)
    seats = view.seated_in[section.id]
    blank: tuple[Cell, ...] = ("",) * len(meetings)
    people = tuple(
        (number, paper.school_name(s.teacher_id), view.teacher[s.teacher_id].name, *blank)
        for number, s in enumerate(seats, 1)
    )
    marks: tuple[tuple[Cell, ...], ...] = tuple(
        ("", paper.say(f"roll_{mark}"), "", *((len(seats),) * len(meetings) if not at else blank))
        for at, mark in enumerate(ROLL_MARKS)
    )
    return Sheet(
        name=paper.say("roll_tab"),
        title=paper.say("roll_title", section=section.id, title=section.title),
        lines=(paper.say("roll_line"),),
        header=(
            *paper.heads("number", "school", "name"),
            *(head_text(meeting, paper.lang) for meeting in meetings),
        ),
        rows=people + marks,
        widths=(5, 22, 10, *(10,) * len(meetings)),
        foot=paper.digest_foot(),
        landscape=True,
        tall=True,
    )
