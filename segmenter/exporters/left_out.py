"""Which lines of a file are not in its table?"""

from segmenter.core.dataset import Dataset
from segmenter.exporters.delimited import to_csv


def left_out_csv(dataset: Dataset) -> bytes:
    """Return the lines that were left out as CSV: `line` (from 1), `reason` and `text`."""
    return to_csv(dataset.left_out)
