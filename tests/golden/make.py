"""Make the golden bundle of this release: `python -m tests.golden.make` (never change an older one)."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import Session

from api.archive import archive
from api.database import open_database
from api.unit_of_work import Office
from tests import databases
from tests.api.archive.stories import ROUND, posted
from tests.clocks import FakeClock
from tests.matching.rounds.life.factories import call

HERE = Path(__file__).parent


def make(out: Path) -> None:
    """Lead the tiny county's round through its whole life and archive it."""
    databases.kind = "sqlite"
    with TemporaryDirectory() as folder, databases.fresh(Path(folder), tables=True) as target:
        engine = open_database(target)
        with Office(engine, FakeClock()) as office:
            with Session(engine) as session:
                posted(office, session)
            archive(office, call(), ROUND, out)
        engine.dispose()


if __name__ == "__main__":
    path = HERE / f"round-{version('xuanke')}.zip"
    if path.exists() and "--again" not in sys.argv:
        sys.exit(f"{path.name} is there; `--again` only as long as its release is not out")
    make(path)
