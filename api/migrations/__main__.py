"""`make migration NUMBER=0003 TITLE="what changes"`: write the draft of a migration."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from api.migrations import upgrade, write

number, title = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    database = Path(folder) / "county.db"
    upgrade(database)
    write(database, number, title)
