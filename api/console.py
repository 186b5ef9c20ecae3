"""Talking to whoever sits at the terminal: sentences, questions, progress; quiet without one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.messages import Language, say
from api.places import Target, beside, is_url, shown

if TYPE_CHECKING:
    from sqlalchemy import Engine

Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Desk:
    """What every command works with: the database, the language, and the person asking."""

    db: Target
    lang: Language

    def tell(self, sentence: str = "") -> None:
        """Print a line of the answer."""
        sys.stdout.write(sentence + "\n")
        sys.stdout.flush()

    def say(self, code: str, /, **values: object) -> None:
        """Print a sentence of this room's catalogue."""
        self.tell(say(code, self.lang, **values))

    def warn(self, sentence: str) -> None:
        """Print a line that is no part of the answer."""
        sys.stderr.write(sentence + "\n")

    def asks(self) -> bool:
        """Return whether somebody is there to answer a question."""
        return sys.stdin.isatty()

    def agrees(self, code: str, /, **values: object) -> bool:
        """Ask a question that is answered by y or n (also 是 or 否); only y goes on."""
        self.warn(say(code, self.lang, **values))
        return sys.stdin.readline().strip().lower() in {"y", "yes", "是", "好"}

    @contextmanager
    def progress(self, code: str, total: int | None) -> Iterator[Tick]:
        """Show a bar on the error stream while something takes long; none without a terminal.

        Without a total it shows that work goes on, and the seconds gone by.
        """
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        screen = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        quiet = not screen.is_terminal
        with Progress(*columns, console=screen, transient=True, disable=quiet) as bars:
            bar = bars.add_task(say(code, self.lang), total=total)
            yield lambda: bars.advance(bar)

    @contextmanager
    def database(self, *, serving: bool = False) -> Iterator[Engine]:
        """Open the database; it must have been made by `xuanke init`.

        Parameters
        ----------
        serving
            Whether people wait for an answer: then it is given up sooner than a command would.
        """
        from api.database import open_database, open_for_serving
        from api.errors import CannotOpenDatabase
        from api.migrations import is_current
        from diagnostics.identity import keep_key_in

        if not is_url(self.db) and not Path(self.db).is_file():
            raise CannotOpenDatabase("db_missing", path=self.db)
        engine = (open_for_serving if serving else open_database)(self.db)
        try:
            if not is_current(self.db):
                raise CannotOpenDatabase("db_old", path=shown(self.db))
            keep_key_in(key_file(self.db))
            yield engine
        finally:
            engine.dispose()


def key_file(db: Target) -> Path:
    """Return where the key that seals identity numbers lies, beside the database."""
    return beside(db, "key")
