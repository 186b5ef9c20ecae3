"""What engines with workers of their own have in common: messages, accounts, errors."""

from __future__ import annotations

import pickle
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from matching.errors import WorkerFailed
from matching.shards.engine import Account, EngineName, Kept, Task
from matching.shards.worker import Answer, Message


class Remote(ABC):
    """An engine whose shards are worked on elsewhere."""

    name: EngineName

    def __init__(self, shards: int) -> None:
        self.shards = shards
        self.account = Account(shards)
        self._live: frozenset[int] = frozenset()
        self._next = 0
        self._seen: set[tuple[int, int]] = set()
        self._names: dict[int, str] = {}

    def keep(self, parts: Iterable[object]) -> Kept:
        """Lay out a part for each shard, so that its worker can fetch it."""
        self._next += 1
        for shard, part in enumerate(parts):
            self.account.kept_bytes += self._lay_out(self._next, shard, part)
        self._live |= {self._next}
        return Kept(self._next)

    def drop(self, kept: Kept) -> None:
        """Forget what was kept; workers do so with the next message."""
        self._live -= {kept.number}
        self._put_away(kept.number)

    def map(self, task: Task, kept: Sequence[Kept], each: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Send a message to every worker and return their answers in order."""
        parts = tuple(one.number for one in kept)
        messages = [pickle.dumps(Message(task, self._live, parts, given), 5) for given in each]
        contents = self._exchanged(messages)
        self.account.maps += 1
        self.account.sent_bytes += sum(map(len, messages))
        self.account.answered_bytes += sum(map(len, contents))
        answers: list[Answer] = [pickle.loads(content) for content in contents]
        for shard, answer in enumerate(answers):
            self._count(shard, answer)
        for answer in answers:
            _raise_any(answer)
        return [answer.found for answer in answers]

    def _count(self, shard: int, answer: Answer) -> None:
        self.account.replaced += self._names.setdefault(shard, answer.worker) != answer.worker
        self._names[shard] = answer.worker
        new = {(shard, number) for number in answer.fetched}
        self.account.resent += len(new & self._seen)
        self.account.cpu_seconds += answer.cpu_seconds
        self._seen |= new

    @abstractmethod
    def close(self) -> None:
        """End every worker and give back what the parts took."""

    @abstractmethod
    def _lay_out(self, number: int, shard: int, part: object) -> int:
        """Put a part where its worker finds it; return its size."""

    @abstractmethod
    def _put_away(self, number: int) -> None:
        """Give back what a part of every shard took."""

    @abstractmethod
    def _exchanged(self, messages: Sequence[bytes]) -> list[bytes]:
        """Return the answer of every shard's worker; one that has ended is replaced and asked again.

        Raises
        ------
        WorkerLost
            If a worker ends again and again over the same message.
        """


def _raise_any(answer: Answer) -> None:
    """Raise what a task raised, with the worker's own trace."""
    if answer.error is not None:
        answer.error.add_note(answer.trace)
        raise answer.error
    if answer.trace:
        raise WorkerFailed(answer.trace)
