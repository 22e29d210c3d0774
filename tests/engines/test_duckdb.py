"""Segments formed and customers placed by an engine are those that this program forms and places by itself."""

import contextlib
import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot

from segmenter import (
    FeatureSpec,
    Missing,
    Recipe,
    Role,
    Scaling,
    SegmenterError,
    Transform,
    add_column,
    assign_segments,
    choose_features,
    config,
    describe_segments,
    fit_segmentation,
    load_model,
    model_sql,
    profile_segments,
    read_frame,
    read_table,
    save_model,
    summary_table,
)
from segmenter.cli import main
from segmenter.engines.engine import DuckDBEngine, _files, open_engine
from segmenter.engines.segmenting import (
    check_cells,
    check_cells_of_model,
    look_at,
    segment_all,
    summary_of_all,
    write_labels,
)
from segmenter.errors.reading import EngineCellsError
from segmenter.progress import Cancelled
from tests.io.export.test_sql import FEATURES, customers, in_duckdb, in_sqlite


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Return four groups of customers whose columns need filling, a transform, a cap and an indicator."""
    random = np.random.default_rng(3)
    n = 20_000
    group = random.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    centres = np.array([[0.0, 0.0, 0.0], [10.0, 0.0, 0.0], [0.0, 10.0, 0.0], [0.0, 0.0, 10.0]])
    made = pd.DataFrame(centres[group] + random.normal(0, 1, (n, 3)), columns=["a", "b", "c"])
    made["spend"] = np.exp(group + random.normal(0, 0.3, n)).round(3)
    made["vip"] = random.random(n) < 0.1 + 0.2 * group
    made["city"] = np.where(group > 1, "Rome", random.choice(["Oslo", "Paris"], n))
    for name in ("a", "spend"):
        made[name] = made[name].mask(random.random(n) < 0.05)
    return made.assign(id=np.arange(n))


SPECS = (
    FeatureSpec("a", missing=Missing.MEDIAN),
    FeatureSpec("b", scaling=Scaling.MINMAX, weight=4.0),
    FeatureSpec("c", scaling=Scaling.ROBUST, cap=(1, 99)),
    FeatureSpec("spend", transform=Transform.LOG, missing=Missing.DROP),
    FeatureSpec("vip"),
    FeatureSpec("city", Role.CATEGORY, missing=Missing.MODE),
)


@pytest.fixture(scope="module")
def folder(frame, tmp_path_factory):
    where = tmp_path_factory.mktemp("months")
    for number, start in enumerate(range(0, len(frame), 5_000)):
        frame[start : start + 5_000].to_parquet(where / f"part{number}.parquet", index=False)
    return where


@pytest.fixture
def small_sample(monkeypatch):
    monkeypatch.setattr(config, "ENGINE_SAMPLE_ROWS", 2_000)


def labels_of(path, model, frame):
    """Return the segments that an engine wrote, and the model's own."""
    there = duckdb.sql(f"SELECT * FROM '{path}' ORDER BY CAST(id AS INTEGER)").df()
    here = assign_segments(read_frame(frame), model).segmentation.labels + 1
    return there["segment"].fillna(0).astype(int).tolist(), here.tolist()


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_every_prepared_column_type_gives_the_local_labels(kind, tmp_path):
    made = customers(500, seed=1)
    if kind == "csv":
        made.to_csv(tmp_path / "customers.csv", index=False)
    else:
        made.to_parquet(tmp_path / "customers.parquet", index=False)
    with open_engine("duckdb", str(tmp_path / f"customers.{kind}")) as engine:
        table = look_at(engine, "customers")
        found = segment_all(table, Recipe(FEATURES, 5))
        write_labels(table, found.segmentation, tmp_path / "placed.parquet", "parquet")
    # Few customers: all of them were looked at, and the segments are those of a local fit.
    local = fit_segmentation(read_frame(made), Recipe(FEATURES, 5))
    own = (local.labels + 1).tolist()
    there, _ = labels_of(tmp_path / "placed.parquet", found.segmentation, made)
    assert there == own
    assert found.sizes.tolist() == np.bincount(local.labels[local.labels >= 0]).tolist()
    assert found.without == int((local.labels < 0).sum())


def test_segments_of_more_customers_than_the_sample_are_those_of_all(folder, frame, tmp_path, small_sample):
    with open_engine("duckdb", str(folder)) as engine:
        table = look_at(engine, "months")
        assert 1_800 < table.sample.n_customers < 2_200
        found = segment_all(table, Recipe(SPECS, 4))
        summary = summary_of_all(table, found)
        write_labels(table, found.segmentation, tmp_path / "placed.parquet", "parquet")
    model = load_model(save_model(found.segmentation, tmp_path / "model"))
    there, here = labels_of(tmp_path / "placed.parquet", model, frame)
    assert there == here
    assert np.bincount(there)[1:].tolist() == found.sizes.tolist() == sorted(found.sizes, reverse=True)
    assert found.without == frame["spend"].isna().sum() == np.bincount(there)[0]
    # Statistics of all customers, not of the sample.
    kept = frame[frame["spend"].notna()]
    a = {each.column: each for each in model.preparation.numbers_}["a"]
    filled = kept["a"].fillna(a.fill)
    assert (a.centre, a.scale) == pytest.approx((filled.mean(), filled.std(ddof=0)), rel=1e-9)
    b = {each.column: each for each in model.preparation.numbers_}["b"]
    # The range is that of all, rounded outwards: nobody's value stands in a model.
    assert b.low < kept["b"].min() < b.low + 1.5
    assert b.high - 1.5 < kept["b"].max() < b.high
    X = model.preparation.transform(kept)
    assert found.wcss == pytest.approx((model.clusterer.placement_.distances(X) ** 2).sum(), rel=1e-9)
    assert model.n_trained == len(kept)
    # As good as K-Means on all rows at once.
    local = fit_segmentation(read_frame(frame), Recipe(SPECS, 4))
    agreement = pd.crosstab(np.array(there), local.labels.to_numpy() + 1)
    assert agreement.to_numpy().max(axis=1).sum() > 0.999 * len(frame)
    means = frame.assign(segment=there)[lambda each: each["segment"] > 0].groupby("segment")["b"].mean()
    np.testing.assert_allclose(summary["b (mean)"], means, rtol=1e-9)


@pytest.mark.parametrize("odd", ["none", "missing", "infinite", "too large", "code"])
@pytest.mark.parametrize("scaling", [Scaling.NONE, Scaling.STANDARD])
def test_one_odd_cell_that_no_sample_holds_is_seen(odd, scaling, frame, tmp_path, monkeypatch):
    monkeypatch.setattr(config, "ENGINE_SAMPLE_ROWS", 300)
    made = frame[["id", "b", "c"]].assign(d=frame["b"] - frame["c"])
    value = {"missing": np.nan, "infinite": -np.inf, "too large": 1e200, "code": -99.0}
    # Columns in which nothing is missing are looked at less closely: one, two or none of the three here.
    for column, row in (("b", 17_003), ("c", 12)):
        made.loc[row, column] = value.get(odd, made.loc[row, column])
    made.to_parquet(tmp_path / "c.parquet", index=False)
    specs = (
        FeatureSpec("b", missing=Missing.MEAN, indicator=True, unknown=(-99.0,)),
        FeatureSpec("c", missing=Missing.DROP, unknown=(-99.0,)),
        FeatureSpec("d", transform=Transform.YEO_JOHNSON, cap=(1, 99)),
    )
    with open_engine("duckdb", str(tmp_path / "c.parquet")) as engine:
        table = look_at(engine, "c")
        found = segment_all(table, Recipe(specs, 4, scaling=scaling))
        write_labels(table, found.segmentation, tmp_path / "placed.parquet", "parquet")
    assert table.sample.n_customers < 400
    there, here = labels_of(tmp_path / "placed.parquet", found.segmentation, made)
    assert there == here
    assert found.sizes.tolist() == np.bincount(there, minlength=5)[1:].tolist()
    unplaced = {"none": 0, "missing": 1, "infinite": 1, "too large": 2, "code": 1}[odd]
    assert found.without == there.count(0) == unplaced
    X = found.segmentation.preparation.transform(made[np.array(there) > 0])
    assert found.wcss == pytest.approx((found.segmentation.clusterer.placement_.distances(X) ** 2).sum(), rel=1e-9)
    b = next(each for each in found.segmentation.preparation.numbers_ if each.column == "b")
    if scaling is Scaling.STANDARD:
        kept = made[np.array(there) > 0]["b"].replace([-np.inf, -99.0], np.nan).fillna(b.fill)
        assert (b.centre, b.scale) == pytest.approx((kept.mean(), kept.std(ddof=0)), rel=1e-3)


def test_the_same_files_give_the_same_model_wherever_they_lie(folder, frame, tmp_path, small_sample):
    models = []
    for number in (1, 2):
        where = folder
        if number == 2:
            where = tmp_path / "copied"
            where.mkdir()
            for path in folder.iterdir():
                (where / path.name).write_bytes(path.read_bytes())
        with open_engine("duckdb", f"{where}/*.parquet") as engine:
            models.append(segment_all(look_at(engine, "months"), Recipe(SPECS[:3], 4)).segmentation)
    first, second = models
    assert (first.clusterer.centres_ == second.clusterer.centres_).all()
    assert first.preparation.columns_ == second.preparation.columns_
    assert first.trained_on == second.trained_on


def test_nothing_but_aggregates_and_the_sample_comes_here(folder, monkeypatch, tmp_path, small_sample):
    came = []
    asked = DuckDBEngine._asked

    def counted(self, written):
        answer = asked(self, written)
        came.append(len(answer))
        return answer

    monkeypatch.setattr(DuckDBEngine, "_asked", counted)
    command = ["segment", str(folder), "--engine", "duckdb", "--segments", "4", "--out", str(tmp_path / "out")]
    assert main(command) == 0
    assert max(came) < 2_200
    assert len(came) > 4


def test_a_method_that_needs_all_customers_in_memory_says_so_and_places_them_by_its_rule(
    folder, frame, tmp_path, small_sample
):
    with open_engine("duckdb", str(folder)) as engine:
        table = look_at(engine, "months")
        found = segment_all(table, Recipe(SPECS[:3], 4, algorithm="gaussian-mixture"))
        write_labels(table, found.segmentation, tmp_path / "placed.parquet", "parquet")
    assert "Gaussian mixture needs all customers in memory" in found.segmentation.notes[-1].text
    there, here = labels_of(tmp_path / "placed.parquet", found.segmentation, frame)
    assert there == here
    assert found.sizes.sum() == len(frame)


def test_the_commands_do_the_whole_way(folder, frame, tmp_path, capsys, small_sample):
    where, out = str(folder), tmp_path / "out"
    assert main(["describe", where, "--engine", "duckdb", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["rows"] == len(frame)
    assert {each["name"]: each["missing"] for each in said["columns"]}["a"] == frame["a"].isna().sum()
    chosen = ["choose", where, "--engine", "duckdb", "--columns", "b,c", "--no-evening-out", "--max", "5"]
    assert main([*chosen, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["recommended"] == 3
    formed = ["segment", where, "--engine", "duckdb", "--columns", "a,b,c", "--out", str(out), "--labels", "csv"]
    assert main([*formed, "--segments", "auto"]) == 0
    assert "20,000 rows" in capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == [
        "customers.csv", "model.segmodel.json", "run.json", "segments.csv",
    ]  # fmt: skip
    renamed = tmp_path / "next.csv"
    frame.rename(columns={"a": "alpha"}).to_csv(renamed, index=False)
    placed = [
        "assign",
        str(out / "model.segmodel.json"),
        str(renamed),
        "--engine",
        "duckdb",
        "--out",
        str(out / "next"),
    ]
    assert main(placed) == 2
    assert "alpha" not in capsys.readouterr().out
    assert main([*placed, "--match", "a=alpha", "--nearest"]) == 0
    there, here = labels_of(out / "next" / "customers.parquet", load_model(out / "model.segmodel.json"), frame)
    assert there == here
    segments = pd.read_csv(out / "segments.csv")
    assert segments["size"].sum() == json.loads((out / "run.json").read_text())["rows"]["in_segments"]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda where: where / "nothing.parquet", "no such file is there"),
        (lambda where: where, "the folder holds neither Parquet nor CSV"),
        (lambda where: where / "customers.xlsx", "engines read Parquet and CSV"),
    ],
)
def test_a_source_that_is_not_there_is_one_sentence(make, says, tmp_path, capsys):
    assert main(["describe", str(make(tmp_path)), "--engine", "duckdb"]) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_a_damaged_file_is_one_sentence(tmp_path, capsys):
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 this is none PAR1")
    assert main(["describe", str(tmp_path / "bad.parquet"), "--engine", "duckdb"]) == 2
    assert "cannot be read by the engine" in capsys.readouterr().err


def test_numbers_that_only_a_person_reads_are_refused_and_never_taken_for_missing(tmp_path, capsys):
    rows = "\n".join(f'{number};"1.{number % 900 + 100},50";{number % 7}' for number in range(300))
    (tmp_path / "c.csv").write_text(f"id;income;visits\n{rows}\n")
    command = ["segment", str(tmp_path / "c.csv"), "--engine", "duckdb", "--out", str(tmp_path / "out")]
    assert main([*command, "--segments", "2", "--columns", "income,visits"]) == 2
    assert re.search(r"income holds numbers written as '1\.\d{3},50'", capsys.readouterr().err)
    assert not (tmp_path / "out").exists()


def test_a_write_that_fails_leaves_nothing_under_the_final_name(folder, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "customers.parquet").write_bytes(b"last month's")

    def fails(self, written, path, kind):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(DuckDBEngine, "_write", fails)
    command = ["segment", str(folder), "--engine", "duckdb", "--out", str(out), "--segments", "4"]
    assert main([*command, "--columns", "a,b"]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert [(path.name, path.read_bytes()) for path in out.iterdir()] == [("customers.parquet", b"last month's")]


def test_a_full_disk_is_a_sentence_and_leaves_nothing_half_written(tmp_path):
    """The engine's own file grows beyond what the system lets this process write."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"id": range(40_000), "a": random.normal(size=40_000), "b": random.normal(size=40_000)})
    frame.to_parquet(tmp_path / "c.parquet", index=False)
    out = tmp_path / "out"
    recipe = Recipe((FeatureSpec("a"), FeatureSpec("b")), 2)
    model = str(save_model(fit_segmentation(read_frame(frame[:500]), recipe), tmp_path / "m"))
    program = (
        "import resource, sys; from segmenter.cli import main; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); sys.exit(main(sys.argv[1:]))"
    )
    asked = ["assign", model, str(tmp_path / "c.parquet"), "--engine", "duckdb", "--no-check", "--out", str(out)]
    ended = subprocess.run(
        [sys.executable, "-c", program, *asked], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert ended.returncode == 2
    said = ended.stderr.splitlines()[-1]
    assert re.fullmatch(r"segmenter: DuckDB stopped while writing .*: .*File too large.* Nothing was written\.", said)
    assert not any(out.iterdir())


def test_columns_of_lists_and_records_stay_where_they_are_and_what_is_no_number_is_missing(tmp_path, capsys):
    """The least and the largest in a Parquet file say nothing of NaN, and an engine believes them."""
    n = 200
    columns = {
        "id": pa.array(range(n)),
        "nested": pa.array([{"a": each} for each in range(n)]),
        "several": pa.array([[1, 2]] * n),
        "bytes": pa.array([b"\x00\xff"] * n),
        "spend": pa.array([float("nan") if each % 5 == 0 else 1.0 + 8 * (each % 2) for each in range(n)]),
        "limit": pa.array([float("inf") if each == 7 else float(each % 3) for each in range(n)]),
        "at": pa.array([each * 1_000 for each in range(n)], pa.time32("ms")),
    }
    path = tmp_path / "c.parquet"
    pq.write_table(pa.table(columns), path)
    labels = {}
    for name, engine in (("here", []), ("there", ["--engine", "duckdb"])):
        asked = ["segment", str(path), "--columns", "spend,limit", "--segments", "2", "--value", "spend", *engine]
        assert main([*asked, "--out", str(tmp_path / name)]) == 0
        assert "'nested', 'several', 'bytes' were left out" in capsys.readouterr().err
        read = pd.read_parquet if engine else pd.read_csv
        written = read(tmp_path / name / f"customers.{'parquet' if engine else 'csv'}")
        labels[name] = written.sort_values("id")["segment"].fillna(0).astype(int).tolist()
    assert labels["there"] == labels["here"]
    assert list(pd.read_parquet(tmp_path / "there" / "customers.parquet"))[:7] == list(columns)
    assert json.loads((tmp_path / "there" / "run.json").read_text())["segments"][0]["sum"] > 0
    assert main(["describe", str(path), "--engine", "duckdb", "--json"]) == 0
    missing = {each["name"]: each["missing"] for each in json.loads(capsys.readouterr().out)["columns"]}
    assert (missing["spend"], missing["limit"]) == (40, 1)
    asked = ["segment", str(path), "--engine", "duckdb", "--columns", "spend,at", "--segments", "2"]
    assert main([*asked, "--out", str(tmp_path / "x")]) == 2
    assert "at holds times of day" in capsys.readouterr().err


def test_names_that_differ_in_capitals_alone_are_never_taken_for_one(tmp_path, capsys):
    """To DuckDB they are one name, so that it calls the second otherwise."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"id": range(80), "A": random.normal(size=80) + 50, "a": random.normal(size=80)})
    frame.to_parquet(tmp_path / "c.parquet", index=False)
    model = fit_segmentation(read_frame(frame), Recipe((FeatureSpec("A"), FeatureSpec("a")), 2))
    path = str(save_model(model, tmp_path / "m"))
    asked = ["assign", path, str(tmp_path / "c.parquet"), "--engine", "duckdb", "--out", str(tmp_path / "out")]
    assert main(asked) == 2
    assert "your file has no a" in capsys.readouterr().err
    assert main([*asked, "--match", "a=a_1"]) == 0
    found = pd.read_parquet(tmp_path / "out" / "customers.parquet").sort_values("id")
    assert found["segment"].tolist() == (model.labels + 1).tolist()


def test_a_folder_of_files_of_two_kinds_is_refused_and_none_of_them_forgotten(tmp_path, capsys):
    frame = pd.DataFrame({"id": range(30), "spend": np.arange(30.0)})
    frame.to_parquet(tmp_path / "may.parquet", index=False)
    (tmp_path / "readme.txt").write_text("to be read by people")
    assert main(["describe", str(tmp_path), "--engine", "duckdb"]) == 0
    frame.to_csv(tmp_path / "june.csv", index=False)
    capsys.readouterr()
    assert main(["describe", str(tmp_path), "--engine", "duckdb"]) == 2
    assert "files that end in .parquet and .csv" in capsys.readouterr().err


def test_cancel_stops_the_query_in_the_engine(tmp_path):
    pd.DataFrame({"a": range(1_000)}).to_parquet(tmp_path / "a.parquet")
    with open_engine("duckdb", str(tmp_path / "a.parquet")) as engine:
        end = time.monotonic() + 0.5

        def cancel(share, doing):
            if time.monotonic() > end:
                raise Cancelled

        endless = sqlglot.parse_one(
            "SELECT COUNT(*) AS n FROM range(10000000) AS a, range(1000000) AS b", read="duckdb"
        )
        before = threading.active_count()
        with pytest.raises(Cancelled):
            engine.rows(endless, cancel)
        # The thread that asked has come back: the engine works on nothing any more, and answers at once.
        assert threading.active_count() == before
        assert engine.count() == 1_000


def test_an_unknown_engine_and_a_table_and_a_file_at_once_are_refused(tmp_path):
    with pytest.raises(SegmenterError, match="There is no engine 'spork'"), open_engine("spork", table="t"):
        pass
    with pytest.raises(SegmenterError, match="Name the file"), open_engine("duckdb", "a.parquet", "t"):
        pass


def test_lines_that_end_in_two_ways_are_read_and_uneven_ones_refused(tmp_path, capsys):
    text = "id,city,spend\r\n" + "".join(f"{number},Oslo,{number}\r\n" for number in range(50))
    (tmp_path / "c.csv").write_bytes(text.encode() + b"50,Rome,50\n")
    with open_engine("duckdb", str(tmp_path / "c.csv")) as engine:
        found = look_at(engine, "c")
        assert (found.n_rows, engine.columns) == (51, ("id", "city", "spend"))
        assert sorted(found.sample.frame["spend"]) == list(range(51))
    for uneven in (f"{text}50,Rome,50,7\r\n", f"{text}50,Rome,50,7\n", f"{text}50\r\n"):
        (tmp_path / "c.csv").write_bytes(uneven.encode())
        assert main(["describe", str(tmp_path / "c.csv"), "--engine", "duckdb"]) == 2
        assert "different numbers of columns" in capsys.readouterr().err


TITLES = (
    "Customers of May\n",
    "Customers of May\n\n",
    "Customers of May,,\n,,\n",
    "Shop: Oslo, Rome\nMay\n",
    "\n",
    "sep=,\n",
)


@pytest.mark.parametrize("title", TITLES)
def test_lines_above_the_names_are_passed_over_as_in_a_file(title, tmp_path):
    text = f"{title}id,city,spend\n" + "".join(f"{number},Oslo,{number}\n" for number in range(50))
    for path in (tmp_path / "c.csv", tmp_path / "d.csv"):
        path.write_text(text)
    with open_engine("duckdb", str(tmp_path)) as engine:
        assert (engine.columns, engine.count()) == (("id", "city", "spend"), 100)
    (tmp_path / "d.csv").write_text(text.removeprefix(title))
    with (
        pytest.raises(SegmenterError, match=r"d\.csv on line 1; read them apart"),
        open_engine("duckdb", str(tmp_path)),
    ):
        pass


def test_files_without_names_or_with_two_lines_of_them_are_refused(tmp_path):
    rows = "".join(f"K{number},{number},{number}\n" for number in range(50))
    for above, said in (("", "no names stand above"), ("id,spend,visits\n,EUR,\n", "stand on several lines")):
        (tmp_path / "c.csv").write_text(above + rows)
        with pytest.raises(SegmenterError, match=said), open_engine("duckdb", str(tmp_path / "c.csv")):
            pass


@pytest.mark.parametrize(
    "option", [["--decimal", ","], ["--within", "a"], ["--edit", "merge 1 2"], ["--known", "a"], ["--repeated", "last"]]
)
def test_what_an_engine_would_not_follow_is_refused_and_not_passed_over(option, tmp_path, capsys):
    pd.DataFrame({"a": [1.0, 2.0]}).to_parquet(tmp_path / "c.parquet")
    command = ["segment", str(tmp_path / "c.parquet"), "--engine", "duckdb", "--out", str(tmp_path / "out"), *option]
    assert main(command) == 2
    assert re.search(f"{option[0]} .*works on this machine only", capsys.readouterr().err)
    assert not (tmp_path / "out").exists()


def test_a_table_of_a_duckdb_file_is_read_and_never_written(frame, tmp_path):
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as database:
        database.register("handed_over", frame)
        database.execute("CREATE TABLE clients AS SELECT * FROM handed_over")
    with open_engine("duckdb", str(tmp_path / "shop.duckdb"), "clients") as engine:
        table = look_at(engine, "clients")
        assert (table.n_rows, table.missing["a"]) == (len(frame), frame["a"].isna().sum())
        with pytest.raises(Exception, match="read-only"):
            engine.backend.execute("DELETE FROM clients")


@pytest.mark.parametrize(
    ("label", "spend", "says"),
    [("Total", None, True), ("Grand total:", None, True), ("ИТОГО", None, True), ("Average", 2.0, True),
     ("", None, True), ("", 3.0, False), ("Tom Total", 3.0, False), ("C_0", 3.0, False)],
)  # fmt: skip
@pytest.mark.parametrize("digits", [False, True])
def test_a_row_that_adds_up_the_others_is_no_customer_as_in_a_file(label, spend, says, digits, tmp_path, monkeypatch):
    # A sample holds none of the ends.
    monkeypatch.setattr(config, "ENGINE_SAMPLE_ROWS", 40)
    rows = pd.DataFrame({"customer_id": [f"{each}" if digits else f"C{each}" for each in range(60)]})
    rows["spend"], rows["orders"] = np.arange(60) % 7 + 0.5, np.arange(60) % 5 + 1
    sums = rows["spend"].sum(), rows["orders"].sum()
    last = {"customer_id": label, "spend": sums[0] if spend is None else spend, "orders": sums[1] if label else 7}
    last["orders"] = sums[1] if spend is None else last["orders"]
    pd.concat([rows, pd.DataFrame([last])]).to_csv(tmp_path / "c.csv", index=False)
    here = read_table(tmp_path / "c.csv").n_customers
    with open_engine("duckdb", str(tmp_path / "c.csv")) as engine:
        table = look_at(engine, "c")
        kept = look_at(engine, "c", keep_totals=True)
    assert table.n_rows == 61 - says
    # The reader of files leaves out what looks like a remark in the last line, too.
    assert here == table.n_rows or label == "Tom Total"
    assert [label in each.text and each.warning for each in table.totals] == [True] * says
    assert (kept.n_rows, kept.totals) == (61, ())


def test_subtotals_are_left_out_with_the_grand_total_and_the_labelled_file_has_none(tmp_path, capsys):
    rows = pd.DataFrame({"id": [f"K{each}" for each in range(240)], "spend": np.arange(240) % 7 + 0.5})
    parts = []
    for place in range(12):
        some = rows[20 * place : 20 * place + 20]
        parts += [some, pd.DataFrame({"id": [f"Subtotal {place + 1}"], "spend": [some["spend"].sum()]})]
    parts.append(pd.DataFrame({"id": ["Grand total"], "spend": [rows["spend"].sum()]}))
    path = tmp_path / "c.csv"
    pd.concat(parts).to_csv(path, index=False)
    command = ["segment", str(path), "--engine", "duckdb", "--columns", "spend", "--segments", "3"]
    assert main([*command, "--out", str(tmp_path / "out")]) == 0
    assert "13 rows read as totals" in capsys.readouterr().err
    assert sorted(pd.read_parquet(tmp_path / "out" / "customers.parquet")["id"]) == sorted(rows["id"])
    assert main([*command, "--keep-footer", "--out", str(tmp_path / "all")]) == 0
    assert len(pd.read_parquet(tmp_path / "all" / "customers.parquet")) == 253


def test_a_city_called_sum_is_no_total_unless_it_holds_one(tmp_path):
    rows = pd.DataFrame({"id": range(60), "city": ["Sum", *["Oslo"] * 59], "spend": np.arange(60) % 7 + 0.5})
    for spend, says in ((1.5, 0), (rows["spend"][1:].sum(), 1)):
        rows.loc[0, "spend"] = spend
        rows.to_csv(tmp_path / "c.csv", index=False)
        with open_engine("duckdb", str(tmp_path / "c.csv")) as engine:
            assert len(look_at(engine, "c").totals) == says


@pytest.mark.parametrize(
    ("cell", "refused"),
    [
        ("1,234.50", True),
        ("€ 7.00", True),
        ("(7.00)", True),
        ("unknown", False),
        (" 7.25\u00a0", False),
    ],
)
def test_one_amount_in_thousands_that_no_sample_holds_is_not_taken_for_missing(cell, refused, tmp_path, monkeypatch):
    monkeypatch.setattr(config, "ENGINE_SAMPLE_ROWS", 100)
    rows = pd.DataFrame({"id": range(5_000), "spend": [f"{each % 90 + 0.25:.2f}" for each in range(5_000)]})
    rows.loc[4_321, "spend"] = cell
    rows.to_csv(tmp_path / "c.csv", index=False, sep=";")
    with open_engine("duckdb", str(tmp_path / "c.csv")) as engine:
        table = look_at(engine, "c")
        assert cell not in set(table.sample.original["spend"])
        says = pytest.raises(EngineCellsError, match="spend holds numbers") if refused else contextlib.nullcontext()
        with says:
            check_cells(table, Recipe((FeatureSpec("spend"),), 2))


def test_a_cell_that_nobody_reads_is_said_to_be_missing_though_no_sample_holds_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(config, "ENGINE_SAMPLE_ROWS", 100)
    rows = pd.DataFrame({"id": range(5_000), "spend": [f"{each % 90 + 0.25:.2f}" for each in range(5_000)]})
    rows.loc[[4_321, 4_322], "spend"] = ["30-40", "see line 7"]
    rows.to_csv(tmp_path / "c.csv", index=False)
    command = ["segment", str(tmp_path / "c.csv"), "--engine", "duckdb", "--columns", "spend", "--segments", "3"]
    assert main([*command, "--out", str(tmp_path / "out")]) == 0
    assert "`spend`: 2 cells of all customers could not be read as numbers" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("written", "refused"),
    [("%Y-%m-%dT%H:%M:%SZ", False), ("%Y-%m-%d %H:%M:%S-02:00", False), ("%d/%m/%Y", True), ("%Y%m%d", True)],
)
def test_dates_are_read_as_in_a_file_or_refused(written, refused, tmp_path):
    days = pd.date_range("2023-01-01 01:00", periods=300, freq="31h")
    pd.DataFrame({"id": range(300), "day": days.strftime(written)}).to_csv(tmp_path / "c.csv", index=False)
    model = fit_segmentation(read_table(tmp_path / "c.csv"), Recipe((FeatureSpec("day", Role.DATE),), 3))
    with open_engine("duckdb", str(tmp_path / "c.csv")) as engine:
        table = look_at(engine, "c")
        if refused:
            with pytest.raises(EngineCellsError, match="day holds dates"):
                check_cells_of_model(table, model, {"day": "day"})
            return
        check_cells_of_model(table, model, {"day": "day"})
        write_labels(table, model, tmp_path / "out.parquet", "parquet")
    found = pd.read_parquet(tmp_path / "out.parquet").astype({"id": int}).sort_values("id")
    assert (found["segment"] - 1).tolist() == model.labels.tolist()


def test_features_of_a_sample_can_be_chosen_by_name(folder):
    with open_engine("duckdb", str(folder)) as engine:
        sample = look_at(engine, "months").sample
    assert [spec.column for spec in choose_features(sample, ("a", "b")) if spec.segments] == ["a", "b"]


def test_a_month_written_otherwise_is_refused_and_not_placed_by_missing_values(tmp_path, capsys):
    """An engine would take 18,177 for missing, and place everybody by what the missing values are filled with."""
    n = 60
    group = np.arange(n) % 2
    frame = pd.DataFrame({"id": [f"c{each}" for each in range(n)], "spend": 100 + 9000 * group + np.arange(n)})
    frame["channels"] = np.array(["web; app", "web", "shop; app", "shop"])[np.arange(n) // 2 % 4]
    frame.to_csv(tmp_path / "may.csv", index=False)
    frame.assign(spend=frame["spend"].map("{:,}".format)).to_csv(tmp_path / "june.csv", index=False)
    for name, columns in (("spend", "spend"), ("answers", "channels: web,spend")):
        out = str(tmp_path / name)
        assert main(["segment", str(tmp_path / "may.csv"), "--columns", columns, "--segments", "2", "--out", out]) == 0
    capsys.readouterr()
    for name, file, said in (("spend", "june", "spend holds numbers written as '9,"), ("answers", "may", "made of")):
        model = str(tmp_path / name / "model.segmodel.json")
        asked = [model, str(tmp_path / f"{file}.csv"), "--engine", "duckdb", "--out", str(tmp_path / "out")]
        assert main(["assign", *asked]) == 2
        assert said in capsys.readouterr().err


def test_an_engine_works_out_a_model_s_own_columns(tmp_path, capsys):
    random = np.random.default_rng(2)
    table = pd.DataFrame({"spend": random.gamma(2, 50, 400).round(2), "orders": random.integers(0, 6, 400)})
    table.to_csv(tmp_path / "customers.csv", index=False)
    asked = ["--formula", "basket=spend / orders", "--columns", "basket,spend", "--segments", "3"]
    here, there = tmp_path / "here", tmp_path / "there"
    assert main(["segment", str(tmp_path / "customers.csv"), *asked, "--out", str(here)]) == 0
    renamed = table.rename(columns={"orders": "bestellungen"})
    renamed.to_parquet(tmp_path / "customers.parquet")
    command = ["assign", str(here / "model.segmodel.json"), str(tmp_path / "customers.parquet"), "--engine", "duckdb"]
    assert main([*command, "--match", "orders=bestellungen", "--out", str(there)]) == 0
    placed = pd.read_parquet(there / "customers.parquet")["segment"].fillna(0).to_numpy()
    assert (placed == pd.read_csv(here / "customers.csv")["segment"].fillna(0).to_numpy()).all()
    capsys.readouterr()
    asked = ["--dialect", "duckdb", "--match", "orders=bestellungen"]
    assert main(["export-sql", str(here / "model.segmodel.json"), *asked]) == 0
    assert '"bestellungen"' in capsys.readouterr().out


def test_weights_columns_of_ones_own_and_segments_formed_anew_are_those_of_the_same_customers_here(
    frame, tmp_path, capsys, small_sample
):
    frame = frame[:5_000]
    month = frame.assign(w=np.where(frame["c"] > 5, 9.0, 1.0) + frame["id"] % 3, a=frame["a"].mask(frame["c"] > 9))
    month.to_parquet(tmp_path / "month.parquet", index=False)
    source, engine = str(tmp_path / "month.parquet"), ["--engine", "duckdb"]
    asked = ["--formula", "both=b + c", "--weights", "w", "--columns", "b,c,both", "--value", "spend"]
    formed = ["segment", source, *asked, "--segments", "3", "--no-evening-out", "--missing", "both=drop"]
    assert main([*formed, "--out", str(tmp_path / "here")]) == 0
    assert main([*formed, "--out", str(tmp_path / "there"), *engine]) == 0
    own, model = add_column(read_table(source), "both", "b + c"), load_model(tmp_path / "here" / "model.segmodel.json")
    here = summary_table(profile_segments(own, assign_segments(own, model).segmentation))
    there = pd.read_csv(tmp_path / "there" / "segments.csv")
    # The smallest group counts most.
    assert there["size"].tolist() == here["size"].tolist() != sorted(here["size"], reverse=True)
    same = ["share", "both (mean)", "b (mean)", "spend (mean)", "spend (index)", "a (mean)"]
    np.testing.assert_allclose(there[same], here[same], rtol=1e-9)
    record, mine = (json.loads((tmp_path / name / "run.json").read_text()) for name in ("there", "here"))
    assert record["scores"]["wcss"] == pytest.approx(mine["scores"]["wcss"], rel=1e-6)
    brings = [
        sum_.money.sum
        for sum_ in describe_segments(own, assign_segments(own, model).segmentation, value_column="spend")
    ]
    assert [each["sum"] for each in record["segments"]] == pytest.approx(brings)
    labels, mine = labels_of(
        tmp_path / "there" / "customers.parquet", load_model(tmp_path / "there/model.segmodel.json"), month
    )
    assert labels == mine

    kept = month[month["b"] < 5].assign(b=lambda found: found["b"] * 2)
    kept.to_parquet(tmp_path / "next.parquet", index=False)
    again = ["refit", str(tmp_path / "here" / "model.segmodel.json"), str(tmp_path / "next.parquet"), "--segments", "2"]
    capsys.readouterr()
    assert main([*again, "--out", str(tmp_path / "anew"), "--json"]) == 0
    local = json.loads(capsys.readouterr().out)
    assert main([*again, "--out", str(tmp_path / "anew_there"), *engine, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["carried_on"] == local["carried_on"] != []
    assert [(each["name"], each["size"]) for each in found["segments"]] == [
        (each["name"], each["size"]) for each in local["segments"]
    ]
    assert found["rows"]["in_segments"] == len(kept) > found["rows"]["sampled"]

    month.loc[month.index[-1], "w"] = 0.0
    month.to_parquet(tmp_path / "month.parquet", index=False)
    assert main([*formed, "--out", str(tmp_path / "none"), *engine]) == 2
    assert "w: 1 of 5,000 customers without a weight above 0. Give every row" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_segments_of_components_are_those_of_the_sample_and_say_so(folder, tmp_path, capsys, small_sample):
    formed = ["segment", str(folder), "--engine", "duckdb", "--columns", "a,b,c", "--reduce", "pca", "--segments", "4"]
    assert main([*formed, "--out", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert "K-Means of components (PCA) needs all customers in memory" in said.out + said.err
    assert "20,000 rows = 20,000 in segments" in said.out


def test_texts_are_read_as_in_a_file_whatever_stands_around_them_or_looks_like_a_number(tmp_path):
    fit = pd.DataFrame(
        {"x": [1.0, 2.0, 50.0, 51.0] * 20, "yes": ["да", "нет"] * 40, "day": ["2024-03-01", "2024-09-30"] * 40}
    )
    specs = (
        FeatureSpec("x", missing=Missing.DROP),
        FeatureSpec("yes", missing=Missing.DROP),
        FeatureSpec("day", Role.DATE, missing=Missing.DROP),
    )
    model = fit_segmentation(read_frame(fit), Recipe(specs, 3))
    texts = ["1", " 2\t", "\u00a050", "1_000", "1d", "0x1A", "1e1", "5-", ".5", "1.2.3", "-1.", "51 "]
    month = pd.DataFrame(
        {
            "id": np.arange(36),
            "x": texts * 3,
            "yes": ["да", " ДА", "Нет\u00a0", "no", "y", "vielleicht"] * 6,
            "day": ["2024-03-01", " 2024-03-01", "2024-09-30 ", "2024-09-30T10:00:00", "nie", "\t2024-03-01"] * 6,
        }
    )
    own = assign_segments(read_frame(month.assign(x=pd.to_numeric(month["x"].str.strip(), errors="coerce"))), model)
    assert 0 < (own.segmentation.labels >= 0).sum() < 30
    for name, run in (("duckdb", in_duckdb), ("sqlite", in_sqlite)):
        found = run(month, model_sql(model, name, keep=["id"])).sort_values("id")
        assert found["segment"].fillna(0).astype(int).tolist() == (own.segmentation.labels + 1).tolist(), name


@pytest.mark.parametrize(
    ("source", "pattern"),
    [
        ("s3://shop/months", "s3://shop/months/**/*.parquet"),
        ("s3://shop/months/", "s3://shop/months/**/*.parquet"),
        ("s3://shop.eu/months/2024", "s3://shop.eu/months/2024/**/*.parquet"),
        ("s3://shop/months/*.parquet", "s3://shop/months/*.parquet"),
    ],
)
def test_a_folder_in_a_bucket_needs_no_stroke_at_its_end(source, pattern):
    assert _files(source) == (pattern, "parquet")


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("HTTP GET error reading 's3://shop/x.parquet' in region '' (HTTP 404 Not Found)", "no such file or bucket"),
        ("Timeout was reached error for HTTP HEAD to 'http://10.0.0.1/shop/x.parquet'", "its server does not answer"),
        ("Could not connect to server error for HTTP GET to 'http://10.0.0.1/shop/'", "nobody listens"),
        ("HTTP GET error reading 's3://shop/x.parquet' (HTTP 403 Forbidden)", "CREATE PERSISTENT SECRET"),
    ],
)
def test_what_a_bucket_s_server_says_is_told_in_words(said, means, tmp_path, monkeypatch, capsys):
    def refuse(*_: object) -> None:
        raise duckdb.HTTPException(f"HTTP Error: {said}")

    monkeypatch.setattr(DuckDBEngine, "_types", refuse)
    assert main(["describe", str(tmp_path / "c.parquet"), "--engine", "duckdb"]) == 2
    told = capsys.readouterr().err
    assert means in told
    assert "Traceback" not in told
