"""What ends a solve before its schedule does: a limit of time, or Ctrl-C.

Both only choose the step at which it ends. The answer is that of the step, and `StopAt` repeats it.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from threading import Thread
from types import TracebackType
from typing import Self

from matching.watch import Progress, Watch

INTERRUPTED = 130
"""The exit code of a program that Ctrl-C has ended."""


class AfterSeconds(Watch):
    """Stops at the first step that is done after some seconds, counted from now."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def stopped(self) -> bool:
        """Tell whether the time is over."""
        return self._clock() >= self._end


class Several(Watch):
    """Several watches as one: all hear every step, any of them may stop the solve."""

    def __init__(self, *watches: Watch) -> None:
        self._watches = watches

    def tell(self, progress: Progress) -> None:
        """Let everybody hear of one step."""
        for watch in self._watches:
            watch.tell(progress)

    def stopped(self) -> bool:
        """Tell whether anybody wants to stop."""
        return any([watch.stopped() for watch in self._watches])


class CtrlC(Watch):
    """Stops at the next step after Ctrl-C; a second Ctrl-C ends the program at once.

    While the context is open a thread of its own listens, because compiled code may keep the main
    thread from hearing anything for seconds. Only the main thread may open it.

    Parameters
    ----------
    say
        Is called once, when Ctrl-C is heard.
    leave
        Ends the program.
    """

    def __init__(
        self, say: Callable[[], object], leave: Callable[[int], object] = os._exit
    ) -> None:
        self.heard = False
        self._say = say
        self._leave = leave

    def stopped(self) -> bool:
        """Tell whether Ctrl-C was heard."""
        return self.heard

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._ear, self._mouth = socket.socketpair()
        self._mouth.setblocking(False)
        self._before = signal.signal(signal.SIGINT, lambda *_: None)
        self._fd_before = signal.set_wakeup_fd(self._mouth.fileno())
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave Ctrl-C to whoever had it before."""
        signal.set_wakeup_fd(self._fd_before)
        signal.signal(signal.SIGINT, self._before)
        self._mouth.close()
        self._thread.join()
        self._ear.close()

    def _listen(self) -> None:
        while number := self._ear.recv(1):
            if number[0] != signal.SIGINT:
                continue
            if self.heard:
                self._leave(INTERRUPTED)
                return
            self.heard = True
            self._say()
