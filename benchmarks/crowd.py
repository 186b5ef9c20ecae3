"""A crowd that sends requests, each at its own moment, over plain sockets and in one thread.

Nobody waits for anybody else's answer: where the server falls behind, further connections are opened.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_WAIT = 120.0
"""Seconds after the last request until those that were not answered count as lost."""


@dataclass(frozen=True)
class Sent:
    """One hand-in: when it was meant to go, when it went and was answered, and how (0: no answer)."""

    meant: float
    went: float
    answered: float
    status: int

    @property
    def seconds(self) -> float:
        """From the moment she meant to send."""
        return self.answered - self.meant


@dataclass(slots=True)
class Connection:
    """One kept connection, the request it is busy with, and what has come of the answer."""

    socket: socket.socket
    number: int
    answer: bytes = b""


class Crowd:
    """Everybody who hands in, in one thread.

    Parameters
    ----------
    requests, moments
        What is sent, and when, in order.
    """

    def __init__(self, port: int, requests: Sequence[bytes], moments: Sequence[float]) -> None:
        self._port = port
        self._requests = requests
        self._meant = moments
        self._went = [0.0] * len(requests)
        self._answered = [0.0] * len(requests)
        self._status = [0] * len(requests)
        self._left = len(requests)
        self._free: list[Connection] = []
        self._ready = selectors.DefaultSelector()

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        for key in list(self._ready.get_map().values()):
            key.data.socket.close()
        self._ready.close()

    def send(self) -> list[Sent]:
        """Send everything, wait for the answers, and return what came of each."""
        after, end = 0, self._meant[-1] + LONGEST_WAIT
        while self._left and (now := time.time()) < end:
            while after < len(self._requests) and self._meant[after] <= now:
                self._begin(after)
                after += 1
            until = self._meant[after] if after < len(self._requests) else end
            for key, mask in self._ready.select(max(0.0, until - time.time())):
                self._go_on(key.data, mask)
        told = zip(self._meant, self._went, self._answered, self._status, strict=True)
        return [Sent(meant, went, answered or time.time(), s) for meant, went, answered, s in told]

    def _begin(self, number: int) -> None:
        """Send a request on a free connection, or open one for it."""
        self._went[number] = time.time()
        if self._free:
            line = self._free.pop()
            line.number = number
            self._tell(line)
            return
        line = Connection(socket.socket(), number)
        line.socket.setblocking(False)
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.socket.connect_ex(("127.0.0.1", self._port))
        self._ready.register(line.socket, selectors.EVENT_WRITE, line)

    def _go_on(self, line: Connection, mask: int) -> None:
        """Do what a connection is ready for."""
        if mask & selectors.EVENT_WRITE:
            self._ready.modify(line.socket, selectors.EVENT_READ, line)
            self._tell(line)
            return
        try:
            got = line.socket.recv(65_536)
        except OSError:
            got = b""
        line.answer += got
        if not got:
            self._lose(line)
        elif status := _status(line.answer):
            self._answered[line.number], self._status[line.number] = time.time(), status
            self._left -= 1
            line.answer, line.number = b"", -1
            self._free.append(line)

    def _tell(self, line: Connection) -> None:
        """Send what a connection is busy with; a few hundred bytes always fit."""
        try:
            line.socket.sendall(self._requests[line.number])
        except OSError:
            self._lose(line)

    def _lose(self, line: Connection) -> None:
        """Give up a connection, and the request it was busy with."""
        self._ready.unregister(line.socket)
        line.socket.close()
        if line.number < 0:
            self._free.remove(line)
        else:
            self._answered[line.number] = time.time()
            self._left -= 1


def _status(answer: bytes) -> int:
    """Return the status of an answer; 0 while some of it is still to come."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return 0
    length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    return int(head[9:12]) if len(body) >= length else 0
