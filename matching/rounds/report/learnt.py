"""What the diagnosis tells of all teachers together, and how many hours meet what they lack.

No figure here is of fewer people than the framework's smallest group, and none can be told from
the rest of a group: where all but a few are meant, the number is not told either.
"""

from __future__ import annotations

from collections.abc import Iterator

from matching.rounds.exports.sheet import Cell
from matching.rounds.learnt import Learnt, Told, Way
from matching.rounds.report.charts import Bar, Chart, Group, bars
from matching.rounds.report.desk import Desk, Part, Table
from matching.rounds.words import number

WAYS = ("engine", "come", "lot")
SERIES = {"engine": "engine", "come": "come", "lot": "other"}


def learnt_part(desk: Desk) -> Part | None:
    """Return what was learnt of the teachers, if there was a diagnosis."""
    found = desk.view.learnt
    if found is None:
        return None
    sentences = tuple(_sentences(desk, found))
    return Part(
        id="learnt",
        title=desk.say("learnt_title"),
        sentences=sentences,
        table=_table(desk, found),
        charts=(_chart(desk, found, sentences[0]),),
        notes=(
            desk.say("learnt_defined"),
            desk.say("learnt_by_lot"),
            desk.say("learnt_private", least=found.minimum),
        ),
    )


def _sentences(desk: Desk, found: Learnt) -> Iterator[str]:
    yield _lead(desk, found, "met", "learnt_lead")
    yield desk.say(
        "learnt_who",
        told=found.told,
        teachers=found.teachers,
        observed=count(desk, found, found.observed, found.told),
        thin=count(desk, found, found.thin, found.told),
    )
    shown = [each for each in found.dimensions if each.told >= found.minimum]
    if shown:
        yield desk.say(
            "learnt_sure",
            low=f"{min(each.reliability for each in shown):.2f}",
            high=f"{max(each.reliability for each in shown):.2f}",
            sure=share(sum(each.sure for each in shown) / len(shown)),
        )
    if found.uncalibrated:
        yield desk.say(
            "learnt_uncalibrated",
            items=found.uncalibrated,
            of=found.items,
            needed=found.answers_needed,
        )
    if found.learnt_from:
        yield desk.say(
            "learnt_lenient",
            mean=f"{found.overstated:.2f}",
            sd=f"{found.lenient_sd:.2f}",
            people=found.learnt_from,
        )
    if found.checked is not None:
        said, right = share(found.checked.said), share(found.checked.right)
        yield desk.say("learnt_checked", said=said, right=right)
        yield _lead(desk, found, "true", "learnt_true")


def _lead(desk: Desk, found: Learnt, name: str, code: str) -> str:
    engine = share(found.ways["engine"].middle(name))
    if "come" not in found.ways:
        return desk.say(f"{code}_alone", engine=engine)
    come, lot = found.ways["come"], found.ways["lot"]
    return desk.say(
        code,
        engine=engine,
        come=share(come.middle(name)),
        low=share(min(getattr(come, name))),
        high=share(max(getattr(come, name))),
        lot=share(lot.middle(name)),
    )


def share(value: float) -> str:
    """Return a share in percent with one decimal: 64.8%."""
    return f"{number(round(100 * value, 1))}%"


def count(desk: Desk, found: Learnt, some: int, whole: int) -> str:
    """Return a number of teachers, in words where it or the rest is a group too small."""
    if 0 < some < found.minimum:
        return desk.say("learnt_few", least=found.minimum)
    if 0 < whole - some < found.minimum:
        return desk.say("learnt_nearly_all", least=found.minimum)
    return str(some)


def _chart(desk: Desk, found: Learnt, summary: str) -> Chart:
    names = [name for name in ("met", "true") if getattr(found.ways["engine"], name)]
    groups = [
        Group(
            desk.say(f"learnt_{name}_label"),
            tuple(_bar(desk, way, found.ways[way], name) for way in WAYS if way in found.ways),
        )
        for name in names
    ]
    return bars("chart-learnt", desk.say("learnt_chart"), summary, groups)


def _bar(desk: Desk, name: str, way: Way, figure: str) -> Bar:
    values = getattr(way, figure)
    word = desk.say("learnt_lot" if name == "lot" else f"way_{name}")
    low, high = (min(values), max(values)) if len(values) > 1 else (None, None)
    return Bar(
        SERIES[name], way.middle(figure), f"{word} {share(way.middle(figure))}", low, high, 1.0
    )


def _table(desk: Desk, found: Learnt) -> Table:
    heads = desk.heads("dimension", "told", "thin", "reliability", "sure", "below")
    rows = tuple(_row(desk, found, each) for each in found.dimensions)
    return Table(desk.say("learnt_table"), heads, rows, (26, 14, 14, 10, 16, 16))


def _row(desk: Desk, found: Learnt, each: Told) -> tuple[Cell, ...]:
    title = each.zh if desk.lang == "zh" else each.en
    if each.told < found.minimum:
        return (title, count(desk, found, each.told, found.told), "–", "–", "–", "–")
    return (
        title,
        count(desk, found, each.told, found.told),
        count(desk, found, each.thin, each.told),
        f"{each.reliability:.2f}",
        share(each.sure),
        share(each.below),
    )
