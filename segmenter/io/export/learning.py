"""What was learnt, and customers with the segments that a classifier predicted."""

import io
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pandas as pd

from segmenter.classification.interpretation import MinimalFeatures
from segmenter.classification.leaderboard import Leaderboard, LeaderboardRow, PairwiseTest
from segmenter.classification.model import HeldOut, Learned, leaderboard_verdict
from segmenter.classification.predict import Classified
from segmenter.classification.tuning import Tuning
from segmenter.io.export.csv import to_csv
from segmenter.io.export.run import versions
from segmenter.io.writing import json_text
from segmenter.networks.curve import LearningCurve


def learning_record(learned: Learned) -> dict[str, object]:
    """Return everything that learning found as plain values."""
    board, choice = learned.leaderboard, learned.choice
    return {
        "target": learned.recipe.target,
        "classes": list(learned.classes),
        "customers": {
            "known": learned.n_known,
            "unlabelled": learned.n_unlabelled,
            "incomplete": learned.n_incomplete,
            "different": learned.n_customers,
            "repeated_identifiers": learned.n_repeated,
            "near_copies": learned.n_copies,
        },
        "columns": [spec.column for spec in learned.recipe.features],
        "base_rate": board.base.accuracy if board else None,
        "leaderboard": leaderboard_rows(board) if board else [],
        "verdict": leaderboard_verdict(board) if board else "",
        "tuning": _tuning(learned.tuning) if learned.tuning else None,
        "held_out": _held_out(learned, learned.held_out) if learned.held_out else None,
        "chosen": choice.classifier if choice else None,
        "settings": dict(choice.settings) if choice else {},
        "reason": choice.reason if choice else "",
        "importances": [{"column": each.column, "loss": each.loss, "se": each.se} for each in learned.importances],
        "golden_questions": _golden(learned.golden) if learned.golden else None,
        "leaks": [{"column": leak.column, "share": leak.share, "reason": leak.reason} for leak in learned.leaks],
        "notes": [note.text for note in learned.notes],
    }


def leaderboard_rows(board: Leaderboard) -> list[dict[str, object]]:
    """Return one row per classifier, the most accurate first; means over the folds with standard errors."""
    leads = {lead.other: lead for lead in board.leads}
    return [_row(row, leads.get(row.classifier)) for row in board.rows]


def leaderboard_csv(board: Leaderboard) -> bytes:
    """Return the leaderboard as CSV."""
    return to_csv(pd.DataFrame(leaderboard_rows(board)))


def _row(row: LeaderboardRow, lead: PairwiseTest | None) -> dict[str, object]:
    measures = ("accuracy", "macro_f1", "log_loss", "balanced_accuracy")
    means = {name: row.mean(name) for name in measures}
    errors = {f"{name}_se": row.se(name) for name in measures}
    return {
        "classifier": row.classifier,
        "accuracy": means["accuracy"],
        "accuracy_se": errors["accuracy_se"],
        "macro_f1": means["macro_f1"],
        "log_loss": means["log_loss"],
        "seconds": row.seconds,
        "title": row.title,
        "balanced_accuracy": means["balanced_accuracy"],
        **{name: value for name, value in errors.items() if name != "accuracy_se"},
        "behind_first": lead.ahead if lead else 0.0,
        "behind_first_p": lead.p if lead else None,
        "more_than_noise": lead.more_than_noise if lead else None,
    }


def _tuning(tuning: Tuning) -> dict[str, object]:
    return {
        "classifier": tuning.standing.classifier,
        "settings": dict(tuning.settings),
        "accuracy": tuning.standing.accuracy,
        "accuracy_se": tuning.standing.accuracy_se,
        "log_loss": tuning.standing.mean("log_loss"),
        "seconds": tuning.standing.seconds,
        "kept": tuning.better,
        "tried": [{"settings": dict(each.settings), "log_loss": each.log_loss} for each in tuning.candidates],
    }


def _held_out(learned: Learned, held_out: HeldOut) -> dict[str, object]:
    scores = held_out.scores
    return {
        "customers": held_out.n_customers,
        "base_rate": held_out.base_rate,
        "accuracy": scores.accuracy,
        "balanced_accuracy": scores.balanced_accuracy,
        "macro_f1": scores.macro_f1,
        "log_loss": scores.log_loss,
        "calibration_error": held_out.calibration.error,
        "confusion": held_out.confusion.tolist(),
        "classes": [
            {"segment": name, "precision": row.precision, "recall": row.recall, "f1": row.f1, "support": row.support}
            for name, row in zip(learned.classes, held_out.report, strict=True)
        ],
    }


def _golden(golden: MinimalFeatures) -> dict[str, object]:
    return {
        "columns": list(golden.columns),
        "share_kept": golden.share_kept,
        "accuracy": golden.accuracy,
        "accuracy_all": golden.accuracy_all,
        "held_out": golden.held_out,
        "held_out_all": golden.held_out_all,
        "steps": [{"column": step.column, "accuracy": step.accuracy} for step in golden.steps],
    }


def classified_csv(classified: Classified) -> bytes:
    """Return every customer of the file with segment, probability and runner-up."""
    return to_csv(classified.labelled())


def plain_csv(classified: Classified) -> bytes:
    """Return two columns: the customer and its segment."""
    return to_csv(classified.plain())


def classified_json(classified: Classified) -> bytes:
    """Return the record of the run as JSON."""
    return json_text(classified_record(classified)).encode()


def classified_record(classified: Classified) -> dict[str, object]:
    """Return the record of the run as plain values."""
    model, n_customers = classified.model, classified.dataset.n_customers
    n_placed = int(classified.placed.sum())
    return {
        "command": "classify",
        "file": classified.dataset.name,
        "fingerprint": classified.dataset.fingerprint,
        "trained_on": model.trained_on,
        "classifier": model.classifier,
        "target": model.recipe.target,
        "held_out_accuracy": model.held_out.accuracy,
        "rows": {"read": n_customers, "placed": n_placed, "not_placed": n_customers - n_placed},
        "segments": [{"segment": name, "size": size} for name, size in classified.counts().items()],
        "used_for_learning": int(classified.learnt_from.sum()),
        "used_for_learning_share": float(classified.learnt_from.mean()) if n_customers else 0.0,
        "matched": dict(classified.matched),
        "unused": list(classified.unused),
        "versions": versions(),
        "questions": [note.text for note in classified.questions],
        "notes": [note.text for note in classified.notes],
    }


_POLYNOMIAL: Final = 0x82F63B78
_MASK: Final = 0xA282EAD8
# Zip files begin in 1980; the same curve gives the same bytes on every day.
_DAY: Final = (1980, 1, 1, 0, 0, 0)


def _table() -> tuple[int, ...]:
    found = []
    for start in range(256):
        value = start
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        found.append(value)
    return tuple(found)


_CRC: Final = _table()


def crc32c(content: bytes) -> int:
    """Return the CRC-32C (Castagnoli) of some bytes."""
    value = 0xFFFFFFFF
    for byte in content:
        value = _CRC[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ 0xFFFFFFFF


def event_file(series: Mapping[str, Sequence[float]]) -> bytes:
    """Return an event file of numbers per epoch.

    Parameters
    ----------
    series
        Tag, such as "loss", to its value after each epoch from 1 on.
    """
    return b"".join(_record(event) for event in _events(series))


def event_files_zip(curve: LearningCurve) -> bytes:
    """Return a folder for `tensorboard --logdir`: training and validation as two runs, so that they share charts."""
    runs = {
        "training": {"loss": curve.training, "accuracy": curve.training_accuracy, "learning_rate": curve.rates},
        "validation": {"loss": curve.validation, "accuracy": curve.validation_accuracy},
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, series in runs.items():
            known = {tag: values for tag, values in series.items() if values}
            file = zipfile.ZipInfo(f"{name}/events.out.tfevents.0000000000.segmenter", _DAY)
            folder.writestr(file, event_file(known), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _events(series: Mapping[str, Sequence[float]]) -> Iterator[bytes]:
    yield _double(1, 0.0) + _bytes(3, b"brain.Event:2")
    for tag, values in series.items():
        for epoch, value in enumerate(values, start=1):
            scalar = _bytes(1, tag.encode()) + _key(2, 5) + struct.pack("<f", value)
            yield _double(1, float(epoch)) + _key(2, 0) + _varint(epoch) + _bytes(5, _bytes(1, scalar))


def _record(event: bytes) -> bytes:
    length = struct.pack("<Q", len(event))
    return length + _masked(length) + event + _masked(event)


def _masked(content: bytes) -> bytes:
    value = crc32c(content)
    return struct.pack("<I", (((value >> 15) | (value << 17)) + _MASK) & 0xFFFFFFFF)


def _key(field: int, wire: int) -> bytes:
    return _varint(field << 3 | wire)


def _double(field: int, value: float) -> bytes:
    return _key(field, 1) + struct.pack("<d", value)


def _bytes(field: int, value: bytes) -> bytes:
    return _key(field, 2) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])
