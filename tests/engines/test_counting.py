"""What an engine counts of all customers is what this program counts of the same customers by itself."""

import json
import zipfile

import duckdb
import numpy as np
import pandas as pd
import pytest

from segmenter import (
    FeatureSpec,
    Recipe,
    Scaling,
    assign_segments,
    check_model,
    config,
    describe_segments,
    fit_segmentation,
    load_model,
    read_frame,
    read_table,
    save_model,
)
from segmenter.cli import main
from segmenter.display import percent_text
from segmenter.engines import counting
from segmenter.engines.counting import check_of_all, money_of_all
from segmenter.engines.engine import open_engine
from segmenter.engines.segmenting import counted_by_model, look_at, match_table, summary_of_all
from segmenter.io.export.sql import Unfit
from segmenter.monitor.drift import leave_out_unfit
from tests.io.export.test_sql import FEATURES, customers


@pytest.fixture(scope="module")
def model():
    return fit_segmentation(read_frame(customers(500, seed=1)), Recipe(FEATURES, 5))


@pytest.fixture(scope="module")
def month():
    made = customers(700, seed=5)
    made["income"] *= 3
    made.loc[3:9, "channel"] = "telephone"
    made.loc[10, "income"] = 1e200
    made.loc[11, "needed"] = 1e160
    return made


def test_drift_is_that_of_the_same_customers_in_memory(model, month, tmp_path):
    month.to_parquet(tmp_path / "c.parquet", index=False)
    here = read_frame(month)
    own = check_model(here, assign_segments(here, model))
    with open_engine("duckdb", str(tmp_path / "c.parquet")) as engine:
        table = look_at(engine, "c")
        found, _ = check_of_all(table, model, match_table(table, model, {}))
    assert found.columns == own.columns
    assert found.segments == own.segments
    assert (found.unfit, found.unfit_interval, found.advice) == (own.unfit, own.unfit_interval, own.advice)
    assert found.unfit_by_chance == pytest.approx(own.unfit_by_chance, rel=1e-12)


def test_drift_counts_all_customers_and_not_the_sample(model, month, tmp_path, monkeypatch):
    month.to_parquet(tmp_path / "c.parquet", index=False)
    monkeypatch.setattr(config, "ENGINE_SAMPLE_ROWS", 100)
    here = read_frame(month)
    own = check_model(here, assign_segments(here, model))
    with open_engine("duckdb", str(tmp_path / "c.parquet")) as engine:
        table = look_at(engine, "c")
        assert table.sample.n_customers < 200
        found, notes = check_of_all(table, model, match_table(table, model, {}))
    assert [each.psi for each in found.columns] == [each.psi for each in own.columns]
    assert [each.now for each in found.segments] == [each.now for each in own.segments]
    assert any("were looked at: " in note.text for note in notes)


@pytest.fixture
def shop(tmp_path):
    """Return a folder with two months of a shop whose customers spend, one of them in two rows."""
    random = np.random.default_rng(2)
    n = 3_000
    group = random.integers(0, 3, n)
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{number:05d}" for number in range(n)],
            "visits": group * 10 + random.normal(0, 1, n).round(3),
            "basket": group * 5 + random.normal(0, 1, n).round(3),
            "total_spend": (np.exp(group) * 100 + random.random(n)).round(2),
        }
    )
    pd.concat([frame, frame.iloc[:2]]).to_parquet(tmp_path / "may.parquet", index=False)
    return frame, tmp_path


def test_money_repeated_ids_and_names_come_with_the_segments(shop, capsys, monkeypatch):
    _, folder = shop
    monkeypatch.setattr(config, "ENGINE_SAMPLE_ROWS", 500)
    command = ["segment", str(folder / "may.parquet"), "--engine", "duckdb", "--columns", "visits,basket"]
    out = folder / "out"
    assert main([*command, "--segments", "3", "--value", "total_spend", "--out", str(out), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    placed = duckdb.sql(
        f"SELECT segment, SUM(total_spend) AS s FROM '{out}/customers.parquet' GROUP BY 1 ORDER BY 1"
    ).df()
    assert [each["sum"] for each in said["segments"]] == pytest.approx(placed["s"].tolist(), rel=1e-12)
    assert sum(each["share_of_sum"] for each in said["segments"]) == pytest.approx(1)
    assert any("2 values of customer_id stand in more than one row, 4 rows in all" in note for note in said["notes"])
    assert "total_spend (sum)" in pd.read_csv(out / "segments.csv")


def test_assign_says_whether_the_model_is_still_true_of_all(shop, capsys, monkeypatch):
    frame, folder = shop
    # The ids are looked at in parts, each of which fits into the memory.
    monkeypatch.setattr(counting, "_IDS_AT_ONCE", 700)
    recipe = Recipe((FeatureSpec("visits"), FeatureSpec("basket")), 3)
    model = str(save_model(fit_segmentation(read_frame(frame), recipe), folder / "m"))
    moved = frame.assign(visits=frame["visits"] * 2.0, customer_id=frame["customer_id"].replace("C00001", "C00000"))
    moved.to_parquet(folder / "june.parquet", index=False)
    monkeypatch.setattr(config, "ENGINE_SAMPLE_ROWS", 300)
    out = folder / "out"
    command = ["assign", model, str(folder / "june.parquet"), "--engine", "duckdb", "--out", str(out)]
    assert main([*command, "--fail-on-drift"]) == 3
    said = capsys.readouterr()
    assert said.out.startswith("Form the segments anew:")
    assert "1 value of customer_id stands in more than one row" in said.err
    record = json.loads((out / "run.json").read_text())
    assert record["check"]["advice"] == "form anew"
    assert main([*command, "--no-check"]) == 0
    assert "check" not in json.loads((out / "run.json").read_text())


def test_who_moved_is_counted_by_the_engine_as_here(tmp_path, capsys):
    random = np.random.default_rng(4)
    names = np.array(["Loyal", "New friends", "Sleepers", ""])
    for month, skipped in (("may", 0), ("june", 50)):
        ids = np.arange(skipped, 1_000 + skipped)
        frame = pd.DataFrame({"id": ids, "segment_name": names[random.integers(0, 4, len(ids))]})
        frame["spend"] = random.random(len(ids)).round(2)
        if skipped:
            # Excel has made numbers of them; of two customers it has not made one.
            written = frame["id"].astype("str")
            frame["id"] = written.mask(ids % 10 == 0, written.str.zfill(6)).mask(ids % 10 == 1, written + ".0")
            frame.loc[ids == 222, "id"] = " 2 2 2 "
            frame.loc[ids == 1_001, "id"] = "0222"
        frame.to_csv(tmp_path / f"{month}.csv", index=False)
    asked = ["moved", str(tmp_path / "may.csv"), str(tmp_path / "june.csv"), "--id", "id", "--value", "spend", "--json"]
    assert main(asked) == 0
    here = json.loads(capsys.readouterr().out)
    assert main([*asked, "--engine", "duckdb", "--out", str(tmp_path / "out")]) == 0
    there = json.loads(capsys.readouterr().out)
    for same in ("in_both", "moved", "customers", "stayed"):
        assert there[same] == here[same]
    assert here["in_both"] == 949
    assert there["notes"][0].startswith("190 ids of ")
    assert here["notes"][0].split(", such as")[0] == there["notes"][0].split(", such as")[0]
    assert {row: pytest.approx(cells) for row, cells in here["money"].items()} == there["money"]
    written = duckdb.sql(
        f"SELECT COUNT(*) FROM '{tmp_path}/out/customers.parquet' WHERE segment_now = '(lost)'"
    ).fetchone()
    assert written == (51,)


def two_months(folder, odd=True):
    """Write two months of a shop, in the second of which some customers are like nobody before; return a model."""
    random = np.random.default_rng(3)
    group = random.integers(0, 3, 1_500)
    frame = pd.DataFrame({"customer_id": [f"C{each:05d}" for each in range(1_500)]})
    frame["visits"] = (group * 10 + random.normal(0, 1, 1_500)).round(3)
    frame["basket"] = (group * 5 + random.normal(0, 1, 1_500)).round(3)
    frame["spend"] = random.random(1_500).round(2)
    june = frame.iloc[100:].assign(visits=lambda each: np.where(np.arange(1_400) % 7 == 0, 10.0, each["visits"]))
    if odd:
        june.loc[june.index[:40], "basket"] = -300.0
        june.loc[june.index[50], "basket"] = np.nan
    new = june.iloc[-60:].assign(customer_id=[f"N{each}" for each in range(60)])
    folder.mkdir()
    frame.to_parquet(folder / "05.parquet", index=False)
    pd.concat([june, new]).to_parquet(folder / "06.parquet", index=False)
    return fit_segmentation(read_frame(frame), Recipe((FeatureSpec("visits"), FeatureSpec("basket")), 3))


def test_who_fits_no_segment_stands_in_none_as_for_files_and_the_fits_own_customers_stay(tmp_path, capsys):
    model = str(save_model(two_months(tmp_path / "months"), tmp_path / "m"))
    labels = {}
    for name in ("05", "06"):
        asked = ["assign", model, str(tmp_path / "months" / f"{name}.parquet"), "--out", str(tmp_path / name)]
        for nearest in ([], ["--nearest"]):
            assert main([*asked, *nearest]) == 0
            here = pd.read_csv(tmp_path / name / "customers.csv").sort_values("customer_id", ignore_index=True)
            assert main([*asked, *nearest, "--engine", "duckdb"]) == 0
            there = pd.read_parquet(tmp_path / name / "customers.parquet")
            there = there.sort_values("customer_id", ignore_index=True)
            assert there["segment"].fillna(0).tolist() == here["segment"].fillna(0).tolist()
            for column in ("segment_name", "reason"):
                assert there[column].astype("str").fillna("").tolist() == here[column].astype("str").fillna("").tolist()
            record = json.loads((tmp_path / name / "run.json").read_text())
            assert record["rows"]["without_segment"] == here["segment"].isna().sum()
            labels[name, bool(nearest)] = here["segment"]
    assert labels["05", False].notna().all()
    assert labels["06", False].isna().sum() > 40 > labels["06", True].isna().sum()
    said = capsys.readouterr().out
    # Shares of customers and of money are those of all, who is in no segment has a part in both.
    june = read_table(tmp_path / "months" / "06.parquet")
    found = load_model(model)
    placed = assign_segments(june, found)
    placed = leave_out_unfit(june, placed, check_model(june, placed))
    cards = describe_segments(june, placed.segmentation, value_column="spend", placed=True)
    with open_engine("duckdb", str(tmp_path / "months" / "06.parquet")) as engine:
        table = look_at(engine, "06")
        counted = counted_by_model(table, placed.segmentation, unfit=Unfit.LEFT_OUT)
        money = money_of_all(table, found, "spend", unfit=Unfit.LEFT_OUT, placed=True)
        summary = summary_of_all(table, counted, unfit=Unfit.LEFT_OUT, placed=True)
    assert summary["share"].tolist() == pytest.approx([each.share for each in cards], rel=1e-12)
    assert [each.share for each in money] == pytest.approx([each.money.share for each in cards], rel=1e-9)
    assert sum(each.share for each in money) < 0.98
    for card in cards:
        assert f"{card.size} customers ({percent_text(card.share, 1)}); {card.money.text}" in said
    # Said of files and by the engine: once each where they were left out, never where all were placed.
    outside = percent_text(
        june.frame.loc[(placed.segmentation.labels < 0).to_numpy(), "spend"].sum() / june.frame["spend"].sum()
    )
    assert said.count(f"{outside} of the spend is of customers in no segment.") == 2
    record = json.loads((tmp_path / "06" / "run.json").read_text())
    assert sum(each["share_of_sum"] for each in record["segments"]) == pytest.approx(1.0)


def test_months_are_tracked_by_the_engine_as_files_are_here(tmp_path, capsys, monkeypatch):
    months = tmp_path / "months"
    model = str(save_model(two_months(months), tmp_path / "m"))
    asked = ["track", str(months), "--model", model, "--value", "spend", "--json"]
    assert main([*asked, "--out", str(tmp_path / "here")]) == 0
    here = json.loads(capsys.readouterr().out)
    # Counted of all, tables and record are the same to the last byte.
    assert main([*asked, "--out", str(tmp_path / "whole"), "--engine", "duckdb"]) == 0
    capsys.readouterr()
    for path in ("shares.csv", "track.json", "05 to 06/movement.csv", "05 to 06/money.csv"):
        assert (tmp_path / "here" / path).read_bytes() == (tmp_path / "whole" / path).read_bytes(), path
    monkeypatch.setattr(config, "ENGINE_SAMPLE_ROWS", 400)
    # A month may be a folder of files, too.
    (months / "07").mkdir()
    (months / "06.parquet").rename(months / "07" / "part.parquet")
    assert main([*asked, "--out", str(tmp_path / "there"), "--engine", "duckdb"]) == 0
    there = json.loads(capsys.readouterr().out)
    for own, found in zip(here["months"].values(), there["months"].values(), strict=True):
        assert [each["now"] for each in own["segments"]] == [each["now"] for each in found["segments"]]
        assert [each["psi"] for each in own["columns"]] == [each["psi"] for each in found["columns"]]
    assert list(here["shares"].values()) == list(there["shares"].values())
    (own,), (found,) = here["movements"], there["movements"]
    for same in ("in_both", "moved", "customers", "stayed"):
        assert own[same] == found[same]
    assert {row: pytest.approx(cells) for row, cells in own["money"].items()} == found["money"]
    lists = [
        pd.read_csv(tmp_path / where / folder / "joined_and_left.csv").sort_values(["id", "what"], ignore_index=True)
        for where, folder in (("here", "05 to 06"), ("there", "05 to 07"))
    ]
    pd.testing.assert_frame_equal(*lists)
    assert {"report.html", "report.pptx", "shares.csv", "track.json"} <= {
        each.name for each in (tmp_path / "there").iterdir()
    }


def test_an_engines_csv_runs_nothing_in_a_spreadsheet(tmp_path):
    frame = pd.DataFrame({"=id": range(200), "spend": np.tile([1.0, 9.0], 100)})
    frame["comment"] = np.tile(["=1+1", "-5.5", "-", "@home", "fine", '+"x', "'=2", " =3", "-1 or 2", "\t=1"], 20)
    frame.to_parquet(tmp_path / "c.parquet", index=False)
    model = fit_segmentation(read_frame(frame), Recipe((FeatureSpec("spend", scaling=Scaling.NONE),), 2))
    model = model.renamed(("=HYPERLINK(1)", "-1"))
    path = str(save_model(model, tmp_path / "m"))
    command = ["assign", path, str(tmp_path / "c.parquet"), "--engine", "duckdb", "--labels", "csv", "--no-check"]
    assert main([*command, "--out", str(tmp_path / "out")]) == 0
    found = pd.read_csv(tmp_path / "out" / "customers.csv", dtype=str, keep_default_na=False)
    assert next(iter(found)) == "'=id"
    guarded = ["'=1+1", "-5.5", "-", "'@home", "fine", "'+\"x", "''=2", "' =3", "'-1 or 2", "'\t=1"]
    assert found["comment"].tolist()[:10] == guarded
    assert set(found["segment_name"]) == {"'=HYPERLINK(1)", "-1"}


def test_labels_become_a_table_of_the_database_that_is_never_replaced(tmp_path, capsys):
    frame = pd.DataFrame({"id": range(300), "spend": np.tile([1.0, 9.0, 20.0], 100)})
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as database:
        database.register("handed_over", frame)
        database.execute("CREATE TABLE clients AS SELECT * FROM handed_over")
    command = ["segment", str(tmp_path / "shop.duckdb"), "--table", "clients", "--engine", "duckdb"]
    command += ["--columns", "spend", "--segments", "3", "--to-table", "labelled", "--out", str(tmp_path / "out")]
    assert main(command) == 0
    with duckdb.connect(str(tmp_path / "shop.duckdb"), read_only=True) as database:
        counts = database.sql("SELECT segment, COUNT(*) FROM labelled GROUP BY 1 ORDER BY 1").fetchall()
    assert counts == [(1, 100), (2, 100), (3, 100)]
    capsys.readouterr()
    assert main(command) == 2
    assert "already exists" in capsys.readouterr().err
    frame.to_parquet(tmp_path / "c.parquet")
    on_files = ["segment", str(tmp_path / "c.parquet"), "--engine", "duckdb", *command[6:]]
    assert main(on_files) == 2
    assert "files have no place for a table" in capsys.readouterr().err


def test_lists_for_a_platform_are_those_of_the_same_customers_here(tmp_path, capsys):
    random = np.random.default_rng(8)
    n = 400
    frame = pd.DataFrame(
        {"customer_id": [f"C{each:04d}" for each in range(n)], "visits": random.integers(0, 3, n) * 10.0}
    )
    frame["email"] = [f"Somebody{each % 390}@example.com " for each in range(n)]
    frame["email_consent"] = random.choice(["yes", "no"], n)
    frame["basket"] = random.normal(0, 1, n)
    frame.to_parquet(tmp_path / "c.parquet", index=False)
    recipe = Recipe((FeatureSpec("visits"),), 3)
    model = str(save_model(fit_segmentation(read_frame(frame), recipe), tmp_path / "m"))
    asked = [
        "activate",
        str(tmp_path / "c.parquet"),
        "--platform",
        "meta",
        "--segments",
        "1,3",
        "--where",
        "basket > -1",
    ]
    # Distances are known to the engine, too; with fewer, it would be equal distances that decide.
    asked += ["--typical", "400", "--hold-out", "10", "--json", "--model", model]
    assert main([*asked, "--output", str(tmp_path / "here.zip")]) == 0
    here = json.loads(capsys.readouterr().out)["reconciliation"]
    assert main([*asked, "--engine", "duckdb", "--output", str(tmp_path / "there.zip")]) == 0
    there = json.loads(capsys.readouterr().out)["reconciliation"]
    assert there == here
    assert lists_in(tmp_path / "there.zip") == lists_in(tmp_path / "here.zip")
    # And from the table that an engine has labelled.
    command = ["assign", model, str(tmp_path / "c.parquet"), "--engine", "duckdb", "--out", str(tmp_path / "out")]
    assert main(command) == 0
    labelled = str(tmp_path / "out" / "customers.parquet")
    capsys.readouterr()
    without_model = [labelled if each.endswith("c.parquet") else each for each in asked[:-2]]
    assert main([*without_model, "--engine", "duckdb", "--output", str(tmp_path / "labelled.zip")]) == 0
    assert json.loads(capsys.readouterr().out)["reconciliation"] == here
    assert lists_in(tmp_path / "labelled.zip") == lists_in(tmp_path / "here.zip")
    # Who has moved since the engine labelled them; some fit no segment now.
    frame.assign(visits=np.roll(frame["visits"], 7)).iloc[:-20].replace({"visits": {10.0: 900.0}}).to_parquet(
        tmp_path / "next.parquet", index=False
    )
    for since in ("--joined-since", "--left-since"):
        moves = ["activate", str(tmp_path / "next.parquet"), "--platform", "klaviyo", "--segments", "1,3", since]
        moves += [labelled, "--model", model, "--json"]
        assert main([*moves, "--output", str(tmp_path / "here.zip")]) == 0
        here = json.loads(capsys.readouterr().out)
        assert main([*moves, "--engine", "duckdb", "--output", str(tmp_path / "there.zip")]) == 0
        assert json.loads(capsys.readouterr().out)["reconciliation"] == here["reconciliation"]
        assert here["reconciliation"][-1]["in file"] > 20
        assert lists_in(tmp_path / "there.zip") == lists_in(tmp_path / "here.zip")


def lists_in(path) -> dict[str, list[bytes]]:
    with zipfile.ZipFile(path) as archive:
        return {
            name: sorted(archive.read(name).splitlines()) for name in archive.namelist() if name.startswith("lists/")
        }


@pytest.mark.parametrize(
    "ids",
    [
        [*range(2_000)],
        [*range(2_000, 0, -1)],
        # 7 rows are looked at in one go: the same id on both sides of a border between two, and far apart.
        [*range(7), *range(6, 1_000)],
        [*range(1_000), 3],
        [None, *range(1_000), None],
        [*range(-500, 500), 499],
        [2**62, 2**62 + 1, *range(900), 2**62],
    ],
)
def test_ids_that_come_twice_are_told_whatever_their_order(ids, tmp_path, monkeypatch):
    monkeypatch.setattr("segmenter.engines.engine._BLOCK_ROWS", 7)
    pd.DataFrame({"id": pd.array(ids, dtype="Int64"), "v": 1.5}).to_parquet(tmp_path / "c.parquet")
    with open_engine("duckdb", str(tmp_path / "c.parquet")) as engine:
        said = counting.repeated_customers(look_at(engine, "c"))
    twice = pd.Series(ids).dropna().value_counts().gt(1).sum()
    assert (said is not None) == (twice > 0)
    assert said is None or said.text.startswith(f"{twice} value")
