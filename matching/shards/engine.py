"""What an engine is: it keeps one part for each shard and maps tasks over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple, Protocol

EngineName = Literal["threads", "processes", "cluster"]

Task = Callable[..., Any]
"""A function of a module, so that a worker can find it by its name."""


class Kept(NamedTuple):
    """What an engine keeps: one part for each shard, under a number."""

    number: int


@dataclass
class Account:
    """What the work of an engine took.

    Parameters
    ----------
    shards
        Into how many the work is cut.
    maps
        How often a task was mapped over them.
    kept_bytes
        Size of the parts that were laid out for workers, each once.
    sent_bytes, answered_bytes
        What all maps sent to workers and got back.
    replaced
        How many workers took the place of one that had ended.
    resent
        How often a part that a worker had answered with was fetched once more by the next one.
    cpu_seconds
        What workers spent on their answers; without workers it is part of what this process spent.
    """

    shards: int = 1
    maps: int = 0
    kept_bytes: int = 0
    sent_bytes: int = 0
    answered_bytes: int = 0
    replaced: int = 0
    resent: int = 0
    cpu_seconds: float = 0.0


def told(engine: Engine) -> dict[str, Any]:
    """Return an engine's name and account, as a result tells them."""
    return {"name": engine.name, **asdict(engine.account)}


class Engine(Protocol):
    """Works on shards; a result never depends on which engine did it."""

    name: EngineName
    account: Account

    @property
    def shards(self) -> int:
        """Into how many shards work is best cut."""

    def keep(self, parts: Iterable[object]) -> Kept:
        """Keep a part for each shard, in turn, until it is dropped."""

    def drop(self, kept: Kept) -> None:
        """Forget what was kept."""

    def map(self, task: Task, kept: Sequence[Kept], each: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Return what a task answers for every shard, in order.

        It is called with the shard's part of each `kept` and with the arguments of that shard. An
        error of the task is raised here, that of the first shard if there are several.
        """

    def close(self) -> None:
        """End every worker and give back what the parts took."""


class Here:
    """In this process; passes use threads, so that one shard is enough."""

    name: EngineName = "threads"

    def __init__(self, shards: int = 1) -> None:
        self.shards = shards
        self.account = Account(shards)
        self._parts: dict[int, list[object]] = {}
        self._next = 0

    def keep(self, parts: Iterable[object]) -> Kept:
        """Keep the parts as they are."""
        self._next += 1
        self._parts[self._next] = list(parts)
        return Kept(self._next)

    def drop(self, kept: Kept) -> None:
        """Forget what was kept."""
        self._parts.pop(kept.number, None)

    def map(self, task: Task, kept: Sequence[Kept], each: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Call the task for one shard after the other."""
        self.account.maps += 1
        own = [self._parts[one.number] for one in kept]
        return [task(*(parts[shard] for parts in own), *given) for shard, given in enumerate(each)]

    def close(self) -> None:
        """Forget everything."""
        self._parts.clear()
