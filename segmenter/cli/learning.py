"""`learn`, `classify` and `classifiers`: known segments on the command line."""

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.classifiers.classifier import Classifier
from segmenter.classification.columns import learning_features
from segmenter.classification.learn import learn as learn_segments
from segmenter.classification.model import Learned, golden_verdict, held_out_verdict, leaderboard_verdict
from segmenter.classification.predict import classify as tell_segments
from segmenter.classification.recipe import SEGMENTS, LearningRecipe
from segmenter.cli.arguments import column_list
from segmenter.cli.output import print_json, progress, read_bytes, say, write_files
from segmenter.cli.preparation import with_own_columns
from segmenter.cli.sources import read_source
from segmenter.display import counted, percent_text
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.io.export.learning import (
    classified_csv,
    classified_json,
    classified_record,
    event_files_zip,
    leaderboard_csv,
    learning_record,
    plain_csv,
    typing_tool,
    why_no_typing_tool,
)
from segmenter.io.export.run import versions
from segmenter.io.model.classifiers import load_classifier, save_classifier
from segmenter.io.model.format import from_bytes
from segmenter.io.writing import json_text
from segmenter.prepare.suggest import choose_features
from segmenter.recipe.recipe import FeatureSpec, Recipe, Role
from segmenter.segment.assign import assign_segments
from segmenter.segment.external_labels import (
    ExternalLabelComparison,
    Overlap,
    compare_external_labels,
    compare_lists,
    label_map_accuracy,
    with_label_map,
)
from segmenter.segment.result import Result
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import Dataset


def learn(args: Namespace) -> None:
    """Learn known segments, check them honestly, and write the classifier."""
    dataset = with_own_columns(read_source(args), args)
    segmentation = _segments(args.target_model, dataset)
    recipe = LearningRecipe(
        target=args.target or SEGMENTS,
        seed=args.seed,
        folds=args.folds,
        repeats=args.repeats,
        held_out_share=args.held_out,
        classifiers=column_list(args.compete),
        chosen=args.classifier,
        tune=not args.no_tuning,
        weight_column=args.weights or "",
    )
    recipe = replace(recipe, features=_features(dataset, recipe.target, column_list(args.columns)))
    learned = learn_segments(dataset, recipe, segmentation, progress=progress())
    _write(args.out, dataset, learned, curve=args.also == "tensorboard")
    if args.json:
        print_json(learning_record(learned))
        return
    _print(learned, args.out)
    say((*dataset.notes, *learned.notes))


def classify(args: Namespace) -> None:
    """Tell the segment of each customer of a file."""
    model = load_classifier(args.model)
    classified = tell_segments(read_source(args), model)
    files = {
        "customers.csv": classified_csv(classified),
        "id_and_segment.csv": plain_csv(classified),
        "run.json": classified_json(classified),
    }
    write_files(args.out, files)
    if args.json:
        print_json(classified_record(classified))
        return
    for name, size in classified.counts().items():
        print(f"{name}: {counted(size, 'customer')}")
    print(f"{classified.dataset.n_customers:,} rows, {int(classified.placed.sum()):,} of them placed.")
    print(
        f"{model.title}: when it was learnt, right for {percent_text(model.held_out.accuracy, 1)} of "
        f"{counted(model.n_held_out, 'customer')} held out; that says nothing of this file. Written to {args.out}"
    )
    say((*classified.dataset.notes, *classified.questions, *classified.notes))


def classifiers(args: Namespace) -> None:
    """List the ways to learn known segments."""
    if args.json:
        print_json([_entry(each) for each in CLASSIFIERS.values()])
        return
    for each in CLASSIFIERS.values():
        print(f"{each.key}: {each.title}, for {each.suits}.")


def _segments(model: Path | None, dataset: Dataset) -> Segmentation | None:
    if model is None:
        return None
    assignment = assign_segments(dataset, from_bytes(read_bytes(model)))
    say((*assignment.questions, *assignment.notes))
    return assignment.segmentation


def _features(dataset: Dataset, target: str, columns: tuple[str, ...]) -> tuple[FeatureSpec, ...]:
    if not columns:
        return ()
    unknown = [name for name in columns if name not in dataset.frame]
    if unknown:
        raise UnknownColumnError(unknown, list(dataset.frame.columns))
    suggested = learning_features(dataset, target)
    return tuple(each if each.column in columns else replace(each, role=Role.IGNORED) for each in suggested)


def _write(folder: Path, dataset: Dataset, learned: Learned, *, curve: bool) -> None:
    assert learned.model is not None
    assert learned.leaderboard is not None
    record = {
        "command": "learn",
        "file": dataset.name,
        "fingerprint": dataset.fingerprint,
        "recipe": json.loads(learned.recipe.to_json()),
        "versions": versions(),
        **learning_record(learned),
    }
    written = json_text(record).encode()
    files = {"leaderboard.csv": leaderboard_csv(learned.leaderboard), "run.json": written}
    if not why_no_typing_tool(learned.model):
        files["typing_tool.xlsx"] = typing_tool(learned.model)
    if curve and learned.curve is not None:
        files["tensorboard.zip"] = event_files_zip(learned.curve)
    elif curve:
        message = "--also tensorboard: no deep network was kept, so there is no curve. Add --classifier network."
        print(message, file=sys.stderr)
    write_files(folder, files)
    save_classifier(learned.model, folder, origin=f"learnt from {dataset.name}")


def _print(learned: Learned, folder: Path) -> None:
    board = learned.leaderboard
    assert board is not None
    assert learned.choice is not None
    assert learned.held_out is not None
    assert learned.golden is not None
    print(f"Always the largest: accuracy {board.base.accuracy:.3f}")
    for row in board.rows:
        print(
            f"{row.title}: accuracy {row.accuracy:.3f} ± {row.accuracy_se:.3f}, balanced "
            f"{row.mean('balanced_accuracy'):.3f}, macro F1 {row.mean('macro_f1'):.3f}, "
            f"log loss {row.mean('log_loss'):.3f}, {row.seconds:.1f} s"
        )
    print(leaderboard_verdict(board))
    print(f"Kept: {CLASSIFIERS[learned.choice.classifier].title} ({learned.choice.reason}).")
    print(held_out_verdict(learned.held_out))
    print(f"Golden questions: {golden_verdict(learned.golden, learned.held_out)}")
    if learned.model is not None and (why := why_no_typing_tool(learned.model)):
        print(why)
    print(f"Written to {folder}")


def _entry(classifier: Classifier) -> dict[str, object]:
    return {
        "key": classifier.key,
        "title": classifier.title,
        "suits": classifier.suits,
        "settings": dict(classifier.defaults),
        "tuned_over": {name: list(values) for name, values in classifier.grid.items()},
        "keeps_rows": classifier.keeps_rows,
    }


FILE = "predictions.csv"


def without_known(dataset: Dataset, recipe: Recipe, column: str | None) -> Recipe:
    """Return a recipe in which the known labels form no segments: they would find themselves again.

    Raises
    ------
    UnknownColumnError
        If there is no such column.
    """
    if not column:
        return recipe
    choose_features(dataset, (column,))  # says so where there is no such column
    features = (replace(each, role=Role.DESCRIPTOR) if each.column == column else each for each in recipe.features)
    return replace(recipe, features=tuple(features))


def hiding(dataset: Dataset, column: str | None) -> Dataset:
    """Return the customers without the known labels, so that no segment is named by them."""
    return replace(dataset, frame=dataset.frame.drop(columns=column)) if column else dataset


def compared(result: Result, column: str | None) -> tuple[Result, ExternalLabelComparison | None]:
    """Return a result that predicts the labels of a column, and how it comes to that; nothing where none is named.

    Raises
    ------
    SegmenterError
        If the column cannot serve as labels.
    """
    if not column:
        return result, None
    comparison = compare_external_labels(result, column)
    return with_label_map(result, comparison.mapping), comparison


def lists_of(result: Result, asked: Sequence[str]) -> Overlap | None:
    """Set the segments beside the lists that were asked for, COLUMN or NAME=FILE each; None where there are none.

    Raises
    ------
    FileNotReadableError, InvalidSettingError
        If a file cannot be read, or nobody on it is a customer of the result.
    """
    if not asked:
        return None
    given: dict[str, str | list[str]] = {}
    for text in asked:
        name, _, file = text.partition("=")
        is_column = not file or text in result.dataset.frame
        if (text if is_column else name) in given:
            message = f"--list names {text if is_column else name} twice. Give each list a name of its own: NAME=FILE."
            raise InvalidSettingError(message)
        if is_column:
            given[text] = text
        else:
            given[name] = _identifiers(Path(file))
    overlap = compare_lists(result, given)
    for name, members in overlap.members.items():
        if isinstance(given[name], list) and not members.any():
            message = (
                f"{name}: none of its {counted(len(given[name]), 'line')} is a customer of this file. A list holds one "
                "identifier on each line, written as in the file's column of identifiers."
            )
            raise InvalidSettingError(message)
    return overlap


def _identifiers(path: Path) -> list[str]:
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path.name} is no text in UTF-8. A list is a text file with one identifier on each line."
        raise InvalidSettingError(message) from error
    # Of a table, the first column.
    marks = str.maketrans(";\t", ",,")
    cells = (line.translate(marks).split(",")[0].strip().strip("\"'") for line in text.splitlines())
    return [cell for cell in cells if cell]


def overlap_record(overlap: Overlap | None) -> dict[str, object]:
    """Return segments beside lists as plain values; nothing where there are no lists."""
    if overlap is None:
        return {}
    regions = [
        {"on": [name for name, inside in zip(overlap.lists, region, strict=True) if inside], "customers": count}
        for region, count in overlap.regions.items()
    ]
    return {"lists": {"segments": json.loads(overlap.table.to_json(orient="records")), "regions": regions}}


def print_overlap(overlap: Overlap | None) -> None:
    """Print how many of each segment are on each list, and where the lists meet."""
    if overlap is None:
        return
    for row in overlap.table.to_dict(orient="records"):
        said = []
        for name in overlap.lists:
            share, index = row[f"{name}: share"], row[f"{name}: index"]
            said.append(
                f"{name} {row[name]:,}" + ("" if pd.isna(index) else f" ({percent_text(share)}, index {index:.0f})")
            )
        print(f"{row['Segment']}: {', '.join(said)}")
    for where, count in overlap.named_regions().items():
        print(f"on {where}: {count:,}")


def print_known(result: Result, comparison: ExternalLabelComparison | None) -> None:
    """Print what each segment stands for, and how well that predicts a label."""
    known = result.segmentation.known
    if known is None:
        return
    for number, (name, label) in enumerate(zip(result.segmentation.names, known.labels, strict=True)):
        print(f"{name} stands for {known.column} {label}{_share(comparison, number)}")
    here = label_map_accuracy(result)
    if comparison is None and here is not None:
        print(f"{known.column}: right for {percent_text(here, 1)} of the labelled customers of this file.")
    # What a model brings along is no measurement of this file.
    when = "" if comparison is not None else "when the segments were formed, "
    of_all = counted(known.n_customers, "customer")
    print(
        f"{known.column}: {when}right for {percent_text(known.accuracy, 1)} of {of_all}, each held out in turn "
        f"({percent_text(known.baseline, 1)} by always saying the most frequent); adjusted Rand {known.agreement:.3f}."
    )


def _share(comparison: ExternalLabelComparison | None, segment: int) -> str:
    if comparison is None:
        return ""
    row = comparison.shares[segment]
    shares = (f"{comparison.labels[place]} {percent_text(row[place])}" for place in np.argsort(-row, kind="stable")[:4])
    return f" ({', '.join(shares)})"
