"""The report's charts as SVG text: bars, stacked bars, limits and a Lorenz curve.

Every chart carries a title and a summary for those who cannot see it, scales with the page and
takes its colours from the page's style sheet, so that dark mode and print follow. Bars begin at
zero. The heat table of release days is a real table and lives in the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 400
TEXT = 13
BAR = 16
LINE = 20
GAP = 12


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart and what it is called."""

    title: str
    svg: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its colour class, its length and what is written behind it.

    `low` and `high` draw the range of a median; `scale` is the value of a full-length bar where
    groups are to be compared with one another.
    """

    series: str
    value: float
    text: str
    low: float | None = None
    high: float | None = None
    scale: float = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Bars that belong together, under one label; `targets` are lines with one text below."""

    label: str
    bars: tuple[Bar, ...]
    targets: tuple[float, ...] = ()
    target_text: str = ""


def bars(name: str, title: str, summary: str, groups: Sequence[Group]) -> Chart:
    """Draw grouped horizontal bars; each group has a scale of its own if units differ."""
    parts, y = [], 4
    room = WIDTH - max((width(bar.text) for g in groups for bar in g.bars), default=0) - 10
    for group in groups:
        top = max((*(max(b.high or b.value, b.scale) for b in group.bars), *group.targets, 1e-9))
        parts.append(_text(0, y + TEXT, group.label, "label"))
        y += LINE
        start = y
        for bar in group.bars:
            parts.append(_bar(bar, y, room / top))
            y += BAR + 4
        if group.targets:
            places = [value * room / top for value in group.targets]
            parts.append(_targets(places, start, y - 4, group.target_text))
            y += LINE - 4
        y += GAP
    return _svg(name, title, summary, y - GAP + 4, parts)


def _bar(bar: Bar, y: int, scale: float) -> str:
    length = bar.value * scale
    end = max(length, (bar.high or 0) * scale)
    drawn = (
        f'<rect class="{bar.series}" x="0" y="{y}" width="{_n(max(length, 1))}" height="{BAR}"/>'
    )
    if bar.low is not None and bar.high is not None:
        drawn += (
            f'<path class="range" d="M{_n(bar.low * scale)} {y + BAR // 2}H{_n(end)}'
            f'M{_n(bar.low * scale)} {y + 3}v{BAR - 6}M{_n(end)} {y + 3}v{BAR - 6}"/>'
        )
    return drawn + _text(end + 6, y + TEXT, bar.text, "value")


@dataclass(frozen=True, slots=True)
class Stack:
    """One row of a stacked chart: parts in the order of the series."""

    label: str
    parts: tuple[float, ...]
    text: str
    target: float | None = None
    target_text: str = ""


def stacked(
    name: str, title: str, summary: str, series: Sequence[tuple[str, str]], rows: Sequence[Stack]
) -> Chart:
    """Draw stacked horizontal bars on one scale; `series` holds colour class and word."""
    parts, y = _legend(series)
    room = WIDTH - max((width(row.text) for row in rows), default=0) - 10
    top = max((*(max(sum(row.parts), row.target or 0) for row in rows), 1e-9))
    for row in rows:
        parts.append(_text(0, y + TEXT, row.label, "label"))
        y += LINE
        x = 0.0
        for (colour, _), value in zip(series, row.parts, strict=True):
            wide = value * room / top
            if value:
                parts.append(
                    f'<rect class="{colour}" x="{_n(x)}" y="{y}" width="{_n(wide)}" height="{BAR}"/>'
                )
            x += wide
        reach = max(x, (row.target or 0) * room / top)
        parts.append(_text(reach + 6, y + TEXT, row.text, "value"))
        y += BAR + 4
        if row.target is not None:
            parts.append(_targets([row.target * room / top], y - BAR - 4, y - 4, row.target_text))
            y += LINE - 4
        y += GAP
    return _svg(name, title, summary, y - GAP + 4, parts)


def _legend(series: Sequence[tuple[str, str]]) -> tuple[list[str], int]:
    """Name the series in as many lines as it takes."""
    parts, x, y = [], 0.0, 4
    for colour, word in series:
        wide = 18 + width(word) + 14
        if x and x + wide > WIDTH + 14:
            x, y = 0.0, y + LINE
        parts.append(f'<rect class="{colour}" x="{_n(x)}" y="{y + 2}" width="12" height="12"/>')
        parts.append(_text(x + 18, y + TEXT, word, "value"))
        x += wide
    return parts, y + LINE + 8


def lorenz(
    name: str, title: str, summary: str, values: Sequence[int], words: tuple[str, str]
) -> Chart:
    """Draw how evenly sorted values are shared; `words` name the even line and the curve."""
    side, left, top = 300, 50, 8
    total = sum(values) or 1
    points, running = [(0.0, 0.0)], 0
    for count, value in enumerate(values, 1):
        running += value
        points.append((count / len(values), running / total))
    path = "L".join(f"{_n(left + x * side)} {_n(top + (1 - y) * side)}" for x, y in points)
    middle = points[len(points) // 2]
    parts = [
        f'<rect class="frame" x="{left}" y="{top}" width="{side}" height="{side}"/>',
        f'<path class="even" d="M{left} {top + side}L{left + side} {top}"/>',
        f'<path class="curve" d="M{path}"/>',
        _text(left + side * 0.5 - width(words[0]) - 8, top + side * 0.44, words[0], "value"),
        _text(
            left + min(middle[0] * side + 12, side - width(words[1])),
            top + (1 - middle[1]) * side + 34,
            words[1],
            "label",
        ),
    ]
    for share in (0, 50, 100):
        at = side * share / 100
        parts.append(_text(left - 8, top + side - at + 5, f"{share}%", "value end"))
        parts.append(_text(left + at, top + side + 18, f"{share}%", "value middle"))
    return _svg(name, title, summary, top + side + 26, parts)


def _targets(places: Sequence[float], top: int, bottom: int, text: str) -> str:
    """Draw targets as lines, their text below and between them."""
    middle = sum(places) / len(places)
    at = min(max(middle, width(text) / 2), WIDTH - width(text) / 2)
    lines = "".join(f"M{_n(x)} {top - 3}V{bottom + 4}" for x in places)
    return f'<path class="target" d="{lines}"/>' + _text(at, bottom + 16, text, "value middle")


def width(text: str) -> float:
    """Estimate how wide a text is drawn: Chinese signs are square, others about half."""
    return sum(TEXT if ord(sign) > 0x2E7F else TEXT * 0.58 for sign in text)


def _text(x: float, y: float, text: str, style: str) -> str:
    return f'<text class="{style}" x="{_n(x)}" y="{_n(y)}">{escape(text)}</text>'


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _svg(name: str, title: str, summary: str, height: int, parts: Sequence[str]) -> Chart:
    svg = (
        f'<svg role="img" aria-labelledby="{name}-t {name}-d" viewBox="0 0 {WIDTH} {height}">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(summary)}</desc>'
        + "".join(parts)
        + "</svg>"
    )
    return Chart(title, svg)
