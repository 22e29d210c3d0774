"""Power, results, RFM, value and offers on the command line."""

import json
import re

import pandas as pd
import pytest

from segmenter.activate.control import Control
from segmenter.cli import main
from tests.cli.test_purchases import lines  # noqa: F401 - a fixture


def run(*words):
    return main([str(word) for word in words])


def test_power_is_said_in_words_and_in_json(capsys):
    asked = ("power", "--base-rate", "3", "--lift", "20", "--size", "A=60000", "--size", "B=50000")
    assert run(*asked) == 0
    assert "A and B are too small to measure alone; measure these two together" in capsys.readouterr().out
    assert run(*asked, "--json") == 0
    assert json.loads(capsys.readouterr().out)["needed"] == {"contacted": 71_438, "control": 7_938}
    assert run("power", "--base-rate", "0", "--lift", "20", "--size", "A=1") == 2
    assert "leaves nothing to measure" in capsys.readouterr().err


@pytest.fixture
def test_files(tmp_path):
    ids = [f"C{number}" for number in range(4_000)]
    held = Control(0.5, "spring").held_out(ids)
    people = pd.DataFrame({"customer": ids, "segment": ["A", "B"] * 2_000})
    people.to_csv(tmp_path / "people.csv", index=False)
    responded = [each for number, each in enumerate(ids) if number % 10 == 1 or (number % 2 == 0 and not held[number])]
    pd.DataFrame({"customer": responded, "responded": 1}).to_csv(tmp_path / "responses.csv", index=False)
    return tmp_path


def test_results_find_the_groups_again_by_the_draw(test_files, capsys):
    files = (test_files / "people.csv", test_files / "responses.csv")
    columns = ("--id", "customer", "--outcome", "responded")
    assert run("results", *files, *columns, "--hold-out", "50", "--salt", "spring", "--json") == 0
    rows = {row["segment"]: row for row in json.loads(capsys.readouterr().out)["results"]}
    assert rows["A"]["difference"] == 1.0
    assert rows["A"]["next"].startswith("Contact works")
    assert rows["B"]["difference_low"] < 0 < rows["B"]["difference_high"]
    assert run("results", *files, *columns) == 2
    assert "Nothing says who was held out" in capsys.readouterr().err


def test_rfm_of_purchases_writes_customers_with_their_cell(lines, tmp_path, capsys):  # noqa: F811
    assert run("rfm", lines, "--out", tmp_path / "out") == 0
    customers = pd.read_csv(tmp_path / "out" / "customers.csv")
    assert len(customers) == 60
    assert customers["rfm_cell"].notna().all()
    capsys.readouterr()
    rules = tmp_path / "cells.txt"
    rules.write_text("All: R 1-5, F 1-4\n")
    assert run("rfm", lines, "--cells", rules) == 2
    assert "belong to nobody: R 1, F 5" in capsys.readouterr().err


def test_value_says_why_it_foretells_nothing_and_writes_nothing(lines, tmp_path, capsys):  # noqa: F811
    assert run("value", lines, "--out", tmp_path / "out") == 0
    assert "No forecast: 60 customers have an order; a forecast takes 500 or more." in capsys.readouterr().out
    assert not (tmp_path / "out").exists()


def test_value_of_cdnow_is_the_published_one_from_the_raw_file_on(shared_data, tmp_path, capsys):
    asked = ("value", shared_data / "cdnow_sample.txt", "--snapshot-date", "1997-09-30", "--out", tmp_path)
    assert run(*asked, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    published = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    assert {name: said["model"]["BG/NBD"][name] for name in published} == pytest.approx(published, abs=1e-3)
    assert said["model"]["BG/NBD"]["log_likelihood"] == pytest.approx(-9_582.43, abs=0.01)
    # The tenths stand beside what came of them, and in a file.
    tenths = pd.DataFrame(said["calibration"])
    assert tenths["customers"].sum() == 2_357
    assert pd.read_csv(tmp_path / "calibration.csv")["actual"].tolist() == tenths["actual"].tolist()
    assert len(pd.read_csv(tmp_path / "value.csv")) == 2_357


def test_offers_of_lines_without_products_are_cohorts(lines, tmp_path):  # noqa: F811
    assert run("offers", lines, "--out", tmp_path) == 0
    assert (tmp_path / "retention.csv").exists()
    assert not (tmp_path / "together.csv").exists()


def test_a_cell_of_one_customer_is_told_as_one(lines, tmp_path, capsys):  # noqa: F811
    purchases = pd.read_csv(lines)
    purchases[purchases["customer_id"] < "BBID_007"].to_csv(tmp_path / "few.csv", index=False)
    assert run("rfm", tmp_path / "few.csv", "--out", tmp_path) == 0
    said = capsys.readouterr().out
    sizes = pd.read_csv(tmp_path / "cells.csv")["customers"]
    assert (sizes == 1).any()
    assert "1 customer (" in said
    assert ": 1 customers" not in said


def test_offers_print_shares_as_they_are_read(lines, capsys):  # noqa: F811
    assert run("offers", lines) == 0
    said = capsys.readouterr().out
    assert "nan" not in said.lower()
    assert not re.search(r"\.\d{4}", said)
