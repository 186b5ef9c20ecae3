"""Twenty small rounds whose answers are written down, and the command that renews them.

`python -m tests.golden.rounds` (`make golden`) solves them anew, says what changed, and writes
`rounds.json`. Whoever changes the engine runs it and says in the commit why the answers changed.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matching.backends.frame import frame_of
from matching.backends.listable import is_listable
from matching.compile import compile_instance
from matching.generate import generate
from matching.instance import Instance
from matching.result import Result
from matching.schema import TABLES
from matching.settings import Effort, Settings
from matching.solve import solve

PLACE = Path(__file__).with_name("rounds.json")
ABOUT = (
    "Answers of tests/golden/rounds.py, made by `make golden`, replayed by "
    "tests/golden/test_rounds.py. A change of the engine may change them: renew them with "
    "`make golden` and say in the commit why."
)


@dataclass(frozen=True)
class Golden:
    """One round: how it is drawn, and with what effort it is solved.

    `most` keeps of every list only so many choices, and what may be assigned not at all, so that
    all bundles can be listed; 0 keeps everything.
    """

    kind: str
    teachers: int
    seed: int
    tiers: str
    effort: Effort
    most: int = 0

    @property
    def name(self) -> str:
        """What the round is called."""
        cut = f", {self.most} choices" if self.most else ""
        return f"{self.kind} {self.teachers}-{self.seed}{cut}, {self.tiers}, {self.effort}"

    def draw(self) -> Instance:
        """Draw the round."""
        drawn = generate(self.kind, self.teachers, self.seed, self.tiers)
        return shortened(drawn, self.most) if self.most else drawn

    def solve(self, instance: Instance) -> Result:
        """Solve it."""
        return solve(instance, Settings(effort=self.effort))


ROUNDS = (
    Golden("county", 60, 1, "merged", "quick"),
    Golden("county", 120, 2, "merged", "standard"),
    Golden("county", 60, 3, "merged", "long"),
    Golden("county", 60, 1, "hours-first", "quick"),
    Golden("county", 90, 2, "hours-first", "standard"),
    Golden("county", 150, 4, "merged", "standard", most=5),
    Golden("county-minima", 60, 1, "merged", "quick"),
    Golden("county-minima", 40, 2, "hours-first", "standard", most=6),
    Golden("county-minima", 60, 3, "hours-first", "quick", most=5),
    Golden("province", 80, 1, "merged", "standard"),
    Golden("huge", 120, 1, "merged", "quick"),
    Golden("huge", 80, 2, "hours-first", "standard"),
    Golden("tiny", 60, 1, "merged", "standard"),
    Golden("ties", 60, 1, "merged", "quick"),
    Golden("ties", 60, 2, "hours-first", "quick", most=6),
    Golden("thin", 120, 1, "merged", "standard"),
    Golden("thin", 60, 2, "hours-first", "quick"),
    Golden("long", 60, 1, "merged", "quick"),
    Golden("every-rule", 60, 3, "merged", "standard"),
    Golden("every-rule", 40, 2, "hours-first", "quick"),
)


def shortened(instance: Instance, most: int) -> Instance:
    """Return a round in which everybody has only her first choices."""
    rows = rows_of(instance)
    rows["choices"] = [
        row for row in rows["choices"] if row["kind"] == "chosen" and int(row["rank"]) <= most
    ]
    return Instance.from_rows(instance.meta, {**rows, "ties": [], "locks": []})


def rows_of(instance: Instance) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of all tables."""
    columns = {schema.name: [column.name for column in schema.columns] for schema in TABLES}
    return {
        table: [
            {name: cell for name, cell in zip(names, cells, strict=True) if cell != ""}
            for cells in instance.raw_rows(table)
        ]
        for table, names in columns.items()
    }


def answer(golden: Golden, instance: Instance, result: Result) -> dict[str, Any]:
    """Return what is written down of a round."""
    return {
        "round": golden.name,
        "listable": is_listable(frame_of(compile_instance(instance))),
        "instance": instance.digest,
        "status": result.status,
        "goals": [[goal.code, goal.value, goal.bound] for goal in result.goals],
        "seats": len(result.seats),
        "reasons": len(result.reasons),
        "result": result.digest,
    }


def written() -> dict[str, dict[str, Any]]:
    """Return what is written down, by the names of the rounds."""
    told = json.loads(PLACE.read_text(encoding="utf-8"))["rounds"] if PLACE.exists() else ()
    return {each["round"]: each for each in told}


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Say what is different about one round."""
    keys = [key for key in new if key != "round" and old.get(key) != new[key]]
    return [f"{new['round']}: {key} {old.get(key)} -> {new[key]}" for key in keys]


def main() -> None:
    """Solve every round anew, say what changed, and write everything down."""
    before, found = written(), []
    for golden in ROUNDS:
        instance = golden.draw()
        found.append(answer(golden, instance, golden.solve(instance)))
        for line in differences(before.get(golden.name, {}), found[-1]):
            sys.stdout.write(line + "\n")
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in found)
    text = f'{{"about": {json.dumps(ABOUT)},\n"rounds": [\n{lines}\n]}}\n'
    PLACE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
