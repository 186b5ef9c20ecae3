"""Guards inside the database: what is added only, and what rests once it is sealed."""

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from api.database import open_database, session
from catalog import guards

SEALED = "EXISTS (SELECT 1 FROM wax WHERE wax.round_id = {row}.round_id)"


@pytest.fixture
def desk(new_target, monkeypatch):
    """Letters of rounds R1 and R2; R1 has its wax."""
    metadata = MetaData()
    Table("wax", metadata, Column("round_id", String, primary_key=True))
    Table(
        "letter",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("round_id", String),
        Column("words", String),
    )
    monkeypatch.setattr(SQLModel, "metadata", metadata)
    monkeypatch.setattr(guards, "_GUARDS", {})
    guards.immutable_when("letter", SEALED)
    engine = open_database(new_target(tables=False))
    with engine.begin() as connection:
        metadata.create_all(connection)
    run(engine, "INSERT INTO letter VALUES (1, 'R1', 'a'), (2, 'R2', 'b')")
    run(engine, "INSERT INTO wax VALUES ('R1')")
    yield engine
    engine.dispose()


def run(engine, *statements: str) -> None:
    with session(engine) as opened:
        for statement in statements:
            opened.exec(text(statement))


def words(engine) -> list[tuple[int, str]]:
    with engine.execution_options(reads_only=True).connect() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT id, words FROM letter"))]


TOUCHES = [
    "UPDATE letter SET words = 'x' WHERE id = 1",
    "DELETE FROM letter WHERE id = 1",
    "INSERT INTO letter VALUES (3, 'R1', 'late')",
    "UPDATE letter SET round_id = 'R1' WHERE id = 2",
    "UPDATE letter SET round_id = 'R2' WHERE id = 1",
    "UPDATE letter SET words = 'x'",
    "DELETE FROM letter",
]


@pytest.mark.parametrize("touch", TOUCHES)
def test_what_is_sealed_takes_no_change(desk, touch):
    with pytest.raises(IntegrityError, match="letter is sealed"):
        run(desk, touch)
    assert words(desk) == [(1, "a"), (2, "b")]


@pytest.mark.parametrize("touch", TOUCHES)
def test_without_the_wax_the_same_would_pass(desk, touch):
    """Negative control: it is the condition that refuses."""
    run(desk, "DELETE FROM wax", touch)


def test_what_is_not_sealed_changes_as_ever(desk):
    run(
        desk,
        "UPDATE letter SET words = 'c' WHERE id = 2",
        "INSERT INTO letter VALUES (3, 'R2', 'd')",
    )
    run(desk, "DELETE FROM letter WHERE id = 3")
    assert words(desk) == [(1, "a"), (2, "c")]


def test_truncation_goes_past_no_guard(desk):
    if desk.dialect.name == "postgresql":
        with pytest.raises(IntegrityError, match="letter is sealed"):
            run(desk, "TRUNCATE letter")


def test_a_table_that_was_rebuilt_is_guarded_again(desk):
    """SQLite drops triggers with their table; `lay` is what every migration ends with."""
    run(
        desk,
        "CREATE TABLE copy AS SELECT * FROM letter",
        "DROP TABLE letter",
        "ALTER TABLE copy RENAME TO letter",
        "UPDATE letter SET words = 'x' WHERE id = 1",
    )
    with desk.begin() as connection:
        guards.lay(connection)
    with pytest.raises(IntegrityError, match="letter is sealed"):
        run(desk, "UPDATE letter SET words = 'y' WHERE id = 1")


def test_a_table_that_a_guard_asks_can_be_rebuilt(desk, tmp_path):
    """While tables are rebuilt SQLite looks at no trigger that names them."""
    url = desk.url.render_as_string(False).removeprefix("sqlite:///")
    migrating = open_database(url, foreign_keys=False)
    with migrating.begin() as connection:
        for statement in (
            "CREATE TABLE new_wax (round_id VARCHAR)",
            "DROP TABLE wax",
            "ALTER TABLE new_wax RENAME TO wax",
        ):
            connection.exec_driver_sql(statement)
    migrating.dispose()
    run(desk, "UPDATE letter SET words = 'x' WHERE id = 1")


def test_two_guards_of_one_table_are_a_mistake(desk):
    with pytest.raises(AssertionError, match="guard already"):
        guards.append_only("letter", "id = NEW.id")


def test_a_table_without_a_guard_has_no_statements():
    assert guards.statements("unit", "sqlite") == ()


@pytest.fixture
def diary(new_target, monkeypatch):
    """Pages of long ago and of a time to come, of which rows are kept for ten days at least."""
    metadata = MetaData()
    Table(
        "page",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("at", String),
    )
    monkeypatch.setattr(SQLModel, "metadata", metadata)
    monkeypatch.setattr(guards, "_GUARDS", {})
    guards.append_only("page", "id = NEW.id", guards.Kept("at", 10))
    engine = open_database(new_target(tables=False))
    with engine.begin() as connection:
        metadata.create_all(connection)
    old, young = "2001-01-01T00:00:00.000000Z", "2200-01-01T00:00:00.000000Z"
    run(engine, f"INSERT INTO page VALUES (1, '{old}'), (2, '{young}')")
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    "touch",
    [
        "DELETE FROM page WHERE id = 2",
        "DELETE FROM page",
        "UPDATE page SET at = '2000' WHERE id = 1",
        "UPDATE page SET at = '2000' WHERE id = 2",
    ],
)
def test_what_is_kept_for_a_while_changes_never_and_goes_not_before(diary, touch):
    with pytest.raises(IntegrityError, match="page is append-only"):
        run(diary, touch)


def test_what_was_kept_long_enough_may_go(diary):
    run(diary, "DELETE FROM page WHERE id = 1")
    with diary.connect() as connection:
        assert connection.execute(text("SELECT id FROM page")).scalars().all() == [2]


def test_what_is_kept_for_a_while_is_not_truncated(diary):
    if diary.dialect.name == "postgresql":
        with pytest.raises(IntegrityError, match="page is append-only"):
            run(diary, "TRUNCATE page")


@pytest.fixture
def shelf(new_target, monkeypatch):
    """Books by shelf, and a tally of them that the database keeps."""
    metadata = MetaData()
    Table("book", metadata, Column("id", Integer, primary_key=True), Column("place", String))
    tally = (Column("place", String, primary_key=True), Column("total", Integer, nullable=False))
    Table("books", metadata, *tally)
    monkeypatch.setattr(SQLModel, "metadata", metadata)
    monkeypatch.setattr(guards, "_GUARDS", {})
    guards.counted("book", "books", {"place": "{row}.place"})
    engine = open_database(new_target(tables=False))
    with engine.begin() as connection:
        metadata.create_all(connection)
    yield engine
    engine.dispose()


def tallied(engine) -> dict[str, int]:
    with engine.execution_options(reads_only=True).connect() as connection:
        return dict(connection.execute(text("SELECT place, total FROM books")).all())


def test_rows_are_counted_as_they_come_move_and_go(shelf):
    run(shelf, "INSERT INTO book VALUES (1, 'A'), (2, 'A'), (3, 'B')")
    assert tallied(shelf) == {"A": 2, "B": 1}
    run(shelf, "UPDATE book SET place = 'B' WHERE id = 1", "DELETE FROM book WHERE id = 3")
    assert tallied(shelf) == {"A": 1, "B": 1}


def test_what_is_undone_was_never_counted(shelf):
    with shelf.connect() as connection:
        connection.exec_driver_sql("INSERT INTO book VALUES (1, 'A')")
        connection.rollback()
    assert tallied(shelf) == {}


def test_truncation_counts_as_nothing_left(shelf):
    if shelf.dialect.name == "postgresql":
        run(shelf, "INSERT INTO book VALUES (1, 'A')", "TRUNCATE book")
        assert tallied(shelf) == {}


def test_without_the_guard_nothing_is_counted(shelf):
    """Negative control: it is the trigger that counts."""
    with shelf.begin() as connection:
        for verb in ("insert", "update", "delete"):
            if shelf.dialect.name == "sqlite":
                connection.exec_driver_sql(f"DROP TRIGGER book_counted_{verb}")
        if shelf.dialect.name == "postgresql":
            connection.exec_driver_sql("DROP FUNCTION count_book() CASCADE")
    run(shelf, "INSERT INTO book VALUES (1, 'A')")
    assert tallied(shelf) == {}
    with shelf.begin() as connection:
        guards.lay(connection)
    run(shelf, "INSERT INTO book VALUES (2, 'A')")
    assert tallied(shelf) == {"A": 1}
