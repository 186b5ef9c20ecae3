"""Everything that stands in a bundle, file by file."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from api.archive.answers import Answered
from api.archive.lines import write_log
from api.archive.masks import Mask
from api.archive.package import MANIFEST, listed, write_json
from matching import verify
from matching.files import write_instance, write_result
from matching.lottery import lottery_numbers
from matching.rounds.errors import BadRound
from matching.rounds.life import store
from matching.rounds.life.answers import code_version
from matching.rounds.life.drafting import settings_of
from matching.rounds.life.receipts import counting
from matching.rounds.life.snapshots import digest, parts
from matching.rounds.tables import RoundRow

FORMAT = 1

PROFILES = ("ratings", "responses")
"""What only a teacher herself may read: no bundle holds it, its digest stands in its place."""

PERSONAL = (*PROFILES, "teachers", "ballots", "ledger", "bans")
"""What only an auditor may read besides."""

HIDDEN = ("hand_in", "waiting", "attendance_mark", "transfer")
"""Tables that no public bundle holds; the order of waiting, too, would tell who is who."""


def write(
    session: Session,
    row: RoundRow,
    answers: Sequence[Answered],
    mask: Mask,
    last: int,
    folder: Path,
) -> None:
    """Write all files of a bundle into an empty folder, the manifest at the end."""
    log = write_log(session, row.id, last, folder / "events.jsonl", public=mask.is_on)
    manifest = {
        "format": FORMAT,
        "round": row.id,
        "public": mask.is_on,
        "code": code_version(),
        "log": log,
        "seed": _seed(session, row),
        "snapshot": _snapshot(session, row, folder, PERSONAL if mask.is_on else PROFILES),
        "answers": [_answer(each, folder) for each in answers],
        "published": row.published,
    }
    _tables(session, row, mask, folder)
    if mask.is_on:
        _leaves(session, row, folder)
    else:
        _lottery(answers[-1], folder)
    _public_list(answers, folder)
    source = Path(verify.__file__).read_bytes()
    (folder / "verify.py").write_bytes(source)
    write_json(folder / MANIFEST, manifest | {"files": listed(folder)})


def _seed(session: Session, row: RoundRow) -> dict[str, str]:
    hidden = store.secret(session, row.id)
    return {
        "commitment": row.seed_commitment,
        "secret": hidden.secret,
        "public_value": hidden.public_value,
    }


def _snapshot(
    session: Session, row: RoundRow, folder: Path, withheld: Sequence[str]
) -> dict[str, Any]:
    """Write the parts of the snapshot that may be read, and return the digests of the others."""
    sealed = store.snapshot(session, row.id)
    if sealed is None or digest(sealed.body) != sealed.digest:
        raise BadRound("life_not_sealed", id=row.id)
    (folder / "snapshot").mkdir()
    hidden = {}
    for name, content in parts(sealed.body).items():
        if name in withheld:
            hidden[name] = verify.sha256(content)
        else:
            (folder / "snapshot" / f"{name}.json").write_bytes(content)
    return {
        "digest": sealed.digest,
        "root": sealed.root,
        "ballots": sealed.ballots,
        "withheld": hidden,
    }


def _answer(answered: Answered, folder: Path) -> dict[str, Any]:
    instance, result = f"instance-{answered.number}", f"result-{answered.number}"
    write_instance(answered.instance, folder / instance)
    write_result(answered.result, folder / result)
    return {
        "id": answered.id,
        "number": answered.number,
        "instance": instance,
        "result": result,
        "digest": answered.result.digest,
        "gap": answered.result.gap,
    }


def _tables(session: Session, row: RoundRow, mask: Mask, folder: Path) -> None:
    """Write the tables that the log tells, as they are now."""
    for name, file in verify.FILES.items():
        table = SQLModel.metadata.tables[name]
        if mask.is_on and name in HIDDEN:
            continue
        query = select(table).where(table.c.round_id == row.id).order_by(*table.primary_key)
        columns = [column.name for column in table.columns]
        found = session.connection().execute(query).mappings()
        rows = [mask.row({name: each[name] for name in columns}) for each in found]
        _write_csv(folder / file, columns, _renumbered(rows) if mask.is_on else rows)


def _renumbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows in an order that tells nothing of what was hidden; seats are counted anew."""
    told = sorted(rows, key=lambda row: [str(row[k]) for k in sorted(row) if k != "number"])
    counted: Counter[str] = Counter()
    for row in told:
        if "number" in row:
            counted[row["section_id"]] += 1
            row["number"] = counted[row["section_id"]]
    return told


def _leaves(session: Session, row: RoundRow, folder: Path) -> None:
    """Write the leaves under the root, in which everybody finds her own, and nobody another's."""
    found = counting(session, row.id, settings_of(row))
    rows = [{"number": n, "digest": each.digest} for n, each in enumerate(found, start=1)]
    _write_csv(folder / "leaves.csv", ["number", "digest"], rows)


def _lottery(answered: Answered, folder: Path) -> None:
    """Write the lottery number of every teacher, the lowest first."""
    instance = answered.instance
    numbers = lottery_numbers(instance.teacher_ids, instance.seed, instance.round_id)
    drawn = sorted((number, id_) for id_, number in numbers.items())
    rows = [{"teacher": id_, "number": number} for number, id_ in drawn]
    _write_csv(folder / "lottery.csv", ["teacher", "number"], rows)


def _public_list(answers: Sequence[Answered], folder: Path) -> None:
    """Write who has which seat, as it was made public."""
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for answered in answers:
        for seat in answered.result.seats:
            if answered.number > 1 or seat.kind != "assignable":
                told.setdefault(
                    (seat.teacher, seat.section),
                    {
                        "teacher": seat.teacher,
                        "section": seat.section,
                        "round": answered.number,
                        "kind": seat.kind,
                    },
                )
    (folder / "lists").mkdir()
    rows = (told[seat] for seat in sorted(told))
    _write_csv(folder / "lists" / "public.csv", verify.LIST_COLUMNS, rows)


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row[name]) for name in columns] for row in rows)


def _cell(value: Any) -> str:
    """Return a value as a cell: text as it is, None as nothing, anything else as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
