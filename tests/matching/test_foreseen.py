"""A solve that memory does not allow is refused before it begins, with what it needs and what is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.flows import plain
from matching import __main__ as command
from matching import files
from matching.backends.bundles import count_of, enumerate_bundles
from matching.compile import compile_instance
from matching.foreseen import MB, NotEnoughMemory, available, for_search, needed
from matching.generate import generate
from matching.settings import Settings
from matching.solve import solve
from tests.golden.rounds import shortened
from tests.matching.factories import problem

GB = 1000 * MB


def test_more_options_need_more_and_reasons_come_on_top():
    small, large = (generate("county", teachers, 1) for teachers in (50, 500))
    needs = [needed(each, refereed=10**6, told=0) for each in (small, large)]
    assert 250 * MB < needs[0] < needs[1]
    assert needed(large, refereed=0, told=0) < needs[1] < needed(large, refereed=10**6, told=10**6)


def test_the_refusal_tells_both_figures_in_both_languages():
    with pytest.raises(NotEnoughMemory) as refused:
        solve(generate("county", 20, 1), Settings(effort="quick"), most_bytes=200 * MB)
    for lang in ("zh", "en"):
        assert "200 MB" in refused.value.say(lang)
        assert f"{refused.value.need // MB} MB" in refused.value.say(lang)


@pytest.fixture
def example(tmp_path) -> Path:
    round_ = problem().section("A", capacity=1).teacher("Li", ranks=["A"])
    files.write_instance(round_.build(), tmp_path / "round.json")
    return tmp_path / "round.json"


def test_the_command_refuses_and_goes_on_if_it_is_told_to(example, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "available", lambda: 100 * MB)
    words = ["solve", str(example), "--out", str(tmp_path / "out")]
    assert command.main(words) == 2
    assert "--any-memory" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert command.main([*words, "--any-memory"]) == 0


def test_bundles_are_counted_before_they_are_listed():
    """By parts of any size the count is that of the list, before strict rules thin it out."""
    draft = compile_instance(shortened(generate("county", 40, 1), 6))
    counts = {count_of(draft, at_once) for at_once in (1, 7, 512)}
    assert len(counts) == 1
    assert min(counts) >= len(enumerate_bundles(draft)) > 100
    assert for_search(draft, left=0) == 230 * min(counts) < for_search(draft, left=10 * GB)


def test_a_flow_needs_room_for_every_choice_and_lists_no_bundles():
    draft = compile_instance(plain("no clashes", 60, 1))
    assert (
        for_search(draft, left=0) == for_search(draft, left=10 * GB) == 150 * MB + 210 * draft.arcs
    )


def test_where_bundles_are_not_listed_the_compiled_search_counts_instead():
    draft = compile_instance(generate("long", 60, 1))
    assert for_search(draft, left=0) == for_search(draft, left=10 * GB) == 150 * MB


def test_more_bundles_than_are_ever_listed_are_not_counted_on(monkeypatch):
    draft = compile_instance(shortened(generate("county", 40, 1), 6))
    monkeypatch.setattr("matching.backends.bundles.MOST_BUNDLES", 1000)
    assert count_of(draft, 7) == 1000


class Machine:
    """A machine as its files tell of it."""

    def __init__(self, root: Path, free: int = 8 * GB) -> None:
        self.root = root
        self.write("proc/meminfo", f"MemTotal: 9 kB\nMemAvailable:  {free // 1024} kB\n")
        self.write("proc/self/status", f"VmRSS:\t{GB // 1024} kB\nVmSize:\t{2 * GB // 1024} kB\n")

    def write(self, name: str, text: object) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(text), encoding="utf-8")

    def left(self) -> int:
        """What the process may still take, in GB."""
        return round((available(self.root) - GB) / GB)


def test_what_is_free_counts_and_what_the_process_has_already(tmp_path):
    assert Machine(tmp_path).left() == 8


def test_every_group_above_may_be_the_narrow_one(tmp_path):
    """Inside 6 of 7 GB are taken, 2 of them cached files; outside 9 of 12."""
    machine = Machine(tmp_path)
    machine.write("proc/self/cgroup", "0::/office/solve\n")
    group = "sys/fs/cgroup/office"
    machine.write(f"{group}/solve/memory.max", 7 * GB)
    machine.write(f"{group}/solve/memory.current", 6 * GB)
    machine.write(f"{group}/solve/memory.stat", f"anon 1\ninactive_file {2 * GB}\n")
    assert machine.left() == 3
    machine.write(f"{group}/memory.max", 12 * GB)
    machine.write(f"{group}/memory.current", 10 * GB)
    assert machine.left() == 2
    machine.write(f"{group}/memory.max", "max\n")
    assert machine.left() == 3


def test_groups_of_the_older_kind_are_read_too(tmp_path):
    machine = Machine(tmp_path)
    machine.write("proc/self/cgroup", "5:cpu:/a\n4:memory:/gone\n")
    machine.write("sys/fs/cgroup/memory/memory.limit_in_bytes", 5 * GB)
    machine.write("sys/fs/cgroup/memory/memory.usage_in_bytes", GB)
    assert machine.left() == 4


def test_a_system_that_tells_nothing_refuses_nothing(tmp_path):
    assert available(tmp_path) >= 1 << 59


def test_a_limit_of_the_address_space_counts(tmp_path):
    """As `ulimit -v` sets it, in a process of its own."""
    Machine(tmp_path)
    code = (
        "import resource, sys; from pathlib import Path\n"
        "resource.setrlimit(resource.RLIMIT_AS, (5 * 10**9, resource.RLIM_INFINITY))\n"
        "from matching.foreseen import available\n"
        "print(available(Path(sys.argv[1])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert round(int(done.stdout) / GB) == 4


def foreseen_and_taken(*words: str) -> tuple[int, int]:
    command = [sys.executable, "-m", "tests.matching.peaks", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    foreseen, taken = map(int, done.stdout.split())
    return foreseen, taken


@pytest.mark.parametrize("round_", ["county 300 merged quick", "thin 100 merged quick"])
def test_what_is_foreseen_is_neither_below_nor_twice_what_it_took(round_):
    foreseen, taken = foreseen_and_taken(*round_.split())
    assert taken <= foreseen <= 2 * taken


@pytest.mark.slow
@pytest.mark.parametrize(
    "round_",
    [
        "county 1000 merged standard",
        "county 5000 merged standard",
        "county 5000 hours-first quick",
        "county-minima 2000 hours-first quick",
        "thin 2000 merged quick",
        "huge 5000 hours-first quick",
        "tiny 3000 merged standard",
        "ties 3000 merged quick",
        "long 3000 merged quick",
        "every-rule 1000 hours-first quick",
        "province 20000 merged quick",
        "province 100000 merged quick",
        "province 300000 merged quick",
    ],
)
def test_what_is_foreseen_holds_for_every_kind_and_size(round_):
    foreseen, taken = foreseen_and_taken(*round_.split())
    assert taken <= foreseen <= 2 * taken
