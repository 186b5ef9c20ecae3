"""The report: its parts in order, as one self-contained page and one workbook."""

from __future__ import annotations

from pathlib import Path

from catalog.messages import Language
from matching.rounds.exports.book import book
from matching.rounds.exports.sheet import Sheet
from matching.rounds.report.desk import Desk, Part
from matching.rounds.report.headline import headline
from matching.rounds.report.learnt import learnt_part
from matching.rounds.report.people import areas_part, hours_part, ranks_part, worst_part
from matching.rounds.report.places import (
    attendance_part,
    quotas_part,
    release_part,
    sections_part,
)
from matching.rounds.report.proof import goals_part, recheck_part, result_part
from matching.rounds.view import RoundView
from matching.rounds.words import number

TEMPLATES = Path(__file__).with_name("templates")
HTML_LANGUAGE = {"zh": "zh-CN", "en": "en"}
COLUMN = 14


def write_report(view: RoundView, folder: Path, lang: Language = "zh") -> list[Path]:
    """Write the report of a round as one HTML page and one xlsx with the same figures."""
    desk = Desk(view, lang)
    content = parts(desk)
    name = desk.say("file_report")
    page, workbook = folder / f"{name}.html", folder / f"{name}.xlsx"
    folder.mkdir(parents=True, exist_ok=True)
    page.write_text(page_text(desk, content), encoding="utf-8", newline="\n")
    with book(workbook) as out:
        for sheet in sheets(desk, content):
            out.add(sheet)
    return [page, workbook]


def parts(desk: Desk) -> list[Part]:
    """Return the parts of the report, the headline first."""
    found = [
        headline(desk),
        result_part(desk),
        goals_part(desk),
        hours_part(desk),
        learnt_part(desk),
        quotas_part(desk),
        ranks_part(desk),
        worst_part(desk),
        areas_part(desk),
        release_part(desk),
        sections_part(desk),
        attendance_part(desk),
        recheck_part(desk),
    ]
    return [part for part in found if part is not None]


def page_text(desk: Desk, content: list[Part]) -> str:
    """Return the page; style and charts are inside it and nothing is loaded from elsewhere."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return env.get_template("report.html").render(
        lang=HTML_LANGUAGE[desk.lang],
        css=(TEMPLATES / "report.css").read_text(encoding="utf-8"),
        title=desk.say("page_title", title=desk.view.title),
        unit=_unit_line(desk),
        synthetic=desk.say("page_synthetic") if desk.view.synthetic else "",
        parts=content,
        digest=desk.view.digest,
        say=desk.say,
        number=number,
    )


def _unit_line(desk: Desk) -> str:
    view = desk.view
    return desk.say(
        "page_unit",
        unit=view.unit_name,
        year=view.year,
        teachers=len(view.teachers),
        schools=len(view.schools),
        sections=len(view.sections),
    )


def sheets(desk: Desk, content: list[Part]) -> list[Sheet]:
    """Return one sheet for each part, with the sentences above the same rows as on the page."""
    foot = [desk.say("page_foot", digest=desk.view.digest)]
    if desk.view.synthetic:
        foot.append(desk.say("page_synthetic"))
    return [_sheet(part, tuple(foot)) for part in content]


def _sheet(part: Part, foot: tuple[str, ...]) -> Sheet:
    table = part.table
    header = table.header if table else ()
    return Sheet(
        name=part.title,
        title=part.title,
        header=header,
        rows=table.rows if table else (),
        widths=(table and table.widths) or (COLUMN,) * (len(header) or 6),
        lines=part.sentences + part.notes,
        foot=foot,
        landscape=len(header) > 5,
    )
