"""A ledger line for tests of the pure rules."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TestLine:
    __test__ = False

    year: int
    minutes: int
    category: str = "zhuanye"
    topics: tuple[str, ...] = ()
    mode: str = "f2f"
    evidence: str = "paper"

    def attributes(self):
        return {"category": (self.category,), "topic": self.topics, "mode": (self.mode,)}


def line(year, hours, category="zhuanye", **facts):
    return TestLine(year, round(hours * 60), category, **facts)
