"""Errors of preparing columns, forming segments, comparing them and making audiences."""

from collections.abc import Mapping, Sequence

from segmenter.errors.base import SegmenterError, Surface


class NoUsableColumnError(SegmenterError):
    """No column can be segmented by."""

    def __init__(self, seen: Sequence[str]) -> None:
        super().__init__(seen)
        self.seen = tuple(seen)

    def __str__(self) -> str:
        return (
            f"No column with numbers or categories was found. Seen: {'; '.join(self.seen[:10])}. Correct what a column "
            "is where it was guessed wrongly, or choose dates to segment by."
        )


class UnknownColumnError(SegmenterError):
    """A column was asked for that the file does not have."""

    def __init__(self, missing: Sequence[str], available: Sequence[str]) -> None:
        super().__init__(missing, available)
        self.missing, self.available = tuple(missing), tuple(available)

    def __str__(self) -> str:
        names = ", ".join(repr(name) for name in self.missing)
        return f"The file has no column {names}. It has: {', '.join(self.available[:20])}."


class RepeatedCustomersError(SegmenterError):
    """Some customers stand in more than one row, and nobody has said which row counts."""

    def __init__(self, found: str, choices: Sequence[str]) -> None:
        super().__init__(found, list(choices))
        self.found, self.choices = found, tuple(choices)

    def __str__(self) -> str:
        return self.told_on(Surface.PYTHON)

    def told_on(self, surface: Surface) -> str:
        """Return which customers, and how to say which row counts where the user is."""
        ways = f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"
        how = {
            Surface.PAGE: "Choose on the page Data which row counts",
            Surface.COMMAND_LINE: f"Say which row counts with --repeated and one of {ways}",
            Surface.PYTHON: f"Say which row counts: deduplicate_customers(dataset, …) with one of {ways}",
        }
        return f"{self.found} {how[surface]}."


class ValueTooLargeError(SegmenterError):
    """A number is too large to calculate with."""

    def __init__(self, column: str, row: int, value: float, limit: float) -> None:
        super().__init__(column, row, value, limit)
        self.column, self.row, self.value, self.limit = column, row, value, limit

    def __str__(self) -> str:
        return (
            f"Row {self.row}, {self.column} = {self.value:g} is too large to use (limit {self.limit:g}). "
            "Correct the value or leave the column out."
        )


class AllRowsEqualError(SegmenterError):
    """Every customer has the same values."""

    def __str__(self) -> str:
        return "All rows are the same in the chosen columns; there is nothing to group. Choose other columns."


class TooFewDistinctRowsError(SegmenterError):
    """More segments were asked for than there are different customers."""

    def __init__(self, distinct: int) -> None:
        super().__init__(distinct)
        self.distinct = distinct

    def __str__(self) -> str:
        return f"Only {self.distinct} different rows, so at most {self.distinct} segments."


class TooFewUnitsError(SegmenterError):
    """More segments were asked for than units of a map hold customers."""

    def __init__(self, hit: int, n_units: int, n_segments: int) -> None:
        super().__init__(hit, n_units, n_segments)
        self.hit, self.n_units, self.n_segments = hit, n_units, n_segments

    def __str__(self) -> str:
        return (
            f"Only {self.hit} of the map's {self.n_units} units hold customers, so at most {self.hit} segments; "
            f"{self.n_segments} were asked for. A larger map or less smoothness separates more."
        )


class NoDenseGroupError(SegmenterError):
    """Customers stand nowhere closer together than elsewhere."""

    def __init__(self, smallest: int, neighbours: int) -> None:
        super().__init__(smallest, neighbours)
        self.smallest, self.neighbours = smallest, neighbours

    def __str__(self) -> str:
        return (
            f"No {self.smallest} customers stand closer together than the others ({self.neighbours} neighbours looked "
            "at), so this method finds no segments. Ask for a smaller smallest segment or fewer neighbours, or "
            "take K-Means, which divides any customers."
        )


class TooFewCustomersError(SegmenterError):
    """There are not enough customers for the number of segments."""

    def __init__(self, customers: int, n_segments: int) -> None:
        super().__init__(customers, n_segments)
        self.customers, self.n_segments = customers, n_segments

    def __str__(self) -> str:
        return (
            f"You need at least {self.n_segments + 1} customers for {self.n_segments} segments; "
            f"there are {self.customers} with a value in every column that is not filled in."
        )


class InvalidSettingError(SegmenterError):
    """A setting is outside what the product can do; the text says which and what is possible."""


class MissingColumnsError(SegmenterError):
    """A file lacks columns that a model was made with.

    Attributes
    ----------
    suggestions
        Missing column → similar names in the file, best first.
    """

    def __init__(
        self,
        needed: Sequence[str],
        absent: Sequence[str],
        suggestions: Mapping[str, Sequence[str]],
        available: Sequence[str],
    ) -> None:
        super().__init__(needed, absent, suggestions, available)
        self.needed, self.absent = tuple(needed), tuple(absent)
        self.suggestions, self.available = dict(suggestions), tuple(available)

    def __str__(self) -> str:
        hints = [f"{near[0]} for {name}" for name, near in self.suggestions.items() if near]
        meant = f" Did you mean {', '.join(hints)}?" if hints else ""
        return (
            f"The model needs {', '.join(self.needed)}; your file has no {', '.join(self.absent)}.{meant} "
            "Match the columns or rename them in the file."
        )


class MethodMemoryError(SegmenterError):
    """A method needed more memory than the machine has."""

    def __init__(self, title: str, customers: int) -> None:
        super().__init__(title, customers)
        self.title, self.customers = title, customers

    def __str__(self) -> str:
        return f"{self.title} needs more memory than there is for {self.customers:,} customers. Try it on fewer."


class MapNotInstalledError(SegmenterError):
    """A map needs a library that is not there."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.title = title

    def __str__(self) -> str:
        return f"{self.title} is not installed here. Install it with: pip install -r requirements-maps.txt"


class TooFewForMapError(SegmenterError):
    """There are too few customers for a map."""

    def __init__(self, title: str, customers: int, needed: int) -> None:
        super().__init__(title, customers, needed)
        self.title, self.customers, self.needed = title, customers, needed

    def __str__(self) -> str:
        return f"A {self.title} map needs {self.needed} customers to draw; there are {self.customers}."


class TooManyLabelsError(SegmenterError):
    """A column has too many values to be labels."""

    def __init__(self, column: str, labels: int, most: int) -> None:
        super().__init__(column, labels, most)
        self.column, self.labels, self.most = column, labels, most

    def __str__(self) -> str:
        return (
            f"{self.column} has {self.labels:,} different values; at most {self.most} can be known labels. "
            "Name a column with a few kinds of customers."
        )


class NoSharedLabelError(SegmenterError):
    """No label is shared by enough customers to stand for a segment."""

    def __init__(self, column: str, needed: int) -> None:
        super().__init__(column, needed)
        self.column, self.needed = column, needed

    def __str__(self) -> str:
        return (
            f"No value of {self.column} is shared by {self.needed} customers in segments, so none can stand for a "
            "segment. Name a column with a few kinds of customers."
        )


class NoKnownLabelsError(SegmenterError):
    """Labels are to be predicted by a model that knows none."""

    def __str__(self) -> str:
        return "This model does not say which known label a segment stands for. Compare it with known labels first."


class PersonalColumnError(SegmenterError):
    """Segments were to be formed from personal data."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(column, reason)
        self.column, self.reason = column, reason

    def __str__(self) -> str:
        return (
            f"{self.column} is personal data ({self.reason}) and never forms segments. Leave it out; if it is "
            "something else, say so in the table of columns (--kind on the command line)."
        )


class TooManyCategoriesError(SegmenterError):
    """The categories of all columns together have more values than distances can be taken over.

    Attributes
    ----------
    counts
        Column → values it would bring, most first.
    """

    def __init__(self, counts: Mapping[str, int], limit: int) -> None:
        super().__init__(dict(counts), limit)
        self.counts = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
        self.limit = limit

    def __str__(self) -> str:
        most = ", ".join(f"{name} ({count})" for name, count in list(self.counts.items())[:5])
        return (
            f"The chosen categories have {sum(self.counts.values())} values together; the limit is {self.limit}. "
            f"Most have: {most}. Leave one out, or gather more of its rare values."
        )


class UnknownWordError(SegmenterError):
    """A word was given where only some are possible."""

    def __init__(self, what: str, word: str, possible: tuple[str, ...]) -> None:
        super().__init__(what, word, possible)
        self.what, self.word, self.possible = what, word, possible

    def __str__(self) -> str:
        return f"{self.what}: {self.word!r} is not possible. Possible: {', '.join(self.possible)}."


class ConsentUnknownError(SegmenterError):
    """Nothing says who may be contacted."""

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__(columns)
        self.columns = tuple(columns)

    def __str__(self) -> str:
        if self.columns:
            return f"Say which column holds the consent; {', '.join(self.columns)} look like it."
        return (
            "No column says who has agreed to be contacted. Name the one that does, or state that everybody in "
            "the file has agreed."
        )


class NoIdentifierError(SegmenterError):
    """The file has nothing by which a platform could find customers."""

    def __init__(self, platform: str, needed: Sequence[str]) -> None:
        super().__init__(platform, needed)
        self.platform, self.needed = platform, tuple(needed)

    def __str__(self) -> str:
        return (
            f"{self.platform} finds customers by {', or '.join(self.needed)}, and no column of the file is known "
            "to hold that. Say which column does, or choose another platform."
        )


class CountryNeededError(SegmenterError):
    """Telephone numbers stand without country code, and nobody said where."""

    def __init__(self, n_numbers: int) -> None:
        super().__init__(n_numbers)
        self.n_numbers = n_numbers

    def __str__(self) -> str:
        numbers = "1 telephone number has" if self.n_numbers == 1 else f"{self.n_numbers:,} telephone numbers have"
        return (
            f"{numbers} no country code. Name the column of the customers' countries, or the one country that all of "
            "them are in; or leave telephone numbers out."
        )


class UnknownPlatformError(SegmenterError):
    """There is no such platform."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name, known)
        self.name, self.known = name, tuple(known)

    def __str__(self) -> str:
        return f"There is no platform {self.name!r}. There are: {', '.join(self.known)}."


class TemplateError(SegmenterError):
    """A template of a platform cannot be filled; the text says why and what to do."""


class AudienceError(SegmenterError):
    """An audience cannot be made of what was asked for; the text says why and what to do."""
