"""How long a million customers take to be checked and moved against a million, in times of pandas' merge and crosstab.

Run with `python -m benchmarks.months [CUSTOMERS]`.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from segmenter import Recipe, assign_segments, choose_features, fit_segmentation, read_frame
from segmenter.monitor.drift import check_model
from segmenter.monitor.movement import compare_months, month


def customers(n: int, seed: int, first: int) -> pd.DataFrame:
    """Return customers in four groups, numbered from `first` on, in random order."""
    chance = np.random.default_rng(seed)
    centres = np.array([[20.0, 20.0], [80.0, 20.0], [20.0, 80.0], [80.0, 80.0]])
    points = centres[chance.integers(0, 4, n)] + chance.normal(size=(n, 2)) * 8
    ids = pd.Series(chance.permutation(np.arange(first, first + n))).astype("str").str.zfill(9)
    return pd.DataFrame({"customer_id": "K" + ids, "income": points[:, 0], "spend": points[:, 1]})


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time that some work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print the times and their ratio; both take turns, so that other work on the machine meets both."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    before, now = read_frame(customers(n, 1, 0)), read_frame(customers(n, 2, n // 10))
    sample = read_frame(customers(20_000, 3, 0))
    model = fit_segmentation(sample, Recipe(choose_features(sample, ("income", "spend")), 4))
    then, assignment = assign_segments(before, model), assign_segments(now, model)
    names = dict(enumerate(model.names))
    segments = [each.segmentation.labels.map(names) for each in (then, assignment)]
    ids = [before.original["customer_id"], now.original["customer_id"]]

    def ours() -> None:
        check_model(now, assignment)
        months = [month(title, *pair) for title, pair in zip("ab", zip(ids, segments, strict=True), strict=True)]
        compare_months(*months)

    def pandas() -> None:
        frames = [pd.DataFrame({"id": each, "segment": segment}) for each, segment in zip(ids, segments, strict=True)]
        joined = frames[0].merge(frames[1], on="id", how="outer")
        pd.crosstab(joined["segment_x"].fillna("new"), joined["segment_y"].fillna("lost"))

    pairs = [(seconds(ours), seconds(pandas)) for _ in range(3)]
    mine, theirs = (min(times) for times in zip(*pairs, strict=True))
    print(f"{n:,} against {n:,}: {mine:.2f} s, pandas {theirs:.2f} s: {mine / theirs:.2f} times")


if __name__ == "__main__":
    main()
