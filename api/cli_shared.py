"""What commands have in common: the database, the language, who asks and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.console import Desk
from api.places import target
from api.province import use_beside

Db = Annotated[
    str,
    typer.Option("--db", envvar="XUANKE_DB", help="File or postgresql:// URL. 数据库文件或网址"),
]
Lang = Annotated[str, typer.Option("--lang", envvar="XUANKE_LANG", help="zh or en. 输出语言")]
Out = Annotated[Path, typer.Option("--out", help="Folder for the files. 输出文件夹")]
Settings = Annotated[Path, typer.Option("--settings", help="Settings of the round. 轮次设置文件")]
By = Annotated[str, typer.Option("--by", envvar="XUANKE_BY", help="Your name. 操作人")]
Second = Annotated[str, typer.Option("--second", help="Who agrees, where two must. 第二人")]
Reason = Annotated[str, typer.Option("--reason", help="Published with the verb. 理由，将公布")]
Round = Annotated[str, typer.Option("--round", help="Which round; else the only one. 轮次编号")]
Teacher = Annotated[str, typer.Argument(help="Teacher id. 教师编号")]
Section = Annotated[str, typer.Argument(help="Section id. 班次代码")]
DB = "xuanke.db"
ROUND = Path("round.toml")


def desk_of(words: str | Path, lang: str) -> Desk:
    """Return the desk at a database in a language, with the province's data files beside it."""
    if lang not in ("zh", "en"):
        raise typer.BadParameter("zh | en", param_hint="--lang")
    db = target(str(words))
    use_beside(db)
    return Desk(db, "en" if lang == "en" else "zh")
