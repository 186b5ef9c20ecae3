"""The table of states and verbs on the page of a live round is the one the program goes by."""

import re
from pathlib import Path

import pytest

from matching.rounds.life.phases import STATES, TABLE

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("a-live-round.md", "a-live-round.zh-CN.md")
TWO, REASON = ("two people", "两人"), ("reason", "理由")


def names(cell: str) -> tuple[str, ...]:
    """Return the names in a cell; `a` … `z` stands for all states from one to the other."""
    found = tuple(re.findall(r"`(\w+)`", cell))
    if "…" in cell:
        first, last = (STATES.index(name) for name in found)
        return STATES[first : last + 1]
    return found


def lines_of(page: str) -> list[tuple[object, ...]]:
    """Return verb, states before, state after, roles, two people, reason, for each row."""
    rows = [line.strip("|").split("|") for line in page.splitlines() if line.count("|") == 7]
    verbs = {line.verb for line in TABLE}
    return [
        (
            *names(verb),
            names(before),
            *names(after),
            names(who),
            any(word in needs for word in TWO),
            any(word in needs for word in REASON),
        )
        for verb, _, before, after, who, needs in rows
        if verbs & set(names(verb))
    ]


def program() -> list[tuple[object, ...]]:
    return [
        (line.verb, line.before, line.after, line.roles, line.two, line.two or line.reasoned)
        for line in TABLE
    ]


@pytest.mark.parametrize("name", PAGES)
def test_the_table_on_the_page_is_that_of_the_program(name):
    assert lines_of((DOCS / name).read_text(encoding="utf-8")) == program()


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("two people, reason |\n| `finalise`", " |\n| `finalise`"),
        ("`county`, `clock`", "`county`"),
        ("| `paused` |", "| `open` |"),
        ("`announced` … `confirming`", "`announced` … `settled`"),
    ],
)
def test_a_table_that_says_something_else_is_noticed(right, wrong):
    page = (DOCS / PAGES[0]).read_text(encoding="utf-8")
    assert right in page
    assert lines_of(page.replace(right, wrong, 1)) != program()
