"""Drawn numbers depend on the seed, the round and who takes part: on nothing else."""

import hashlib
import hmac

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.instance import Instance
from matching.lottery import drawn, lottery_numbers, tickets

NAMES = [f"T{i}" for i in range(8)]


def test_numbers_are_the_places_of_the_published_tickets():
    """Anybody can recompute them with nothing but HMAC-SHA256."""

    def ticket(name):
        return hmac.new(b"seed", b"2026-1\n" + name.encode(), hashlib.sha256).digest()

    drawn = sorted(NAMES, key=ticket)
    numbers = lottery_numbers(NAMES, "seed", "2026-1")
    assert numbers == {name: drawn.index(name) + 1 for name in NAMES}


@settings(derandomize=True, deadline=None)
@given(seed=st.text(max_size=90), round_id=st.text(max_size=9), name=st.text(max_size=90))
def test_a_ticket_is_the_hmac_of_any_seed_round_and_id(seed, round_id, name):
    message = f"{round_id}\n{name}".encode()
    expected = hmac.new(seed.encode(), message, hashlib.sha256).digest()
    assert list(tickets([name], seed, round_id)) == [expected]


def test_another_seed_or_another_round_draws_again():
    first = lottery_numbers(NAMES, "seed", "2026-1")
    assert first != lottery_numbers(NAMES, "other", "2026-1")
    assert first != lottery_numbers(NAMES, "seed", "2026-2")


@settings(derandomize=True, deadline=None)
@given(
    order=st.permutations(NAMES),
    lists=st.lists(st.lists(st.sampled_from("ABC"), unique=True), min_size=8, max_size=8),
)
def test_no_order_of_rows_and_no_list_changes_a_number(order, lists):
    rows = {
        "teachers": [{"id": name} for name in order],
        "sections": [{"id": name, "offering": name, "capacity": 1} for name in "ABC"],
        "choices": [
            {"teacher": name, "section": section, "rank": rank + 1}
            for name, sections in zip(order, lists, strict=True)
            for rank, section in enumerate(sections)
        ],
    }
    instance = Instance.from_rows({"round": "r", "seed": "s", "tiers": []}, rows)
    drawn = lottery_numbers(instance.teacher_ids, instance.seed, instance.round_id)
    assert drawn == lottery_numbers(NAMES, "s", "r")


def test_the_order_of_the_ids_given_decides_nothing():
    sorted_ids, mixed = ["A", "B", "C", "D"], ["C", "A", "D", "B"]
    turns = ([ids[i] for i in drawn(ids, "7", "round")] for ids in (sorted_ids, mixed))
    assert len({tuple(turn) for turn in turns}) == 1
