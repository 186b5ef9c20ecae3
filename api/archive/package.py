"""Files in a folder made one bundle: listed with their digests, in always the same bytes, whole or not.

A bundle is written beside its place, brought to the disk, and given its name at the end. So under its
name lies all of it or nothing, whenever the machine stops.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from api.errors import UserError

MANIFEST = "manifest.json"
_STABLE = (1980, 1, 1, 0, 0, 0)


def write_json(path: Path, content: Any) -> None:
    """Write a value as JSON in one canonical form that people can read too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def names(folder: Path) -> list[str]:
    """Return the files of a folder and below, sorted."""
    files = (each for each in folder.rglob("*") if each.is_file())
    return sorted(each.relative_to(folder).as_posix() for each in files)


def listed(folder: Path) -> dict[str, list[Any]]:
    """Return name -> digest and size of every file in a folder."""
    return {name: _digest_and_size(folder / name) for name in names(folder)}


def _digest_and_size(path: Path) -> list[Any]:
    content = path.read_bytes()
    return [sha256(content).hexdigest(), len(content)]


@contextmanager
def unfinished(out: Path) -> Iterator[Path]:
    """Give an empty folder for the files of a bundle, beside the place where it shall lie.

    Whoever is killed leaves this folder behind, hidden and named after the bundle, and nothing else.

    Raises
    ------
    UserError
        If something else than a bundle lies in that place.
    """
    _require_free(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{out.name}.", suffix=".part", dir=out.parent) as place:
        folder = Path(place) / "files"
        folder.mkdir()
        yield folder


def lay(folder: Path, out: Path) -> str:
    """Lay a folder from `unfinished` in its place, on the disk and whole; return its digest.

    The digest is that of its manifest. A bundle that lay there before is replaced.
    """
    digest = sha256((folder / MANIFEST).read_bytes()).hexdigest()
    made = folder
    if out.suffix == ".zip":
        made = folder.with_name("bundle.zip")
        _zip(folder, made)
    _sync(made)
    if out.is_dir():
        out.rename(folder.with_name("before"))
    made.replace(out)
    _sync_one(out.parent)
    return digest


def _require_free(out: Path) -> None:
    """Refuse to replace what is no bundle: somebody's folder or file, named by mistake."""
    if out.is_dir():
        manifest = out / MANIFEST
        ours = json.loads(manifest.read_bytes()).get("files", {}) if manifest.is_file() else {}
        taken = bool(set(names(out)) - {MANIFEST} - ours.keys())
    else:
        taken = out.exists() and out.suffix != ".zip"
    if taken:
        raise UserError("archive_in_the_way", path=out)


def _sync(made: Path) -> None:
    """Wait until a file, or a folder with everything in it, is on the disk."""
    for path in sorted(made.rglob("*"), reverse=True) if made.is_dir() else ():
        _sync_one(path)
    _sync_one(made)


def _sync_one(path: Path) -> None:
    held = os.open(path, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


def _zip(folder: Path, out: Path) -> None:
    with zipfile.ZipFile(out, "w") as archive:
        for name in names(folder):
            entry = zipfile.ZipInfo(name, _STABLE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, (folder / name).read_bytes())
