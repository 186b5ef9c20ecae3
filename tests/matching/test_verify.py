"""The second text of the rules: it agrees with the referee, and is read without any of our code."""

import ast
import json
import re
import string
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import check, files, rules, schema, verify
from matching.generate import generate
from matching.goals import GOALS
from matching.instance import Instance
from matching.problem import Problem
from matching.result import Result
from matching.settings import Settings
from matching.solve import solve
from tests.matching.counties import counties
from tests.matching.factories import seats_at
from tests.matching.rules.test_registry import ORDER, TEMPTATION, best_of
from tests.matching.sixty import shuffled
from tests.matching.test_watch import Listener

FILE = Path(verify.__file__)
COUNTIES = settings(derandomize=True, deadline=None, max_examples=200)
FEW = settings(COUNTIES, max_examples=30)
MANY = settings(derandomize=True, deadline=None, max_examples=500)


def read_anew(instance: Instance) -> verify.Instance:
    """Return the instance as verify reads it: from cells, not from our arrays."""
    rows = {
        table.name: [
            dict(zip([c.name for c in table.columns], cells, strict=True))
            for cells in instance.raw_rows(table.name)
        ]
        for table in schema.TABLES
    }
    return verify.Instance(dict(instance.meta), rows)


def judged(instance: Instance, seats) -> set[tuple[str, str, int, int]]:
    """Return every breach that verify tells."""
    case = verify.Case(read_anew(instance), [tuple(asdict(seat).values()) for seat in seats])
    return {(code, *found) for code, rule in verify.RULES.items() for found in rule(case)}


def refereed(instance: Instance, seats) -> set[tuple[str, str, int, int]]:
    return {(b.rule, b.subject, b.found, b.allowed) for b in check.check(instance, seats)}


def failed(path: Path, result: Path | None = None) -> set[str]:
    """Return the codes of the checks that do not hold."""
    return {each.code for each in verify.verify(path, result) if each.problems}


# --- two texts, one meaning ------------------------------------------------------------------------


@COUNTIES
@given(counties(), st.data())
def test_on_seats_drawn_at_random_both_name_the_same_breaches(county, data):
    instance = Instance.from_rows(*county)
    arcs = [arc for arc in range(len(instance["choices"])) if data.draw(st.booleans())]
    seats = seats_at(instance, arcs)
    assert judged(instance, seats) == refereed(instance, seats)


@COUNTIES
@given(counties(), st.data())
def test_on_seats_drawn_at_random_both_measure_the_same_goals(county, data):
    instance = Instance.from_rows(*county)
    arcs = [arc for arc in range(len(instance["choices"])) if data.draw(st.booleans())]
    seats = seats_at(instance, arcs)
    case = verify.Case(read_anew(instance), [tuple(asdict(seat).values()) for seat in seats])
    assert {code: goal(case) for code, goal in verify.GOALS.items()} == check.measure(
        instance, seats
    )


@pytest.mark.parametrize("code", ORDER)
def test_a_planted_breach_of_every_rule_is_named(code, monkeypatch):
    """The answer that only leaving the rule out allows."""
    instance = TEMPTATION[code].build()
    assert judged(instance, best_of(instance)) == set()
    monkeypatch.setattr(rules, "RULES", tuple(r for r in rules.RULES if r.code != code))
    assert {found[0] for found in judged(instance, best_of(instance))} == {code}


def passes(instance: Instance, folder: Path) -> Result:
    result = solve(instance, Settings(effort="quick", reasons=False))
    files.write_instance(instance, folder)
    files.write_result(result, folder)
    assert failed(folder) == set()
    return result


@FEW
@given(counties())
def test_30_honest_rounds_pass(tmp_path_factory, county):
    passes(Instance.from_rows(*county), tmp_path_factory.mktemp("round"))


@pytest.mark.slow
@MANY
@given(counties())
def test_500_honest_rounds_pass(tmp_path_factory, county):
    passes(Instance.from_rows(*county), tmp_path_factory.mktemp("round"))


@pytest.mark.parametrize("kind", ["every-rule", "huge", "thin", "tiny"])
def test_an_honest_round_of_a_generated_kind_passes(kind, tmp_path):
    """Larger menus than those of the counties; every tier has leaves that prove its bound."""
    result = passes(generate(kind, 12, 1, "hours-first"), tmp_path)
    assert all(goal.proof in ("prices", "exact") for goal in result.goals)
    assert all(result.certificate)


@pytest.mark.parametrize("steps", [1, 5, 9, 20])
def test_the_bounds_of_a_stopped_solve_are_proved_too(steps, tmp_path):
    """Tiers left out are bounded by everybody's best, those begun by the cases still open."""
    instance = shuffled(0)
    result = solve(instance, Settings(effort="quick", reasons=False), Listener(steps))
    assert result.status == "stopped"
    assert all(result.certificate)
    files.write_instance(instance, tmp_path)
    files.write_result(result, tmp_path)
    assert failed(tmp_path) == set()


# --- one file, complete, and nobody's pupil --------------------------------------------------------


def test_every_rule_and_goal_has_a_function_in_verify():
    assert list(verify.RULES) == [rule.code for rule in rules.RULES]
    assert set(verify.GOALS) == set(GOALS)
    assert set(verify.GAINS) == {code for code, goal in GOALS.items() if goal.sense == "max"}


def test_a_rule_without_a_function_is_noticed(monkeypatch):
    """Negative control: a rule added to matching.rules alone."""
    monkeypatch.setattr(rules, "RULES", (*rules.RULES, rules.RULES[0]))
    with pytest.raises(AssertionError):
        test_every_rule_and_goal_has_a_function_in_verify()


def imports(text: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


def test_it_imports_the_standard_library_only():
    assert imports(FILE.read_text(encoding="utf-8")) <= sys.stdlib_module_names
    assert not imports("from matching import check\nimport numpy.linalg") <= sys.stdlib_module_names


def test_its_tables_are_those_of_the_format():
    """Columns, keys, defaults and references, word for word in two places."""
    assert list(verify.COLUMNS) == [table.name for table in schema.TABLES]
    for table in schema.TABLES:
        for ours, theirs in zip(table.columns, verify.COLUMNS[table.name], strict=True):
            assert ours.name == theirs.name
            assert (ours.name in table.key) == theirs.key
            assert (ours.kind in ("integer", "flag")) == theirs.whole
            assert ours.default == theirs.default
            assert (ours.table or None) == verify.REFERENCES.get(ours.name)


def test_every_sentence_has_both_languages():
    def fields(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for zh, en in verify.WORDS.values():
        assert fields(zh) == fields(en)
    assert set(verify.TITLES) >= set(verify.RULES)


# --- by path, on the example that everybody copies -------------------------------------------------


def tiny() -> Problem:
    """Two teachers, one good seat, a quota and hours due."""
    round_ = Problem(seed="s", round_id="r").section("A", capacity=1, minutes=60, fee_fen=5)
    round_.section("B", capacity=2, minutes=60, minimum=1, meets=["2026-08-03 am"])
    round_.row("requirements", id="all").row("quotas", id="q", maximum=2)
    round_.teacher("Li", ranks=["A", "B"], due={"all": 60}, most_sections=1)
    return round_.teacher("Ma", ranks=["A", "B"], due={"all": 60}, most_sections=1)


@pytest.fixture
def folder(tmp_path) -> Path:
    instance = tiny().build()
    files.write_instance(instance, tmp_path / "round")
    files.write_result(solve(instance), tmp_path / "round")
    return tmp_path / "round"


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess:
    """Run the file as a stranger would: in another folder, without our packages."""
    command = [sys.executable, "-I", "-S", FILE, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", check=False)


def test_a_good_round_exits_with_0_and_tells_each_check(folder, tmp_path):
    done = run(folder, "--lang", "en", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(
        r"welfare: reached (\d+), proved bound \1, gap 0.0000% \(cases: 1\)", done.stdout
    )
    lines = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert len(lines) == len(verify.verify(folder)) + 1
    assert lines[-1].startswith(f"All {len(lines) - 1} checks hold; in 0 of them")


def test_a_changed_seat_exits_with_1_and_is_named(folder, tmp_path):
    seats = folder / "seats.csv"
    seats.write_text(seats.read_text().replace("Li,", "Ma,"))
    done = run(folder, "--lang", "zh", cwd=tmp_path)
    assert done.returncode == 1
    assert "Ma：实为 2，应为 1" in done.stdout
    told = json.loads(run(folder, "--json", cwd=tmp_path).stdout)
    wrong = {each["code"]: each["problems"] for each in told if each["problems"]}
    assert wrong["most_sections"] == [{"subject": "Ma", "found": 2, "expected": 1}]
    assert "result_digests" in wrong


def test_what_cannot_be_read_exits_with_2(folder, tmp_path):
    (folder / "seats.csv").unlink()
    for path in (folder, tmp_path / "nothing"):
        done = run(path, "--lang", "en", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr
        assert "cannot be read" in done.stderr


def test_rows_in_any_order_and_a_zip_and_one_json_are_the_same_round(folder, tmp_path):
    lines = (folder / "choices.csv").read_text().splitlines()
    (folder / "choices.csv").write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    assert failed(folder) == set()
    instance = files.read_instance(folder)
    files.write_instance(instance, tmp_path / "i.zip")
    files.write_instance(instance, tmp_path / "i.json")
    assert failed(tmp_path / "i.zip", folder) == failed(tmp_path / "i.json", folder) == set()


def test_a_tier_of_several_weighted_goals_is_told_in_points(tmp_path):
    round_ = Problem(tiers=({"welfare": 3, "cost": 2}, {"cost": 2})).section(
        "A", capacity=1, fee_fen=7
    )
    instance = round_.teacher("Li", ranks=["A"]).build()
    files.write_instance(instance, tmp_path)
    files.write_result(solve(instance), tmp_path)
    assert failed(tmp_path) == set()
