"""A limit of time and Ctrl-C end a solve at a step, and the step alone repeats the answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from matching import files, verify
from matching.__main__ import main
from matching.check import check
from matching.instance import Instance
from matching.stopping import AfterSeconds, CtrlC, Several
from matching.watch import Watch
from tests.matching.sixty import META, rows

HEARD = "interrupted"
SIXTY = Instance.from_rows(META | {"format": 1}, rows())


@pytest.fixture(scope="module")
def sixty(tmp_path_factory):
    """Write the round of sixty as a .json."""
    path = tmp_path_factory.mktemp("sixty") / "round.json"
    files.write_instance(SIXTY, path)
    return path


class Clock:
    """A clock that tells 0, 1, 2 ... when it is asked."""

    def __init__(self) -> None:
        self.told = -1

    def __call__(self) -> float:
        self.told += 1
        return self.told


def test_time_counts_from_the_beginning_and_a_step_is_never_cut():
    watch = AfterSeconds(3, Clock())
    assert [watch.stopped() for _ in range(4)] == [False, False, True, True]


def test_of_several_watches_anyone_may_stop_and_all_are_asked():
    one, two = AfterSeconds(2, Clock()), AfterSeconds(1, Clock())
    both = Several(one, two, Watch())
    assert [both.stopped() for _ in range(2)] == [True, True]
    assert one.stopped()


def solved(path, out, *options):
    return main(
        ["--lang", "en", "solve", str(path), "--effort", "quick", "--out", str(out), *options]
    )


def test_an_answer_that_a_limit_ended_is_repeated_by_its_step(sixty, tmp_path, capsys):
    """With no time at all the solve ends at the first lawful answer, and says at which step."""
    assert solved(sixty, tmp_path / "short", "--limit", "0") == 0
    short = files.read_result(tmp_path / "short")
    step = short.settings["stopped_at"]
    assert short.status == "stopped"
    assert f'ended early at step "{step}"' in capsys.readouterr().out
    assert solved(sixty, tmp_path / "again", "--until", step) == 0
    assert files.read_result(tmp_path / "again").digest == short.digest
    assert check(SIXTY, short.seats) == ()
    files.write_instance(SIXTY, tmp_path / "short")
    assert [each.code for each in verify.verify(tmp_path / "short") if each.problems] == []


def test_a_limit_that_is_not_reached_changes_nothing(sixty, tmp_path):
    assert solved(sixty, tmp_path / "whole", "--limit", "100000") == 0
    assert solved(sixty, tmp_path / "free") == 0
    assert (
        files.read_result(tmp_path / "whole").digest == files.read_result(tmp_path / "free").digest
    )


def test_a_step_that_never_comes_is_said(sixty, tmp_path, capsys):
    assert solved(sixty, tmp_path / "whole", "--until", "tier 9 root 1") == 0
    assert 'did not end at step "tier 9 root 1"' in capsys.readouterr().out


def started(path, out, effort="long") -> subprocess.Popen:
    """Start a solve and wait until it says that it solves."""
    words = ["--lang", "en", "solve", str(path), "--effort", effort, "--out", str(out)]
    program = subprocess.Popen(
        [sys.executable, "-m", "matching", *words], stderr=subprocess.PIPE, text=True
    )
    assert program.stderr is not None
    assert "solving: 60 teachers" in program.stderr.readline()
    return program


def test_ctrl_c_writes_the_best_so_far(sixty, tmp_path):
    """Exit code 3; the step that is told gives the same answer again."""
    with started(sixty, tmp_path / "best") as program:
        program.send_signal(signal.SIGINT)
        _, told = program.communicate(timeout=120)
    assert (program.returncode, HEARD in told) == (3, True)
    best = files.read_result(tmp_path / "best")
    assert best.status == "stopped"
    step = best.settings["stopped_at"]
    words = ["solve", str(sixty), "--effort", "long", "--until", step]
    assert main([*words, "--out", str(tmp_path / "again")]) == 0
    assert files.read_result(tmp_path / "again").digest == best.digest


def test_ctrl_c_twice_ends_at_once_and_writes_nothing(sixty, tmp_path):
    """The second is sent when the first was heard."""
    with started(sixty, tmp_path / "none") as program:
        program.send_signal(signal.SIGINT)
        assert HEARD in program.stderr.readline()
        program.send_signal(signal.SIGINT)
        assert program.wait(timeout=120) == 130
    assert not (tmp_path / "none").exists()


def test_ctrl_c_goes_to_the_listener_and_afterwards_to_python_again():
    said, left = [], []
    with CtrlC(lambda: said.append(1), left.append) as interrupt:
        assert not interrupt.stopped()
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        end = time.monotonic() + 60
        while not left and time.monotonic() < end:
            time.sleep(0.01)
        assert (interrupt.stopped(), said, left) == (True, [1], [130])
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("name", ["out", "out.zip", "out.json"])
def test_whoever_is_interrupted_while_writing_leaves_what_was_there(name, tmp_path, monkeypatch):
    """The last file of the new ones is not written any more: the old ones stand as they were."""
    files.write_instance(SIXTY, tmp_path / name)
    before = {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()}

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(files.Instance, "raw_rows", interrupted)
    for place in (tmp_path / name, tmp_path / f"fresh-{name}"):
        with pytest.raises(KeyboardInterrupt):
            files.write_instance(SIXTY, place)
    assert {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()} == before
    assert sorted(each.name for each in tmp_path.iterdir()) == [name]
