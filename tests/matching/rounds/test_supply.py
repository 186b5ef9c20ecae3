"""A scarce supply, worked out by hand."""

from matching.rounds.settings import Share
from matching.rounds.supply import scaled

SEATS = {"A": (10, 5, 600), "B": (20, 1, 600), "C": (5, 5, 2400)}
COUNTY = {name: {"level": {"county"}} for name in "AB"} | {"C": {"level": {"city"}}}


def sizes(percent, shares=(), due=12000):
    return scaled(SEATS, COUNTY, shares, roll=10, due=due, percent=percent)


def test_all_sections_shrink_alike():
    """10 x 600 + 20 x 600 + 5 x 2400 = 30,000 on offer, 12,000 due: at 100 % two fifths remain."""
    assert sizes(100) == {"A": (4, 4), "B": (8, 1), "C": (2, 2)}


def test_nothing_grows():
    assert sizes(500) == {"A": (10, 5), "B": (20, 1), "C": (5, 5)}


def test_sections_under_an_exact_share_keep_their_seats():
    """Five of ten owe 6,000; the other 6,000 of 18,000 on offer leave a third of A and B."""
    share = Share("city", "市级", "level=city", "", None, 5, True, "half_up")
    assert sizes(100, [share]) == {"A": (3, 3), "B": (7, 1), "C": (5, 5)}
    loose = Share("city", "市级", "level=city", "", None, 5, False, "half_up")
    assert sizes(100, [loose]) == sizes(100)
