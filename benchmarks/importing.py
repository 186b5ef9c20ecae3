"""How long 10,000 teachers take from an .xlsx file into the database, and how much memory.

`run()` returns the seconds of each step and the peak of memory; `python -m benchmarks.importing`
prints them.
"""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path

TEACHERS = 10_000


def run(teachers: int = TEACHERS) -> dict[str, float]:
    """Read, check, plan and store a roster in a fresh SQLite file."""
    from catalog.importing.history import apply
    from catalog.importing.plan import plan
    from catalog.importing.rows import read_sheet
    from diagnostics.sheets import SHEETS

    kind = next(kind for kind in SHEETS if kind.slug == "teachers")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "teachers.xlsx"
        _write(path, kind, teachers)
        engine = _database(Path(folder) / "xuanke.db")
        times = [time.perf_counter()]
        with _session(engine) as session:
            parsed = read_sheet(path, kind)
            times.append(time.perf_counter())
            planned = plan(session, kind, parsed)
            times.append(time.perf_counter())
            batch = apply(session, planned)
            session.commit()
            times.append(time.perf_counter())
            again = plan(session, kind, parsed)
            times.append(time.perf_counter())
        engine.dispose()
    assert (batch.added, again.unchanged) == (teachers, teachers)
    steps = ("read", "check_and_plan", "store", "plan_again")
    seconds = {
        name: after - before for name, before, after in zip(steps, times, times[1:], strict=False)
    }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**seconds, "total": times[3] - times[0], "rows": teachers, "peak_mib": peak}


def _write(path: Path, kind, teachers: int) -> None:
    from catalog.importing.workbook import new_workbook

    with new_workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [column.zh for column in kind.columns])
        for number in range(teachers):
            cells = {column.key: column.example for column in kind.columns}
            cells |= {
                "id": f"T{number:05}",
                "name": f"教师{number}",
                "school_id": f"S{number % 50}",
            }
            cells["flags"] = ""
            sheet.write_row(number + 1, 0, [cells[column.key] for column in kind.columns])


def _database(path: Path):
    from sqlmodel import SQLModel, create_engine

    import diagnostics.tables  # noqa: F401 - the tables must be known

    engine = create_engine(f"sqlite:///{path}")
    SQLModel.metadata.create_all(engine)
    return engine


def _session(engine):
    from sqlmodel import Session

    from catalog import store

    session = Session(engine)
    unit = dict.fromkeys(("parent_id", "gb2260", "valid_from", "valid_to"))
    store.units.save(session, [unit | {"id": "U", "name": "县", "kind": "county"}])
    school = {"unit_id": "U", "stages": ["2"], "residence": "220", "staff": 200, "flags": []}
    school |= {"release_percent": None, "release_max": None}
    store.schools.save(session, [school | {"id": f"S{n}", "name": f"学校{n}"} for n in range(50)])
    session.commit()
    return session


if __name__ == "__main__":
    for name, value in run().items():
        print(f"{name:16} {value:10.2f}")
