"""What may be said about learning on the command line?"""

import argparse
from pathlib import Path

from segmenter import config
from segmenter.classifiers import CLASSIFIERS
from segmenter.cli.sources import add_source
from segmenter.core.learning.recipe import AUTO


def add_learn(command: argparse.ArgumentParser) -> None:
    """Say what may be asked of learning."""
    add_source(command)
    known = command.add_mutually_exclusive_group(required=True)
    known.add_argument("--target", metavar="COLUMN", help="the column that says the known segment")
    known.add_argument("--target-model", type=Path, metavar="MODEL", help="learn the segments of this saved model")
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument("--columns", metavar="A,B", help="the columns to tell it by; all that suit if left out")
    command.add_argument(
        "--classifier", choices=(AUTO, *CLASSIFIERS), default=AUTO, help="the one to keep; auto: the most accurate"
    )
    command.add_argument("--compete", metavar="A,B", help="the classifiers of the leaderboard; all if left out")
    command.add_argument("--folds", type=int, default=5, metavar="N", help="parts that are told by the others in turn")
    command.add_argument("--repeats", type=int, default=1, metavar="N", help="how often customers are split anew")
    command.add_argument("--held-out", type=float, default=0.2, metavar="SHARE", help="kept for one last score")
    command.add_argument("--no-tuning", action="store_true", help="keep the usual settings")
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
