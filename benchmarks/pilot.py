"""Round 1 of the pilot: how long, how far from the proved bound, beside first come.

`instance()` imports `examples/pilot` into a fresh SQLite file and assembles round 1, `run(effort,
instance)` solves it. `python -m benchmarks.pilot 3` does both for 3 zones of 400 teachers.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

SHEETS = Path(__file__).parents[1] / "examples" / "pilot"


def instance(folder: Path = SHEETS):
    """Return round 1 of the sheets in a folder, imported as users import them."""
    from sqlmodel import Session, SQLModel, create_engine

    from api.sheets import all_kinds, files_in
    from catalog.importing import history
    from catalog.importing.plan import plan
    from catalog.importing.reader import read_book
    from catalog.importing.recognise import recognise
    from catalog.importing.rows import read_sheet
    from matching.rounds import store
    from matching.rounds.assemble import assemble
    from matching.rounds.needs import gains
    from matching.rounds.settings_file import read_settings

    settings = read_settings(folder / "round.toml")
    kinds = all_kinds()
    books = [(recognise(book, kinds), book) for book in map(read_book, files_in([folder]))]
    with tempfile.TemporaryDirectory() as place:
        engine = create_engine(f"sqlite:///{place}/pilot.db")
        SQLModel.metadata.create_all(engine)
        with Session(engine) as session:
            for kind, book in sorted(books, key=lambda pair: kinds.index(pair[0])):
                history.apply(session, plan(session, kind, read_sheet(book, kind)))
            stored = store.load(session, settings)
            gain = gains(stored, settings)
            assembled = assemble(stored, settings, last=False, gain=gain)
        engine.dispose()
    return assembled.instance


def run(effort: str, problem) -> dict[str, float]:
    """Solve one instance and return seconds, gap and memory."""
    from matching.settings import Settings
    from matching.solve import solve

    started = time.perf_counter()
    cpu = time.process_time()
    result = solve(problem, Settings(effort=effort))
    welfare = next(goal for goal in result.goals if goal.code == "welfare")
    return {
        "teachers": len(problem.teacher_ids),
        "seats": len(result.seats),
        "welfare": welfare.value,
        "bound": welfare.bound,
        "gap_percent": 100 * welfare.gap,
        "gap_of_published_prices_percent": 100 * (welfare.price_bound / welfare.value - 1),
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def scaled(zones: int):
    """Return round 1 of a county of several zones, drawn now."""
    from examples.pilot.make import make

    with tempfile.TemporaryDirectory() as place:
        make(Path(place), scale=zones)
        return instance(Path(place))


if __name__ == "__main__":
    for name, value in run("standard", scaled(int(sys.argv[1]))).items():
        print(f"{name:36} {value:14.4f}")
