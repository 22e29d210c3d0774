"""The likelihood of a text's letters, by which one encoding of single bytes is told from another."""

import math
import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Final

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
_WORD: Final = re.compile(rb"[^\x00-\x1f\",;|]{1,200}")
# Letters of two bytes: half a pair is no letter, and speaks against the whole encoding.
_PAIRS: Final = frozenset({"cp932", "euc_jp", "cp949", "gb18030", "big5"})
_NO_TEXT: Final = -12.0
USUAL: Final = "cp1252"
# How often an encoding is met, as log-likelihood: today's Windows, then what old Macintoshes and DOS have left.
_PRIORS: Final = {USUAL: 4.0, **dict.fromkeys(("cp1250", "cp1251", "cp1254", "cp1253", "cp1257", "cp932"), 0.0)}
_SELDOM: Final = -1.5
_ICELANDIC_SELDOM: Final = 6.0
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
    words = Counter(word for word in _WORD.findall(content) if not word.isascii())
    readings: dict[str, tuple[float, str]] = {}
    for encoding in dict.fromkeys(name for _, names in _LANGUAGES for name in names):
        weights, penalty, text = _letters_of(words, encoding)
        languages = (letters for letters, names in _LANGUAGES if encoding in names)
        best = max(
            sum(weight * _likelihood(letter, letters) for letter, weight in weights.items())
            - _ICELANDIC_SELDOM * (letters == _ICELANDIC)
            for letters in languages
        )
        readings[encoding] = (best + penalty + _PRIORS.get(encoding, _SELDOM), text)
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
        weight = 1 + math.log(times)
        penalty += weight * _NO_TEXT * (encoding in _PAIRS and "\ufffd" in text)
        for at, letter in enumerate(text):
            if letter > "\x7f":
                before, after = text[at - 1 : at], text[at + 1 : at + 2]
                small = letter.lower()
                # Names begin with a capital, which then is no rarer than its small letter.
                begins = letter != small and len(small) == 1 and (not before.isalpha() or before.isupper())
                weights[small if begins else letter] = weights.get(small if begins else letter, 0.0) + weight
                penalty += weight * _out_of_place(letter, before, after)
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
        if before.isdigit() or (after.isdigit() and not before):
            return 2 * _OUT_OF_PLACE
        if not before and not after:
            return _OUT_OF_PLACE / 2
        is_odd = letter.isupper() and before.islower()
        is_odd = is_odd or _UNUSUAL_PLACES.fullmatch(before + letter + after) is not None
        return _OUT_OF_PLACE if is_odd else 0.0
    if letter in "’‘":
        return 0.0
    return _OUT_OF_PLACE if before.isalpha() and (after.isalpha() or not after) else 0.0
