"""Which table does a Parquet file hold?"""

import io

import pyarrow as pa
import pyarrow.parquet as pq

from segmenter import config
from segmenter.errors import (
    DamagedFileError,
    InvalidSettingError,
    NoRowsError,
    TooManyColumnsError,
    TooManyRowsError,
)
from segmenter.importers.options import RawTable, ReadOptions


def read_parquet(content: bytes, options: ReadOptions) -> RawTable:  # noqa: ARG001 - one signature for all importers
    """Read a Parquet file after its footer was found harmless.

    Raises
    ------
    DamagedFileError, TooManyRowsError, TooManyColumnsError, NoRowsError, InvalidSettingError
        If it cannot or should not be read.
    """
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        _check(file)
        return RawTable(file.read().to_pandas())
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DamagedFileError("Parquet file") from error


def _check(file: pq.ParquetFile) -> None:
    schema, n_rows = file.schema_arrow, file.metadata.num_rows
    if n_rows > config.MAX_ROWS:
        raise TooManyRowsError(n_rows)
    if len(schema) > config.MAX_COLUMNS:
        raise TooManyColumnsError(len(schema), config.MAX_COLUMNS)
    if not n_rows:
        raise NoRowsError
    odd = [field.name for field in schema if pa.types.is_nested(field.type) or pa.types.is_binary(field.type)]
    if odd:
        message = f"The columns {', '.join(odd[:5])} hold lists or raw bytes. Write the file without them."
        raise InvalidSettingError(message)
