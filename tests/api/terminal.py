"""A person at a terminal in a county office of twenty teachers."""

import re
from functools import partial
from pathlib import Path

import pytest

import api.clock
import api.unit_of_work
from api.cli import main
from api.commands.two import FIRST, SECOND
from api.demo.calendar import Calendar
from tests.api.mini_county import write_mini_county

REASON = ("--reason", "按规程办理")
TWO = ("--by", "陈", "--second", "林", *REASON)


class Terminal:
    """A person at a terminal in a folder, with a calendar on the wall."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.calendar = Calendar("2026-05-18T09:00:00+08:00")
        self.folder = folder
        self._capsys = capsys

    def on(self, moment: str) -> None:
        self.calendar.turn(f"{moment}+08:00")

    def types(self, *words: object, code: int = 0) -> str:
        """Run one command, which must end with this exit code; return what was printed."""
        with pytest.raises(SystemExit) as caught:
            main([str(word) for word in words])
        printed = self._capsys.readouterr()
        assert int(caught.value.code or 0) == code, printed.err or printed.out
        return printed.out + printed.err

    def token(self, holder: str, role: str = "county", scope: str = "441226") -> str:
        """Return a new token of somebody."""
        told = self.types("token", "make", holder, "--role", role, "--scope", scope, "--days", 400)
        return re.findall(r"xk_\S+", told)[0]

    def round(self, *words: object, code: int = 0) -> str:
        return self.types("round", *words, code=code)


def opened(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """Return an office in a folder with its sheets imported, but no ballots yet."""
    terminal = Terminal(folder, capsys)
    place = partial(api.unit_of_work.Office, clock=terminal.calendar)
    monkeypatch.setattr(api.unit_of_work, "Office", place)
    monkeypatch.setattr(api.clock, "system_clock", terminal.calendar)
    monkeypatch.chdir(folder)
    sheets = write_mini_county(folder / "in")
    (sheets / "round.toml").rename(folder / "round.toml")
    (sheets / "ballots.xlsx").rename(folder / "ballots.xlsx")
    terminal.types("init")
    terminal.types("import", "in", "--yes")
    for name, variable in (("陈", FIRST), ("林", SECOND)):
        monkeypatch.setenv(variable, terminal.token(name))
    return terminal


def announced(office: Terminal) -> None:
    """Draft and announce a round, which two people may void."""
    office.round("draft")
    office.round(
        *("announce", "--from", "2026-06-01T08:00:00+08:00"),
        *("--until", "2026-06-10T18:00:00+08:00"),
    )
