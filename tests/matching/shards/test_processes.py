"""Workers in processes may end, raise or be interrupted: the answer is the same or an error, never a wait."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from matching.errors import EngineUnavailable, WorkerFailed, WorkerLost
from matching.shards import processes
from matching.shards.choose import opened
from matching.shards.engine import Here
from matching.shards.processes import Processes
from tests.matching.shards import tasks

PARTS = [np.arange(3), np.arange(5)]


@pytest.fixture
def two():
    """Two workers, each with a few numbers."""
    engine = Processes(2)
    yield engine, engine.keep(PARTS)
    engine.close()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(holds, seconds=60) -> bool:
    """Wait for what other processes do; how long decides nothing but failure."""
    for _ in range(seconds * 20):
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_each_shard_is_answered_with_its_own_part_in_order(two):
    engine, kept = two
    assert engine.map(tasks.add, [kept], [(10,), (20,)]) == [13, 30]
    here = Here(2)
    assert here.map(tasks.add, [here.keep(PARTS)], [(10,), (20,)]) == [13, 30]


def test_a_part_is_fetched_once_and_its_worker_stays(two):
    engine, kept = two
    first = engine.map(tasks.name_itself, [kept], [(), ()])
    assert first == engine.map(tasks.name_itself, [kept], [(), ()]) == engine.pids
    assert engine.map(tasks.write_into, [kept], [(), ()]) == [1, 1]
    assert engine.map(tasks.write_into, [kept], [(), ()]) == [2, 2]
    assert engine.account.resent == 0


def test_what_is_dropped_takes_no_room(two):
    engine, kept = two
    other = engine.keep([np.zeros(1), np.zeros(1)])
    engine.map(tasks.name_itself, [other], [(), ()])
    engine.drop(other)
    assert len(list(engine.folder.iterdir())) == 2
    with pytest.raises(FileNotFoundError):
        engine.map(tasks.name_itself, [other], [(), ()])
    assert engine.map(tasks.add, [kept], [(0,), (0,)]) == [3, 10]


def test_a_worker_killed_at_work_is_replaced_and_asked_again(two, tmp_path):
    engine, kept = two
    mark = str(tmp_path / "mark")
    Path(mark + "1").touch()
    before = engine.map(tasks.name_itself, [kept], [(), ()])
    assert engine.map(tasks.end_once, [kept], [(mark,), (mark + "1",)]) == [3, 10]
    assert (engine.account.replaced, engine.account.resent) == (1, 1)
    after = engine.pids
    assert (after[0] == before[0], after[1] == before[1]) == (False, True)


def test_a_worker_killed_over_its_first_message_is_counted(two, tmp_path):
    engine, kept = two
    mark = str(tmp_path / "mark")
    Path(mark + "1").touch()
    assert engine.map(tasks.end_once, [kept], [(mark,), (mark + "1",)]) == [3, 10]
    assert (engine.account.replaced, engine.account.resent) == (1, 0)


def test_a_worker_killed_between_two_steps_is_replaced_too(two):
    engine, kept = two
    first, second = engine.map(tasks.name_itself, [kept], [(), ()])
    os.kill(second, signal.SIGKILL)
    assert wait_until(lambda: engine._workers[1].process.exitcode is not None)
    assert engine.map(tasks.add, [kept], [(0,), (0,)]) == [3, 10]
    assert engine.pids[0] == first
    assert engine.account.resent == 1


def test_workers_that_end_every_time_are_an_error_and_leave_nothing(two):
    engine, kept = two
    pids, folder = engine.map(tasks.name_itself, [kept], [(), ()]), engine.folder
    with pytest.raises(WorkerLost, match="连续 3 次") as caught:
        engine.map(tasks.end, [kept], [(7,), (7,)])
    assert caught.value.values["exit"] == 7
    assert "3 times in a row" in caught.value.say("en")
    assert not any(map(is_alive, pids))
    assert not folder.exists()


def test_without_another_attempt_one_kill_would_be_the_end(two, tmp_path, monkeypatch):
    """Negative control: the kill is real."""
    engine, kept = two
    monkeypatch.setattr(processes, "ATTEMPTS", 1)
    with pytest.raises(WorkerLost):
        engine.map(tasks.end_once, [kept], [(str(tmp_path / "mark"),)] * 2)


def test_an_error_of_a_worker_is_raised_here_and_the_next_step_is_fine(two):
    engine, kept = two
    with pytest.raises(ValueError, match="no such bundle") as caught:
        engine.map(tasks.complain, [kept], [(0,), (1,)])
    assert "in complain" in caught.value.__notes__[0]
    assert engine.map(tasks.complain, [kept], [(0,), (0,)]) == ["fine", "fine"]


def test_an_error_that_cannot_travel_is_told_in_its_words(two):
    engine, kept = two
    with pytest.raises(WorkerFailed, match="this and that"):
        engine.map(tasks.complain_stubbornly, [kept], [(), ()])


def test_ctrl_c_reaches_no_worker_and_cores_are_shared(two):
    engine, kept = two
    assert engine.map(tasks.hears_ctrl_c, [kept], [(), ()]) == [False, False]
    share = max(1, (os.cpu_count() or 1) // 2)
    assert engine.map(tasks.count_threads, [kept], [(), ()]) == [share, share]


def test_closing_ends_workers_and_frees_the_files(two):
    engine, kept = two
    pids, folder = engine.map(tasks.name_itself, [kept], [(), ()]), engine.folder
    assert folder.exists()
    engine.close()
    assert not any(map(is_alive, pids))
    assert not folder.exists()


@pytest.mark.parametrize(
    ("signum", "send"),
    [
        (signal.SIGINT, os.killpg),
        (signal.SIGTERM, os.kill),
        (signal.SIGTERM, os.killpg),
        (signal.SIGKILL, os.kill),
    ],
)
def test_whoever_asks_is_gone_and_no_worker_or_file_stays(signum, send, tmp_path):
    """A terminal sends Ctrl-C to the whole group of processes, a service manager its SIGTERM."""
    command = [sys.executable, "-m", "tests.matching.shards.asks", str(tmp_path)]
    asking = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    assert wait_until(lambda: len(list(tmp_path.glob("mark*"))) == 2)
    *pids, folder = (tmp_path / "about").read_text().split("\n")
    assert all(is_alive(int(pid)) for pid in pids)
    send(asking.pid, signum)
    asking.wait()
    assert wait_until(lambda: not any(is_alive(int(pid)) for pid in pids))
    assert wait_until(lambda: not Path(folder).exists())


def test_no_worker_is_no_number():
    with pytest.raises(EngineUnavailable, match="正整数"), opened("processes", 0, "auto"):
        pass
