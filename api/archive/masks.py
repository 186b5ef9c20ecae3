"""Teachers under other names, the same everywhere in one bundle, for files that everybody may read.

Whoever knows the secret of a round can tell a teacher her name in it; nobody else can turn one back,
and the bundles of two rounds do not tell that a teacher is the same.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from api.archive.answers import Answered
from matching.instance import Instance
from matching.predicates import parse
from matching.schema import TABLES

PERSONS = frozenset(
    {"teacher", "teacher_id", "decided_by", "second", "submitted_by", "first_by", "second_by"}
)
"""Columns that name a person."""

LENGTH = 16


@dataclass(frozen=True, slots=True)
class Mask:
    """What a person is called in a bundle; without a secret, as she is."""

    secret: str = ""

    @property
    def is_on(self) -> bool:
        """Whether names are hidden."""
        return bool(self.secret)

    def name(self, person: str) -> str:
        """Return what a person is called."""
        if not self.is_on or not person:
            return person
        content = f"person\n{person}".encode()
        return "p" + hmac.new(self.secret.encode(), content, sha256).hexdigest()[:LENGTH]

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row with its persons hidden."""
        return {k: self.name(v) if k in PERSONS else v for k, v in row.items()}

    def condition(self, text: str) -> str:
        """Return a condition on teachers that names them as the bundle does."""
        return ";".join(filter(None, (self._clause(part) for part in text.split(";"))))

    def _clause(self, part: str) -> str:
        match = re.fullmatch(r"\s*id\s*(!?=)\s*(.+?)\s*", part)
        if match is None or not self.is_on:
            return part
        names = (self.name(value.strip()) for value in match[2].split("|"))
        return f"id{match[1]}{'|'.join(names)}"


OPEN = Mask()


def masked(answered: Answered, mask: Mask) -> Answered:
    """Return an answer as a bundle may show it: masked, it has digests of its own and no reasons."""
    if not mask.is_on:
        return answered
    instance = _instance(answered.instance, mask)
    result = replace(
        answered.result,
        seats=tuple(
            sorted(replace(s, teacher=mask.name(s.teacher)) for s in answered.result.seats)
        ),
        reasons=(),
        instance_digest=instance.digest,
    )
    return replace(answered, instance=instance, result=result)


def _instance(instance: Instance, mask: Mask) -> Instance:
    asked = _asked(instance)
    rows = {
        table.name: [
            _row(table.name, dict(zip([c.name for c in table.columns], cells, strict=True)), mask)
            for cells in instance.raw_rows(table.name)
        ]
        for table in TABLES
    }
    rows["attributes"] = [row for row in rows["attributes"] if row["attribute"] in asked]
    return Instance.from_rows(instance.meta, rows)


def _row(table: str, row: dict[str, str], mask: Mask) -> dict[str, str]:
    hidden = mask.row(row)
    if table == "teachers":
        hidden["id"] = mask.name(row["id"])
    for column in ("teachers_where", "group_where", "subject_where"):
        if column in hidden:
            hidden[column] = mask.condition(hidden[column])
    return hidden


def _asked(instance: Instance) -> set[str]:
    """Return the attributes of teachers that any rule or goal asks for; no others are shown."""
    asked = {"site", *(row["attribute"] for row in instance["eligibility"].rows())}
    asked |= {row["group_attribute"] for row in instance["teams"].rows()}
    for condition in _conditions(instance):
        asked |= {clause.attribute for clause in parse(condition).clauses}
    return asked


def _conditions(instance: Instance) -> Iterator[str]:
    for table in TABLES:
        for column in ("teachers_where", "group_where", "subject_where"):
            if column in {each.name for each in table.columns}:
                yield from instance[table.name].text(column)
