"""Detection of the encoding of a text file."""

import codecs
import re
from typing import Final

import numpy as np

from segmenter.errors.reading import NotTextError, UnreadableEncodingError
from segmenter.io.read.csv.letters import USUAL, likeliest_encoding
from segmenter.io.read.table import chunks
from segmenter.table.notes import Note

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What the two bytes of a UTF-8 letter become in Windows-1252: "Ã©" for "é", "Â£" for "£".
_MOJIBAKE: Final = re.compile("[ÃÂ][\u00a0-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€")
_MOJIBAKE_BYTES: Final = re.compile(rb"[\xc3\xc2][\x80-\xbf](?![\x80-\xbf])|\xe2\x80[\x80-\xbf]")
_UNICODE: Final = frozenset({"utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"})
_NAMES: Final = {USUAL: "Windows-1252"}
# By how much the letters must be likelier than in any other encoding to leave no doubt (e^3 = 20 times).
_CERTAIN: Final = (6.0, 3.0)
_SURE: Final = 20.0
_SAMPLE: Final = 1 << 18
_BEFORE: Final = 1 << 12
# Seen by nobody and not the same as nothing: end of file of old systems, blanks of no width, a mark amid the text.
_INVISIBLE: Final = (b"\x1a", b"\xe2\x80\x8b", b"\xef\xbb\xbf")

# U+0080 to U+009F: what stood there in Windows-1252, such as a dash, was once read as Latin-1.
_CONTROL: Final = re.compile(rb"\xc2[\x80-\x9f]")
_UNSEEN: Final = (
    "Line {line} holds a letter that can't be seen, such as a blank of no width or a control letter; it was kept, and "
    "its value differs from others that look alike. Delete it in the file if it does not belong there."
)


def find_encoding(content: memoryview) -> str:
    """Return the encoding: what the first bytes say, else UTF-8 if all bytes fit, else the likeliest by its letters."""
    head = bytes(content[:4096])
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    wide = _wide_without_mark(head)
    if wide:
        return wide
    if is_utf8(content):
        return "utf-8"
    sample = _sample(content)
    name, margin = likeliest_encoding(sample)
    # Bytes of UTF-8 amid others are pairs of letters in Korean, Thai and their like, which then are likelier by far.
    is_mixed = _MOJIBAKE_BYTES.search(sample) and (margin < _SURE or _is_latin(sample.decode(name, "replace")))
    return USUAL if is_mixed else name


def _is_latin(text: str) -> bool:
    """Whether most letters beyond ASCII are Latin ones."""
    letters = [letter for letter in text if letter > "\x7f" and letter.isalpha()]
    return 2 * sum(letter < "\u0250" for letter in letters) >= len(letters)


def _sample(content: memoryview) -> bytes:
    """Return so much of a text as tells its language, from its first letter beyond ASCII on."""
    for start, chunk in chunks(content):
        if chunk.max() > 127:
            first = start + int(np.argmax(chunk > 127))
            begin = max(0, first - _BEFORE)
            return bytes(content[begin : begin + _SAMPLE])
    return b""


def find_and_decode(content: memoryview) -> tuple[str, memoryview]:
    """Return the encoding that is found, and the text as UTF-8 bytes."""
    encoding = find_encoding(content)
    return encoding, to_utf8(content, encoding, known=encoding == "utf-8")


def is_utf8(content: memoryview) -> bool:
    """Whether every byte is part of valid UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for _, chunk in chunks(content):
            # Plain ASCII is told ten times as quickly as it is decoded.
            if decoder.getstate()[0] or chunk.max() > 127:
                decoder.decode(chunk.tobytes())
    except UnicodeDecodeError:
        return False
    return not decoder.getstate()[0]


def to_utf8(content: memoryview, encoding: str, *, known: bool = False) -> memoryview:
    """Return the text as UTF-8 bytes without a byte order mark; the same memory where it is that already.

    Parameters
    ----------
    known
        Whether the bytes were found to fit the encoding, and need not be looked at again.

    Raises
    ------
    UnreadableEncodingError
        If the bytes are no text in that encoding.
    NotTextError
        If they are none in any.
    """
    if encoding in ("utf-8", "utf-8-sig"):
        if not known and not is_utf8(content):
            raise UnreadableEncodingError(encoding)
        # Programs that join files, or save them twice, leave more than one mark.
        while bytes(content[:3]) == codecs.BOM_UTF8:
            content = content[3:]
        return content
    try:
        text = bytes(content).decode(encoding)
    except LookupError as error:
        raise UnreadableEncodingError(encoding) from error
    except UnicodeDecodeError as error:
        text = _decode_anyway(bytes(content), encoding, error)
    return memoryview(text.lstrip("\ufeff").encode("utf-8", "replace"))


def _decode_anyway(content: bytes, encoding: str, error: UnicodeDecodeError) -> str:
    # Five bytes have no meaning in Windows-1252: the replacement character stands for them, and is told below.
    if encoding == "cp1252":
        return content.decode("cp1252", "replace")
    # Only UTF-16 and UTF-32 write letters with empty bytes.
    if b"\0" in content and not encoding.startswith(("utf-16", "utf-32")):
        raise NotTextError
    raise UnreadableEncodingError(encoding) from error


def encoding_notes(content: memoryview, text: memoryview, encoding: str) -> list[Note]:
    """Warn when the letters of a text leave its encoding open, or when it was decoded wrongly before.

    Parameters
    ----------
    content
        The file as it is.
    text
        The same as UTF-8.
    """
    sample = _sample(text).decode("utf-8", "replace")
    if mixed := _MOJIBAKE.search(sample):
        line = 1 + bytes(text[: bytes(text).index(mixed[0].encode())]).count(b"\n")
        return [_mixed(line) if encoding == USUAL else _twice(line, mixed[0])]
    if encoding in _UNICODE or not any(letter.isalpha() for letter in sample if letter > "\x7f"):
        return []
    line = 1 + next((at for at, row in enumerate(bytes(text[:_SAMPLE]).split(b"\n")) if not row.isascii()), 0)
    likeliest, margin = likeliest_encoding(_sample(content))
    if likeliest == encoding and margin >= _CERTAIN[encoding == USUAL] and "\ufffd" not in sample:
        return []
    text_of_note = (
        f"The file is not UTF-8 and was read as {_NAMES.get(encoding, encoding)}, but its letters look wrong that way "
        "or tell too little. Compare them with the preview; choose its encoding, or export it again as UTF-8."
    )
    return [Note(text_of_note, warning=True, line=line)]


def _twice(line: int, letters: str) -> Note:
    text = (
        f"Line {line}: letters such as {letters!r} were once read in the wrong encoding and saved so. They were kept; "
        "export the file again from where it came from, as UTF-8."
    )
    return Note(text, warning=True, line=line)


def _mixed(line: int) -> Note:
    text = (
        f"Some lines of the file are UTF-8 and others are not (first: line {line}). All were read as Windows-1252, "
        "so that some letters are wrong. Export the file again as UTF-8."
    )
    return Note(text, warning=True, line=line)


def invisible_notes(text: memoryview) -> list[Note]:
    """Warn of letters that can't be seen and make values differ that look alike."""
    for start, chunk in chunks(text):
        held = chunk.tobytes()
        # Plain ASCII is told ten times as quickly as longer letters are looked for.
        letters = _INVISIBLE if chunk.max() > 127 else _INVISIBLE[:1]
        # As the last letter of all, the end of file is none of a value.
        held = held.rstrip(b"\x1a\r\n") if start + len(held) == len(text) else held
        places = [held.index(letter) for letter in letters if letter in held]
        if chunk.max() > 127 and (control := _CONTROL.search(held)):
            places.append(control.start())
        if places:
            line = bytes(text[: start + min(places)]).count(b"\n") + 1
            return [Note(_UNSEEN.format(line=line), warning=True, line=line)]
    return []


def _wide_without_mark(head: bytes) -> str:
    """Recognise UTF-16 without a byte order mark by the NULs beside each ASCII letter."""
    pairs = len(head) // 2
    if pairs < 4:
        return ""
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if odd > 0.6 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * pairs and odd < 0.05 * pairs else ""
