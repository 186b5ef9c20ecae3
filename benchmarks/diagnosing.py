"""One diagnosis after the other over HTTP: how long a teacher waits for each answer.

`python -m benchmarks.diagnosing [--counties 400 10000] [--add]` serves counties in which everybody has
answered already with the real server, and lets teachers one after the other begin a diagnosis, look at
the question, answer until it ends, read the profile, the menu and all that is ranked, and answer
whether they would rather take A or B. Every other one looks at the menu before the profile: whichever
comes first weighs her answers. The first teacher warms the server up and is not counted.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import http as server
from benchmarks import rows

TEACHERS = 120
COUNTIES = (400, 10_000)
ANSWERS = 31
"""Given by everybody else in the county before."""


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
        sent = None if body is None else json.dumps(body)
        self._line.request(method, f"/api/v1{path}", sent, headers)
        answer = self._line.getresponse()
        told = answer.read()
        self._waits.setdefault(name, []).append(1000 * (time.perf_counter() - begun))
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {told!r}")
        return json.loads(told)

    def diagnose(self, chance: random.Random, menu_first: bool) -> int:
        """Answer until the diagnosis ends and look at all of it; return how many questions there were."""
        told = self.ask("begin", "POST", "/diagnoses", {"framework": "common"})
        path = f"/diagnoses/{told['id']}"
        while told["question"]:
            self.ask("next item", "GET", path)
            options = len(told["question"]["options"])
            given = {"item": told["question"]["item"], "option": chance.randint(1, options)}
            told = self.ask("answer", "POST", f"{path}/answers", given, told["version"])
        looks = [("profile", f"{path}/profile"), ("menu", f"/rounds/{server.ROUND}/menu")]
        for name, look in reversed(looks) if menu_first else looks:
            self.ask(name, "GET", look)
        self.ask("ranked", "GET", f"/rounds/{server.ROUND}/menu/ranked")
        return int(told["version"])

    def prefer(self, chance: random.Random) -> None:
        """Answer which of two sections she would rather take, until nothing more is asked."""
        path = f"/rounds/{server.ROUND}/menu/questions"
        told = self.ask("begin questions", "POST", path, {})
        while told["question"]:
            self.ask("next question", "GET", path)
            pair = [told["question"][one]["section_id"] for one in ("one", "other")]
            chance.shuffle(pair)
            given = {"better": pair[0], "worse": pair[1]}
            told = self.ask("prefer", "POST", f"{path}/answers", given, told["version"])


def run(county: int, teachers: int = TEACHERS) -> dict[str, float]:
    """Return the waits in a county, in milliseconds, and how many questions were asked."""
    waits: dict[str, list[float]] = {}
    asked = []
    with tempfile.TemporaryDirectory() as place, server.county(Path(place), county) as made:
        answered(made.file, range(teachers + 1, county))
        with server.serving(made.file) as served:
            for number, token in enumerate(made.tokens[: teachers + 1]):
                her, chance = Teacher(served.port, token, waits), random.Random(number)
                asked.append(her.diagnose(chance, menu_first=number % 2 == 1))
                her.prefer(chance)
                if number == 0:
                    waits.clear()
    found = {"teachers": float(teachers), "mean_questions": sum(asked) / len(asked)}
    for name, each in waits.items():
        each.sort()
        found[f"{name}_p50_ms"] = each[len(each) // 2]
        found[f"{name}_p99_ms"] = each[int(0.99 * (len(each) - 1))]
    return found | {"load_of_the_machine": os.getloadavg()[0]}


def answered(file: Path, teachers: range) -> None:
    """Store a finished diagnosis of these teachers."""
    from sqlalchemy import insert
    from sqlmodel import Session

    from api.database import open_database
    from diagnostics.paper import paper
    from diagnostics.tables import DiagnosisRow, ItemAnswerRow

    asked = paper("common", "2")
    codes, chance = asked.pool.bank.items, random.Random(0)
    engine = open_database(file)
    with Session(engine) as session, session.begin():
        for n in teachers:
            row = DiagnosisRow(
                id=f"D{n}", teacher_id=f"T{n:05d}", framework="common",
                version=asked.questions.framework.version, seed="s", answers=ANSWERS,
                ended="stop_longest", opened_at="2026-06-01", ended_at="2026-06-01",
            )  # fmt: skip
            session.execute(insert(DiagnosisRow), [row.model_dump()])
            answers = [
                {"diagnosis_id": row.id, "number": at, "item": item, "option": 2, "at": ""}
                for at, item in enumerate(chance.sample(codes, ANSWERS), 1)
            ]
            session.execute(insert(ItemAnswerRow), answers)
    engine.dispose()


def tables(counties: Sequence[int] = COUNTIES) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield a row for each size of a county."""
    for county in counties:
        yield f"diagnosis over HTTP, one at a time, SQLite, {county:,} teachers", run(county)


if __name__ == "__main__":
    rows.main("diagnosing", __doc__, tables, counties=COUNTIES)
