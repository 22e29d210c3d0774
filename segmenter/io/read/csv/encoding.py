"""Detection of the encoding of a text file."""

import codecs
import math
import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Final

import numpy as np

from segmenter.errors.reading import NotTextError, UnreadableEncodingError
from segmenter.io.read.table import chunks
from segmenter.table.dataset import Note
from segmenter.table.infer.header import is_known

# The letters beyond ASCII of each language, the commonest first, with the encodings that its texts come in: Windows',
# ISO's, the Macintosh's and DOS's. Which letters are common tells Turkish ş from Icelandic þ, which share a byte.
_WEST: Final = ("cp1252", "iso8859-15", "mac_roman", "cp850")
_CENTRAL: Final = ("cp1250", "iso8859-2", "mac_latin2", "cp852")
_CYRILLIC: Final = ("cp1251", "koi8-r", "iso8859-5", "mac_cyrillic", "cp866")
# Met less often than Turkish, with which it shares the bytes of its own letters.
_ICELANDIC: Final = "íáðóæéúþöý"
_LANGUAGES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("üäößé", _WEST),
    ("éèàêçôùîâûïëœ", _WEST),
    ("óíáñéúü¿¡", _WEST),
    ("ãçáéíóõêâúà", _WEST),
    ("àèùòéì", _WEST),
    ("äöåéüõšž", _WEST),
    ("øåæéö", _WEST),
    ("ëéïöèü", _WEST),
    (_ICELANDIC, _WEST),
    ("łąęóżśćńź", _CENTRAL),
    ("íáěéřžčšýůúňťďó", _CENTRAL),
    ("áíéčšžýúľťňôďäóĺŕ", _CENTRAL),
    ("áéöóőíüúű", _CENTRAL),
    ("čšžćđ", _CENTRAL),
    ("ăîşâţșț", (*_CENTRAL, "iso8859-16")),
    ("ıiİşğüçöâ", ("cp1254", "iso8859-9", "mac_turkish", "cp857")),
    ("šžāēīņļķģčūėųąęįõäöü", ("cp1257", "iso8859-13")),
    ("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", _CYRILLIC),
    ("оаіинтверслкдумпязьбгйчхжцюїєщґ", (*_CYRILLIC, "koi8-u")),
    ("αοιετσνηυρπκμλςίάόέήώύθδγβφχωζξψ", ("cp1253", "iso8859-7", "mac_greek")),
    ("יוהלאברתמשנדעקחפגטסזכםןץצךף", ("cp1255", "iso8859-8")),
    ("のいにしんたがとでるはをなてすアンイスルトラ東京", ("cp932", "euc_jp")),
    ("이다의에는서가을한고지김박시부산울", ("cp949",)),
    ("的一是不了在人有我他这中大来上国个到说们京海北广州深圳市王李张", ("gb18030", "big5")),
    ("اليمونرتبةعدسفهكقأحجشطصخىذزئثضغإءآظؤ", ("cp1256", "iso8859-6")),
)
# Signs that stand in texts of every language.
_SIGNS: Final = "\u00a0€£’“”–—…‘„«»°™®©²½§·•¥¢"
_SIGN: Final = math.log(0.01)
_FOREIGN: Final = math.log(0.0008)
_STRANGE: Final = math.log(0.00002)
_CAPITAL: Final = math.log(0.15)
# A capital right after a small letter, and a sign amid letters, speak against a reading.
_OUT_OF_PLACE: Final = math.log(0.02)
# So many words tell a language; more take time.
_MOST_WORDS: Final = 500
# However often a word comes, such as a currency, it tells no more of a language than two others.
_MOST_WEIGHT: Final = 2.0
_WORD: Final = re.compile(rb"[^\x00-\x1f\",;|]{1,200}")
_DIGITS: Final = re.compile(rb"[0-9]+")
# Letters of two bytes: half a pair is no letter, and speaks against the whole encoding.
_PAIRS: Final = frozenset({"cp932", "euc_jp", "cp949", "gb18030", "big5"})
_NO_TEXT: Final = -12.0
USUAL: Final = "cp1252"
# How often an encoding is met, as log-likelihood: today's Windows, then what old Macintoshes and DOS have left.
_PRIORS: Final = {
    USUAL: 4.0,
    **dict.fromkeys(("cp1250", "cp1251", "cp1254", "cp1253", "cp1257", "cp932", "gb18030", "cp949"), 0.0),
}
_SELDOM: Final = -1.5
_ICELANDIC_SELDOM: Final = 6.0
# Standards of East Asia list the signs of daily use in these first bytes, and rare ones behind; what they don't list,
# and only a wider encoding has, is rare as well.
_COMMON_SIGNS: Final = {
    "cp932": ("shift_jis", 0x81, 0x98),
    "euc_jp": ("euc_jp", 0xA1, 0xCF),
    "gb18030": ("gb2312", 0xA1, 0xD7),
    "big5": ("big5", 0xA1, 0xC6),
    "cp949": ("euc_kr", 0xA1, 0xC8),
}
_RARE_SIGN: Final = math.log(0.05)
# A name of a column that means something in one reading, such as "Müşteri", is no chance.
_KNOWN_NAME: Final = 2.0
_MOST_NAMES: Final = 60
# Spanish ñ before a consonant, Portuguese õ before anything but e, Italian ò behind a vowel: Polish ń, Hungarian ő and
# Czech ň share their bytes.
_UNUSUAL_PLACES: Final = re.compile(".?ñ[b-df-hj-np-tv-z]|.?õ[^e]|[aeiou]ò.?", re.IGNORECASE | re.DOTALL)
_EAST: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA"})


def likeliest_encoding(content: bytes) -> tuple[str, float]:
    """Return the encoding in which the letters of a text are likeliest, and how much likelier they are.

    Parameters
    ----------
    content
        Bytes of a text that is not Unicode.

    Returns
    -------
    The encoding's name, and the difference of its log-likelihood to the best reading that says something else.
    """
    # What stands beside each of many numbers, such as a currency, is one word that comes again.
    found = _WORD.findall(_DIGITS.sub(b"0", content))
    words = Counter(word for word in found if not word.isascii())
    names = [word for word in _WORD.findall(content.lstrip()[:_BEFORE].partition(b"\n")[0]) if not word.isascii()]
    readings: dict[str, tuple[float, str]] = {}
    for encoding in dict.fromkeys(name for _, names in _LANGUAGES for name in names):
        weights, penalty, text = _letters_of(words, encoding)
        languages = (letters for letters, names in _LANGUAGES if encoding in names)
        best = max(
            sum(weight * _likelihood(letter, letters) for letter, weight in weights.items())
            - _ICELANDIC_SELDOM * (letters == _ICELANDIC)
            for letters in languages
        )
        known = sum(map(is_known, (name.decode(encoding, "replace") for name in names[:_MOST_NAMES])))
        readings[encoding] = (best + penalty + known * _KNOWN_NAME + _PRIORS.get(encoding, _SELDOM), text)
    name = max(readings, key=lambda one: readings[one][0])
    likelihood, text = readings[name]
    others = [other for other, said in readings.values() if said != text]
    return name, likelihood - max(others, default=-math.inf)


def _letters_of(words: Counter[bytes], encoding: str) -> tuple[dict[str, float], float, str]:
    """Return how often each letter beyond ASCII is met, the log-likelihood of their places, and the text."""
    weights: dict[str, float] = {}
    penalty, texts = 0.0, []
    for word, times in words.most_common(_MOST_WORDS):
        text = word.decode(encoding, "replace")
        texts.append(text)
        # A word that comes again tells less than another one.
        weight = min(1 + math.log(times), _MOST_WEIGHT)
        penalty += weight * _NO_TEXT * (encoding in _PAIRS and "\ufffd" in text)
        for at, letter in enumerate(text):
            if letter > "\x7f":
                before, after = text[at - 1 : at], text[at + 1 : at + 2]
                small = letter.lower()
                # Names begin with a capital, which then is no rarer than its small letter.
                begins = letter != small and len(small) == 1 and (not before.isalpha() or before.isupper())
                weights[small if begins else letter] = weights.get(small if begins else letter, 0.0) + weight
                penalty += weight * (_out_of_place(letter, before, after) + _rarity(letter, encoding))
                # A letter alone beside a number is rather the sign of a currency.
                beside = text[:at].rstrip()[-1:] + text[at + 1 :].lstrip()[:1]
                if letter.isalpha() and not (before + after).strip() and any(map(str.isdecimal, beside)):
                    penalty += weight * 2 * _OUT_OF_PLACE
    return weights, penalty, "\n".join(texts)


@lru_cache(maxsize=8192)
def _likelihood(letter: str, letters: str) -> float:
    known = _likelihoods(letters).get(letter)
    if known is not None:
        return known
    return _FOREIGN if letter.isalpha() and _script(letter) == _script(letters[0]) else _STRANGE


@lru_cache(maxsize=64)
def _likelihoods(letters: str) -> dict[str, float]:
    """Return the log-likelihood of each letter: the nth of a language is met one nth as often as the first."""
    whole = sum(1 / rank for rank in range(1, len(letters) + 1))
    found = dict.fromkeys(_SIGNS, _SIGN)
    for rank, letter in enumerate(letters, 1):
        found[letter] = math.log(0.97 / rank / whole)
        if len(letter.upper()) == 1 and letter.upper() != letter:
            found.setdefault(letter.upper(), found[letter] + _CAPITAL)
    return found


@lru_cache(maxsize=8192)
def _rarity(letter: str, encoding: str) -> float:
    """Return the log-likelihood of a sign that is rare in texts of an encoding: words of two readings differ in it."""
    if encoding not in _COMMON_SIGNS:
        return 0.0
    standard, first, last = _COMMON_SIGNS[encoding]
    try:
        byte = letter.encode(standard)[0]
    except UnicodeEncodeError:
        return _RARE_SIGN
    return 0.0 if first <= byte <= last else _RARE_SIGN


@lru_cache(maxsize=8192)
def _script(letter: str) -> str:
    name = unicodedata.name(letter, "?").split()[0]
    return "EAST" if name in _EAST else name


def _is_ascii_letter(letter: str) -> bool:
    return letter.isascii() and letter.isalpha()


def _out_of_place(letter: str, before: str, after: str) -> float:
    """Return the log-likelihood of a capital right after a small letter, or of a sign amid letters."""
    if letter.isalpha():
        if (_is_ascii_letter(before) or _is_ascii_letter(after)) and _script(letter) != "LATIN":
            return 2 * _OUT_OF_PLACE
        if before.isdecimal() or (after.isdecimal() and not before):
            return 2 * _OUT_OF_PLACE
        if not before and not after:
            return _OUT_OF_PLACE / 2
        is_odd = letter.isupper() and before.islower()
        is_odd = is_odd or _UNUSUAL_PLACES.fullmatch(before + letter + after) is not None
        return _OUT_OF_PLACE if is_odd else 0.0
    if letter in "’‘":
        return 0.0
    return _OUT_OF_PLACE if before.isalpha() and (after.isalpha() or not after) else 0.0


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
_INVISIBLE: Final = (b"\xe2\x80\x8b", b"\xef\xbb\xbf")
# Bell, vertical tab and the like; tab and line ends are none.
_ASCII_CONTROL: Final = bytes({*range(32), 127} - {9, 10, 13})
# U+0080 to U+009F: what stood there in Windows-1252, such as a dash, was once read as Latin-1. Soft hyphens, marks of
# the direction of writing, and joiners of words.
_CONTROL: Final = re.compile(rb"\xc2[\x80-\x9f\xad]|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81\xa0")
_LOST: Final = b"\xef\xbf\xbd"
_LOST_LETTERS: Final = (
    "Line {line}: a letter was lost before this file was written, and '\ufffd' stands in its place. Values with "
    "different letters may look alike; export the file again from where it came from, as UTF-8."
)
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


def invisible_notes(text: memoryview, separator: str = ",") -> list[Note]:
    """Warn of letters that can't be seen and make values differ that look alike, and of letters that were lost."""
    unseen: int | None = None
    lost: int | None = None
    control = bytes(set(_ASCII_CONTROL) - set(separator.encode()))
    for start, chunk in chunks(text):
        held = chunk.tobytes()
        # As the last letter of all, the end of file is none of a value.
        held = held.rstrip(b"\x1a\r\n") if start + len(held) == len(text) else held
        # Plain ASCII is told ten times as quickly as longer letters are looked for.
        is_ascii = chunk.max() <= 127
        places = []
        if unseen is None and len(held.translate(None, control)) < len(held):
            places.append(next(at for at, letter in enumerate(held) if letter in control))
        if unseen is None and not is_ascii:
            places += [held.index(letter) for letter in _INVISIBLE if letter in held]
            places += [found.start()] if (found := _CONTROL.search(held)) else []
        unseen = start + min(places) if places else unseen
        if lost is None and not is_ascii and _LOST in held:
            lost = start + held.index(_LOST)
    return [
        Note(words.format(line=line), warning=True, line=line)
        for at, words in ((unseen, _UNSEEN), (lost, _LOST_LETTERS))
        if at is not None and (line := bytes(text[:at]).count(b"\n") + 1)
    ]


def _wide_without_mark(head: bytes) -> str:
    """Recognise UTF-16 without a byte order mark by the NULs beside each ASCII letter."""
    pairs = len(head) // 2
    if pairs < 4:
        return ""
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if odd > 0.6 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * pairs and odd < 0.05 * pairs else ""
