"""How numbers and days are written for a reader: 42 学时, 11月20日（周五）上午."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from catalog.messages import Language
from matching.rounds.messages import say
from matching.rounds.view import HalfDay

WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def hours(minutes: int) -> float:
    """Return account minutes as 学时 with at most one decimal, rounded half up."""
    return (minutes + 3) // 6 / 10


def number(value: float) -> str:
    """Return a number with at most one decimal and no trailing zero: 42, 7.5, 1,200."""
    return f"{value:,.1f}".removesuffix(".0")


def hours_text(minutes: int, lang: Language) -> str:
    """Return `42 学时` or `42 h`."""
    return say("word_hours", lang, hours=number(hours(minutes)))


def percent(part: int, whole: int) -> str:
    """Return a share in percent with at most one decimal; of nothing it is a dash."""
    return f"{number(round(100 * part / whole, 1))}%" if whole else "–"


def day_text(day: str, lang: Language) -> str:
    """Return `11月20日（周五）` or `Fri 20 Nov`."""
    when = date.fromisoformat(day)
    weekday = WEEKDAYS[lang][when.weekday()]
    if lang == "zh":
        return f"{when.month}月{when.day}日（周{weekday}）"
    return f"{weekday} {when.day} {MONTHS[when.month - 1]}"


def half_text(half_day: HalfDay, lang: Language) -> str:
    """Return `11月20日（周五）上午` or `Fri 20 Nov, morning`."""
    joint = "" if lang == "zh" else ", "
    return day_text(half_day.day, lang) + joint + say(f"word_half_{half_day.half}", lang)


def head_text(half_day: HalfDay, lang: Language) -> str:
    """Return a half-day for a narrow table head, day and half on a line each."""
    when = date.fromisoformat(half_day.day)
    weekday = WEEKDAYS[lang][when.weekday()]
    half = say(f"word_half_{half_day.half}", lang)
    if lang == "zh":
        return f"{when.month}月{when.day}日\n周{weekday}{half}"
    return f"{when.day} {MONTHS[when.month - 1]}\n{weekday} {half}"


def short_day(day: str) -> str:
    """Return `8-3` for narrow table heads."""
    when = date.fromisoformat(day)
    return f"{when.month}-{when.day}"


def days_text(meetings: Iterable[HalfDay], lang: Language) -> str:
    """Return the days of a section, runs of consecutive days as first – last.

    A day with only one of its halves says which.
    """
    halves: dict[str, list[HalfDay]] = {}
    for meeting in sorted(meetings):
        halves.setdefault(meeting.day, []).append(meeting)
    if not halves:
        return say("word_online", lang)
    parts = [_run_text(run, halves, lang) for run in _runs(sorted(halves), halves)]
    return ("；" if lang == "zh" else "; ").join(parts)


def _runs(days: list[str], halves: dict[str, list[HalfDay]]) -> list[list[str]]:
    """Group consecutive whole days."""
    runs: list[list[str]] = []
    for day in days:
        whole = len(halves[day]) == 2
        if runs and whole and len(halves[runs[-1][-1]]) == 2 and _next(runs[-1][-1], day):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _next(day: str, other: str) -> bool:
    return (date.fromisoformat(other) - date.fromisoformat(day)).days == 1


def _run_text(run: list[str], halves: dict[str, list[HalfDay]], lang: Language) -> str:
    if len(halves[run[0]]) == 1:
        return half_text(halves[run[0]][0], lang)
    if len(run) == 1:
        return day_text(run[0], lang)
    return f"{day_text(run[0], lang)}–{day_text(run[-1], lang)}"
