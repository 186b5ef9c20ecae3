"""A part survives the way to a worker, and nobody's changes reach anybody else."""

from __future__ import annotations

import numpy as np

from matching.backends.lists import Lists
from matching.shards.packing import ALIGNED, packed, read_part, unpacked, write_part

PART = {
    "lists": Lists(np.arange(4), np.arange(3, dtype=np.int32), np.zeros(0, np.int64)),
    "must": np.array([True, False, True]),
    "is_flat": True,
}


def same(one, other):
    return all(a.dtype == b.dtype and (a == b).all() for a, b in zip(one, other, strict=True))


def test_a_part_comes_back_as_it_was(tmp_path):
    size = write_part(PART, tmp_path / "part")
    assert size == (tmp_path / "part").stat().st_size
    found = read_part(tmp_path / "part")
    assert same(found["lists"], PART["lists"])
    assert (found["must"] == PART["must"]).all()
    assert found["is_flat"] is True


def test_arrays_are_what_the_compiled_search_expects(tmp_path):
    """Another alignment or read-only arrays would make it compile once more in every worker."""
    write_part(PART, tmp_path / "part")
    for array in read_part(tmp_path / "part")["lists"]:
        assert array.flags.writeable
        assert array.flags.aligned
        assert array.flags.c_contiguous
        assert array.ctypes.data % ALIGNED == 0 or not array.size


def test_what_one_reader_writes_no_other_sees(tmp_path):
    write_part(PART, tmp_path / "part")
    one, other = (read_part(tmp_path / "part") for _ in range(2))
    one["lists"].edges[:] = 7
    assert other["lists"].edges.tolist() == [0, 1, 2, 3]
    assert read_part(tmp_path / "part")["lists"].edges.tolist() == [0, 1, 2, 3]


def test_bytes_in_memory_do_as_well():
    found = unpacked(bytearray(b"".join(packed(PART))))
    assert same(found["lists"], PART["lists"])
