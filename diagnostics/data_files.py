"""Where rule sets and frameworks lie: in a province's own folder first, then among those we ship."""

from __future__ import annotations

from pathlib import Path

from diagnostics.errors import BadData

SHIPPED = Path(__file__).with_name("data")

_folders: list[Path] = [SHIPPED]


def look_first_in(folder: Path) -> None:
    """Prefer the files of a province; a file of the same name replaces ours."""
    _folders[:] = [folder, SHIPPED]


def own(kind: str) -> Path | None:
    """Return the folder of a kind among a province's own files, if there is one."""
    folder = _folders[0] / kind
    return folder if _folders[0] != SHIPPED and folder.is_dir() else None


def find(kind: str, name: str) -> Path:
    """Return the file `name`.toml of a kind, which is the name of its folder.

    Raises
    ------
    BadData
        If there is none of that name; it lists those there are.
    """
    for folder in _folders:
        path = folder / kind / f"{name}.toml"
        if path.is_file():
            return path
    raise BadData(f"{kind}: no {name!r}; there are: {', '.join(names(kind))}")


def names(kind: str) -> tuple[str, ...]:
    """Return the names of all files of a kind, a province's and ours."""
    return tuple(sorted({f.stem for folder in _folders for f in (folder / kind).glob("*.toml")}))
