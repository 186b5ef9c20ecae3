"""Letters on paper: a sheet for mass sending, and one slip a person with a QR code."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

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


def slips(letters: Sequence[Letter], folder: Path, public_url: str, lang: Language = "zh") -> Path:
    """Write one slip a person, schools one after the other, as a page for printing.

    The QR code leads to this notice on the office's pages, where she signs in and sees what it is
    about. Without an address of the office there is no code, and the slip says so.
    """
    from jinja2 import Environment, PackageLoader, select_autoescape

    env = Environment(
        loader=PackageLoader("api.outbox"), autoescape=select_autoescape(), trim_blocks=True
    )
    page = env.get_template("slips.html").render(
        letters=[(letter, _qr(letter, public_url)) for letter in letters],
        say=lambda code, **values: say(code, lang, **values),
        lang=lang,
    )
    path = folder / f"{say('outbox_slips', lang)}-{batch_name(letters)}.html"
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(page, encoding="utf-8", newline="\n")
    unfinished.replace(path)
    return path


def address_of(letter: Letter, public_url: str) -> str:
    """Return where a notice is read: it names the round and the notice, and nobody.

    The path is that of the API below `/api/v1`, and stays the same.
    """
    round_id, notice = (quote(id_.replace("/", "~")) for id_ in (letter.round_id, letter.id))
    return f"{public_url}/rounds/{round_id}/notices/{notice}"


def _qr(letter: Letter, public_url: str) -> str:
    import segno
    from markupsafe import Markup

    if not public_url:
        return ""
    code = segno.make(address_of(letter, public_url), error="m", micro=False)
    return Markup(code.svg_inline(scale=3, border=2, omitsize=False))
