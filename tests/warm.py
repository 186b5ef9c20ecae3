"""Compile the engine's search ahead of the tests: `python -m tests.warm`; what is compiled stays on disk.

It is compiled once for each width of the whole numbers in which a round's values fit. Each process
that met a width first would compile it anew, a minute of a core, while the tests run.
"""

from __future__ import annotations

from matching.generate import generate
from matching.instance import Instance
from matching.settings import Settings
from matching.solve import solve
from matching.watch import Watch
from tests.golden.rounds import rows_of

QUICK = Settings(effort="quick")


class Content(Watch):
    """Somebody who is content with what is found in a few steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def tell(self, progress) -> None:
        self.left -= 1

    def stopped(self) -> bool:
        return self.left <= 0


def dear(times: int) -> Instance:
    """Return a county in which every choice is worth so many times as many points."""
    drawn = generate("county", 60, 1)
    rows = rows_of(drawn)
    for row in rows["choices"]:
        row["points"] = int(row["points"]) * times
    return Instance.from_rows(drawn.meta, rows)


def main() -> None:
    solve(generate("county", 60, 1), QUICK)
    solve(dear(1_000), QUICK)
    solve(generate("county-minima", 60, 1), QUICK, Content(5))


if __name__ == "__main__":
    main()
