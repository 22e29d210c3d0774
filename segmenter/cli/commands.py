"""The commands of the command line."""

import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from segmenter import config
from segmenter.choose.k import KSelection, compare_k
from segmenter.choose.methods import BASELINE, compare_methods
from segmenter.choose.sensitivity import measure_sensitivity
from segmenter.cli.arguments import column_list, segment_count
from segmenter.cli.inspection import print_preparation
from segmenter.cli.known import compared, known_files, print_known, without_known
from segmenter.cli.learning import classifiers, classify, learn
from segmenter.cli.methods import comparison_record, method_choices, methods, print_comparison, settings_of
from segmenter.cli.output import print_json as _print_json
from segmenter.cli.output import progress as _progress
from segmenter.cli.output import read_bytes as _bytes
from segmenter.cli.output import say as _say
from segmenter.cli.output import write_files as _write_files
from segmenter.cli.preparation import prepared_features
from segmenter.cli.purchases import read_as_it_stands, read_customers, word_for_rows
from segmenter.cli.screen import start_app
from segmenter.errors.forming import InvalidSettingError
from segmenter.io.export.csv import labelled_csv, left_out_csv, summary_csv
from segmenter.io.export.run import columns_left_out, description, run_json, run_record
from segmenter.io.model.conversion import convert_pickled
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.io.model.pickled import read_pickled_kmeans
from segmenter.io.read.table import read_table
from segmenter.prepare.suggest import choose_features, suggest_features
from segmenter.recipe.recipe import Recipe, Role, Scaling
from segmenter.segment.assign import assign_segments
from segmenter.segment.result import Result
from segmenter.segment.segmentation import FITS_NONE, fit_segmentation
from segmenter.table.dataset import Dataset


def describe(asked: Namespace) -> None:
    """Say what a file holds."""
    dataset = read_as_it_stands(asked)
    if asked.left_out:
        _write_files(asked.left_out.parent, {asked.left_out.name: left_out_csv(dataset)})
    used = frozenset(spec.column for spec in suggest_features(dataset) if spec.segments)
    if asked.json:
        _print_json(description(dataset, used))
        return
    columns = "1 column" if len(dataset.columns) == 1 else f"{len(dataset.columns)} columns"
    print(f"{dataset.name}: {dataset.n_customers:,} {word_for_rows(asked, dataset)}, {columns}")
    for column in dataset.columns:
        use = "segments by default" if column.name in used else ""
        print(f"  {column.name}: {column.kind.value} ({column.reason}), {column.missing:,} missing. {use}".rstrip())
    _say(dataset.notes)


def prepare(asked: Namespace) -> None:
    """Say what is worth knowing about the columns to segment by."""
    dataset = read_customers(asked)
    recipe = replace(_recipe(asked, dataset), n_segments=asked.segments)
    tried = measure_sensitivity(dataset, recipe, progress=_progress()) if asked.sensitivity else None
    print_preparation(dataset, recipe, tried, as_json=asked.json)
    _say(dataset.notes)


def choose(asked: Namespace) -> None:
    """Compare numbers of segments."""
    if not 2 <= asked.min <= asked.max:
        message = f"--min {asked.min} --max {asked.max} is no range; take 2 or more, the smaller first."
        raise InvalidSettingError(message)
    dataset = read_customers(asked)
    selection = compare_k(dataset, _recipe(asked, dataset), range(asked.min, asked.max + 1), progress=_progress())
    if asked.json:
        _print_json(selection_record(selection))
        return
    for score in selection.scores:
        mark = "<- recommended" if score.k == selection.recommended else ""
        print(
            f"{score.k:>3} segments: WCSS {score.wcss:,.2f}, silhouette {score.silhouette:.3f}, gap {score.gap:.3f}, "
            f"stability {score.stability:.2f} {mark}".rstrip()
        )
    print(f"{selection.verdict}: {selection.reason}")
    _say((*dataset.notes, *selection.notes))


def segment(asked: Namespace) -> None:
    """Form segments and write them."""
    count = segment_count(asked.segments)
    dataset = read_customers(asked)
    recipe = without_known(dataset, _recipe(asked, dataset), asked.known)
    recipe = replace(recipe, algorithm=asked.method, settings=settings_of(asked.method, asked.set))
    recipe = replace(recipe, n_segments=count or _advised_count(dataset, recipe))
    formed = Result(dataset, fit_segmentation(dataset, recipe, progress=_progress()))
    result, known = compared(formed, asked.known)
    _write(asked.out, result, "segment", {"model.segmodel.json": to_bytes(result.segmentation)})
    _report(asked, result, "segment")
    if not asked.json:
        print_known(result, known)


def compare(asked: Namespace) -> None:
    """Judge ways to form segments by the same measure."""
    count = segment_count(asked.segments)
    choices = method_choices(asked.methods, asked.set)
    dataset = read_customers(asked)
    recipe = _recipe(asked, dataset)
    recipe = replace(recipe, n_segments=count or max(_advised_count(dataset, recipe), config.MIN_SEGMENTS))
    comparison = compare_methods(dataset, recipe, choices, progress=_progress())
    if asked.json:
        _print_json({"segments": recipe.n_segments, **comparison_record(comparison)})
        return
    print_comparison(comparison)
    _say((*dataset.notes, *comparison.notes))


def assign(asked: Namespace) -> None:
    """Place the customers of a file in a saved model's segments."""
    model = from_bytes(_bytes(asked.model))
    dataset = read_customers(asked)
    assignment = assign_segments(model, dataset)
    result = Result(dataset, assignment.segmentation, assignment)
    _write(asked.out, result, "assign", {})
    _report(asked, result, "assign")
    if not asked.json:
        print_known(result, None)


def convert_model(asked: Namespace) -> None:
    """Turn an old pickled K-Means into a plain model file."""
    reference = read_table(asked.fitted_on) if asked.fitted_on else None
    pickled = read_pickled_kmeans(asked.pickle)
    model = convert_pickled(
        pickled, column_list(asked.columns), fitted_on=reference, already_scaled=asked.already_scaled
    )
    _write_files(asked.out.parent, {asked.out.name: to_bytes(model)})
    print(f"{asked.out}: {model.n_segments} segments on {', '.join(column_list(asked.columns))}.")
    _say(model.notes)


COMMANDS: dict[str, Callable[[Namespace], None]] = {
    "app": start_app,
    "describe": describe,
    "prepare": prepare,
    "choose": choose,
    "segment": segment,
    "assign": assign,
    "convert-model": convert_model,
    "methods": methods,
    "compare": compare,
    "learn": learn,
    "classify": classify,
    "classifiers": classifiers,
}


def selection_record(selection: KSelection) -> dict[str, object]:
    """Return the comparison of numbers of segments as plain values."""
    return {
        "scores": [
            {
                "k": score.k,
                "wcss": score.wcss,
                "silhouette": score.silhouette,
                "silhouette_se": score.silhouette_se,
                "calinski_harabasz": score.calinski_harabasz,
                "davies_bouldin": score.davies_bouldin,
                "smallest_share": score.smallest_share,
                "gap": score.gap,
                "gap_se": score.gap_se,
                "stability": score.stability,
            }
            for score in selection.scores
        ],
        "one_segment": _one(selection),
        "verdict": selection.verdict.value if selection.verdict else None,
        "recommended": selection.recommended,
        "reason": selection.reason,
        "notes": [note.text for note in selection.notes],
    }


def _one(selection: KSelection) -> dict[str, float | None] | None:
    one = selection.one
    return {"wcss": one.wcss, "gap": one.gap, "gap_se": one.gap_se} if one else None


def _advised_count(dataset: Dataset, recipe: Recipe) -> int:
    """Return the number of segments that K-Means advises, whatever the method: its advice is what was tested."""
    advised = replace(recipe, algorithm=BASELINE.key, settings=())
    selection = compare_k(dataset, advised, progress=_progress())
    if recipe.algorithm != BASELINE.key:
        print("note: The number of segments is advised by K-Means.", file=sys.stderr)
    print(f"note: {selection.reason}", file=sys.stderr)
    return selection.recommended or 1


def _recipe(asked: Namespace, dataset: Dataset) -> Recipe:
    columns = column_list(asked.columns)
    features = choose_features(dataset, columns) if columns else suggest_features(dataset)
    name = getattr(asked, "id", None)
    if name:
        choose_features(dataset, (name,))  # says so where there is no such column
        features = tuple(replace(each, role=Role.ID) if each.column == name else each for each in features)
    return Recipe(prepared_features(features, dataset, asked), scaling=Scaling(asked.scaling), seed=asked.seed)


def _write(folder: Path, result: Result, command: str, more: dict[str, bytes]) -> None:
    files = {"customers.csv": labelled_csv(result), "segments.csv": summary_csv(result), **known_files(result), **more}
    _write_files(folder, {**files, "run.json": run_json(result, command)})


def _report(asked: Namespace, result: Result, command: str) -> None:
    if asked.json:
        _print_json(run_record(result, command))
        return
    for profile in result.profiles:
        print(f"{profile.name}: {profile.size:,} customers ({profile.share:.1%})")
    print(f"{result.dataset.n_customers:,} rows = {result.n_placed:,} in segments + {result.n_left_out:,} without.")
    if result.fits_none.any():
        print(f"{int(result.fits_none.sum()):,} of those without are like no segment: {FITS_NONE}.")
    for column in columns_left_out(result):
        print(f"Left out: {column.name} ({column.kind.value}): {column.reason}")
    print(f"Written to {asked.out}")
    _say(result.notes)
