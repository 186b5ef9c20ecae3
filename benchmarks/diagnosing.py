"""One diagnosis after the other over HTTP: how long a teacher waits for each answer.

`python -m benchmarks.diagnosing [--add]` serves a county with the real server and lets teachers one
after the other begin a diagnosis, look at the question, answer until it ends, read the profile and
the menu. The first teacher warms the server up and is not counted.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import http as server
from benchmarks import rows

NAME = "diagnosis over HTTP, one teacher at a time, SQLite"
TEACHERS = 120


class Teacher:
    """One teacher with her token on one connection, and how long each of her requests took."""

    def __init__(self, port: int, token: str, waits: dict[str, list[float]]) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._token = token
        self._waits = waits

    def ask(self, name: str, method: str, path: str, body: Any = None, match: int = 0) -> Any:
        """Send a request, note its wait under a name and return the answer."""
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"bench-{time.monotonic_ns()}",
            "If-Match": f'"{match}"',
        }
        begun = time.perf_counter()
        self._line.request(method, f"/api/v1{path}", body and json.dumps(body), headers)
        answer = self._line.getresponse()
        told = answer.read()
        self._waits.setdefault(name, []).append(1000 * (time.perf_counter() - begun))
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {told!r}")
        return json.loads(told)

    def diagnose(self, chance: random.Random) -> int:
        """Answer until the diagnosis ends; return how many questions there were."""
        told = self.ask("begin", "POST", "/diagnoses", {"framework": "common"})
        path = f"/diagnoses/{told['id']}"
        while told["question"]:
            self.ask("next item", "GET", path)
            options = len(told["question"]["options"])
            given = {"item": told["question"]["item"], "option": chance.randint(1, options)}
            told = self.ask("answer", "POST", f"{path}/answers", given, told["version"])
        self.ask("profile", "GET", f"{path}/profile")
        self.ask("menu", "GET", f"/rounds/{server.ROUND}/menu")
        return int(told["version"])


def run(teachers: int = TEACHERS) -> dict[str, float]:
    """Return the waits, in milliseconds, and how many questions were asked."""
    waits: dict[str, list[float]] = {}
    asked = []
    with (
        tempfile.TemporaryDirectory() as place,
        server.county(Path(place), teachers + 1) as made,
        server.serving(made.file) as served,
    ):
        for number, token in enumerate(made.tokens):
            asked.append(Teacher(served.port, token, waits).diagnose(random.Random(number)))
            if number == 0:
                waits.clear()
    found = {"teachers": float(teachers), "mean_questions": sum(asked) / len(asked)}
    for name, each in waits.items():
        each.sort()
        found[f"{name}_p50_ms"] = each[len(each) // 2]
        found[f"{name}_p99_ms"] = each[int(0.99 * (len(each) - 1))]
    return found | {"load_of_the_machine": os.getloadavg()[0]}


def tables() -> Iterator[tuple[str, dict[str, float]]]:
    """Yield the row."""
    yield NAME, run()


def main() -> None:
    """Show the row, and add it to RESULTS.md if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.diagnosing", description=__doc__)
    parser.add_argument("--add", action="store_true", help="add the row to RESULTS.md")
    asked = parser.parse_args()
    for name, figures in tables():
        (rows.add if asked.add else rows.show)(name, figures)


if __name__ == "__main__":
    main()
