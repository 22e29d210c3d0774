"""From bytes to a Dataset."""

from segmenter.importers.options import ReadOptions
from segmenter.importers.reading import IMPORTERS
from segmenter.importers.table import ReadCells, read_cells, read_table
from segmenter.worker import stop, warm_up

__all__ = ["IMPORTERS", "ReadCells", "ReadOptions", "read_cells", "read_table", "stop", "warm_up"]
