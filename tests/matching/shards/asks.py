"""A program that lets two workers wait for ever: `python -m tests.matching.shards.asks FOLDER`.

It leaves its workers' numbers and where their parts lie in FOLDER, and each worker a mark.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from matching.shards.choose import opened
from tests.matching.shards.tasks import name_itself, wait_for_ever


def main(place: Path) -> None:
    with opened("processes", 2, "auto") as engine:
        kept = engine.keep([np.arange(3), np.arange(4)])
        pids = engine.map(name_itself, [kept], [(), ()])
        (place / "about").write_text("\n".join([*map(str, pids), str(engine.folder)]))
        engine.map(wait_for_ever, [kept], [(str(place / f"mark{shard}"),) for shard in range(2)])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
