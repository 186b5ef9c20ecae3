"""The tree of what a teacher can grow in: 一级, 二级, 三级 by code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.messages import Language

if TYPE_CHECKING:
    from catalog.importing.spec import RowError


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the tree; tier 1 has no parent, and `status` says what its name rests on."""

    code: str
    parent: str
    tier: int
    zh: str
    en: str
    status: str = "assumption"
    source: str = ""

    def title(self, lang: Language = "zh") -> str:
        """Return its name in a language."""
        return self.zh if lang == "zh" else self.en


def read_tree(folder: Path, faults: list[RowError]) -> tuple[Node, ...]:
    """Return the nodes of `tree.csv`, parents before their children, none without the file."""
    from catalog.importing.parse import fold
    from diagnostics.frameworks import tables

    nodes: dict[str, Node] = {}
    names: set[tuple[str, str]] = set()
    table = tables.read(folder, tables.TREE, faults)
    for row, cells in table:
        parent = nodes.get(cells["parent"])
        if cells["parent"] and parent is None:
            table.wrong(row, "parent", "tree_parent")
            continue
        if parent and not cells["code"].startswith(parent.code):
            table.wrong(row, "code", "tree_code", parent=parent.code)
        if (cells["parent"], fold(cells["zh"])) in names:
            table.wrong(row, "zh", "tree_twin")
        table.check_source(row)
        names.add((cells["parent"], fold(cells["zh"])))
        cells = {name: cells[name] for name in ("code", "parent", "zh", "en", "status", "source")}
        nodes[cells["code"]] = Node(tier=parent.tier + 1 if parent else 1, **cells)
    return tuple(nodes.values())


def ancestor(nodes: dict[str, Node], code: str, tier: int) -> Node:
    """Return the node of a tier that a node lies under, or the node itself."""
    node = nodes[code]
    while node.tier > tier:
        node = nodes[node.parent]
    return node
