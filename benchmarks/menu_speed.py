"""How long menus take with everything counted: eligibility, need, history, texts, policy, price, variety."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catalog.board import Board
from catalog.choices import Chooser, Item
from catalog.entries import Boost, Needs
from catalog.history import learn
from catalog.texts import Texts

WORDS = [
    "小学语文",
    "初中数学",
    "高中物理",
    "班级管理",
    "心理健康",
    "信息技术",
    "师德修养",
    "作业设计",
    "学业评价",
    "实验教学",
    "跨学科",
    "新课标",
    "阅读教学",
    "课堂提问",
    "项目学习",
    "家校沟通",
    "融合应用",
    "案例研讨",
]
DIMENSIONS = tuple(f"D{n:02}" for n in range(14))
ALONE = 500


@dataclass(frozen=True, slots=True)
class OneOf:
    """A section asks for one of some values."""

    attribute: str
    values: tuple[str, ...]
    test: str = "in"

    def holds(self, attributes: dict[str, tuple[str, ...]]) -> bool:
        """Tell whether a teacher has one of the values."""
        return bool(set(self.values) & set(attributes[self.attribute]))


def run(teachers: int = 8_000, sections: int = 300) -> dict[str, float]:
    """Return the CPU time of one menu and of everybody's, with and without saying why."""
    draw = np.random.default_rng(0)
    items = [_item(n, draw) for n in range(sections)]
    choosers = [_chooser(n, sections // 2 + 100, draw) for n in range(teachers)]
    titles = {f"C{n:03}": _title(draw) for n in range(sections // 2 + 100)}
    board = Board(
        items,
        [
            Boost("乡村", "rural", 100, {"rural": ("yes",)}),
            Boost("甲", "A", 50, {}, {"topic": ("a",)}),
        ],
        None,
        learn(
            [(one.teacher, taken) for one in choosers for taken in one.completed],
            {one.teacher: one.attributes for one in choosers},
        ),
        Texts(list(titles.values())),
        titles,
    )
    needs = [_needs(items, draw) for _ in choosers]
    board.menu(choosers[0], needs[0])
    started = time.process_time()
    alone = [board.menu(*pair) for pair in zip(choosers[:ALONE], needs, strict=False)]
    one = time.process_time() - started
    started = time.process_time()
    together = list(board.menus(choosers, needs))
    everybody = time.process_time() - started
    started = time.process_time()
    for menu in together[:ALONE]:
        for entry in menu.entries:
            entry.why.say()
    said = time.process_time() - started
    assert together[:ALONE] == alone
    return {
        "one_menu_ms": 1000 * one / ALONE,
        "everybody_cpu_seconds": everybody,
        "why_of_one_menu_ms": 1000 * said / ALONE,
        "eligible": float(np.mean([menu.eligible for menu in together])),
    }


def _some(draw: np.random.Generator, values: Sequence[str], count: int) -> tuple[str, ...]:
    return tuple(sorted(draw.choice(list(values), count, replace=False).tolist()))


def _title(draw: np.random.Generator) -> str:
    return "".join(_some(draw, WORDS, 3))


def _item(number: int, draw: np.random.Generator) -> Item:
    return Item(
        f"S{number:03}",
        f"C{number // 2:03}",
        _title(draw),
        480,
        _some(draw, DIMENSIONS, int(draw.integers(1, 4))),
        {"topic": _some(draw, "abcdefgh", 2)},
        (OneOf("stage", _some(draw, "1234", 3)), OneOf("rural", ("yes", "no"))),
        price=int(draw.integers(0, 300)),
    )


def _chooser(number: int, courses: int, draw: np.random.Generator) -> Chooser:
    taken = draw.choice(courses, int(draw.integers(0, 7)), replace=False)
    return Chooser(
        f"T{number:05}",
        {"stage": _some(draw, "1234", 1), "rural": _some(draw, ("yes", "no"), 1)},
        frozenset(f"C{course:03}" for course in taken),
        frozenset(_some(draw, "abcdefgh", 2)),
    )


def _needs(items: Sequence[Item], draw: np.random.Generator) -> Needs:
    values = draw.integers(0, 1500, len(items)).tolist()
    named = {item.section: value for item, value in zip(items, values, strict=True)}
    titles = {code: {"zh": code, "en": code} for code in DIMENSIONS}
    return Needs(named, dict.fromkeys(DIMENSIONS, 700), titles)
