"""Lines for the rules that a plain county does without."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from matching.columns import Words
from matching.generate.market import TERM, Market, Numbers
from matching.generate.tables import CATEGORIES, WEIGHTS, Columns, halves, names
from matching.table import Cells

SITES = ("town", "hill", "lake", "mill")
LEVELS = ("county", "city", "province")


def add_every_rule(tables: dict[str, Columns], market: Market, draw: np.random.Generator) -> None:
    """Add sites, hosts, levels, fees, topics, bans, teams and the like to the tables of a county."""
    _about_sections(tables, market, draw)
    _about_teachers(tables, market, draw)
    _of_both(tables, market, draw)
    capacity = np.asarray(tables["sections"]["capacity"])
    _shared(tables, market, int(capacity.sum()))


def _about_sections(tables: dict[str, Columns], market: Market, draw: np.random.Generator) -> None:
    count = len(market.sections)
    capacity = np.asarray(tables["sections"]["capacity"])
    site = draw.integers(0, len(SITES), count)
    tables["sections"] |= {
        "site": Words(site, SITES),
        "fund": Words(draw.integers(0, 2, count), ("F1", "F2")),
        "fee_fen": market.sections.hours * 1_000 * draw.integers(2, 5, count),
        "minimum": np.where(draw.random(count) < 0.5, np.minimum(6, capacity // 2), 0),
    }
    ids = names("C", count)
    old = [ids[place] for place in np.flatnonzero(draw.random(count) < 0.1).tolist()]
    for name, more in (
        ("section", old),
        ("attribute", ["years"] * len(old)),
        ("test", ["ge"] * len(old)),
        ("values", ["1"] * len(old)),
    ):
        tables["eligibility"][name] = [*_cells(tables, "eligibility", name), *more]
    level = draw.choice(3, count, p=[0.6, 0.25, 0.15])
    _replace(tables["section_attributes"], "level", Words(level, LEVELS))
    _append(tables["section_attributes"], "section", np.arange(count), "host", Words(site, SITES))
    for name, share in (("topic", 0.12), ("practice", 0.4)):
        who = np.flatnonzero(draw.random(count) < share)
        value = Words(np.zeros(len(who), np.int8), ("ethics" if name == "topic" else "yes",))
        _append(tables["section_attributes"], "section", who, name, value)
    offerings = int(market.sections.offering.max()) + 1
    one, other = draw.permutation(offerings)[: 2 * (offerings // 10)].reshape(2, -1)
    ids = names("O", offerings)
    first, second = ([ids[i] for i in side.tolist()] for side in (one, other))
    half = len(first) // 2
    tables["excluded"] = {"offering_a": first[:half], "offering_b": second[:half]}
    tables["prerequisites"] = {"offering": first[half:], "requires": second[half:]}
    tables["travel"] = {"site_a": [SITES[0]], "site_b": [SITES[1]]}


def _about_teachers(tables: dict[str, Columns], market: Market, draw: np.random.Generator) -> None:
    count = len(market.teachers)
    ids = names("T", count)
    tables["teachers"]["assigned_cap"] = np.full(count, 2)
    site = Words(draw.integers(0, len(SITES), count), SITES)
    _append(tables["attributes"], "teacher", np.arange(count), "site", site)
    days, parts = zip(*halves(), strict=True)
    busy, when = _pairs(draw, count // 10, count, TERM)
    tables["busy"] = {
        "teacher": [ids[i] for i in busy.tolist()],
        "day": [days[i] for i in when.tolist()],
        "half": [parts[i] for i in when.tolist()],
    }
    banned = np.flatnonzero(draw.random(count) < 0.02)
    tables["bans"] = {
        "teacher": [ids[i] for i in banned.tolist()],
        "from_day": [min(days)] * len(banned),
        "until_day": [max(days[:TERM])] * len(banned),
        "where": ["level=province"] * len(banned),
    }
    tables["topics"] = {
        "topic": ["ethics"],
        "teachers_where": ["years<=2"],
        "weight": [240],
    }
    tables["requirements"] |= {
        "id": [*CATEGORIES, "practice"],
        "parent": ["", "", "", "zhuanye"],
        "where": [*(f"category={name}" for name in CATEGORIES), "practice=yes"],
        "weight": [*WEIGHTS, 2],
        "cap": ["", "", "", 60 * 20],
    }


def _pairs(draw: np.random.Generator, count: int, *sizes: int) -> tuple[Numbers, ...]:
    """Return different pairs of positions."""
    chosen = np.unique(draw.integers(0, int(np.prod(sizes)), count))
    return np.unravel_index(chosen, sizes)


def _of_both(tables: dict[str, Columns], market: Market, draw: np.random.Generator) -> None:
    """Add completed offerings, ties and locks, each for other people."""
    lists, count = market.lists, len(market.teachers)
    ids, places = names("T", count), names("C", len(market.sections))
    offering = names("O", int(market.sections.offering.max()) + 1)
    lot = draw.permutation(count)
    done, tied, free = np.split(lot, [count // 4, count // 4 + count // 25])
    section = lists.section[done, draw.integers(0, min(5, lists.section.shape[1]), len(done))]
    tables["completed"] = {
        "teacher": [ids[i] for i in done[section >= 0].tolist()],
        "offering": [offering[i] for i in market.sections.offering[section[section >= 0]].tolist()],
    }
    first, second = lists.section[tied, 0], lists.section[tied, 1]
    meets = market.sections.meets()
    together = (second >= 0) & ~(meets[first] & meets[second]).any(axis=1)
    together &= market.sections.offering[first] != market.sections.offering[second]
    pairs = np.column_stack([first, second])[together].ravel().tolist()
    tables["ties"] = {
        "teacher": [ids[i] for i in np.repeat(tied[together], 2).tolist()],
        "tie": ["1"] * len(pairs),
        "section": [places[i] for i in pairs],
    }
    tables["locks"] = _locks(tables, market, free[:20])


def _locks(tables: Mapping[str, Columns], market: Market, people: Numbers) -> Columns:
    """Lock first choices that no ban, busy day, team, minimum or prerequisite can forbid."""
    ids, places = names("T", len(market.teachers)), names("C", len(market.sections))
    offerings = names("O", int(market.sections.offering.max()) + 1)
    barred = {*_cells(tables, "busy", "teacher"), *_cells(tables, "bans", "teacher")}
    needy = _cells(tables, "prerequisites", "offering")
    minimum = np.asarray(tables["sections"]["minimum"])
    found: list[tuple[str, str]] = []
    most = max(1, min(5, len(market.teachers) // 40))
    for teacher in people[np.isin(market.teachers.years[people], (1, 2, 3))].tolist():
        section = int(market.lists.section[teacher, 0])
        is_free = section >= 0 and not minimum[section] and ids[teacher] not in barred
        if is_free and offerings[market.sections.offering[section]] not in needy:
            found.append((ids[teacher], places[section]))
    found = found[:most]
    return {
        "teacher": [teacher for teacher, _ in found],
        "section": [section for _, section in found],
        "reason": ["speaks there"] * len(found),
    }


def _cells(tables: Mapping[str, Columns], table: str, column: str) -> list[str]:
    cells = tables[table][column]
    assert isinstance(cells, list)
    return cells


def _shared(tables: dict[str, Columns], market: Market, seats: int) -> None:
    """Add reserves, shares, hosts, funds, teams and a quota by heads."""
    teachers = len(market.teachers)
    tables["reserves"] = {
        "id": ["rural", "shortage", "starters"],
        "sections_where": [
            "level=city",
            "level=province;category=zhuanye",
            "level=province;category!=zhuanye",
        ],
        "group_where": ["rural=yes", "shortage=yes", "years<=1"],
        "seats": [seats // 40, seats // 80, seats // 80],
        "kind": ["hard", "soft", "hard"],
        "place": ["inside", "inside", "on_top"],
        "weight": [1, 1, 1],
    }
    tables["shares"] = {
        "id": ["city", "province"],
        "sections_where": ["level=city", "level=province"],
        "minimum": [teachers // 5, 0],
        "maximum": [teachers // 2, teachers // 5],
    }
    days = sorted({day for day, _ in halves()[TERM:]})
    hosts = [(site, day) for site in SITES for day in days]
    tables["hosts"] = {
        "id": [f"{site}/{day}" for site, day in hosts],
        "sections_where": [f"host={site}" for site, _ in hosts],
        "day": [day for _, day in hosts],
        "capacity": [max(20, teachers // 8)] * len(hosts),
    }
    tables["funds"] = {"id": ["F1", "F2"], "budget_fen": [seats * 9_000, seats * 12_000]}
    programmes = names("P", int(market.sections.programme.max()) + 1)
    tables["teams"] = {
        "id": ["mathematics", "one of each", "together"],
        "rule": ["all_or_none", "one_of_each", "keep_together"],
        "sections_where": [f"programme={name}" for name in programmes[:3]],
        "teachers_where": [
            f"school={names('S', market.teachers.schools)[0]};years=4",
            "years=4",
            "years=0",
        ],
        "group_attribute": ["subject", "unit", "school"],
        "weight": [1, 1, 40],
    }
    _more_quotas(tables["quotas"], teachers)


def _more_quotas(quotas: Columns, teachers: int) -> None:
    """Add a quota that counts people, not seats."""
    ids, sections, people = (
        Words.of([*_cells({"quotas": quotas}, "quotas", name), cell])
        for name, cell in (
            ("id", "rural heads"),
            ("sections_where", "level=city"),
            ("teachers_where", "rural=yes"),
        )
    )
    quotas |= {"id": ids, "sections_where": sections, "teachers_where": people}
    quotas["minimum"] = np.append(np.asarray(quotas["minimum"]), teachers // 8)
    quotas["maximum"] = np.append(np.asarray(quotas["maximum"]), teachers // 2)
    quotas["counts"] = ["seats"] * (len(ids) - 1) + ["heads"]


def _append(table: Columns, owner: str, who: Numbers, attribute: str, value: Words) -> None:
    """Add lines of one more attribute."""
    ids = table[owner]
    assert isinstance(ids, Words)
    table[owner] = Words(np.concatenate([ids.codes, who]), ids.words)
    table["attribute"] = _joined(table["attribute"], Words(np.zeros(len(who), int), (attribute,)))
    table["value"] = _joined(table["value"], value)


def _replace(table: Columns, attribute: str, value: Words) -> None:
    """Give an attribute other values, line by line."""
    attributes, values = table["attribute"], table["value"]
    assert isinstance(attributes, Words)
    assert isinstance(values, Words)
    which = attributes.where(lambda name: name == attribute)
    both = Words.joined([values, value])
    codes = both.codes[: len(values)].copy()
    codes[which] = both.codes[len(values) :]
    table["value"] = Words(codes, both.words)


def _joined(column: Cells, more: Words) -> Words:
    assert isinstance(column, Words)
    return Words.joined([column, more])
