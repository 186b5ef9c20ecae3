"""A choice is found by bisection where a dictionary of all would fill the memory."""

from __future__ import annotations

import sys

from matching import instance
from matching.arcs import ArcIndex
from matching.generate import generate


def test_every_pair_is_told_as_a_dictionary_tells_it(monkeypatch):
    known = generate("every-rule", 60, 1).arc_index
    monkeypatch.setattr(instance, "MANY", 1)
    found = generate("every-rule", 60, 1).arc_index
    assert isinstance(known, dict)
    assert isinstance(found, ArcIndex)
    assert list(found.items()) == list(known.items())
    pairs = [(teacher, section) for teacher in range(-2, 63) for section in range(-1, 50)]
    assert [found.get(pair) for pair in pairs] == [known.get(pair) for pair in pairs]
    assert sys.getsizeof(found) < 100
