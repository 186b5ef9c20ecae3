"""Which engine a solve asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from matching.errors import EngineUnavailable
from matching.shards.engine import Engine, EngineName, Here


@contextmanager
def opened(name: EngineName, workers: int | None, address: str) -> Iterator[Engine]:
    """Give an engine and close it, whatever happens.

    Raises
    ------
    EngineUnavailable
        If it cannot be had here.
    """
    engine = _made(name, workers, address)
    try:
        yield engine
    finally:
        engine.close()


def _made(name: EngineName, workers: int | None, address: str) -> Engine:
    if workers is not None and workers < 1:
        raise EngineUnavailable("engine_no_workers", workers=workers)
    if name == "processes":
        from matching.shards.processes import Processes

        return Processes(workers)
    if name == "cluster":
        from matching.shards.cluster import Cluster

        return Cluster(workers, address)
    return Here()
