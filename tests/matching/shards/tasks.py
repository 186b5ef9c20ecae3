"""Tasks for workers of other processes, which find them by name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from matching.shards.threads import threads


class Stubborn(Exception):
    """An error that does not survive the way back: it cannot be made from its words."""

    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def add(numbers, more):
    return int(numbers.sum()) + more


def name_itself(numbers):
    return os.getpid()


def complain(numbers, shard):
    if shard != 1:
        return "fine"
    raise ValueError("there is no such bundle")


def complain_stubbornly(numbers):
    raise Stubborn("this", "that")


def end(numbers, code):
    os._exit(code)


def end_once(numbers, mark):
    """End without a word the first time, and answer the second time."""
    if not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return int(numbers.sum())


def write_into(numbers):
    numbers[0] += 1
    return int(numbers[0])


def hears_ctrl_c(numbers):
    held_back = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    return signal.getsignal(signal.SIGINT) != signal.SIG_IGN and signal.SIGINT not in held_back


def count_threads(numbers):
    return threads()


def wait_for_ever(numbers, mark):
    Path(mark).touch()
    while True:
        time.sleep(60)
