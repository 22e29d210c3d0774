"""Names of segments: a small grammar over the columns in which a segment stands clearly apart from everyone."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

import numpy as np

from segmenter import config
from segmenter.display import capitalised, percent_text, shortened
from segmenter.explain.columns import counts_things, plural_of, singular_of
from segmenter.explain.contrasts import Contrast
from segmenter.explain.language import Word, language

# Nearer to everyone than this, in standard deviations, no word is said: it would fit too many others as well.
CLEARLY: Final = 0.7
# Of a segment that most customers are in, which moves everyone's mean towards itself.
_CLEARLY_OF_MOST: Final = 0.4
# A segment with less than this part of everyone's mean, or as many times more, is not in the middle.
_MID: Final = 2 / 3
# So many of a segment's customers must lie on the side that the word says; else the mean is that of a few.
MOST_OF_THEM: Final = 2 / 3
# A segment is named by a category's value that so many of its customers have.
MOSTLY: Final = 2 / 3
# Fewer of a segment's customers with a value say nothing of the others.
KNOWN: Final = 0.5
# Of a count with a smaller mean, most customers have none.
_FEW_HAVE_ONE: Final = 0.7
# So many columns of what is spent on this and that, and so much of them, say how much is spent.
_SPENDING_COLUMNS: Final = 3
# That hardly anybody of a segment has a value says something only where many others have it.
_COMMON: Final = 0.4
MOST_WORDS: Final = 3
_NEARLY: Final = 0.7
_TOLD_APART: Final = 0.3
# Who customers are, and what they do, says more at a glance than how much of a column they have.
_AT_A_GLANCE: Final = 1.4
LONGEST_NAME: Final = 60
# A name is read at a glance up to here: further words are said only where they fit, or tell segments apart.
READABLE_NAME: Final = 30
_READABLE_TOGETHER: Final = 42
_ONE_TIME: Final = 0.9
_LONGEST_SCORE: Final = 12
_CODE_LENGTH: Final = 3
# "Claims in 5 years", "bill 2025".
_IN_A_PERIOD: Final = re.compile(r"(?: in \d+ [a-z]+| (?:19|20)\d\d)$")
_VOWELS: Final = frozenset("aeiouyäöü")


@dataclass(frozen=True)
class _Said:
    """A word about a segment, and the column that it comes from."""

    place: str
    text: str
    strength: float
    contrast: Contrast

    @property
    def weight(self) -> float:
        """How much the word tells a reader."""
        return self.strength * (_AT_A_GLANCE if self.place in ("who", "when", "means", "head") else 1.0)


def suggest_names(
    found: Sequence[Contrast], k: int, given: Sequence[str] = (), taken: Collection[str] = ()
) -> tuple[str, ...]:
    """Return a name for each segment, all different; nothing in one that the table does not say.

    Parameters
    ----------
    found
        Where the segments stand in the columns.
    k
        How many segments there are.
    given
        What people know segments by already, one for each; empty where a name is to be suggested. None where it is
        left out.
    taken
        Further names, of segments that are not among these, which would be read as theirs.
    """
    # Names are saved with a model: an answer of a few customers in one would say who is in the segment.
    shared = [each for each in found if each.level is None or each.n_have >= config.FEWEST_WHO_SHARE]
    speaking = _shortly_labelled([each for each in shared if not each.words.protected])
    forming = [each for each in speaking if each.words.forming] or speaking
    describing = [each for each in speaking if each not in forming and each.n_have >= config.SMALL_GROUP]
    heads = Counter(each.words.role.key for each in forming if each.words.role and each.words.role.place == "head")
    # Where a segment stands out in nothing that formed it, what describes it says more than that it is average.
    said = [
        _words_for(forming, heads, segment)
        or _words_for(describing, heads, segment)
        or _strongest(forming, segment)
        or _words_for(_against_the_rest(forming, segment), heads, segment)[:MOST_WORDS]
        for segment in range(k)
    ]
    names = [_named(words, forming, heads, segment) for segment, words in enumerate(said)]
    names = _said_in_full(names, said, forming, heads)
    names = [capitalised(name) for name in _told_apart(names, said, forming, heads)]
    if not given:
        return _numbered(names)
    others = {*filter(None, given), *taken}
    for segment, name in enumerate(given):
        if not name and names[segment] in others:
            names[segment] = _not_taken(names[segment], others | {*names}, said[segment], forming, heads, segment)
    fresh = iter(_numbered([suggested for suggested, name in zip(names, given, strict=True) if not name], others))
    return tuple(name or next(fresh) for name in given)


def _not_taken(
    name: str,
    taken: Collection[str],
    said: Sequence[_Said],
    forming: Sequence[Contrast],
    heads: Counter[str],
    segment: int,
) -> str:
    """Return a name that says more of a segment whose shorter one is another's, where the table holds more."""
    phrase = partial(_shortest, forming=forming, heads=heads, segment=segment)
    tries = [phrase(said[:n]) for n in range(2, min(len(said), MOST_WORDS) + 1)]
    plain = sorted(
        (each for each in forming if not each.words.order and np.isfinite(each.values[segment])),
        key=lambda each: -abs(float(each.effects[segment])),
    )
    for each in plain:
        ending = language().text("names", "value", clause=clause_of(each, segment))
        tries.append(_with_ending(name, ending, each, said, phrase))
    free = (capitalised(each) for each in tries if len(each) <= _READABLE_TOGETHER)
    return next((each for each in free if each not in taken), name)


def _against_the_rest(forming: Sequence[Contrast], segment: int) -> list[Contrast]:
    """Return where a segment of most customers stands, against the others: everyone is much the same as itself.

    The mean of everyone lies between the two, the nearer to the segment the larger it is. A segment that is a share p
    of everyone lies (1 - p) of the way from the others' mean, so that far from them are less from everyone.
    """
    found = []
    for each in forming:
        others = np.delete(each.effects, segment)
        if (
            len(others)
            and abs(float(each.effects[segment])) >= _CLEARLY_OF_MOST
            and (abs(float(each.effects[segment])) + float(np.abs(others).max()) >= 2 * CLEARLY)
        ):
            effects = each.effects.copy()
            effects[segment] = np.sign(effects[segment]) * max(abs(float(effects[segment])), CLEARLY)
            found.append(replace(each, effects=effects))
    return found


def is_default(name: str, number: int) -> bool:
    """Whether a name is the one that a segment has before anybody named it."""
    return name == language().text("names", "default", number=number)


def _words_for(forming: Sequence[Contrast], heads: Counter[str], segment: int) -> list[_Said]:
    """Return what may be said of a segment, the strongest first: one word for each role and for each column."""
    found = [word for each in forming if not each.words.order and (word := _word(each, heads, segment)) is not None]
    ordered = dict.fromkeys(each.words.column for each in forming if each.words.order)
    for column in ordered:
        levels = [each for each in forming if each.words.column == column]
        if (word := _word_of_levels(levels, segment)) is not None:
            found.append(word)
    if (spenders := _spenders(forming, segment)) is not None:
        found = [spenders, *(word for word in found if not _is_spending_on(word.contrast))]
    found.sort(key=lambda word: -word.weight)
    taken: set[str] = set()
    repeated: set[str] = set()
    kept: list[_Said] = []
    for said in found:
        word = said
        if word.place == "head" and "head" in taken:
            # One noun is enough; what a second one says is said of its column.
            word = _said_of_quantity(word.contrast, segment)
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
    return kept[:MOST_WORDS]


def _is_spending_on(contrast: Contrast) -> bool:
    return contrast.words.label.startswith(f"{language().table['header']['spending_on']} ")


def _spenders(forming: Sequence[Contrast], segment: int) -> _Said | None:
    """Return what is said of who spends more, or less, on nearly everything that is told apart."""
    spending = [each for each in forming if _is_spending_on(each) and each.known[segment] >= KNOWN]
    role = next(role for role in language().roles if role.key == "spend")
    for words, side in ((role.high, 1), (role.low, -1)):
        clear = [each for each in spending if is_clear(each, segment) and side * each.effects[segment] > 0]
        if len(clear) >= max(_SPENDING_COLUMNS, MOSTLY * len(spending)):
            strongest = max(clear, key=lambda each: abs(float(each.effects[segment])))
            return _Said("head", words[0].word, abs(float(strongest.effects[segment])), strongest)
    return None


def _shortly_labelled(found: Sequence[Contrast]) -> list[Contrast]:
    """Return columns without the words of their labels that a name does not need: which period, that it is a mean."""
    silent, table = language().words("header", "silent_in_names"), language().table["header"]
    labels = {each.words.column: each.words.label for each in found}
    short: dict[str, str] = {}
    for column, label in labels.items():
        period = f" {table['in_last'].partition('{')[0]}"
        words = [word for word in _IN_A_PERIOD.sub("", label.partition(period)[0]).split() if word not in silent]
        if len(words) > 2 and words[-2] == table["per"] and words[-1] in language().words("header", "of_a_period"):
            words = words[:-2]
        # A bare unit says nothing of what it measures, nor "given" of what was.
        not_alone = language().words("header", "not_alone") | language().words("counts", "times")
        bare = not words or (len(words) == 1 and words[0] in not_alone)
        short[column] = label if bare else " ".join(words)
    counts = Counter(short.values())
    return [
        replace(each, words=replace(each.words, label=short[each.words.column]))
        if counts[short[each.words.column]] == 1
        else each
        for each in found
    ]


def _word_of_levels(levels: Sequence[Contrast], segment: int) -> _Said | None:
    """Return what is said of an ordered category: the step at which a segment lies apart most, and most of it does."""
    words = levels[0].words
    by_level = {each.level: each for each in levels}
    steps = [by_level[level] for level in words.order if level in by_level]
    if len(steps) < 2 or not steps[0].known[segment] >= KNOWN:
        return None
    best: tuple[float, int, bool] | None = None
    for cut in range(1, len(steps)):
        share = sum(float(each.values[segment]) for each in steps[cut:])
        overall = min(sum(each.overall for each in steps[cut:]), 1.0)
        spread = float(np.sqrt(max(overall * (1 - overall), 0.0)))
        effect = (share - overall) / spread if spread else 0.0
        if abs(effect) >= CLEARLY and (share if effect > 0 else 1 - share) >= MOST_OF_THEM:
            best = max(best or (0.0, 0, True), (abs(effect), cut, effect > 0))
    if best is None:
        return None
    strength, cut, high = best
    step = steps[cut] if high else steps[cut - 1]
    return _Said("mostly", _phrase_of_step(step, steps, high=high), strength, step)


def _phrase_of_step(step: Contrast, steps: Sequence[Contrast], *, high: bool) -> str:
    """Return what customers at a step or beyond say, or have."""
    table, label = language().table["questions"], step.words.label
    agree = set(table["agree"].split())
    if any(set((each.level or "").lower().split()) & agree for each in (steps[-1], steps[-2])):
        spoken = _as_they_say(label, agreed=high)
        they = dict(table["they"])
        label = " ".join(they.get(word.lower(), word) for word in label.split())
        return spoken or str(table["says" if high else "says_not"]).format(label=label)
    if step in (steps[0], steps[-1]):
        return level_text(step, "mostly_level", "mostly_labelled")
    if _readable(step.level).lower() in language().bare_levels:
        key = "at_least_bare" if high else "at_most_bare"
        return str(table[key]).format(label=label, level=_readable(step.level).lower())
    *rest, last = label.split()
    label = " ".join(rest) if rest and last in table["groups"].split() else label
    return str(table["at_least" if high else "at_most"]).format(label=label, level=_readable(step.level))


def _as_they_say(statement: str, *, agreed: bool) -> str:
    """Return what they do of whom "I prefer brands" is true, or not; empty where it is no such statement."""
    table = language().table["questions"]
    first, *rest = statement.split()
    if first.lower() != table["first_person"] or not rest:
        return ""
    they, nots = dict(table["they"]), dict(table["not_helped"])
    if not agreed and rest[0].lower() in nots:
        rest[0] = nots[rest[0].lower()]
    said = " ".join(they.get(word.lower(), word) for word in rest)
    helped = rest[0].lower().split()[0] in table["helping"].split() or "not" in rest[0]
    return said if agreed or helped else str(table["not_done"]).format(statement=said)


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
        if role.needs and not role.speaks_in(words.known_unit) and contrast.overall > _LONGEST_SCORE:
            # Whatever the unit: what is larger lies further back, but for a score.
            fitting = next((each for each in choices if each.is_always_true), None)
            if fitting is not None:
                return _Said(role.place, fitting.word, abs(effect), contrast)
        if fitting is not None and role.speaks_in(words.known_unit):
            return _Said(role.place, fitting.word, abs(effect), contrast)
    return _said_of_quantity(contrast, segment)


def _said_of_quantity(contrast: Contrast, segment: int) -> _Said:
    """Return what is said of a quantity, where a noun stands behind "with", and all else behind a comma."""
    words, high = contrast.words, float(contrast.effects[segment]) > 0
    is_when = words.kind.value == "date" or words.is_year
    is_noun = is_when or _kind_of_quantity(contrast, int(high), segment)[0] not in _NO_NOUNS
    strength = abs(float(contrast.effects[segment]))
    return _Said("with" if is_noun else "mostly", _of_quantity(contrast, segment), strength, contrast)


def _of_quantity(contrast: Contrast, segment: int) -> str:
    """Return what is said of less or more of a column, in words that fit what it measures: few, short, small, low."""
    words, high = contrast.words, float(contrast.effects[segment]) > 0
    is_when = words.kind.value == "date" or words.is_year
    return _of_date(words.label, later=high) if is_when else _quantity(contrast, int(high), segment)


def _of_date(label: str, *, later: bool) -> str:
    is_last = bool(language().words("header", "last") & set(label.split()))
    return language().text("names", ("later" if later else "earlier") + ("_last" if is_last else ""), label=label)


def _quantity(contrast: Contrast, which: int, segment: int) -> str:
    """Return a word for little (0), much (1), less (2) or more (3) of what a column measures."""
    kind, thing = _kind_of_quantity(contrast, which, segment)
    unit = contrast.words.known_unit.partition("/")[0].strip()
    return str(language().table["quantities"][kind][which]).format(
        label=_value_label(contrast), thing=thing, things=plural_of(thing), unit=unit
    )


# These say something of the customers, and are nothing that they have.
_NO_NOUNS: Final = frozenset({"count_any", "nothing", "gone_on", "ahead"})


def _kind_of_quantity(contrast: Contrast, which: int, segment: int) -> tuple[str, str]:
    """Return of what kind the words are for little or much of what a column measures, and what they are said of."""
    label, known = _value_label(contrast), partial(language().words, "quantity_words")
    said = label.lower().split() or [""]
    last = said[-1]
    unit = contrast.words.known_unit.partition("/")[0].strip()
    if gone_on := _gone_on(label, said, unit):
        return gone_on
    if contrast.words.is_count or (contrast.words.unit == "%" and counts_things(label, whole=True)):
        return "count_any" if which < 2 and _is_about_having(contrast, segment) else "count", label
    if which == 0 and last in known("nothing") and contrast.zeros[segment] >= MOST_OF_THEM:
        return "nothing", label
    if of_time := _kind_of_time(contrast, last):
        return of_time, label
    if of_words := _kind_of_words(contrast, label, said):
        return of_words
    if unit != contrast.words.known_unit and unit in language().table["unit_days"]:
        return "hours", label
    is_time = last in known("time_last") or contrast.words.known_unit in language().table["unit_days"]
    return "time" if is_time or set(said) & known("time") else "plain", label


def _kind_of_words(contrast: Contrast, label: str, said: Sequence[str]) -> tuple[str, str] | None:
    """Return the same where the first or the last word of a label tells: an age, a size, the largest of several."""
    known, (front, _, last), rest = partial(language().words, "quantity_words"), label.rpartition(" "), said[1:]
    behind, last = label.partition(" ")[2], last.lower()
    if last in known("age") and set(said[:-1]) - language().words("yes_no_words", "persons"):
        return "age", front
    if rest and said[0] in known("least"):
        return "marks", behind
    is_best = bool(rest) and said[0] in known("best")
    if of_noun := _kind_of_noun(contrast, said):
        return of_noun, behind if is_best else label
    if is_best:
        return "best", behind
    return ("size_of", front) if rest and last in known("size_of") else None


def _gone_on(label: str, said: Sequence[str], unit: str) -> tuple[str, str] | None:
    """Return how "days inactive", "inactive" in days, and "days booked ahead" are spoken of; None for all else."""
    times, known = language().words("counts", "times"), partial(language().words, "quantity_words")
    first, last, rest = said[0], said[-1], label.partition(" ")[2]
    if first in times and last in known("gone_on"):
        return "gone_on", rest
    if len(said) == 1 and first in known("gone_on") and unit in language().table["unit_days"]:
        return "gone_on", label
    if first in times and last in known("ahead") and len(said) > 2:
        return "ahead", rest.rpartition(" ")[0]
    return None


def _kind_of_noun(contrast: Contrast, said: Sequence[str]) -> str:
    """Return what the last word of a label is: marks, amounts, a time of the day, a size; empty where nothing tells."""
    words, last = language().words, said[-1]
    if last == language().table["header"]["time"] and set(said[-2:-1]) & words("quantity_words", "clock_of"):
        return "clock"
    is_one = said[0] in words("quantity_words", "best") or contrast.words.known_unit in language().table["unit_days"]
    kinds = ("clock", "size", "area", "much") if is_one else ("marks", "amounts", "clock", "size", "area", "much")
    return next((key for key in kinds if last in words("quantity_words", key)), "")


def _kind_of_time(contrast: Contrast, last: str) -> str:
    """Return what words speak of a time by its unit: what is done by the hour, or lasts; empty where others do."""
    short = language().words("quantity_words", "short_times")
    if _is_by_the_hour(contrast):
        return "by_the_hour"
    is_time = contrast.words.known_unit in {*language().table["unit_days"], *short}
    if is_time and last in language().words("quantity_words", "lasting"):
        return "lasting"
    return "time" if contrast.words.known_unit in short else ""


def _is_by_the_hour(contrast: Contrast) -> bool:
    """Whether hours or minutes say how much of something is done, and not how long something takes."""
    last = contrast.words.label.lower().rpartition(" ")[2]
    if contrast.words.unit in ("days", "weeks"):
        return last in language().words("quantity_words", "by_the_day")
    by_the_hour = {"hours", *language().words("quantity_words", "short_times")}
    return contrast.words.unit in by_the_hour and last in language().words("quantity_words", "by_the_hour")


def _is_about_having(contrast: Contrast, segment: int) -> bool:
    """Whether a count says who has one at all: everyone has few, and this segment about one, or next to none."""
    value = float(contrast.values[segment])
    if contrast.statistic != "mean" or contrast.overall >= _FEW_HAVE_ONE:
        return False
    return value <= 0.1 or 0.8 <= value < 2


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
    # What they have says more than what they have not.
    if effect < 0 and 1 - share >= MOSTLY and contrast.overall >= _COMMON:
        return _Said("mostly", level_text(contrast, "hardly_level", "hardly_labelled"), 0.9 * abs(effect), contrast)
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
    elif label.lower() in known("yes_no_words", "relatives"):
        key = "have"
    elif len(words) > 1 and words[0] in verbs:
        is_adverb = words[1] in known("yes_no_words", "adverbs")
        key, verb, label = "adverb" if is_adverb else "verb", verbs[words[0]], rest
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
        if _is_asked(words.label):
            asked = capitalised(words.label)
            return text("sentence", "answered", value=said, level=_readable(contrast.level), label=asked)
        level = level_text(contrast, "level", "level_labelled")
        return text("sentence", "level", value=said, level=level)
    role = words.role
    if role is not None and words.most and role.score_clause:
        return role.score_clause.format(value=said)
    if role is not None and role.clause and role.speaks_in(words.known_unit, clause=True) and not words.most:
        plain = said if not (role.needs or role.clause_needs) or words.unit else f"{said} {words.known_unit}"
        clause = role.clause_one if said == "1" and role.clause_one else role.clause
        if said == "0" and clause.startswith("{value} "):
            return text("sentence", "none_of", label=clause.partition(" ")[2])
        return clause.format(value=plain, event=_event(words.label))
    if words.is_count:
        return _clause_of_count(contrast, said, value)
    return _clause_of_value(contrast, said)


def _clause_of_count(contrast: Contrast, said: str, value: float) -> str:
    """Return how many of something customers have: "4 open tickets", "1 claim", "hardly any claims"."""
    text, label = language().text, contrast.words.label
    if said == "0" and contrast.statistic == "mean":
        return text("sentence", "hardly_any_of" if value > 0 else "none_of", label=label)
    return text("sentence", "counted", label=singular_of(label) if said == "1" else label, value=said)


def _clause_of_value(contrast: Contrast, said: str) -> str:
    """Return a value as it stands in a sentence where nothing else is known of it: "12 volunteer hours", "NPS 40"."""
    if _is_by_the_hour(contrast):
        if said.partition(" ")[0] == "0":
            things = f"{contrast.words.label} {contrast.words.unit}"
            return language().text("sentence", "none_of", label=things)
        number, unit = said.rsplit(" ", 1)
        return language().text("sentence", "by_the_hour", label=contrast.words.label, number=number, unit=unit)
    # Two numbers in a row would be read as one: "bill 2025: 948 EUR".
    key = "numbered" if contrast.words.label[-1:].isdecimal() else "generic"
    return language().text("sentence", key, label=contrast.words.label, value=said)


def _event(label: str) -> str:
    """Return what happened last: the gift of "time since last gift"."""
    words = label.split()
    at = next((place for place, word in enumerate(words) if word in language().words("header", "last")), None)
    since = str(language().table["header"]["since"])
    at = words.index(since) if at is None and since in words else at
    return " ".join(words[at + 1 :]) if at is not None and words[at + 1 :] else language().text("sentence", "event")


def level_text(contrast: Contrast, plain: str, labelled: str) -> str:
    """Return a value of a category with the column's label where the value alone would say nothing."""
    level, label = _readable(contrast.level), contrast.words.label
    bare = level.lower() in language().bare_levels
    if level.isdecimal() and counts_things(label, whole=True):
        # "With 1 sibling", "without siblings"; who are mostly not without are with.
        if level == "0" and plain.startswith("hardly"):
            return str(language().table["yes_no"]["default"][1]).format(label=label)
        label = singular_of(label) if level == "1" else label
        things = language().text("sentence", "without" if level == "0" else "with_level", level=level, label=label)
        return language().text("names", plain, level=things, label=label)
    if label.lower().rpartition(" ")[2] in language().words("levels", "kinds"):
        labelled = labelled.replace("labelled", "bare")
    # "Web" is a word, "OTA" and "ab" are not.
    is_word = len(level) == _CODE_LENGTH and not level.isupper() and bool(set(level.lower()) & _VOWELS)
    is_short = len(level) <= _CODE_LENGTH and not is_word
    is_code = is_short or any(letter.isdecimal() for letter in level) or bool(contrast.words.order)
    key = labelled.replace("labelled", "bare") if bare else labelled if is_code else plain
    return language().text("names", key, label=contrast.words.label, level=level.lower() if bare else level)


def _readable(level: str | None) -> str:
    """Return a value of a category without what cannot be printed, cut to a readable length."""
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in str(level)).split())
    if plain.lower().split()[:1] in (["no"], ["not"], ["without"]) and not plain.isupper():
        plain = plain[:1].lower() + plain[1:]
    return shortened(plain, 24)


def _is_asked(label: str) -> bool:
    """Whether a label is a question or a statement, to which a value is the answer."""
    table, words = language().table["questions"], label.lower().split()
    return len(words) >= int(table["shortest"]) or words[:1] == [table["first_person"]]


def _named(said: Sequence[_Said], forming: Sequence[Contrast], heads: Counter[str], segment: int) -> str:
    """Put the words together; where they are too many to be read, the weakest go."""
    name = partial(_shortest, forming=forming, heads=heads, segment=segment)
    if not said:
        return name(said)
    # A word that is long to read gives way to one that says nearly as much.
    fits = [word for word in said if len(name([word])) <= READABLE_NAME]
    first = next((word for word in fits if word.weight >= _NEARLY * said[0].weight), said[0])
    kept = [first]
    for word in said:
        more = [each for each in said if each in kept or each is word]
        if word is not first and len(name(more)) <= READABLE_NAME:
            kept = more
    return name(kept)


def _shortest(said: Sequence[_Said], *, forming: Sequence[Contrast], heads: Counter[str], segment: int) -> str:
    """Return the words as a phrase where that can be read at a glance, else one after another: "older, few orders"."""
    phrase = _phrase(said, forming, heads, segment)
    if len(phrase) <= READABLE_NAME or len(said) < 2:
        return phrase
    front = [word.text for place in ("who", "when", "means") for word in said if word.place == place]
    heads_said = [word.text for word in said if word.place == "head"]
    rest = [word.text for place in ("with", "mostly") for word in said if word.place == place]
    if not heads_said and not rest:
        heads_said = [language().text("names", "customers")]
    return ", ".join([*([" ".join([*front, *heads_said])] if front or heads_said else []), *rest])


def _said_in_full(
    names: list[str], said: Sequence[Sequence[_Said]], forming: Sequence[Contrast], heads: Counter[str]
) -> list[str]:
    """Say more of segments that are called alike, where that tells them apart and can still be read."""
    found = list(names)
    for name, count in Counter(names).items():
        if count == 1:
            continue
        alike = [segment for segment, each in enumerate(names) if each == name]
        for n in range(2, MOST_WORDS + 1):
            fuller = [_shortest(said[segment][:n], forming=forming, heads=heads, segment=segment) for segment in alike]
            others = set(found) - {name}
            is_short = all(len(each) <= _READABLE_TOGETHER for each in fuller)
            if len(set(fuller)) == count and is_short and not set(fuller) & others:
                for segment, each in zip(alike, fuller, strict=True):
                    found[segment] = each
                break
    return found


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


def _is_mid(contrast: Contrast, segment: int) -> bool:
    """Whether a segment lies near everyone: of a skewed column, little in standard deviations may be half the value."""
    index = float(contrast.index[segment])
    near = not np.isfinite(index) or 100 * _MID <= index <= 100 / _MID
    return near and abs(float(contrast.effects[segment])) < CLEARLY and bool(contrast.known[segment] >= KNOWN)


def _plain_head(forming: Sequence[Contrast], heads: Counter[str], segment: int, said: Sequence[_Said]) -> str:
    """Return the noun of a segment that its behaviour does not set apart: "mid-range" only where that is measured."""
    text = language().text
    heads_of = [(each, each.words.role) for each in forming if each.words.role and each.words.role.place == "head"]
    measured = [(each, role) for each, role in heads_of if (role.mid or role.noun) and heads[role.key] == 1]
    if measured and all(_is_mid(each, segment) for each, _ in measured):
        spends = measured[0][1]
        if spends.mid and any(word.place == "means" for word in said):
            return spends.mid
        return text("names", "mid", noun=spends.noun or text("names", "customers"))
    if said:
        return text("names", "customers")
    amounts = [each for each in forming if each.level is None and not each.words.is_share]
    return text("names", "average" if all(_is_mid(each, segment) for each in amounts) else "between")


def _with_ending(
    name: str, ending: str, column: Contrast, said: Sequence[_Said], phrase: Callable[[Sequence[_Said]], str]
) -> str:
    """Return a name with what tells it from others alike, which says more than the word of the same column."""
    base = name
    kept = [word for word in said if word.place != "with" or word.contrast is not column]
    if 0 < len(kept) < len(said):
        base = phrase(kept)
    while len(base) + len(ending) > _READABLE_TOGETHER and len(kept) > 1:
        kept = kept[:-1]
        base = phrase(kept)
    return base + ending if len(base) + len(ending) <= LONGEST_NAME else ending.strip(" (),")


def _told_apart(
    names: list[str], said: Sequence[Sequence[_Said]], forming: Sequence[Contrast], heads: Counter[str]
) -> list[str]:
    """Tell segments of the same name apart by the column in which they differ most."""
    names = list(names)
    phrases = [partial(_shortest, forming=forming, heads=heads, segment=segment) for segment in range(len(names))]
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
            parted[segment] = (
                f"{front} {name}"
                if front
                else _with_ending(names[segment], ending, column, said[segment], phrases[segment])
            )
        # "Younger" is said of those below everyone alone, and where no other segment is called so already.
        is_free = not set(parted.values()) & set(names)
        if count == 2 and not is_said and is_free and values[low] < column.overall < values[high]:
            names[low], names[high] = parted[low], parted[high]
        else:
            endings = {each: language().text("names", "value", clause=clause_of(column, each)) for each in alike}
            for segment, ending in endings.items():
                names[segment] = _with_ending(names[segment], ending, column, said[segment], phrases[segment])
    return names


def _value_label(contrast: Contrast) -> str:
    return contrast.words.label if contrast.level is None else level_text(contrast, "level", "level_labelled")


def _differ_most(forming: Sequence[Contrast], alike: Sequence[int]) -> Contrast | None:
    """Return the column in which these segments lie farthest apart, all of them different as displayed."""
    plain = [each for each in forming if not each.words.order]
    best, widest = _farthest(plain, alike)
    return best if widest >= _TOLD_APART else _farthest(forming, alike)[0]


def _farthest(forming: Sequence[Contrast], alike: Sequence[int]) -> tuple[Contrast | None, float]:
    able: list[tuple[float, Contrast]] = []
    for each in forming:
        values = each.values[list(alike)]
        # A whole question is too long to stand behind a name.
        is_asked = each.level is not None and _is_asked(each.words.label)
        if is_asked or not np.isfinite(values).all() or (each.known[list(alike)] < KNOWN).any():
            continue
        shown = {_value_text(each, segment) for segment in alike}
        if len(shown) < len(alike):
            continue
        effects = np.sort(each.effects[list(alike)])
        # What counts is the two that are nearest to each other: all have to be told apart.
        if (apart := float(np.diff(effects).min())) > 0:
            able.append((apart, each))
    widest = max((apart for apart, _ in able), default=0.0)
    if not able:
        return None, widest
    # A column that tells them apart nearly as well in fewer words is read more easily.
    near = [each for apart, each in able if apart >= _NEARLY * widest]
    return min(near, key=lambda each: max(len(clause_of(each, segment)) for segment in alike)), widest


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
    if words.kind.value == "date" or words.is_year:
        return "", f", {_of_date(words.label, later=bool(end))}"
    return "", f", {_quantity(contrast, 2 + end, segment)}"


def _numbered(names: Sequence[str], others: Collection[str] = ()) -> tuple[str, ...]:
    """Return names cut to a readable length, those that are equal, or are others' names, with a number."""
    found: list[str] = []
    for name in names:
        cut = shortened(name, LONGEST_NAME)
        tries = (cut if count == 1 else f"{cut} ({count})" for count in range(1, len(names) + len(others) + 2))
        found.append(next(each for each in tries if each not in found and each not in others))
    return tuple(found)
