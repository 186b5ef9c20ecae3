"""An acknowledgement leaves after the disk has confirmed; seen from outside, by strace.

SIGKILL does not show it: what the kernel holds survives the process, not the power cut.
"""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests import databases

CALLS = "trace=fdatasync,fsync,pwrite64,write"
LINE = re.compile(r"^(?P<pid>\d+) +(?P<call>\S.*)$")


@pytest.fixture
def strace():
    """The program, where it is installed and may look at its own children."""
    found = shutil.which("strace")
    trouble = "strace is not installed (Debian: apt-get install strace)"
    if found:
        tried = subprocess.run([found, "-f", "true"], capture_output=True, text=True, check=False)
        trouble = tried.returncode and f"strace may not trace here: {tried.stderr.strip()}"
    if trouble and os.environ.get("XUANKE_REQUIRE_STRACE"):
        pytest.fail(trouble)
    if trouble:
        pytest.skip(trouble)
    return found


def traced(strace, folder, number, level):
    """Return the system calls of a clerk who acknowledges `number` times, each when it ended."""
    trace = folder / "trace"
    with databases.fresh(folder) as path:
        command = [strace, "-f", "-y", "-s", "40", "-e", CALLS, "-o", str(trace)]
        command += [sys.executable, "-m", "tests.api.one_by_one", str(path), str(number), level]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("ACKNOWLEDGED") == number
    return trace.read_text().splitlines()


def kept_before_answered(lines):
    """Return for each acknowledgement whether the disk confirmed between its last write and it."""
    begun, answers = {}, []
    written = confirmed = False
    for line in lines:
        pid, said = LINE.match(line).groups()
        if "ACKNOWLEDGED" in said:  # counts from the moment it begins to leave
            answers.append(written and confirmed)
            written = confirmed = False
        if said.endswith("<unfinished ...>"):
            begun[pid] = said
            continue
        if said.startswith("<... "):
            said = begun.pop(pid) + said
        if said.startswith("pwrite64") and "-wal>" in said:
            written, confirmed = True, False
        elif said.startswith(("fdatasync", "fsync")) and "-wal>" in said and said.endswith("= 0"):
            confirmed = True
    return answers


def test_a_hundred_acknowledgements_wait_for_the_disk(strace, tmp_path):
    answers = kept_before_answered(traced(strace, tmp_path, 100, "FULL"))
    assert answers == [True] * 100


def test_the_trace_finds_a_database_that_does_not_wait(strace, tmp_path):
    """Negative control: `synchronous=NORMAL` passes every kill and loses at a power cut."""
    answers = kept_before_answered(traced(strace, tmp_path, 100, "NORMAL"))
    assert len(answers) == 100
    assert answers.count(True) < 10
