"""`xuanke serve`: alive at once, ready when the county is there, one process to a file, gone when ended."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from api.serve_demo import OPEN_DAYS, lay_ahead
from catalog.tables import SectionRow
from tests.matching.rounds.factories import (
    add,
    course,
    days,
    institution,
    programme,
    settings,
    units,
)

ROOT = Path(__file__).parents[3]
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def ask(port: int, path: str, token: str = "") -> tuple[int, dict]:
    """Return status and answer; 0 while nobody answers."""
    sent = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=sent)
    try:
        with DIRECT.open(request, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)
    except OSError:
        return 0, {}


def until(port: int, path: str, process: subprocess.Popen) -> dict:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended"
        status, told = ask(port, path)
        if status == 200:
            return told
        time.sleep(0.1)
    raise AssertionError(f"{path} was not answered")


def start(*words: str, folder: Path, out) -> subprocess.Popen:
    command = [sys.executable, "-m", "api.cli", "serve", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("serve"), free_port()
    said = folder / "said"
    with said.open("w") as out:
        process = start("--port", str(port), "--demo", "--lang", "en", folder=folder, out=out)
        try:
            yield port, process, said
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def test_it_is_alive_before_the_county_is_made_and_describes_itself(demo):
    port, process, _ = demo
    assert until(port, "/healthz", process) == {"status": "ok"}
    assert ask(port, "/readyz")[0] in (200, 503)
    assert "/api/v1/rounds" in until(port, "/openapi.json", process)["paths"]


def test_its_tokens_open_the_doors_they_are_for(demo):
    port, process, said = demo
    until(port, "/readyz", process)
    text = said.read_text(encoding="utf-8")
    tokens = dict(re.findall(r"^  (\w+(?: 2)?) +(xk_[\w-]+)$", text, flags=re.M))
    assert set(tokens) == {"teacher", "school", "institution", "county", "county 2", "auditor"}
    for who, token in tokens.items():
        status, told = ask(port, "/api/v1/me", token)
        assert (status, told["role"]) == (200, who.split()[0])
    (row,) = ask(port, "/api/v1/rounds", tokens["county"])[1]["items"]
    assert row["state"] == "open"
    menu = ask(port, f"/api/v1/rounds/{row['id']}/menu", tokens["teacher"])[1]
    assert menu["entries"]


def test_its_sections_lie_ahead_so_that_a_round_can_be_published(demo):
    port, process, said = demo
    until(port, "/readyz", process)
    token = re.findall(r"county +(xk_\S+)", said.read_text(encoding="utf-8"))[0]
    items = ask(port, "/api/v1/catalog/sections?limit=200", token)[1]["items"]
    first = min(min(item["meetings"]) for item in items if item["meetings"])
    assert first[:10] >= f"{datetime.now(UTC) + timedelta(days=OPEN_DAYS + 7 + 10):%Y-%m-%d}"


@pytest.mark.parametrize(
    ("today", "weeks"), [("2026-06-01", 0), ("2026-08-03", 6), ("2026-08-04", 7)]
)
def test_the_made_up_county_is_laid_ahead_by_whole_weeks(engine, today, weeks):
    rows = (*units(), institution("I1"), programme(), *course("C1", days("2026-08-03", 2)))
    with Session(engine) as opened:
        add(opened, *rows, *course("C2", [], mode="online", minutes=480))
        before = settings()
        moved = lay_ahead(opened, before, date.fromisoformat(today))
        opened.flush()
        term = date.fromisoformat(before.release.from_day) + timedelta(weeks=weeks)
        assert moved.release.from_day == str(term)
        assert len(moved.release.closed) == len(before.release.closed) > 0
        assert (moved == before) is (weeks == 0)
        first = date(2026, 8, 3) + timedelta(weeks=weeks)
        met = opened.get_one(SectionRow, "C1").meetings
        assert {meeting[:10] for meeting in met} == {f"{first}", f"{first + timedelta(days=1)}"}
        assert {meeting[11:] for meeting in met} == {"AM", "PM"}
        assert opened.get_one(SectionRow, "C2").meetings == []


def test_a_file_is_served_by_one_process(tmp_path):
    from api.console import key_file
    from api.database import open_database
    from api.messages import say
    from api.migrations import upgrade
    from api.unit_of_work import Office
    from diagnostics.identity import keep_key_in

    path = tmp_path / "county.db"
    upgrade(path)
    keep_key_in(key_file(path))
    engine, port = open_database(path), free_port()
    with Office(engine, serving=True), (tmp_path / "said").open("w") as out:
        second = start("--port", str(port), "--db", str(path), folder=tmp_path, out=out)
        assert second.wait(60) == 2
    engine.dispose()
    said = (tmp_path / "said").read_text(encoding="utf-8")
    assert said.strip() == say("served_already", "zh", path=path)
