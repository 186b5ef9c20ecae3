"""A recommended menu: at most twenty sections a teacher may take, each with its score and why.

A menu is never a fence: `find` searches all she may take, `Board.ranked` ranks all of it, and what she
may not take is listed with every rule that stands in the way. A score is the sum of its parts, all
whole points (a thousandth of a level of expected need is one point): need, history, text and policy
speak for a section, its price and sameness with what the menu shows already against it. Equal
scores go by section id. Whoever shows a menu writes down what was shown (`Menu.shown`).
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.board import LONGEST, Board
from catalog.choices import Chooser, Filter, Item, find, why_not
from catalog.entries import Boost, Entry, Hidden, Menu, Needs, Shown, Weights

__all__ = [
    "Board",
    "Boost",
    "Chooser",
    "Entry",
    "Filter",
    "Hidden",
    "Item",
    "Menu",
    "Needs",
    "Shown",
    "Weights",
    "find",
    "recommend",
    "why_not",
]


def recommend(
    chooser: Chooser,
    items: Sequence[Item],
    needs: Needs | None = None,
    boosts: Sequence[Boost] = (),
    weights: Weights | None = None,
    longest: int = LONGEST,
) -> Menu:
    """Return a teacher's menu of at most `longest` sections, the best first.

    Who draws up several menus of the same sections lays them out once (`Board`).
    """
    return Board(items, boosts, weights).menu(chooser, needs, longest)
