"""Detection of a file's type by its first bytes, never by its name."""

import io
import re
import struct
import zipfile
import zlib
from typing import Final

from segmenter.errors.reading import (
    CompressedFileError,
    EncryptedWorkbookError,
    NotATableError,
    NotTextError,
    OldWorkbookError,
)
from segmenter.io.read.table import chunks

_COMPRESSED: Final = (
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x04\x22\x4d\x18",
    b"\x1f\x9d",
    b"LZIP",
    b"\x5d\x00\x00\x80\x00",
)
_OTHER: Final = (
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\xfe\xed\xfa", "a program"),
    (b"\x00asm", "a program"),
    (b"#!", "a program"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"BM", "an image"),
    (b"II*\x00", "an image"),
    (b"MM\x00*", "an image"),
    (b"8BPS", "an image"),
    (b"\x00\x00\x01\x00", "an image"),
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"{\\rtf", "a text document"),
    (b"\x89HDF", "an HDF5 file"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"ARROW1", "an Arrow file"),
    (b"FEA1", "a Feather file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x80\x02", "a pickle"),
    (b"\x80\x03", "a pickle"),
    (b"\x80\x04", "a pickle"),
    (b"\x80\x05", "a pickle"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
    (b"fLaC", "a sound file"),
    (b"RIFF", "a sound or image file"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"FLV\x01", "a video"),
    (b"wOFF", "a font"),
    (b"OTTO", "a font"),
    (b"\x00\x01\x00\x00\x00", "a font or database"),
    (b"$FL2", "an SPSS file"),
    (b"-----BEGIN", "a key or certificate"),
    (b"MATLAB 5.0", "a MATLAB file"),
    (b"dex\n", "a program"),
    (b"!<arch>", "a program library"),
    (b"<?php", "a program"),
)
_BOMS: Final = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
_MARKUP: Final = re.compile(
    rb"^\s*<(?:!doctype|!--|html|\?xml|svg|table|head|body|meta|style|div|workbook)", re.IGNORECASE
)
_JSON: Final = re.compile(rb'^\s*(?:\{\s*"(?:[^"\\]|\\.)*"\s*:|\[\s*[\[{])')
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLDEST_WORKBOOKS: Final = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
_SPREADSHEET: Final = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
_HEAD: Final = 4096


def detect_file_type(content: memoryview) -> str:
    """Return "delimited", "excel" or "markup", for a file whose first bytes alone do not say which reader opens it.

    Raises
    ------
    NotATableError, CompressedFileError, EncryptedWorkbookError, OldWorkbookError, NotTextError
        If the bytes are anything else.
    """
    head = bytes(content[:_HEAD])
    if head[:2] == b"PK" and head[2:4] in {b"\x03\x04", b"\x05\x06", b"\x07\x08"}:
        return _kind_of_zip(content)
    if head.startswith(_OLE):
        return _kind_of_old_office(content)
    if head.startswith(_OLDEST_WORKBOOKS):
        raise OldWorkbookError("a workbook of an Excel before 1993")
    if head.startswith(_COMPRESSED):
        raise CompressedFileError
    plain = _plain(head)
    if _MARKUP.match(plain) or (plain.lstrip()[:1] == b"<" and b"<table" in plain.lower()):
        return "markup"
    if not head.startswith(_BOMS):
        _refuse_binary(head)
    return "delimited"


def _plain(head: bytes) -> bytes:
    """Return the beginning of a text without byte order mark, and without the NULs of wide letters."""
    for mark in _BOMS:
        if head.startswith(mark):
            return head.removeprefix(mark).replace(b"\0", b"")
    return head


def _kind_of_zip(content: memoryview) -> str:
    # The names of a zip's members stand in the clear, in the directory at its end.
    # Some writers put backslashes between the folders.
    tail = (bytes(content[-200_000:]) + bytes(content[:_HEAD])).replace(b"\\", b"/")
    if (b"[Content_Types].xml" in tail and b"xl/" in tail) or _SPREADSHEET in tail or _is_packed_again(content, tail):
        return "excel"
    for marker, name in (
        (b"word/", "a Word document"),
        (b"ppt/", "a presentation"),
        (b"mimetypeapplication/vnd.oasis", "an OpenDocument file"),
        (b"META-INF/MANIFEST.MF", "a program"),
    ):
        if marker in tail:
            raise NotATableError(name)
    raise CompressedFileError


def _is_packed_again(content: memoryview, tail: bytes) -> bool:
    """Whether it is an OpenDocument sheet whose parts were unpacked and packed anew, in another order."""
    if b"mimetype" not in tail or b"content.xml" not in tail:
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            part = archive.getinfo("mimetype")
            return part.file_size < _HEAD and b"mimetype" + archive.read(part).strip() == _SPREADSHEET
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, ValueError, EOFError, zlib.error, struct.error):
        return False


def _kind_of_old_office(content: memoryview) -> str:
    start = bytes(content[:2_000_000])
    if "EncryptedPackage".encode("utf-16-le") in start:
        raise EncryptedWorkbookError
    # The directory of its parts may stand anywhere.
    for name in ("Workbook", "Book"):
        if name.encode("utf-16-le") in start or name.encode("utf-16-le") in bytes(content):
            return "excel"
    raise NotATableError("an old Office document")


def _refuse_binary(head: bytes) -> None:
    for magic, name in _OTHER:
        if head.startswith(magic) and (len(magic) > 3 or not _reads_as_text(head)):
            raise NotATableError(name)
    if head[257:262] == b"ustar":
        raise CompressedFileError
    if head[4:8] == b"ftyp":
        raise NotATableError("a video")
    if head.startswith(b"MIME-Version:"):
        raise NotATableError("a web archive")
    if _JSON.match(head):
        raise NotATableError("JSON")


def _reads_as_text(head: bytes) -> bool:
    """Whether short magic such as "BM" is rather the start of a column name."""
    if head.startswith((b"#!", b"{\\rtf")):
        return False
    return not any(byte < 9 or 13 < byte < 32 for byte in head)


def refuse_nul(text: memoryview) -> None:
    """Refuse text that holds NUL bytes.

    Raises
    ------
    NotTextError
        If there is one.
    """
    if any(not chunk.all() for _, chunk in chunks(text)):
        raise NotTextError
