"""Which rows does a visitor hold beside those that segments are formed of?"""

from dataclasses import dataclass

from segmenter.core.dataset import ColumnKind, Dataset
from segmenter.core.transactions.customers import CustomerTable
from segmenter.importers import ReadCells, ReadOptions


@dataclass(frozen=True, eq=False)
class Rows:
    """A file's own rows, and how they were read."""

    dataset: Dataset
    options: ReadOptions
    kinds: dict[str, ColumnKind]
    cells: ReadCells | CustomerTable | None


@dataclass
class FileToPlace:
    """Customers that are placed in segments and never form any; kept apart from the visitor's own.

    Attributes
    ----------
    cells
        What the customers were made of, where they were made of lines of purchases.
    rows
        Those lines.
    """

    dataset: Dataset
    cells: CustomerTable | None = None
    rows: Rows | None = None

    def turn(self, table: CustomerTable) -> None:
        """Place the customers behind the lines of purchases, which are kept for the way back."""
        self.rows = self.rows or Rows(self.dataset, ReadOptions(), {}, None)
        self.dataset, self.cells = table.understood(), table

    def turn_back(self) -> None:
        """Place the lines of purchases themselves."""
        if self.rows is not None:
            self.dataset, self.cells, self.rows = self.rows.dataset, None, None
