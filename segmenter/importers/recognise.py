"""What kind of file are these bytes, whatever the name says?"""

import io
import zipfile

from segmenter.errors import (
    CompressedFileError,
    DamagedFileError,
    EmptyFileError,
    NotATableError,
    OldWorkbookError,
    PickleRefusedError,
)

# Only their first bytes decide; a name or a content type is the sender's claim.
_COMPRESSED = (
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!",
    b"x\x9c",
    b"x\xda",
    b"x\x01",
)
_OTHERS = {
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"\xcf\xfa\xed\xfe": "a program",
    b"%PDF": "a PDF document",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"RIFF": "a sound, image or video",
    b"ID3": "a sound",
    b"OggS": "a sound",
    b"II*\x00": "an image",
    b"MM\x00*": "an image",
    b"\x00\x00\x01\x00": "an image",
    b"\x00asm": "a program",
    b"SQLite format 3\x00": "a database",
    b"{\\rtf": "a text document",
    b"\xca\xfe\xba\xbe": "a program",
    b"ARROW1": "an Arrow file",
    b"ORC": "an ORC file",
    b"\x93NUMPY": "a NumPy array",
    b"\x89HDF": "an HDF5 file",
    b"Obj\x01": "an Avro file",
    b"wOFF": "a font",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = (b"<!doctype html", b"<html", b"<?xml", b"<svg")


def recognise(content: bytes) -> str:
    """Return the importer's key: "text", "excel" or "parquet".

    Raises
    ------
    EmptyFileError, CompressedFileError, OldWorkbookError, PickleRefusedError, NotATableError
        If it is none of them.
    """
    if not content[:1000].strip(b" \t\r\n\xef\xbb\xbf\xff\xfe") and not content.strip(b" \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise EmptyFileError
    if content[:4] == b"PAR1" and content[-4:] == b"PAR1":
        return "parquet"
    if content[:4] == b"PK\x03\x04":
        return _kind_of_zip(content)
    if content.startswith(_OLE):
        raise OldWorkbookError
    if looks_pickled(content):
        raise PickleRefusedError
    if content.startswith(_COMPRESSED):
        raise CompressedFileError
    _refuse_others(content)
    return "text"


def _kind_of_zip(content: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise DamagedFileError("zip archive or workbook") from error
    if any(name.startswith("xl/workbook") for name in names):
        return "excel"
    if "[Content_Types].xml" in names:
        raise NotATableError("an Office document without sheets")
    raise CompressedFileError


def _refuse_others(content: bytes) -> None:
    for magic, what in _OTHERS.items():
        if content.startswith(magic):
            raise NotATableError(what)
    if content[4:8] == b"ftyp":
        raise NotATableError("a video")
    if content[257:262] == b"ustar":
        raise CompressedFileError
    opening = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if opening.startswith(_HTML):
        raise NotATableError("a web page or XML document")
    if (opening[:1], content[-200:].rstrip()[-1:]) in ((b"{", b"}"), (b"[", b"]")):
        raise NotATableError("a JSON document")


def looks_pickled(content: bytes) -> bool:
    """Whether the bytes start as pickles of protocol 2 and later do (joblib writes those too)."""
    last_protocol = 5
    return len(content) > 2 and content[0] == 0x80 and 2 <= content[1] <= last_protocol
