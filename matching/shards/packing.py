"""Parts as bytes: arrays lie one after the other, so that a reader maps them instead of copying."""

from __future__ import annotations

import mmap
import pickle
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ALIGNED = 64
"""Arrays begin at multiples of so many bytes, as they do where numpy makes them."""

_HEAD = struct.Struct("<QQ")


def packed(part: object) -> Iterator[memoryview]:
    """Yield a part in pieces: how long each piece is, the part without its arrays, the arrays."""
    buffers: list[pickle.PickleBuffer] = []
    frame = pickle.dumps(part, protocol=5, buffer_callback=buffers.append)
    arrays = [buffer.raw() for buffer in buffers]
    sizes = struct.pack(f"<{len(arrays)}Q", *(array.nbytes for array in arrays))
    first = _HEAD.pack(len(arrays), len(frame)) + sizes + frame
    for piece in (memoryview(first), *arrays):
        yield piece
        yield memoryview(bytes(-piece.nbytes % ALIGNED))


def unpacked(content: bytearray | mmap.mmap) -> Any:
    """Return the part again; its arrays lie in `content` and may be written to if that may."""
    count, length = _HEAD.unpack_from(content)
    sizes = struct.unpack_from(f"<{count}Q", content, _HEAD.size)
    begin = _HEAD.size + 8 * count
    view = memoryview(content)
    frame = view[begin : begin + length]
    at, arrays = _padded(begin + length), []
    for size in sizes:
        arrays.append(view[at : at + size])
        at += _padded(size)
    return pickle.loads(frame, buffers=arrays)


def _padded(size: int) -> int:
    return size + -size % ALIGNED


def write_part(part: object, path: Path) -> int:
    """Write a part to a file and return its size."""
    with path.open("wb") as file:
        return sum(file.write(piece) for piece in packed(part))


def read_part(path: Path) -> Any:
    """Return the part of a file, mapped: all who read it share its pages until they write to one."""
    with path.open("rb") as file:
        return unpacked(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
