from catalog.texts import Texts

COURSES = ["小学语文阅读教学", "初中数学作业设计", "小学语文阅读指导", "消防演练"]


def test_what_shares_more_characters_is_nearer():
    near = Texts(COURSES).likeness(COURSES, COURSES)
    assert near.diagonal().tolist() == [1000] * 4
    assert near[0, 2] > near[0, 1] > near[0, 3] == 0
    assert (near == near.T).all()


def test_words_nobody_knows_are_near_to_nothing():
    assert Texts(COURSES).likeness(["xyz", ""], COURSES[:1]).tolist() == [[0], [0]]


def test_blank_texts_are_no_error():
    assert Texts(["", " "]).likeness(["阅读"], ["阅读"]).tolist() == [[0]]
    assert Texts(COURSES).likeness([], ["阅读"]).shape == (0, 1)
