"""Errors of learning known segments, and of the networks in it."""

from collections.abc import Mapping, Sequence

from segmenter.errors.base import SegmenterError


class OneClassError(SegmenterError):
    """There is nothing to tell apart."""

    def __init__(self, target: str, classes: Sequence[str]) -> None:
        super().__init__(target, classes)
        self.target, self.classes = target, tuple(classes)

    def __str__(self) -> str:
        found = f"only the value {self.classes[0]!r}" if self.classes else "no values"
        return f"{self.target} has {found}; learning needs at least two. Choose another column."


class TooManyClassesError(SegmenterError):
    """The column has so many values that it is no segment."""

    def __init__(self, target: str, found: int, limit: int) -> None:
        super().__init__(target, found, limit)
        self.target, self.found, self.limit = target, found, limit

    def __str__(self) -> str:
        return (
            f"{self.target} has {self.found:,} different values; up to {self.limit} can be learnt. "
            "Choose another column, or merge values."
        )


class TooFewMembersError(SegmenterError):
    """Some segments have too few customers to learn from and to check with."""

    def __init__(self, target: str, few: Mapping[str, int], needed: int, *, copies: bool = False) -> None:
        super().__init__(target, few, needed)
        self.target, self.few, self.needed, self.copies = target, dict(few), needed, copies

    def __str__(self) -> str:
        found = ", ".join(f"{name!r} {count}" for name, count in list(self.few.items())[:5])
        once = " All rows of one customer, and copies of a row, count once." if self.copies else ""
        return (
            f"Too few customers to learn from in {self.target}: {found}. "
            f"Each value needs at least {self.needed}.{once} "
            "Merge small segments, leave their customers' cells empty, or split into fewer parts."
        )


class NothingToLearnFromError(SegmenterError):
    """No column is left that the segment could be told by."""

    def __init__(self, target: str, left_out: Sequence[str]) -> None:
        super().__init__(target, left_out)
        self.target, self.left_out = target, tuple(left_out)

    def __str__(self) -> str:
        return (
            f"No column is left to tell {self.target} by; left out: {', '.join(self.left_out[:10]) or 'none'}. "
            "Use at least one column of numbers, categories or dates."
        )


class OutsideKnownRangeError(SegmenterError):
    """An answer is beyond everything that a model has seen."""

    def __init__(self, column: str, answer: str, low: str, high: str) -> None:
        super().__init__(column, answer, low, high)
        self.column, self.answer, self.low, self.high = column, answer, low, high

    def __str__(self) -> str:
        return (
            f"{self.column} = {self.answer} is outside {self.low} to {self.high}, the range that the model knows. "
            "Correct the value, or leave it out if it is not known."
        )


class UnknownChoiceError(SegmenterError):
    """An answer is none of those that a question has."""

    def __init__(self, column: str, answer: str, choices: Sequence[str]) -> None:
        super().__init__(column, answer, choices)
        self.column, self.answer, self.choices = column, answer, tuple(choices)

    def __str__(self) -> str:
        return f"{self.column}: {self.answer!r} is not one of {', '.join(self.choices)}. Choose one of them."


class AnswerNeededError(SegmenterError):
    """A question was left out that the model cannot do without."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column

    def __str__(self) -> str:
        return f"{self.column} is missing, and this model places nobody without it. Give a value."


class ClassifierRefusedError(SegmenterError):
    """A saved classifier names something that no classifier needs."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"This classifier is refused: it asks for {self.name}, which no classifier needs. Nothing in it was run."


class ClassifierFailedError(SegmenterError):
    """A saved classifier gives no answer."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return (
            f"The classifier gave no answer: {self.why}. Try a smaller file; if that does not help, learn it again "
            "and save it."
        )


class UnpinnedClassifierError(SegmenterError):
    """A classifier's file is named by no manifest beside it, or has changed."""

    def __init__(self, file: str, changed: bool) -> None:  # noqa: FBT001 - what pickle hands back has no names
        super().__init__(file, changed)
        self.file, self.changed = file, changed

    def __str__(self) -> str:
        why = "is not what its MANIFEST.json says" if self.changed else "is not named by a MANIFEST.json beside it"
        return (
            f"{self.file} {why}, so it is not opened. Use a classifier where python -m segmenter learn or the app "
            "saved it, manifest included, or learn it again."
        )


class ClassifierUploadError(SegmenterError):
    """Somebody uploaded a classifier."""

    def __str__(self) -> str:
        return (
            "Classifiers are never taken from an upload: they are kept on the server that learnt them and opened only "
            "from there. Your file was discarded unread. Learn the segments here and press Save."
        )


class EncodedAlikeError(SegmenterError):
    """A network makes the same of too many customers."""

    def __init__(self, distinct: int) -> None:
        super().__init__(distinct)
        self.distinct = distinct

    def __str__(self) -> str:
        return (
            f"The network tells only {self.distinct} kinds of customers apart, so at most {self.distinct} segments. "
            "Ask for fewer segments, or try more width, more epochs, no dropout or another seed."
        )


class DivergedError(SegmenterError):
    """A network's numbers grew without bounds while it learned."""

    def __init__(self, rate: float) -> None:
        super().__init__(rate)
        self.rate = rate

    def __str__(self) -> str:
        return (
            f"The network did not learn: at a learning rate of {self.rate:g} its numbers grew without bounds. "
            "Lower the learning rate to a tenth, and bring columns with a few huge values closer with a log or a cap."
        )
