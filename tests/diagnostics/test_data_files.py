import pytest

from diagnostics import data_files
from diagnostics.credit.rules import RULE_SETS, rule_set
from diagnostics.errors import BadData
from diagnostics.framework import framework


@pytest.fixture
def province(tmp_path):
    """A province that calls the rules of Zhaoqing its own, with 80 hours a year instead of 90."""
    (tmp_path / "rule_sets").mkdir()
    ours = (RULE_SETS / "zhaoqing.toml").read_text(encoding="utf-8")
    theirs = ours.replace('year_minimum = "90"', 'year_minimum = "80"')
    (tmp_path / "rule_sets" / "own.toml").write_text(theirs, encoding="utf-8")
    (tmp_path / "rule_sets" / "zhaoqing.toml").write_text(theirs, encoding="utf-8")
    yield tmp_path
    data_files.look_first_in(data_files.SHIPPED)


def test_a_province_brings_rule_sets_of_its_own_and_replaces_ours(province):
    assert rule_set("zhaoqing").requirements[0].year_minimum == 90 * 60
    data_files.look_first_in(province)
    assert rule_set("own").requirements[0].year_minimum == 80 * 60
    assert rule_set("zhaoqing").requirements[0].year_minimum == 80 * 60
    assert framework("common").dimensions  # what it does not bring stays ours


def test_a_name_that_nobody_brings_is_told_with_those_there_are(province):
    data_files.look_first_in(province)
    with pytest.raises(BadData, match="own, zhaoqing, zhejiang_like"):
        rule_set("none")
