"""`xuanke framework new|check|measure`: how each command is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli_shared import DB, Db, Lang, desk_of
from api.commands import frameworks

app = typer.Typer(help="Frameworks of ability: begin, check, measure · 能力框架：新建、检查、校准")


@app.command("new", help="Copy a framework to start your own from · 复制一份框架，供本地修改")
def new(
    code: Annotated[str, typer.Argument(help="Code of the new one, e.g. deqing. 新框架代码")],
    title: Annotated[str, typer.Option("--title", help="Its name. 名称")] = "本地能力框架",
    like: Annotated[str, typer.Option("--like", help="Which to copy. 以哪个为底本")] = "common",
    out: Annotated[Path, typer.Option("--out", help="Folder of the province. 本省文件夹")] = Path(
        "province"
    ),
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Copy a framework to start one's own from."""
    frameworks.new(desk_of(db, lang), code, title, like, out)


@app.command("check", help="Tell what is wrong and what could be better · 检查错误并给出修改建议")
def check(
    file: Annotated[Path, typer.Argument(help="Its .toml file. 框架的.toml文件")],
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Check a framework's files and the wording of its items."""
    frameworks.check(desk_of(db, lang), file)


@app.command("measure", help="Calibrate its items by all answers so far · 用已有作答校准题目")
def measure(
    code: Annotated[str, typer.Argument(help="Code of the framework. 框架代码")] = "common",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Calibrate a framework's items by the answers of everybody."""
    frameworks.measure(desk_of(db, lang), code)
