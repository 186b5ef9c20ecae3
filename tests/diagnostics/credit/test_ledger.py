import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics import store
from diagnostics.credit import ledger
from diagnostics.credit.due import account
from diagnostics.credit.ledger import LedgerLine, Posting, balance, counting
from diagnostics.credit.rules import rule_set
from diagnostics.errors import RefusedEntry

TWO = ("王初审", "李审批")


def posting(hours=24, **facts):
    given = {
        "teacher_id": "T1",
        "year": 2026,
        "category": "zhuanye",
        "source": "县教师发展中心",
        "evidence": "证书7",
    } | facts
    return Posting(minutes=hours * 60, **given)


def test_a_line_counts_after_two_approvals_by_different_people(session):
    (line,) = ledger.post(session, [posting()])
    assert balance(store.ledger_lines(session)) == 0
    ledger.approve(session, line.id, "王初审")
    assert balance(store.ledger_lines(session)) == 0
    with pytest.raises(RefusedEntry, match="王初审 has approved"):
        ledger.approve(session, line.id, "王初审")
    ledger.approve(session, line.id, "李审批")
    assert balance(store.ledger_lines(session)) == 24 * 60
    with pytest.raises(RefusedEntry, match="both approvals"):
        ledger.approve(session, line.id, "赵")


def test_one_person_cannot_be_both_approvers(session):
    with pytest.raises(RefusedEntry, match="two different people"):
        ledger.post(session, [posting()], ("王初审", "王初审"))


def test_a_correction_is_a_negative_line_with_its_reason(session):
    """24 booked, half a day was missed: 24 - 4 = 20, and both lines stay."""
    (line,) = ledger.post(session, [posting()], TWO)
    back = ledger.correct(session, line.id, 240, "8月4日上午缺勤", TWO)
    assert (back.minutes, back.corrects, back.reason) == (-240, line.id, "8月4日上午缺勤")
    lines = store.ledger_lines(session)
    assert sorted(entry.minutes for entry in lines) == [-240, 1440]
    assert balance(lines, "zhuanye", 2026) == 20 * 60
    assert account(rule_set("zhaoqing"), counting(lines), 2026).due["zhuanye"] == 22 * 60


def test_a_correction_counts_only_when_approved_too(session):
    (line,) = ledger.post(session, [posting()], TWO)
    ledger.correct(session, line.id, 240, "缺勤", ("王初审",))
    assert balance(store.ledger_lines(session)) == 24 * 60


@pytest.mark.parametrize(
    ("minutes", "reason", "says"),
    [
        (1441, "缺勤", "1440 are left"),
        (0, "缺勤", "cannot be taken"),
        (240, "  ", "needs a reason"),
    ],
)
def test_corrections_that_are_refused(session, minutes, reason, says):
    (line,) = ledger.post(session, [posting()], TWO)
    with pytest.raises(RefusedEntry, match=says):
        ledger.correct(session, line.id, minutes, reason)


def test_a_correction_is_not_corrected_again(session):
    (line,) = ledger.post(session, [posting()], TWO)
    back = ledger.correct(session, line.id, 240, "缺勤", TWO)
    with pytest.raises(RefusedEntry, match="no line that can be corrected"):
        ledger.correct(session, back.id, 100, "请假条补交")
    ledger.correct(session, line.id, 1200, "证书作废", TWO)
    with pytest.raises(RefusedEntry, match="0 are left"):
        ledger.correct(session, line.id, 1, "再扣")


def test_no_hours_are_posted_below_one_minute(session):
    with pytest.raises(RefusedEntry, match="are a correction"):
        ledger.post(session, [posting(0)])


def test_there_is_no_function_that_changes_or_deletes_a_line():
    names = [name for name, _ in inspect.getmembers(ledger, inspect.isfunction)]
    assert not [n for n in names if any(w in n for w in ("update", "delete", "remove", "edit"))]
    assert "session.delete" not in inspect.getsource(ledger)


def lines_of(minutes, approvers):
    return LedgerLine("T1", 2026, "zhuanye", minutes, "s", "e", approvers=approvers)


LINES = st.lists(
    st.builds(
        lines_of,
        st.integers(-600, 6000),
        st.sampled_from([(), ("a",), ("a", "b"), ("a", "a")]),
    ),
    max_size=20,
)


@given(LINES, LINES)
def test_a_balance_is_a_sum(first, second):
    assert balance(first + second) == balance(first) + balance(second)
    twice = [line.minutes for line in first if line.approvers == ("a", "b")]
    assert balance(first) == sum(twice)
