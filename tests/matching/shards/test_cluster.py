"""The same on a Ray cluster: digests, a worker killed in the middle, errors that name what is missing."""

from __future__ import annotations

import dataclasses
import os
import signal
import sys

import numpy as np
import pytest

from matching.__main__ import main
from matching.errors import EngineUnavailable
from matching.generate import generate
from matching.settings import Settings
from matching.shards import choose, cluster
from matching.shards.cluster import Cluster
from matching.solve import solve
from tests.matching.shards import tasks

COUNTY = generate("county", 200, 1)
QUICK = Settings(effort="quick", reasons=False)
ON_RAY = dataclasses.replace(QUICK, engine="cluster", workers=2)
PARTS = [np.arange(3), np.arange(5)]


def need_ray():
    """Return Ray; without it skip, or fail where it is due."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
    except ImportError:
        trouble = "Ray is not installed (make cluster)"
        if os.environ.get("XUANKE_REQUIRE_RAY"):
            pytest.fail(trouble)
        pytest.skip(trouble)
    return ray


@pytest.fixture(scope="module")
def local_cluster():
    """A cluster of two cores on this machine."""
    ray = need_ray()
    cluster._join(ray, 2, "local")
    yield ray
    ray.shutdown()


@pytest.fixture
def two(local_cluster):
    """Two workers on it, each with a few numbers."""
    engine = Cluster(2)
    yield engine, engine.keep(PARTS)
    engine.close()


def test_each_shard_is_answered_and_an_error_is_raised_here(two):
    engine, kept = two
    assert engine.map(tasks.add, [kept], [(10,), (20,)]) == [13, 30]
    assert engine.map(tasks.write_into, [kept], [(), ()]) == [1, 1]
    assert engine.map(tasks.write_into, [kept], [(), ()]) == [2, 2]
    with pytest.raises(ValueError, match="no such bundle"):
        engine.map(tasks.complain, [kept], [(0,), (1,)])
    assert engine.account.resent == 0


def test_a_worker_killed_at_work_is_replaced_and_asked_again(two, tmp_path):
    engine, kept = two
    before = engine.map(tasks.name_itself, [kept], [(), ()])
    (tmp_path / "1").touch()
    marks = [(str(tmp_path / "0"),), (str(tmp_path / "1"),)]
    assert engine.map(tasks.end_once, [kept], marks) == [3, 10]
    assert (engine.account.replaced, engine.account.resent) == (1, 1)
    after = engine.pids
    assert (after[0] == before[0], after[1] == before[1]) == (False, True)


class Killing(Cluster):
    """Kills the worker of its second shard when the thirtieth step has been sent."""

    killed = 0

    def _exchanged(self, messages):
        if self.account.maps == 30 and not self.killed:
            self.killed = self.pids[1]
            os.kill(self.killed, signal.SIGKILL)
        return super()._exchanged(messages)


@pytest.fixture(scope="module")
def by_threads():
    return solve(COUNTY, QUICK)


def test_the_digest_is_that_of_threads(local_cluster, by_threads):
    result = solve(COUNTY, ON_RAY)
    assert result.digest == by_threads.digest
    assert result.certificate == by_threads.certificate
    assert (result.engine["name"], result.engine["resent"]) == ("cluster", 0)


def test_a_worker_killed_in_the_middle_of_the_steps_changes_nothing(
    local_cluster, by_threads, monkeypatch, capsys
):
    """What Ray says of it does not mix with what a command writes to standard output."""
    engine = Killing(2)
    monkeypatch.setattr(choose, "_made", lambda *_: engine)
    result = solve(COUNTY, ON_RAY)
    assert engine.killed
    assert result.digest == by_threads.digest
    assert (result.engine["replaced"], result.engine["resent"]) == (1, 3)
    said = capsys.readouterr()
    assert "(raylet)" in said.err
    assert said.out == ""


def test_a_cluster_with_too_few_cores_is_refused(local_cluster):
    with pytest.raises(EngineUnavailable, match="1000") as caught:
        Cluster(1000)
    assert "fewer than the 1000 workers" in caught.value.say("en")


def test_on_a_busy_cluster_there_is_an_error_and_no_wait_for_ever(two, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(EngineUnavailable) as caught:
        Cluster(2)
    assert "no 2 free cores" in caught.value.say("en")


def test_another_version_on_a_node_is_refused(local_cluster, monkeypatch):
    monkeypatch.setattr(cluster, "code_digest", lambda: "another")
    with pytest.raises(EngineUnavailable) as caught:
        Cluster(1)
    assert "another version" in caught.value.say("en")


@pytest.fixture
def round_file(tmp_path):
    path = tmp_path / "round.json"
    assert main(["generate", "county", "--teachers", "20", "--out", str(path)]) == 0
    return path


def test_without_ray_the_extra_is_named(round_file, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["--lang", "en", "solve", str(round_file), "--engine", "cluster"]) == 2
    assert "xuanke[cluster]" in capsys.readouterr().err
    assert main(["solve", str(round_file), "--engine", "cluster"]) == 2
    assert "未安装 Ray" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1"])
def test_where_nobody_listens_there_is_an_error_at_once(address, round_file, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ray", type(sys)("ray"))
    sys.modules["ray"].is_initialized = lambda: False
    sys.modules["ray"].shutdown = lambda: None
    asked = ["solve", str(round_file), "--engine", "cluster", "--address", address]
    assert main(["--lang", "en", *asked]) == 2
    assert f"no Ray cluster is reachable at {address}" in capsys.readouterr().err
