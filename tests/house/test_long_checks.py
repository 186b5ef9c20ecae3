"""What takes long is in one table, and one target runs all of it."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "long-checks.md"


def slow(path: Path) -> list[str]:
    """Return the tests of a file that are marked slow, in all or some of their cases."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    return [
        f"{path.relative_to(ROOT).as_posix()}::{one.name}"
        for one in functions
        if any("mark.slow" in ast.unparse(mark) for mark in one.decorator_list)
    ]


def test_every_long_check_is_in_the_table_with_its_time():
    marked = {name for path in (ROOT / "tests").rglob("test_*.py") for name in slow(path)}
    rows = re.findall(
        r"^\| `(tests/[^`]+)` \| (.+) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), flags=re.M
    )
    assert {name for name, _, _ in rows} == marked
    assert all(shows.strip() and time.strip() for _, shows, time in rows)


def test_one_target_runs_all_of_them():
    """It names no file, so that a long check of tomorrow runs too."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"^test-long:.*\n\t(.*)$", makefile, flags=re.M)
    assert recipe.endswith("pytest -n $(PYTEST_WORKERS) -m slow")


def test_a_mark_inside_a_case_is_seen(tmp_path, monkeypatch):
    """Negative control for the look itself: of three tests two are slow, one of them in one case."""
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (file := tmp_path / "test_x.py").write_text(
        "@pytest.mark.slow\ndef test_a(): ...\n"
        "@pytest.mark.parametrize('n', [1, pytest.param(2, marks=pytest.mark.slow)])\n"
        "def test_b(n): ...\n"
        "def test_c(): ...\n"
    )
    assert slow(file) == ["test_x.py::test_a", "test_x.py::test_b"]
