"""How much memory a solve will need, foreseen from the sizes of the round, and what is there.

The figures are measured peaks of whole processes, rounded up (`tests/matching/test_foreseen.py`):
never below what was needed, never twice as much.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from matching.errors import UnsupportedInstance
from matching.instance import Instance
from matching.messages import Language, say
from matching.primitives import Draft

MB = 1_000_000

PROGRAM, SEARCH = 250 * MB, 150 * MB
"""Python with the libraries; the compiled search, where bundles are not listed."""

AN_OPTION, A_REFEREED_OPTION, A_BUNDLE, A_REASON = 36, 360, 230, 720
"""Bytes of one choice, of one that the referee looks up, of a listed bundle, and of a reason."""

AN_ARC = 210
"""Bytes of one choice where a flow seats everybody."""

AT_ONCE = 512
"""Teachers whose bundles are counted together."""


class NotEnoughMemory(UnsupportedInstance):
    """A solve would need more memory than there is."""

    def __init__(self, need: int, have: int) -> None:
        self.need, self.have = need, have
        super().__init__(self.say("en"))

    def say(self, lang: Language = "zh") -> str:
        """Return the sentence for the reader."""
        return say("error_not_enough_memory", lang, need=self.need // MB, have=self.have // MB)


def needed(instance: Instance, *, refereed: int, told: int) -> int:
    """Return the bytes a process will need at most to solve a round, whatever its search takes.

    Parameters
    ----------
    refereed, told
        Up to so many teachers the referee looks at the seats, and reasons are told (0: none are).
    """
    choices, teachers = instance["choices"], len(instance["teachers"])
    each = A_REFEREED_OPTION if teachers <= refereed else AN_OPTION
    found = PROGRAM + each * len(choices)
    if teachers <= told:
        kinds = choices.words("kind")
        found += A_REASON * int(kinds.where(lambda kind: kind == "chosen").sum())
    return found


def for_search(draft: Draft, left: int) -> int:
    """Return the bytes that a flow, a list of bundles or the compiled search needs.

    Bundles are counted one by one only if all sets of choices would not fit into what is `left`.
    """
    from matching.backends.bundles import count_of
    from matching.backends.frame import frame_of
    from matching.backends.listable import is_listable, sets_of
    from matching.backends.network import network_of
    from matching.backends.priced import LISTED_AT_ONCE

    frame = frame_of(draft)
    if network_of(draft, frame) is not None:
        return SEARCH + AN_ARC * draft.arcs
    if not is_listable(frame):
        return SEARCH
    at_most = A_BUNDLE * sets_of(frame)
    listed = at_most if at_most <= left else A_BUNDLE * count_of(draft, AT_ONCE)
    return listed + SEARCH * (sets_of(frame) > LISTED_AT_ONCE)


def refuse_unaffordable(need: int, have: int) -> None:
    """Refuse what needs more memory than there is.

    Raises
    ------
    NotEnoughMemory
        If it does; the message tells both figures.
    """
    if need > have:
        raise NotEnoughMemory(need, have)


def available(root: Path = Path("/")) -> int:
    """Return the bytes this process may use in all, as far as the system tells; else a great deal.

    The least of what is free, of what every group of processes it belongs to may still take, and of
    the limit of its address space.
    """
    own = _own(root)
    left = [*_free(root), *_of_groups(root), *_address_space(own.get("VmSize", 0))]
    return own.get("VmRSS", 0) + max(0, min(left, default=1 << 60))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _in_bytes(path: Path) -> dict[str, int]:
    """Return the lines of a file such as /proc/meminfo that are told in kB."""
    found = (line.split() for line in _lines(path))
    return {words[0].rstrip(":"): int(words[1]) * 1024 for words in found if words[2:] == ["kB"]}


def _own(root: Path) -> dict[str, int]:
    return _in_bytes(root / "proc/self/status")


def _free(root: Path) -> Iterator[int]:
    told = _in_bytes(root / "proc/meminfo")
    if "MemAvailable" in told:
        yield told["MemAvailable"]


def _of_groups(root: Path) -> Iterator[int]:
    """Yield what each group may still take; cached files can be given back."""
    names = ("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")
    for line in _lines(root / "proc/self/cgroup"):
        number, controllers, path = line.split(":", 2)
        if number != "0" and "memory" not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / ("" if number == "0" else "memory")
        here = top / path.lstrip("/")
        for place in (here, *here.parents):
            limit, used = (_number(place / name) for name in names[number != "0"])
            if limit is not None and used is not None:
                yield limit - used + _cached(place / "memory.stat")
            if place == top:
                break


def _number(path: Path) -> int | None:
    lines = _lines(path)
    return int(lines[0]) if lines and lines[0].isdigit() else None


def _cached(path: Path) -> int:
    found = dict(line.split(" ", 1) for line in _lines(path))
    return int(found.get("total_inactive_file", found.get("inactive_file", "0")))


def _address_space(used: int) -> Iterator[int]:
    if os.name != "posix":
        return
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY:
        yield limit - used
