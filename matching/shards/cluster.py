"""Workers on a Ray cluster; parts lie in its object store, whence each worker fetches its own.

Ray is imported only when somebody asks for it. It restarts a worker that has ended, on another
machine if need be, and asks it the same once more; the new one finds its parts in the store.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

from matching.errors import EngineUnavailable, WorkerLost
from matching.shards.engine import EngineName
from matching.shards.packing import packed, unpacked
from matching.shards.remote import Remote
from matching.shards.threads import use_threads
from matching.shards.worker import Worker, code_digest

ATTEMPTS, RESTARTS = 3, 100
"""A message is tried so often; a worker is restarted so often in one solve."""

PATIENCE = 120
"""Seconds until workers must be up; on a cluster that others keep busy there is an error then."""

KNOCK = 10
"""Seconds until somebody must have answered at the address."""

LOCAL = "local"
"""The address that stands for a cluster made for this solve, on this machine."""


class Host:
    """A worker as an actor of Ray."""

    def __init__(self) -> None:
        use_threads(1)
        self._worker = Worker()

    def about(self) -> tuple[str, str, int]:
        """Return a digest of the texts this worker runs, its name, and its process."""
        return code_digest(), self._worker.name, os.getpid()

    def answer(self, message: bytes, parts: Mapping[int, Any]) -> bytes:
        """Return the answer to a message; `parts` tells where in the store each part lies."""
        import ray

        return self._worker.answer(
            message, lambda number: unpacked(bytearray(ray.get(parts[number])))
        )


class Cluster(Remote):
    """Shards on a Ray cluster; what Ray has to say meanwhile goes to standard error.

    Parameters
    ----------
    workers
        How many, each on one core; None: as many as the cluster has cores.
    address
        Of the cluster, as `ray start` tells it; `auto` finds the one of this machine (or of
        RAY_ADDRESS), `local` makes one for this solve.

    Raises
    ------
    EngineUnavailable
        If Ray is not installed, no cluster is reachable, or it has too few cores or another version.
    """

    name: EngineName = "cluster"

    def __init__(self, workers: int | None = None, address: str = "auto") -> None:
        self._ray = _imported()
        self._aside = ExitStack()
        self._aside.enter_context(redirect_stdout(sys.stderr))
        self._is_ours = not self._ray.is_initialized()
        try:
            if self._is_ours:
                _join(self._ray, workers, address)
            super().__init__(self._granted(workers, address))
            self._parts: dict[int, dict[int, Any]] = {}
            self._hosts = self._engaged()
        except BaseException:
            self.close()
            raise

    def _granted(self, workers: int | None, address: str) -> int:
        cores = int(self._ray.cluster_resources().get("CPU", 0))
        if cores < (workers or 1):
            raise EngineUnavailable("cluster_small", address=address, cores=cores, workers=workers)
        return workers or cores

    def _engaged(self) -> list[Any]:
        """Return an actor for each shard, all of which run the same texts as we do."""
        options = {"num_cpus": 1, "max_restarts": RESTARTS, "max_task_retries": ATTEMPTS - 1}
        actor = self._ray.remote(**options)(Host)
        hosts = [actor.remote() for _ in range(self.shards)]
        try:
            found = self._ray.get([host.about.remote() for host in hosts], timeout=PATIENCE)
        except self._ray.exceptions.GetTimeoutError:
            raise EngineUnavailable("cluster_busy", workers=len(hosts), wait=PATIENCE) from None
        if {digest for digest, *_ in found} != {code_digest()}:
            raise EngineUnavailable("cluster_other_version")
        self._names = {shard: name for shard, (_, name, _) in enumerate(found)}
        return hosts

    @property
    def pids(self) -> list[int]:
        """The processes of the present workers, in the order of their shards."""
        return [pid for *_, pid in self._ray.get([host.about.remote() for host in self._hosts])]

    def close(self) -> None:
        """Leave the cluster; actors and parts go with the one who made them."""
        self._hosts, self._parts = [], {}
        if self._is_ours:
            self._ray.shutdown()
        self._aside.close()

    def _lay_out(self, number: int, shard: int, part: object) -> int:
        import numpy as np

        content = np.frombuffer(b"".join(packed(part)), np.uint8)
        self._parts.setdefault(number, {})[shard] = self._ray.put(content)
        return len(content)

    def _put_away(self, number: int) -> None:
        self._parts.pop(number, None)

    def _exchanged(self, messages: Sequence[bytes]) -> list[bytes]:
        asked = [
            self._hosts[shard].answer.remote(message, self._of(shard))
            for shard, message in enumerate(messages)
        ]
        try:
            return list(self._ray.get(asked))
        except self._ray.exceptions.RayError as lost:
            raise WorkerLost("cluster_lost", times=ATTEMPTS, error=lost) from lost

    def _of(self, shard: int) -> dict[int, Any]:
        return {number: parts[shard] for number, parts in self._parts.items()}


def _imported() -> ModuleType:
    """Return Ray, told to tell nobody that it is used.

    Raises
    ------
    EngineUnavailable
        If it is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise EngineUnavailable("cluster_no_ray") from None
    module: ModuleType = ray
    return module


def _join(ray: ModuleType, workers: int | None, address: str) -> None:
    """Join the cluster of an address.

    Raises
    ------
    EngineUnavailable
        If none is reachable there.
    """
    given: dict[str, Any] = {"address": address}
    _knock(os.environ.get("RAY_ADDRESS", address) if address == "auto" else address)
    if address == LOCAL:
        place = str(Path(__file__).parents[2])
        given |= {"num_cpus": workers, "include_dashboard": False}
        given["runtime_env"] = {"env_vars": {"PYTHONPATH": place}}
    try:
        ray.init(logging_level="error", log_to_driver=False, configure_logging=False, **given)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise _unreachable(address, error) from error


def _knock(address: str) -> None:
    """Refuse an address at which nobody listens; Ray would try for minutes.

    Raises
    ------
    EngineUnavailable
        If nobody does.
    """
    host, colon, port = address.rpartition("//")[2].rpartition(":")
    if not colon or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), KNOCK).close()
    except (OSError, OverflowError) as error:
        raise _unreachable(address, error) from error


def _unreachable(address: str, error: Exception) -> EngineUnavailable:
    words = str(error).rstrip(".")
    return EngineUnavailable("cluster_unreachable", address=address, error=words)
