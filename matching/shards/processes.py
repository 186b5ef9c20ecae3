"""Workers in processes of this machine; parts lie in files that each worker maps."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from threading import Thread
from typing import Any

from matching.errors import WorkerLost
from matching.shards.engine import EngineName
from matching.shards.packing import read_part, write_part
from matching.shards.remote import Remote
from matching.shards.threads import use_threads
from matching.shards.worker import Worker

ATTEMPTS = 3
"""A message is given up when so many workers in a row ended over it."""

GRACE = 2.0
"""Where a whole group of processes is told to end, a worker waits so many seconds for the others."""

_UP = b"up"


def serve(connection: Connection, folder: Path, shard: int, threads: int) -> None:
    """Answer messages until somebody ends this process, or whoever asks is gone.

    Ctrl-C reaches the whole group of processes; only the one that asks decides what it means.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: _outlive(folder, GRACE))
    Thread(target=_outlive, args=(folder,), daemon=True).start()
    use_threads(threads)
    worker = Worker()
    with contextlib.suppress(EOFError, OSError):
        connection.send_bytes(_UP)
        while True:
            message = connection.recv_bytes()
            answer = worker.answer(message, lambda number: read_part(_file(folder, number, shard)))
            connection.send_bytes(answer)
    _outlive(folder)


def _outlive(folder: Path, wait_at_most: float | None = None) -> None:
    """Wait until whoever asks is gone, tidy up what it left on disk, and end at once."""
    asking = multiprocessing.parent_process()
    assert asking is not None
    asking.join(wait_at_most)
    if not asking.is_alive():
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _file(folder: Path, number: int, shard: int) -> Path:
    return folder / f"{number}-{shard}.part"


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold Ctrl-C back, here until the end and for good in what is started meanwhile."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Local:
    """One worker of this machine, seen from the process that asks."""

    def __init__(self, folder: Path, shard: int, threads: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        given = (theirs, folder, shard, threads)
        self.process: SpawnProcess = context.Process(target=serve, args=given, daemon=True)
        with _undisturbed():
            self.process.start()
        theirs.close()
        self.is_up = False

    def send(self, message: bytes) -> None:
        """Send a message; that the worker has ended shows when its answer is read."""
        with contextlib.suppress(OSError):
            self.connection.send_bytes(message)

    def answer(self) -> bytes | None:
        """Return what has arrived; None where that is only that it is up.

        Raises
        ------
        EOFError
            If the worker has ended.
        """
        try:
            content = self.connection.recv_bytes()
        except OSError as gone:
            raise EOFError from gone
        if self.is_up:
            return content
        self.is_up = True
        return None

    def end(self) -> int | None:
        """End the worker, whatever it does, and return how it ended."""
        self.process.kill()
        self.connection.close()
        self.process.join()
        return self.process.exitcode


class Processes(Remote):
    """Shards in processes of this machine."""

    name: EngineName = "processes"

    def __init__(self, workers: int | None = None) -> None:
        cores = os.cpu_count() or 1
        super().__init__(workers or cores)
        self._threads = max(1, cores // self.shards)
        self._folder: Path | None = None
        self._workers: list[Local] = []

    @property
    def folder(self) -> Path:
        """Where parts lie; made when it is first asked for."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="xuanke-shards-"))
        return self._folder

    @property
    def pids(self) -> list[int]:
        """The processes of the present workers, in the order of their shards."""
        return [worker.process.pid or 0 for worker in self._workers]

    def close(self) -> None:
        """End every worker and remove the files."""
        for worker in self._workers:
            worker.end()
        self._workers = []
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _lay_out(self, number: int, shard: int, part: object) -> int:
        return write_part(part, _file(self.folder, number, shard))

    def _put_away(self, number: int) -> None:
        for shard in range(self.shards):
            _file(self.folder, number, shard).unlink(missing_ok=True)

    def _exchanged(self, messages: Sequence[bytes]) -> list[bytes]:
        try:
            return self._asked(messages)
        except BaseException:
            self.close()
            raise

    def _asked(self, messages: Sequence[bytes]) -> list[bytes]:
        for shard in range(len(self._workers), len(messages)):
            self._workers.append(self._new(shard))
        for shard, message in enumerate(messages):
            self._workers[shard].send(message)
        answers: dict[int, bytes] = {}
        ended = [0] * len(messages)
        while len(answers) < len(messages):
            for shard in self._ready([i for i in range(len(messages)) if i not in answers]):
                try:
                    content = self._workers[shard].answer()
                except EOFError:
                    ended[shard] += 1
                    self._replace(shard, ended[shard], messages[shard])
                    continue
                if content is not None:
                    answers[shard] = content
        return [answers[shard] for shard in range(len(messages))]

    def _ready(self, waiting: Sequence[int]) -> list[int]:
        """Return the shards, of some, of whose workers something is to be read."""
        shard_of: dict[Any, int] = {self._workers[i].connection: i for i in waiting}
        return sorted(shard_of[connection] for connection in wait(list(shard_of)))

    def _replace(self, shard: int, ended: int, message: bytes) -> None:
        """Put a new worker in the place of one that has ended, and ask it the same.

        Raises
        ------
        WorkerLost
            If it never came up, or was not the first to end over this message.
        """
        was_up = self._workers[shard].is_up
        code = self._workers[shard].end()
        if not was_up:
            raise WorkerLost("worker_not_up", exit=code)
        if ended >= ATTEMPTS:
            raise WorkerLost("worker_lost", shard=shard + 1, times=ended, exit=code)
        self._workers[shard] = self._new(shard)
        self._names[shard] = ""
        self._workers[shard].send(message)

    def _new(self, shard: int) -> Local:
        return Local(self.folder, shard, self._threads)
