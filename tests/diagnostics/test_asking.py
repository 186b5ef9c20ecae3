"""A diagnosis is what was answered: it can be left, taken up again and lost from memory."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import func, insert
from sqlmodel import select

from catalog import prepared
from diagnostics import asking
from diagnostics.adaptive.errors import CannotAsk
from diagnostics.frameworks.duration import minutes
from diagnostics.hers import teacher
from diagnostics.paper import paper
from diagnostics.tables import ItemAnswerRow, ItemCountRow

AT = "2026-06-01T08:00:00Z"


@pytest.fixture
def her(session):
    return teacher(session, "T1")


@pytest.fixture
def begun(session, her):
    return asking.begin(session, her, "common", "D1", "seed", AT)


def play(session, her, found, options):
    for option in options:
        if found.item is None:
            break
        found = asking.answer(session, found.row, her, found.item.code, option, 8.0, AT)
    return found


def test_it_goes_on_where_it_was_left_though_the_process_has_forgotten(session, her, begun):
    after = play(session, her, begun, [2, 3, 1, 4, 2])
    asking._desk._kept.clear()
    again = asking.standing(session, begun.row, her)
    assert again.item == after.item


def test_what_was_not_kept_is_forgotten(session, her, begun):
    """The transaction of an answer fails after the session in memory has taken it in."""
    session.commit()
    first = begun.item
    asking.answer(session, begun.row, her, first.code, 2, None, AT)
    session.rollback()
    assert asking.standing(session, begun.row, her).item == first


def test_it_ends_within_a_short_form_of_twelve_minutes(session, her, begun):
    asked = []
    found = begun
    while found.item is not None:
        asked.append(found.item)
        found = play(session, her, found, [2 + len(asked) % 3])
    assert len(asked) <= found.longest == 32
    assert found.row.ended in ("stop_menu", "stop_longest")
    assert minutes(asked, her.stage) <= 12


def test_low_answers_end_in_lower_levels_than_high_ones(session, her):
    found = []
    for id, lowest in (("D-low", True), ("D-high", False)):
        standing = asking.begin(session, her, "common", id, "seed", AT)
        while standing.item is not None:
            item = standing.item
            order = sorted(range(1, len(item.scale.options) + 1), key=item.value)
            standing = play(session, her, standing, [order[0 if lowest else -1]])
        profile, _ = asking.profile(session, standing.row, her)
        levels = [
            np.dot(range(1, 5), [float(p) for p in e.probabilities]) for e in profile.estimates
        ]
        found.append(np.mean(levels))
    assert found[0] < found[1]


def test_one_diagnosis_of_a_framework_is_open_at_a_time(session, her, begun):
    assert asking.begin(session, her, "common", "D2", "other", AT).row.id == "D1"
    begun.row.ended = "stop_longest"
    session.flush()
    assert asking.begin(session, her, "common", "D2", "other", AT).row.id == "D2"


def test_answers_to_an_older_questionnaire_are_refused(session, her, begun):
    begun.row.version -= 1
    with pytest.raises(CannotAsk, match="旧版本"):
        asking.answer(session, begun.row, her, begun.item.code, 1, None, AT)
    standing = asking.standing(session, begun.row, her)
    assert (standing.item, standing.notice) == (None, "diagnosis_old")


def test_items_measured_anew_keep_the_answers_and_say_so(session, her, begun, monkeypatch):
    """Negative control: with the same items nothing is said, and the same one comes next."""
    before = play(session, her, begun, [2, 3, 1, 4, 2])
    asking._desk._kept.clear()
    same = asking.standing(session, begun.row, her)
    assert (same.item, same.notice) == (before.item, "")
    now = paper("common", her.stage)
    bank = replace(now.pool.bank, slopes=now.pool.bank.slopes[::-1] * 0.7)
    anew = replace(now, pool=replace(now.pool, bank=bank))
    monkeypatch.setattr(asking, "paper", lambda *_: anew)
    found = asking.standing(session, begun.row, her)
    assert found.notice == "diagnosis_recalibrated"
    after = asking.answer(session, found.row, her, found.item.code, 1, None, AT)
    assert after.row.answers == 6


@pytest.mark.parametrize(
    ("item", "option", "version", "words"),
    [("XX", 1, 0, "刷新"), ("", 9, 0, "选项 1 至"), ("", 1, 5, "已答到第 0 题")],
)
def test_a_wrong_answer_is_refused_and_leaves_nothing(
    session, her, begun, item, option, version, words
):
    with pytest.raises(CannotAsk, match=words):
        asking.answer(session, begun.row, her, item or begun.item.code, option, None, AT, version)
    assert session.get(ItemAnswerRow, ("D1", 1)) is None
    assert asking.standing(session, begun.row, her).item == begun.item


def test_answers_are_counted_by_item(session, her, begun):
    play(session, her, begun, [1, 2])
    counted = asking.counts(session, "common")
    assert sum(counted.values()) == 2
    assert begun.item.code in counted
    assert paper("common", "2").questions.caution(counted)


def grouped(session):
    """What the counts must be: the answers there are, grouped."""
    found = session.exec(select(ItemAnswerRow.item, func.count()).group_by(ItemAnswerRow.item))
    return dict(found.all())


def test_answers_are_counted_however_they_come_and_go(session, her, begun):
    play(session, her, begun, [2, 3, 1])
    session.commit()
    assert asking.counts(session, "common") == grouped(session)
    play(session, her, asking.standing(session, begun.row, her), [2])
    session.rollback()
    assert asking.counts(session, "common") == grouped(session)
    first, second, third = session.exec(select(ItemAnswerRow).order_by(ItemAnswerRow.number))
    session.delete(third)
    second.item = first.item
    session.commit()
    assert asking.counts(session, "common") == grouped(session) == {first.item: 2}
    assert asking.counts(session, "another") == {}


def test_counts_cost_a_row_an_item_however_many_have_answered(session, her, begun, monkeypatch):
    items = [item.code for item in paper("common", her.stage).questions.items[:3]]
    many = [
        {"diagnosis_id": "D1", "number": n, "item": items[n % 3], "option": 1, "at": AT}
        for n in range(1, 1_001)
    ]
    session.execute(insert(ItemAnswerRow), many)
    fetched, run = [], prepared._run
    monkeypatch.setattr(
        prepared, "_run", lambda *asked: fetched.append(asked[1].sql) or run(*asked)
    )
    assert sum(asking.counts(session, "common").values()) == 1_000
    (statement,) = fetched
    assert "item_answer" not in statement
    assert len(session.exec(select(ItemCountRow)).all()) == 3
