"""Columns put aside say the same, and need no memory while nobody looks at them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest

from matching import aside
from matching.foreseen import MB, _own


def test_a_long_column_put_aside_says_the_same_and_a_short_one_stays():
    column = np.arange(aside.LONG, dtype=np.int16).reshape(2, -1)
    found = aside.put_aside(column)
    assert found is not column
    assert found.dtype == column.dtype
    assert np.array_equal(found, column)
    assert aside.put_aside(column[0, :9]).base is column.base


def test_where_the_disk_has_no_room_the_column_stays_in_memory(monkeypatch):
    def full():
        raise OSError("no space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    column = np.arange(aside.LONG, dtype=np.int16)
    assert aside.put_aside(column) is column


def test_what_was_read_is_let_go_and_read_again():
    if not Path("/proc/self/status").exists():
        pytest.skip("only Linux tells how much of a file a process holds")
    column = aside.put_aside(np.ones(40 * MB, np.int8))
    assert column.sum() == 40 * MB
    held = _own(Path("/"))["RssFile"]
    aside.rest()
    assert _own(Path("/"))["RssFile"] < held - 35 * MB
    assert column.sum() == 40 * MB
