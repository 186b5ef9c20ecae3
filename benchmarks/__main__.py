"""`make bench`: measure everything and add one row per figure to benchmarks/RESULTS.md."""

from __future__ import annotations

from benchmarks import compact, engine, http, importing, pilot, recheck, rows, straight_ways, writer


def main() -> None:
    """Run every benchmark and write its row; rows that got worse stay."""
    rows.add("import 10,000 teachers", importing.run())
    rows.add(writer.NAME, writer.run())
    rows.add(http.NAME, http.run())
    rows.add(http.NAME_RUSH, http.rush())
    for name, figures in engine.tables(large=True):
        rows.add(name, figures)
    for name, figures in recheck.tables():
        rows.add(name, figures)
    for name, figures in straight_ways.tables():
        rows.add(name, figures)
    problem = pilot.instance()
    for effort in ("quick", "standard"):
        rows.add(f"pilot, round 1, {effort}", pilot.run(effort, problem))
    rows.add("pilot, round 1, compact model in CP-SAT", compact.run(problem, units=60))


main()
