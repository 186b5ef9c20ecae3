"""Choices that hang on others: ties, held all or none, and implications, by teacher."""

from __future__ import annotations

import numpy as np

from matching.backends.lists import Lists, Places, joined, lists_of
from matching.instance import Ints
from matching.primitives import Draft


def hangs(draft: Draft) -> bool:
    """Tell whether some choices hang on others."""
    return bool(draft.ties or draft.implications)


def place_in(arcs: Places, which: Ints) -> Ints:
    """Return the option that each choice is, -1 where it is dropped."""
    place = np.minimum(np.searchsorted(arcs, which), max(len(arcs) - 1, 0))
    return np.where(arcs[place] == which, place, -1) if len(arcs) else np.full(len(which), -1)


def _edges(teachers: Ints, count: int) -> Places:
    """Return where what belongs to each teacher begins, from the teacher of each in order."""
    return np.searchsorted(teachers, np.arange(count + 1)).astype(np.int32)


def ties_of(draft: Draft, arcs: Places) -> tuple[Places, Lists]:
    """Return ties by teacher; one with a dropped choice holds -1 in its place."""
    ties = sorted(
        (int(draft.owner_of(tie[:1])[0]), tuple(place_in(arcs, tie).tolist()))
        for _, tie in draft.ties
    )
    owner = np.repeat(np.arange(len(ties)), [len(tie) for _, tie in ties])
    options = joined([np.array(tie, np.int64) for _, tie in ties])
    teachers = np.array([teacher for teacher, _ in ties], np.int64)
    return _edges(teachers, draft.teachers), lists_of(len(ties), owner, options)


def needs_of(draft: Draft, arcs: Places) -> tuple[Places, Ints, Lists]:
    """Return implications by teacher, those of dropped choices left out."""
    listed = [
        (int(draft.owner_of(np.array([arc]))[0]), int(place_in(arcs, np.array([arc]))[0]), any_of)
        for _, arc, any_of in draft.implications
    ]
    needs = sorted(
        (teacher, option, tuple(sorted(place_in(arcs, any_of).tolist())))
        for teacher, option, any_of in listed
        if option >= 0
    )
    kept = [[option for option in any_of if option >= 0] for _, _, any_of in needs]
    owner = np.repeat(np.arange(len(needs)), [len(any_of) for any_of in kept])
    lists = lists_of(len(needs), owner, joined([np.array(each, np.int64) for each in kept]))
    teachers = np.array([teacher for teacher, _, _ in needs], np.int64)
    return (
        _edges(teachers, draft.teachers),
        np.array([option for _, option, _ in needs], np.int64),
        lists,
    )
