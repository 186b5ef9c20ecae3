"""`xuanke serve`: the API, a worker beside it, and a clock that does what is due.

One process answers on SQLite, for one process writes there; more than one is refused. The worker that
solves is a process of its own, started again when it dies, and ends with this one.
"""

from __future__ import annotations

import gc
import logging
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from api.console import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from fastapi import FastAPI
    from sqlmodel import Session
    from uvicorn import Server

    from api.auth import Uses
    from api.unit_of_work import Office
    from matching.rounds.life.calls import Call
    from matching.rounds.life.events import Happened

_LOG = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
USES_EVERY = 60
LAID_EVERY_SECONDS = 5.0
"""Ticks between two writings of when tokens were last used."""

ANCHORED_EVERY = 3600
"""Ticks between two anchors of who was shown whom."""

TURN_SECONDS = 0.0005
"""After so long the writer lets the thread that takes requests go on, which stamps them by arrival."""

COLLECTED_AFTER = (10_000, 20, 20)
"""New objects until the collector looks: a crowd makes many, and leaves few behind."""


def serve(desk: Desk, host: str, port: int, *, demo: bool = False, worker: bool = True) -> None:
    """Answer requests until somebody ends it.

    Parameters
    ----------
    demo
        Serve a made-up county in a new folder, with a round open for ballots, and print tokens.
    worker
        Whether a worker for solves is started beside it; without, start `xuanke worker` elsewhere.

    Raises
    ------
    UserError
        If the database is not there, is old, or is served by another process.
    """
    from api.app import create_app
    from api.http_server import http_server

    app = create_app(None)
    server = http_server(app, host, port)
    with ExitStack() as stack:
        if not demo:
            _open(desk, app, stack, worker)
            desk.say("serving", url=f"http://{host}:{port}")
            server.run()
            return
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xuanke-serve-")))
        made = Desk(folder / "xuanke.db", desk.lang)
        stack.enter_context(_meanwhile(server, lambda: _make(made, app, stack, worker, server)))
        server.run()


def _open(desk: Desk, app: FastAPI, stack: ExitStack, worker: bool) -> None:
    """Open the database and let the application answer over it; the stack closes everything."""
    from api.unit_of_work import Office

    engine = stack.enter_context(desk.database(serving=True))
    office = stack.enter_context(Office(engine, serving=True))
    if worker:
        from api.jobs.supervise import Worker

        app.state.worker = stack.enter_context(Worker(desk.db))
    stack.enter_context(ticking(office, app))
    stack.enter_context(laying(office))
    _settle()
    app.state.office = office


def _make(desk: Desk, app: FastAPI, stack: ExitStack, worker: bool, server: Server) -> None:
    """Make the county of the demo while the service says that it is alive and not yet ready."""
    from api.serve_demo import made_up

    url = f"http://{server.config.host}:{server.config.port}"
    made_up(desk, url)
    _open(desk, app, stack, worker)
    desk.say("serving", url=url)


@contextmanager
def _meanwhile(server: Server, work: Callable[[], None]) -> Iterator[None]:
    """Do something beside the server; if it fails, the server ends and the error is raised here."""
    failed: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as error:
            failed.append(error)
            server.should_exit = True

    thread = Thread(target=run, name="preparing", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if failed:
        raise failed[0]


def _settle() -> None:
    """Make ready for a crowd: what is loaded stays and is never collected, and threads take turns."""
    sys.setswitchinterval(TURN_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)


@contextmanager
def ticking(office: Office, app: FastAPI) -> Iterator[None]:
    """Do what the clock is due to do, every second, while the block lasts."""
    ending = Event()

    def ticks() -> None:
        number = 0
        while not ending.wait(EVERY_SECONDS):
            number += 1
            _try(office, app)
            if number % USES_EVERY == 0:
                write_uses(office, app.state.uses)
                forget_accesses(office)
                forget_menus(office)
            if number % ANCHORED_EVERY == 1:
                anchor_accesses(office)

    thread = Thread(target=ticks, name="clock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
        write_uses(office, app.state.uses)


@contextmanager
def laying(office: Office) -> Iterator[None]:
    """Keep the menus of open rounds laid out while the block lasts, in a thread of their own.

    The clock does not do it: a round must not close late because a catalogue was imported.
    """
    from api.reads.boards import lay_out

    ending = Event()

    def lays() -> None:
        while True:
            try:
                with office.read() as session:
                    lay_out(session)
            except Exception:
                _LOG.exception("menus could not be laid out; it is tried again")
            if ending.wait(LAID_EVERY_SECONDS):
                return

    thread = Thread(target=lays, name="menus", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def _try(office: Office, app: FastAPI) -> None:
    try:
        tick(office, app.state.oldest())
    except Exception:
        _LOG.exception("the clock could not look; it tries again")


def tick(office: Office, oldest: datetime | None = None) -> int:
    """Let every round that waits for the clock be looked at; return how many things were done.

    What fails is written to the log and tried again at the next tick.

    Parameters
    ----------
    oldest
        When the request arrived that waits the longest. The clock is never ahead of it: a round does
        not close over somebody who came in time and still stands in line.
    """
    from api.reads.due import due
    from matching.rounds.life.calls import Call, Scope

    now = office.clock()
    call = Call("clock", Scope("clock", "clock"), min(now, oldest or now))
    done = 0
    with office.read() as session:
        waiting = due(session, call)
    for command in waiting:
        try:
            done += len(office.do(call, command).events)
        except Exception:
            _LOG.exception("the clock could not do what was due; it tries again")
    return done


def anchor_accesses(office: Office) -> None:
    """Let the log hold what was written down of accesses and has come to rest."""
    from api import anchors

    def anchor(call: Call) -> None:
        with office.read() as session:
            found = anchors.next_anchor(session, call)
        if found.accesses:
            office.do(call, lambda session: anchors.keep(session, found))

    _by_the_clock(office, anchor, "the accesses could not be anchored; it is tried again")


def forget_accesses(office: Office) -> None:
    """Forget who was shown whom, where that was kept long enough."""
    from api.accesses import forget

    _forget(office, forget, "old accesses could not be forgotten; it is tried again")


def forget_menus(office: Office) -> None:
    """Forget which menus were shown, where that was kept long enough."""
    from api.choosing.shown import forget

    _forget(office, forget, "old menus could not be forgotten; it is tried again")


def _forget(
    office: Office, command: Callable[[Session, Call], tuple[Happened, ...]], trouble: str
) -> None:
    def forget(call: Call) -> None:
        office.do(call, lambda session: command(session, call))

    _by_the_clock(office, forget, trouble)


def write_uses(office: Office, uses: Uses) -> None:
    """Write down when tokens were last used, a few at a time: between them whoever hands in is served."""
    from api.auth import MOST_USES

    written: list[int] = []

    def command(session: Session) -> tuple[()]:
        written.append(uses.write(session))
        return ()

    def write(call: Call) -> None:
        while not written or written[-1] == MOST_USES:
            office.do(call, command)

    _by_the_clock(office, write, "when tokens were last used could not be written down")


def _by_the_clock(office: Office, work: Callable[[Call], object], trouble: str) -> None:
    """Do what nobody asks for; where it fails that is logged, and the next time comes."""
    from matching.rounds.life.calls import Call, Scope

    call = Call("clock", Scope("clock", "clock"), office.clock())
    try:
        work(call)
    except Exception:
        _LOG.exception(trouble)
