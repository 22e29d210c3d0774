"""Results as CSV that every spreadsheet and every reader opens as the same table."""

import io
import math
import re
import zipfile
from collections.abc import Sequence
from itertools import pairwise
from numbers import Real
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.cluster.assigners import LatentCentres
from segmenter.cluster.gaussian import MixtureDetails
from segmenter.errors.forming import InvalidSettingError, NoKnownLabelsError
from segmenter.explain.cards import summarise_segments
from segmenter.segment.embed import encoded_elbow
from segmenter.segment.result import Result, free_name
from segmenter.segment.segmentation import UNASSIGNED, MajorityLabelMap
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.table.infer.cells import text_array, text_scalar

_STARTERS: Final = "=+\\-@\t\r\n＝＋－＠"
_BLANKS: Final = " \u00a0\u200b\ufeff"
# Apostrophes that stand there already get one more, so that no two texts are written alike.
RISKY: Final = rf"^'*[{_BLANKS}]*[{_STARTERS}]"
# A signed number is no formula: an apostrophe would spoil it.
SIGNED_NUMBER: Final = (
    rf"^'*[{_BLANKS}]*[+-]?(?:\d[\d,]*(?:\.\d*)?|\d[\d.]*,\d+|[.,]\d+)(?:[eE][+-]?\d+)?%?[{_BLANKS}]*$"
)
# The first bytes of texts that RISKY may match, in UTF-8.
_RISKY_BYTES: Final = np.isin(np.arange(256), [mark.encode()[0] for mark in f"'{_BLANKS}{_STARTERS}".replace("\\", "")])


def is_risky(text: str) -> bool:
    """Whether a spreadsheet would read the text as a formula."""
    return bool(re.match(RISKY, text)) and not re.match(SIGNED_NUMBER, text)


def escaped(text: str) -> str:
    """Return the text with an apostrophe in front where a spreadsheet would run it."""
    return f"'{text}" if is_risky(text) else text


def risky_cells(texts: pd.Series) -> pd.Series:
    """Return which texts a spreadsheet would read as formulas; missing ones are not."""
    if not _may_be_risky(texts):
        return pd.Series(np.zeros(len(texts), dtype=bool), index=texts.index)
    starts = texts.str.match(RISKY, na=False)
    if starts.any():
        starts &= ~texts.str.match(SIGNED_NUMBER, na=False)
    return starts


def _may_be_risky(texts: pd.Series) -> bool:
    """Whether any text begins with the first byte of something risky: a tenth of the time of looking at each."""
    cells = text_array(texts)
    _, offsets, data = cells.buffers()
    if data is None or not data.size:
        return False
    starts = np.frombuffer(offsets, dtype=np.int64)[cells.offset : cells.offset + len(cells)]
    # An empty text is taken for the one after it: no harm, as all are looked at then.
    firsts = np.frombuffer(data, dtype=np.uint8)[np.minimum(starts, data.size - 1)]
    return bool(_RISKY_BYTES[firsts].any())


def escaped_cells(texts: pd.Series) -> pd.Series:
    """Return the texts with an apostrophe in front of those that a spreadsheet would run."""
    risky = risky_cells(texts)
    return texts.where(~risky, "'" + texts) if risky.any() else texts


# Excel reads UTF-8 as UTF-8 only with this mark in front.
BYTE_ORDER_MARK = "\ufeff"
LINE_END = "\r\n"
# A lone hyphen is how many files write "no number"; nothing can be run by it.
HYPHEN = "-"


def labelled_csv(result: Result) -> bytes:
    """Return every customer of the file, in its order, with its segment."""
    return to_csv(result.labelled())


def summary_csv(result: Result) -> bytes:
    """Return the segments side by side: one row a column, one column a segment, rounded by size."""
    placed = result.assignment is not None
    return to_csv(
        summarise_segments(result.dataset, result.segmentation, value_column=result.value_column, placed=placed)
    )


def to_csv(table: pd.DataFrame) -> bytes:
    """Write a table: UTF-8 with a mark, CR LF, text in quotes, nothing that a spreadsheet would run."""
    header = ",".join(in_quotes(escaped(str(name))) for name in table.columns)
    columns = [_cells(table.iloc[:, position]) for position in range(table.shape[1])] if len(table) else []
    cells, quoted = [each for each, _ in columns], [is_quoted for _, is_quoted in columns]
    return joined_lines(f"{BYTE_ORDER_MARK}{header}{LINE_END}", cells, ",", LINE_END, quoted)


def joined_lines(
    head: str, columns: Sequence[pa.Array], delimiter: str, line_end: str, quoted: Sequence[bool] | None = None
) -> bytes:
    """Return a text file: its head, then lines whose cells are written as they stand; a missing one is empty.

    Parameters
    ----------
    columns
        64-bit texts, shape (n,) each; none for no line.
    quoted
        Which columns stand between quotes, missing cells too; none where not given.
    """
    if not columns:
        return head.encode()
    marks = ['"' if each else "" for each in quoted or [False] * len(columns)]
    before = [marks[0], *(f"{mark}{delimiter}{after}" for mark, after in pairwise(marks)), f"{marks[-1]}{line_end}"]
    pieces = [piece for text, column in zip(before, columns, strict=False) for piece in (text_scalar(text), column)]
    # One pass over the cells, whatever stands between them.
    lines = pc.binary_join_element_wise(
        *pieces, text_scalar(before[-1]), text_scalar(""), null_handling="replace", null_replacement=""
    )
    chunks = lines.chunks if isinstance(lines, pa.ChunkedArray) else [lines]
    return b"".join([head.encode(), *map(_buffer, chunks)])


def characters(texts: pa.Array) -> bytes:
    """Return the characters of 64-bit texts, one after the other."""
    return bytes(_buffer(texts))


def _buffer(texts: pa.Array) -> pa.Buffer | bytes:
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return b""
    first, last = np.frombuffer(offsets, dtype=np.int64)[[texts.offset, texts.offset + len(texts)]]
    return data.slice(int(first), int(last - first))


def count_escaped(table: pd.DataFrame) -> int:
    """Return how many text cells are given an apostrophe."""
    texts = [table.iloc[:, place] for place in range(table.shape[1])]
    return sum(int(_risky(column).sum()) for column in texts if _is_text(column))


def _cells(column: pd.Series) -> tuple[pa.Array, bool]:
    """Return a column's cells as they are written, and whether they still need quotes around."""
    if not _is_text(column):
        return _plain(column), False
    texts = column.astype("str")
    is_number = _numbers_among_words(column)
    safe = escaped_cells(texts)
    cells = text_array(texts if safe is texts else safe.mask(texts == HYPHEN, HYPHEN))
    if b'"' in characters(cells):
        cells = pc.replace_substring(cells, '"', '""')
    if is_number is not None:
        # A date stands in a column of numbers: those are written as they are elsewhere, without quotes.
        pieces = pc.binary_join_element_wise(text_scalar('"'), cells, text_scalar('"'), text_scalar(""))
        return pc.if_else(is_number, cells, pieces), False
    if not cells.null_count:
        return cells, True
    # What is missing is an empty cell without quotes.
    return pc.binary_join_element_wise(text_scalar('"'), cells, text_scalar('"'), text_scalar("")), False


def _numbers_among_words(column: pd.Series) -> pa.Array | None:
    """Return which cells are numbers where others are words; None where all cells are alike."""
    if not pd.api.types.is_object_dtype(column) or pd.api.types.infer_dtype(column, skipna=True)[:5] != "mixed":
        return None
    return pa.array([isinstance(cell, Real) and not isinstance(cell, bool) for cell in column], pa.bool_())


def _plain(column: pd.Series) -> pa.Array:
    if pd.api.types.is_datetime64_any_dtype(column):
        whole_days = (column.dropna() == column.dropna().dt.normalize()).all()
        column = column.dt.strftime("%Y-%m-%d" if whole_days else "%Y-%m-%dT%H:%M:%S")
    return pa.array(column, from_pandas=True).cast(pa.large_string())


def _is_text(column: pd.Series) -> bool:
    return bool(pd.api.types.is_string_dtype(column) or pd.api.types.is_object_dtype(column))


def _risky(column: pd.Series) -> pd.Series:
    texts = column.astype("str")
    return risky_cells(texts) & (texts != HYPHEN)


def in_quotes(text: str) -> str:
    """Return a text in quotes, those within it doubled."""
    return '"' + text.replace('"', '""') + '"'


def left_out_csv(dataset: Dataset) -> bytes:
    """Return the lines that were left out as CSV: `line` (from 1), `reason` and `text`."""
    return to_csv(dataset.left_out)


def predictions_csv(result: Result) -> bytes:
    """Return each customer's identifier, or row number where there is none, the predicted label and the second best.

    `second_best` is the label of the nearest segment that stands for another one, `margin` how clearly the customer's
    own segment is nearer than that (`Margins`); both are empty where all segments stand for the same label.

    Raises
    ------
    NoKnownLabelsError
        If the model does not know what its segments stand for.
    """
    known, predicted = result.segmentation.known, result.predicted
    if known is None or predicted is None:
        raise NoKnownLabelsError
    found = [_who(result.dataset), predicted.rename(known.column)]
    if result.segmentation.n_segments > 1:
        index = predicted.index
        rivals, margin = result.runner_up(pd.factorize(np.array(known.labels, dtype=object))[0])
        second = pd.Series(rivals, index=index).map(dict(enumerate(known.labels))).astype("str")
        taken = [str(each.name) for each in found]
        found.append(second.rename(free_name("second_best", taken)))
        found.append(pd.Series(margin, index=index).round(3).rename(free_name("margin", taken)))
    return to_csv(pd.concat(found, axis=1))


def metrics_csv(result: Result) -> bytes:
    """Return every score of the segments, one a row: measure, segment and its name (empty for all), value."""
    rows: list[tuple[str, int | None, float | None]] = []
    quality = result.segmentation.quality
    if quality is not None:
        rows += [
            ("silhouette", None, quality.silhouette),
            ("silhouette standard error", None, quality.silhouette_se),
            ("within-cluster sum of squares", None, quality.wcss),
            ("Calinski-Harabasz", None, quality.calinski_harabasz),
            ("Davies-Bouldin", None, quality.davies_bouldin),
        ]
    details = result.segmentation.clusterer.details_
    if isinstance(details, MixtureDetails):
        for name, found in (("BIC", details.bic), ("AIC", details.aic)):
            rows += [(f"{name} of {k} segments", None, value) for k, value in found.items()]
    if is_encoded(result):
        elbows = encoded_elbow(result)
        for name in ("encoding", "columns"):
            for k, share in zip(elbows["k"], elbows[name], strict=True):
                rows.append((f"WCSS of {k} K-Means segments in the {name}, share of one segment's", None, float(share)))
    for profile in result.profiles:
        stability = profile.stability
        rows += [
            ("customers", profile.segment, float(profile.size)),
            ("share", profile.segment, profile.share),
            ("silhouette", profile.segment, profile.silhouette),
            ("Jaccard index over samples", profile.segment, stability.jaccard if stability else None),
            ("found again", profile.segment, stability.found if stability else None),
        ]
    table = pd.DataFrame(rows, columns=["measure", "segment", "value"]).astype({"segment": "Int64", "value": "float64"})
    names = table["segment"].map({profile.segment: profile.name for profile in result.profiles})
    table.insert(2, "segment_name", names.astype("str"))
    return to_csv(table.assign(value=table["value"].map(_as_said)))


def _as_said(score: float) -> float:
    """Return a score with the digits that tell two apart; a sum of squares has a decimal at most."""
    return round(score, max(1, _DIGITS - 1 - math.floor(math.log10(abs(score))))) if score else score


_DIGITS: Final = 6


def segments_zip(result: Result) -> bytes:
    """Return a CSV of the labelled customers of each segment, and one of those in none, in one zip file."""
    labelled, labels = result.labelled(), result.segmentation.labels
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as folder:
        for label, name in [*enumerate(result.segmentation.names), (UNASSIGNED, "in no segment")]:
            rows = labelled[(labels == label).to_numpy()]
            if label == UNASSIGNED and not len(rows):
                continue
            plain = "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in name).strip()[:80]
            number = f"{label + 1:02d} " if label != UNASSIGNED else ""
            file = f"{number}{plain or 'segment'}.csv"
            folder.writestr(zipfile.ZipInfo(file, (1980, 1, 1, 0, 0, 0)), to_csv(rows), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def encoded_csv(result: Result) -> bytes:
    """Return each customer in a segment with what the autoencoder makes of it: identifier, segment, `encoded_1` …

    Raises
    ------
    InvalidSettingError
        If the segments were formed by another method.
    """
    rule, labels = result.segmentation.clusterer.placement_, result.segmentation.labels
    if not isinstance(rule, LatentCentres):
        message = "Only segments of the method autoencoder, or K-Means of components, have an encoding."
        raise InvalidSettingError(message)
    placed = labels >= 0
    encoded = rule.encode(result.segmentation.preparation.transform(result.model_frame[placed]))
    names = [f"encoded_{number + 1}" for number in range(encoded.shape[1])]
    who = _who(result.dataset)[placed]
    return to_csv(
        pd.concat([who, (labels[placed] + 1).rename("segment"), pd.DataFrame(encoded, who.index, names)], axis=1)
    )


def is_encoded(result: Result) -> bool:
    """Whether the segments were formed in an autoencoder's middle, or of components."""
    return isinstance(result.segmentation.clusterer.placement_, LatentCentres)


def _who(dataset: Dataset) -> pd.Series:
    """Return each customer's identifier, or its row's number where there is none."""
    identifiers = [column for column in dataset.columns if column.kind is ColumnKind.IDENTIFIER]
    if identifiers:
        first = identifiers[0]
        return dataset.original[first.name].rename(first.header)
    return pd.Series(range(1, dataset.n_customers + 1), index=dataset.original.index, name="row")


def known_record(known: MajorityLabelMap | None) -> dict[str, object] | None:
    """Return what segments stand for as plain values."""
    if known is None:
        return None
    return {
        "column": known.column,
        "labels": list(known.labels),
        "accuracy_on_held_out_rows": known.accuracy,
        "accuracy_of_the_most_frequent": known.baseline,
        "adjusted_rand": known.agreement,
        "customers": known.n_customers,
    }
