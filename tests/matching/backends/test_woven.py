"""What is kept of compiled functions counts only while none of their files has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from matching.backends import woven


def test_every_file_with_compiled_functions_is_watched() -> None:
    """A function in a file left out could be changed while its callers stay as they were."""
    backends = Path(woven.__file__).parent
    users = {
        path.stem for path in backends.glob("*.py") if "backends.woven import" in path.read_text()
    }
    assert users
    assert users <= set(woven.COMPILED)
    assert all((backends / f"{name}.py").exists() for name in woven.COMPILED)


def test_another_text_of_one_file_has_another_stamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Change one watched file: whatever was kept is compiled again; undo it: it counts again."""
    for name in woven.COMPILED:
        (tmp_path / f"{name}.py").write_text("x = 1\n")
    monkeypatch.setattr(woven, "__file__", str(tmp_path / "woven.py"))
    before = woven.stamp.__wrapped__()
    (tmp_path / "laying.py").write_text("x = 2\n")
    assert woven.stamp.__wrapped__() != before
    (tmp_path / "laying.py").write_text("x = 1\n")
    assert woven.stamp.__wrapped__() == before
