"""Results on file: seats, prices, goals, certificate and reasons, with digests reading checks.

Format 2 added `certificate.csv`; results of format 1 are still read, without leaves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from operator import attrgetter
from pathlib import Path
from typing import Any

from matching.certificate import Certificate, Leaf
from matching.errors import BadInstance, BadResult
from matching.result import GoalValue, Price, Reason, Result, Seat, SeatTable
from matching.shelf import Shelf, reading, writing

HEAD = "result.json"
SEATS, PRICES, GOALS, REASONS = "seats.csv", "prices.csv", "goals.json", "reasons.csv"
CERTIFICATE = "certificate.csv"
RESULT_FILES = (HEAD, SEATS, PRICES, GOALS, CERTIFICATE, REASONS)

CERTIFICATE_COLUMNS = ("tier", "leaf", "what", "name", "value")
DECIDED, PRICE, TOLL, FLOOR, BOUND = "decided", "price", "toll", "floor", "bound"
"""What a line of the certificate tells; each leaf ends with its bound."""

_PLAIN = ("status", "seed", "backend", "version", "instance_digest")


def write_result(result: Result, path: Path | str) -> None:
    """Write a result into a folder or a new .zip.

    `result.json` holds the digest of decisions and a SHA-256 of every other file.
    """
    with writing(Path(path)) as shelf:
        seats = result.seats if isinstance(result.seats, SeatTable) else sorted(result.seats)
        _write_csv(shelf, SEATS, Seat, seats)
        _write_csv(shelf, PRICES, Price, result.prices)
        shelf.write_json(GOALS, [asdict(goal) for goal in result.goals])
        shelf.write_csv(CERTIFICATE, CERTIFICATE_COLUMNS, _certificate(result))
        _write_csv(shelf, REASONS, Reason, result.reasons)
        head = {name: getattr(result, name) for name in _PLAIN} | {
            "format": 2,
            "closed": list(result.closed),
            "witness": [asdict(reason) for reason in result.witness],
            "settings": dict(result.settings),
            "phases": dict(result.phases),
            "engine": dict(result.engine),
            "digest": result.digest,
            "files": dict(shelf.written),
        }
        shelf.write_json(HEAD, head)


def read_result(path: Path | str) -> Result:
    """Read a result and check its digests.

    Raises
    ------
    BadResult
        If a file is missing or was changed after it was written; the message names it.
    """
    with reading(Path(path)) as shelf:
        try:
            return _read(shelf)
        except (BadInstance, KeyError, TypeError, ValueError) as error:
            raise BadResult(f"{Path(path).name}: {error}") from error


def _read(shelf: Shelf) -> Result:
    head = shelf.read_json(HEAD)
    for name, told in sorted(head["files"].items()):
        if name not in shelf.names():
            raise BadResult(f"{name} is missing")
        if shelf.digest(name) != told:
            raise BadResult(f"{name} was changed after it was written")
    goals = tuple(GoalValue(**goal) for goal in shelf.read_json(GOALS))
    result = Result(
        **{name: head[name] for name in _PLAIN},
        seats=tuple(Seat(**_typed(row, "rank")) for row in _read_csv(shelf, SEATS, Seat)),
        closed=tuple(head["closed"]),
        goals=goals,
        prices=tuple(Price(**_typed(row, "price")) for row in _read_csv(shelf, PRICES, Price)),
        reasons=tuple(map(_reason, _read_csv(shelf, REASONS, Reason))),
        witness=tuple(Reason(**reason) for reason in head["witness"]),
        settings=head["settings"],
        phases=head["phases"],
        engine=head.get("engine", {}),
        certificate=_read_certificate(shelf, goals),
    )
    if result.digest != head["digest"]:
        raise BadResult(f"the digest is {result.digest}, but {HEAD} tells {head['digest']}")
    return result


def _certificate(result: Result) -> Iterator[tuple[int, int, str, str | int, int]]:
    for goal, leaves in zip(result.goals, result.certificate, strict=False):
        for number, leaf in enumerate(leaves, start=1):
            place = goal.tier, number
            yield from ((*place, DECIDED, name, int(yes)) for name, yes in leaf.decided)
            yield from ((*place, PRICE, row, price) for row, price in leaf.prices)
            yield from ((*place, TOLL, _named(toll[:3]), toll[3]) for toll in leaf.tolls)
            floors = enumerate(leaf.floors, start=1)
            yield from ((*place, FLOOR, tier, value) for tier, value in floors)
            yield (*place, BOUND, "", leaf.bound)


def _named(toll: tuple[str, str, str]) -> str:
    """Return row, teacher and section as one name."""
    return json.dumps(toll, ensure_ascii=False)


def _read_certificate(shelf: Shelf, goals: tuple[GoalValue, ...]) -> Certificate:
    if CERTIFICATE not in shelf.names():
        return ()
    leaves: dict[int, list[Leaf]] = {goal.tier: [] for goal in goals}
    for tier, leaf in _leaves(
        shelf.read_csv(CERTIFICATE, CERTIFICATE_COLUMNS, CERTIFICATE_COLUMNS[:-1])
    ):
        leaves[tier].append(leaf)
    return tuple(map(tuple, leaves.values()))


def _leaves(rows: Iterable[Mapping[str, str]]) -> Iterator[tuple[int, Leaf]]:
    told: dict[str, list[tuple[str, int]]] = {}
    for row in rows:
        told.setdefault(row["what"], []).append((row["name"], int(row["value"])))
        if row["what"] == BOUND:
            yield (
                int(row["tier"]),
                Leaf(
                    tuple((name, bool(value)) for name, value in told.get(DECIDED, ())),
                    tuple(told.get(PRICE, ())),
                    tuple(value for _, value in told.get(FLOOR, ())),
                    told[BOUND][0][1],
                    tuple((*json.loads(name), value) for name, value in told.get(TOLL, ())),
                ),
            )
            told = {}


def _write_csv(shelf: Shelf, name: str, kind: type[Any], items: Any) -> None:
    columns = [each.name for each in fields(kind)]
    rows = map(attrgetter(*columns), items)
    shelf.write_csv(name, columns, [[*map(_cell, row)] for row in rows] if kind is Reason else rows)


def _read_csv(shelf: Shelf, name: str, kind: type[Any]) -> list[dict[str, str]]:
    columns = [each.name for each in fields(kind)]
    return [dict(row) for row in shelf.read_csv(name, columns, columns)]


def _cell(value: Any) -> Any:
    if isinstance(value, Mapping):
        return json.dumps(dict(value), ensure_ascii=False, sort_keys=True)
    return value


def _typed(row: Mapping[str, str], *whole: str) -> dict[str, Any]:
    return {name: int(cell) if name in whole else cell for name, cell in row.items()}


def _reason(row: Mapping[str, str]) -> Reason:
    cells = _typed(row, "have", "need")
    return Reason(**cells | {"detail": json.loads(row["detail"])})
