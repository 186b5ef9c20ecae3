"""One thing changed in a published result or its instance, digests made to fit: it is noticed.

Where the forger changes what only a digest protects (a setting, a reason), nothing is made to fit.
A change that leaves a bundle true, such as a price that proves the same bound, is no forgery.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from matching import files, verify
from matching.solve import solve
from tests.matching.sixty import QUICK, shuffled

Edit = Callable[[Path], None]
Rows = list[dict[str, str]]
WELFARE = 4
"""Where welfare stands in goals.json."""


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    instance = shuffled(0)
    files.write_instance(instance, folder)
    files.write_result(solve(instance, QUICK), folder)
    return folder


# --- a forger's tools -------------------------------------------------------------------------------


def table(file: str, change: Callable[[Rows], Any]) -> Edit:
    """Let `change` alter the rows of a table."""

    def edit(folder: Path) -> None:
        path = folder / f"{file}.csv"
        with path.open(encoding="utf-8", newline="") as text:
            reader = csv.DictReader(text)
            rows, columns = list(reader), list(reader.fieldnames or ())
        change(rows)
        with path.open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    return edit


def first(rows: Rows, **where: str) -> dict[str, str]:
    return next(row for row in rows if where.items() <= row.items())


def cell(file: str, where: dict[str, str], **new: str) -> Edit:
    return table(file, lambda rows: first(rows, **where).update(new))


def less(file: str, **where: str) -> Edit:
    return table(file, lambda rows: rows.remove(first(rows, **where)))


def more(file: str, **new: str) -> Edit:
    return table(file, lambda rows: rows.append(new))


def plus(file: str, column: str, add: int, **where: str) -> Edit:
    """Add to a number in the first row that matches."""

    def change(rows: Rows) -> None:
        row = first(rows, **where)
        row[column] = str(int(row[column]) + add)

    return table(file, change)


def leaf(**new: Any) -> Edit:
    """Change the first price of welfare's first leaf: add to it, or set cells."""
    add = new.pop("add", 0)

    def change(rows: Rows) -> None:
        row = first(rows, tier="5", leaf="1", what="price")
        row.update(new, value=new.get("value") or str(int(row["value"]) + add))

    return table("certificate", change)


def in_json(name: str, *path: Any, to: Any) -> Edit:
    def edit(folder: Path) -> None:
        content = at = json.loads((folder / name).read_text(encoding="utf-8"))
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = to(at[path[-1]]) if callable(to) else to
        (folder / name).write_text(json.dumps(content), encoding="utf-8")

    return edit


def goal(place: int, field: str, to: Any) -> Edit:
    return in_json("goals.json", place, field, to=to)


def goals(change: Callable[[list[Any]], Any]) -> Edit:
    def edit(folder: Path) -> None:
        told = json.loads((folder / "goals.json").read_text(encoding="utf-8"))
        change(told)
        (folder / "goals.json").write_text(json.dumps(told), encoding="utf-8")

    return edit


def gone(name: str) -> Edit:
    def edit(folder: Path) -> None:
        (folder / name).unlink()
        head = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        del head["files"][name]
        (folder / "result.json").write_text(json.dumps(head), encoding="utf-8")

    return edit


def fitted(folder: Path) -> None:
    """Let the result tell the digests of what now lies there."""
    shelf, instance = verify.Shelf(folder), verify.Instance.at(folder)
    head = shelf.json("result.json") | {"instance_digest": instance.digest}
    head["files"] = {name: shelf.digest(name, text=True) for name in head["files"]}
    answer = verify.Answer.at("", instance, shelf)
    content = {
        "instance": instance.digest,
        "settings": head["settings"],
        "seats": [dict(zip(verify.SEAT_COLUMNS, seat, strict=True)) for seat in answer.case.seats],
        "prices": [[row["row"], int(row["price"])] for row in shelf.table("prices.csv")],
    }
    head["digest"] = verify.sha256(verify.canonical(content))
    (folder / "result.json").write_text(json.dumps(head), encoding="utf-8")


@dataclass(frozen=True)
class Forgery:
    name: str
    noticed_by: str
    edits: tuple[Edit, ...]
    is_fitted: bool = True


def forged(name: str, noticed_by: str, *edits: Edit) -> Forgery:
    return Forgery(name, noticed_by, edits)


def plainly(name: str, noticed_by: str, *edits: Edit) -> Forgery:
    """Return a forgery of what only digests protect: they are left as they were."""
    return Forgery(name, noticed_by, edits, is_fitted=False)


# --- what is forged ---------------------------------------------------------------------------------


def _drop(rows: Rows, **where: str) -> None:
    rows[:] = [row for row in rows if not where.items() <= row.items()]


def _exchange(rows: Rows) -> None:
    """Two teachers with one seat each in different sections exchange their names."""
    one = rows[0]
    other = next(row for row in rows if row["section"] != one["section"])
    one["teacher"], other["teacher"] = other["teacher"], one["teacher"]


def _move_to_unchosen(rows: Rows) -> None:
    held = {row["section"] for row in rows if row["teacher"] == rows[0]["teacher"]}
    rows[0]["section"] = min({row["section"] for row in rows} - held)


def _flip(rows: Rows) -> None:
    row = first(rows, tier="5", leaf="1", what="decided")
    row["value"] = str(1 - int(row["value"]))


def _unheld(folder: Path) -> dict[str, str]:
    """Return the first first choice that its teacher did not receive."""
    shelf = verify.Shelf(folder)
    held = {(row["teacher"], row["section"]) for row in shelf.table("seats.csv")}
    rows = list(shelf.table("choices.csv"))
    return next(r for r in rows if r["rank"] == "1" and (r["teacher"], r["section"]) not in held)


def unheld(**new: str) -> Edit:
    """Change a choice that was not received."""

    def edit(folder: Path) -> None:
        row = _unheld(folder)
        cell("choices", {"teacher": row["teacher"], "section": row["section"]}, **new)(folder)

    return edit


def _seat_more(folder: Path) -> None:
    row = _unheld(folder)
    more("seats", teacher=row["teacher"], section=row["section"], rank="1", kind="chosen")(folder)


def _priced_more(prefix: str, file: str, column: str) -> Edit:
    """Raise the limit behind the highest price of welfare's first leaf."""

    def edit(folder: Path) -> None:
        lines = [
            row
            for row in verify.Shelf(folder).table("certificate.csv")
            if (row["tier"], row["leaf"]) == ("5", "1") and row["name"].startswith(prefix)
        ]
        dearest = max(lines, key=lambda row: int(row["value"]))["name"].removeprefix(prefix)
        plus(file, column, 1, id=dearest)(folder)

    return edit


FIRST = {"tier": "5", "leaf": "1"}
SEATS = [
    forged("a seat moved to what she did not choose", "seats", table("seats", _move_to_unchosen)),
    forged("a seat twice", "seats", table("seats", lambda rows: rows.append(rows[0]))),
    forged("a seat less", "goals", table("seats", lambda rows: rows.pop())),
    forged("a seat more", "goals", _seat_more),
    forged("two people exchanged", "seats", table("seats", _exchange)),
    forged("a rank", "seats", cell("seats", {"rank": "1"}, rank="2")),
    forged("a seat said to be assigned", "seats", cell("seats", {"rank": "1"}, kind="assignable")),
    forged("a seat said to be locked", "seats", cell("seats", {"rank": "1"}, kind="locked")),
    forged("a stranger's seat", "seats", cell("seats", {"rank": "1"}, teacher="Nobody")),
]
ROUND = [
    forged("a full section made smaller", "seat_capacity", *(plus("sections", "capacity", -9, id=f"S{i:02}") for i in range(12))),
    forged("a priced section made larger", "certificate", _priced_more("minimum_to_open:", "sections", "capacity")),
    forged("a minimum raised", "minimum_to_open", *(cell("sections", {"id": f"S{i:02}"}, minimum="9") for i in range(12))),
    forged("a minimum taken away", "certificate", *(cell("sections", {"id": f"S{i:02}"}, minimum="0") for i in range(12))),
    forged("points of a choice not received", "certificate", unheld(points="5000")),
    forged("points of seats", "goals", table("choices", lambda rows: [row.update(points="1") for row in rows])),
    forged("a rank of a ballot", "seats", *(cell("choices", {"teacher": f"老师{i:02}", "rank": "1"}, rank="7") for i in range(60))),
    forged("fewer sections wanted", "most_sections", table("teachers", lambda rows: [row.update(most_sections="0") for row in rows])),
    forged("hours due raised", "goals", plus("due", "minutes", 600)),
    forged("a priced release raised", "certificate", _priced_more("school_release:", "releases", "most_away")),
    forged("a release of nobody", "school_release", table("releases", lambda rows: [row.update(most_away="0") for row in rows])),
    forged("another seed for both", "goals", in_json("instance.json", "seed", to="x"), in_json("result.json", "seed", to="x")),
    forged("another seed told", "seed_used", in_json("result.json", "seed", to="x")),
    forged("another round's lots", "goals", in_json("instance.json", "round", to="x")),
    forged("tiers in another order", "goals", in_json("instance.json", "tiers", to=lambda old: old[::-1])),
    forged("a weight of a tier", "goals", in_json("instance.json", "tiers", 0, "goals", "hours_short", to=2)),
    forged("a tier less in the round", "goals", in_json("instance.json", "tiers", to=lambda old: old[:-1])),
    forged("a share nobody could fill", "level_share", cell("shares", {"id": "city"}, minimum="999")),
    forged("a meeting moved", "certificate", table("meetings", lambda rows: [row.update(half="pm") for row in rows])),
]  # fmt: skip
GOALS = [
    forged("a value raised", "goals", goal(WELFARE, "value", lambda old: old + 1)),
    forged("a value lowered", "goals", goal(WELFARE, "value", lambda old: old - 1)),
    forged("a bound lowered", "certificate", goal(WELFARE, "bound", lambda old: old - 1)),
    forged("a bound raised", "certificate", goal(WELFARE, "bound", lambda old: old + 1)),
    forged("a bound below its value", "bounds", goal(WELFARE, "bound", 1)),
    forged("no bound", "bounds", goal(WELFARE, "bound", None)),
    forged("a sense", "goals", goal(WELFARE, "sense", "min")),
    forged("called optimal", "bounds", goal(WELFARE, "proof", "exact")),
    forged("the search's word where there is a proof", "certificate", goal(WELFARE, "proof", "search")),
    forged("a bound of the root below the bound", "bounds", goal(WELFARE, "price_bound", 1)),
    forged("goals in another order", "goals", goals(lambda told: told.reverse())),
    forged("a tier's number", "goals", goal(WELFARE, "tier", 6)),
    forged("a tier left out", "goals", goals(lambda told: told.pop())),
    forged("a goal's name", "goals", goal(WELFARE, "code", "cost")),
    forged("a parts' sum", "gap", goal(WELFARE, "value", lambda old: old - 1)),
]  # fmt: skip
CERTIFICATE = [
    forged("a price raised", "certificate", leaf(add=5_000)),
    forged("a price lowered", "certificate", leaf(add=-5_000)),
    forged("a price below nothing", "certificate", leaf(value="-5000")),
    forged("a price of another row", "certificate", leaf(name="seat_capacity:Z")),
    forged("a price less", "certificate", less("certificate", **FIRST, what="price")),
    forged("a price of what has no limit", "certificate", leaf(name="level_share:city", value="5000")),
    forged("a leaf less", "certificate", table("certificate", lambda rows: _drop(rows, **FIRST))),
    forged("a decision turned round", "certificate", table("certificate", _flip)),
    forged("a decision less", "certificate", less("certificate", **FIRST, what="decided")),
    forged("a decision about nothing", "certificate", cell("certificate", FIRST | {"what": "decided"}, name="open:Z")),
    forged("a multiplier raised", "certificate", plus("certificate", "value", 1_000, **FIRST, what="floor")),
    forged("a multiplier of nothing", "certificate", cell("certificate", FIRST | {"what": "floor", "name": "1"}, value="0")),
    forged("a multiplier below nothing", "certificate", cell("certificate", FIRST | {"what": "floor", "name": "3"}, value="-1")),
    forged("a multiplier less", "certificate", less("certificate", **FIRST, what="floor", name="4")),
    forged("a leaf's bound lowered", "certificate", plus("certificate", "value", -1, **FIRST, what="bound")),
    forged("a leaf's bound raised", "certificate", plus("certificate", "value", 1, **FIRST, what="bound")),
    forged("leaves of another tier", "certificate", table("certificate", lambda rows: [row.update(tier="6") for row in rows if row["tier"] == "5"])),
    forged("an empty certificate", "certificate", table("certificate", lambda rows: rows.clear())),
    forged("no certificate", "certificate", gone("certificate.csv")),
    forged("an earlier format told", "certificate", in_json("result.json", "format", to=1)),
]  # fmt: skip
HEAD = [
    forged("a status", "bounds", in_json("result.json", "status", to="optimal")),
    forged("infeasible although there are seats", "seats", in_json("result.json", "status", to="infeasible")),
    forged("sections said to be closed", "seats", in_json("result.json", "closed", to=["S00"])),
    plainly("a digest", "result_digests", in_json("result.json", "digest", to="0" * 64)),
    plainly("a digest of the instance", "result_digests", in_json("result.json", "instance_digest", to="0" * 64)),
    plainly("a digest of a file", "result_digests", in_json("result.json", "files", "seats.csv", to="0" * 64)),
    plainly("an effort", "result_digests", in_json("result.json", "settings", "effort", to="long")),
    plainly("a published price", "result_digests", plus("prices", "price", 1)),
    plainly("a published price less", "result_digests", table("prices", lambda rows: rows.pop())),
    plainly("a reason", "result_digests", table("reasons", lambda rows: rows[0].update(have="99"))),
    plainly("a reason less", "result_digests", table("reasons", lambda rows: rows.pop())),
    plainly("a line of the certificate", "result_digests", leaf(add=1)),
    plainly("a title", "result_digests", cell("sections", {"id": "S00"}, title="x")),
]  # fmt: skip
ALL = [*SEATS, *ROUND, *GOALS, *CERTIFICATE, *HEAD]


def failed(folder: Path) -> set[str]:
    return {check.code for check in verify.verify(folder) if check.problems}


def apply(forgery: Forgery, good: Path, folder: Path) -> None:
    shutil.copytree(good, folder)
    for edit in forgery.edits:
        edit(folder)
    if forgery.is_fitted:
        fitted(folder)


@pytest.mark.parametrize("forgery", ALL, ids=lambda forgery: forgery.name)
def test_the_check_whose_business_it_is_notices(forgery, good, tmp_path):
    apply(forgery, good, tmp_path / "forged")
    assert forgery.noticed_by in failed(tmp_path / "forged")


def test_making_digests_fit_alone_changes_nothing(good, tmp_path):
    apply(forged("nothing", ""), good, tmp_path / "same")
    assert failed(tmp_path / "same") == set()
    assert failed(good) == set()


def test_the_kinds_are_distinct_and_many():
    assert len({forgery.name for forgery in ALL}) == len(ALL) >= 60
    assert len(CERTIFICATE) >= 20


def test_a_bound_without_leaves_passes_but_is_not_called_proved(good, tmp_path):
    """Who has no proof may say so; nobody reads that it was proved."""
    unproved = goal(WELFARE, "proof", "search")
    dropped = table("certificate", lambda rows: _drop(rows, tier="5"))
    apply(forged("no proof", "", unproved, dropped), good, tmp_path / "plain")
    checks = {check.code: check for check in verify.verify(tmp_path / "plain")}
    assert not any(check.problems for check in checks.values())
    assert checks["certificate"].left_out == "bound_stated"
    told = [code for code, figures in checks["gap"].told if figures.get("goal") == "welfare"]
    assert told == ["gap_stated"]
