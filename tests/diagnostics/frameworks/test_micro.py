from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.errors import BadData, BadFramework
from diagnostics.frameworks.micro import (
    Grade,
    Piece,
    Standing,
    abilities,
    environments,
    grade,
    grades,
)

PIECES = st.lists(st.sampled_from(Grade), min_size=1, max_size=6)
ORDER = [Grade.FAILED, Grade.PASSED, Grade.EXCELLENT]


@settings(max_examples=200, deadline=None)
@given(PIECES)
def test_the_weakest_piece_decides(pieces):
    assert grade(pieces) is min(pieces, key=ORDER.index)
    assert grade(reversed(pieces)) is grade(pieces)


@settings(max_examples=200, deadline=None)
@given(PIECES, st.sampled_from(Grade))
def test_another_piece_never_lifts_a_grade(pieces, more):
    assert ORDER.index(grade([*pieces, more])) <= ORDER.index(grade(pieces))


def test_five_excellent_pieces_do_not_make_up_for_a_failed_one():
    """An average of 2.67 of 3 would round to excellent; the rule says failed."""
    assert grade([Grade.EXCELLENT] * 5 + [Grade.FAILED]) is Grade.FAILED
    assert grade([Grade.EXCELLENT] * 5 + [Grade.PASSED]) is Grade.PASSED


def test_nothing_handed_in_is_not_failed():
    assert grade([]) is None
    assert grades([]) == {}


def test_grades_cannot_be_averaged_with_abilities():
    standing = Standing("T1", {"XK5": 0.4}, grades([Piece("A1", Grade.EXCELLENT)]))
    with pytest.raises(TypeError):
        sum([*standing.abilities.values(), *standing.micro.values()])
    assert standing.micro == {"A1": Grade.EXCELLENT}


def test_each_ability_is_graded_by_its_own_pieces():
    pieces = [Piece("B2", Grade.FAILED), Piece("A1", Grade.EXCELLENT), Piece("B2", Grade.EXCELLENT)]
    assert grades(pieces) == {"A1": Grade.EXCELLENT, "B2": Grade.FAILED}
    with pytest.raises(BadData, match="D1"):
        grades([Piece("D1", Grade.PASSED)])


def test_there_are_thirty_in_three_environments_and_no_name_is_told_as_a_fact():
    assert len(abilities()) == 30
    assert len({ability.title() for ability in abilities()}) == 30
    assert set(Counter(ability.environment for ability in abilities())) == set(environments())
    assert len(environments()) == 3
    assert {ability.status for ability in abilities()} == {"unverified"}


def test_a_table_that_names_no_environment_is_refused(tmp_path):
    (tmp_path / "abilities.csv").write_text(
        "代码,维度,环境,中文,英文\nA1,学情分析,Z,某能力,some\n", encoding="utf-8"
    )
    with pytest.raises(BadFramework) as refused:
        abilities(tmp_path)
    assert "第 2 行“环境”列，填的是“Z”：可填：A、B、C。" in refused.value.say()
