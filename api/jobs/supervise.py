"""Keeps one worker running for as long as this process does."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from api.places import Target

PAUSES = (0.5, 1, 2, 4, 8, 15, 30)
"""Seconds before each restart in a row; a worker that lived long enough begins anew."""

LONG_ENOUGH = 60.0
PATIENCE = 5.0

_LOG = logging.getLogger("xuanke.jobs")


class Worker:
    """One worker process, started again when it dies, ended with this object.

    The worker also ends by itself when its parent is gone, so a server that is killed leaves none.

    Parameters
    ----------
    target
        The database; it is handed over in the environment, where a password is not seen by others.
    command
        What to start, if not the worker.
    pauses
        Seconds before each restart in a row.
    """

    def __init__(
        self,
        target: Target,
        command: Sequence[str] = (sys.executable, "-m", "api.jobs.worker"),
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._command = [*command, "--parent", str(os.getpid())]
        self._environment = {**os.environ, "XUANKE_DB": str(target)}
        self._pauses = pauses
        self._ending = threading.Event()
        self._starting = threading.Lock()
        self.restarts = 0
        self.process = self._start()
        self._thread = threading.Thread(target=self._watch, name="worker-watch", daemon=True)
        self._thread.start()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def is_alive(self) -> bool:
        """Whether the worker runs at this moment."""
        return self.process.poll() is None

    def stop(self) -> None:
        """End the worker; what it was doing is resumed when one starts again."""
        with self._starting:
            self._ending.set()
        self.process.terminate()
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            self.process.kill()
            self._thread.join()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, env=self._environment, stdin=subprocess.DEVNULL)

    def _watch(self) -> None:
        row = 0
        while True:
            began = time.monotonic()
            code = self.process.wait()
            if self._ending.is_set():
                return
            row = 0 if time.monotonic() - began >= LONG_ENOUGH else row
            pause = self._pauses[min(row, len(self._pauses) - 1)]
            _LOG.warning("the worker ended with %s; it starts again in %s s", code, pause)
            self._ending.wait(pause)
            with self._starting:
                if self._ending.is_set():
                    return
                self.process = self._start()
            row += 1
            self.restarts += 1
