"""The report as one self-contained page: style and charts are inside, nothing is loaded."""

from __future__ import annotations

from pathlib import Path

from diagnostics.messages import Language, say
from diagnostics.report.parts import parts
from diagnostics.report.study import Study

TEMPLATES = Path(__file__).with_name("templates")
HTML_LANGUAGE = {"zh": "zh-CN", "en": "en"}


def write_report(study: Study, name: str, folder: Path, lang: Language = "zh") -> Path:
    """Write the report on the instrument of a name into a folder, and return the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{say('report_file', lang)}.html"
    page.write_text(page_text(study, name, lang), encoding="utf-8", newline="\n")
    return page


def page_text(study: Study, name: str, lang: Language = "zh") -> str:
    """Return the page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found = study.calibration
    return env.get_template("report.html").render(
        lang=HTML_LANGUAGE[lang],
        css=(TEMPLATES / "report.css").read_text(encoding="utf-8"),
        title=say("report_title", lang, name=name),
        size=say(
            "report_size",
            lang,
            persons=study.reliability.persons,
            items=len(found.bank),
            model=found.model,
        ),
        contents=say("report_contents", lang),
        parts=parts(study, lang),
    )
