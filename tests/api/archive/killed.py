"""Somebody who archives a round in a process of his own, and is killed at a named point."""

from __future__ import annotations

import multiprocessing
import os
import signal
import zipfile
from pathlib import Path

import api.archive
from api.archive import writing
from api.archive.package import MANIFEST, names
from api.database import open_database
from api.unit_of_work import Office
from tests.api.archive.stories import ROUND
from tests.clocks import FakeClock
from tests.matching.rounds.life.factories import call

POINTS = {
    "the log is written": ("after", writing, "write_log"),
    "all files but the manifest are written": ("before", writing, "listed"),
    "nothing has reached the disk": ("before", os, "fsync"),
    "it has no name yet": ("before", Path, "replace"),
    "it has its name": ("after", Path, "replace"),
    "the transaction has begun": ("before", api.archive, "_archived"),
    "the transaction is not committed": ("after", api.archive, "_archived"),
    "it is committed": ("after", Office, "do"),
}
"""Where the kill falls: before or after a call of a function."""


def killed(target, out: Path, point: str) -> None:
    """Archive, and be killed at a point."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_archive, args=(target, out, point))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


def _archive(target, out: Path, point: str) -> None:
    with Office(open_database(target), FakeClock()) as office:
        if point == "in place":
            api.archive.lay = _in_place
        elif point == "committed first":
            _committed_first(office)
        else:
            _watch(*POINTS[point])
        api.archive.archive(office, call(), ROUND, out)


def _watch(when: str, where: object, name: str) -> None:
    real = getattr(where, name)

    def watched(*arguments, **named):
        if when == "before":
            _die()
        real(*arguments, **named)
        _die()

    setattr(where, name, watched)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _in_place(folder: Path, out: Path) -> None:
    """Write the bundle straight into its place; killed after three files."""
    with zipfile.ZipFile(out, "w") as archive:
        for name in [MANIFEST, *names(folder)][:3]:
            archive.writestr(name, (folder / name).read_bytes())
            archive.fp.flush()
        _die()


def _committed_first(office: Office) -> None:
    """Archive the round before its bundle is written."""
    named = {"round_id": ROUND, "digest": "0" * 64, "last": 10**6}
    office.do(call(), lambda session: api.archive._archived(session, call(), **named))
    _die()
