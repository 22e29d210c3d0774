"""A model as SQL: databases place every customer where the model does, whatever a column holds."""

import datetime
import sqlite3
import zipfile
from io import BytesIO

import duckdb
import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sql
import sqlglot

from segmenter import (
    DateUse,
    FeatureSpec,
    Missing,
    Recipe,
    Result,
    Role,
    Scaling,
    SegmenterError,
    Transform,
    add_column,
    assign_segments,
    check_model,
    choose_features,
    fit_segmentation,
    join_spellings,
    model_sql,
    read_frame,
    save_model,
)
from segmenter.cli import main
from segmenter.cluster import ALGORITHMS
from segmenter.io.export import EXPORTERS
from segmenter.io.export.sql import DIALECTS
from tests.io.read import postgres

CITIES = ("Oslo", "Rome", 'it\'s "here"', "a\\b", "1")
LEVELS = ("low", "medium", "high")
FEATURES = (
    FeatureSpec("income", transform=Transform.LOG, missing=Missing.MEAN),
    FeatureSpec("change", transform=Transform.YEO_JOHNSON, scaling=Scaling.ROBUST),
    FeatureSpec("loss", transform=Transform.YEO_JOHNSON, cap=(1, 99), missing=Missing.MODE),
    FeatureSpec("age", scaling=Scaling.MINMAX, unknown=(-1.0, 999.0), indicator=True, weight=2.5),
    FeatureSpec("visits", scaling=Scaling.NONE, missing=Missing.CONSTANT, constant=3.0, cap=(5, 95), weight=0.3),
    FeatureSpec("member"),
    FeatureSpec("needed", missing=Missing.DROP),
    FeatureSpec("level", Role.ORDINAL, missing=Missing.MODE, order=LEVELS),
    FeatureSpec("grade", Role.ORDINAL, missing=Missing.DROP, order=("1", "2", "3")),
    FeatureSpec("City of birth", Role.CATEGORY, missing=Missing.CATEGORY, rare=0.0, indicator=True, weight=0.7),
    FeatureSpec("channel", Role.CATEGORY, missing=Missing.MODE),
    FeatureSpec("plan", Role.CATEGORY, missing=Missing.DROP),
    FeatureSpec("since", Role.DATE, date_use=DateUse.DAYS),
    FeatureSpec("born", Role.DATE, date_use=DateUse.AGE, missing=Missing.MEAN),
    FeatureSpec("month", Role.DATE, date_use=DateUse.MONTH, indicator=True),
    FeatureSpec("week", Role.DATE, date_use=DateUse.WEEK, missing=Missing.MODE),
    FeatureSpec("day", Role.DATE, date_use=DateUse.WEEKDAY, missing=Missing.DROP),
)

FEW = tuple(each for each in FEATURES if each.column in {"income", "age", "needed", "channel", "City of birth"})
SMALL = {"som": (("columns", 6), ("rows", 5))}


def customers(n: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)

    def with_gaps(values, share=0.08):
        found = pd.Series(values, dtype=object if isinstance(values[0], str) else None)
        return found.mask(random.random(n) < share)

    def days(first, last):
        start, end = pd.Timestamp(first).value // 10**9, pd.Timestamp(last).value // 10**9
        return with_gaps(pd.to_datetime(random.integers(start, end, n), unit="s").astype("datetime64[us]"))

    group = random.integers(0, 3, n)
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "income": with_gaps(np.exp(random.normal(8 + group, 1.0, n)).round(2)),
            "change": with_gaps(random.standard_t(2, n) * 10 + 20 * group),
            "loss": with_gaps(-random.gamma(1.0, 100.0, n)),
            "age": with_gaps(random.choice([-1.0, 999.0, *range(18, 90)], n)),
            "visits": with_gaps(random.poisson(3 + 4 * group).astype(float)),
            "member": with_gaps(random.random(n) < 0.3, 0.05).astype("boolean"),
            "needed": with_gaps(random.normal(group, 0.3), 0.05),
            "level": with_gaps(random.choice(LEVELS, n)),
            "grade": with_gaps(random.integers(1, 4, n).astype(float), 0.05).astype("Int64"),
            "City of birth": with_gaps(random.choice(CITIES, n)),
            "channel": with_gaps(random.choice(["web", "shop"], n)),
            "plan": with_gaps(random.choice(["basic", "gold", "rare"], n, p=[0.6, 0.38, 0.02]), 0.05),
            "since": days("2019-01-01", "2024-06-01"),
            "born": days("1940-01-01", "2005-01-01"),
            "month": days("2020-01-01", "2024-12-31"),
            "week": days("2015-01-01", "2024-12-31"),
            "day": days("2023-01-01", "2024-12-31"),
        }
    )


@pytest.fixture(scope="module")
def strangers():
    """Customers of another month, some with values that no model has seen."""
    frame = customers(400, seed=2)
    frame.loc[0, ["income", "change", "loss"]] = 1e149
    frame.loc[1, ["income", "needed"]] = 1e200
    frame.loc[2, "change"] = -1e151
    frame.loc[3, "income"] = 0.0
    frame.loc[4, "income"] = -500.0
    frame.loc[5:9, "City of birth"] = ["Lima", "oslo", "Oslo ", "NA", "  "]
    frame.loc[10:11, "level"] = ["enormous", "High"]
    frame.loc[12, "grade"] = 7
    frame.loc[13, ["since", "born"]] = pd.Timestamp("2031-02-03 04:05:06.789")
    frame.loc[14, "week"] = pd.Timestamp("2021-01-01")  # the 53rd week of 2020
    frame.loc[15, [each.column for each in FEATURES]] = None
    frame.loc[16, "age"] = -1.0
    return frame


@pytest.fixture(scope="module")
def trained():
    return read_frame(customers(500, seed=1), "customers")


@pytest.fixture(scope="module")
def mixed(trained):
    return fit_segmentation(trained, Recipe(FEATURES, n_segments=5))


def in_duckdb(frame: pd.DataFrame, query: str) -> pd.DataFrame:
    with duckdb.connect() as database:
        database.register("handed_over", frame)
        database.execute("CREATE TABLE customers AS SELECT * FROM handed_over")
        return database.sql(query).df()


def in_sqlite(frame: pd.DataFrame, query: str) -> pd.DataFrame:
    with sqlite3.connect(":memory:") as database:
        frame.to_sql("customers", database, index=False)
        return pd.read_sql(query, database)


@pytest.fixture(scope="module")
def in_postgres(tmp_path_factory):
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed; tests/io/read/install_postgres.sh installs it")
    with postgres.running(tmp_path_factory.mktemp("postgres"), programs) as server:
        engine = sql.create_engine(server.url)

        def run(frame: pd.DataFrame, query: str) -> pd.DataFrame:
            frame.to_sql("customers", engine, index=False, if_exists="replace")
            with engine.connect() as connection:
                return pd.read_sql(sql.text(query.replace(":", r"\:")), connection)

        yield run
        engine.dispose()


@pytest.fixture(params=["duckdb", "sqlite", "postgres"])
def database(request):
    runs = {"duckdb": in_duckdb, "sqlite": in_sqlite}.get(request.param)
    return request.param, runs or request.getfixturevalue("in_postgres")


def assert_same(found: pd.DataFrame, frame: pd.DataFrame, segmentation) -> None:
    """Compare every customer with the model's own answer."""
    placed = assign_segments(read_frame(frame), segmentation)
    own = Result(read_frame(frame), placed.segmentation, placed).labelled()
    found = found.sort_values("id", ignore_index=True)
    assert found["segment"].astype("Int64").tolist() == own["segment"].tolist()
    assert found["segment_name"].fillna("").tolist() == own["segment_name"].fillna("").tolist()
    assert found["reason"].fillna("").tolist() == own["reason"].fillna("").tolist()
    np.testing.assert_allclose(found["distance"].astype(float), own["distance"], rtol=1e-9, atol=1e-12)
    like_none = check_model(read_frame(frame), placed).fits_none
    assert (found["fits_none"].fillna(0) == 1).tolist() == like_none.tolist()
    if "probability" in own:
        np.testing.assert_allclose(found["probability"].astype(float), own["probability"], rtol=1e-6)


def test_every_customer_is_placed_alike_for_every_prepared_column_type(database, mixed, strangers):
    name, run = database
    found = run(strangers, model_sql(mixed, name, keep=["id"]))
    assert_same(found, strangers, mixed)
    # The odd rows are in the comparison, not around it.
    reasons = found.sort_values("id")["reason"].fillna("")
    assert "income is too large to use" in reasons[1]
    assert "grade has a value that the model does not list" in reasons[12]
    assert 0.5 < found["segment"].notna().mean() < 0.95


@pytest.fixture(scope="module")
def formed(trained):
    """Return the segments of a method, formed once for all databases."""
    known = {}

    def form(method):
        if method not in known:
            known[method] = fit_segmentation(trained, Recipe(FEW, 4, algorithm=method, settings=SMALL.get(method, ())))
        return known[method]

    return form


@pytest.mark.parametrize("method", [key for key in ALGORITHMS if key != "k-means"])
def test_every_method_with_a_rule_is_placed_alike(database, method, strangers, formed):
    name, run = database
    segmentation = formed(method)
    found = run(strangers, model_sql(segmentation, name, keep=["id"]))
    assert_same(found, strangers, segmentation)


def test_a_customer_at_the_same_distance_from_two_segments_goes_to_the_first_of_them(database):
    name, run = database
    frame = pd.DataFrame({"id": range(41), "a": [0.0, 2.0] * 20 + [1.0]})
    segmentation = fit_segmentation(read_frame(frame[:40]), Recipe((FeatureSpec("a", scaling=Scaling.NONE),), 2))
    found = run(frame, model_sql(segmentation, name, keep=["id"])).sort_values("id")
    assert found["segment"].tolist() == [1, 2] * 20 + [1]
    assert_same(found, frame, segmentation)


def test_numbers_kept_as_text_and_answers_kept_as_words_are_read_as_they_are_meant(mixed, strangers):
    stored = strangers.assign(
        income=strangers["income"].map(repr).where(strangers["income"].notna()),
        member=strangers["member"].map({True: "Yes", False: "no"}),
    )
    stored.loc[20, "income"] = "nobody knows"
    strangers = strangers.copy()
    strangers.loc[20, "income"] = np.nan
    for name, run in (("duckdb", in_duckdb), ("sqlite", in_sqlite)):
        assert_same(run(stored, model_sql(mixed, name, keep=["id"])), strangers, mixed)


def test_columns_of_other_names_are_matched_and_the_own_segment_column_is_kept(mixed, strangers):
    frame = strangers.rename(columns={"income": "Einkommen"}).assign(segment="mine")
    query = model_sql(mixed, keep=["id", "segment"], columns={"income": "Einkommen"})
    found = in_duckdb(frame, query)
    assert list(found)[:3] == ["id", "segment", "segment_new"]
    assert_same(found.drop(columns="segment").rename(columns={"segment_new": "segment"}), strangers, mixed)


def test_a_column_that_is_not_there_is_an_error_and_never_a_text(mixed, strangers):
    # SQLite takes a quoted name that is no column for a text.
    with pytest.raises(Exception, match="no such column"):
        in_sqlite(strangers.drop(columns="income"), model_sql(mixed, "sqlite", keep=["id"]))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_can_be_parsed_and_names_the_table(dialect, mixed):
    query = model_sql(mixed, dialect, "shop.customers")
    found = sqlglot.parse_one(query, read=dialect, error_level=sqlglot.ErrorLevel.RAISE)
    tables = {table.sql(dialect=dialect) for table in found.find_all(sqlglot.exp.Table) if table.db}
    assert tables == {"shop.customers AS customer"}
    assert [each.alias for each in found.expressions][-5:] == [
        "segment", "segment_name", "distance", "reason", "fits_none",
    ]  # fmt: skip
    # What a dialect takes for an escape stands doubled.
    literals = {each.this for each in found.find_all(sqlglot.exp.Literal) if each.is_string}
    assert set(CITIES[:4]) <= literals


def test_names_of_snowflake_follow_its_capitals_unless_they_need_quotes(trained):
    segmentation = fit_segmentation(
        trained, Recipe((FeatureSpec("income"), FeatureSpec("City of birth", Role.CATEGORY)))
    )
    query = model_sql(segmentation, "snowflake", keep=["id", "order"])
    assert "customer.income" in query
    assert 'customer."City of birth"' in query
    assert 'customer."order"' in query


@pytest.mark.parametrize("table", ["customers; DROP TABLE customers", "a b c", "", "(SELECT 1)", "f(1)", "a JOIN b"])
def test_what_is_no_name_of_a_table_is_refused(table, mixed):
    with pytest.raises(SegmenterError, match="is no name of a table"):
        model_sql(mixed, "duckdb", table)


def test_a_model_that_fills_from_similar_customers_says_why_it_cannot_be_sql(trained):
    features = (FeatureSpec("income", missing=Missing.KNN), FeatureSpec("change"))
    with pytest.raises(SegmenterError, match="fills income from the most similar customers"):
        model_sql(fit_segmentation(trained, Recipe(features, 3)))


def test_the_download_holds_a_select_for_every_dialect(formed, trained):
    bisected = formed("bisecting")
    with zipfile.ZipFile(BytesIO(EXPORTERS["sql"].export(Result(trained, bisected)))) as archive:
        assert set(archive.namelist()) == {f"customers.{name}.sql" for name in DIALECTS}
        query = archive.read("customers.duckdb.sql").decode()
    # The model knows no identifier: what it looks at stands beside the segment.
    found = in_duckdb(customers(50, 3), query)
    assert list(found)[:5] == [each.column for each in bisected.preparation.columns_]
    assert list(found)[5:] == ["segment", "segment_name", "distance", "reason", "fits_none"]


def test_the_command_writes_the_select_of_a_saved_model(formed, strangers, tmp_path, capsys):
    bisected = formed("bisecting")
    path = save_model(bisected, tmp_path / "model")
    written = tmp_path / "place.sql"
    command = ["export-sql", str(path), "--dialect", "duckdb", "--keep", "id", "--match", "age=years"]
    assert main([*command, "--out", str(written)]) == 0
    assert str(written) in capsys.readouterr().out
    assert_same(in_duckdb(strangers.rename(columns={"age": "years"}), written.read_text()), strangers, bisected)
    assert main([*command, "--table", "a;b"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "'a;b' is no name of a table in DuckDB" in said.err


def test_dates_are_counted_to_the_second_in_every_database(database):
    frame = pd.DataFrame(
        {"id": range(60), "d": pd.Timestamp("2020-02-28 23:59:59") + np.arange(60) * datetime.timedelta(hours=7)}
    )
    segmentation = fit_segmentation(read_frame(frame), Recipe((FeatureSpec("d", Role.DATE),), 3))
    name, run = database
    assert_same(run(frame, model_sql(segmentation, name, keep=["id"])), frame, segmentation)


def test_no_rules_own_steps_take_the_name_of_a_prepared_column():
    """Rules of many segments go in blocks, and the later ones look at the prepared columns still."""
    frame = customers(300, seed=3)
    on_circles = tuple(
        FeatureSpec(name, Role.DATE, date_use=use, indicator=True)
        for name, use in (("month", DateUse.MONTH), ("week", DateUse.WEEK))
    )
    features = (*on_circles, FeatureSpec("City of birth", Role.CATEGORY, rare=0.0), FeatureSpec("income"))
    for method in ("k-means", "gaussian-mixture"):
        segmentation = fit_segmentation(read_frame(frame), Recipe(features, 20, algorithm=method))
        assert_same(in_duckdb(frame, model_sql(segmentation, keep=["id"])), frame, segmentation)


def test_what_reading_a_file_would_do_is_said_for_a_table(tmp_path, capsys):
    frame = pd.DataFrame({"id": range(80), "channels": ["web; app", "web", "shop; app", "shop"] * 20})
    frame["spend"] = np.tile([1.0, 9.0], 40)
    frame["city\n; DROP TABLE x"] = np.tile(["Oslo", "oslo", "Rome", "Oslo"], 20)
    dataset = join_spellings(read_frame(frame), None)
    names = [column.name for column in dataset.columns]
    wanted = ["channels: web", "spend", *(name for name in names if name.startswith("city"))]
    wanted = choose_features(dataset, wanted)
    segmentation = fit_segmentation(dataset, Recipe(wanted, 2))
    path = str(save_model(segmentation, tmp_path / "m"))
    assert main(["export-sql", path, "--dialect", "duckdb"]) == 0
    said = capsys.readouterr()
    for stream in (said.out, said.err):
        assert 'The table needs a column "channels: web": 1 where channels holds the answer web' in stream
        assert "Stored as numbers" in stream
        assert "a spelling that is new in the table counts as" in stream
    # Comments stay comments whatever a column is called.
    assert len(sqlglot.parse(said.out, read="duckdb")) == 1


OWN_FORMULAS = (
    "spend / orders",
    "(spend - 200) % -7",
    "(orders - 3) ^ 3",
    "spend ^ 0.5 + orders ^ -1",
    "log(spend) - log10(orders)",
    "round(orders / 2) + round(spend, -1) + round(spend / 3, 1)",
    "min(spend, age) + max(spend, age, orders) + abs(-age)",
    "mean(spend, age) if 20 < age <= 60 else sqrt(spend)",
    "not (spend > 50) or member",
    "bins(age, 18, 35, 65)",
    "where(plan == region, plan, 'x')",
    "bins((last - joined) / 365, 1, 2, 3)",
    "where(joined > 18800, plan, region)",
)


@pytest.fixture(scope="module")
def buyers():
    draw, n = np.random.default_rng(1), 300
    day = lambda start, most: (pd.Timestamp(start) + pd.to_timedelta(draw.integers(0, most, n), "D")).astype("str")  # noqa: E731
    frame = pd.DataFrame(
        {
            "spend": draw.normal(100, 80, n).round(1),
            "orders": draw.integers(0, 6, n),
            "age": draw.integers(10, 90, n).astype(float),
            "plan": draw.choice(["A", "B", "C d"], n),
            "region": draw.choice(["A", "B"], n),
            "member": draw.choice(["yes", "no"], n),
            "joined": pd.Series(day("2020-01-01", 900)),
            "last": day("2023-01-01", 500),
        }
    )
    for step, name in ((13, "age"), (17, "plan"), (19, "joined"), (23, "spend")):
        frame.loc[::step, name] = None
    return frame


@pytest.mark.parametrize("formula", OWN_FORMULAS)
def test_a_database_works_out_columns_of_ones_own(buyers, formula):
    dataset = add_column(read_frame(buyers), "own", formula)
    segmentation = fit_segmentation(dataset, Recipe(choose_features(dataset, ("own", "orders")), n_segments=3))
    expected = assign_segments(read_frame(buyers), segmentation).segmentation.labels.to_numpy() + 1
    own = dataset.frame["own"]
    with duckdb.connect() as duck, sqlite3.connect(":memory:") as lite:
        duck.register("customers", buyers)
        buyers.to_sql("customers", lite, index=False)
        for answer in (
            duck.execute(model_sql(segmentation, "duckdb", keep=["own"])).df(),
            pd.read_sql(model_sql(segmentation, "sqlite", keep=["own"]), lite),
        ):
            assert (answer["segment"].fillna(0).to_numpy() == expected).all()
            if pd.api.types.is_numeric_dtype(own):
                np.testing.assert_allclose(answer["own"].astype(float), own, rtol=1e-9)
            else:
                assert (
                    answer["own"].where(answer["own"].notna(), None).tolist() == own.where(own.notna(), None).tolist()
                )


def test_a_formula_reads_each_column_of_the_table_once_however_often_it_speaks_of_it(buyers):
    formula = "min(spend, age) + max(spend, age, orders) + abs(-age) + (spend - age) ^ 3"
    dataset = add_column(read_frame(buyers), "own", formula)
    segmentation = fit_segmentation(dataset, Recipe(choose_features(dataset, ("own",)), n_segments=2))
    query = sqlglot.parse_one(model_sql(segmentation, "duckdb", keep=["own"]), read="duckdb")
    asked = next(cte.this for cte in query.find_all(sqlglot.exp.CTE))
    assert len(asked.expressions) == 3
    assert "customer." not in query.sql().replace(asked.sql(), "")


def test_every_dialect_writes_columns_of_ones_own(buyers):
    dataset = add_column(read_frame(buyers), "own", "where(plan == region and joined > 18800, spend, orders ^ 2)")
    segmentation = fit_segmentation(dataset, Recipe(choose_features(dataset, ("own", "orders")), n_segments=2))
    for dialect in ("bigquery", "snowflake", "postgres"):
        written = model_sql(segmentation, dialect)
        assert sqlglot.parse_one(written, read=dialect)
        assert "Worked out in the query" in written
    # Whoever keeps the column in the table says so.
    mapped = model_sql(segmentation, "duckdb", keep=["own"], columns={"own": "ready"})
    found = in_duckdb(buyers.assign(ready=dataset.frame["own"]), mapped)
    np.testing.assert_array_equal(found["own"].astype(float), dataset.frame["own"].astype(float))
    assert '"ready"' in mapped
    assert '"plan"' not in mapped
