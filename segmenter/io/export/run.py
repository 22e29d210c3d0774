"""What was done, with what, and what came out: everything needed to do it again."""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version

from segmenter.cluster import ALGORITHMS
from segmenter.cluster.gaussian import MixtureDetails
from segmenter.cluster.hdbscan import HdbscanDetails
from segmenter.cluster.hierarchical import Dendrogram
from segmenter.explain.cards import SegmentCard, describe_segments
from segmenter.io.export.csv import known_record
from segmenter.io.writing import json_text
from segmenter.monitor.drift import ModelCheck
from segmenter.recipe.recipe import Role
from segmenter.segment.assign import Assignment
from segmenter.segment.profile import SegmentProfile
from segmenter.segment.result import Result
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import Column, Dataset
from segmenter.table.repeats import Repeated

# The merges that a cut chooses among; those below join customers within segments.
LAST_MERGES = 30


def method_record(segmentation: Segmentation) -> dict[str, object]:
    """Return the method, how far its rule for new customers follows it, and what only this method has to show."""
    algorithm = ALGORITHMS[segmentation.recipe.algorithm]
    return {
        "key": algorithm.key,
        "title": algorithm.title,
        "finds_number": algorithm.finds_number,
        "agreement": segmentation.agreement,
        **_details(segmentation.clusterer.details_),
    }


def _details(details: object | None) -> dict[str, object]:
    match details:
        case MixtureDetails():
            return {"bic": details.bic, "aic": details.aic, "best_by_bic": details.best}
        case Dendrogram():
            return {"last_merges": details.heights[-LAST_MERGES:].tolist(), "merged": details.n_leaves}
        case HdbscanDetails():
            return asdict(details)
        case _:
            return {}


def _reading(dataset: Dataset) -> dict[str, object]:
    """Return what was said about reading the file, by the command line's own words."""
    said = dict(dataset.reading)
    if dataset.repeated:
        said["repeated"] = dataset.repeated
    if dataset.repeated == Repeated.KEEP:
        said["rows_are"] = "customers"
    if dataset.joined:
        said["join"] = sorted(dataset.joined)
    return said


def check_record(check: ModelCheck) -> dict[str, object]:
    """Return the check of a file as plain values."""
    return {
        "advice": check.advice.value,
        "reasons": list(check.reasons),
        "columns": [{**asdict(column), "drift": column.level.value} for column in check.columns],
        "segments": [
            asdict(shift) | {"segment": shift.segment + 1, "changed": shift.changed} for shift in check.segments
        ],
        "in_none": {"before": check.in_none[0], "now": check.in_none[1]},
        "fit_none": {
            "share": check.unfit,
            "by_chance": check.unfit_by_chance,
            "interval": list(check.unfit_interval),
        },
        "seen_four_times_in_five": None if check.sensitivity is None else asdict(check.sensitivity),
    }


_LIBRARIES = ("numpy", "pandas", "scikit-learn", "pyarrow")


def run_json(result: Result, command: str, extra: Mapping[str, object] | None = None) -> bytes:
    """Return the record of one run as JSON, with what else is to be known about it."""
    notes = [note.text for note in result.notes if not note.asks]
    return json_text({**run_record(result, command), "notes": notes, **(extra or {})}).encode()


def run_record(result: Result, command: str) -> dict[str, object]:
    """Return the record of one run as plain values."""
    segmentation = result.segmentation
    placed = result.assignment is not None
    cards = describe_segments(result.dataset, segmentation, value_column=result.value_column, placed=placed)
    return {
        "command": command,
        "file": result.dataset.name,
        "fingerprint": result.dataset.fingerprint,
        "trained_on": segmentation.trained_on,
        "reading": _reading(result.dataset),
        "recipe": json.loads(segmentation.recipe.to_json()),
        "seed": segmentation.recipe.seed,
        "versions": versions(),
        "rows": {
            "read": result.dataset.n_customers,
            "in_segments": result.n_placed,
            "without_segment": result.n_left_out,
            "fit_no_segment": int(result.fits_none.sum()),
            "lines_left_out": len(result.dataset.left_out),
        },
        "scores": _scores(segmentation),
        "method": method_record(segmentation),
        "value_column": cards[0].money.column if cards and cards[0].money else None,
        "value_named": bool(result.value_column),
        "segments": [_segment(*each) for each in zip(result.profiles, cards, strict=True)],
        "known_labels": known_record(segmentation.known),
        "lineage": None if segmentation.lineage is None else asdict(segmentation.lineage),
        "columns_left_out": [
            {"name": column.name, "kind": column.kind.value, "reason": column.reason}
            for column in columns_left_out(result)
        ],
        "placing": None if result.assignment is None else _placing(result.assignment),
        "questions": [note.text for note in result.assignment.questions] if result.assignment else [],
        "notes": [note.text for note in result.notes],
    }


def _placing(assignment: Assignment) -> dict[str, object]:
    """Return how customers were placed: which column stood for which, and whether those who fit none were placed too.

    Where nobody was left out, it is the same whether that was asked for or not.
    """
    return {"matched": dict(assignment.matched), "nearest": assignment.nearest is None}


def _scores(segmentation: Segmentation) -> dict[str, float | None] | None:
    quality = segmentation.quality
    if quality is None:
        return None
    return {
        "wcss": quality.wcss,
        "silhouette": quality.silhouette,
        "silhouette_se": quality.silhouette_se,
        "calinski_harabasz": quality.calinski_harabasz,
        "davies_bouldin": quality.davies_bouldin,
    }


def _segment(profile: SegmentProfile, card: SegmentCard) -> dict[str, object]:
    stability, money = card.stability, card.money
    return {
        "segment": profile.segment,
        "name": profile.name,
        "size": profile.size,
        "share": card.share,
        "silhouette": profile.silhouette,
        "jaccard": stability.jaccard if stability else None,
        "found_again": stability.found if stability else None,
        "light": stability.light.value if stability else None,
        "suggested_name": card.suggested,
        "sentence": card.sentence,
        "value": money.sum if money else None,
        "value_share": money.share if money else None,
        "value_per_customer": money.per_head if money else None,
    }


def columns_left_out(result: Result) -> tuple[Column, ...]:
    """Return the columns that neither formed nor describe the segments, such as identifiers and constants."""
    roles = {spec.column: spec.role for spec in result.segmentation.recipe.features}
    unused = (Role.ID, Role.IGNORED)
    return tuple(column for column in result.dataset.columns if roles.get(column.name) in unused)


def versions() -> dict[str, str]:
    """Return the versions that the numbers depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}
