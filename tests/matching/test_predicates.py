"""Conditions: one small language, read the same way by solvers and referee."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.columns import Words
from matching.coverage import Coverage, Masks
from matching.errors import BadInstance
from matching.predicates import parse

LI = {"level": {"county"}, "subject": {"jyt:13", "x:shufa"}, "years": {"7"}}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", True),
        ("level=county|city", True),
        ("level = city", False),
        ("subject=x:shufa;years>=7", True),
        ("subject=x:shufa;years>=8", False),
        ("years<=7", True),
        ("level!=city|province", True),
        ("subject!=jyt:13", False),
        ("tier=3", False),
        ("tier!=3", True),
        ("tier>=1", False),
    ],
)
def test_every_clause_must_hold(text, holds):
    assert parse(text).holds(LI) is holds


@pytest.mark.parametrize("text", ["county", "level~county", "level=", "years>=many", "Level=a"])
def test_what_is_no_condition_is_refused_with_its_text(text):
    with pytest.raises(BadInstance, match=f"condition '{text}'"):
        parse(text)


def test_a_word_compared_as_a_number_is_refused_by_all_readers():
    by_id = lambda have: Coverage(["Li"], [have])("years>=3")  # noqa: E731
    for read in (parse("years>=3").holds, by_id, lambda have: masks([have])("years>=3")):
        with pytest.raises(BadInstance, match="attribute years: 'many' is compared as a number"):
            read({"years": {"many"}})


def masks(people):
    """Return the solvers' reader over the same people."""
    lines = [(i, n, v) for i, have in enumerate(people) for n in have for v in sorted(have[n])]
    rows, names, values = ([line[part] for line in lines] for part in range(3))
    return Masks(len(people), {}, (np.array(rows, np.int64), Words.of(names), Words.of(values)))


def test_what_every_row_has_counts_beside_what_its_lines_say():
    nobody = (np.zeros(1, np.int64), Words.of(["school"]), Words.of(["b"]))
    reader = Masks(2, {"school": Words.of(["a", "b"])}, nobody)
    found = {text: reader(text).tolist() for text in ("school=a", "school=b", "school!=b")}
    assert found == {"school=a": [1, 0], "school=b": [1, 1], "school!=b": [0, 0]}


VALUES = st.sampled_from(["1", "2", "30"])
PERSON = st.dictionaries(st.sampled_from("ab"), st.sets(VALUES, min_size=1))
CLAUSE = st.one_of(
    st.builds("{}={}".format, st.sampled_from("abc"), VALUES),
    st.builds("{}!={}|{}".format, st.sampled_from("abc"), VALUES, VALUES),
    st.builds("{}>={}".format, st.sampled_from("abc"), VALUES),
    st.builds("{}<={}".format, st.sampled_from("abc"), VALUES),
)


@settings(derandomize=True, deadline=None)
@given(st.lists(PERSON, max_size=5), st.lists(CLAUSE, max_size=3).map(";".join))
def test_the_referees_index_agrees_with_asking_one_by_one(people, text):
    names = [f"T{i}" for i in range(len(people))]
    one_by_one = [parse(text).holds(have) for have in people]
    assert masks(people)(text).tolist() == one_by_one
    profile, sets = masks(people).profiles("a")
    assert [sets[i] for i in profile.tolist()] == [have.get("a", set()) for have in people]
    covered = {name for name, holds in zip(names, one_by_one, strict=True) if holds}
    assert Coverage(names, people)(text) == covered
