"""One archived round for many tests: made once, only ever copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import Session

from api.archive import bundle
from api.database import open_database
from api.unit_of_work import Office
from tests import databases
from tests.api.archive.stories import ROUND, posted
from tests.clocks import FakeClock
from tests.matching.rounds.life.factories import call


@pytest.fixture(scope="session")
def good(tmp_path_factory) -> Path:
    """Return the folder of a good bundle of a round whose hours are posted."""
    folder = tmp_path_factory.mktemp("archive")
    databases.kind = "sqlite"
    with databases.fresh(folder, tables=True) as target:
        engine = open_database(target)
        with Office(engine, FakeClock()) as office:
            with Session(engine) as session:
                posted(office, session)
            with office.read() as session:
                written = bundle(session, call().scope, ROUND, folder / "good")
        engine.dispose()
    return written.path
