"""Customers with the segments that a classifier told, as CSV and as plain values."""

import json

from segmenter.core.learning.placing import Classified
from segmenter.exporters.delimited import to_csv
from segmenter.exporters.run import versions


def classified_csv(classified: Classified) -> bytes:
    """Return every customer of the file with segment, probability and runner-up."""
    return to_csv(classified.labelled())


def plain_csv(classified: Classified) -> bytes:
    """Return two columns: the customer and its segment."""
    return to_csv(classified.plain())


def classified_json(classified: Classified) -> bytes:
    """Return the record of the run as JSON."""
    return (json.dumps(classified_record(classified), ensure_ascii=False, indent=2) + "\n").encode()


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
