"""The demo from beginning to end: the steps of an office, one after the other, with a clock."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from api.commands.solving import tell_job
from api.console import Desk, key_file
from api.errors import UserError
from api.messages import say

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from api.archive import Bundle
    from api.demo.story import Lived
    from matching.rounds.assertions import Check
    from matching.rounds.attendance import Mark
    from matching.rounds.evidence import ZeroRelease
    from matching.rounds.learnt import Truth
    from matching.rounds.service import Answer
    from matching.rounds.settings import RoundSettings
    from matching.rounds.view import RoundView

ROOT = Path(__file__).parents[2]
SHEETS = ROOT / "examples" / "pilot"
BALLOTS = "ballots.xlsx"
OURS = (
    "sheets",
    "instance",
    "result",
    "exports",
    "report",
    "notices",
    "archive.zip",
    "xuanke.db",
    "xuanke.db.jobs",
)
"""What a demo makes in its folder, and what a later demo there replaces."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A what-if of the demo; None leaves the pilot as it is."""

    lists: int | None = None
    supply: float | None = None
    release_cap: int | None = None
    scale: int = 1

    def say(self, desk: Desk) -> str:
        """Return the variant in words, empty for the pilot itself."""
        shown = {
            "lists": self.lists,
            "supply": self.supply,
            "release_cap": self.release_cap,
            "scale": self.scale if self.scale > 1 else None,
        }
        named = [
            say(f"variant_{name}", desk.lang, value=value)
            for name, value in shown.items()
            if value is not None
        ]
        return (("；" if desk.lang == "zh" else "; ").join(named)) or say("variant_none", desk.lang)


def demo(desk: Desk, out: Path, variant: Variant) -> bool:
    """Run a whole county in `out`; True if every promise was kept (or the clash is the answer)."""
    _announce(desk, out, variant)
    fresh_folder(out)
    zero = variant.release_cap == 0
    step = _Steps(desk, 3 if zero else 10)
    with step("sheets"):
        sheets = _sheets(out, variant)
    with step("import"):
        _import(desk, sheets, without="" if zero else BALLOTS)
    settings = _settings(sheets, variant)
    with desk.database() as engine:
        if zero:
            return _without_release(desk, engine, settings, step)
        told = _truth(sheets / "truth" / "levels.csv")
        return _Round(desk, engine, settings, out, step, told).run(sheets / BALLOTS)


def fresh_folder(out: Path) -> None:
    """Make the folder; what an earlier demo left there goes, anything else stays."""
    out.mkdir(parents=True, exist_ok=True)
    database = out / "xuanke.db"
    for path in (*(out / name for name in OURS), *out.glob("xuanke.db-*"), key_file(database)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


class _Round:
    """The life of the round, what came of it, and the account."""

    def __init__(
        self,
        desk: Desk,
        engine: Engine,
        settings: RoundSettings,
        out: Path,
        step: _Steps,
        truth: Truth | None,
    ) -> None:
        self.desk = desk
        self.step = step
        self.engine = engine
        self.settings = settings
        self.out = out
        self.truth = truth

    def run(self, ballots: Path) -> bool:
        """Play the life; False if the settings clash or a promise is broken."""
        from api.demo.story import Story

        with Story(self.desk, self.engine, self.settings) as story:
            with self.step("choose"):
                lived = story.choose(ballots)
            for number in (1, 2):
                with self.step(f"round_{number}"):
                    job = story.solve(number)
                if job.state != "done":
                    tell_job(self.desk, job)
                    return False
                story.publish(number)
            with self.step("confirm"):
                lived = story.confirm(lived)
            with self.step("attend"):
                lived = story.attend(lived)
            with self.step("checks"):
                repeats = story.replay()
                checks, view = self._look_back(repeats, story.marks(), lived.minutes)
            with self.step("paper"):
                self._write(view, [answer for _, answer in repeats])
                lived = story.tell_people(self.out / "notices", lived)
            with self.step("archive"):
                kept = self._recheck(story.archive(self.out / "archive.zip"))
        self._tell(view, checks, [answer.result.phases for _, answer in repeats], lived)
        return kept and all(check.ok for check in checks)

    def _look_back(
        self, repeats: list[tuple[str, Answer]], marks: tuple[Mark, ...], minutes: int
    ) -> tuple[tuple[Check, ...], RoundView]:
        """Ask for a release cap of 0 %, and gather the evidence of what was lived through."""
        from api.database import session
        from matching.rounds import assertions, service
        from matching.rounds.evidence import gather
        from matching.rounds.viewing import attendance_view, round_view

        digests = tuple((digest, again.result.digest) for digest, again in repeats)
        with session(self.engine) as opened:
            zero = service.zero_release(opened, self.settings)
            found = gather(opened, self.settings, marks=marks, repeats=digests, zero=zero)
            came = attendance_view(marks, minutes, len(found.certificates))
            view = round_view(
                opened, self.settings, attendance=came, synthetic=True, truth=self.truth
            )
        return assertions.run(replace(found, learnt=view.learnt)), view

    def _write(self, view: RoundView, answers: list[Answer]) -> None:
        from matching.files import write_instance, write_result
        from matching.rounds.exports.write import write_exports
        from matching.rounds.report.page import write_report

        for name in ("instance", "result"):
            (self.out / name).mkdir()
        for answer in answers:
            name = f"round-{answer.number}"
            write_instance(answer.assembly.instance, self.out / "instance" / name)
            write_result(answer.result, self.out / "result" / name)
        write_exports(view, self.out / "exports", self.desk.lang)
        write_report(view, self.out / "report", "zh")
        write_report(view, self.out / "report", "en")

    def _recheck(self, bundle: Bundle) -> bool:
        """Let the independent checker look at the archived bundle."""
        command = [sys.executable, str(ROOT / "matching" / "verify.py"), str(bundle.path)]
        checked = subprocess.run(
            [*command, "--lang", self.desk.lang], capture_output=True, text=True, check=False
        )
        last = (checked.stdout or checked.stderr).strip().rpartition("\n")[2]
        self.desk.say("demo_archived", path=bundle.path, told=last)
        return checked.returncode == 0

    def _tell(
        self,
        view: RoundView,
        checks: tuple[Check, ...],
        timings: list[Mapping[str, float]],
        lived: Lived,
    ) -> None:
        from api.demo import account
        from matching.rounds.report.desk import Desk as Report

        report = Report(view, self.desk.lang)
        for part in (
            account.headline(report),
            account.solves(report, timings),
            account.life(lived, self.desk.lang),
            account.promises(checks, self.desk.lang),
            account.files(self.out, self.desk.lang),
        ):
            self.desk.tell()
            for line in part:
                self.desk.tell(line)


def _without_release(desk: Desk, engine: Engine, settings: RoundSettings, step: _Steps) -> bool:
    """Ask for what cannot be: nobody may leave school in term; the answer must name the schools."""
    from api.database import reading
    from matching.rounds import service, store

    with step("zero"), reading(engine) as opened:
        answer = service.first_round(store.load(opened, settings), settings)
    zero = _zero(answer)
    _tell_clash(desk, answer)
    kept = zero.status == "infeasible" and bool(zero.schools) and not zero.seats
    desk.say(
        "zero_kept" if kept else "zero_failed",
        status=zero.status,
        schools=", ".join(zero.schools) or "–",
        seats=zero.seats,
    )
    return kept


def _zero(answer: Answer) -> ZeroRelease:
    from matching.rounds.evidence import ZeroRelease
    from matching.rounds.service import schools_named

    result = answer.result
    return ZeroRelease(result.status, schools_named(answer), len(result.seats))


def _tell_clash(desk: Desk, answer: Answer) -> None:
    from api.commands.rounds import tell_answer

    desk.tell()
    tell_answer(desk, answer)


def _announce(desk: Desk, out: Path, variant: Variant) -> None:
    desk.tell(
        "Xuanke demo · 从表格到有证明、有解释的选课结果 · from spreadsheets to a proven result"
    )
    desk.say("demo_begin", teachers=400 * variant.scale, out=out, variant=variant.say(desk))
    if variant.scale == 1:
        desk.say("demo_model")


def _sheets(out: Path, variant: Variant) -> Path:
    """Return the folder of the spreadsheets: those that are shipped, or larger ones drawn now."""
    if not (SHEETS / "round.toml").is_file():
        raise UserError("demo_no_examples", folder=SHEETS)
    if variant.scale == 1:
        return SHEETS
    folder = out / "sheets"
    command = [sys.executable, "-m", "examples.pilot.make", "--out", str(folder.resolve())]
    subprocess.run(
        [*command, "--scale", str(variant.scale)], check=True, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    return folder


def _truth(file: Path) -> Truth | None:
    """Return the true levels of the people who are made up, None where nothing tells them."""
    if not file.is_file():
        return None
    with file.open(encoding="utf-8", newline="") as rows:
        return {row.pop("teacher"): _numbers(row) for row in csv.DictReader(rows)}


def _numbers(row: Mapping[str, str]) -> dict[str, int]:
    return {dimension: int(level) for dimension, level in row.items()}


def _import(desk: Desk, sheets: Path, without: str) -> None:
    """Import the sheets; ballots are not among them where teachers hand them in themselves."""
    from api.commands.imports import Wish, import_files
    from api.migrations import upgrade
    from api.sheets import files_in

    upgrade(desk.db)
    wanted = [path for path in files_in([sheets]) if path.name != without]
    for batch in import_files(desk, wanted, Wish(yes=True, quiet=True)):
        title = batch.kind.title(desk.lang)
        desk.say("demo_imported", title=title, file=batch.file_name, rows=batch.added)


def _settings(sheets: Path, variant: Variant) -> RoundSettings:
    from matching.rounds.settings import with_overrides
    from matching.rounds.settings_file import read_settings

    return with_overrides(
        read_settings(sheets / "round.toml"),
        lists=variant.lists,
        supply=variant.supply,
        release_cap=variant.release_cap,
    )


class _Steps:
    """Says which step of how many is being done, and how long it took."""

    def __init__(self, desk: Desk, total: int) -> None:
        self._desk = desk
        self._total = total
        self._done = 0

    @contextmanager
    def __call__(self, code: str) -> Iterator[None]:
        self._done += 1
        begun = time.perf_counter()
        self._desk.say("step", number=self._done, total=self._total, what=self._what(code))
        with self._desk.progress(f"step_{code}", None):
            yield
        self._desk.say("step_done", seconds=f"{time.perf_counter() - begun:.1f}")

    def _what(self, code: str) -> str:
        return say(f"step_{code}", self._desk.lang)
