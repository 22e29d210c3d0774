"""The base class of every error that a user can mend."""


class SegmenterError(Exception):
    """Anything that the user can repair; `str()` says what, where and what to do, in plain text."""
