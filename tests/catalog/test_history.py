import numpy as np
import pytest

from catalog.history import EVERYBODY, Learning, ease, learn, rp3beta


def took(**lists):
    return [(teacher, offering) for teacher, line in lists.items() for offering in line]


def test_ease_is_ridge_regression_of_each_offering_on_the_others():
    """The closed form against a least-squares solver, column by column."""
    rng = np.random.default_rng(0)
    taken = (rng.random((60, 5)) < 0.4).astype(float)
    found = ease(taken.T @ taken, 3.0)
    for column in range(5):
        others = np.delete(taken, column, axis=1)
        above = np.vstack([others, np.sqrt(3.0) * np.eye(4)])
        wanted = np.concatenate([taken[:, column], np.zeros(4)])
        weights = np.linalg.lstsq(above, wanted, rcond=None)[0]
        assert np.delete(found[:, column], column) == pytest.approx(weights)
    assert not found.diagonal().any()


def test_rp3beta_walks_to_a_teacher_and_on():
    """A and B by two, B and C by one: from A half of the walk ends at B, held down by B's 3 takers."""
    from scipy.sparse import csr_matrix

    taken = csr_matrix([[1, 1, 0], [1, 1, 0], [0, 1, 1.0]])
    walked = rp3beta(taken, 1.0, 0.0)
    assert walked[0].tolist() == pytest.approx([0, 0.5, 0])
    assert walked[1].tolist() == pytest.approx([1 / 3, 0, 1 / 6])
    assert rp3beta(taken, 1.0, 1.0)[0, 1] == pytest.approx(0.5 / 3)


def test_counts_are_told_of_groups_of_five_and_more():
    lists = {f"T{n}": "AB" if n < 4 else "AC" for n in range(10)}
    found = learn(took(**lists), how=Learning(ridge=1))
    rows = found.rows({"A"}, {})
    assert found.strongest(rows, "C") == ("A", 10, 6)
    assert found.strongest(rows, "B") is None  # only 4 took both


def test_points_add_up_over_what_was_taken():
    found = learn(took(T1="AB", T2="AB", T3="BC", T4="C"), how=Learning(ridge=1))
    columns = found.columns(["C", "unheard of", "A"])
    assert columns[:, 1].tolist() == [0] * len(found.names)
    assert columns[found.place["A"], 2] == 0  # an offering says nothing for itself
    assert columns.dtype == np.int64


def test_the_order_of_lines_and_doubles_change_nothing():
    lines = took(T1="ABC", T2="AB", T3="BC")
    first, again = learn(lines), learn([*lines[::-1], *lines])
    assert (first.points == again.points).all()
    assert first.names == again.names == ("A", "B", "C", EVERYBODY)


def test_attributes_are_pseudo_items_and_never_recommended():
    found = learn(took(T1="A", T2="B"), {"T1": {"stage": ("1",)}})
    assert found.names == ("A", "B", EVERYBODY, "stage=1")
    assert found.points.shape == (4, 2)
    assert found.rows((), {"stage": ("1",), "school": ("unknown",)}) == [2, 3]


def test_nobody_took_anything():
    found = learn([])
    assert found.rows({"A"}, {"stage": ("1",)}) == []
    assert found.columns(["A"]).shape == (0, 1)
