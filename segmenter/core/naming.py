"""How are headers written so that every column has a name of its own that can be read?"""

import unicodedata
from collections.abc import Sequence

_SHOWN = {"\r": "␤", "\n": "␤", "\t": "␉"}
# Emoji and several scripts are joined by these two, which are as invisible as they are meant.
_JOINERS = "\u200c\u200d"
# Control, format, surrogate and private characters: what is not seen, or reorders what is.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co"})


def readable_names(headers: Sequence[str]) -> list[str]:
    """Return the headers as unique, visible names: blanks and repetitions numbered, controls made visible."""
    names: list[str] = []
    for position, header in enumerate(headers, start=1):
        base = "".join(_visible(letter) for letter in header.strip()) or f"Column {position}"
        name, count = base, 1
        while name in names:
            count += 1
            name = f"{base} ({count})"
        names.append(name)
    return names


def _visible(letter: str) -> str:
    if letter in _SHOWN:
        return _SHOWN[letter]
    hidden = unicodedata.category(letter) in _HIDDEN and letter not in _JOINERS
    return f"⟨U+{ord(letter):04X}⟩" if hidden else letter
