"""Seen by a real browser: nothing hangs over the edge of a 360 px phone, and nothing is fetched."""

import html
import os
import re
import shutil
import subprocess

import pytest

from matching.rounds.exports import write_exports
from matching.rounds.report import write_report
from tests.matching.rounds.factories_view import round_view

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--virtual-time-budget=4000",
]
PROBE = """<!doctype html><meta charset="utf-8"><body>
<iframe id="phone" style="width:360px;height:30000px;border:0" srcdoc="{page}"></iframe>
<script>
phone.onload = () => {{
  const page = phone.contentDocument;
  page.querySelectorAll("details").forEach((each) => (each.open = true));
  const fetched = phone.contentWindow.performance.getEntriesByType("resource").length;
  document.body.dataset.told = page.documentElement.scrollWidth + " " + fetched;
}};
</script>
"""


@pytest.fixture(scope="module")
def browser() -> str:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None and os.environ.get("XUANKE_REQUIRE_BROWSER") == "1":
        pytest.fail("XUANKE_REQUIRE_BROWSER=1, but there is no chromium")
    if found is None:
        pytest.skip("no chromium here: the page's width on a phone was not measured")
    return found


def measure(browser: str, text: str, folder) -> tuple[int, int]:
    """Return the width the page takes on a 360 px phone, tables unfolded, and what it fetched."""
    probe = folder / "probe.html"
    probe.write_text(PROBE.format(page=html.escape(text, quote=True)), encoding="utf-8")
    command = [browser, *FLAGS, f"--user-data-dir={folder / 'profile'}", "--dump-dom"]
    done = subprocess.run(
        [*command, probe.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    told = re.search(r'data-told="(\d+) (\d+)"', done.stdout)
    assert told, done.stdout[-500:]
    return int(told[1]), int(told[2])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_fits_a_phone(browser, tmp_path, lang):
    page, _ = write_report(round_view(), tmp_path, lang)
    assert measure(browser, page.read_text("utf-8"), tmp_path) == (360, 0)


def test_the_slips_fit_a_phone(browser, tmp_path):
    page = next(path for path in write_exports(round_view(), tmp_path) if path.suffix == ".html")
    assert measure(browser, page.read_text("utf-8"), tmp_path) == (360, 0)


def test_a_page_that_is_too_wide_is_noticed(browser, tmp_path):
    """Negative control: a block of 500 px makes the page 500 px wide."""
    wide = '<body style="margin:0"><div style="width:500px">x</div>'
    assert measure(browser, wide, tmp_path) == (500, 0)
