"""`python -m matching` on the example that docs/format.md tells everybody to copy."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from matching import files
from matching.__main__ import main


@pytest.fixture
def example(tmp_path) -> Path:
    """Save the example as a reader of the page would."""
    text = Path("docs/format.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "my-round.json"
    path.write_text(block, encoding="utf-8")
    return path


@pytest.fixture
def solved(example, tmp_path, capsys) -> Path:
    assert main(["solve", str(example), "--out", str(tmp_path / "RESULT")]) == 0
    capsys.readouterr()
    return tmp_path / "RESULT"


def test_the_example_of_the_page_is_solved_as_the_page_says(example, solved):
    """Li receives B and Wang receives A: so both reach their 8 hours."""
    result = files.read_result(solved)
    assert [(seat.teacher, seat.section) for seat in result.seats] == [("Li", "B"), ("Wang", "A")]
    assert (result.goals[0].code, result.goals[0].value) == ("hours_short", 0)


@pytest.mark.parametrize(("lang", "word"), [("zh", "状态"), ("en", "status")])
def test_solve_tells_status_goals_and_digest(example, lang, word, capsys):
    assert main(["--lang", lang, "solve", str(example), "--effort", "quick"]) == 0
    told = capsys.readouterr().out
    assert word in told
    assert "hours_short" in told
    assert re.search("[0-9a-f]{64}", told)


def test_it_runs_as_a_command(example):
    """Solving the same file in another process tells the same digest."""
    done = subprocess.run(
        [sys.executable, "-m", "matching", "--lang", "en", "solve", str(example)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "status optimal, 2 seats" in done.stdout


def test_what_a_library_prints_goes_to_standard_error():
    """A solver's library now and then writes a line of its own, which would spoil `--json`."""
    lines = (
        "import os, matching.__main__ as m",
        "m._kept_apart()",
        "os.write(1, b'noise')",
        "print(1)",
    )
    run = subprocess.run([sys.executable, "-c", "; ".join(lines)], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("1\n", "noise")


def test_check_finds_everything_right(example, solved, capsys):
    assert main(["--lang", "en", "check", str(example), str(solved)]) == 0
    assert "recomputed and right: 2 seats" in capsys.readouterr().out


def rewrite(solved: Path, **changes) -> None:
    """Write the result anew, with all its digests, but with something changed in it."""
    from dataclasses import replace

    files.write_result(replace(files.read_result(solved), **changes), solved)


def test_verify_rechecks_the_files_with_the_stdlib_only_program(example, solved, capsys):
    assert main(["verify", str(example), str(solved), "--json"]) == 0
    checks = json.loads(capsys.readouterr().out)
    assert len(checks) > 10
    seats = solved / "seats.csv"
    seats.write_text(seats.read_text(encoding="utf-8").replace("Li,B", "Li,A"), encoding="utf-8")
    assert main(["--lang", "en", "verify", str(example), str(solved)]) == 1


def test_a_result_that_breaks_a_rule_is_refused(example, solved, capsys):
    """Both in A's one seat, and Wang where he is busy."""
    from matching.result import Seat

    seats = (Seat("Li", "A", 1), Seat("Wang", "A", 1))
    rewrite(solved, seats=seats)
    assert main(["--lang", "en", "check", str(example), str(solved)]) == 1
    told = capsys.readouterr().out
    assert "rule seat_capacity is broken: A has 2, allowed are 1" in told


def test_a_goal_stated_wrongly_is_refused(example, solved, capsys):
    from dataclasses import replace

    first, *others = files.read_result(solved).goals
    rewrite(solved, goals=(replace(first, value=480), *others))
    assert main(["--lang", "en", "check", str(example), str(solved)]) == 1
    assert "hours_short is stated as 480, the seats come to 0" in capsys.readouterr().out


def test_a_tampered_file_is_noticed(example, solved, capsys):
    seats = solved / "seats.csv"
    seats.write_text(seats.read_text(encoding="utf-8").replace("Li,B", "Li,A"), encoding="utf-8")
    assert main(["check", str(example), str(solved)]) == 2
    assert "seats.csv" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "explain"])
def test_the_result_of_another_instance_is_refused(command, example, solved, capsys):
    other = json.loads(example.read_text(encoding="utf-8"))
    other["tables"]["sections"][0]["capacity"] = 2
    example.write_text(json.dumps(other), encoding="utf-8")
    assert main(["--lang", "en", command, str(example), str(solved)]) == 1
    assert "does not belong to this instance" in capsys.readouterr().out


def test_explain_tells_why_a_choice_was_not_received(example, solved, capsys):
    assert main(["--lang", "en", "explain", str(example), str(solved), "Li"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Li A: it is full (1 of 1 seats)")
    assert main(["explain", str(example), str(solved), "Wang"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["--lang", "en", "explain", str(example), str(solved), "Nobody"]) == 1
    assert "no teacher Nobody" in capsys.readouterr().out


def test_what_cannot_be_met_exits_with_1_and_says_what_clashes(example, capsys):
    """Wang's and Li's hours are made strict, and A loses its seat."""
    round_ = json.loads(example.read_text(encoding="utf-8"))
    round_["tables"]["requirements"][0]["strict"] = 1
    round_["tables"]["sections"][0]["capacity"] = 0
    example.write_text(json.dumps(round_), encoding="utf-8")
    assert main(["--lang", "en", "solve", str(example)]) == 1
    told = capsys.readouterr().out
    assert "status infeasible" in told
    assert "Capacities of" in told


@pytest.mark.parametrize(
    ("content", "words"), [(None, "nowhere.json"), ("{", "nowhere.json"), ("{}", "expected")]
)
def test_wrong_input_exits_with_2_and_one_line(tmp_path, content, words, capsys):
    path = tmp_path / "nowhere.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert main(["solve", str(path)]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert len(told.splitlines()) == 1
    assert "Traceback" not in told
