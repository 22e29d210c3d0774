"""Errors of measuring what came of a campaign, and of what customers are worth; the text says why and what to do."""

from segmenter.errors.base import SegmenterError


class PowerError(SegmenterError):
    """No test can be planned with these rates, lifts or sizes."""


class ResultsError(SegmenterError):
    """Responses or revenue cannot be read back."""


class RfmGridError(SegmenterError):
    """Customers cannot be scored, or a grid has a hole or an overlap."""


class CustomerValueError(SegmenterError):
    """What customers will be worth cannot be foretold."""


class OffersError(SegmenterError):
    """What customers buy cannot be compared."""
