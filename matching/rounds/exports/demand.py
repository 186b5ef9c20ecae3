"""What an institution learns: how its sections were asked for, small groups withheld."""

from __future__ import annotations

from collections.abc import Sequence

from matching.rounds.exports.paper import Paper
from matching.rounds.exports.sheet import Cell, Sheet
from matching.rounds.messages import say as say_word

SMALLEST = 5


def withheld(groups: Sequence[int]) -> list[str]:
    """Return for each group how it is shown: `` as it is, `<5`, or `*`.

    Groups of 1 to 4 leave the county as `<5` only. Where exactly one group is so small, the next
    smallest is withheld as `*`, or the small one could be worked out from a total.
    """
    marks = [say_word("word_small") if 0 < group < SMALLEST else "" for group in groups]
    shown = [place for place, group in enumerate(groups) if group >= SMALLEST]
    if sum(map(bool, marks)) == 1 and shown:
        marks[min(shown, key=lambda place: (groups[place], place))] = "*"
    return marks


def institution_demand(paper: Paper, institution_id: str) -> tuple[Sheet, Sheet]:
    """Return demand by section and by subject for one institution."""
    name = next(
        s.institution_name for s in paper.view.sections if s.institution_id == institution_id
    )
    return _by_section(paper, institution_id, name), _by_subject(paper, institution_id, name)


def _by_section(paper: Paper, institution_id: str, name: str) -> Sheet:
    section = paper.view.section
    mine = [
        f for f in paper.told.sections if section[f.section_id].institution_id == institution_id
    ]
    columns = [
        "section",
        "title",
        "applied",
        "first",
        "seated",
        "unmet",
        "capacity",
        "minimum",
        "status",
    ]
    marks = withheld([figure.applied for figure in mine])
    return Sheet(
        name=paper.say("sections_tab"),
        title=paper.say("sections_title", institution=name),
        lines=(paper.say("sections_line"), paper.say("small_note")),
        header=paper.heads(*columns),
        rows=tuple(
            (
                f.section_id,
                section[f.section_id].title,
                *_figures(mark, f.applied, f.first, f.seated, f.unmet),
                section[f.section_id].capacity,
                section[f.section_id].minimum,
                paper.say("status_open" if section[f.section_id].open else "status_closed"),
            )
            for f, mark in zip(mine, marks, strict=True)
        ),
        widths=(9, 26, 9, 9, 9, 9, 9, 9, 9),
        foot=paper.digest_foot(),
        landscape=True,
    )


def _by_subject(paper: Paper, institution_id: str, name: str) -> Sheet:
    mine = [d for d in paper.told.demand if d.institution_id == institution_id]
    marks = withheld([line.applied for line in mine])
    return Sheet(
        name=paper.say("subjects_tab"),
        title=paper.say("subjects_title", institution=name),
        lines=(paper.say("subjects_line"), paper.say("small_note")),
        header=paper.heads("subject", "applied", "first", "seated", "unmet"),
        rows=tuple(
            (paper.subject(d.subject), *_figures(mark, d.applied, d.first, d.seated, d.unmet))
            for d, mark in zip(mine, marks, strict=True)
        ),
        widths=(24, 12, 12, 12, 12),
        foot=paper.digest_foot(),
    )


def _figures(mark: str, applied: int, first: int, seated: int, unmet: int) -> tuple[Cell, ...]:
    """Return the four figures; seats are on the class list anyway and always shown."""
    return (mark, mark, seated, mark) if mark else (applied, first, seated, unmet)
