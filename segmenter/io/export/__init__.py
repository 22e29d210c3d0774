"""The registry of downloads. Add one here: a function from a result to bytes, and an entry in `EXPORTERS`.

An entry stands on the Export page, and in the folder that `segment` and `assign` write.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial

from segmenter.explain.rules import rules_of
from segmenter.io.export.csv import (
    encoded_csv,
    is_encoded,
    labelled_csv,
    metrics_csv,
    predictions_csv,
    segments_zip,
    summary_csv,
)
from segmenter.io.export.excel import workbook
from segmenter.io.export.learning import event_files_zip, has_typing_tool, typing_tool
from segmenter.io.export.report import charts_page, pictures_zip, report_of, report_page, report_slides
from segmenter.io.export.run import check_record, run_json
from segmenter.io.export.sql import has_sql, sql_zip
from segmenter.io.model.format import to_bytes
from segmenter.monitor.drift import ModelCheck
from segmenter.networks.network import LearningCurve
from segmenter.progress import Progress, called_from_within, silent
from segmenter.report.months import MonthChange
from segmenter.segment.result import Result
from segmenter.segment.segmentation import Segmentation


@dataclass(frozen=True)
class Exporter:
    """One download.

    Attributes
    ----------
    stem, suffix
        Of the file's name.
    holds
        What is in it, in a few words.
    holds_placed
        The same where customers were placed in segments formed before; empty where it makes no difference.
    offered
        Whether there is anything to put into it.
    written
        Whether the command line writes it without being asked; what is large or holds nothing new is not.
    watched
        The same as `export`, with a progress, for what takes long.
    """

    title: str
    stem: str
    suffix: str
    mime: str
    holds: str
    export: Callable[[Result], bytes]
    offered: Callable[[Result], bool] = lambda _: True
    holds_placed: str = ""
    written: Callable[[Result], bool] = lambda _: True
    watched: Callable[[Result, Progress], bytes] | None = None

    def build(self, result: Result, progress: Progress) -> bytes:
        """Return the content, with a progress that may end the work where it takes long."""
        if self.watched is not None:
            return self.watched(result, progress)
        with called_from_within(progress, 0.1, "Writing"):
            return self.export(result)

    def described(self, result: Result) -> str:
        """Return what is in the download of this result."""
        return self.holds_placed if self.holds_placed and result.assignment is not None else self.holds


def _when_asked(_: Result) -> bool:
    return False


PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def _curve_of(result: Result) -> LearningCurve | None:
    details = result.segmentation.clusterer.details_
    return details if isinstance(details, LearningCurve) and details.n_epochs else None


def _model_of(result: Result) -> Segmentation:
    """Return segments with what else is known of their customers: whether there are groups, and the money named."""
    verdict = result.structure.kind if result.structure is not None else result.segmentation.verdict
    named = result.value_column or result.segmentation.value_column
    return replace(result.segmentation, verdict=verdict, value_column=named)


def _run(result: Result, check: ModelCheck | None = None) -> bytes:
    if result.assignment is not None:
        return run_json(result, "assign", {"check": check_record(check)} if check is not None else None)
    return run_json(result, "segment" if result.segmentation.lineage is None else "refit")


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

EXPORTERS: dict[str, Exporter] = {
    "customers-csv": Exporter(
        "Labelled customers (CSV)",
        "customers",
        ".csv",
        "text/csv",
        "your file, every row and column as it was, plus segment, segment_name, second_best, margin and light and, "
        "where somebody is in no segment, reason",
        labelled_csv,
        holds_placed="your file, every row and column as it was, plus segment, segment_name, second_best, margin, "
        "light, distance to the segment's centre and, for whoever could not be placed, reason",
    ),
    "segments-csv": Exporter(
        "Segment summary (CSV)",
        "segments",
        ".csv",
        "text/csv",
        "the segments side by side: one row a column, one column a segment, in your own units",
        summary_csv,
    ),
    "segment-files": Exporter(
        "A file for each segment (zip)",
        "segment_files",
        ".zip",
        "application/zip",
        "the labelled customers, a CSV file for each segment",
        segments_zip,
        written=_when_asked,
    ),
    "metrics": Exporter(
        "Metrics (CSV)",
        "metrics",
        ".csv",
        "text/csv",
        "every score of the segments, one a row: silhouette, WCSS, Calinski-Harabasz, Davies-Bouldin, how reliably "
        "each segment is found again, and BIC and AIC of mixtures; no customer is in it",
        metrics_csv,
        written=_when_asked,
    ),
    "report": Exporter(
        "Report (web page)",
        "report",
        ".html",
        "text/html",
        "who the segments are, what makes them different, what they bring and how far to rely on them; it needs no "
        "network, opens in any browser and prints; no customer is in it",
        report_page,
        watched=report_page,
    ),
    "slides": Exporter(
        "Report (PowerPoint)",
        "report",
        ".pptx",
        PPTX,
        "the same as slides, whose charts can be edited; no customer is in it",
        report_slides,
        written=_when_asked,
        watched=report_slides,
    ),
    "excel": Exporter(
        "Workbook (Excel)",
        "segments",
        ".xlsx",
        XLSX,
        "a column for each segment, their index in colour, and all labelled customers; text never turns into formulas",
        workbook,
        written=_when_asked,
        watched=workbook,
    ),
    "rules": Exporter(
        "Segments as rules (text)",
        "rules",
        ".txt",
        "text/plain",
        "a filter of one to three conditions for each segment, with how many of it it finds, and one tree for all",
        lambda result: rules_of(result).text.encode(),
    ),
    "rules-sql": Exporter(
        "Segments as rules (SQL)",
        "rules",
        ".sql",
        "application/sql",
        "the same filters and the tree as standard SQL",
        lambda result: rules_of(result).sql.encode(),
    ),
    "rules-json": Exporter(
        "Segments as rules (JSON)",
        "rules",
        ".json",
        "application/json",
        "the same filters and the tree for programs",
        lambda result: rules_of(result).json.encode(),
    ),
    "charts": Exporter(
        "Charts (web page)",
        "charts",
        ".html",
        "text/html",
        "every chart of the segments in one page that needs no network; each can be saved as PNG or SVG, or copied",
        charts_page,
        written=_when_asked,
    ),
    "pictures": Exporter(
        "Pictures (PNG and SVG)",
        "pictures",
        ".zip",
        "application/zip",
        "sizes, index, map and distributions as files for slides and print",
        pictures_zip,
        written=_when_asked,
        watched=pictures_zip,
    ),
    "model": Exporter(
        "Model",
        "model",
        ".segmodel.json",
        "application/json",
        "centres, scaling and names as plain numbers, to place next month's customers; no customer is in it",
        lambda result: to_bytes(_model_of(result)),
        written=lambda result: result.assignment is None,
    ),
    "sql": Exporter(
        "Model as SQL (zip)",
        "model-sql",
        ".zip",
        "application/zip",
        "one SELECT for each kind of database that places its customers in these segments where they live; no customer "
        "is in it",
        lambda result: sql_zip(result.segmentation),
        lambda result: has_sql(result.segmentation),
        written=_when_asked,
    ),
    "predictions": Exporter(
        "Predicted labels (CSV)",
        "predictions",
        ".csv",
        "text/csv",
        "each customer's identifier, the known label that its segment stands for, the second best and the margin",
        predictions_csv,
        lambda result: result.segmentation.known is not None,
    ),
    "typing-tool": Exporter(
        "Typing tool (Excel)",
        "typing_tool",
        ".xlsx",
        XLSX,
        "a workbook whose formulas place a person from a few answers, as the model does; no customer is in it",
        lambda result: typing_tool(result.segmentation),
        lambda result: has_typing_tool(result.segmentation),
        written=_when_asked,
    ),
    "encoded": Exporter(
        "Encoded customers (CSV)",
        "encoded",
        ".csv",
        "text/csv",
        "each customer's identifier, segment and the few numbers (of the network, or components) that K-Means divided",
        encoded_csv,
        is_encoded,
        written=_when_asked,
    ),
    "tensorboard": Exporter(
        "Learning curve (TensorBoard)",
        "tensorboard",
        ".zip",
        "application/zip",
        "event files of the network's losses for `tensorboard --logdir`; no customer is in it",
        lambda result: event_files_zip(_curve_of(result) or LearningCurve()),
        lambda result: _curve_of(result) is not None,
        written=_when_asked,
    ),
    "run": Exporter(
        "Run record (JSON)",
        "run",
        ".json",
        "application/json",
        "every choice, version and figure: `segmenter run` repeats it exactly, or says what differs",
        _run,
        written=_when_asked,
    ),
}

# What only `--also` writes.
ASKED_FOR = tuple(key for key, each in EXPORTERS.items() if each.written is _when_asked)

# What people read rather than machines, by the ending of its file.
REPORTS: Mapping[str, str] = {EXPORTERS[key].suffix[1:]: key for key in ("report", "slides", "excel")}


def exporters_of(change: MonthChange | None) -> dict[str, Exporter]:
    """Return `EXPORTERS`; where something is known of the month, its reports and the record of its run tell it.

    Parameters
    ----------
    change
        What is known of the month against the one before; None where customers were not placed in a saved model.
    """
    if change is None:
        return EXPORTERS
    told = dict(EXPORTERS)
    for key in ("report", "slides"):
        build = partial(_month_report, EXPORTERS[key].suffix.removeprefix("."), change)
        told[key] = replace(EXPORTERS[key], export=build, watched=build)
    told["run"] = replace(EXPORTERS["run"], export=partial(_run, check=change.check))
    return told


def _month_report(form: str, change: MonthChange, result: Result, progress: Progress = silent) -> bytes:
    return report_of(result, form, change=change, progress=progress)


def file_name(exporter: Exporter) -> str:
    """Return the name of a download in a folder of its own."""
    return exporter.stem + exporter.suffix


def written_files(result: Result, also: Collection[str] = (), change: MonthChange | None = None) -> dict[str, bytes]:
    """Return what the command line writes of a result, by file name: what is offered, and large files if asked for.

    Parameters
    ----------
    also
        What is asked for, by its key in `EXPORTERS`.
    change
        As in `exporters_of`.
    """
    return {
        file_name(exporter): exporter.export(result)
        for key, exporter in exporters_of(change).items()
        if exporter.offered(result) and (exporter.written(result) or key in also)
    }


def check_code(content: bytes) -> str:
    """Return the first eight hexadecimal digits of the content's SHA-256."""
    return hashlib.sha256(content).hexdigest()[:8]


def download_name(exporter: Exporter, content: bytes, nonce: str = "") -> str:
    """Return a file name that no other content, and with a nonce no other visitor, shares.

    Streamlit tells large downloads apart by samples of their bytes and by their name: a name with the whole
    content's hash is what keeps an old file, or another visitor's, from being handed over.
    """
    parts = [exporter.stem, check_code(content), nonce]
    return "_".join(part for part in parts if part) + exporter.suffix
