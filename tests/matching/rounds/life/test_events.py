"""What an event holds of the rows it changed is plain, whole, and no longer tied to the row."""

import json

from matching.rounds.life.events import REBUILT, key_of, rows
from matching.rounds.life.tables import HandInRow, PlaceRow


def test_a_changed_row_stands_whole_in_the_body():
    ballot = HandInRow(round_id="R1", teacher_id="T1", version=3, lines=["A", "B+C"])
    (entry,) = rows(ballot)
    ballot.lines.append("D")
    ballot.version = 4

    assert entry["table"] == "hand_in"
    assert entry["after"]["version"] == 3
    assert entry["after"]["lines"] == ["A", "B+C"]
    assert set(entry["after"]) == {column.name for column in HandInRow.__table__.columns}
    assert json.loads(json.dumps(entry)) == entry


def test_a_deleted_row_stands_by_its_key():
    place = PlaceRow(round_id="R1", section_id="S1", number=2)
    assert key_of(place) == ["R1", "S1", 2]
    assert rows(deleted=[place]) == [{"table": "place", "after": {"deleted": ["R1", "S1", 2]}}]


def test_every_rebuilt_table_exists():
    assert set(REBUILT) <= set(HandInRow.metadata.tables)
