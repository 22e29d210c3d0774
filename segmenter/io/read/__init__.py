"""From bytes to a Dataset."""

from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.readers import IMPORTERS
from segmenter.io.read.table import ReadCells, read_cells, read_table
from segmenter.worker.processes import stop, warm_up

__all__ = ["IMPORTERS", "ReadCells", "ReadOptions", "read_cells", "read_table", "stop", "warm_up"]
