"""A clerk at the counter who is killed again and again: what was acknowledged, what is there.

The parent sends numbers to a child process, whose office makes one row and one event of each, and
acknowledges them. After so many answers the child is killed with SIGKILL; a new one gets what was not
acknowledged once more, under the same keys. A row's own key is random, so an effect that happens
twice leaves two rows.
"""

from __future__ import annotations

import multiprocessing
import random
import uuid
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from time import sleep

from sqlalchemy import select

from api import log
from api.database import open_database, reading
from api.unit_of_work import Office
from catalog.tables import UnitRow
from matching.rounds.life.events import Happened
from tests.api.office_stories import call, key

IN_FLIGHT = 60


def effect(number, and_then=None):
    """Return a command with an effect that nothing but the idempotency key keeps from repeating."""

    def command(session):
        session.add(UnitRow(id=f"{number}:{uuid.uuid4()}", name="x", kind="county"))
        if and_then:
            and_then()
        return Happened("made", "R", {"number": number}, {"number": number})

    return command


def serve(target, connection, variant):
    """Be the child: do what is asked and acknowledge it; `variant` names what is done wrongly."""
    engine = open_database(target)
    office = Office(engine, serving=True)
    answering = Lock()

    def acknowledge(number):
        with answering:
            connection.send(number)

    def answer(number, future):
        if variant != "answers early" or future.result().replayed:
            acknowledge(number)

    while (number := connection.recv()) is not None:
        too_early = partial(acknowledge, number) if variant == "answers early" else None
        known = None if variant == "no keys" else key(f"k{number}")
        future = office.submit(call(), effect(number, too_early), known)
        future.add_done_callback(partial(answer, number))
    office.close()


@dataclass
class Played:
    """What a story of kills came to."""

    acknowledged: set[int] = field(default_factory=set)
    repeated: int = 0
    rows: Counter[int] = field(default_factory=Counter)
    lines: Counter[int] = field(default_factory=Counter)
    faults: tuple[log.Fault, ...] = ()

    @property
    def lost(self):
        return sorted(n for n in self.acknowledged if not self.rows[n] or not self.lines[n])

    @property
    def doubled(self):
        return sorted(n for n in self.rows if self.rows[n] > 1 or self.lines[n] > 1)


def play(target, kills, answers, seed=1, variant=""):
    """Kill a child `kills` times, each after a random number of answers, and look what is there."""
    chance = random.Random(seed)
    played = Played()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    unanswered: dict[int, None] = {}
    for _ in range(kills):
        goal = chance.randint(*answers)
        with Life(context, target, variant, played, unanswered) as life:
            life.work(goal)
            sleep(chance.uniform(0, 0.01))
            life.process.kill()
            life.hear_the_rest()
    with Life(context, target, variant, played, unanswered) as life:
        life.finish()
    look(target, played)
    return played


class Life:
    """One child from its start to its end."""

    def __init__(self, context, target, variant, played, unanswered):
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(target, theirs, variant))
        self.process.start()
        theirs.close()
        self.played = played
        self.unanswered = unanswered
        played.repeated += len(unanswered)
        for number in list(unanswered):
            self.connection.send(number)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()
        self.process.join(60)
        self.process.close()

    def work(self, goal):
        """Send new numbers until `goal` were answered; one answer is lost on the way."""
        new = max(self.played.acknowledged | self.unanswered.keys(), default=0)
        lost = None
        heard = 0
        while heard < goal:
            while len(self.unanswered) < IN_FLIGHT:
                new += 1
                self.unanswered[new] = None
                self.connection.send(new)
            lost = lost or self.next_answer()
            self.hear()
            heard += 1

    def next_answer(self):
        assert self.connection.poll(60), "the child hangs"
        return self.connection.recv()

    def hear(self):
        number = self.next_answer()
        self.played.acknowledged.add(number)
        self.unanswered.pop(number, None)

    def hear_the_rest(self):
        """Take the answers that had left before the kill; the last one may be cut off."""
        try:
            while True:
                self.hear()
        except (EOFError, ConnectionResetError):
            return

    def finish(self):
        while self.unanswered:
            self.hear()
        self.connection.send(None)


def look(target, played):
    """Count what is stored."""
    engine = open_database(target)
    with reading(engine) as session:
        ids = session.execute(select(UnitRow.id)).scalars()
        played.rows = Counter(int(one.split(":")[0]) for one in ids)
        bodies = session.execute(select(log.BODIES.c.body)).scalars()
        played.lines = Counter(body["number"] for body in bodies)
        played.faults = log.check(session).faults
    engine.dispose()
