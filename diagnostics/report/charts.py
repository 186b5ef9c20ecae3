"""Curves and the person-item map as SVG text, in the manner of the round's report.

Colours come from the page's style sheet, so dark mode and print follow; every chart carries a title
and a summary for those who cannot see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from diagnostics.irt.models import Floats

WIDTH, LEFT, RIGHT, TOP = 400, 34, 8, 8
REACH = 4.0
"""Abilities are drawn from -4 to 4."""
ROW = 20
TEXT = 13


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart and what it is called."""

    title: str
    svg: str


def curves(
    name: str, title: str, summary: str, theta: Floats, lines: Sequence[Floats], height: int = 130
) -> Chart:
    """Draw lines over abilities, from 0 up; line k has the colour class `line k`."""
    top = max(float(max(line.max() for line in lines)), 1e-9)
    top = 1.0 if 0.5 < top <= 1 else _round(top)
    parts = [_frame(height)]
    for share in (0.0, 0.5, 1.0):
        y = TOP + height * (1 - share)
        parts.append(_text(LEFT - 5, y + 4, f"{top * share:.3g}", "value end"))
    for k, line in enumerate(lines):
        points = zip(theta, line, strict=True)
        path = "L".join(f"{_n(_x(at))} {_n(TOP + height * (1 - v / top))}" for at, v in points)
        parts.append(f'<path class="line k{k % 7}" d="M{path}"/>')
    return _svg(name, title, summary, TOP + height + 24, [*parts, _axis(TOP + height)])


def person_item_map(
    name: str,
    title: str,
    summary: str,
    bins: Sequence[tuple[float, float, int]],
    items: Sequence[tuple[str, Sequence[float]]],
) -> Chart:
    """Draw persons above, as bins (from, to, count), and below each item's steps on one scale."""
    height, side = 110, 104
    peak = max((count / (end - start) for start, end, count in bins), default=1.0)
    parts = []
    for start, end, count in bins:
        tall = height * count / (end - start) / peak
        left, wide = _x(start, side), _x(end, side) - _x(start, side)
        parts.append(
            f'<rect class="people" x="{_n(left)}" y="{_n(TOP + height - tall)}" '
            f'width="{_n(max(wide - 1, 1))}" height="{_n(tall)}"/>'
        )
    y = TOP + height
    bottom = y + 30 + ROW * len(items)
    for at in (-4, -2, 0, 2, 4):
        parts.append(f'<path class="grid" d="M{_n(_x(at, side))} {y}V{bottom - 8}"/>')
    parts.append(_axis(y, side))
    for row, (label, steps) in enumerate(items):
        middle = y + 36 + ROW * row
        parts.append(_text(0, middle + 4, _cut(label, side - 8), "value"))
        inner = [max(-REACH, min(REACH, step)) for step in steps]
        parts.append(
            f'<path class="grid" d="M{_n(_x(min(inner), side))} {middle}'
            f'H{_n(_x(max(inner), side))}"/>'
        )
        parts += [
            f'<circle class="k{k % 7}" cx="{_n(_x(at, side))}" cy="{middle}" r="4.5"/>'
            for k, at in enumerate(inner)
        ]
    return _svg(name, title, summary, bottom, parts)


def _round(top: float) -> float:
    """Return the next round number that is not below."""
    scale = 10 ** np.floor(np.log10(top))
    return float(next(step * scale for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * scale >= top))


def _cut(text: str, room: float) -> str:
    wide = 0.0
    for at, sign in enumerate(text):
        wide += TEXT if ord(sign) > 0x2E7F else TEXT * 0.58
        if wide > room:
            return text[: max(at - 1, 1)] + "…"
    return text


def _x(theta: float, left: float = LEFT) -> float:
    return left + (WIDTH - RIGHT - left) * (theta + REACH) / (2 * REACH)


def _axis(y: float, left: float = LEFT) -> str:
    marks = "".join(
        _text(_x(at, left), y + 17, f"{at:d}".replace("-", "−"), "value middle")
        for at in (-4, -2, 0, 2)
    )
    return marks + _text(WIDTH - RIGHT, y + 17, "θ 4", "value end")


def _frame(height: int) -> str:
    wide = WIDTH - LEFT - RIGHT
    return f'<rect class="frame" x="{LEFT}" y="{TOP}" width="{wide}" height="{height}"/>'


def _text(x: float, y: float, text: str, style: str) -> str:
    return f'<text class="{style}" x="{_n(x)}" y="{_n(y)}">{escape(text)}</text>'


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _svg(name: str, title: str, summary: str, height: float, parts: Sequence[str]) -> Chart:
    svg = (
        f'<svg role="img" aria-labelledby="{name}-t {name}-d" viewBox="0 0 {WIDTH} {_n(height)}">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(summary)}</desc>'
        + "".join(parts)
        + "</svg>"
    )
    return Chart(title, svg)
