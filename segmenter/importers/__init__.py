"""From bytes to a Dataset."""

from segmenter.importers.options import ReadOptions
from segmenter.importers.reading import IMPORTERS
from segmenter.importers.sandbox import stop, warm_up
from segmenter.importers.table import read_table

__all__ = ["IMPORTERS", "ReadOptions", "read_table", "stop", "warm_up"]
