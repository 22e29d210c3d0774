"""Segments with names and columns that break reports: long, in other scripts, with marks, formulas and controls."""

import numpy as np
import pandas as pd

from segmenter import Recipe, Result, choose_features, fit_segmentation, read_frame
from segmenter.segment.result import Structure

FORMULA = "=cmd|' /C calc'!A0"
SCRIPT = "<script>alert(1)</script><b>&amp;"
HOSTILE = (
    "x" * 200,
    SCRIPT,
    FORMULA,
    "\U0001f600" * 80 + " faces",
    "شريحة العملاء الأكثر إنفاقا " * 8,
    "a\x00b\x07c\x1bd\ne\tf\u2028g",
    "lone \ud800 surrogate \udc00",
    "\u202egnp.exe\u202d turned \u2066around",
    "W" * 199,
    "顾客" * 100,
    "Z" + "\u0351" * 60 + "Z\u0310\u0311" * 60,
    "\ufdfd" * 40,
)
PERSONAL = "person{}@example.com"


def customers(k: int, n: int = 240) -> pd.DataFrame:
    """Return k groups that lie far apart, in columns with hostile names and values."""
    random = np.random.default_rng(1)
    group = np.sort(random.integers(0, k, n))
    return pd.DataFrame(
        {
            FORMULA: group * 10 + random.normal(0, 1, n),
            "<img src=x onerror=alert(1)> spend (€)": ((group % 3) * 100 + random.normal(50, 5, n)).clip(1),
            "شريحة " + "l" * 150: (group % 5) * 7 + random.normal(0, 1, n),
            "\U0001f600 score": random.normal(0, 1, n),
            "kind": random.choice(["<b>x</b>", "=1+1", "\u202eevil", "ok " * 60], n),
            "visits": random.integers(1, 20, n),
            "email": [PERSONAL.format(number) for number in range(n)],
            "rare": ["Muller the only" if number == 7 else "many" for number in range(n)],
        }
    )


def hostile_result(k: int) -> Result:
    """Return k segments with the first k hostile names."""
    dataset = read_frame(customers(k), name="<h1>file\x00 & co</h1>")
    columns = tuple(column.name for column in dataset.columns)[:3]
    segmentation = fit_segmentation(dataset, Recipe(choose_features(dataset, columns), n_segments=k))
    structure = Structure("natural", "Natural: the segments are there.", "Your customers fall into groups.", k)
    return Result(dataset, segmentation.renamed(HOSTILE[:k]), structure=structure)
