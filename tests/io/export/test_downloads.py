"""What a visitor takes home is the file as it was, plus the segments."""

import io

import numpy as np
import openpyxl
import pandas as pd
import plotly.io as pio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter import (
    FeatureSpec,
    Recipe,
    Result,
    choose_features,
    fit_segmentation,
    read_frame,
    read_sample,
    read_table,
)
from segmenter.io.export import EXPORTERS, check_code, download_name
from segmenter.io.export.csv import count_escaped, labelled_csv, summary_csv, to_csv
from segmenter.io.export.excel import workbook

FILE = (
    b'id,spend,visits,remark\n0001,1.50,3,=1+1\n0002,2.0,4,fine\n0003,90,40,"a ""b"""\n0004,95,41,"x\r\ny"\n0005,,7,-\n'
)

ADDED = ("segment", "segment_name", "second_best", "margin", "light")


@pytest.fixture
def result():
    dataset = read_table(FILE, "small.csv")
    recipe = Recipe(choose_features(dataset, ("spend", "visits")), 2)
    return Result(dataset, fit_segmentation(dataset, recipe))


def test_every_original_cell_comes_back_as_it_stood(result):
    back = pd.read_csv(io.BytesIO(labelled_csv(result)), dtype=str, keep_default_na=False)
    assert list(back.columns) == ["id", "spend", "visits", "remark", *ADDED]
    assert list(back["id"]) == ["0001", "0002", "0003", "0004", "0005"]
    assert list(back["spend"]) == ["1.50", "2.0", "90", "95", ""]
    assert list(back["remark"]) == ["'=1+1", "fine", 'a "b"', "x\r\ny", "-"]


def test_the_number_of_escaped_cells_is_said(result):
    assert count_escaped(result.labelled()) == 1


def test_a_file_that_has_a_segment_column_keeps_it():
    dataset = read_table(b"segment,a,b\nx,1,1\ny,2,2\nx,9,9\n")
    result = Result(dataset, fit_segmentation(dataset, Recipe(choose_features(dataset, ("a", "b")), 2)))
    assert list(result.labelled().columns) == ["segment", "a", "b", "segment_new", *ADDED[1:]]


def test_the_workbook_has_no_formula_and_keeps_numbers_as_numbers(result):
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(result)))["Customers"]
    assert not [cell for row in sheet for cell in row if cell.data_type == "f"]
    assert [cell.value for cell in sheet[2]][:4] == ["0001", 1.5, 3, "=1+1"]


def test_sizes_in_the_summary_add_up_to_the_labelled_rows(result):
    summary = pd.read_csv(io.BytesIO(summary_csv(result))).set_index("column")
    labelled = pd.read_csv(io.BytesIO(labelled_csv(result)))
    sizes = summary.loc["Customers", list(result.segmentation.names)]
    assert sizes.sum() == summary.loc["Customers", "everyone"] == labelled["segment"].notna().sum() == result.n_placed
    assert len(labelled) == result.n_placed + result.n_left_out == 5


def test_a_download_is_named_by_its_content(result):
    exporter = EXPORTERS["customers-csv"]
    content = exporter.export(result)
    renamed = exporter.export(Result(result.dataset, result.segmentation.renamed(("A", "B"))))
    assert download_name(exporter, content, "n1") == f"customers_{check_code(content)}_n1.csv"
    assert download_name(exporter, content) != download_name(exporter, renamed)


def test_the_same_result_gives_the_same_bytes(result, monkeypatch):
    again = Result(result.dataset, fit_segmentation(result.dataset, result.segmentation.recipe))
    offered = [each for each in EXPORTERS.values() if each.offered(result)]
    written = [each.export(result) for each in offered]
    # The app gives Plotly a look of its own, which files do not take on.
    monkeypatch.setattr(pio.templates, "default", "plotly_dark")
    assert [each.export(again) for each in offered] == written


CELLS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_any_text_survives_a_round_trip_but_for_the_apostrophe(rows):
    table = pd.DataFrame(rows, columns=["a", "b"], dtype="str")
    back = pd.read_csv(io.BytesIO(to_csv(table)), dtype=str, keep_default_na=False, lineterminator=None)
    from segmenter.io.export.csv import escaped

    def seen(text):
        # The reader, not the writer, folds line ends inside quotes.
        return text if text == "-" else escaped(text)

    assert len(back) == len(rows)
    assert [tuple(row) for row in back.to_numpy()] == [tuple(seen(cell) for cell in row) for row in rows]


def test_a_sample_is_called_made_up():
    assert "made up" in read_sample("mall").name


def test_the_encoded_customers_are_divided_by_k_means_as_the_segments_say(make_customers):
    table = make_customers()
    recipe = Recipe((FeatureSpec("income"), FeatureSpec("spend")), n_segments=3, algorithm="autoencoder")
    dataset = read_frame(table)
    result = Result(dataset, fit_segmentation(dataset, recipe))
    assert EXPORTERS["encoded"].offered(result)
    written = pd.read_csv(io.BytesIO(EXPORTERS["encoded"].export(result)))
    code = written.filter(like="encoded_").to_numpy()
    assert code.shape == (len(table), 8)
    centres = np.array([code[written["segment"] == number].mean(axis=0) for number in (1, 2, 3)])
    nearest = ((code[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1) + 1
    assert (nearest == written["segment"]).mean() > 0.98
    plain = Result(dataset, fit_segmentation(dataset, Recipe(recipe.features, n_segments=3)))
    assert not EXPORTERS["encoded"].offered(plain)
