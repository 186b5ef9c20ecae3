"""What an office decides about a round, as frozen data.

A settings file (`tests/matching/rounds/round_example.toml` comments every key) is read by
`matching.rounds.settings_file.read_settings`. Hours are account minutes, percentages are integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

LONGEST_PUBLIC = 500
"""Characters of a public value and of the words for where it comes from."""

LONGEST_LIST = 10
"""Choices the ballot sheet has columns for."""

TIERS: tuple[tuple[str, str, Mapping[str, int]], ...] = (
    ("学时缺口", "Hours short", {"hours_short": 1}),
    ("最低名额与层级缺口", "Quota minima and level shares short", {"quota_short": 1}),
    ("指派席位", "Assigned seats", {"assigned_seats": 1}),
    ("有志愿而无席位的教师", "Teachers with choices and no seat", {"unserved": 1}),
    ("志愿、需求与倾斜", "Rank, need and priority", {"welfare": 1}),
    ("超出学时", "Hours beyond the target", {"overshoot": 1}),
    ("抽签", "Lottery", {"lottery": 1}),
)
"""The tiers of a round that names none of its own: title zh, title en, goals with weights."""


@dataclass(frozen=True, slots=True)
class Tier:
    """Goals that are weighed against each other; a later tier may not spend an earlier one."""

    zh: str
    en: str
    goals: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Required:
    """Hours that everybody takes outside the round, such as a platform module without seats."""

    id: str
    title: str
    category: str
    minutes: int
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Points:
    """What a seat is worth: points of its rank, at most `need` for diagnosed need, and priorities."""

    rank: tuple[int, ...]
    need: int
    rural: int
    shortage: int
    shortage_subjects: tuple[str, ...]
    rural_residence: tuple[str, ...]

    def of_rank(self, rank: int) -> int:
        """Return the points of a rank (1 is first); ranks beyond the table earn its last entry."""
        return self.rank[min(rank, len(self.rank)) - 1]


@dataclass(frozen=True, slots=True)
class Substitute:
    """Substitute teachers present at a school; each lets one more teacher leave on these days."""

    school: str
    from_day: str
    until_day: str
    count: int


@dataclass(frozen=True, slots=True)
class Release:
    """How many teachers of a school may be away per half-day of term."""

    percent: int
    from_day: str
    until_day: str
    weekdays_only: bool
    closed: tuple[tuple[str, str], ...]
    substitutes: tuple[Substitute, ...]
    fixed: bool = False
    """True when `percent` overrides what single schools have set (a what-if)."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many distinct teachers at a level of training: a percentage of the roll or a number."""

    id: str
    title: str
    where: str
    teachers: str
    percent: int | None
    heads: int | None
    exact: bool
    rounding: str
    strict: bool = True
    """Whether the last round must meet it; else a shortfall is counted and told."""

    def minimum(self, roll: int) -> int:
        """Return the heads meant, given how many teachers are on the roll."""
        if self.heads is not None:
            return self.heads
        return rounded(roll * (self.percent or 0), self.rounding)


@dataclass(frozen=True, slots=True)
class Near:
    """Where the teachers of a unit may be assigned to: the sections that `where` covers."""

    unit: str
    where: str


@dataclass(frozen=True, slots=True)
class Fill:
    """Courses that should fill to a percentage of their seats, all of them together."""

    id: str
    title: str
    where: str
    percent: int

    def minimum(self, seats: int) -> int:
        """Return the seats meant, given how many there are."""
        return rounded(seats * self.percent, "ceil")


@dataclass(frozen=True, slots=True)
class Green:
    """The green channel: who belongs to it and how its seats are kept."""

    where: str
    kind: str
    place: str


@dataclass(frozen=True, slots=True)
class RoundSettings:
    """Everything an office decides about a round."""

    id: str
    title: str
    year: int
    unit: str
    programmes: tuple[str, ...]
    list_length: int
    most_sections: int
    assigned_cap: int
    seed: str
    effort: str
    rule_set: str
    category: str
    hours_weight: int
    hours_strict: bool
    subject_match: str
    framework: str
    points: Points
    required: tuple[Required, ...]
    release: Release
    shares: tuple[Share, ...]
    fills: tuple[Fill, ...]
    green: Green
    tiers: tuple[Tier, ...]
    excluded: tuple[tuple[str, str], ...] = ()
    travel: tuple[tuple[str, str], ...] = ()
    near: tuple[Near, ...] = ()
    """Units whose teachers are assigned to some sections only; others may be assigned to any."""
    approval: bool = False
    """Whether a ballot counts only once the school has approved it, and not until it returns it."""
    public_source: str = ""
    """The public value that is drawn after sealing and mixed into the seed, in words; empty for none."""
    supply_percent: int | None = None
    """Seat-hours on offer in percent of the hours due (a what-if); None keeps the capacities."""

    @property
    def commitment(self) -> str:
        """The SHA-256 of the seed, published before ballots close."""
        return commitment(self.seed)

    @property
    def required_minutes(self) -> dict[str, int]:
        """Category -> minutes that everybody books outside the round."""
        total: dict[str, int] = {}
        for module in self.required:
            total[module.category] = total.get(module.category, 0) + module.minutes
        return total


def commitment(seed: str) -> str:
    """Return the digest by which a seed is committed to before it is known."""
    return sha256(seed.encode()).hexdigest()


def rounded(hundredths: int, rounding: str) -> int:
    """Return hundredths / 100 rounded by `floor`, `half_up` or `ceil`, in integers throughout."""
    return (hundredths + {"floor": 0, "half_up": 50, "ceil": 99}[rounding]) // 100


def with_overrides(
    settings: RoundSettings,
    *,
    lists: int | None = None,
    supply: float | None = None,
    release_cap: int | None = None,
) -> RoundSettings:
    """Return the settings with a what-if applied.

    Parameters
    ----------
    lists
        Length of the preference lists; longer ballots are cut.
    supply
        Seat-hours on offer as a multiple of the hours due. Then nobody can promise every teacher her
        hours, nor every level its share: neither is strict any more, shortfalls are counted and told.
    release_cap
        Percentage of a school's staff that may be away; replaces what schools have set themselves.
    """
    changed = settings
    if lists is not None:
        changed = replace(changed, list_length=lists)
    if supply is not None:
        shares = tuple(replace(share, strict=False) for share in changed.shares)
        percent = round(supply * 100)
        changed = replace(changed, supply_percent=percent, hours_strict=False, shares=shares)
    if release_cap is not None:
        release = replace(changed.release, percent=release_cap, fixed=True)
        changed = replace(changed, release=release)
    return changed
