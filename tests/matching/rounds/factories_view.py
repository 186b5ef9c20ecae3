"""A small round made by hand: 3 schools, 12 teachers, 6 sections, 19 seats.

The arithmetic that tests lean on. The target is 42 学时 of 专业 (2,520 account minutes); 2 学时
come from a compulsory module, so sections must bring 40.

| section | hours | when              | seats    | who                                        |
|---------|-------|-------------------|----------|--------------------------------------------|
| C01     | 24    | 3-5 August        | 4 of 5   | T01 T02 T06 (first), T07 (second)          |
| C02     | 24    | 3-5 August        | 3 of 4   | T03 T04 T08 (first)                        |
| C12     | 24    | 8-10 August       | 7 of 7   | T09 (1), T01 T03 T06 T12 (2), T04 (3, in   |
|         |       |                   |          | round 2), T07 (assigned in round 2)        |
| C16     | 8     | 23 September      | 3 of 8   | T11 (1), T02 (2), T08 (assigned, round 2)  |
| C17     | 16    | 24-25 September   | closed   | wanted by T04 T07 T11 T12, needs 5         |
| MU2     | 40    | 16-20 November    | 2 of 3   | T05 T10 (first)                            |

Short of 42: T02 and T08 (34), T09 and T12 (26), T11 (10): 5 of 12. With nothing: nobody.
First choice: all but T07 and T12: 10 of 12. Chosen 17 seats (10, 6, 1 by rank), assigned 2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from matching.rounds.view import (
    AttendanceView,
    ChoiceView,
    GoalView,
    HalfDay,
    HoursLine,
    LimitView,
    MovedView,
    Outcome,
    RoundView,
    SchoolView,
    SeatView,
    SectionView,
    SolveView,
    Staff,
    TeacherView,
)

REQUIRED = 120
TARGET = 2520


@dataclass(frozen=True)
class SaidReason:
    """A reason as the engine gives it, with its sentences ready."""

    code: str
    zh: str
    en: str

    def say(self, lang: str = "zh") -> str:
        return self.zh if lang == "zh" else self.en


CLOSED = SaidReason(
    "closed", "《信息技术2.0》只有4人选，不足开班下限5人，未开班。", "C17 had 4 takers and needs 5."
)
FULL = SaidReason(
    "full", "《心理健康教育》7个席位已满，均给了更靠前的志愿。", "C12 is full: 7 of 7 seats."
)
RELEASE = SaidReason(
    "release",
    "9月23日贵校最多外出1人，已有1人外出。",
    "On 23 September your school may release 1 and 1 is away.",
)
MET = SaidReason("met", "您的专业学时已达到42学时。", "Your 42 hours are already met.")
QUOTA = SaidReason("quota", "市级名额2个已用完。", "The 2 city places are used up.")
FORCED = SaidReason(
    "hours_due",
    "为补足本年度专业学时由系统指派，可申请不参加。",
    "Assigned because hours were still due; you may decline.",
)


def days(first: str, count: int) -> tuple[HalfDay, ...]:
    start = int(first[-2:])
    dates = [f"{first[:-2]}{day:02d}" for day in range(start, start + count)]
    return tuple(HalfDay(date, half) for date in dates for half in ("am", "pm"))


def section(id_, title, institution, level, hours, first, count, capacity, minimum, is_open=True):
    name = {"I1": "西江师范学院", "I2": "德庆县教师发展中心"}[institution]
    return SectionView(
        id=id_,
        offering_id=id_,
        title=title,
        institution_id=institution,
        institution_name=name,
        level=level,
        category="zhuanye",
        mode="f2f",
        minutes=hours * 60,
        practice_minutes=hours * 30,
        meetings=days(first, count),
        site="县教师发展中心三楼",
        capacity=capacity,
        minimum=minimum,
        open=is_open,
        staff=Staff("陈专家", "何班主任", "黎班主任"),
    )


SECTIONS = (
    section("C01", "小学语文研课磨课", "I2", "county", 24, "2026-08-03", 3, 5, 3),
    section("C02", "小学数学研课磨课", "I2", "county", 24, "2026-08-03", 3, 4, 2),
    section("C12", "心理健康教育", "I1", "county", 24, "2026-08-08", 3, 7, 3),
    section("C16", "法治与校园安全", "I2", "county", 8, "2026-09-23", 1, 8, 3),
    section("C17", "信息技术2.0", "I2", "county", 16, "2026-09-24", 2, 9, 5, is_open=False),
    section("MU2", "教学能力提升", "I1", "city", 40, "2026-11-16", 5, 3, 2),
)


def school(id_, name, rural, staff, most_away=1):
    term = [meeting for s in SECTIONS if s.id in {"C16", "C17", "MU2"} for meeting in s.meetings]
    return SchoolView(id_, name, "441226", rural, staff, dict.fromkeys(term, most_away))


SCHOOLS = (
    school("A", "德城镇中心小学", False, 5),
    school("B", "金林村小学", True, 4),
    school("C", "高良中学", True, 3),
)

# teacher: name, school, stage, subject, {rank: (section, reason when missed)}
BALLOTS = {
    "T01": ("陈美玲", "A", "2", "jyt:13", [("C01", None), ("C12", None), ("MU2", MET)]),
    "T02": ("李建国", "A", "2", "jyt:13", [("C01", None), ("C16", None), ("C12", FULL)]),
    "T03": ("黄小燕", "A", "2", "jyt:14", [("C02", None), ("C12", None)]),
    "T04": ("梁志强", "A", "2", "jyt:14", [("C02", None), ("C17", CLOSED), ("C12", None)]),
    "T05": ("何丽", "A", "2", "jyt:41", [("MU2", None), ("C12", MET)]),
    "T06": ("谢文", "B", "2", "jyt:13", [("C01", None), ("C12", None)]),
    "T07": ("徐桂芳", "B", "2", "jyt:13", [("C17", CLOSED), ("C01", None)]),
    "T08": ("陈美玲", "B", "2", "jyt:14", [("C02", None), ("C12", FULL)]),
    "T09": ("欧阳海", "B", "2", "jyt:22", [("C12", None), ("MU2", QUOTA)]),
    "T10": ("冯卫东", "C", "3", "jyt:13", [("MU2", None), ("C16", RELEASE)]),
    "T11": ("罗敏", "C", "3", "jyt:14", [("C16", None), ("C17", CLOSED)]),
    "T12": ("岑勇", "C", "3", "jyt:16", [("C17", CLOSED), ("C12", None)]),
}
ROUND_TWO = {("T04", "C12"), ("T07", "C12"), ("T08", "C16")}
ASSIGNED = (("T07", "C12"), ("T08", "C16"))


def seats() -> tuple[SeatView, ...]:
    chosen = [
        SeatView(teacher, where, rank, "chosen", 2 if (teacher, where) in ROUND_TWO else 1)
        for teacher, (*_, ballot) in BALLOTS.items()
        for rank, (where, missed) in enumerate(ballot, 1)
        if missed is None
    ]
    return (*chosen, *(SeatView(t, s, 0, "assignable", 2, FORCED) for t, s in ASSIGNED))


def teacher(id_, name, school_id, stage, subject, ballot):
    minutes = {s.id: s.minutes for s in SECTIONS}
    earned = sum(minutes[seat.section_id] for seat in seats() if seat.teacher_id == id_)
    return TeacherView(
        id=id_,
        name=name,
        id_last4=f"10{id_[1:]}",
        school_id=school_id,
        stage=stage,
        subject=subject,
        hours=(
            HoursLine("gongxu", 1800, 1800, 1800),
            HoursLine("zhuanye", TARGET, earned + REQUIRED, REQUIRED),
            HoursLine("xuanxiu", 1080, 1080, 1080),
        ),
        choices=tuple(
            ChoiceView(rank, where, missed is None, missed)
            for rank, (where, missed) in enumerate(ballot, 1)
        ),
    )


def first_come(order: int) -> Outcome:
    first = 9 - order % 3
    return Outcome(str(order), 6 + order % 4, order % 3, 1 + order % 2, first, {1: first, 2: 4})


def solve_view(number: int, seats: int) -> SolveView:
    return SolveView(
        round=number,
        status="feasible",
        goals=(
            GoalView(1, "hours_short", "weighted_minutes", 4800, 4320, "prices"),
            GoalView(2, "assigned_seats", "seats", 2, 2, "exact"),
            GoalView(3, "unserved", "teachers", 0, 0, "exact"),
            GoalView(4, "welfare", "points", 1000, 1005, "prices", "max", 1020),
            GoalView(5, "lottery", "lots", 77, None, "none"),
        ),
        gap=0.005,
        digest=f"{number}f" * 32,
        instance_digest=f"{number}a" * 32,
        seed="2026-demo",
        version="0.1.0",
        backend="exact",
        seats=seats,
    )


def round_view(**changes: object) -> RoundView:
    """The round of the module's table, with `changes` to fields of the view."""
    view = RoundView(
        id="2026-1",
        title="2026年教师自主选学",
        year=2026,
        unit_id="441226",
        unit_name="德庆县",
        target_category="zhuanye",
        target_minutes=TARGET,
        solves=(solve_view(1, 16), solve_view(2, 19)),
        teachers=tuple(teacher(id_, *row) for id_, row in BALLOTS.items()),
        sections=SECTIONS,
        schools=SCHOOLS,
        seats=seats(),
        quotas=(
            LimitView("q1", "德庆县·市级项目", 0, 2, 2, "seats"),
            LimitView("q2", "德庆县·小学语文", 3, 5, 4, "seats"),
        ),
        shares=(LimitView("city", "市级", 2, 2, 2), LimitView("county", "县级", 9, None, 10)),
        moved=(
            MovedView("T04", "C17", ("C12",)),
            MovedView("T07", "C17", ("C12",)),
            MovedView("T11", "C17", ()),
            MovedView("T12", "C17", ("C12",)),
        ),
        baseline=tuple(first_come(order) for order in range(20)),
        cancelled=tuple(replace(first_come(n), short=9 + n % 2, ranks={1: 5}) for n in range(20)),
        attendance=AttendanceView(True, 120, 115, 27600, 6),
        synthetic=True,
    )
    return replace(view, **changes)  # type: ignore[arg-type]
