"""The commands of the command line."""

import argparse
import csv
import sys
import tomllib
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from segmenter import config
from segmenter.activate.rfm import has_rfm
from segmenter.choose.evidence import clustering_tendency, measure_evidence, measure_sensitivity
from segmenter.choose.k import KScore, KSelection, Verdict, compare_k
from segmenter.choose.methods import BASELINE, MethodChoice, MethodComparison, MethodScore, compare_methods
from segmenter.cli.activate import activate, list_platforms
from segmenter.cli.arguments import column_list, segment_count
from segmenter.cli.describe import describe, why_off
from segmenter.cli.engines import (
    assign_on_engine,
    choose_on_engine,
    export_sql,
    moved_on_engine,
    refit_on_engine,
    segment_on_engine,
    track_on_engine,
)
from segmenter.cli.inspection import evidence_record, print_evidence, print_preparation
from segmenter.cli.learning import (
    classifiers,
    classify,
    compared,
    hiding,
    learn,
    lists_of,
    overlap_record,
    print_known,
    print_overlap,
    without_known,
)
from segmenter.cli.months import (
    FORM_ANEW,
    changed_by_hand,
    moved,
    movement_since,
    placed,
    print_check,
    refit,
    run,
    track,
)
from segmenter.cli.outcomes import offers, power, results, rfm, value
from segmenter.cli.output import print_json, progress, read_bytes, say, write_files
from segmenter.cli.preparation import prepared_features, with_own_columns
from segmenter.cli.purchases import read_customers, undecided
from segmenter.cli.sources import on_engine, one_of
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import Algorithm
from segmenter.display import counted, percent_text
from segmenter.engines.segmenting import EngineTable
from segmenter.errors.forming import InvalidSettingError
from segmenter.explain.cards import LIGHT_WORDS, describe_segments, name_segments
from segmenter.explain.columns import column_words
from segmenter.explain.money import checked_value_column, outside_note, words_of_value
from segmenter.explain.within import fit_within
from segmenter.io.export import EXPORTERS, REPORTS, file_name, written_files
from segmenter.io.export.csv import to_csv
from segmenter.io.export.excel import count_cut, cut_note
from segmenter.io.export.learning import why_no_typing_tool
from segmenter.io.export.report import report_of
from segmenter.io.export.run import check_record, columns_left_out, run_json, run_record
from segmenter.io.model.format import convert_pickled, from_bytes, to_bytes
from segmenter.io.model.pickled import read_pickled_kmeans
from segmenter.io.read.table import read_table
from segmenter.monitor.drift import Advice
from segmenter.prepare.suggest import Cause, choose_features, filled_values, suggest_columns, suggest_features
from segmenter.recipe.recipe import (
    Missing,
    Recipe,
    Reduction,
    Role,
    Scaling,
    Setting,
    SettingPairs,
    SettingValue,
    complete,
)
from segmenter.report.months import MonthChange
from segmenter.segment.external_labels import Overlap
from segmenter.segment.quality import Light
from segmenter.segment.result import Result
from segmenter.segment.segmentation import Segmentation, fit_segmentation
from segmenter.table.dataset import Dataset, Note


def methods(args: Namespace) -> None:
    """List the ways to form segments."""
    if args.json:
        print_json([_entry(each) for each in ALGORITHMS.values()])
        return
    for each in ALGORITHMS.values():
        print(f"{each.key}: {each.title}, for {each.suits}. {each.needs}".rstrip())
        for setting in each.settings:
            possible = ", ".join(setting.choices) or setting.example or f"{setting.low:g} to {setting.high:g}"
            print(f"  --set {setting.key}={setting.default}  ({possible}) {setting.explanation}")


def settings_of(method: str, given: Sequence[str]) -> SettingPairs:
    """Return what `name=value` texts set in a method, as a recipe keeps it.

    Raises
    ------
    InvalidSettingError
        If one is no `name=value`, or not possible for the method.
    """
    pairs = dict(_pair(each) for each in given)
    checked = complete(ALGORITHMS[method].settings, pairs)
    return tuple(sorted((name, checked[name]) for name in pairs))


def method_choices(names: str | None, given: Sequence[str]) -> tuple[MethodChoice, ...]:
    """Return the methods named in `a,b`, all by default; `method:name=value` sets something in one of them.

    Raises
    ------
    InvalidSettingError
        If there is no such method or setting.
    """
    wanted = column_list(names) or (*ALGORITHMS, f"{BASELINE.key}+{Reduction.PCA}")
    choices = tuple(MethodChoice.named(name) for name in wanted)
    unknown = [each.key for each in choices if each.key not in ALGORITHMS]
    if unknown:
        message = f"There is no method {unknown[0]!r}. There are: {', '.join(ALGORITHMS)}."
        raise InvalidSettingError(message)
    args: dict[str, list[str]] = {each.name: [] for each in choices}
    for each in given:
        key, colon, setting = each.partition(":")
        if not colon or key not in args:
            message = f"--set {each} says no method of the comparison; write METHOD:NAME=VALUE."
            raise InvalidSettingError(message)
        args[key].append(setting)
    return tuple(replace(each, settings=settings_of(each.key, args[each.name])) for each in choices)


def print_comparison(comparison: MethodComparison) -> None:
    """Print one line per method, what it means, and which method is worth taking."""
    for score in comparison.scores:
        print(f"{score.choice.title}: {score.problem or _figures(score)}")
    print()
    print("\n".join(comparison.findings))
    print(comparison.recommendation)


def comparison_record(comparison: MethodComparison) -> dict[str, object]:
    """Return a comparison as plain values."""
    best = comparison.recommended
    return {
        "methods": [_record(score) for score in comparison.scores],
        "findings": list(comparison.findings),
        "recommended": best.name if best else None,
        "recommendation": comparison.recommendation,
        "notes": [note.text for note in comparison.notes],
    }


def _record(score: MethodScore) -> dict[str, object]:
    plain = asdict(score)
    del plain["choice"], plain["over_samples"], plain["over_seeds"]
    stability = {
        name: {"mean": each.mean, "standard_error": each.standard_error} if each else None
        for name, each in (("stability_samples", score.over_samples), ("stability_seeds", score.over_seeds))
    }
    choice = {"method": score.choice.name, "title": score.choice.title, "settings": dict(score.choice.settings)}
    return {**choice, **plain, **stability}


def _figures(score: MethodScore) -> str:
    parts = [
        f"{score.n_segments} segments",
        _said("silhouette", score.silhouette, 3, score.silhouette_se),
        _said("Davies-Bouldin", score.davies_bouldin, 2),
        _said("Calinski-Harabasz", score.calinski_harabasz, 0),
        _said("found again over samples", score.over_samples.mean if score.over_samples else None, 2),
        _said("over seeds", score.over_seeds.mean if score.over_seeds else None, 2),
        f"smallest {percent_text(score.smallest_share or 0.0, 1)}",
        f"in none {percent_text(score.noise_share or 0.0, 1)}",
        _said("agreement with K-Means", score.agreement, 2),
        f"{score.seconds or 0.0:.2f} s",
        _said("memory in MB", score.memory_mb, 0),
    ]
    return ", ".join(parts)


def _said(name: str, value: float | None, digits: int, error: float | None = None) -> str:
    if value is None:
        return f"{name} not defined"
    return f"{name} {value:.{digits}f}" + (f" ± {error:.{digits}f}" if error is not None else "")


def _entry(algorithm: Algorithm) -> dict[str, object]:
    return {
        "key": algorithm.key,
        "title": algorithm.title,
        "suits": algorithm.suits,
        "settings": [_plain(setting) for setting in algorithm.settings],
        "available": not algorithm.needs,
        "needs": algorithm.needs,
    }


def _plain(setting: Setting) -> dict[str, object]:
    plain = asdict(replace(setting, parse=None))
    del plain["parse"]
    return plain


def _pair(text: str) -> tuple[str, SettingValue]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        message = f"--set {text} is no setting; write NAME=VALUE."
        raise InvalidSettingError(message)
    return name.strip(), _value(value.strip())


def _value(text: str) -> SettingValue:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


# In an installed package the settings lie beside the screen; in a checkout they stand where Streamlit looks for them.
_PACKAGE = Path(__file__).resolve().parents[1]
_SETTINGS = (_PACKAGE / "ui" / "config.toml", _PACKAGE.parent / ".streamlit" / "config.toml")


def start_app(args: argparse.Namespace) -> None:
    """Serve the app on this machine until it is stopped."""
    # Streamlit takes .5 s to import, which no other command needs.
    from segmenter.ui.guard import serve

    settings = next((path for path in _SETTINGS if path.exists()), None)
    options = dict(_flat(tomllib.loads(settings.read_text(encoding="utf-8")))) if settings else {}
    serve({**options, "server_address": args.address, "server_port": args.port})


def _flat(table: dict[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield nested settings under the names that Streamlit gives to flags: `server_maxUploadSize`."""
    for key, entry in table.items():
        if isinstance(entry, dict):
            yield from _flat(entry, f"{prefix}{key}_")
        else:
            yield f"{prefix}{key}", entry


def prepare(args: Namespace) -> None:
    """Say what is worth knowing about the columns to segment by."""
    dataset = with_own_columns(read_customers(args), args)
    recipe = replace(_recipe(args, dataset), n_segments=args.segments)
    tried = measure_sensitivity(dataset, recipe, progress=progress()) if args.sensitivity else None
    tendency = clustering_tendency(dataset, recipe, progress=progress()) if args.tendency else None
    print_preparation(dataset, recipe, tried, tendency, as_json=args.json)
    say((*dataset.notes, *undecided(dataset)))


def choose(args: Namespace) -> None:
    """Compare numbers of segments."""
    if not 2 <= args.min <= args.max:
        message = f"--min {args.min} --max {args.max} is no range; take 2 or more, the smaller first."
        raise InvalidSettingError(message)
    further = None
    if on_engine(args):
        selection, notes = choose_on_engine(args, _recipe_of_method)
    else:
        dataset = with_own_columns(read_customers(args), args)
        recipe = _of_method(args, _recipe(args, dataset))
        selection = compare_k(dataset, recipe, range(args.min, args.max + 1), progress=progress())
        notes = (*dataset.notes, *selection.notes, *_rfm_instead(dataset, selection))
        if args.evidence:
            further = measure_evidence(dataset, recipe, selection, progress=progress())
    if args.json:
        print_json({**selection_record(selection), **(evidence_record(further) if further else {})})
        return
    for score in selection.scores:
        mark = "<- recommended" if score.k == selection.recommended else "<- cut" if score.k == selection.cut else ""
        print(
            f"{score.k:>3} segments: WCSS {score.wcss:,.2f}, silhouette {score.silhouette:.3f}, gap {score.gap:.3f}, "
            f"stability {_decimals(score.stability)}{_criteria(score)} {mark}".rstrip()
        )
    print(f"{selection.verdict}: {selection.statement}")
    if further:
        print_evidence(further)
    say(notes)


def segment(args: Namespace) -> None:
    """Form segments and write them."""
    count = segment_count(args.segments)
    if on_engine(args):
        segment_on_engine(args, count, _recipe_of_method, named)
        return
    dataset = with_own_columns(read_customers(args), args)
    checked_value_column(dataset, args.value)
    recipe = without_known(dataset, _recipe(args, dataset), args.known)
    recipe = replace(recipe, algorithm=args.method, settings=settings_of(args.method, args.set))
    if args.within:
        _segment_within(args, dataset, recipe, count)
        return
    # Also with a number given: whether there are groups at all is known before anybody uses them.
    selection = _compared_numbers(dataset, recipe, asked=bool(count))
    formed = _formed(args, dataset, recipe, count, selection)
    told = hiding(dataset, args.known)
    segmentation, prices = changed_by_hand(told, formed.segmentation, args.edit)
    formed = replace(formed, segmentation=name_segments(told, segmentation)) if prices else formed
    result, known = compared(formed, args.known)
    overlap = lists_of(result, args.list)
    extra = ({"edits": prices} if prices else {}) | overlap_record(overlap)
    _write(args, result, "segment", extra, overlap)
    _report(args, result, "segment", extra)
    if count:
        say((Note(selection.statement), *_rfm_instead(dataset, selection)))
    if not args.json:
        for each in prices:
            print(f"{each['change']}: {each['price']}")
        print_known(result, known)
        print_overlap(overlap)


def _segment_within(args: Namespace, dataset: Dataset, recipe: Recipe, count: int | None) -> None:
    """Form segments inside each group, and write the labelled customers, their table, and a model for each group."""
    for name in ("known", "edit", "also", "names", "list"):
        if getattr(args, name):
            message = f"--{name} goes with one division of all customers: leave out --within."
            raise InvalidSettingError(message)
    advised = None if count else lambda some, of: max(_advised_count(some, of), config.MIN_SEGMENTS)
    chosen = replace(recipe, n_segments=count or config.MIN_SEGMENTS)
    found = fit_within(dataset, chosen, args.within, count=advised, progress=progress())
    files = {"customers.csv": to_csv(found.labelled()), "segments.csv": to_csv(found.table())}
    for number, each in enumerate(found.groups, start=1):
        if each.segmentation is not None:
            files[f"group_{number:02d}.segmodel.json"] = to_bytes(each.segmentation)
    write_files(args.out, files)
    if args.json:
        print_json(
            {
                "within": found.column,
                "groups": [
                    {
                        "group": each.group,
                        "customers": each.dataset.n_customers,
                        "segments": list(each.segmentation.names) if each.segmentation else [],
                        "problem": each.problem or None,
                    }
                    for each in found.groups
                ],
            }
        )
        return
    for each in found.groups:
        names = ", ".join(each.segmentation.names) if each.segmentation else each.problem
        print(f"{each.group}: {counted(each.dataset.n_customers, 'customer')}: {names}")
    print(f"Written to {args.out}")


def report(args: Namespace) -> None:
    """Write who the segments are, for people: formed from a file, or those of a saved model."""
    formats = tuple(dict.fromkeys(column_list(args.format)))
    for name in formats or ("",):
        one_of("--format", name, tuple(REPORTS))
    count = segment_count(args.segments)
    model = from_bytes(read_bytes(args.model)) if args.model else None
    dataset = with_own_columns(read_customers(args), args)
    checked_value_column(dataset, args.value)
    change = None
    if model is not None:
        assignment, check = placed(dataset, model, args)
        result = Result(dataset, named(assignment.segmentation, args), assignment, value_column=args.value)
        change = MonthChange(check, None if args.since is None else movement_since(args, result))
    elif args.since is not None:
        message = "--since says who moved between the segments of a saved model: name the model with --model."
        raise InvalidSettingError(message)
    else:
        recipe = _recipe(args, dataset)
        recipe = replace(recipe, algorithm=args.method, settings=settings_of(args.method, args.set))
        # Also with a number given: whether there are segments at all is the first thing that a report says.
        selection = _compared_numbers(dataset, recipe, asked=bool(count))
        if count:
            say((Note(selection.statement), *_rfm_instead(dataset, selection)))
        result = _formed(args, dataset, recipe, count, selection)
    files = {name: EXPORTERS[REPORTS[name]] for name in formats}
    written = {
        file_name(exporter): report_of(result, name, value_column=args.value, change=change, progress=progress())
        for name, exporter in files.items()
    }
    write_files(args.out, written)
    if args.json:
        print_json({**run_record(result, "report"), "written": [str(args.out / name) for name in written]})
        return
    for name in written:
        print(args.out / name)
    if "xlsx" in formats and (note := cut_note(count_cut(result.labelled()))):
        print(note, file=sys.stderr)
    say(result.notes)


def compare(args: Namespace) -> None:
    """Judge ways to form segments by the same measure."""
    count = segment_count(args.segments)
    choices = method_choices(args.methods, args.set)
    dataset = with_own_columns(read_customers(args), args)
    recipe = _recipe(args, dataset)
    selection = None if count else _compared_numbers(dataset, recipe)
    advised = selection.recommended if selection is not None else None
    recipe = replace(recipe, n_segments=count or max(advised or 1, config.MIN_SEGMENTS))
    comparison = compare_methods(dataset, recipe, choices, selection=selection, progress=progress())
    if args.json:
        print_json({"segments": recipe.n_segments, **comparison_record(comparison)})
        return
    print_comparison(comparison)
    say((*dataset.notes, *comparison.notes))


def assign(args: Namespace) -> int:
    """Place the customers of a file in a saved model's segments."""
    model = from_bytes(read_bytes(args.model))
    if on_engine(args):
        check = assign_on_engine(args, named(model, args))
        return FORM_ANEW if args.fail_on_drift and check is not None and check.advice is Advice.REFIT else 0
    dataset = with_own_columns(read_customers(args), args)
    assignment, check = placed(dataset, model, args)
    result = Result(dataset, named(assignment.segmentation, args), assignment)
    check = None if args.no_check else check
    overlap = lists_of(result, args.list)
    extra = ({} if check is None else {"check": check_record(check)}) | overlap_record(overlap)
    _write(args, result, "assign", extra, overlap, None if check is None else MonthChange(check))
    if not args.json and check is not None:
        print_check(check)
    _report(args, result, "assign", extra)
    if not args.json:
        print_known(result, None)
        print_overlap(overlap)
    return FORM_ANEW if args.fail_on_drift and check is not None and check.advice is Advice.REFIT else 0


def convert_model(args: Namespace) -> None:
    """Turn an old pickled K-Means into a plain model file."""
    reference = read_table(args.fitted_on) if args.fitted_on else None
    pickled = read_pickled_kmeans(args.pickle)
    model = convert_pickled(pickled, column_list(args.columns), fitted_on=reference, already_scaled=args.already_scaled)
    write_files(args.out.parent, {args.out.name: to_bytes(model)})
    print(f"{args.out}: {model.n_segments} segments on {', '.join(column_list(args.columns))}.")
    say(model.notes)


COMMANDS: dict[str, Callable[[Namespace], int | None]] = {
    "activate": activate,
    "platforms": list_platforms,
    "power": power,
    "results": results,
    "rfm": rfm,
    "value": value,
    "offers": offers,
    "app": start_app,
    "describe": describe,
    "prepare": prepare,
    "choose": choose,
    "segment": segment,
    "report": report,
    "assign": assign,
    "convert-model": convert_model,
    "export-sql": export_sql,
    "methods": methods,
    "compare": compare,
    "learn": learn,
    "classify": classify,
    "classifiers": classifiers,
    "refit": lambda args: refit_on_engine(args) if on_engine(args) else refit(args),
    "moved": lambda args: moved_on_engine(args) if on_engine(args) else moved(args),
    "track": lambda args: track_on_engine(args) if on_engine(args) else track(args),
    "run": run,
}


def named(segmentation: Segmentation, args: Namespace) -> Segmentation:
    """Return the segmentation under the names of `--names`.

    Raises
    ------
    InvalidSettingError
        If there are more names than segments, or a number is none of a segment.
    """
    if not args.names:
        return segmentation
    names = list(segmentation.names)
    given = [each.strip() for each in next(csv.reader([args.names], skipinitialspace=True))]
    numbered = [each.partition("=") for each in given if each]
    if all(mark and number.strip().isdecimal() for number, mark, _ in numbered):
        pairs = [(int(number), name) for number, _, name in numbered]
    else:
        pairs = list(enumerate(given, start=1))
    for number, name in pairs:
        if not 1 <= number <= len(names):
            message = f"--names names segment {number}, and there are {len(names)}. Give at most one name for each."
            raise InvalidSettingError(message)
        names[number - 1] = name
    return segmentation.renamed(tuple(names))


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
                **({} if score.bic is None else {"bic": score.bic, "aic": score.aic}),
                "segments": [
                    {"jaccard": each.jaccard, "found_again": each.found, "light": each.light.value}
                    for each in selection.found_again.get(score.k, ())
                ],
            }
            for score in selection.scores
        ],
        "one_segment": _one(selection),
        "verdict": selection.verdict.value if selection.verdict else None,
        "recommended": selection.recommended,
        "cut": selection.cut,
        "borders": [
            {"between": [number + 1 for number in border.between], "valley": border.valley, "p": border.p}
            for border in selection.borders
        ],
        "headline": selection.headline,
        "reason": selection.reason,
        "notes": [note.text for note in selection.notes],
    }


def _criteria(score: KScore) -> str:
    return "" if score.bic is None or score.aic is None else f", BIC {score.bic:,.1f}, AIC {score.aic:,.1f}"


def _decimals(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.2f}"


def _one(selection: KSelection) -> dict[str, float | None] | None:
    one = selection.one
    return {"wcss": one.wcss, "gap": one.gap, "gap_se": one.gap_se} if one else None


def _advised_count(dataset: Dataset, recipe: Recipe) -> int:
    return _compared_numbers(dataset, recipe).recommended or 1


def _compared_numbers(dataset: Dataset, recipe: Recipe, *, asked: bool = False) -> KSelection:
    """Return the comparison by K-Means, whatever the method: its advice is what was tested.

    Where somebody `asked` for a number, what it says is left to the caller: nothing is advised.
    """
    selection = compare_k(dataset, BASELINE.within(recipe), progress=progress())
    if not asked:
        if recipe.algorithm != BASELINE.key:
            print("note: The number of segments is advised by K-Means.", file=sys.stderr)
        say((Note(selection.statement), *_one_segment(selection), *_rfm_instead(dataset, selection)))
    return selection


def _one_segment(selection: KSelection) -> tuple[Note, ...]:
    """Return how to get the tiers that the page Choose shows of one crowd, of which no number is advised."""
    if selection.verdict is not Verdict.NONE or selection.cut is None:
        return ()
    return (Note(f"So all customers are one segment here. To cut them into tiers: --segments {selection.cut}."),)


def _rfm_instead(dataset: Dataset, selection: KSelection) -> tuple[Note, ...]:
    """Return what customers with recency, orders and spend get where they hold no groups."""
    if selection.verdict not in (Verdict.CONSTRUCTED, Verdict.NONE) or not has_rfm(dataset):
        return ()
    return (Note("The command rfm names these customers by recency, orders and spend, each once: it needs no groups."),)


def _formed(
    args: Namespace, dataset: Dataset, recipe: Recipe, count: int | None, selection: KSelection | None
) -> Result:
    """Return segments, as many as are asked for or advised, under their own names."""
    advised = (selection.recommended if selection else None) or 1
    recipe = replace(recipe, n_segments=count or advised)
    solution = selection.solution(recipe.n_segments) if selection else None
    fitted = fit_segmentation(dataset, recipe, solution=solution, progress=progress())
    formed = name_segments(hiding(dataset, getattr(args, "known", None)), fitted)
    structure = selection.structure if selection else None
    return Result(dataset, named(formed, args), value_column=args.value, structure=structure)


def _recipe(args: Namespace, dataset: Dataset) -> Recipe:
    columns = column_list(args.columns)
    features = choose_features(dataset, columns) if columns else suggest_features(dataset)
    name = getattr(args, "id", None)
    if name:
        choose_features(dataset, (name,))  # says so where there is no such column
        features = tuple(replace(each, role=Role.ID) if each.column == name else each for each in features)
    return Recipe(
        prepared_features(features, dataset, args), scaling=Scaling(args.scaling), seed=args.seed,
        weight_column=args.weights or "", reduction=Reduction(args.reduce),
        n_components=args.components,
    )  # fmt: skip


def _of_method(args: Namespace, recipe: Recipe) -> Recipe:
    return replace(recipe, algorithm=args.method, settings=settings_of(args.method, args.set))


def _recipe_of_method(args: Namespace, table: EngineTable) -> Recipe:
    return _of_method(args, _recipe(args, table.sample))


def _write(
    args: Namespace,
    result: Result,
    command: str,
    extra: Mapping[str, object],
    overlap: Overlap | None,
    change: MonthChange | None = None,
) -> None:
    also = [name.strip() for name in args.also.split(",") if name.strip()]
    for name in also:
        one_of("--also", name, tuple(EXPORTERS))
    files = {**written_files(result, also, change), "run.json": run_json(result, command, extra)}
    if overlap is not None:
        files["lists.csv"] = to_csv(overlap.table)
    write_files(args.out, files)
    for name in also:
        if not EXPORTERS[name].offered(result):
            why = why_no_typing_tool(result.segmentation) if name == "typing-tool" else ""
            message = why or f"these segments have none. It is {EXPORTERS[name].holds}."
            print(f"--also {name}: {message}", file=sys.stderr)
    if "excel" in also and (note := cut_note(count_cut(result.labelled()))):
        print(note, file=sys.stderr)


def _report(args: Namespace, result: Result, command: str, extra: Mapping[str, object] | None = None) -> None:
    if args.json:
        print_json({**run_record(result, command), **(extra or {})})
        return
    placed = result.assignment is not None
    cards = describe_segments(result.dataset, result.segmentation, value_column=result.value_column, placed=placed)
    for card in cards:
        again = ""
        if card.stability is not None and card.stability.found is not None and card.light is not Light.GREEN:
            words = LIGHT_WORDS[card.stability.light]
            again = f" {words}: found again in {percent_text(card.stability.found)} of fresh samples."
        print(f"{card.segment} {card.name}: {card.sentence}{again}")
        if card.money is not None and card.size:
            print(f"    {card.money.text}")
    print(f"{result.dataset.n_customers:,} rows = {result.n_placed:,} in segments + {result.n_left_out:,} without.")
    if result.fits_none.any():
        print(f"{int(result.fits_none.sum()):,} of those without are like no segment.")
    money = [card.money for card in cards if card.money is not None]
    if money:
        spoken = words_of_value(column_words(result.dataset, result.segmentation.recipe), money[0].column)
        if note := outside_note(spoken, money):
            print(note)
    for column in columns_left_out(result):
        print(f"Left out: {column.name} ({column.kind.value}): {column.reason}")
    if command == "segment":
        _report_columns(result)
    print(f"Written to {args.out}")
    say(result.notes)


# What stands where a value was missing, in words that follow "filled with".
_FILLED_WITH: Final = {
    Missing.MEDIAN: "the median", Missing.MEAN: "the mean", Missing.MODE: "the most frequent value",
    Missing.CONSTANT: "the value that was given", Missing.KNN: "values of customers like them",
    Missing.CATEGORY: "a value of its own for missing",
}  # fmt: skip


def _report_columns(result: Result) -> None:
    """Print what was decided about columns where nobody had said anything: weights that are off, values filled in."""
    recipe = result.segmentation.recipe
    used = {recipe.weight_column, *(spec.column for spec in recipe.segmenting)}
    for each in suggest_columns(result.dataset):
        if each.cause is Cause.WEIGHT and each.spec.column not in used:
            print(f"Off: {each.spec.column}: {why_off(each)}")
    for column, (count, way) in filled_values(result.dataset, recipe).items():
        if way in _FILLED_WITH:
            print(f"{column}: {counted(count, 'missing value')} filled with {_FILLED_WITH[way]}")
