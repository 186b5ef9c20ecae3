"""A framework of dimensions, levels and targets, read from a data file with its source.

How many levels and dimensions there are is data; so are the numbers of the measurement model. A
file says of itself what is sourced and what is assumed (`status`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from diagnostics import data_files
from diagnostics.errors import BadData
from diagnostics.messages import Language
from diagnostics.teachers import Teacher, career_stage


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing a teacher can grow in, inside an area."""

    code: str
    area: str
    area_en: str
    zh: str
    en: str

    def title(self, lang: Language = "zh") -> str:
        """Return its name in a language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Level:
    """One step of the scale, with what a teacher at it does."""

    level: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class TargetRule:
    """Levels that teachers with these attributes should reach."""

    where: Mapping[str, tuple[str, ...]]
    levels: Mapping[str, int]

    def fits(self, attributes: Mapping[str, Collection[str]]) -> bool:
        """Tell whether every attribute asked for has one of the values asked for."""
        return all(
            any(value in wanted for value in attributes.get(name, ()))
            for name, wanted in self.where.items()
        )


@dataclass(frozen=True, slots=True)
class Model:
    """The numbers of the measurement model; widths are in levels (see diagnostics.profile)."""

    base_rates: tuple[Fraction, ...]
    self_lean: Fraction
    self_lean_sd: Fraction
    self_noise_sd: Fraction
    observer_severity_sd: Fraction
    observer_noise_sd: Fraction
    minimum_ratings: int
    minimum_observers: int
    minimum_group: int


@dataclass(frozen=True, slots=True)
class Framework:
    """Dimensions, levels, targets and model, checked when read."""

    code: str
    version: int
    zh: str
    en: str
    source: str
    status: str
    levels: tuple[Level, ...]
    dimensions: tuple[Dimension, ...]
    targets: tuple[TargetRule, ...]
    model: Model

    def __post_init__(self) -> None:
        codes = [dimension.code for dimension in self.dimensions]
        if len(set(codes)) != len(codes):
            raise BadData(f"framework {self.code}: a dimension is listed twice")
        if [level.level for level in self.levels] != list(range(1, len(self.levels) + 1)):
            raise BadData(f"framework {self.code}: levels must be 1, 2, 3 ... in order")
        if len(self.model.base_rates) != len(self.levels) or sum(self.model.base_rates) != 1:
            raise BadData(f"framework {self.code}: base rates must be one per level and sum to 1")
        for rule in self.targets:
            unknown = set(rule.levels) - set(codes)
            if unknown or not all(1 <= level <= self.top for level in rule.levels.values()):
                raise BadData(f"framework {self.code}: target {dict(rule.levels)} does not fit")

    @property
    def top(self) -> int:
        """The highest level."""
        return len(self.levels)

    def title(self, lang: Language = "zh") -> str:
        """Return its name in a language."""
        return self.zh if lang == "zh" else self.en

    def dimension(self, code: str) -> Dimension:
        """Return a dimension by its code."""
        return next(dimension for dimension in self.dimensions if dimension.code == code)

    def find(self, cell: str) -> Dimension | None:
        """Return the dimension whose code or name a cell holds."""
        wanted = cell.strip().lower()
        for dimension in self.dimensions:
            if wanted in (dimension.code.lower(), dimension.zh.lower(), dimension.en.lower()):
                return dimension
        return None

    def targets_for(self, teacher: Teacher) -> dict[str, int]:
        """Return dimension -> level to reach: the highest of all rules that fit the teacher."""
        career = career_stage(teacher.title_rank, teacher.years).stage
        attributes = teacher.attributes() | {"career": (career,)}
        reached = {dimension.code: 1 for dimension in self.dimensions}
        for rule in self.targets:
            if rule.fits(attributes):
                for code, level in rule.levels.items():
                    reached[code] = max(reached[code], level)
        return reached


def framework(name: str = "common") -> Framework:
    """Read a framework by its name, a province's own before ours.

    Raises
    ------
    BadData
        If there is none of that name, or the file contradicts itself.
    """
    return _read(data_files.find("frameworks", name))


@cache
def _read(path: Path) -> Framework:
    return parse_framework(path.read_text(encoding="utf-8"))


def parse_framework(text: str) -> Framework:
    """Return the framework that a TOML text describes."""
    data = tomllib.loads(text)
    try:
        return _framework(data)
    except (KeyError, TypeError, ValueError) as error:
        raise BadData(f"framework {data.get('code', '?')}: {error!r}") from error


def _framework(data: Mapping[str, Any]) -> Framework:
    return Framework(
        code=data["code"],
        version=data["version"],
        zh=data["zh"],
        en=data["en"],
        source=data["source"],
        status=data["status"],
        levels=tuple(Level(**row) for row in data["level"]),
        dimensions=tuple(Dimension(**row) for row in data["dimension"]),
        targets=tuple(
            TargetRule({k: tuple(v) for k, v in row["where"].items()}, dict(row["levels"]))
            for row in data["target"]
        ),
        model=_model(data["model"]),
    )


def _model(row: Mapping[str, Any]) -> Model:
    return Model(
        base_rates=tuple(Fraction(rate) for rate in row["base_rates"]),
        self_lean=Fraction(row["self_lean"]),
        self_lean_sd=Fraction(row["self_lean_sd"]),
        self_noise_sd=Fraction(row["self_noise_sd"]),
        observer_severity_sd=Fraction(row["observer_severity_sd"]),
        observer_noise_sd=Fraction(row["observer_noise_sd"]),
        minimum_ratings=int(row["minimum_ratings"]),
        minimum_observers=int(row["minimum_observers"]),
        minimum_group=int(row["minimum_group"]),
    )
