"""Who sits where: the engine (pure, usable alone on files) and the rounds that use it."""

from matching.check import check, measure
from matching.errors import BadInstance, MatchingError
from matching.files import read_instance, read_result, write_instance, write_result
from matching.instance import Instance
from matching.problem import Problem
from matching.result import GoalValue, Reason, Result, Seat
from matching.settings import Settings
from matching.solve import solve

__all__ = [
    "BadInstance",
    "GoalValue",
    "Instance",
    "MatchingError",
    "Problem",
    "Reason",
    "Result",
    "Seat",
    "Settings",
    "check",
    "measure",
    "read_instance",
    "read_result",
    "solve",
    "write_instance",
    "write_result",
]
