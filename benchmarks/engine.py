"""One drawn round, measured in a process of its own by the command anybody can type."""

from __future__ import annotations

import json
import subprocess
import sys


def one(
    kind: str,
    teachers: int,
    seed: int,
    effort: str,
    tiers: str = "merged",
    *,
    recheck: bool = True,
) -> dict:
    """Return what `python -m matching bench` tells of one round."""
    command = [sys.executable, "-m", "matching", "bench", kind, "--teachers", str(teachers)]
    command += ["--seed", str(seed), "--effort", effort, "--tiers", tiers, "--json"]
    if not recheck:
        command.append("--no-verify")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(f"{' '.join(command[1:])}: {done.stderr.strip()}")
    return json.loads(done.stdout)
