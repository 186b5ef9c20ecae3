"""Letters on paper: a sheet for mass sending, and one slip a person with a QR code."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from api.messages import say
from api.outbox.letters import Letter
from catalog.messages import Language
from matching.rounds.exports.book import book

WIDTHS = (12, 12, 10, 15, 18, 18, 26, 60)
HEADS = ("id", "name", "school", "phone", "wecom", "dingtalk", "title", "text")


def batch_name(letters: Sequence[Letter]) -> str:
    """Return a name that the same letters always have, so that a second writing replaces the first."""
    joined = "\n".join(sorted(letter.id for letter in letters))
    return hashlib.sha256(joined.encode()).hexdigest()[:8]


def mass_sheet(letters: Sequence[Letter], folder: Path, lang: Language = "zh") -> Path:
    """Write the sheet that SMS, 企业微信 and 钉钉 consoles take in; return its path.

    The first row is the header, for such consoles read no titles. The file appears whole or not at all.
    """
    path = folder / f"{say('outbox_sheet', lang)}-{batch_name(letters)}.xlsx"
    heads = tuple(say(f"outbox_col_{name}", lang) for name in HEADS)
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    with book(unfinished) as out:
        page = out.page(say("outbox_sheet", lang), WIDTHS, landscape=True)
        out.table(page, 0, (heads, *(_cells(letter) for letter in letters)), WIDTHS)
        page.freeze_panes(1, 0)
    unfinished.replace(path)
    return path


def _cells(letter: Letter) -> tuple[str, ...]:
    contact, message = letter.contact, letter.message
    return (
        message.person,
        message.name,
        letter.school,
        contact.phone,
        contact.wecom,
        contact.dingtalk,
        message.title,
        message.body,
    )


def slips(letters: Sequence[Letter], folder: Path, link: str, lang: Language = "zh") -> Path:
    """Write one slip a person, schools one after the other, as a page for printing.

    The QR code is the office's address; without one it names the letter, so that
    a slip can be found again. It holds nothing secret.
    """
    from jinja2 import Environment, PackageLoader, select_autoescape

    env = Environment(
        loader=PackageLoader("api.outbox"), autoescape=select_autoescape(), trim_blocks=True
    )
    page = env.get_template("slips.html").render(
        letters=[(letter, _qr(letter, link)) for letter in letters],
        say=lambda code, **values: say(code, lang, **values),
        lang=lang,
    )
    path = folder / f"{say('outbox_slips', lang)}-{batch_name(letters)}.html"
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(page, encoding="utf-8", newline="\n")
    unfinished.replace(path)
    return path


def qr_text(letter: Letter, link: str) -> str:
    """Return what the code says."""
    if link:
        return link
    return f"xuanke {letter.round_id} {letter.id}"


def _qr(letter: Letter, link: str) -> str:
    import segno
    from markupsafe import Markup

    code = segno.make(qr_text(letter, link), error="m", micro=False)
    return Markup(code.svg_inline(scale=3, border=2, omitsize=False))
