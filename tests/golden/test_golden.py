"""Every release leaves one archived round here; today's program rechecks all of them, for ever."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from matching import verify

BUNDLES = sorted(Path(__file__).parent.glob("round-*.zip"))
MOST_BYTES = 60_000


def test_there_is_one():
    assert BUNDLES


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem)
def test_todays_program_rechecks_it(path):
    checks = verify.verify(path)
    assert [check for check in checks if check.problems] == []
    looked = {check.code: check.looked for check in checks}
    assert min(looked[code] for code in ("tables", "entries", "final", "hours", "choices")) > 0
    assert path.stat().st_size <= MOST_BYTES


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem)
def test_the_program_of_its_own_day_still_runs(path, tmp_path):
    with zipfile.ZipFile(path) as bundle:
        bundle.extract("verify.py", tmp_path)
    command = [sys.executable, "-I", "-S", tmp_path / "verify.py", path]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
