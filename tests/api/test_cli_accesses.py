"""Commands that print or write teachers leave the line that a reader over HTTP would leave."""

import getpass
from pathlib import Path

import pytest
from sqlmodel import Session, select

from api.database import open_database
from api.messages import say
from api.tables import AccessRow, AccessSubjectRow
from tests.api.mini_county import write_mini_county
from tests.api.test_cli_round import run

ALL = {f"T{n:05d}" for n in range(1, 21)}


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Path:
    """A folder in which a round has been solved."""
    folder = tmp_path_factory.mktemp("office")
    write_mini_county(folder / "in")
    (folder / "in" / "round.toml").rename(folder / "round.toml")
    db, settings = ("--db", folder / "xuanke.db"), ("--settings", folder / "round.toml")
    assert run("init", *db) == 0
    assert run("import", folder / "in", "--yes", *db) == 0
    assert run("solve", *settings, *db) == 0
    return folder


@pytest.fixture(autouse=True)
def _there(office, monkeypatch):
    monkeypatch.chdir(office)


def lines() -> list[tuple[str, str, str, set[str]]]:
    """Return (actor, scope, what, teachers) of every line."""
    engine = open_database(Path("xuanke.db"))
    with Session(engine) as session:
        rows = session.exec(select(AccessRow).order_by(AccessRow.at)).all()
        shown = session.exec(select(AccessSubjectRow)).all()
        found = [
            (
                row.actor,
                row.scope_id,
                row.what,
                {one.teacher_id for one in shown if one.access_id == row.id},
            )
            for row in rows
        ]
    engine.dispose()
    return found


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("diagnose", "T00003"), {"T00003"}),
        (("menu", "T00003"), {"T00003"}),
        (("menu", "T00003", "--why-not", "C18"), {"T00003"}),
        (("explain", "T00003"), {"T00003"}),
        (("export", "--out", "out"), ALL),
    ],
)
def test_a_command_that_shows_teachers_leaves_one_line(words, shown):
    before = len(lines())
    assert run(*words) == 0
    assert lines()[before:] == [(getpass.getuser(), "terminal", words[0], shown)]
    assert say(f"access_{words[0]}", "zh") != say(f"access_{words[0]}", "en")


@pytest.mark.parametrize("command", ["diagnose", "menu", "explain"])
def test_nobody_shown_is_no_line(command):
    before = lines()
    assert run(command, "T99999") == 2
    assert lines() == before
