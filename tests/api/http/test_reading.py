"""Units, courses, teachers, hours and diagnosis: who sees what, in parts, in two languages."""

import pytest


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def test_a_county_sees_itself_and_a_teacher_the_line_above_her(place):
    assert ids(place["county"].get("/units")) == ["441226"]
    assert ids(place["teacher"].get("/units")) == ["440000", "441200", "441226"]
    assert ids(place["institution"].get("/units")) == []


def test_a_list_comes_in_parts_that_make_the_whole(place):
    found, cursor = [], ""
    while cursor is not None:
        part = place["county"].get(f"/teachers?limit=3&cursor={cursor}").json()
        assert len(part["items"]) <= 3
        found += [item["id"] for item in part["items"]]
        cursor = part["next"]
    assert found == ["T1", *(f"T1{n}" for n in range(6)), "T2"]


@pytest.mark.parametrize("cursor", ["xx", "____", "VDEfVDI"])
def test_a_cursor_of_somebody_else_is_refused(place, cursor):
    answer = place["county"].get(f"/teachers?cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (422, "http_bad_cursor")


def test_courses_are_found_by_what_is_asked(place):
    assert ids(place["teacher"].get("/catalog/sections?text=心理")) == ["C3"]
    assert ids(place["teacher"].get("/catalog/offerings?institution_id=I1")) == ["C1", "C2"]
    assert ids(place["teacher"].get("/catalog/offerings?text=%25")) == []


def test_an_institution_sees_its_own_courses(place):
    assert ids(place["institution"].get("/catalog/sections")) == ["C1", "C2"]
    assert place["institution"].get("/catalog/sections/C3").status_code == 404


def test_hours_name_what_is_due_and_the_ledger_where_they_come_from(place):
    told = place["teacher"].get("/teachers/me/hours?year=2026").json()
    line = next(line for line in told["lines"] if line["requirement"] == "zhuanye")
    assert (line["counted"], line["due"]) == (720, line["target"] - 720)
    assert ids(place["teacher"].get("/teachers/T1/ledger?limit=2")) == ["T1-1", "T1-2"]


def test_hours_by_a_rule_set_that_is_not_there_are_refused(place):
    answer = place["teacher"].get("/teachers/me/hours?year=2026&rules=nowhere")
    assert (answer.status_code, answer.json()["field"]) == (422, "query.rules")


def test_a_profile_is_a_distribution_for_her_eyes_alone(place):
    told = place["teacher"].get("/teachers/me/diagnosis", lang="en").json()
    assert told["diagnosed"]
    assert all(sum(one["percent"]) == pytest.approx(100, abs=0.3) for one in told["estimates"])
    for name in ("school", "county", "auditor"):
        assert place[name].get("/teachers/me/diagnosis").status_code == 403
        assert place[name].get("/teachers/T1/diagnosis").status_code == 404


def test_a_group_is_told_when_it_is_large_enough(place):
    told = place["school"].get("/diagnosis/groups").json()
    assert not told["too_small"]
    assert {figure["n"] for figure in told["figures"]} == {5}


def test_a_small_group_is_not_told(place):
    """One teacher at P2 has colleagues in the county, but her school is she herself."""
    told = place["county"].get("/diagnosis/groups?school_id=P2").json()
    assert told == {"too_small": True, "minimum": 5, "figures": []}


def test_a_school_is_not_told_where_all_less_hers_is_one_teacher(place):
    """In one dimension P2's only teacher was rated: the county less P1 would be she herself."""

    def told(who, query=""):
        answer = place[who].get(f"/diagnosis/groups{query}").json()
        return {figure["dimension"]: figure["n"] for figure in answer["figures"]}

    assert told("county")["XK1"] == 6
    assert "XK1" not in told("county", "?school_id=P1")
    assert told("county", "?school_id=P1")["XK2"] == told("county")["XK2"] == 5
    assert told("school", "?school_id=P1")["XK1"] == 5  # she does not see the county's figures


def test_a_school_of_another_county_tells_nothing(place):
    told = place["other_county"].get("/diagnosis/groups?school_id=P1").json()
    assert told["too_small"]


@pytest.mark.parametrize("path", ["/units/441227", "/schools/P3", "/teachers/T3", "/teachers/T2"])
def test_what_is_not_hers_is_what_is_not_there(place, path):
    theirs = place["teacher"].get(path)
    nobody = place["teacher"].get(path[:-1] + "9")
    assert theirs.status_code == 404
    assert theirs.content == nobody.content


def test_the_language_is_the_readers(place):
    chinese = place["teacher"].get("/teachers/T9").json()
    english = place["teacher"].get("/teachers/T9", lang="en-GB,en;q=0.9,zh;q=0.1").json()
    assert chinese["code"] == english["code"] == "http_not_found"
    assert chinese["message"].startswith("没有找到")
    assert english["message"].startswith("there is no")
