"""Conditions: one small language, read the same way by solvers and referee."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def test_a_word_compared_as_a_number_is_refused_by_both_readers():
    for read in (parse("years>=3").holds, lambda have: Coverage(["Li"], [have])("years>=3")):
        with pytest.raises(BadInstance, match="attribute years: 'many' is compared as a number"):
            read({"years": {"many"}})


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
    assert Masks(people)(text).tolist() == one_by_one
    covered = {name for name, holds in zip(names, one_by_one, strict=True) if holds}
    assert Coverage(names, people)(text) == covered
