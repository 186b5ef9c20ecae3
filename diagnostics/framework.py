"""A framework of dimensions, levels and targets, read from a data file with its source.

How many levels and dimensions there are is data; so are the numbers of the measurement model. A
file says of itself what is sourced, what is assumed and what is unverified (`parts`). A large tree
lies in a folder of the file's name beside it, and so do the items (`diagnostics.frameworks.items`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from catalog.importing.spec import RowError
from diagnostics import data_files
from diagnostics.errors import BadFramework
from diagnostics.frameworks.head import faults_of
from diagnostics.frameworks.parts import STATUSES, Dimension, Level, Model, Part, TargetRule
from diagnostics.frameworks.tree import Node, ancestor, read_tree
from diagnostics.messages import Language
from diagnostics.teachers import Teacher, career_stage

__all__ = [
    "Dimension",
    "Framework",
    "Level",
    "Model",
    "Part",
    "TargetRule",
    "framework",
    "parse_framework",
]


@dataclass(frozen=True, slots=True)
class Framework:
    """Dimensions, levels, targets and model, checked when read.

    `tree` holds areas, dimensions and what lies below them; `answers_needed` is how many answers an
    item needs before its figures are more than a hint. What it does not bring itself it takes from
    the framework it is `like`; with a `leaf_scale` every leaf of the tree is a self item.
    """

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
    parts: tuple[Part, ...] = ()
    tree: tuple[Node, ...] = ()
    answers_needed: int = 200
    like: str = ""
    leaf_scale: str = ""

    def __post_init__(self) -> None:
        codes = [dimension.code for dimension in self.dimensions]
        if len(set(codes)) != len(codes) or not codes:
            raise self._bad("framework_dimensions")
        if [level.level for level in self.levels] != list(range(1, len(self.levels) + 1)):
            raise self._bad("framework_levels")
        if len(self.model.base_rates) != len(self.levels) or sum(self.model.base_rates) != 1:
            raise self._bad("framework_base_rates", levels=len(self.levels))
        for rule in self.targets:
            unknown = set(rule.levels) - set(codes)
            if unknown or not all(1 <= level <= self.top for level in rule.levels.values()):
                raise self._bad("framework_target", target=str(dict(rule.levels)), top=self.top)
            for name, value, known in rule.unknown():
                raise self._bad("framework_where", attribute=name, value=value, known=known)
        for part in self.parts:
            if part.status not in STATUSES:
                raise self._bad("framework_status", part=part.name, statuses=STATUSES)
            if part.status == "sourced" and not part.source:
                raise self._bad("framework_source", part=part.name)

    def _bad(self, code: str, **values: object) -> BadFramework:
        return _refused(f"{self.code}.toml", code, **values)

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


def frameworks() -> tuple[str, ...]:
    """Return the names of all frameworks, the common one first."""
    return tuple(sorted(data_files.names("frameworks"), key=lambda name: (name != "common", name)))


@cache
def _read(path: Path) -> Framework:
    return parse_framework(path.read_text(encoding="utf-8-sig"), path.with_suffix(""))


def parse_framework(text: str, folder: Path | None = None) -> Framework:
    """Return the framework that a TOML text, and the tree in its folder, describe.

    Raises
    ------
    BadFramework
        With all keys that are wrong, or everything that is wrong in the tree, or the first
        contradiction.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        name = f"{folder.name}.toml" if folder else "TOML"
        raise _refused(name, "framework_toml", detail=str(error)) from error
    data = _completed(data)
    if faults := faults_of(data, f"{data.get('code', '?')}.toml"):
        raise BadFramework(faults)
    try:
        return _framework(data, folder)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        name = f"{data.get('code', '?')}.toml"
        raise _refused(name, "framework_lacks", detail=repr(error)) from error


def _refused(file: str, code: str, **values: object) -> BadFramework:
    return BadFramework((RowError(file, 0, "", "", code, values, "diagnostics"),))


def _completed(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data with levels and model taken from the framework that it is like."""
    if not (like := data.get("like")):
        return data
    path = data_files.find("frameworks", like)
    theirs = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    return {name: theirs[name] for name in ("level", "model")} | data


def _framework(data: Mapping[str, Any], folder: Path | None) -> Framework:
    tree = _tree(folder) or _small_tree(data)
    return Framework(
        code=data["code"],
        version=data["version"],
        zh=data["zh"],
        en=data["en"],
        source=data["source"],
        status=data["status"],
        levels=tuple(Level(**row) for row in data["level"]),
        dimensions=_dimensions(data, tree),
        targets=tuple(
            TargetRule({k: tuple(v) for k, v in row["where"].items()}, dict(row["levels"]))
            for row in data["target"]
        ),
        model=_model(data["model"]),
        parts=tuple(Part(**row) for row in data.get("part", ())),
        tree=tree,
        answers_needed=int(data.get("answers_needed", 200)),
        like=data.get("like", ""),
        leaf_scale=data.get("leaf_scale", ""),
    )


def _tree(folder: Path | None) -> tuple[Node, ...]:
    if folder is None or not (folder / "tree.csv").is_file():
        return ()
    faults: list[RowError] = []
    tree = read_tree(folder, faults)
    if faults:
        raise BadFramework(faults)
    return tree


def _small_tree(data: Mapping[str, Any]) -> tuple[Node, ...]:
    """Return the tree of a file that lists its dimensions itself, under the areas it names."""
    areas = {
        row["zh"]: Node(row["code"], "", 1, row["zh"], row["en"]) for row in data.get("area", ())
    }
    below = (
        Node(row["code"], areas[row["area"]].code, 2, row["zh"], row["en"])
        for row in (data.get("dimension", ()) if areas else ())
    )
    return (*areas.values(), *below)


def _dimensions(data: Mapping[str, Any], tree: tuple[Node, ...]) -> tuple[Dimension, ...]:
    """Return the dimensions: those listed, or else the nodes of the tier that is measured."""
    if "dimension" in data:
        return tuple(Dimension(**row) for row in data["dimension"])
    nodes = {node.code: node for node in tree}
    found = []
    for node in tree:
        if node.tier == data["measured"]:
            area = ancestor(nodes, node.code, 1)
            found.append(Dimension(node.code, area.zh, area.en, node.zh, node.en))
    return tuple(found)


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
