import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from catalog import guards
from diagnostics.tables import LedgerApprovalRow, LedgerEntryRow


@pytest.fixture
def line(session):
    """A line of 24 学时 with its first approval."""
    entry = LedgerEntryRow(
        id="L1",
        teacher_id="T1",
        year=2026,
        category="zhuanye",
        minutes=1440,
        source="县教师发展中心",
        evidence="证书7",
        number=1,
    )
    session.add(entry)
    session.flush()
    session.add(LedgerApprovalRow(entry_id="L1", step=1, approver="王"))
    session.commit()
    return entry


CHANGES = [
    "UPDATE ledger_entry SET minutes = 9999 WHERE id = 'L1'",
    "DELETE FROM ledger_approval",
    "DELETE FROM ledger_entry",
    "UPDATE ledger_approval SET approver = '李'",
]
REPLACEMENTS = {
    "sqlite": [
        "INSERT OR REPLACE INTO ledger_entry SELECT id, teacher_id, year, category, 9999, source,"
        " evidence, number, origin, offering_id, level, mode, topics, posted_on, corrects, reason"
        " FROM ledger_entry",
        "INSERT OR REPLACE INTO ledger_approval VALUES ('L1', 1, '李')",
        "INSERT OR REPLACE INTO ledger_approval VALUES ('L1', 2, '王')",
    ],
    "postgresql": [
        "INSERT INTO ledger_approval VALUES ('L1', 1, '李')"
        " ON CONFLICT (entry_id, step) DO UPDATE SET approver = excluded.approver",
        "TRUNCATE ledger_approval",
        "TRUNCATE ledger_entry CASCADE",
    ],
}


def test_nobody_changes_the_ledger_even_by_sql(session, line, dialect):
    for sql in CHANGES + REPLACEMENTS[dialect]:
        with pytest.raises(IntegrityError, match="append-only"):
            session.execute(text(sql))
        session.rollback()
    assert session.execute(text("SELECT minutes FROM ledger_entry")).all() == [(1440,)]
    assert session.execute(text("SELECT approver FROM ledger_approval")).all() == [("王",)]


def test_without_the_guard_the_same_statement_would_pass(session, line, dialect):
    """Negative control: it is the trigger that refuses."""
    without = {
        "sqlite": "DROP TRIGGER ledger_entry_no_update",
        "postgresql": "DROP TRIGGER ledger_entry_guard ON ledger_entry",
    }
    session.execute(text(without[dialect]))
    session.execute(text("UPDATE ledger_entry SET minutes = 9999"))
    assert session.execute(text("SELECT minutes FROM ledger_entry")).all() == [(9999,)]


def test_the_guard_can_be_laid_twice(session, line):
    """Every migration lays it again."""
    guards.lay(session.connection())
    with pytest.raises(IntegrityError, match="append-only"):
        session.execute(text("UPDATE ledger_entry SET minutes = 9999"))
