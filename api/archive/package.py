"""Files in a folder made one bundle: listed with their digests, and packed in always the same bytes."""

from __future__ import annotations

import json
import shutil
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

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


def packed(folder: Path, out: Path) -> str:
    """Put a folder where the bundle shall lie and return the digest of its manifest."""
    digest = sha256((folder / MANIFEST).read_bytes()).hexdigest()
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix == ".zip":
        _zip(folder, out)
    else:
        shutil.copytree(folder, out, dirs_exist_ok=True)
    return digest


def _zip(folder: Path, out: Path) -> None:
    with zipfile.ZipFile(out, "w") as archive:
        for name in names(folder):
            entry = zipfile.ZipInfo(name, _STABLE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, (folder / name).read_bytes())
