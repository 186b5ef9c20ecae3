"""What a worker does, wherever it runs: it fetches each part once and answers messages."""

from __future__ import annotations

import hashlib
import pickle
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from matching.shards.engine import Task


class Message(NamedTuple):
    """What a worker is asked: a task, the numbers of parts in use and of those it needs, arguments."""

    task: Task
    live: frozenset[int]
    parts: tuple[int, ...]
    given: tuple[Any, ...]


class Answer(NamedTuple):
    """What a worker answers.

    Parameters
    ----------
    worker
        A name that no other worker has, not even one in its place.
    fetched
        Numbers of the parts it had to fetch first.
    cpu_seconds
        What it spent until the task was done.
    found
        What the task returned.
    error, trace
        What it raised instead, and where.
    """

    worker: str
    fetched: tuple[int, ...]
    cpu_seconds: float
    found: Any = None
    error: Exception | None = None
    trace: str = ""


class Worker:
    """Works on one shard; a new one in its place only has to fetch the parts again."""

    def __init__(self) -> None:
        self.name = uuid4().hex
        self._parts: dict[int, Any] = {}

    def answer(self, message: bytes, fetch: Callable[[int], Any]) -> bytes:
        """Return the answer to a message."""
        fetched: list[int] = []
        before = time.process_time()
        try:
            asked: Message = pickle.loads(message)
            self._parts = {key: part for key, part in self._parts.items() if key in asked.live}
            for number in asked.parts:
                if number not in self._parts:
                    self._parts[number] = fetch(number)
                    fetched.append(number)
            own = [self._parts[number] for number in asked.parts]
            found = asked.task(*own, *asked.given)
            spent = time.process_time() - before
            return pickle.dumps(Answer(self.name, tuple(fetched), spent, found), 5)
        except Exception as error:
            return _refused(Answer(self.name, tuple(fetched), 0.0), error)


def _refused(answer: Answer, error: Exception) -> bytes:
    """Return the answer that tells an error, by its words alone if it does not survive the way."""
    trace = "".join(traceback.format_exception(error))
    answer = answer._replace(error=error, trace=trace)
    try:
        content = pickle.dumps(answer)
        pickle.loads(content)
    except Exception:
        return pickle.dumps(answer._replace(error=None))
    return content


def code_digest() -> str:
    """Return a digest of the texts that workers run: those of another version must not take part."""
    room, hasher = Path(__file__).parents[1], hashlib.sha256()
    for path in sorted([*(room / "backends").glob("*.py"), *(room / "shards").glob("*.py")]):
        hasher.update(path.name.encode() + path.read_bytes())
    return hasher.hexdigest()
