"""The arguments of every command."""

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

from segmenter import config
from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.recipe import AUTO
from segmenter.cli.activate import add_activate, add_platforms
from segmenter.cli.describe import Commands, Parser, add_describe, new_parser
from segmenter.cli.engines import add_export_sql
from segmenter.cli.months import add_check, add_edits, add_months, add_placing
from segmenter.cli.outcomes import add_offers, add_power, add_results, add_rfm, add_value
from segmenter.cli.preparation import add_column_options
from segmenter.cli.purchases import add_row_type
from segmenter.cli.sources import add_engine, add_source
from segmenter.cluster import ALGORITHMS
from segmenter.errors.forming import InvalidSettingError
from segmenter.io.export import ASKED_FOR, EXPORTERS, REPORTS
from segmenter.recipe.recipe import Reduction, Scaling


def add_learn(command: argparse.ArgumentParser) -> None:
    """Say what may be asked of learning."""
    add_source(command)
    known = command.add_mutually_exclusive_group(required=True)
    known.add_argument("--target", metavar="COLUMN", help="the column that says the known segment")
    known.add_argument("--target-model", type=Path, metavar="MODEL", help="learn the segments of this saved model")
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument(
        "--also", choices=("tensorboard",),
        help="write this too: the losses of a deep network that is kept, epoch by epoch, for TensorBoard",
    )  # fmt: skip
    command.add_argument("--columns", metavar="A,B", help="the columns to tell it by; all that suit if left out")
    command.add_argument(
        "--weights", metavar="COLUMN",
        help="a survey's column of weights: how many people a row stands for; nothing is told by it",
    )  # fmt: skip
    command.add_argument(
        "--formula", action="append", default=[], metavar="NAME=FORMULA",
        help='a column of your own, such as "basket=spend / orders"; repeatable',
    )  # fmt: skip
    command.add_argument(
        "--classifier", choices=(AUTO, *CLASSIFIERS), default=AUTO, help="the one to keep; auto: the most accurate"
    )
    command.add_argument("--compete", metavar="A,B", help="the classifiers of the leaderboard; all if left out")
    command.add_argument("--folds", type=int, default=5, metavar="N", help="parts that are told by the others in turn")
    command.add_argument("--repeats", type=int, default=1, metavar="N", help="how often customers are split anew")
    command.add_argument("--held-out", type=float, default=0.2, metavar="SHARE", help="kept for one last score")
    command.add_argument("--no-tuning", action="store_true", help="keep the usual settings")
    command.add_argument(
        "--golden",
        action="store_true",
        help="look for the few questions that are enough, and keep what is learned from these alone: with logistic "
        "regression, unless --classifier names another, so that the typing tool asks nothing else",
    )
    command.add_argument("--seed", type=int, default=config.DEFAULT_SEED)
    command.add_argument("--json", action="store_true", help="print JSON")


def add_classify(command: argparse.ArgumentParser) -> None:
    """Say what may be asked of telling."""
    command.add_argument("model", type=Path, help="what learn wrote: the folder, or the classifier in it")
    add_source(command)
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument("--json", action="store_true", help="print JSON")


def add_classifiers(command: argparse.ArgumentParser) -> None:
    """Say what may be asked of the list."""
    command.add_argument("--json", action="store_true", help="print JSON")


USUAL_SEGMENTS = 4


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return what was asked for."""
    parser, commands = new_parser()
    add_describe(commands)
    _prepare(commands)
    _choose(commands)
    _segment(commands)
    _report(commands)
    _assign(commands)
    _convert(commands)
    add_export_sql(commands.add_parser("export-sql", help="write a saved model as one SELECT for a database"))
    _methods(commands)
    _compare(commands)
    add_learn(commands.add_parser("learn", help="learn known segments, check them, and keep the classifier"))
    add_classify(commands.add_parser("classify", help="tell the known segment of each customer of a file"))
    add_classifiers(commands.add_parser("classifiers", help="list the ways to learn known segments"))
    add_activate(commands.add_parser("activate", help="write lists of customers that ad and CRM platforms take"))
    add_platforms(commands.add_parser("platforms", help="list the platforms that lists can be written for"))
    add_months(commands)
    add_power(commands.add_parser("power", help="say before sending what a test can show"))
    add_results(commands.add_parser("results", help="read responses or revenue back: did it work?"))
    add_rfm(commands.add_parser("rfm", help="name customers by recency, frequency and money"))
    add_value(commands.add_parser("value", help="foretell what customers will order and spend"))
    add_offers(commands.add_parser("offers", help="say what segments buy more than others, and what goes together"))
    app = commands.add_parser("app", help="start the app in the browser")
    app.add_argument("--address", default="127.0.0.1", help="where it listens; this machine alone if not said")
    app.add_argument("--port", type=int, default=8501)
    return parser.parse_args(arguments)


def column_list(text: str | None) -> tuple[str, ...]:
    """Return the names in `A,B`; a name with a comma in it stands in double quotes."""
    if not text:
        return ()
    return tuple(name.strip() for name in next(csv.reader([text], skipinitialspace=True)) if name.strip())


def segment_count(text: str) -> int | None:
    """Return the number of segments, None for "auto".

    Raises
    ------
    InvalidSettingError
        If it is neither.
    """
    if text == "auto":
        return None
    if text.isdecimal() and 1 <= int(text) <= config.MAX_SEGMENTS:
        return int(text)
    message = f"--segments takes a number from 1 to {config.MAX_SEGMENTS}, or auto; not {text!r}."
    raise InvalidSettingError(message)


def _prepare(commands: "Commands[Parser]") -> None:
    command = commands.add_parser("prepare", help="say what is worth knowing about the columns to segment by")
    add_source(command)
    add_row_type(command)
    _columns(command)
    command.add_argument("--sensitivity", action="store_true", help="try the other choices and say what they change")
    command.add_argument("--segments", type=int, default=USUAL_SEGMENTS, metavar="N", help="segments to try them with")
    command.add_argument(
        "--tendency", action="store_true", help="the Hopkins statistic: are customers in heaps, or in one? No verdict"
    )
    _forming(command)
    _json(command)


def _choose(commands: "Commands[Parser]") -> None:
    command = commands.add_parser("choose", help="compare numbers of segments")
    add_source(command)
    add_row_type(command)
    _columns(command)
    command.add_argument("--min", type=int, default=config.MIN_SEGMENTS, metavar="K")
    command.add_argument("--max", type=int, default=config.DEFAULT_MAX_SEGMENTS, metavar="K")
    command.add_argument("--method", choices=tuple(ALGORITHMS), default="k-means")
    command.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the method")
    command.add_argument(
        "--evidence", action="store_true", help="also prediction strength, a vote of indices, BIC and AIC"
    )
    _forming(command)
    add_engine(command)
    _json(command)


def _segment(commands: "Commands[Parser]") -> None:
    command = commands.add_parser("segment", help="form segments and write them")
    add_source(command)
    add_row_type(command)
    _out(command)
    _columns(command)
    command.add_argument("--segments", default="auto", metavar="N|auto")
    command.add_argument("--method", choices=tuple(ALGORITHMS), default="k-means")
    command.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the method")
    command.add_argument("--id", metavar="COLUMN", help="the column that names the customer; never segmented by")
    command.add_argument("--known", metavar="COLUMN", help="labels known already: what does each segment stand for?")
    _compared_lists(command)
    command.add_argument(
        "--within", metavar="COLUMN", help="form segments inside each group of this column, such as a lifecycle stage"
    )
    add_edits(command)
    _names(command)
    _value(command)
    _forming(command)
    add_engine(command, writes=True)
    _json(command)


def _report(commands: "Commands[Parser]") -> None:
    command = commands.add_parser("report", help="write who the segments are as a web page, slides or a workbook")
    add_source(command)
    add_row_type(command)
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument("--format", default="html", metavar="A,B", help=f"of {', '.join(REPORTS)}; html if left out")
    _names(command)
    _value(command)
    command.add_argument("--model", type=Path, help="place the file's customers in this model's segments")
    command.add_argument(
        "--since", type=Path, metavar="FILE", help="last month's customers, with --model: who moved since then"
    )
    add_placing(command)
    _columns(command)
    command.add_argument("--segments", default="auto", metavar="N|auto")
    command.add_argument("--method", choices=tuple(ALGORITHMS), default="k-means")
    command.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the method")
    command.add_argument("--id", metavar="COLUMN", help="the column that names the customer; never segmented by")
    _forming(command)
    _json(command)


def _methods(commands: "Commands[Parser]") -> None:
    _json(commands.add_parser("methods", help="list the ways to form segments"))


def _compare(commands: "Commands[Parser]") -> None:
    command = commands.add_parser("compare", help="judge ways to form segments by the same measure")
    add_source(command)
    add_row_type(command)
    _columns(command)
    command.add_argument(
        "--methods",
        metavar="A,B",
        help="compared with K-Means; METHOD+pca, METHOD+famd: on components; all and k-means+pca if left out",
    )
    command.add_argument(
        "--set", action="append", default=[], metavar="METHOD:NAME=VALUE", help="a setting of a method"
    )
    command.add_argument("--segments", default="auto", metavar="N|auto")
    _forming(command)
    _json(command)


def _assign(commands: "Commands[Parser]") -> None:
    command = commands.add_parser("assign", help="place the customers of a file in a saved model's segments")
    command.add_argument("model", type=Path)
    add_source(command)
    add_row_type(command)
    add_check(command)
    _compared_lists(command)
    _names(command)
    _out(command)
    add_engine(command, writes=True)
    _json(command)


def _convert(commands: "Commands[Parser]") -> None:
    command = commands.add_parser("convert-model", help="turn an old pickled K-Means into a plain model file")
    command.add_argument("pickle", type=Path)
    command.add_argument("--columns", required=True, metavar="A,B", help="the model's columns, in its order")
    scaling = command.add_mutually_exclusive_group()
    scaling.add_argument("--fitted-on", type=Path, metavar="FILE", help="the file it was trained on")
    scaling.add_argument("--already-scaled", action="store_true", help="new files hold scaled values")
    command.add_argument("--out", type=Path, required=True, metavar="MODEL")


def _compared_lists(command: Parser) -> None:
    command.add_argument(
        "--list", action="append", default=[], metavar="COLUMN|NAME=FILE",
        help="who of each segment is on a list: a yes/no column, or a file with one identifier on each line; up to "
        "three, and lists.csv says where they meet",
    )  # fmt: skip


def _names(command: Parser) -> None:
    command.add_argument(
        "--names", metavar="A,B",
        help="names of the segments, the largest first, or NUMBER=NAME for some; the others keep theirs",
    )  # fmt: skip


def _value(command: Parser) -> None:
    command.add_argument(
        "--value", metavar="COLUMN", help="the column that says what a customer is worth; the proposed one if left out"
    )


def _columns(command: Parser) -> None:
    command.add_argument("--columns", metavar="A,B", help="the columns to segment by; the suggested ones if left out")


def _forming(command: Parser) -> None:
    command.add_argument(
        "--missing", action="append", default=[], metavar="[COLUMN=]CHOICE",
        help="auto, drop, median, mean, mode, knn, category; for one column also constant:VALUE; repeatable",
    )  # fmt: skip
    command.add_argument("--scaling", choices=tuple(each.value for each in Scaling), default="standard")
    command.add_argument("--seed", type=int, default=config.DEFAULT_SEED)
    command.add_argument(
        "--weights", metavar="COLUMN",
        help="a survey's column of weights: how many people a row stands for; it never forms segments",
    )  # fmt: skip
    command.add_argument(
        "--formula", action="append", default=[], metavar="NAME=FORMULA",
        help='a column of your own, such as "basket=spend / orders" or "age band=bins(age, 18, 35, 65)"; repeatable',
    )  # fmt: skip
    command.add_argument(
        "--reduce", choices=tuple(each.value for each in Reduction), default=Reduction.NONE.value,
        help="form segments of principal components of the columns (famd: of numbers and categories together)",
    )  # fmt: skip
    command.add_argument(
        "--components", type=int, default=0, metavar="N",
        help="so many components; 0: as many as hold 80 %% of the variance",
    )  # fmt: skip
    add_column_options(command)


def _out(command: Parser) -> None:
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    asked_for = ", ".join(name for name in EXPORTERS if name in ASKED_FOR)
    command.add_argument("--also", default="", metavar="A,B", help=f"write these too: {asked_for}")


def _json(command: Parser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON")
