"""Contacts are read, and a wrong one is named."""

import pytest
from openpyxl import Workbook

from api.errors import UserError
from api.outbox.contacts import Contact, read_contacts


def contacts_file(path, *rows):
    book = Workbook()
    book.active.append(["教师编号", "姓名", "手机", "邮箱", "语言"])
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_contacts_are_read_and_not_kept(office, tmp_path):
    path = contacts_file(
        tmp_path / "c.xlsx", ["T1", "李娜", "138 0000 0001", "lina@school.cn", "英文"]
    )
    assert read_contacts(path)["T1"] == Contact("13800000001", "lina@school.cn", "", "", "en")


def test_a_wrong_contact_is_named_with_row_and_value(tmp_path):
    path = contacts_file(tmp_path / "c.xlsx", ["T1", "李娜", "abc", "not an address", "zh"])
    with pytest.raises(UserError) as caught:
        read_contacts(path)
    assert "abc" in caught.value.say("zh")
    assert "not an address" in caught.value.say("zh")
    assert "2" in caught.value.say("zh")
