import pytest

from catalog import publishing
from catalog.terms import DATA


@pytest.fixture
def own_rules(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_text("[hours]\nper_half_day = 3\n", encoding="utf-8")
    publishing.use_rules(file)
    yield
    publishing.use_rules(DATA / "rules.toml")


def course(half_days, hours):
    day = [f"2026-08-{3 + i // 2:02} {'AM' if i % 2 == 0 else 'PM'}" for i in range(half_days)]
    return {"half_days": half_days, "minutes": hours * 60, "mode": "f2f", "meetings": day}


def test_half_a_day_is_four_hours_unless_a_province_says_three(own_rules):
    """Four half-days: 4 x 3 = 12 hours are right here, 16 are right elsewhere."""
    assert [fault.code for fault in publishing.time_faults(course(4, 16))] == ["hours_differ"]
    assert list(publishing.time_faults(course(4, 12))) == []
    assert publishing.defaults()["practice"]["percent"] == 50  # a table left out stays


def test_without_a_province_four_hours_are_right():
    assert list(publishing.time_faults(course(4, 16))) == []
    assert [fault.code for fault in publishing.time_faults(course(4, 12))] == ["hours_differ"]
