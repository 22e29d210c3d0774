"""Detection of the encoding of a text file."""

import codecs
import re
from typing import Final

from segmenter.errors.reading import UnreadableEncodingError
from segmenter.io.read.table import chunks
from segmenter.table.notes import Note

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Letters and signs that Western European text is made of beyond ASCII.
_WESTERN: Final = re.compile(
    "[àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœšžßÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŒŠŽŸ€£¥§°²³½¼¾·«»‘’“”–—…•®©™ºª¿¡´\u00a0\u00ad±×µ¢]"
)
# Two accented letters in a row are rare in Western languages and the rule when another alphabet is misread.
_PAIRS: Final = re.compile("[à-öø-ÿÀ-ÖØ-Þ]{3,}")

# Central European letters read as Western ones stand where no Western language has them: "mìsto" for "město",
# "Pawe³" for "Paweł", "pøíliš" for "příliš".
_CENTRAL: Final = re.compile(
    "[ìù][a-zà-ÿ]|[A-Za-z]{4}³|³[a-z]|¹[a-z]|[a-z]¿|\\bè[a-z]|[šžŠŽ]\\w{0,30}[øèìòùï]|[øèìòùï]\\w{0,30}[šž]"
)

# What the two bytes of a UTF-8 letter become in Windows-1252: "Ã©" for "é", "Â£" for "£".
_MOJIBAKE: Final = re.compile("[ÃÂ][\u00a0-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€")
# Seen by nobody and not the same as nothing: end of file of old systems, blanks of no width, a mark amid the text.
_INVISIBLE: Final = (b"\x1a", b"\xe2\x80\x8b", b"\xef\xbb\xbf")

_UNSEEN: Final = (
    "Line {line} holds a letter that can't be seen, such as a blank of no width; it was kept, and its value differs "
    "from others that look alike. Delete it in the file if it does not belong there."
)


def find_encoding(content: memoryview) -> str:
    """Return the encoding: what the first bytes say, else UTF-8 if all bytes fit, else Windows-1252."""
    head = bytes(content[:4096])
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    wide = _wide_without_mark(head)
    if wide:
        return wide
    return "utf-8" if is_utf8(content) else "cp1252"


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
    raise UnreadableEncodingError(encoding) from error


def encoding_notes(text: memoryview, encoding: str) -> list[Note]:
    """Warn when text read as Windows-1252 does not look Western European."""
    if encoding != "cp1252":
        return []
    sample = bytes(text[: 1 << 20]).decode("utf-8", "replace")
    if mixed := _MOJIBAKE.search(sample):
        return [_mixed(1 + sample.count("\n", 0, mixed.start()))]
    foreign = [letter for letter in sample if ord(letter) > 127 and not _WESTERN.match(letter)]
    central = _CENTRAL.search(sample)
    if not foreign and not central and not _PAIRS.search(sample):
        return []
    line = 1 + next((at for at, row in enumerate(sample.split("\n")) if not row.isascii()), 0)
    text_of_note = (
        "The file is not UTF-8 and was read as Windows-1252, but its letters look wrong that way. "
        "Choose its encoding, or export it again as UTF-8."
    )
    return [Note(text_of_note, warning=True, line=line)]


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
        if places := [held.index(letter) for letter in letters if letter in held]:
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
