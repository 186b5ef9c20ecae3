"""Writing everything an office needs on paper, and where each sheet lies."""

from __future__ import annotations

from pathlib import Path

from catalog.messages import Language
from matching.rounds.exports.book import book, safe_name
from matching.rounds.exports.demand import institution_demand
from matching.rounds.exports.lists import class_list, public_list, school_notice
from matching.rounds.exports.paper import Paper
from matching.rounds.exports.sheet import Sheet
from matching.rounds.exports.slips import add_slips, slips_page
from matching.rounds.view import RoundView


def write_exports(view: RoundView, folder: Path, lang: Language = "zh") -> list[Path]:
    """Write all sheets of a round into `folder` and return their paths.

    The same round gives the same bytes. A file of an earlier result that this one has no sheet for
    is removed, so that no stale notice is handed out.
    """
    paper = Paper(view, lang)
    content = sheets(paper, folder)
    written = [*content, slips_xlsx(paper, folder), slips_html(paper, folder)]
    _remove_stale(paper, folder, set(written))
    for path, pages in content.items():
        with book(path) as out:
            for page in pages:
                out.add(page)
    with book(slips_xlsx(paper, folder)) as out:
        for school_id in sorted({teacher.school_id for teacher in view.teachers}):
            add_slips(out, paper, school_id)
    slips_html(paper, folder).write_text(slips_page(paper), encoding="utf-8", newline="\n")
    return written


def sheets(paper: Paper, folder: Path) -> dict[Path, tuple[Sheet, ...]]:
    """Return what goes into which file: the public list, schools, classes, institutions."""
    view = paper.view
    found: dict[Path, tuple[Sheet, ...]] = {public_path(paper, folder): (public_list(paper),)}
    for school in sorted(view.schools, key=lambda school: school.id):
        found[school_path(paper, folder, school.id)] = school_notice(paper, school)
    for section in sorted(view.sections, key=lambda section: section.id):
        if section.open:
            found[class_path(paper, folder, section.id)] = class_list(paper, section)
    for id_ in sorted({section.institution_id for section in view.sections}):
        found[institution_path(paper, folder, id_)] = institution_demand(paper, id_)
    return found


def public_path(paper: Paper, folder: Path) -> Path:
    """Return where the public list lies."""
    return folder / f"{paper.say('file_public')}.xlsx"


def school_path(paper: Paper, folder: Path, school_id: str) -> Path:
    """Return where the notice of a school lies."""
    name = safe_name(f"{school_id} {paper.view.school[school_id].name}")
    return folder / paper.say("file_schools") / f"{name}.xlsx"


def class_path(paper: Paper, folder: Path, section_id: str) -> Path:
    """Return where the class list of a section lies."""
    name = safe_name(f"{section_id} {paper.view.section[section_id].title}")
    return folder / paper.say("file_classes") / f"{name}.xlsx"


def institution_path(paper: Paper, folder: Path, institution_id: str) -> Path:
    """Return where the demand sheet of an institution lies."""
    sections = paper.view.sections
    name = next(s.institution_name for s in sections if s.institution_id == institution_id)
    file = safe_name(f"{institution_id} {name}")
    return folder / paper.say("file_institutions") / f"{file}.xlsx"


def slips_xlsx(paper: Paper, folder: Path) -> Path:
    """Return where the slips for printing lie."""
    return folder / f"{paper.say('file_slips')}.xlsx"


def slips_html(paper: Paper, folder: Path) -> Path:
    """Return where the slips as a page lie."""
    return folder / f"{paper.say('file_slips')}.html"


def _remove_stale(paper: Paper, folder: Path, kept: set[Path]) -> None:
    """Remove sheets of an earlier result from the folders this module writes."""
    for name in ("file_schools", "file_classes", "file_institutions"):
        for path in (folder / paper.say(name)).glob("*.xlsx"):
            if path not in kept:
                path.unlink()
