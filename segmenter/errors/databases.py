"""Errors of reading a database. No sentence ever holds an address, an account or a password."""

from collections.abc import Sequence

from segmenter.errors.base import SegmenterError

_LONGEST_REASON = 300


class DatabaseAddressError(SegmenterError):
    """The text is no database address, or its driver is not installed."""

    def __init__(self, driver: str = "") -> None:
        super().__init__(driver)
        self.driver = driver

    def __str__(self) -> str:
        if self.driver:
            return (
                f"The driver for {self.driver} databases is not installed here. Ask whoever runs this server to "
                "install it."
            )
        return "The database's address can't be understood. It looks like dialect://user:password@host/name."


class DatabaseUnreachableError(SegmenterError):
    """The server does not answer, or does not let us in."""

    def __str__(self) -> str:
        return (
            "The database can't be reached, or does not accept the account. Check that it runs and that its address "
            "and password are right."
        )


class DatabaseQueryError(SegmenterError):
    """The database refuses a query; `reason` is its own word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"The database refuses the query: {self.reason[:_LONGEST_REASON]}. Change it and try again."


class DatabaseRightsError(SegmenterError):
    """The account may do more than read; `may` says what, `enough` which rights suffice."""

    def __init__(self, may: str, enough: str) -> None:
        super().__init__(may, enough)
        self.may, self.enough = may, enough

    def __str__(self) -> str:
        return (
            f"The database's account may do more than read: it {self.may}. Nothing is read with such an account. Ask "
            f"whoever runs the database for one that can only read; {self.enough}."
        )


class NotASingleSelectError(SegmenterError):
    """A query that does more than read, or might."""

    def __str__(self) -> str:
        return (
            "Only one SELECT is accepted. Begin with SELECT or WITH, and take out every semicolon, even inside "
            "quotation marks."
        )


class UnknownTableError(SegmenterError):
    """A table that the database does not have."""

    def __init__(self, table: str, available: Sequence[str]) -> None:
        super().__init__(table, list(available))
        self.table, self.available = table, tuple(available)

    def __str__(self) -> str:
        known = ", ".join(self.available[:20])
        has = f"It has: {known}." if known else "It has none that may be read."
        return f"The database has no table {self.table!r}. {has}"


class DatabaseTooSlowError(SegmenterError):
    """The query was stopped at its time limit."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return (
            f"The database took longer than {self.seconds} seconds and was stopped. Ask for less with WHERE or LIMIT."
        )


class DatabaseTooManyRowsError(SegmenterError):
    """More rows than are taken out of a database."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return f"More than {self.limit:,} rows. Ask for fewer with WHERE or LIMIT, or choose another table."


class DatabaseTooMuchError(SegmenterError):
    """More bytes than are taken out of a database."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return f"More than {self.limit:,} MB. Ask for fewer columns or rows, without long texts."
