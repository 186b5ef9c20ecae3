"""Very many ids in one array say what a tuple of them says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import columns
from matching.columns import Names, Words

ASCII = st.text(st.characters(min_codepoint=1, max_codepoint=126), max_size=9)


@given(st.lists(ASCII, min_size=1, max_size=30), st.data())
def test_names_are_a_tuple_in_less_memory(words, data):
    names = Names(words)
    place = data.draw(st.integers(-len(words), len(words) - 1))
    some = slice(*sorted((place % len(words), data.draw(st.integers(0, len(words))))))
    assert (list(names), len(names)) == (words, len(words))
    assert (names[place], names[some]) == (words[place], tuple(words[some]))


@pytest.mark.parametrize("odd", ["张三", "T\0", "T" * 25])
def test_only_very_many_short_plain_words_are_kept_so(odd, monkeypatch):
    ids = ("T1", "T2", "T3")
    assert Names.of(ids) is ids
    monkeypatch.setattr(columns, "COMPACT_FROM", 3)
    assert isinstance(Names.of(ids), Names)
    other = ("T1", odd, "T3")
    assert Names.of(other) is other


def test_a_column_is_plain_where_every_row_holds_a_word_of_its_own():
    assert Words.of(["a", "b", "c"]).is_plain
    assert not Words.of(["a", "b", "a"]).is_plain
    assert not Words.of(["b", "a"]).sorted().is_plain
