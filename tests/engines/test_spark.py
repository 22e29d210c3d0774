"""On Spark Connect: the same labels, the same models, and a sentence where there is no server."""

import contextlib
import secrets
import socket
import threading
import time
import warnings

import numpy as np
import pandas as pd
import pytest
import sqlglot

from segmenter import (
    FeatureSpec,
    Recipe,
    SegmenterError,
    assign_segments,
    check_model,
    config,
    fit_segmentation,
    load_model,
    model_sql,
    read_frame,
    save_model,
)
from segmenter.cli import main
from segmenter.engines.counting import check_of_all, money_of_all
from segmenter.engines.engine import connected, open_engine
from segmenter.engines.purchases import customers_behind_lines
from segmenter.engines.segmenting import keep_labels, look_at, match_table, segment_all, write_labels
from segmenter.progress import Cancelled
from segmenter.purchases.customers import customers_from
from tests.engines import spark
from tests.engines.test_duckdb import SPECS, frame  # noqa: F401 - a fixture
from tests.engines.test_purchases import SHOP, assert_same_customers, shop_lines
from tests.io.export.test_sql import FEATURES, assert_same, customers

# One server for all of them: its start takes longer than the tests.
pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    if why := spark.why_not():
        pytest.skip(why)
    with spark.running(tmp_path_factory.mktemp("spark")) as found:
        yield found


@pytest.fixture(scope="module")
def address(server):
    return server[0]


def placed_by(path) -> pd.DataFrame:
    return pd.read_parquet(path).sort_values("id", ignore_index=True)


def test_every_prepared_column_type_gives_the_local_labels(address, tmp_path):
    made = customers(400, seed=2)
    made.loc[0, ["income", "change", "loss"]] = 1e149
    made.loc[1, "income"] = 1e200
    made.loc[5:7, "City of birth"] = ["Lima", "NA", "  "]
    model = fit_segmentation(read_frame(customers(500, seed=1)), Recipe(FEATURES, 5))
    made.to_parquet(tmp_path / "c.parquet", index=False)
    with open_engine(address, str(tmp_path / "c.parquet")) as engine:
        found = engine.backend.sql(model_sql(model, "spark", engine.source.sql(), keep=["id"])).toPandas()
    assert_same(found, made, model)


def test_a_model_from_spark_is_applied_here_and_there(address, frame, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr(config, "ENGINE_SAMPLE_ROWS", 2_000)
    monkeypatch.setattr(config, "ENGINE_PASSES", 1)
    frame.to_parquet(tmp_path / "months.parquet", index=False)
    out = tmp_path / "out"
    with open_engine(address, str(tmp_path / "months.parquet")) as engine:
        table = look_at(engine, "months")
        assert 1_700 < table.sample.n_customers < 2_300
        found = segment_all(table, Recipe(SPECS, 4))
        write_labels(table, found.segmentation, out / "placed", "parquet")
    model = load_model(save_model(found.segmentation, tmp_path / "model"))
    there = placed_by(out / "placed")["segment"].fillna(0).astype(int)
    here = assign_segments(read_frame(frame), model).segmentation.labels + 1
    assert there.tolist() == here.tolist()
    assert np.bincount(there)[1:].tolist() == found.sizes.tolist()


def test_the_command_places_customers_on_spark(address, frame, tmp_path, capsys):  # noqa: F811
    small = frame[:500]
    small.to_csv(tmp_path / "c.csv", index=False)
    model = fit_segmentation(read_frame(small), Recipe(SPECS[:2], 3))
    path = str(save_model(model, tmp_path / "model"))
    command = ["assign", path, str(tmp_path / "c.csv"), "--engine", address, "--out", str(tmp_path / "out")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert main(command) == 0
    assert "500 rows = 500 in segments" in capsys.readouterr().out
    there = pd.read_parquet(tmp_path / "out" / "customers.parquet")
    there = there.assign(id=there["id"].astype(int)).sort_values("id")["segment"]
    assert there.astype(int).tolist() == (model.labels + 1).tolist()


def test_no_right_to_write_and_a_missing_file_are_sentences_and_leave_nothing(address, tmp_path, capsys):
    assert main(["describe", str(tmp_path / "no.parquet"), "--engine", address]) == 2
    said = capsys.readouterr().err
    assert "cannot be read by the engine" in said
    assert "Traceback" not in said


def test_a_closed_port_is_said_within_seconds():
    if why := spark.why_not():
        pytest.skip(why)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start = time.monotonic()
    with (
        pytest.raises(SegmenterError, match=r"No engine answers at sc://127\.0\.0\.1"),
        open_engine(f"sc://127.0.0.1:{port}", table="t"),
    ):
        pass
    assert time.monotonic() - start < 30


def test_what_is_no_spark_server_is_said_within_seconds():
    if why := spark.why_not():
        pytest.skip(why)
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def hold() -> None:
            try:
                while True:
                    held.append(server.accept()[0])
            except OSError:
                return

        threading.Thread(target=hold, daemon=True).start()
        start = time.monotonic()
        with (
            pytest.raises(SegmenterError, match="no Spark Connect server"),
            open_engine(f"sc://127.0.0.1:{server.getsockname()[1]}", table="t"),
        ):
            pass
        assert time.monotonic() - start < 30
        for each in held:
            each.close()


@pytest.mark.parametrize("address", ["sc://", "sc://:15002", "sc://host:port"])
def test_an_address_without_a_host_or_with_no_port_is_refused(address):
    with pytest.raises(SegmenterError, match="No engine answers at"), open_engine(address, table="t"):
        pass


def test_customers_behind_lines_are_those_made_here(address, tmp_path):
    lines = shop_lines(1_500)
    lines["invoice_date"] = lines["invoice_date"].astype("datetime64[us]")
    lines.to_parquet(tmp_path / "lines.parquet", index=False)
    here = customers_from(read_frame(lines), SHOP).cells
    with open_engine(address, str(tmp_path / "lines.parquet")) as engine:
        found = customers_behind_lines(engine, SHOP)
        there = found.backend.sql(f"SELECT * FROM {found.source.sql('spark')}").toPandas()
    assert_same_customers(there, here)


def test_drift_money_and_a_table_come_from_the_cluster(address, tmp_path):
    made = customers(300, seed=5)
    model = fit_segmentation(read_frame(customers(400, seed=1)), Recipe(FEATURES, 4))
    made.to_parquet(tmp_path / "c.parquet", index=False)
    here = read_frame(made)
    placed = assign_segments(here, model)
    own = check_model(here, placed)
    with open_engine(address, str(tmp_path / "c.parquet")) as engine:
        table = look_at(engine, "c")
        found, _ = check_of_all(table, model, match_table(table, model, {}))
        money = money_of_all(table, model, "income")
        name = f"labelled_{secrets.token_hex(4)}"
        keep_labels(table, model, name)
        with pytest.raises(SegmenterError, match="already"):
            keep_labels(table, model, name)
        kept = engine.backend.table(name).toPandas().sort_values("id")
        assert [each for each in engine.tables() if each.startswith("labelled_")] == [name]
        engine.backend.sql(f"DROP TABLE {name}")
    assert found.columns == own.columns
    assert found.segments == own.segments
    assert (kept["segment"].fillna(0).astype(int) - 1).tolist() == placed.segmentation.labels.tolist()
    sums = made["income"].groupby(placed.segmentation.labels).sum()
    assert [each.sum for each in money] == pytest.approx([sums[segment] for segment in range(4)], rel=1e-12)


def test_a_csv_of_the_cluster_is_read_again_as_it_was(address, tmp_path):
    rows = pd.DataFrame({"id": range(60), "spend": np.tile([1.0, 9.0], 30)})
    rows["comment"] = np.tile(["=1+1", 'say "hi", twice', " blank ", "two\nlines", "-", "+5"], 10)
    rows.rename(columns={"spend": " spend "}).to_csv(tmp_path / "c.csv", index=False, sep=";")
    model = fit_segmentation(read_frame(rows), Recipe((FeatureSpec("spend"),), 2))
    path = str(save_model(model, tmp_path / "m"))
    command = ["assign", path, str(tmp_path / "c.csv"), "--engine", address, "--labels", "csv", "--no-check"]
    assert main([*command, "--out", str(tmp_path / "out")]) == 0
    parts = [pd.read_csv(part, dtype=str) for part in (tmp_path / "out" / "customers.csv").glob("*.csv")]
    found = pd.concat(parts).astype({"id": int}).sort_values("id")
    assert found["comment"].tolist()[:6] == ["'=1+1", 'say "hi", twice', " blank ", "two\nlines", "-", "+5"]
    assert (found["segment"].astype(int) - 1).tolist() == model.labels.tolist()


def test_totals_are_no_customers_and_amounts_that_are_not_read_are_refused(address, tmp_path, capsys):
    rows = pd.DataFrame({"id": [f"K{each}" for each in range(60)], "spend": [f"{each}.50" for each in range(60)]})
    total = pd.DataFrame({"id": ["Grand total"], "spend": [f"{sum(range(60)) + 30}.00"]})
    pd.concat([rows, total]).to_csv(tmp_path / "c.csv", index=False)
    command = ["segment", str(tmp_path / "c.csv"), "--engine", address, "--columns", "spend", "--segments", "2"]
    assert main([*command, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "60 rows = 60 in segments" in said.out
    assert "'Grand total'" in said.err
    rows.loc[7, "spend"] = "1,234.50"
    rows.to_csv(tmp_path / "c.csv", index=False, sep=";")
    assert main([*command, "--out", str(tmp_path / "no")]) == 2
    assert "spend holds numbers written as '1,234.50'" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()


def test_a_bucket_that_the_server_has_no_package_for_is_said_with_what_helps(address, capsys):
    assert main(["describe", "s3a://shop/months/*.parquet", "--engine", address]) == 2
    assert "hadoop-aws" in capsys.readouterr().err


def test_files_of_another_order_of_columns_or_another_encoding_are_refused(address, tmp_path, capsys):
    folder = tmp_path / "months"
    folder.mkdir()
    rows = pd.DataFrame({"id": range(50), "spend": np.arange(50.0)})
    rows.to_csv(folder / "may.csv", index=False)
    rows[["spend", "id"]].to_csv(folder / "june.csv", index=False)
    assert main(["describe", str(folder), "--engine", address]) == 2
    assert "stand in another order" in capsys.readouterr().err
    (tmp_path / "old.csv").write_bytes("id,city\n1,Zürich\n2,Oslo\n".encode("cp1252"))
    assert main(["describe", str(tmp_path / "old.csv"), "--engine", address]) == 2
    assert "not written in UTF-8" in capsys.readouterr().err


def test_rows_too_short_and_lines_above_the_names_are_refused_without_a_row_being_shown(address, tmp_path, capsys):
    text = "id,spend,city\n" + "".join(f"K{number},{number}.5,Oslo\n" for number in range(50))
    spoilt = {
        text.replace("K40,40.5,Oslo", "K40"): "different numbers of columns",
        text.replace("K40,40.5,Oslo", "K40,40.5,Oslo,9"): "different numbers of columns",
        f"Customers of May\n\n{text}": "stand on line 3",
        f"Customers of May,,\n{text}": "stand on line 2",
    }
    for written, why in spoilt.items():
        (tmp_path / "c.csv").write_text(written)
        assert main(["describe", str(tmp_path / "c.csv"), "--engine", address]) == 2
        said = capsys.readouterr().err
        assert why in said
        assert "K40" not in said


def test_no_right_to_write_leaves_nothing(address, tmp_path, capsys):
    pd.DataFrame({"id": range(60), "spend": np.tile([1.0, 9.0], 30)}).to_parquet(tmp_path / "c.parquet")
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, and no folder")
    command = ["segment", str(tmp_path / "c.parquet"), "--engine", address, "--columns", "spend", "--segments", "2"]
    assert main([*command, "--out", str(blocked)]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["blocked", "c.parquet"]


def test_cancel_stops_the_query_in_the_cluster(address, tmp_path):
    pd.DataFrame({"a": range(100)}).to_parquet(tmp_path / "a.parquet")
    with open_engine(address, str(tmp_path / "a.parquet")) as engine:
        end = time.monotonic() + 1.0

        def cancel(share, doing):
            if time.monotonic() > end:
                raise Cancelled

        endless = sqlglot.parse_one(
            "SELECT SUM(a.id * b.id) AS n FROM range(10000000) AS a, range(1000000) AS b", read="spark"
        )
        start = time.monotonic()
        with pytest.raises(Cancelled):
            engine.rows(endless, cancel)
        assert engine.count() == 100
    assert time.monotonic() - start < 60


@contextlib.contextmanager
def between(address):
    """Stand between this process and a server; give the own address, and what stops saying anything to either."""
    listener = socket.create_server(("127.0.0.1", 0))
    server, held, cut = int(address.rpartition(":")[2]), [], threading.Event()

    def hand_on(source, target):
        with contextlib.suppress(OSError):
            while (sent := source.recv(1 << 16)) and not cut.is_set():
                target.sendall(sent)

    def join_up():
        with contextlib.suppress(OSError):
            while True:
                pair = (listener.accept()[0], socket.create_connection(("127.0.0.1", server)))
                held.extend(pair)
                for ends in (pair, pair[::-1]):
                    threading.Thread(target=hand_on, args=ends, daemon=True).start()

    def silence():
        cut.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()

    threading.Thread(target=join_up, daemon=True).start()
    yield f"sc://127.0.0.1:{listener.getsockname()[1]}", silence
    for each in held:
        each.close()


def test_a_server_that_was_cut_off_is_said_within_seconds_and_holds_up_no_other(address):
    # The server does not know and goes on, so that it must not be endless.
    long = sqlglot.parse_one("SELECT SUM(SIN(id)) AS n FROM range(60000000)", read="spark")
    with between(address) as (there, silence):
        with connected(there) as engine:
            assert engine.rows(sqlglot.parse_one("SELECT 1 AS one", read="spark"))["one"].tolist() == [1]
            timer = threading.Timer(0.5, silence)
            timer.start()
            start = time.monotonic()
            with pytest.raises(SegmenterError, match=r"connection to it was lost.*Nothing was written"):
                engine.rows(long)
        assert time.monotonic() - start < 30
        with connected(address) as engine:
            assert engine.rows(sqlglot.parse_one("SELECT 2 AS two", read="spark"))["two"].tolist() == [2]


def test_a_server_that_goes_away_is_a_sentence_and_leaves_no_file(server, tmp_path):
    address, end = server
    pd.DataFrame({"a": range(100)}).to_parquet(tmp_path / "a.parquet")
    with open_engine(address, str(tmp_path / "a.parquet")) as engine:
        assert engine.count() == 100
        end()
        start = time.monotonic()
        with pytest.raises(SegmenterError, match=r"Spark stopped while .*connection to it was lost.*was written"):
            engine.write(sqlglot.exp.select("*").from_(engine.source), tmp_path / "out", "parquet")
    assert time.monotonic() - start < 30
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]
