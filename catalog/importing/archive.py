"""The door for .xlsx files: everything that can be wrong with the package, before it is read."""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

from catalog.errors import FileRefused
from catalog.importing.scan import SheetScan
from catalog.importing.sheet_xml import NotASheet, SheetXml

MAX_ENTRIES = 200
MAX_UNPACKED = 100 * 1024 * 1024
MAX_RATIO = 100
_RATIO_FROM = 1024 * 1024
_CHUNK = 1 << 16
_XML_STARTS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe", b"\xfe\xff", b"\x00<")
_WORKBOOK = "xl/workbook.xml"
_REFUSED_PARTS = {
    b"vbaProject": "file_macro",
    b"macroEnabled": "file_macro",
    b"externalLink": "file_external",
}


def scan_workbook(path: Path) -> dict[str, SheetScan]:
    """Return a scan of every sheet of an .xlsx file by sheet name.

    Raises
    ------
    FileRefused
        If the package is damaged, a bomb, holds macros or links to other files, or a sheet claims
        more rows and columns than this program reads.
    """
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            entries = archive.infolist()
            _check_directory(entries)
            _check_content_types(archive)
            names = _sheet_names(archive)
            scans = (_scan_part(file, entry, names) for entry in entries)
            return {scan.name: scan for scan in scans if scan is not None}
    except (zipfile.BadZipFile, ElementTree.ParseError, zlib.error, struct.error) as error:
        raise FileRefused("file_damaged", detail=str(error)) from error
    except (NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise FileRefused("file_damaged", detail=type(error).__name__) from error


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    """Refuse by the directory alone: count, sizes, ratio, names, passwords."""
    if len(entries) > MAX_ENTRIES:
        raise FileRefused("zip_entries", have=len(entries), most=MAX_ENTRIES)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        raise FileRefused("zip_unpacked", have=unpacked >> 20, most=MAX_UNPACKED >> 20)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > _RATIO_FROM and unpacked > MAX_RATIO * packed:
        raise FileRefused("zip_ratio", have=unpacked // max(packed, 1), most=MAX_RATIO)
    if len({entry.filename.lower() for entry in entries}) < len(entries):
        raise FileRefused("file_damaged", detail="duplicate names")
    for entry in entries:
        _check_entry(entry)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename.replace("\\", "/")
    if name.startswith("/") or ":" in name or "\0" in name or ".." in name.split("/"):
        raise FileRefused("zip_path", name=name[:80])
    if entry.flag_bits & 1:
        raise FileRefused("file_password")
    if entry.file_size > _RATIO_FROM and entry.file_size > MAX_RATIO * entry.compress_size:
        ratio = entry.file_size // max(entry.compress_size, 1)
        raise FileRefused("zip_ratio", have=ratio, most=MAX_RATIO)
    if name.lower().startswith("xl/externallinks/"):
        raise FileRefused("file_external")
    if name.lower().endswith("vbaproject.bin"):
        raise FileRefused("file_macro")


def _check_content_types(archive: zipfile.ZipFile) -> None:
    """Refuse macros and outside links whatever their parts are called, and other zip files."""
    if _WORKBOOK not in archive.namelist() or "[Content_Types].xml" not in archive.namelist():
        raise FileRefused("file_kind")
    types = archive.read("[Content_Types].xml")
    for mark, code in _REFUSED_PARTS.items():
        if mark in types:
            raise FileRefused(code)


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the name of each sheet by the part that holds it."""
    relations = "xl/_rels/workbook.xml.rels"
    if relations not in archive.namelist():
        raise FileRefused("file_damaged", detail=relations)
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in ElementTree.fromstring(archive.read(relations))
    }
    names = {}
    for element in ElementTree.fromstring(archive.read(_WORKBOOK)).iter():
        if element.tag.rpartition("}")[2] == "sheet":
            link = next((v for k, v in element.items() if k.rpartition("}")[2] == "id"), None)
            target = targets.get(link, "")
            part = posixpath.normpath(posixpath.join("/xl", target))[1:]
            names[part.lower()] = element.get("name", part)
    if len(set(names.values())) < len(names):
        raise FileRefused("file_damaged", detail="duplicate sheet names")
    return names


def _scan_part(file: BinaryIO, entry: zipfile.ZipInfo, names: dict[str, str]) -> SheetScan | None:
    """Unpack one part under the limits and scan it if it is a sheet."""
    part = SheetXml(names.get(entry.filename.lower(), entry.filename))
    looks = None
    for data in filter(None, _unpacked(file, entry)):
        if looks is None:
            looks = data.lstrip().startswith(_XML_STARTS)
        if looks:
            try:
                part.feed(data)
            except NotASheet:
                looks = False
    if not looks:
        return None
    part.feed(b"", last=True)
    return part.scan


def _unpacked(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the content of a part, never more than its directory entry states.

    Python's own reader stops quietly at the stated size, other readers do not: a part that goes on
    is a bomb and is refused.
    """
    seen = 0
    for data in _inflated(file, entry):
        seen += len(data)
        if seen > entry.file_size:
            break
        yield data
    if seen != entry.file_size:
        raise FileRefused("zip_lies", name=entry.filename[:80])


def _inflated(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    file.seek(entry.header_offset)
    name_length, extra_length = struct.unpack("<26x2H", file.read(30))
    file.seek(name_length + extra_length, 1)
    left = entry.compress_size
    inflate = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    if inflate is None and entry.compress_type != zipfile.ZIP_STORED:
        raise FileRefused("file_damaged", detail=f"compression {entry.compress_type}")
    while left > 0 and (packed := file.read(min(left, _CHUNK))):
        left -= len(packed)
        if inflate is None:
            yield packed
            continue
        while packed:
            yield inflate.decompress(packed, _CHUNK * 4)
            packed = inflate.unconsumed_tail
    if inflate is not None:
        yield inflate.flush(_CHUNK)
