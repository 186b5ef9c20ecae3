"""A framework of one's own, begun as a copy of one that is there."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from catalog.importing.spec import RowError
from diagnostics import data_files
from diagnostics.errors import BadFramework
from diagnostics.framework import Framework, parse_framework
from diagnostics.frameworks.items import Questionnaire
from diagnostics.frameworks.reading import read_questionnaire

_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def begin(code: str, title: str, folder: Path, like: str = "common") -> tuple[Path, ...]:
    """Copy a framework into a province's folder under a code of its own; return the files.

    The copy is version 1 and complete: nothing in it changes when ours does.

    Raises
    ------
    BadFramework
        If the code is no name for a file, or there is such a framework in the folder.
    """
    source = data_files.find("frameworks", like)
    target = folder / "frameworks" / f"{code}.toml"
    if not _CODE.fullmatch(code):
        raise BadFramework((_fault(target, "own_code", code),))
    if target.exists() or target.with_suffix("").exists():
        raise BadFramework((_fault(target, "own_there", code),))
    target.parent.mkdir(parents=True, exist_ok=True)
    head = source.read_text(encoding="utf-8-sig")
    for key, value in {"code": code, "version": 1, "zh": title}.items():
        line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
        literal = line.replace("\\", r"\\")  # nothing in a title refers to a group
        head = re.sub(rf"^{key} = .*$", literal, head, count=1, flags=re.M)
    target.write_text(head, encoding="utf-8")
    tables = sorted(source.with_suffix("").glob("*.csv"))
    target.with_suffix("").mkdir()
    copies = [shutil.copyfile(table, target.with_suffix("") / table.name) for table in tables]
    return (target, *copies)


def read_own(path: Path) -> tuple[Framework, Questionnaire]:
    """Return a framework and its items from the path of its file, wherever that lies.

    Raises
    ------
    BadFramework
        With everything that is wrong in it.
    """
    if not path.is_file():
        raise BadFramework((_fault(path, "own_missing", path.name),))
    folder = path.with_suffix("")
    frame = parse_framework(path.read_text(encoding="utf-8-sig"), folder)
    if frame.code != path.stem:
        raise BadFramework((_fault(path, "own_name", frame.code),))
    return frame, read_questionnaire(frame, folder)


def _fault(path: Path, code: str, name: str) -> RowError:
    return RowError(path.name, 0, "", "", code, {"name": name}, "diagnostics")
