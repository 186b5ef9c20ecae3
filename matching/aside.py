"""Columns put aside in files without a name: memory that the system may take back at any time.

What a solve of very many choices reads only when it begins and when it ends would lie idle in
memory in between. Put aside, a column is read through the system's cache of files: what nobody
looks at needs no memory, and nothing has to be written when memory runs short.
"""

from __future__ import annotations

import mmap
import tempfile
from contextlib import suppress
from weakref import WeakSet

import numpy as np

from matching.columns import Numbers

LONG = 1 << 20
"""Columns of at least so many bytes are put aside."""

_files: WeakSet[mmap.mmap] = WeakSet()


def put_aside(column: Numbers) -> Numbers:
    """Return the same numbers read from a file, if there are many and the disk has room for them."""
    if column.nbytes < LONG:
        return column
    with suppress(OSError), tempfile.TemporaryFile() as file:
        file.write(np.ascontiguousarray(column).data)
        file.flush()
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        _files.add(mapped)
        return np.frombuffer(mapped, column.dtype).reshape(column.shape)
    return column


def rest() -> None:
    """Let go of what was read from columns put aside; it is read again when it is asked for."""
    for mapped in list(_files) if hasattr(mmap, "MADV_DONTNEED") else ():
        mapped.madvise(mmap.MADV_DONTNEED)
