"""verify's search for the best bundle finds what trying every bundle finds."""

from __future__ import annotations

import random

import pytest

from matching import verify

UNBOUNDED = 10**9


def drawn(chance: random.Random) -> tuple[verify.Menu, verify.Leaf]:
    """Draw a menu of up to eight sections in categories of hours, and prices for it."""
    many = chance.randint(1, 8)
    options = [(f"S{i}",) for i in range(many)]
    marks = {option: (mark, mark) for option in options for mark in [_marks(chance)]}
    minutes = [chance.choice([240, 480, 720]) for _ in options]
    categories = [chance.randrange(3) for _ in options]
    sums = [
        (*(length * (k == kind) for k in range(3)), length, chance.randrange(3) // 2)
        for length, kind in zip(minutes, categories, strict=True)
    ]
    pays = [verify.Tariff([_price(chance)], (0,) * (chance.random() < 0.1)) for _ in options]
    menu = verify.Menu(
        options,
        [(chance.choice([0, 0, 5, 10]),) for _ in options],
        marks,
        [chance.randint(1, 4), chance.randint(0, 3), chance.choice([700, 1_500, 3_000])],
        [(1, chance.randint(0, 1), length) for length in minutes],
        sums,
        [0] * 5,
        _terms(chance),
        [(1 << chance.randrange(many), 1 << chance.randrange(many))] * (chance.random() < 0.2),
        (1 << chance.randrange(many)) * (chance.random() < 0.2),
        pays,
        verify._heads(pays),
        None,
        {},
    )
    weights = verify.Counter(welfare=chance.choice([50, 100]), overshoot=chance.choice([0, 1]))
    weights["hours_short"] = chance.choice([-1, 0, 1, 1, 2, 2])
    weights["unserved"] = chance.choice([0, 0, 300, 900])
    prices, none = [chance.choice([0, 150, -200])], verify.Counter()
    leaf = verify.Leaf("", {}, {}, [], 0, weights, prices, frozenset(), {}, none, none, {})
    return menu, leaf


def _marks(chance: random.Random) -> set[int]:
    return {chance.randrange(8) for _ in range(chance.randint(0, 3))}


def _price(chance: random.Random) -> int | None:
    return chance.choice([0, 0, 300, -200, 700, None])


def _terms(chance: random.Random) -> list[verify.Term]:
    found: list[verify.Term] = [
        ("hours_short", chance.randint(1, 4), chance.choice([240, 600, 1_000]), False,
         (chance.choice([500, UNBOUNDED]), kind, ()))
        for kind in range(chance.randint(0, 3))
    ]  # fmt: skip
    found.append(("unserved", 1, 1, False, (UNBOUNDED, 4, ())))
    if chance.random() < 0.3:
        found.append(("overshoot", 1, 500, True, (UNBOUNDED, 3, ())))
    if chance.random() < 0.2:
        found.append((verify.STRICT, 1, 240, False, (UNBOUNDED, 3, ())))
    return found


def by_trying(menu: verify.Menu, at: verify.Offer) -> int | None:
    """Return what the best lawful bundle is worth, after looking at all of them."""
    values = [
        verify.bundle_value(menu, at, {menu.options[i][0] for i in held})
        for bits in range(1 << len(menu.options))
        for held in [[i for i in range(len(menu.options)) if bits >> i & 1]]
        if _is_lawful(menu, at, held, bits)
    ]
    return max(values, default=None)


def _is_lawful(menu: verify.Menu, at: verify.Offer, held: list[int], bits: int) -> bool:
    taken = [sum(menu.uses[i][k] for i in held) for k in range(len(menu.limits))]
    total = [sum(menu.sums[i][k] for i in held) for k in range(len(menu.nothing))]
    marks = [menu.marks[menu.options[i]][0] for i in held]
    return (
        not menu.must & ~bits
        and all(menu.pays[i].prices[0] is not None for i in held)
        and all(map(int.__le__, taken, menu.limits))
        and sum(map(len, marks)) == len(set[int]().union(*marks))
        and all(verify.come_to(tree, total) >= least for least, tree in at.demands)
        and all(bits & any_of for one, any_of in menu.needs if bits & one)
    )


def differing(rounds: int, *, needy: bool = False) -> int:
    """Count the menus on which search and trying everything differ; needy: of those with needs."""
    chance, found = random.Random(7), 0
    for _ in range(rounds):
        menu, leaf = drawn(chance)
        if needy and not menu.needs:
            continue
        at = verify.offer(menu, leaf, 0, ["welfare"])
        found += verify.best_bundle(menu, at) != by_trying(menu, at)
    return found


@pytest.mark.parametrize("long", [1, 3, 40])
def test_the_search_misses_nothing_however_long_it_is(long, monkeypatch):
    """What long searches leave out is left out from the first bundle on, or soon after it."""
    monkeypatch.setattr(verify, "LONG", long)
    assert differing(400) == 0


def test_what_clashes_otherwise_may_not_stand_in(monkeypatch):
    """Negative control: an option is taken for better though it excludes others."""
    fine = verify._better

    def careless(menu: verify.Menu, at: verify.Offer) -> dict[int, int]:
        return fine(menu, at._replace(clash=dict.fromkeys(at.clash, 0)))

    monkeypatch.setattr(verify, "LONG", 1)
    monkeypatch.setattr(verify, "_better", careless)
    assert differing(400) > 0


def test_an_option_that_others_need_is_not_left_out(monkeypatch):
    """Negative control: what adds nothing by itself may be held for the sake of something else."""
    offer = verify.offer

    def greedy(menu: verify.Menu, leaf: verify.Leaf, place: int, linear: list[str]) -> verify.Offer:
        return offer(menu._replace(needs=[]), leaf, place, linear)

    monkeypatch.setattr(verify, "offer", greedy)
    assert differing(4_000, needy=True) > 0


def test_what_any_seat_mends_is_not_hoped_for_from_each(monkeypatch):
    """Each seat costs more than the hours it mends, and any one of them mends that she has none."""
    many, (menu, leaf) = 14, drawn(random.Random(0))
    options = [(f"S{i}",) for i in range(many)]
    menu = menu._replace(
        options=options,
        gains=[(0,)] * many,
        marks=dict.fromkeys(options, (set(), set())),
        limits=[7],
        uses=[(1,)] * many,
        sums=[(240, 1)] * many,
        nothing=[0, 0],
        terms=[_short("hours_short", 2_000, 0), _short("unserved", 1, 1)],
        pays=[verify.Tariff([600 + i], ()) for i in range(many)],
        heads=[],
        needs=[],
        must=0,
    )
    leaf = leaf._replace(weights=verify.Counter(hours_short=2, unserved=10_000))
    met = []

    def noted(tree, sums):
        met.append(sums)
        return come_to(tree, sums)

    come_to = verify.come_to
    monkeypatch.setattr(verify, "come_to", noted)
    monkeypatch.setattr(verify, "LONG", UNBOUNDED)
    best = -600 - 2 * (2_000 - 240)
    assert verify.best_bundle(menu, verify.offer(menu, leaf, 0, ["welfare"])) == best
    apart, met[:] = len(met), []
    monkeypatch.setattr(verify, "_is_mended_at_once", lambda *_: False)
    assert verify.best_bundle(menu, verify.offer(menu, leaf, 0, ["welfare"])) == best
    assert 10 * apart < len(met)


def _short(goal: str, limit: int, place: int) -> verify.Term:
    return (goal, 1, limit, False, (UNBOUNDED, place, ()))
