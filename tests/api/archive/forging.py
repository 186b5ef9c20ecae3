"""A forger's tools: change one thing in a bundle, then make the digests above it fit again."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.archive.package import listed
from matching import verify

Edit = Callable[[Path], None]
NOTHING, MANIFEST, RESULTS, LOG = range(4)
"""How far up the forger makes digests fit: not at all, the list of files, results too, the log too."""


@dataclass(frozen=True)
class Forgery:
    """One thing changed, how well it is covered up, and the check that must notice."""

    name: str
    noticed_by: str
    cover: int
    edits: tuple[Edit, ...]

    def apply(self, good: Path, folder: Path) -> None:
        """Copy a good bundle and forge the copy."""
        shutil.copytree(good, folder)
        for edit in self.edits:
            edit(folder)
        cover(folder, self.cover)


# --- edits ----------------------------------------------------------------------------------------


def cells(file: str, where: dict[str, str], **new: str) -> Edit:
    """Change cells of the first row that matches."""

    def edit(folder: Path) -> None:
        columns, rows = _read(folder / file)
        next(row for row in rows if where.items() <= row.items()).update(new)
        _write(folder / file, columns, rows)

    return edit


def row_less(file: str, **where: str) -> Edit:
    """Drop the first row that matches."""

    def edit(folder: Path) -> None:
        columns, rows = _read(folder / file)
        rows.remove(next(row for row in rows if where.items() <= row.items()))
        _write(folder / file, columns, rows)

    return edit


def row_more(file: str, **new: str) -> Edit:
    """Add a row; a file that is not there begins with it."""

    def edit(folder: Path) -> None:
        there = (folder / file).exists()
        columns, rows = _read(folder / file) if there else (list(new), [])
        _write(folder / file, columns, [*rows, dict.fromkeys(columns, "") | new])

    return edit


def column_more(file: str, name: str) -> Edit:
    """Add a column with something in it."""

    def edit(folder: Path) -> None:
        columns, rows = _read(folder / file)
        _write(folder / file, [*columns, name], [row | {name: "x"} for row in rows])

    return edit


def value(file: str, *path: Any, to: Any) -> Edit:
    """Set a value inside a JSON file; a function is told the old one."""

    def edit(folder: Path) -> None:
        content = at = json.loads((folder / file).read_text(encoding="utf-8"))
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = to(at[path[-1]]) if callable(to) else to
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / file).write_text(text + "\n", encoding="utf-8")

    return edit


def text(file: str, old: str, new: str) -> Edit:
    """Replace text once."""

    def edit(folder: Path) -> None:
        content = (folder / file).read_text(encoding="utf-8")
        assert old in content, (file, old)
        (folder / file).write_text(content.replace(old, new, 1), encoding="utf-8")

    return edit


def file_less(file: str) -> Edit:
    return lambda folder: (folder / file).unlink()


def file_more(file: str) -> Edit:
    return lambda folder: (folder / file).write_text("x")


def log(change: Callable[[list[dict[str, Any]]], Any]) -> Edit:
    """Change the list of log lines."""

    def edit(folder: Path) -> None:
        lines = list(verify.Shelf(folder).lines("events.jsonl"))
        change(lines)
        _write_log(folder, lines)

    return edit


def event(kind: str, nth: int = 0, **new: str) -> Edit:
    """Change columns of the nth line of a kind."""
    return log(lambda lines: [line for line in lines if line["kind"] == kind][nth].update(new))


def body(kind: str, nth: int, change: Callable[[dict[str, Any]], Any]) -> Edit:
    """Change the body of the nth line of a kind."""

    def edit(lines: list[dict[str, Any]]) -> None:
        line = [line for line in lines if line["kind"] == kind][nth]
        content = json.loads(line["body"])
        change(content)
        line["body"] = verify.canonical(content).decode()

    return log(edit)


# --- covering up ----------------------------------------------------------------------------------


def cover(folder: Path, how_far: int) -> None:
    """Recompute the digests that a forger can reach."""
    if how_far >= LOG:
        _chain_again(folder)
    if how_far >= RESULTS:
        for place, told in enumerate(_json(folder / "manifest.json")["answers"]):
            digest = _seal_result(folder, told["instance"], told["result"])
            value("manifest.json", "answers", place, "digest", to=digest)(folder)
    if how_far >= MANIFEST:
        files = listed(folder)
        del files["manifest.json"]
        value("manifest.json", "files", to=files)(folder)


def _seal_result(folder: Path, instance: str, result: str) -> str:
    """Let a result tell the digests of what now lies beside it."""
    shelf = verify.Shelf(folder).under(result)
    question = verify.Instance.at(verify.Shelf(folder).under(instance))
    answer = verify.Answer.at("", question, shelf)
    head = answer.head | {"instance_digest": question.digest}
    head["files"] = {name: shelf.digest(name, text=True) for name in head["files"]}
    content = {
        "instance": head["instance_digest"],
        "settings": head["settings"],
        "seats": [dict(zip(verify.SEAT_COLUMNS, seat, strict=True)) for seat in answer.case.seats],
        "prices": [[row["row"], int(row["price"])] for row in shelf.table("prices.csv")],
    }
    head["digest"] = verify.sha256(verify.canonical(content))
    (folder / result / "result.json").write_text(json.dumps(head), encoding="utf-8")
    return str(head["digest"])


def _chain_again(folder: Path) -> None:
    """Write the log anew from its first line, as somebody who owns the database could."""
    before = verify.GENESIS
    lines = list(verify.Shelf(folder).lines("events.jsonl"))
    for seq, line in enumerate(lines, start=1):
        line |= {"seq": seq, "previous": before}
        if "body" in line:
            line["body_digest"] = verify.sha256((line["salt"] + line["body"]).encode())
        hashed = {name: line[name] for name in verify.HASHED}
        before = line["hash"] = verify.sha256(verify.canonical(hashed))
    _write_log(folder, lines)
    kinds = dict(Counter(line["kind"] for line in lines))
    told = {"events": len(lines), "kinds": kinds, "head": before}
    value("manifest.json", "log", to=told)(folder)


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        return list(reader.fieldnames or ()), rows


def _write(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_log(folder: Path, lines: list[dict[str, Any]]) -> None:
    told = "".join(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines)
    (folder / "events.jsonl").write_text(told, encoding="utf-8")
