"""Everything a solve reads, as one canonical text, and back.

The text is JSON in the form of RFC 8785, so the same rows give the same digest wherever and in
whatever order they were read. It holds neither the seed nor when or how often anybody handed in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import lru_cache
from hashlib import sha256
from typing import Any, TypeVar

from sqlmodel import SQLModel

from catalog.tables import (
    InstitutionRow,
    OfferingRow,
    ProgrammeRow,
    QuotaRow,
    SchoolRow,
    SectionRow,
    UnitRow,
)
from diagnostics.credit.integrity import Ban
from diagnostics.credit.ledger import LedgerLine
from diagnostics.tables import RatingRow, ResponseRow
from diagnostics.teachers import Teacher
from matching.rounds.life.drafting import plain_settings, settings_from
from matching.rounds.life.plain import built
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored
from matching.rounds.tables import BallotRow

FORMAT = 1

Row = TypeVar("Row", bound=SQLModel)


def take(stored: Stored, settings: RoundSettings) -> str:
    """Return what a round is solved from as canonical JSON."""
    import rfc8785

    content: dict[str, Any] = {
        "format": FORMAT,
        "settings": plain_settings(settings),
        "units": _dumped(stored.units.values()),
        "schools": _dumped(stored.schools.values()),
        "institutions": _dumped(stored.institutions.values()),
        "programmes": _dumped(stored.programmes.values()),
        "offerings": _dumped(stored.offerings.values()),
        "sections": _dumped(stored.sections.values()),
        "quotas": _dumped(stored.quotas),
        "teachers": [asdict(teacher) for teacher in stored.teachers.values()],
        "ballots": _dumped(stored.ballots.values()),
        "ledger": {id_: [asdict(line) for line in lines] for id_, lines in stored.ledger.items()},
        "bans": [asdict(ban) for ban in stored.bans],
        "ratings": _dumped(stored.ratings),
        "responses": _dumped(stored.responses),
    }
    return rfc8785.dumps(content).decode()


def digest(body: str) -> str:
    """Return the digest by which a snapshot is named: that of the digests of its parts.

    So a part that nobody may hand on, such as the profiles of teachers, can be left out of an archive
    and the others still be checked against what was published at sealing.
    """
    import rfc8785

    found = {name: sha256(part).hexdigest() for name, part in parts(body).items()}
    return sha256(rfc8785.dumps(dict(found))).hexdigest()


def parts(body: str) -> dict[str, bytes]:
    """Return every part of a snapshot by its name, as canonical JSON."""
    import rfc8785

    return {name: rfc8785.dumps(value) for name, value in json.loads(body).items()}


@lru_cache(maxsize=1)
def restore(body: str) -> tuple[Stored, RoundSettings]:
    """Return the rows and settings a round was sealed as; the seed is not among them.

    The last one is kept, for a snapshot never changes; its rows are for reading only.
    """
    content = json.loads(body)
    stored = Stored(
        units=_by_id(UnitRow, content["units"]),
        schools=_by_id(SchoolRow, content["schools"]),
        institutions=_by_id(InstitutionRow, content["institutions"]),
        programmes=_by_id(ProgrammeRow, content["programmes"]),
        offerings=_by_id(OfferingRow, content["offerings"]),
        sections=_by_id(SectionRow, content["sections"]),
        quotas=tuple(QuotaRow(**row) for row in content["quotas"]),
        teachers={row["id"]: built(Teacher, row) for row in content["teachers"]},
        ballots={row["teacher_id"]: BallotRow(**row) for row in content["ballots"]},
        ledger=_ledger(content["teachers"], content["ledger"]),
        bans=tuple(built(Ban, row) for row in content["bans"]),
        ratings=tuple(RatingRow(**row) for row in content["ratings"]),
        responses=tuple(ResponseRow(**row) for row in content.get("responses", ())),
    )
    return stored, settings_from(content["settings"])


def _dumped(rows: Iterable[SQLModel]) -> list[dict[str, Any]]:
    return [row.model_dump() for row in rows]


def _by_id(table: type[Row], rows: Iterable[Mapping[str, Any]]) -> dict[str, Row]:
    return {row["id"]: table(**row) for row in rows}


def _ledger(
    teachers: Iterable[Mapping[str, Any]], lines: Mapping[str, Iterable[Mapping[str, Any]]]
) -> dict[str, tuple[LedgerLine, ...]]:
    """Return the ledger in the order of the roster, as it is loaded."""
    return {
        row["id"]: tuple(built(LedgerLine, line) for line in lines[row["id"]]) for row in teachers
    }
