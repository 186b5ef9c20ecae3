"""The floors of the house: who may import whom, checked on the source text."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("matching", "diagnostics", "catalog", "api")
MAY_IMPORT = {
    "matching": set(),
    "matching.rounds": {"matching", "diagnostics", "catalog"},
    "catalog": set(),
    "diagnostics": {"catalog"},
    "api": {"matching", "matching.rounds", "diagnostics", "catalog"},
}


def floor_of(module: str) -> str | None:
    """Return the floor a dotted module name belongs to, or None when it is not ours."""
    first = module.split(".")[0]
    if first not in ROOMS:
        return None
    return "matching.rounds" if module.startswith("matching.rounds") else first


def imported(path: Path) -> set[str]:
    """Return every floor that a file imports, inside functions too."""
    floors = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        floors |= {floor for name in names if (floor := floor_of(name))}
    return floors


def files_on(floor: str) -> list[Path]:
    """Return the files of a floor; the engine is `matching` without `rounds`."""
    files = (ROOT / floor.replace(".", "/")).rglob("*.py")
    if floor == "matching":
        return [path for path in files if "rounds" not in path.relative_to(ROOT).parts]
    return list(files)


@pytest.mark.parametrize("floor", MAY_IMPORT)
def test_no_room_imports_from_a_floor_above(floor):
    for path in files_on(floor):
        assert imported(path) <= MAY_IMPORT[floor] | {floor}, path


def test_the_floor_test_sees_a_forbidden_import(tmp_path):
    """Negative control: an engine file that reaches up into rounds is noticed."""
    file = tmp_path / "bad.py"
    file.write_text(
        "def f():\n    from matching.rounds import assemble\n    import catalog.terms\n"
    )
    assert imported(file) == {"matching.rounds", "catalog"}


@pytest.mark.parametrize("room", ROOMS)
def test_the_rooms_are_ours(room):
    """A stranger's package of the same name would shadow ours silently."""
    assert Path(__import__(room).__file__).parent == ROOT / room


def test_no_backend_imports_a_rule():
    """Backends know compiled primitives only, so a new rule needs no change there."""
    for path in (ROOT / "matching" / "backends").rglob("*.py"):
        assert "matching.rules" not in path.read_text(encoding="utf-8"), path
