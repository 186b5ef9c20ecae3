"""Files that are refused before they are read; each has an honest twin that passes."""

import struct
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt

from catalog.errors import FileRefused
from catalog.importing.apart import ReadingFailed, read_apart
from catalog.importing.reader import read_book
from catalog.importing.rows import read_sheet
from tests.catalog.importing.people import HEADER, LI_NA, PEOPLE, WANG, xlsx


def refused(path: Path) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read_book(path)
    for lang in ("zh", "en"):
        assert caught.value.say(lang)
    return caught.value


def rebuilt(path: Path, target: Path, change: dict[str, bytes] | None = None) -> Path:
    """Copy a package with some parts replaced or added; the values of `change` are their bytes."""
    change = dict(change or {})
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change.pop(name, None) or old.read(name))
        for name, data in change.items():
            new.writestr(name, data)
    return target


@pytest.fixture
def honest(tmp_path):
    path = xlsx(tmp_path / "honest.xlsx", HEADER, LI_NA, WANG)
    assert len(read_sheet(path, PEOPLE).rows) == 2
    return path


def sheet_xml(body: str, dimension: str = "A1:B2") -> bytes:
    return (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/'
        f'spreadsheetml/2006/main"><dimension ref="{dimension}"/><sheetData>{body}</sheetData>'
        "</worksheet>"
    ).encode()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    "xml",
    [
        sheet_xml("", "A1:XFD1048576"),
        sheet_xml('<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>'),
        sheet_xml('<row r="1048576"/>'),
        sheet_xml('<row r="1"><c r="A1"/><c r="ZZ1"/></row>'),
        sheet_xml('<row r="1"><c r="&#88;&#70;&#68;9"/></row>'),
        sheet_xml("<row/>" * 100_001),
        sheet_xml('<row r="90000"><c r="CV90000"/></row>'),
    ],
    ids=["dimension", "far cell", "far row", "far column", "escaped", "uncounted", "cells"],
)
def test_a_small_file_that_claims_a_million_rows_is_refused_before_reading(honest, tmp_path, xml):
    """No library is asked, nothing of the claimed size is allocated."""
    bomb = rebuilt(honest, tmp_path / "bomb.xlsx", {SHEET: xml})
    assert bomb.stat().st_size < 20_000
    tracemalloc.start()
    error = refused(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error.code == "file_claims"
    assert peak < 5_000_000
    assert "最多可读 100000 行" in error.say("zh")


def test_a_one_kilobyte_file_that_claims_a_million_rows(tmp_path):
    path = tmp_path / "tiny.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", '<workbook xmlns:r="x"><sheets/></workbook>')
        book.writestr("xl/_rels/workbook.xml.rels", "<Relationships/>")
        book.writestr(SHEET, sheet_xml("", "A1:XFD1048576"))
    assert path.stat().st_size < 1500
    assert refused(path).code == "file_claims"


def test_an_old_xls_that_claims_too_much(tmp_path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    sheet.write(65_535, 255, 1)
    book.save(str(tmp_path / "a.xls"))
    assert (tmp_path / "a.xls").stat().st_size < 20_000
    assert refused(tmp_path / "a.xls").code == "file_claims"


def test_a_bomb_by_ratio(honest, tmp_path):
    """30 MiB of blanks pack into 30 KiB."""
    spaces = sheet_xml("") + b" " * (30 << 20)
    bomb = rebuilt(honest, tmp_path / "bomb.xlsx", {SHEET: spaces})
    assert refused(bomb).code == "zip_ratio"


def test_a_bomb_by_size_and_by_number_of_parts(honest, tmp_path):
    halves = {f"xl/media/{n}.bin": bytes(51 << 20) for n in range(2)}
    error = refused(rebuilt(honest, tmp_path / "a.xlsx", halves))
    assert (error.code, error.values["have"]) == ("zip_unpacked", 102)
    parts = {f"docProps/{n}.bin": b"x" for n in range(200)}
    assert refused(rebuilt(honest, tmp_path / "b.xlsx", parts)).code == "zip_entries"
    few = {f"docProps/{n}.bin": b"x" for n in range(150)}
    assert read_book(rebuilt(honest, tmp_path / "c.xlsx", few)).grids


def test_a_package_that_states_a_size_it_does_not_have(honest, tmp_path):
    """The directory says 40 bytes and has their checksum, the part goes on for megabytes."""
    long = sheet_xml("") + b"<!--" + bytes(range(32, 127)) * 20_000
    path = rebuilt(honest, tmp_path / "a.xlsx", {"docProps/x.xml": long})
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x01\x02", 16), (b"PK\x03\x04", 14)):
        name = data.rindex(b"docProps/x.xml") if at == 16 else data.index(b"docProps/x.xml")
        start = data.rindex(mark, 0, name)
        struct.pack_into("<I", data, start + at, zlib.crc32(long[:40]))
        struct.pack_into("<I", data, start + at + 8, 40)
    path.write_bytes(data)
    with zipfile.ZipFile(path) as book:
        assert len(book.read("docProps/x.xml")) == 40  # Python's reader is deceived
    assert refused(path).code == "zip_lies"


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/evil.xml", "xl/../../e.xml", "C:/e.xml"])
def test_a_part_that_points_outside(honest, tmp_path, name):
    assert refused(rebuilt(honest, tmp_path / "a.xlsx", {name: b"<a/>"})).code == "zip_path"


def test_macros_by_name_by_part_and_by_content_type(honest, tmp_path):
    assert refused(rebuilt(honest, tmp_path / "a.xlsm")).code == "file_macro"
    part = {"xl/vbaProject.bin": b"x"}
    assert refused(rebuilt(honest, tmp_path / "b.xlsx", part)).code == "file_macro"
    with zipfile.ZipFile(honest) as book:
        types = book.read("[Content_Types].xml")
    renamed = types.replace(b"</Types>", b'<Override ContentType="x.vbaProject"/></Types>')
    hidden = {"[Content_Types].xml": renamed, "xl/harmless.dat": b"x"}
    assert refused(rebuilt(honest, tmp_path / "c.xlsx", hidden)).code == "file_macro"


def test_external_links(honest, tmp_path):
    part = {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}
    assert refused(rebuilt(honest, tmp_path / "a.xlsx", part)).code == "file_external"


def test_entities_and_broken_xml(honest, tmp_path):
    evil = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "b">]><worksheet/>'
    for number, xml in enumerate([evil, b"<worksheet><sheetData>", sheet_xml('<row r="x"/>')]):
        path = rebuilt(honest, tmp_path / f"{number}.xlsx", {SHEET: xml})
        assert refused(path).code == "file_damaged"


def test_damaged_empty_large_missing_and_strange_files(honest, tmp_path):
    cases = {
        "cut.xlsx": (honest.read_bytes()[:2000], "file_damaged"),
        "zip.xlsx": (b"PK\x03\x04" + b"x" * 99, "file_damaged"),
        "ole.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "file_damaged"),
        "empty.xlsx": (b"", "file_empty"),
        "page.xls": (b"<html><table><tr><td>1</td></tr></table></html>", "file_markup"),
        "photo.xlsx": (b"\x89PNG\r\n\x1a\n", "file_kind"),
        "large.csv": (b"a,b\n" * 3_000_000, "file_large"),
        "ods.xlsx": (b"", "file_kind"),
    }
    for name, (data, code) in cases.items():
        (tmp_path / name).write_bytes(data)
        if name == "ods.xlsx":
            with zipfile.ZipFile(tmp_path / name, "w") as book:
                book.writestr("content.xml", "<office/>")
        assert refused(tmp_path / name).code == code, name
    assert refused(tmp_path / "nothing.xlsx").code == "file_missing"


def old_xls(path: Path) -> bytearray:
    book = xlwt.Workbook()
    sheet = book.add_sheet("人员表")
    for r, row in enumerate([HEADER, LI_NA, WANG]):
        for c, value in enumerate(row):
            sheet.write(r, c, value)
    book.save(str(path))
    return bytearray(path.read_bytes())


def test_a_file_with_a_password(tmp_path):
    """A locked .xlsx is an OLE file with a stream EncryptedPackage, a locked .xls has a record."""
    data = old_xls(tmp_path / "a.xls")
    entry = data.index("Workbook".encode("utf-16-le"))
    locked = data.copy()
    locked[entry : entry + 32] = "EncryptedPackage".encode("utf-16-le")
    struct.pack_into("<H", locked, entry + 64, 34)
    (tmp_path / "b.xlsx").write_bytes(locked)
    assert refused(tmp_path / "b.xlsx").code == "file_password"
    with_record = data.replace(b"\x09\x08\x10\x00", b"\x2f\x00\x10\x00", 1)
    (tmp_path / "c.xls").write_bytes(with_record)
    assert refused(tmp_path / "c.xls").code == "file_password"
    locked[entry : entry + 4] = b"X\0X\0"
    (tmp_path / "d.xls").write_bytes(locked)
    assert refused(tmp_path / "d.xls").code == "file_kind"


def test_an_old_xls_that_breaks_its_reader_breaks_nothing_else(tmp_path):
    """A sheet said to begin at byte 0xFF00062E makes the library panic: in the child alone."""
    data = old_xls(tmp_path / "a.xls")
    assert len(read_sheet(tmp_path / "a.xls", PEOPLE).rows) == 2
    data[data.index(b"\x85\x00\x0e\x00") + 7] = 0xFF
    (tmp_path / "b.xls").write_bytes(data)
    with pytest.raises(ReadingFailed):
        read_apart(tmp_path / "b.xls")
    assert refused(tmp_path / "b.xls").code == "file_damaged"


def test_a_chain_of_sectors_in_a_circle_ends(tmp_path):
    book = xlwt.Workbook()
    book.add_sheet("a").write(0, 0, "x" * 9000)
    book.save(str(tmp_path / "a.xls"))
    data = bytearray((tmp_path / "a.xls").read_bytes())
    fat = struct.unpack_from("<I", data, 76)[0]
    struct.pack_into("<I", data, 512 * (fat + 1), 0)
    (tmp_path / "b.xls").write_bytes(data)
    assert refused(tmp_path / "b.xls").code == "file_damaged"


def test_a_file_as_wps_writes_it(tmp_path):
    """Other part names, a sheet called by an absolute path, its own metadata parts."""
    path = tmp_path / "wps.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("人员表")
    for number, row in enumerate([HEADER, LI_NA, WANG]):
        sheet.write_row(number, 0, row)
    book.close()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            data = old.read(name)
            for was, now in ((b"sheet1.xml", b"et_sheet7.xml"), (b"Microsoft Excel", b"WPS")):
                data = data.replace(was, now)
            data = data.replace(b'Target="worksheets', b'Target="/xl/worksheets')
            new.writestr(name.replace("sheet1.xml", "et_sheet7.xml"), data)
        new.writestr("docProps/custom.xml", "<Properties><KSOProductBuildVer/></Properties>")
        new.writestr("xl/cellimages.xml", "<etc:cellImages xmlns:etc='x'/>")
    parsed = read_sheet(tmp_path / "b.xlsx", PEOPLE)
    assert [row.row["id"] for row in parsed.rows] == ["T001", "T002"]


def test_cells_without_references_and_with_prefixes(honest, tmp_path):
    """Some programs leave out the r attributes and prefix every element."""
    xml = (
        b'<?xml version="1.0"?><x:worksheet xmlns:x="http://schemas.openxmlformats.org/'
        b'spreadsheetml/2006/main"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c>'
        b"<x:c><x:f>1+1</x:f><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )
    (grid,) = read_book(rebuilt(honest, tmp_path / "a.xlsx", {SHEET: xml})).grids
    assert grid.scan.formulas == {(1, 2)}


def test_hidden_sheets_are_not_read(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.create_sheet("旧").append(HEADER)
    book["旧"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    assert [grid.name for grid in read_book(tmp_path / "a.xlsx").grids] == ["Sheet"]


def test_refusing_takes_no_time(tmp_path, honest):
    """No seconds are promised here, but a claim must not be worked off cell by cell."""
    path = rebuilt(honest, tmp_path / "a.xlsx", {SHEET: sheet_xml("", "A1:XFD1048576")})
    start = time.process_time()
    refused(path)
    assert time.process_time() - start < 2
