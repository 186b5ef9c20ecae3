from sqlalchemy import text

from catalog.importing.spec import NumberedRow
from diagnostics import store
from diagnostics.credit.ledger import balance, correct
from diagnostics.credit.sheet import HOURS

KEY = ("T1", "2026", "gongxu", "省公需课平台", "证书1")


def row(minutes=1800, **changes):
    return {
        "teacher_id": "T1",
        "year": 2026,
        "category": "gongxu",
        "minutes": minutes,
        "source": "省公需课平台",
        "evidence": "证书1",
        "offering_id": None,
        "first_approver": "王初审",
        "second_approver": "李审批",
    } | changes


def ledger_minutes(session):
    return [line.minutes for line in sorted(store.ledger_lines(session), key=lambda x: x.number)]


def test_what_is_saved_is_loaded_and_counts(session):
    HOURS.save(session, [row()])
    assert HOURS.load(session) == {KEY: row()}
    assert balance(store.ledger_lines(session)) == 30 * 60


def test_importing_the_same_again_adds_no_line(session):
    HOURS.save(session, [row()])
    HOURS.save(session, [row()])
    assert ledger_minutes(session) == [1800]


def test_a_changed_row_is_taken_back_and_posted_anew(session):
    """30 becomes 28: +1800 - 1800 + 1680 = 1680."""
    HOURS.save(session, [row()])
    HOURS.save(session, [row(1680)])
    assert ledger_minutes(session) == [1800, -1800, 1680]
    assert HOURS.load(session) == {KEY: row(1680)}


def test_undo_appends_reversals_and_deletes_nothing(session):
    HOURS.save(session, [row()])
    HOURS.remove(session, [KEY])
    assert ledger_minutes(session) == [1800, -1800]
    assert HOURS.load(session) == {}
    assert balance(store.ledger_lines(session)) == 0
    assert store.ledger_lines(session)[1].reason == "撤销导入，原登记作废"
    HOURS.remove(session, [KEY])  # nothing is left to take back
    assert len(ledger_minutes(session)) == 2
    HOURS.save(session, [row()])  # and the sheet may come again
    assert HOURS.load(session) == {KEY: row()}


def test_a_change_of_approver_alone_is_a_change(session):
    HOURS.save(session, [row()])
    HOURS.save(session, [row(second_approver="赵审批")])
    assert HOURS.load(session)[KEY]["second_approver"] == "赵审批"
    assert ledger_minutes(session) == [1800, -1800, 1800]


def test_undo_after_a_correction_takes_back_only_what_is_left(session):
    HOURS.save(session, [row()])
    (line,) = store.ledger_lines(session)
    correct(session, line.id, 240, "缺勤", ("王初审", "李审批"))
    assert HOURS.load(session)[KEY]["minutes"] == 1560
    HOURS.remove(session, [KEY])
    assert sum(ledger_minutes(session)) == 0


def test_the_sheet_does_not_touch_lines_of_other_origin(session):
    from diagnostics.credit.ledger import Posting, post

    post(session, [Posting("T1", 2026, "gongxu", 600, "省公需课平台", "证书1")], ("王", "李"))
    assert HOURS.load(session) == {}
    HOURS.save(session, [row()])
    HOURS.remove(session, [KEY])
    assert balance(store.ledger_lines(session)) == 600


def test_wrong_rows_are_named(session):
    rows = [
        NumberedRow(2, row(teacher_id="T9")),
        NumberedRow(3, row(offering_id="C99")),
        NumberedRow(4, row(0)),
        NumberedRow(5, row(second_approver="王初审")),
        NumberedRow(6, row()),
    ]
    wrong = [(error.row, error.column, error.code) for error in HOURS.check(rows, session)]
    assert wrong == [
        (2, "教师编号", "no_such_teacher"),
        (3, "课程代码", "no_such_offering"),
        (4, "学时", "hours_not_positive"),
        (5, "审批人", "approved_twice_by_one"),
    ]
    for error in HOURS.check(rows, session):
        assert error.say() != error.say("en")


def test_ten_thousand_lines_are_quick(session):
    """Counts queries instead of seconds: as many for 1,000 rows as for 10."""
    import sqlalchemy.event

    seen = []
    sqlalchemy.event.listen(
        session.get_bind(), "before_cursor_execute", lambda *args: seen.append(args[2][:6])
    )
    HOURS.save(session, [row(evidence=f"a{n}") for n in range(10)])
    few, _ = len(seen), seen.clear()
    HOURS.save(session, [row(evidence=f"b{n}") for n in range(1000)])
    assert len(seen) <= few + 4  # inserts are sent in a few batches
    assert session.execute(text("SELECT count(*) FROM ledger_entry")).scalar() == 1010
