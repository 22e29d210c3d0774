"""Names of segments: a small grammar over the columns in which a segment stands clearly apart from everyone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from segmenter.explain.columns import percent_text, plural_of
from segmenter.explain.contrasts import Contrast
from segmenter.explain.language import Word, language

# Nearer to everyone than this, in standard deviations, no word is said: it would fit too many others as well.
CLEARLY: Final = 0.7
# So many of a segment's customers must lie on the side that the word says; else the mean is that of a few.
MOST_OF_THEM: Final = 2 / 3
# A segment is named by a category's value that so many of its customers have.
MOSTLY: Final = 2 / 3
# Fewer of a segment's customers with a value say nothing of the others.
KNOWN: Final = 0.5
# That hardly anybody of a segment has a value says something only where many others have it.
_COMMON: Final = 0.4
MOST_WORDS: Final = 3
LONGEST_NAME: Final = 60
_ONE_TIME: Final = 0.9
_CODE_LENGTH: Final = 3


@dataclass(frozen=True)
class _Said:
    """A word about a segment, and the column that it comes from."""

    place: str
    text: str
    strength: float
    contrast: Contrast


def suggest_names(found: Sequence[Contrast], k: int) -> tuple[str, ...]:
    """Return a name for each segment, all different; nothing in one that the table does not say.

    Parameters
    ----------
    found
        Where the segments stand in the columns.
    k
        How many segments there are.
    """
    speaking = [each for each in found if not each.words.protected]
    forming = [each for each in speaking if each.words.forming] or speaking
    heads = Counter(each.words.role.key for each in forming if each.words.role and each.words.role.place == "head")
    said = [_words_for(forming, heads, segment) for segment in range(k)]
    names = [_named(words, forming, heads, segment) for segment, words in enumerate(said)]
    names = _told_apart(names, said, forming, heads)
    return _numbered([_capital(name) for name in names])


def is_default(name: str, number: int) -> bool:
    """Whether a name is the one that a segment has before anybody named it."""
    return name == language().text("names", "default", number=number)


def _words_for(forming: Sequence[Contrast], heads: Counter[str], segment: int) -> list[_Said]:
    """Return what may be said of a segment, the strongest first: one word for each role and for each column."""
    found = [word for each in forming if (word := _word(each, heads, segment)) is not None]
    found.sort(key=lambda word: -word.strength)
    taken: set[str] = set()
    repeated: set[str] = set()
    kept: list[_Said] = []
    for said in found:
        word = said
        if word.place == "head" and "head" in taken:
            # One noun is enough; what a second one says is said of its column.
            word = _Said("with", _of_quantity(word.contrast, segment), word.strength, word.contrast)
        role = word.contrast.words.role
        key = word.contrast.words.column
        if word.place != "with" and role is not None:
            key = "head" if word.place == "head" else role.key
        # "High purchases, high purchases frequency" says one thing twice.
        labels = _telling(word.contrast.words.label) if word.place == "with" else set()
        if key not in taken and not labels & repeated:
            taken.add(key)
            repeated |= labels
            kept.append(word)
    return kept[:MOST_WORDS] or _strongest(forming, segment)


def _telling(label: str) -> set[str]:
    """Return the words of a label that say what it is about."""
    table = language()
    silent = (
        table.words("header", "prepositions") | table.words("header", "of_a_period") | table.words("counts", "averages")
    )
    return set(label.lower().split()) - silent - {"total", "the", *table.words("counts", "times")}


def _strongest(forming: Sequence[Contrast], segment: int) -> list[_Said]:
    """Return the value of the column in which a segment stands apart though no word is true of most of it."""
    able = [each for each in forming if np.isfinite(each.values[segment]) and each.known[segment] >= KNOWN]
    if not able:
        return []
    best = max(able, key=lambda each: abs(float(each.effects[segment])))
    if abs(float(best.effects[segment])) < CLEARLY:
        return []
    clause = clause_of(best, segment) if best.words.is_count or best.words.is_share or best.level is not None else ""
    facts = {"label": _value_label(best), "value": _value_text(best, segment)}
    return [_Said("with", clause or language().text("names", "plain_value", **facts), 0.0, best)]


def _word(contrast: Contrast, heads: Counter[str], segment: int) -> _Said | None:
    words, effect = contrast.words, float(contrast.effects[segment])
    if not contrast.known[segment] >= KNOWN:
        return None
    if contrast.level is not None or words.is_share:
        return _word_of_share(contrast, segment)
    value = float(contrast.values[segment])
    if _only_ones(contrast, segment):
        assert words.role is not None
        return _Said("head", words.role.one, abs(effect), contrast)
    if not is_clear(contrast, segment):
        return None
    high = effect > 0
    role = words.role
    # Two columns of spending say different things: each is named by its own label.
    if role is not None and not (role.place == "head" and heads[role.key] > 1):
        choices = role.high if high else role.low
        fitting = next((each for each in choices if _true(each, value, words.days_a_unit if role.needs else 1.0)), None)
        if fitting is not None and role.speaks_in(words.known_unit):
            return _Said(role.place, fitting.word, abs(effect), contrast)
    return _Said("with", _of_quantity(contrast, segment), abs(effect), contrast)


def _of_quantity(contrast: Contrast, segment: int) -> str:
    """Return what is said of less or more of a column, in words that fit what it measures: few, short, small, low."""
    words, high = contrast.words, float(contrast.effects[segment]) > 0
    return _of_date(words.label, later=high) if words.kind.value == "date" else _quantity(contrast, int(high))


def _of_date(label: str, *, later: bool) -> str:
    is_last = bool(language().words("header", "last") & set(label.split()))
    return language().text("names", ("later" if later else "earlier") + ("_last" if is_last else ""), label=label)


def _quantity(contrast: Contrast, which: int) -> str:
    """Return a word for little (0), much (1), less (2) or more (3) of what a column measures."""
    label = _value_label(contrast)
    said = label.lower().split() or [""]
    first, last, thing = said[0], said[-1], label
    if contrast.words.is_count:
        kind = "count"
    elif last in language().words("quantity_words", "age") and set(said[:-1]) - language().words(
        "yes_no_words", "persons"
    ):
        kind, thing = "age", label.rpartition(" ")[0]
    elif first in language().words("quantity_words", "best") and len(said) > 1:
        kind, thing = "best", label.partition(" ")[2]
    elif last in language().words("quantity_words", "size_of") and len(said) > 1:
        kind, thing = "size_of", label.rpartition(" ")[0]
    elif last in language().words("quantity_words", "size"):
        kind = "size"
    elif contrast.words.known_unit in language().table["unit_days"] or set(said) & language().words(
        "quantity_words", "time"
    ):
        kind = "time"
    else:
        kind = "plain"
    return str(language().table["quantities"][kind][which]).format(label=label, thing=thing, things=plural_of(thing))


def is_clear(contrast: Contrast, segment: int) -> bool:
    """Whether a segment stands clearly apart from everyone in a column of numbers, and most of its customers do."""
    effect, value = float(contrast.effects[segment]), float(contrast.values[segment])
    if (
        abs(effect) < CLEARLY
        or not np.isfinite(value)
        or contrast.words.text(value) == contrast.words.text(contrast.overall)
    ):
        return False
    if (value > contrast.overall) != (effect > 0):
        return False
    return bool((contrast.above if effect > 0 else contrast.below)[segment] >= MOST_OF_THEM)


def _true(word: Word, value: float, days: float) -> bool:
    return word.is_true_of(value, datetime.now(UTC).year, days)


def _only_ones(contrast: Contrast, segment: int) -> bool:
    """Whether the column counts orders and hardly anybody of the segment has another number of them than one."""
    role = contrast.words.role
    if role is None or not role.one or abs(float(contrast.effects[segment])) < 0.2:
        return False
    value = float(contrast.values[segment])
    return bool(contrast.ones[segment] >= _ONE_TIME and 0.95 <= value <= 1.05)


def _word_of_share(contrast: Contrast, segment: int) -> _Said | None:
    """Return the word of a value that most of a segment's customers have and everyone has less."""
    share, effect = float(contrast.values[segment]), float(contrast.effects[segment])
    if abs(effect) < CLEARLY:
        return None
    if contrast.level is None or _answer(contrast.level):
        if effect > 0 and share >= MOSTLY:
            return _Said("mostly", _yes_no(contrast, 1), abs(effect), contrast)
        if effect < 0 and 1 - share >= MOSTLY:
            return _Said("mostly", _yes_no(contrast, 2), abs(effect), contrast)
        return None
    if effect > 0 and share >= MOSTLY:
        return _Said("mostly", level_text(contrast, "mostly_level", "mostly_labelled"), abs(effect), contrast)
    if effect < 0 and 1 - share >= MOSTLY and contrast.overall >= _COMMON:
        return _Said("mostly", level_text(contrast, "hardly_level", "hardly_labelled"), abs(effect), contrast)
    return None


def _answer(level: str | None) -> str:
    """Return "yes" or "no" where a value of a category says so, in any letters; else an empty text."""
    plain = (level or "").strip().lower()
    return next((key for key in ("yes", "no") if plain in language().words("yes_no_words", key) - {"0", "1", "x"}), "")


def _yes_no(contrast: Contrast, which: int, **facts: object) -> str:
    """Return what is said of a yes or no: the clause (0), and in a name that most say yes (1) or no (2)."""
    label, words = contrast.words.label, contrast.words.label.lower().split()
    known, rest = language().words, label.partition(" ")[2]
    verbs = dict(each.split(":") for each in language().table["yes_no_words"]["verbs"].split())
    key, verb = "default", ""
    if len(words) > 1 and words[0] in known("yes_no_words", "have"):
        key, label = "have", rest
    elif len(words) > 1 and words[0] in verbs:
        key, verb, label = "verb", verbs[words[0]], rest
    elif set(words) <= known("yes_no_words", "newsletter"):
        key = "newsletter"
    elif words[-1:] and words[-1] in known("yes_no_words", "consent"):
        key = "consent"
    else:
        if len(words) > 1 and words[0] in known("yes_no_words", "be"):
            key, label = "state", rest
        last = label.lower().split()[-1:]
        if last and last[0] in known("yes_no_words", "persons"):
            key, label = "persons", plural_of(label)
        elif len(label.split()) == 1 and (last[0].endswith("ed") or last[0] in known("yes_no_words", "states")):
            key = "state"
    if _answer(contrast.level) == "no":
        which = (0, 2, 1)[which]
    return str(language().table["yes_no"][key][which]).format(label=label, verb=verb, **facts)


def clause_of(contrast: Contrast, segment: int) -> str:
    """Return what a sentence says of a segment in a column: "about 33 years old", "4 open tickets", "82 % with car"."""
    words, text, value = contrast.words, language().text, float(contrast.values[segment])
    said = _value_text(contrast, segment)
    if words.is_share or _answer(contrast.level) == "yes":
        return _yes_no(contrast, 0, value=said)
    if contrast.level is not None:
        level = level_text(contrast, "level", "level_labelled")
        return text("sentence", "level", value=said, level=level)
    role = words.role
    if role is not None and words.most and role.score_clause:
        return role.score_clause.format(value=said)
    if role is not None and role.clause and role.speaks_in(words.known_unit, clause=True) and not words.most:
        plain = said if not (role.needs or role.clause_needs) or words.unit else f"{said} {words.known_unit}"
        clause = role.clause_one if said == "1" and role.clause_one else role.clause
        return clause.format(value=plain, event=_event(words.label))
    if words.is_count and value == 0 and contrast.statistic == "mean":
        return text("sentence", "none_of", label=words.label)
    if words.is_count and said != "1":
        return text("sentence", "counted", label=words.label, value=said)
    return text("sentence", "generic", label=words.label, value=said)


def _event(label: str) -> str:
    """Return what happened last: the gift of "time since last gift"."""
    words = label.split()
    at = next((place for place, word in enumerate(words) if word in language().words("header", "last")), None)
    since = str(language().table["header"]["since"])
    at = words.index(since) if at is None and since in words else at
    return " ".join(words[at + 1 :]) if at is not None and words[at + 1 :] else language().text("sentence", "event")


def level_text(contrast: Contrast, plain: str, labelled: str) -> str:
    """Return a value of a category with the column's label where the value alone would say nothing."""
    level = " ".join("".join(letter if letter.isprintable() else " " for letter in str(contrast.level)).split())
    level = level if len(level) <= 24 else level[:23] + "…"
    bare = level.lower() in language().bare_levels
    is_code = len(level) <= _CODE_LENGTH or any(letter.isdigit() for letter in level)
    key = labelled.replace("labelled", "bare") if bare else labelled if is_code else plain
    return language().text("names", key, label=contrast.words.label, level=level.lower() if bare else level)


def _named(said: Sequence[_Said], forming: Sequence[Contrast], heads: Counter[str], segment: int) -> str:
    """Put the words together; where they are too many to be read, the weakest go."""
    name = _phrase(said, forming, heads, segment)
    while len(name) > LONGEST_NAME and len(said) > 1:
        said = said[:-1]
        name = _phrase(said, forming, heads, segment)
    return name


def _phrase(said: Sequence[_Said], forming: Sequence[Contrast], heads: Counter[str], segment: int) -> str:
    text = language().text
    front = [word.text for place in ("who", "when", "means") for word in said if word.place == place]
    mostly = [word.text for word in said if word.place == "mostly"]
    rest = [word.text for word in said if word.place == "with"]
    head = next((word.text for word in said if word.place == "head"), "")
    if not head and not front and (rest or mostly) and all(word.strength for word in said):
        return ", ".join([*rest, *mostly])
    head = head or _plain_head(forming, heads, segment, said)
    name = " ".join([*front, head])
    name += text("names", "with") + text("names", "and").join(rest) if rest else ""
    return ", ".join([name, *mostly])


def _plain_head(forming: Sequence[Contrast], heads: Counter[str], segment: int, said: Sequence[_Said]) -> str:
    """Return the noun of a segment that its behaviour does not set apart: "mid-range" only where that is measured."""
    text = language().text
    heads_of = [(each, each.words.role) for each in forming if each.words.role and each.words.role.place == "head"]
    measured = [(each, role) for each, role in heads_of if (role.mid or role.noun) and heads[role.key] == 1]
    if measured and all(abs(each.effects[segment]) < CLEARLY and each.known[segment] >= KNOWN for each, _ in measured):
        spends = measured[0][1]
        if spends.mid and any(word.place == "means" for word in said):
            return spends.mid
        return text("names", "mid", noun=spends.noun or text("names", "customers"))
    return text("names", "customers") if said else text("names", "average")


def _told_apart(
    names: list[str], said: Sequence[Sequence[_Said]], forming: Sequence[Contrast], heads: Counter[str]
) -> list[str]:
    """Tell segments of the same name apart by the column in which they differ most."""
    names = list(names)

    def with_ending(segment: int, ending: str, column: Contrast) -> str:
        # The ending says more than the word of the same column; whole words go before letters are cut.
        base = names[segment]
        kept = [word for word in said[segment] if word.place != "with" or word.contrast is not column]
        if 0 < len(kept) < len(said[segment]):
            base = _phrase(kept, forming, heads, segment)
        while len(base) + len(ending) > LONGEST_NAME and len(kept) > 1:
            kept = kept[:-1]
            base = _phrase(kept, forming, heads, segment)
        return _shorter(base, LONGEST_NAME - len(ending)) + ending

    for name, count in Counter(names).items():
        if count == 1:
            continue
        alike = [segment for segment, each in enumerate(names) if each == name]
        column = _differ_most(forming, alike)
        if column is None:
            continue
        values = {segment: float(column.values[segment]) for segment in alike}
        is_said = any(word.contrast is column for segment in alike for word in said[segment])
        low, *_, high = sorted(alike, key=lambda segment: values[segment])
        parted: dict[int, str] = {}
        for end, segment in enumerate((low, high)):
            front, ending = _compared(column, segment, end)
            parted[segment] = f"{front} {name}" if front else with_ending(segment, ending, column)
        # "Younger" is said of those below everyone alone, and where no other segment is called so already.
        is_free = not set(parted.values()) & set(names)
        if count == 2 and not is_said and is_free and values[low] < column.overall < values[high]:
            names[low], names[high] = parted[low], parted[high]
        else:
            endings = {each: language().text("names", "value", clause=clause_of(column, each)) for each in alike}
            for segment, ending in endings.items():
                names[segment] = with_ending(segment, ending, column)
    return names


def _value_label(contrast: Contrast) -> str:
    return contrast.words.label if contrast.level is None else level_text(contrast, "level", "level_labelled")


def _differ_most(forming: Sequence[Contrast], alike: Sequence[int]) -> Contrast | None:
    """Return the column in which these segments lie farthest apart, all of them different as displayed."""
    best, widest = None, 0.0
    for each in forming:
        values = each.values[list(alike)]
        if not np.isfinite(values).all() or (each.known[list(alike)] < KNOWN).any():
            continue
        shown = {_value_text(each, segment) for segment in alike}
        if len(shown) < len(alike):
            continue
        effects = np.sort(each.effects[list(alike)])
        # What counts is the two that are nearest to each other: all have to be told apart.
        apart = float(np.diff(effects).min())
        if apart > widest:
            best, widest = each, apart
    return best


def _value_text(contrast: Contrast, segment: int) -> str:
    value = float(contrast.values[segment])
    return contrast.words.text(value) if contrast.level is None else percent_text(value)


def _compared(contrast: Contrast, segment: int, end: int) -> tuple[str, str]:
    """Return what stands before, or after, the name of the lower (0) or the higher (1) of two segments."""
    role, words = contrast.words.role, contrast.words
    if role is not None and role.comparative and role.place in ("who", "when", "means"):
        return role.comparative[end], ""
    if contrast.level is not None or words.is_share:
        return "", language().text("names", "value", clause=clause_of(contrast, segment))
    if words.kind.value == "date":
        return "", f", {_of_date(words.label, later=bool(end))}"
    return "", f", {_quantity(contrast, 2 + end)}"


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _numbered(names: Sequence[str]) -> tuple[str, ...]:
    """Return names cut to a readable length, equal ones with a number."""
    taken: list[str] = []
    for name in names:
        cut = _shorter(name, LONGEST_NAME)
        tries = (cut if count == 1 else f"{cut} ({count})" for count in range(1, len(names) + 2))
        taken.append(next(each for each in tries if each not in taken))
    return tuple(taken)


def _shorter(name: str, most: int) -> str:
    """Return a name of at most so many letters, cut between words where that leaves most of it."""
    if len(name) <= most:
        return name
    cut = name[: max(most - 1, 1)]
    whole = cut.rpartition(" ")[0]
    return (whole if len(whole) > most // 2 else cut).rstrip(" ,…") + "…"
