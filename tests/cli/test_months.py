"""Next month on the command line."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from segmenter import load_model
from segmenter.cli import main

CENTRES = np.array([[20.0, 20.0], [80.0, 20.0], [20.0, 80.0]])


def month(path, seed, *, factor=1.0, moved=0):
    """300 customers; `moved` of the first group are like the second."""
    random = np.random.default_rng(7)
    group = random.permutation(np.repeat([0, 1, 2], [140, 100, 60]))
    group[np.flatnonzero(group == 0)[:moved]] = 1
    points = CENTRES[group] + np.random.default_rng(seed).normal(size=(300, 2)) * 5
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{number:04d}" for number in range(300)],
            "income": (points[:, 0] * factor).round(1),
            "spend": points[:, 1].round(1),
        }
    )
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def model(tmp_path):
    file = month(tmp_path / "may.csv", 1)
    assert main(["segment", str(file), "--segments", "3", "--out", str(tmp_path / "may")]) == 0
    return tmp_path / "may" / "model.segmodel.json"


def test_a_month_like_the_last_is_still_true(model, tmp_path, capsys):
    file = month(tmp_path / "june.csv", 2)
    assert main(["assign", str(model), str(file), "--out", str(tmp_path / "june"), "--fail-on-drift"]) == 0
    assert "still true" in capsys.readouterr().out
    record = json.loads((tmp_path / "june" / "run.json").read_bytes())
    assert record["check"]["advice"] == "still true"


def test_grown_incomes_end_with_the_code_that_a_scheduler_asked_for(model, tmp_path, capsys):
    file = month(tmp_path / "june.csv", 2, factor=1.3)
    arguments = ["assign", str(model), str(file), "--out", str(tmp_path / "june")]
    assert main([*arguments, "--fail-on-drift"]) == 3
    out = capsys.readouterr().out
    assert "Form the segments anew" in out
    assert "income" in out
    assert main(arguments) == 0


def test_columns_are_matched_by_hand(model, tmp_path, capsys):
    frame = pd.read_csv(month(tmp_path / "june.csv", 2)).rename(columns={"income": "Einkommen"})
    frame.to_csv(tmp_path / "june.csv", index=False)
    arguments = ["assign", str(model), str(tmp_path / "june.csv"), "--out", str(tmp_path / "june")]
    assert main(arguments) == 2
    assert main([*arguments, "--match", "income=Einkommen"]) == 0
    assert main([*arguments, "--match", "income=Gehalt"]) == 2
    assert "Gehalt" in capsys.readouterr().err


def test_a_report_takes_a_month_whose_columns_have_other_names(model, tmp_path, capsys):
    last = month(tmp_path / "last.csv", 1)
    frame = pd.read_csv(month(tmp_path / "june.csv", 2)).rename(columns={"income": "Einkommen"})
    frame.loc[:9, "spend"] = 900.0
    frame.to_csv(tmp_path / "june.csv", index=False)
    arguments = ["report", str(tmp_path / "june.csv"), "--model", str(model), "--out", str(tmp_path)]
    assert main(arguments) == 2
    assert "income" in capsys.readouterr().err
    assert main([*arguments, "--match", "income=Einkommen", "--since", str(last)]) == 0
    page = (tmp_path / "report.html").read_text()
    assert int(re.search(r"([0-9]+) in none", page)[1]) >= 10
    assert "income = Einkommen" in page
    assert main([*arguments, "--match", "income=Einkommen", "--nearest"]) == 0
    assert "300 in segments, 0 in none" in (tmp_path / "report.html").read_text()


def test_customers_labelled_before_their_segments_had_names_have_moved_no_more_than_others(model, tmp_path, capsys):
    file = month(tmp_path / "june.csv", 2)
    labelled = pd.read_csv(tmp_path / "may" / "customers.csv").drop(columns=["segment_name"])
    labelled.to_csv(tmp_path / "labelled.csv", index=False)
    arguments = ["report", str(file), "--model", str(model), "--nearest", "--out", str(tmp_path)]
    assert main([*arguments, "--since", str(tmp_path / "labelled.csv")]) == 0
    assert "0 of 300 returning customers changed segment" in (tmp_path / "report.html").read_text()


def test_who_moved_is_told_and_written(model, tmp_path, capsys):
    for name, seed, moved in (("june", 2, 0), ("july", 3, 20)):
        file = month(tmp_path / f"{name}.csv", seed, moved=moved)
        assert main(["assign", str(model), str(file), "--nearest", "--out", str(tmp_path / name)]) == 0
    capsys.readouterr()
    files = [str(tmp_path / name / "customers.csv") for name in ("june", "july")]
    assert (
        main(["moved", *files, "--id", "customer_id", "--value", "spend", "--out", str(tmp_path / "m"), "--json"]) == 0
    )
    record = json.loads(capsys.readouterr().out)
    assert record["in_both"] == 300
    assert (record["before"], record["now"]) == ("june/customers.csv", "july/customers.csv")
    assert record["moved"] == 20
    joined = pd.read_csv(tmp_path / "m" / "joined_and_left.csv")
    assert (joined["what"] == "joined").sum() == 20
    assert (joined["what"] == "left").sum() == 20


def test_a_folder_of_months_is_tracked(model, tmp_path, capsys):
    folder = tmp_path / "months"
    folder.mkdir()
    for number, moved in enumerate((0, 10, 20), 5):
        month(folder / f"2024-{number:02d}.csv", number, moved=moved)
    asked = ["track", str(folder), "--model", str(model), "--nearest", "--out", str(tmp_path / "out"), "--json"]
    assert main(asked) == 0
    record = json.loads(capsys.readouterr().out)
    assert [move["moved"] for move in record["movements"]] == [10, 10]
    shares = pd.read_csv(tmp_path / "out" / "shares.csv")
    assert len(shares) == 3
    assert np.allclose(shares.drop(columns="month").sum(axis=1), 1, atol=2e-4)
    written = pd.read_csv(tmp_path / "out" / "shares.csv", dtype="str").drop(columns="month")
    assert not any(len(cell) > len("0.1234") for cell in written.to_numpy().ravel())
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    # Over a column and below a chart a month is called as briefly as tells it apart.
    assert ">2024-05</th>" in page
    assert ">2024-05.csv</th>" not in page
    assert "3 months, 3 segments" in page
    assert page.count("10 of 300 returning customers changed segment, 0 are new, 0 are gone.") == 2
    assert (tmp_path / "out" / "report.pptx").read_bytes()[:2] == b"PK"


def test_who_fits_no_segment_stands_in_none_unless_the_nearest_is_asked_for(model, tmp_path, capsys):
    frame = pd.read_csv(month(tmp_path / "june.csv", 2))
    frame.loc[:2, ["income", "spend"]] = 900.0
    frame.to_csv(tmp_path / "june.csv", index=False)
    labels = {}
    for way in ([], ["--nearest"], ["--no-check"]):
        asked = ["assign", str(model), str(tmp_path / "june.csv"), *way, "--out", str(tmp_path / "june")]
        assert main(asked) == 0
        labels[tuple(way)] = pd.read_csv(tmp_path / "june" / "customers.csv")
    shown, nearest = labels[()], labels[("--nearest",)]
    assert shown["segment"][:3].isna().all()
    assert shown["reason"][:3].str.len().gt(0).all()
    assert nearest["segment"].notna().all()
    assert labels[("--no-check",)]["segment"].equals(shown["segment"])


def test_the_customers_who_formed_the_segments_all_stay_in_them(model, tmp_path):
    assert main(["assign", str(model), str(tmp_path / "may.csv"), "--out", str(tmp_path / "again")]) == 0
    files = (model.parent, tmp_path / "again")
    before, again = (pd.read_csv(folder / "customers.csv")["segment"] for folder in files)
    assert again.equals(before)


def test_months_are_told_which_row_of_a_customer_counts_and_which_column_is_meant(model, tmp_path, capsys):
    folder = tmp_path / "months"
    folder.mkdir()
    for number, name in ((5, "income"), (6, "Einkommen")):
        frame = pd.read_csv(month(folder / "x.csv", number)).rename(columns={"income": name})
        pd.concat([frame, frame[:4].assign(spend=19.0)]).to_csv(folder / f"2024-{number:02d}.csv", index=False)
    (folder / "x.csv").unlink()
    asked = ["track", str(folder), "--model", str(model), "--out", str(tmp_path / "out")]
    asked += ["--match", "income=Einkommen"]
    assert main(asked) == 2
    assert "more than one row" in capsys.readouterr().err
    assert main([*asked, "--repeated", "first"]) == 0
    assert len(pd.read_csv(tmp_path / "out" / "2024-06" / "customers.csv")) == 300


def test_names_carry_on_through_a_refit(model, tmp_path, capsys):
    file = month(tmp_path / "june.csv", 4, moved=60)
    assert main(["refit", str(model), str(file), "--out", str(tmp_path / "june"), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    # The first group is the smaller one now and still the first segment.
    assert [each["size"] for each in record["segments"]] == [80, 160, 60]
    names = json.loads(model.read_text())["segment_names"]
    assert record["carried_on"] == names


def test_a_run_is_repeated_to_the_last_customer_and_a_changed_file_is_told(model, tmp_path, capsys):
    record = str(model.parent / "run.json")
    assert main(["run", record, str(tmp_path / "may.csv")]) == 0
    assert "The same to the last customer" in capsys.readouterr().out
    assert main(["run", record, str(tmp_path / "may.csv"), "--out", str(tmp_path / "again")]) == 0
    for name in ("customers.csv", "segments.csv", "model.segmodel.json", "rules.txt", "run.json"):
        assert (tmp_path / "again" / name).read_bytes() == (model.parent / name).read_bytes()
    capsys.readouterr()
    other = month(tmp_path / "other.csv", 9)
    assert main(["run", record, str(other)]) == 1
    said = capsys.readouterr().out
    assert "another one" in said
    assert "The mean silhouette was 0." in said
    record = json.loads((model.parent / "run.json").read_bytes())
    record["versions"]["numpy"], record["rows"]["read"] = "1.0", 299
    (tmp_path / "changed.json").write_text(json.dumps(record))
    assert main(["run", str(tmp_path / "changed.json"), str(tmp_path / "may.csv")]) == 1
    said = capsys.readouterr().out
    assert "numpy was 1.0 and is" in said
    assert "299 rows were read, and 300 are." in said


def test_a_record_finds_its_file_and_says_which_column_is_gone(model, tmp_path, capsys, monkeypatch):
    record = model.parent / "run.json"
    assert main(["run", str(record)]) == 0  # the file lies one folder up
    (tmp_path / "elsewhere").mkdir()
    moved = tmp_path / "elsewhere" / "here" / "run.json"
    moved.parent.mkdir()
    moved.write_bytes(record.read_bytes())
    assert main(["run", str(moved)]) == 2
    assert "name the file" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)
    assert main(["run", str(moved)]) == 0
    told = json.loads(record.read_bytes())
    moved.write_text(json.dumps(told | {"file": "../may.csv"}))
    assert main(["run", str(moved)]) == 2
    frame = pd.read_csv(tmp_path / "may.csv")
    frame.loc[0, "spend"] += 0.1
    frame.drop(columns="customer_id").to_csv(tmp_path / "may.csv", index=False)
    capsys.readouterr()
    assert main(["run", str(record)]) == 1
    said = capsys.readouterr().out
    assert "has no customer_id any more" in said
    was, now = re.search(r"WCSS\) was (.+) and is (.+)[.]", said).groups()
    assert was != now


def test_what_is_no_record_gets_a_sentence(model, tmp_path, capsys):
    (tmp_path / "x.json").write_text("[]")
    assert main(["run", str(tmp_path / "x.json"), str(tmp_path / "may.csv")]) == 2
    assert "is no record of a run: name the run.json" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["track", str(tmp_path / "empty"), "--model", str(model), "--out", str(tmp_path / "o")]) == 2
    assert "0 tables" in capsys.readouterr().err


def test_a_repeated_run_keeps_names_and_changes_made_by_hand(tmp_path, capsys):
    file = month(tmp_path / "may.csv", 1)
    made = ["--segments", "4", "--edit", "merge 2,3", "--names", "Few,Many", "--value", "income"]
    assert main(["segment", str(file), *made, "--out", str(tmp_path / "may")]) == 0
    assert main(["run", str(tmp_path / "may" / "run.json"), str(file), "--out", str(tmp_path / "again")]) == 0
    for written in (tmp_path / "may").iterdir():
        assert (tmp_path / "again" / written.name).read_bytes() == written.read_bytes()


@pytest.mark.parametrize(
    "asked",
    [["assign"], ["assign", "--nearest", "--match", "spend=paid"], ["refit", "--from-model", "--segments", "3"]],
)
def test_what_was_made_with_a_model_is_repeated_with_it(model, asked, tmp_path, capsys):
    frame = pd.read_csv(month(tmp_path / "june.csv", 2))
    frame.loc[:2, "spend"] = 5_000.0
    if "--match" in asked:
        frame = frame.rename(columns={"spend": "paid"})
    frame.to_csv(tmp_path / "june.csv", index=False)
    command, *options = asked
    out, again = tmp_path / "june", tmp_path / "again"
    assert main([command, str(model), str(tmp_path / "june.csv"), *options, "--out", str(out)]) == 0
    repeat = ["run", str(out / "run.json"), str(tmp_path / "june.csv")]
    assert main([*repeat, "--model", str(model), "--out", str(again)]) == 0
    assert {path.name: path.read_bytes() for path in again.iterdir()} == {
        path.name: path.read_bytes() for path in out.iterdir()
    }
    capsys.readouterr()
    assert main(repeat) == 2
    assert "name that model with --model" in capsys.readouterr().err
    other = tmp_path / "other"
    assert main(["segment", str(month(tmp_path / "july.csv", 7)), "--segments", "3", "--out", str(other)]) == 0
    assert main([*repeat, "--model", str(other / "model.segmodel.json")]) == 1
    assert "The model is another one" in capsys.readouterr().out


def test_a_copy_among_the_months_is_told(model, tmp_path, capsys):
    folder = tmp_path / "months"
    folder.mkdir()
    for name, seed in (("2026-01.csv", 2), ("2026-02.csv", 3), ("2026-02 (copy).csv", 3)):
        month(folder / name, seed)
    assert main(["track", str(folder), "--model", str(model), "--out", str(tmp_path / "o")]) == 0
    said = capsys.readouterr().err
    assert "2026-02 (copy).csv and 2026-02.csv are the same file" in said
    assert "2026-01.csv" not in said


def test_a_month_that_cannot_be_read_is_told_and_the_others_are_tracked_in_the_order_of_time(model, tmp_path, capsys):
    folder = tmp_path / "months"
    folder.mkdir()
    for number in (9, 10, 2):
        month(folder / f"month {number}.csv", number, factor=1.3 if number == 10 else 1.0)
    asked = ["track", str(folder), "--model", str(model), "--out", str(tmp_path / "out"), "--json"]
    assert main([*asked, "--fail-on-drift"]) == 3
    assert list(json.loads(capsys.readouterr().out)["months"]) == ["month 2.csv", "month 9.csv", "month 10.csv"]
    (folder / "month 3.csv").write_text("")
    # What an office program keeps beside an open file is no month.
    (folder / "~$month 9.csv").write_bytes(b"lock")
    pd.read_csv(folder / "month 9.csv").drop(columns="spend").to_csv(folder / "month 4.csv", index=False)
    assert main(asked) == 2
    said = capsys.readouterr()
    record = json.loads(said.out)
    assert list(record["months"]) == ["month 2.csv", "month 9.csv", "month 10.csv"]
    assert len(record["movements"]) == 2
    assert "month 3.csv: The file is empty" in said.err
    assert set(record["left_out"]) == {"month 3.csv", "month 4.csv"}
    assert "spend" in record["left_out"]["month 4.csv"]
    assert "The file is empty" in (tmp_path / "out" / "report.html").read_text("utf-8")
    for number in (9, 10):
        (folder / f"month {number}.csv").write_text("")
    assert main(asked) == 2
    assert "1 month could be placed" in capsys.readouterr().err


def test_the_money_that_was_named_is_followed_next_month_and_the_verdict_is_kept(tmp_path, capsys):
    folder = tmp_path / "months"
    folder.mkdir()
    for number in (5, 6):
        month(folder / f"2024-{number:02d}.csv", number)
    made = ["--columns", "income", "--value", "spend", "--out", str(tmp_path / "may")]
    assert main(["segment", str(folder / "2024-05.csv"), *made]) == 0
    model = load_model(tmp_path / "may" / "model.segmodel.json")
    assert model.value_column == "spend"
    assert model.verdict in {"natural", "reproducible", "constructed", "none"}
    asked = ["track", str(folder), "--model", str(tmp_path / "may" / "model.segmodel.json"), "--json"]
    capsys.readouterr()
    assert main([*asked, "--out", str(tmp_path / "out")]) == 0
    money = json.loads(capsys.readouterr().out)["movements"][0]["money"]
    total = pd.read_csv(folder / "2024-06.csv")["spend"].sum()
    assert sum(sum(row.values()) for row in money.values()) == pytest.approx(total)


def test_rows_that_repeat_are_no_reason_to_form_segments_anew(model, tmp_path, capsys):
    frame = pd.read_csv(month(tmp_path / "june.csv", 2))
    pd.concat([frame, frame[:4].assign(spend=19.0)]).to_csv(tmp_path / "june.csv", index=False)
    arguments = ["assign", str(model), str(tmp_path / "june.csv"), "--out", str(tmp_path / "june"), "--fail-on-drift"]
    assert main([*arguments, "--repeated", "keep"]) == 0
    said = capsys.readouterr()
    assert "still true" in said.out
    assert "4 customers stand in more than one row" in said.out + said.err


@pytest.fixture
def odd_file(tmp_path):
    path = tmp_path / "odd.csv"
    rows = [
        f"K{at};{18 + at * 7 % 60};{at % 90},{100 + at * 37 % 900};{('Łódź', 'lodz', 'Kraków')[at % 3]}"
        for at in range(90)
    ]
    path.write_text("\n".join(["Report", "id;age;spend;city", *rows, "K3;20;4,125;Łódź", ""]), encoding="cp1250")
    return path


def test_a_run_is_repeated_as_its_file_was_read(odd_file, tmp_path, capsys):
    out = tmp_path / "out"
    asked = (
        "--columns age,spend --segments 3 --encoding cp1250 --header-line 2 --decimal , --repeated first --join city"
    )
    assert main(["segment", str(odd_file), *asked.split(), "--kind", "age=number", "--out", str(out)]) == 0
    assert main(["run", str(out / "run.json"), str(odd_file)]) == 0
    # What is asked now counts more than what was asked then.
    capsys.readouterr()
    assert main(["run", str(out / "run.json"), str(odd_file), "--repeated", "last"]) == 1
    record = json.loads((out / "run.json").read_text())
    for reading in ({"out": "elsewhere"}, {"decimal": "x"}, {"nothing": 1}, ["separator"], {"repeated": "--json"}):
        (tmp_path / "bad.json").write_text(json.dumps({**record, "reading": reading}))
        assert main(["run", str(tmp_path / "bad.json"), str(odd_file)]) == 2
        assert "`reading`" in capsys.readouterr().err


def test_lines_of_purchases_are_added_up_again_as_they_were(tmp_path):
    path, out = tmp_path / "lines.csv", tmp_path / "out"
    lines = [f"C{at * 7 % 40};2024-0{1 + at % 9}-{1 + at % 28:02d};{at % 50}.25" for at in range(200)]
    path.write_text("\n".join(["who;when;money", *lines, ""]))
    parts = [
        "--customer",
        "who",
        "--date",
        "when",
        "--amount",
        "money",
        "--returns",
        "gross",
        "--snapshot-date",
        "2025-01-01",
    ]
    assert main(["segment", str(path), *parts, "--segments", "3", "--out", str(out)]) == 0
    assert main(["run", str(out / "run.json"), str(path)]) == 0


def test_a_number_of_segments_that_was_asked_for_hides_not_that_there_are_no_groups(tmp_path, capsys):
    chance = np.random.default_rng(0)
    cloud = pd.DataFrame(chance.normal(50, 10, (300, 2)).round(2), columns=["a", "b"])
    cloud.to_csv(tmp_path / "cloud.csv", index=False)
    out = tmp_path / "out"
    assert main(["segment", str(tmp_path / "cloud.csv"), "--segments", "3", "--out", str(out)]) == 0
    said = capsys.readouterr().err
    assert "one crowd" in said
    assert "--segments" not in said
    assert load_model(out / "model.segmodel.json").verdict == "none"
    # A repeated run keeps it, to the byte.
    again = tmp_path / "again"
    assert main(["run", str(out / "run.json"), str(tmp_path / "cloud.csv"), "--out", str(again)]) == 0
    for name in ("model.segmodel.json", "report.html"):
        assert (again / name).read_bytes() == (out / name).read_bytes()


def test_shares_of_money_are_of_one_total_in_words_record_and_table(model, tmp_path, capsys):
    later = pd.read_csv(tmp_path / "may.csv")
    later.loc[:20, later.select_dtypes("number").columns] = later.select_dtypes("number").max() * 5
    later.to_csv(tmp_path / "far.csv", index=False)
    out = tmp_path / "far"
    assert main(["assign", str(model), str(tmp_path / "far.csv"), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    record = json.loads((out / "run.json").read_bytes())
    table = pd.read_csv(out / "segments.csv")
    (row,) = table.index[table["column"].str.endswith("share of the total")]
    shares = [each["value_share"] for each in record["segments"]]
    assert table.loc[row].tolist()[3:] == [round(100 * each, 1) for each in shares]
    assert table.loc[row, "everyone"] == pytest.approx(100 * sum(shares), abs=0.06)
    assert sum(shares) < 1
    assert f"{round(100 * (1 - sum(shares)))} % of the" in said
    assert "is of customers in no segment." in said
