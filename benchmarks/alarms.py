"""How often a model is said to be no longer true of files in which nothing has changed, and how often a change is seen.

Run with `python -m benchmarks.alarms [ROUNDS [NAME …]]`.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmenter import Recipe, assign_segments, choose_features, fit_segmentation, read_frame, read_table
from segmenter.errors.base import SegmenterError
from segmenter.monitor.drift import Advice, ModelCheck, check_model
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import ColumnKind

SHARED = Path("../shared/data")
FILES = ("cc_general.csv", "Mall_Customers.csv", "Train.csv", "marketing_campaign.csv")
METHODS = ("k-means", "ward", "average", "gaussian-mixture", "hdbscan", "k-prototypes", "k-medoids", "som")
# Columns that a person would form segments by.
_MOST_COLUMNS = 6


def frames() -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield real files and made-up ones, without their customer numbers: copies in a resample are no fault of it."""
    for name in FILES:
        path = SHARED / name
        if path.exists():
            dataset = read_table(path.read_bytes(), path.name)
            ids = [column.name for column in dataset.columns if column.kind is ColumnKind.IDENTIFIER]
            yield name, dataset.original.drop(columns=ids)
    for n in (200, 1_000, 5_000):
        for made_up in (skewed, gaps, groups, heavy_tails, zeros, mixed, many_categories):
            yield f"{made_up.__name__} {n}", made_up(n)


def skewed(n: int) -> pd.DataFrame:
    """Return customers whose revenue is log-normal, with many zeros, and two answers of yes or no."""
    chance = np.random.default_rng(n)
    revenue = np.round(chance.lognormal(4, 1.3, n), 2)
    return pd.DataFrame(
        {
            "revenue": np.where(chance.random(n) < 0.3, 0, revenue),
            "orders": chance.geometric(0.35, n),
            "age": np.clip(chance.normal(44, 14, n), 18, 95).round(),
            "member": chance.choice(["yes", "no"], n, p=[0.3, 0.7]),
            "app": chance.choice(["yes", "no"], n, p=[0.04, 0.96]),
        }
    )


def gaps(n: int) -> pd.DataFrame:
    """Return customers some of whose values are missing."""
    chance = np.random.default_rng(n + 1)
    table = pd.DataFrame(chance.normal(50, 12, (n, 4)).round(1), columns=["income", "spend", "visits", "tenure"])
    table["city"] = chance.choice([f"town {i}" for i in range(12)], n, p=np.arange(12, 0, -1) / 78)
    return table.mask(chance.random(table.shape) < 0.08)


def groups(n: int) -> pd.DataFrame:
    """Return customers in four clear groups of unequal size."""
    chance = np.random.default_rng(n + 2)
    centres = np.array([[20.0, 20.0], [80.0, 20.0], [20.0, 80.0], [80.0, 80.0]])
    points = centres[chance.choice(4, n, p=[0.5, 0.3, 0.15, 0.05])] + chance.normal(size=(n, 2)) * 6
    return pd.DataFrame(points, columns=["income", "spend"])


def heavy_tails(n: int) -> pd.DataFrame:
    """Return customers all of whose numbers are skewed, without a gap anywhere."""
    chance = np.random.default_rng(n + 3)
    return pd.DataFrame(
        {
            "revenue": np.round(chance.lognormal(4, 1.2, n), 2),
            "basket": np.round(chance.gamma(1.2, 30, n) + 1, 2),
            "visits": 1 + chance.negative_binomial(1, 0.15, n),
            "tenure": np.round(chance.weibull(0.8, n) * 400),
        }
    )


def zeros(n: int) -> pd.DataFrame:
    """Return customers most of whom have spent, ordered or returned nothing."""
    chance = np.random.default_rng(n + 4)

    def where_any(share: float, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(chance.random(n) < share, values, 0.0)

    return pd.DataFrame(
        {
            "spend": where_any(0.45, np.round(chance.lognormal(3.5, 1, n), 2)),
            "returns": where_any(0.15, np.round(chance.exponential(20, n), 2)),
            "app orders": where_any(0.3, chance.poisson(3, n).astype(float)),
            "store orders": where_any(0.7, chance.poisson(5, n).astype(float)),
            "age": np.clip(chance.normal(46, 15, n), 18, 92).round(),
        }
    )


def mixed(n: int) -> pd.DataFrame:
    """Return three kinds of customers who differ in numbers, answers and an ordered education, some of it missing."""
    chance = np.random.default_rng(n + 5)
    kind = chance.choice(3, n, p=[0.5, 0.35, 0.15])
    steps = np.array(["primary", "secondary", "college", "doctorate"])[np.clip(kind + chance.integers(-1, 3, n), 0, 3)]
    table = pd.DataFrame(
        {
            "income": np.round(np.array([28_000, 52_000, 90_000])[kind] * chance.lognormal(0, 0.2, n)),
            "age": np.clip(np.array([30, 45, 60])[kind] + chance.normal(0, 9, n), 18, 90).round(),
            "children": chance.poisson(np.array([0.4, 1.6, 0.7])[kind]),
            "education": steps,
            "newsletter": np.where(chance.random(n) < np.array([0.2, 0.5, 0.8])[kind], "yes", "no"),
            "region": chance.choice(["north", "south", "east", "west"], n, p=[0.4, 0.3, 0.2, 0.1]),
        }
    )
    return table.assign(education=table.education.mask(chance.random(n) < 0.1))


def many_categories(n: int) -> pd.DataFrame:
    """Return customers of sixty cities, most of them rare, who bought one of eighteen products."""
    chance = np.random.default_rng(n + 6)
    shares = 1 / np.arange(1, 61) ** 1.1
    return pd.DataFrame(
        {
            "city": chance.choice([f"city {i:02d}" for i in range(60)], n, p=shares / shares.sum()),
            "product": chance.choice([f"product {chr(65 + i)}" for i in range(18)], n),
            "income": np.round(chance.normal(50_000, 12_000, n)),
            "orders": chance.poisson(4, n),
        }
    )


def usable(frame: pd.DataFrame) -> list[str]:
    """Return columns of a file that segments can be formed by, the first few."""
    dataset = read_frame(frame)
    kinds = tuple(map(ColumnKind, ("number", "money", "percentage", "category", "ordered category", "yes/no")))
    return [column.name for column in dataset.columns if column.kind in kinds][:_MOST_COLUMNS]


def model_of(frame: pd.DataFrame, method: str) -> Segmentation:
    """Return four segments."""
    dataset = read_frame(frame.reset_index(drop=True))
    return fit_segmentation(dataset, Recipe(choose_features(dataset, usable(frame)), 4, algorithm=method))


def checked(model: Segmentation, frame: pd.DataFrame) -> ModelCheck:
    """Return what is said of a file."""
    dataset = read_frame(frame.reset_index(drop=True))
    return check_model(dataset, assign_segments(dataset, model))


def unchanged(frame: pd.DataFrame, chance: np.random.Generator) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    """Yield pairs of files that come from the same customers: other halves, and a resample of the first."""
    order = chance.permutation(len(frame))
    half = len(frame) // 2
    first = frame.iloc[order[:half]]
    yield "other half", first, frame.iloc[order[half:]]
    yield "resample", first, first.iloc[chance.integers(0, half, half)]


def changed(chance: np.random.Generator) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    """Yield pairs of files between which something has changed that is to be found."""
    for n in (500, 2_000):
        before, now = skewed(2 * n).iloc[:n], skewed(2 * n).iloc[n:].reset_index(drop=True)
        yield f"revenue, skewed, × 1.3 ({n})", before, now.assign(revenue=(now.revenue * 1.3).round(2))
        yield f"age + 6 ({n})", before, now.assign(age=now.age + 6)
        more = now.member.mask(chance.random(n) < 0.2, "yes")
        yield f"yes/no, 30 % to 44 % ({n})", before, now.assign(member=more)
        before, now = gaps(2 * n).iloc[:n], gaps(2 * n).iloc[n:].reset_index(drop=True)
        yield f"income × 1.3 ({n})", before, now.assign(income=(now.income * 1.3).round(1))
        yield f"5 % new category ({n})", before, now.assign(city=now.city.mask(chance.random(n) < 0.05, "Graz"))
        yield f"gaps, 8 % to 20 % ({n})", before, now.assign(visits=now.visits.mask(chance.random(n) < 0.13))
        before, now = groups(2 * n).iloc[:n], groups(3 * n).iloc[n:].reset_index(drop=True)
        doubled = pd.concat([now[:n], now[n:][(now[n:].income > 50) & (now[n:].spend < 50)][: int(0.3 * n)]])
        yield f"one segment doubled ({n})", before, doubled


def alarms(frame: pd.DataFrame, method: str, rounds: int) -> tuple[Counter[str], list[str]]:
    """Return how many files were looked at and gave an alarm, by kind, and the alarms' first reasons."""
    chance, counted, said = np.random.default_rng(1), Counter[str](), []
    for _ in range(rounds):
        model = None
        for kind, before, now in unchanged(frame, chance):
            try:
                model = model or model_of(before, method)
            except SegmenterError:
                # A method that looks for dense groups finds none in one cloud.
                break
            found = checked(model, now)
            counted[f"{kind}, files"] += 1
            if found.advice is not Advice.KEEP:
                counted[f"{kind}, alarms"] += 1
                said += list(found.reasons[:1])
    return counted, said


def main() -> None:
    """Print a line for each file and method: alarms, of how many, and what they said; then the changes."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    only, total = sys.argv[2:], Counter[str]()
    for name, frame in frames():
        if not only or any(name.startswith(each) for each in only):
            for method in METHODS:
                counted, said = alarms(frame, method, rounds)
                total += counted
                print(f"{name}, {method}: {dict(counted)} {said[:4]}", flush=True)
    print(dict(total))
    for name, before, now in changed(np.random.default_rng(2)) if not only or "changes" in only else ():
        found = checked(model_of(before, "k-means"), now)
        print(f"{name}: {found.advice.value} {list(found.reasons[:2])}", flush=True)


if __name__ == "__main__":
    main()
