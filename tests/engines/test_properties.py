"""Whatever a Parquet file's columns hold, an engine places its customers where this program does."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segmenter import (
    DateUse,
    FeatureSpec,
    Missing,
    Recipe,
    Role,
    Scaling,
    Transform,
    assign_segments,
    fit_segmentation,
    read_frame,
    read_table,
)
from segmenter.engines.engine import open_engine
from segmenter.engines.segmenting import look_at, match_table, write_labels

N = 240
WORDS = ("Oslo", "Zürich", "東京", "it's", 'a "b"', "a\\b", "ÅSE", "İzmir", "ß", "🙂", "1", "null hypothesis")
SPECS = (
    *(
        FeatureSpec(f"{transform.name}_{scaling.name}".lower(), transform=transform, scaling=scaling, missing=missing)
        for transform in Transform
        for scaling, missing in zip(
            Scaling, (Missing.MEAN, Missing.MEDIAN, Missing.DROP, Missing.CONSTANT), strict=False
        )
    ),
    FeatureSpec("whole", missing=Missing.MEDIAN),
    FeatureSpec("price", missing=Missing.MEAN),
    FeatureSpec("small", missing=Missing.MEDIAN),
    FeatureSpec("flag"),
    FeatureSpec("word", Role.CATEGORY, missing=Missing.CATEGORY, rare=0.0),
    FeatureSpec("code", Role.CATEGORY, missing=Missing.MODE, rare=0.0),
    FeatureSpec("grade", Role.ORDINAL, missing=Missing.MODE, order=("low", "middle", "high")),
    *(
        FeatureSpec(f"on_{use.name.lower()}", Role.DATE, date_use=use, missing=Missing.MODE, indicator=True)
        for use in DateUse
    ),
)


def numbers_of(random, n: int, *, hostile: bool) -> np.ndarray:
    values = np.exp(random.normal(3, 1.5, n)) * random.choice([1, -1], n, p=[0.8, 0.2])
    odd = [np.nan, np.inf, -np.inf, 1e308, -1e308, 1e151, 1e149, -1e149, 0.0, -0.0, 5e-324, 2.0**53 + 2, 1e-300]
    return np.where(random.random(n) < 0.3, random.choice(odd, n), values) if hostile else values


def table_of(random, n: int, *, hostile: bool) -> pa.Table:
    """Return customers in every column type of Parquet that a column of customers comes in."""

    def gaps(values: list, share: float = 0.1) -> list:
        return [None if hostile and random.random() < share else value for value in values]

    columns: dict[str, pa.Array] = {"id": pa.array(range(n))}
    for spec in SPECS:
        if spec.column.startswith(("none", "log", "yeo")):
            columns[spec.column] = pa.array(gaps(numbers_of(random, n, hostile=hostile).tolist()))
    large = random.integers(-(2**62), 2**62, n)
    columns["whole"] = pa.array(gaps([int(each) for each in large]), pa.int64())
    cents = random.integers(-(10**7), 10**7, n)
    columns["price"] = pa.array(gaps([Decimal(int(each)).scaleb(-2) for each in cents]), pa.decimal128(18, 2))
    columns["small"] = pa.array(gaps(random.normal(0, 1, n).astype(np.float32).tolist()), pa.float32())
    columns["flag"] = pa.array(gaps((random.random(n) < 0.4).tolist()))
    words = random.choice(WORDS, n).tolist()
    if hostile:
        odd = [
            "",
            " ",
            "  Oslo ",
            "oslo",
            "NULL",
            "NA",
            "unknown city",
            "İZMİR",
            "ss",
            "Zu\u0308rich",
            "\u00a0Oslo",
            "a\nb",
        ]
        words = [str(random.choice(odd)) if random.random() < 0.4 else word for word in words]
    columns["word"] = (
        pa.array(gaps(words)).dictionary_encode() if not hostile else pa.array(gaps(words), pa.large_string())
    )
    columns["code"] = pa.array(gaps(random.integers(1, 6 + 4 * hostile, n).tolist()), pa.int16())
    grades = ["low", "middle", "high", *(["Low", " high", "enormous", ""] if hostile else [])]
    columns["grade"] = pa.array(gaps(random.choice(grades, n).tolist()))
    start = datetime.datetime(1899 if hostile else 2015, 1, 1)
    for place, use in enumerate(DateUse):
        days = [
            start + datetime.timedelta(seconds=int(each))
            for each in random.integers(0, 4 * 10**9 if hostile else 10**8, n)
        ]
        kind = (pa.timestamp("us"), pa.date32(), pa.timestamp("ms"), pa.timestamp("ns"), pa.timestamp("s"))[place % 5]
        values = [each.date() for each in days] if kind == pa.date32() else days
        columns[f"on_{use.name.lower()}"] = pa.array(gaps(values), kind)
    return pa.table(columns)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("fit") / "fit.parquet"
    pq.write_table(table_of(np.random.default_rng(0), 400, hostile=False), path)
    return fit_segmentation(read_table(path), Recipe(SPECS, 6))


def assert_placed_alike(model, path, address="duckdb") -> None:
    placed = assign_segments(read_table(path), model)
    own = placed.segmentation.labels + 1
    target = path.with_name("placed.parquet")
    with open_engine(address, str(path)) as engine:
        table = look_at(engine, "c")
        write_labels(table, model, target, "parquet", match_table(table, model, {}))
    found = pd.read_parquet(target).sort_values("id", ignore_index=True)
    differ = found["segment"].fillna(0).astype(int).to_numpy() != own.to_numpy()
    assert not differ.any(), found[differ].iloc[0].to_dict() | {"own": own[differ].iloc[0]}
    assert found["reason"].fillna("").tolist() == placed.reasons.tolist()
    np.testing.assert_allclose(found["distance"].astype(float), placed.distance, rtol=1e-9)
    assert 0 < (own > 0).mean() < 1


@pytest.mark.parametrize("seed", [1, 2])
def test_hostile_values_of_every_type_are_placed_alike(seed, model, tmp_path):
    pq.write_table(table_of(np.random.default_rng(seed), N, hostile=True), tmp_path / "c.parquet")
    assert_placed_alike(model, tmp_path / "c.parquet")


def test_numbers_beyond_what_a_double_tells_apart_are_placed_alike(tmp_path):
    whole = np.concatenate([np.arange(2**53 - 60, 2**53 + 60), -np.arange(2**53 - 60, 2**53 + 60)])
    frame = pd.DataFrame({"id": range(len(whole)), "whole": whole})
    model = fit_segmentation(read_frame(frame), Recipe((FeatureSpec("whole", scaling=Scaling.NONE),), 4))
    other = pd.DataFrame({"id": range(200), "whole": np.random.default_rng(1).integers(-(2**62), 2**62, 200)})
    for each in (frame, other):
        each.to_parquet(tmp_path / "c.parquet", index=False)
        own = assign_segments(read_table(tmp_path / "c.parquet"), model).segmentation.labels + 1
        with open_engine("duckdb", str(tmp_path / "c.parquet")) as engine:
            write_labels(look_at(engine, "c"), model, tmp_path / "placed.parquet", "parquet")
        assert pd.read_parquet(tmp_path / "placed.parquet").sort_values("id")["segment"].tolist() == own.tolist()
