"""The headline: first come beside the engine, on the same ballots."""

from __future__ import annotations

from statistics import median

from matching.rounds.exports.sheet import Cell
from matching.rounds.report.charts import Bar, Chart, Group, bars
from matching.rounds.report.desk import Desk, Part, Table
from matching.rounds.tallies import Spread
from matching.rounds.view import Outcome
from matching.rounds.words import number

MEASURES = ("short", "nothing", "under_minimum", "first")


def headline(desk: Desk) -> Part:
    """Return what first come and the engine make of the same ballots."""
    told = desk.told
    if not told.baseline:
        return Part("headline", desk.say("head_title"), (_alone(desk),), _table(desk), plain=True)
    sentences = (
        _lead(desk),
        *_cancelled(desk),
        desk.say("head_how", runs=len(desk.view.baseline), teachers=told.teachers),
    )
    return Part(
        id="headline",
        title=desk.say("head_title"),
        sentences=sentences,
        table=_table(desk),
        charts=(_measures(desk, sentences[0]), _ranks(desk)),
        notes=(desk.say("head_first_come"), *_assigned(desk)),
    )


def _lead(desk: Desk) -> str:
    short = desk.told.baseline["short"]
    return desk.say(
        "head_lead",
        target=desk.target,
        median=number(short.median),
        low=short.low,
        high=short.high,
        engine=desk.told.final.short,
    )


def _alone(desk: Desk) -> str:
    return desk.say("head_alone", target=desk.target, engine=desk.told.final.short)


def _assigned(desk: Desk) -> tuple[str, ...]:
    told = desk.told
    if not told.assigned:
        return (desk.say("head_none_assigned", seats=told.seats),)
    return (desk.say("head_assigned", assigned=told.assigned, seats=told.seats),)


def measure_word(desk: Desk, measure: str) -> str:
    """Return the label of a measure."""
    return desk.say(f"measure_{measure}", target=desk.target)


def _measures(desk: Desk, summary: str) -> Chart:
    unit = {name: desk.say(f"unit_{name}") for name in MEASURES}
    groups = [
        Group(
            measure_word(desk, name),
            (
                _come(desk, desk.told.baseline[name], unit[name]),
                Bar(
                    "engine",
                    getattr(desk.told.final, name),
                    f"{desk.say('way_engine')} {getattr(desk.told.final, name)} {unit[name]}",
                ),
            ),
        )
        for name in MEASURES
    ]
    return bars("chart-head", desk.say("head_measures"), summary, groups)


def _come(desk: Desk, spread: Spread, unit: str) -> Bar:
    text = desk.say(
        "come_value",
        way=desk.say("way_come"),
        median=number(spread.median),
        unit=unit,
        low=spread.low,
        high=spread.high,
    )
    return Bar("come", spread.median, text, spread.low, spread.high)


def _ranks(desk: Desk) -> Chart:
    """Draw seats received by rank, first come's median beside the engine."""
    unit = desk.say("unit_seats")
    groups = [
        Group(
            desk.say("rank", rank=rank),
            (
                Bar("come", come, f"{desk.say('way_come')} {number(come)} {unit}"),
                Bar("engine", engine, f"{desk.say('way_engine')} {engine} {unit}"),
            ),
        )
        for rank, come, engine in rank_pairs(desk)
    ]
    top = max((bar.value for group in groups for bar in group.bars), default=1)
    groups = [Group(group.label, _scaled(group.bars, top)) for group in groups]
    return bars("chart-ranks", desk.say("head_ranks"), desk.say("head_ranks"), groups)


def _scaled(group: tuple[Bar, ...], top: float) -> tuple[Bar, ...]:
    """Give every group the same scale, so that ranks compare."""
    return tuple(Bar(b.series, b.value, b.text, scale=top) for b in group)


def rank_pairs(desk: Desk) -> list[tuple[int, float, int]]:
    """Return rank, first come's median and the engine's seats."""
    come, engine = desk.told.baseline_ranks, desk.told.final.ranks
    ranks = sorted(come.keys() | engine.keys())
    return [(rank, come.get(rank, 0), engine.get(rank, 0)) for rank in ranks]


def _table(desk: Desk) -> Table:
    told = desk.told
    rows: list[tuple[Cell, ...]] = [
        (
            measure_word(desk, name),
            *_spread_cells(told.baseline.get(name)),
            _median_cell(told.cancelled.get(name)),
            getattr(told.first_round, name),
            getattr(told.final, name),
        )
        for name in MEASURES
    ]
    for rank in sorted(told.baseline_ranks.keys() | told.final.ranks.keys()):
        rows.append(_rank_row(desk, rank, told.first_round, told.final))
    return Table(
        desk.say("head_table"),
        desk.heads(
            "measure", "come_median", "come_low", "come_high", "cancelled", "engine_first", "engine"
        ),
        tuple(rows),
        (34, 14, 14, 14, 18, 16, 16),
    )


def _spread_cells(spread: Spread | None) -> tuple[Cell, ...]:
    return (spread.median, spread.low, spread.high) if spread else ("–", "–", "–")


def _median_cell(spread: Spread | None) -> Cell:
    return spread.median if spread else "–"


def _cancelled(desk: Desk) -> tuple[str, ...]:
    """Say what first come leads to once its thin sections are cancelled, as they would be."""
    short = desk.told.cancelled.get("short")
    if short is None:
        return ()
    spread = {"median": number(short.median), "low": short.low, "high": short.high}
    return (desk.say("head_cancelled", target=desk.target, **spread),)


def _rank_row(desk: Desk, rank: int, first: Outcome, final: Outcome) -> tuple[Cell, ...]:
    counts = [run.ranks.get(rank, 0) for run in desk.view.baseline]
    come: tuple[Cell, ...] = ("–", "–", "–")
    if counts:
        come = (desk.told.baseline_ranks.get(rank, 0), min(counts), max(counts))
    return (
        desk.say("rank_seats", rank=rank),
        *come,
        _cancelled_rank(desk, rank),
        first.ranks.get(rank, 0),
        final.ranks.get(rank, 0),
    )


def _cancelled_rank(desk: Desk, rank: int) -> Cell:
    runs = desk.view.cancelled
    return median([run.ranks.get(rank, 0) for run in runs]) if runs else "–"
