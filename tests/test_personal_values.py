"""No value of a column of personal data is in anything that leaves the program, but in lists of customers.

What leaves is taken from the registries of downloads, charts and commands: what is added there is walked by itself.
"""

import io
import json
import logging
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from segmenter import (
    Recipe,
    Result,
    assign_segments,
    check_model,
    choose_features,
    fit_segmentation,
    read_frame,
    read_table,
    suggest_features,
)
from segmenter.charts import CHARTS, charts_of
from segmenter.cli import main
from segmenter.cli.commands import COMMANDS
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.assigners import NearestCentre
from segmenter.cluster.disclosure import with_nobodys_points
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.io.export import EXPORTERS
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.io.model.work import Work, work_to_bytes
from segmenter.io.read.parsed import ReadOptions
from segmenter.recipe.recipe import Scaling, Transform
from segmenter.table.dataset import ColumnKind

N = 150
# Stands in every value of personal data, and nowhere else; telephone numbers are told by their digits.
MARK, DIGITS = "zyxq", "55501"
PERSONAL = {
    "CONTACTFIRSTNAME": lambda at: f"Zyxq{'abc'[at % 3]} Anna",
    "Nachname": lambda at: f"Zyxq{at}",
    "custmail": lambda at: f"zyxq{at}@example.org",
    "mobile": lambda at: f"+49 170 {DIGITS}{at:03d}",
    "strasse": lambda at: f"Zyxqweg {at}",
    "handle": lambda at: f"@zyxq{at}",
    "imieinazwisko": lambda at: f"Zyxq{at} Nowak",
    "Ontvanger": lambda at: f"Zyxq{at % 40} de Vries",
    "profil": lambda at: f"https://www.linkedin.com/in/zyxq{at}",
    "written to": lambda at: f"Anna Zyxq <zyxq{at}@example.org>",
    "where": lambda at: f"ul. Zyxqowa {at}",
    "full name": lambda at: f"Zyxq{at % 4}" if at % 5 else "",
}
# Lists of customers are for those who may see them; each holds the customers' own cells.
LISTS = {"customers-csv", "excel", "segment-files"}


@pytest.fixture(scope="module")
def content() -> bytes:
    random = np.random.default_rng(7)
    group = np.arange(N) % 3
    table = pd.DataFrame(
        {
            "client": [f"K{1000 + at}" for at in range(N)],
            "visits": random.poisson(4 + 9 * group),
            "basket": (random.gamma(4, 4, N) + 40 * group).round(2),
            "tier": np.array(["Basic", "Plus", "Pro"])[group],
            **{name: [value(at) for at in range(N)] for name, value in PERSONAL.items()},
        }
    )
    return table.to_csv(index=False).encode()


@pytest.fixture(scope="module")
def result(content) -> Result:
    dataset = read_table(content, "t.csv")
    named = [dataset.column(name).kind for name in PERSONAL]
    assert set(named) == {ColumnKind.PERSONAL}
    return Result(dataset, fit_segmentation(dataset, Recipe(choose_features(dataset, ("visits", "basket")), 3)))


def personal(dataset):
    return [column.name for column in dataset.columns if column.kind is ColumnKind.PERSONAL]


def found_in(content: bytes) -> list[bytes]:
    """Return the parts of a file, unpacked as often as it is packed, that hold a personal value."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [part for name in archive.namelist() for part in found_in(archive.read(name))]
    held = content.lower()
    places = [place for mark in (MARK, DIGITS) if (place := held.find(mark.encode())) >= 0]
    return [content[max(0, place - 40) : place + 40] for place in places]


@pytest.mark.parametrize("key", sorted(set(EXPORTERS) - LISTS))
def test_no_download_holds_a_personal_value(key, result):
    exporter = EXPORTERS[key]
    if exporter.offered(result):
        made = exporter.export(result)
        assert len(made) > 20
        assert not found_in(made)


def test_the_walk_finds_what_is_there(result):
    for key in LISTS:
        assert found_in(EXPORTERS[key].export(result))


def test_of_a_workbook_only_the_sheet_of_customers_holds_personal_values(result):
    book = openpyxl.load_workbook(io.BytesIO(EXPORTERS["excel"].export(result)), read_only=True)
    held = [
        sheet.title
        for sheet in book
        if MARK in str([cell for row in sheet.iter_rows(values_only=True) for cell in row]).lower()
    ]
    assert len(book.sheetnames) > 1
    assert held == ["Customers"]


@pytest.mark.parametrize("key", sorted(CHARTS))
def test_no_chart_holds_a_personal_value(key, result):
    assert not found_in(CHARTS[key].draw(result).to_json().encode())


def test_nothing_that_is_said_of_another_month_holds_a_personal_value(result, content):
    month = read_table(content.replace(b"Basic", b"Other").replace(b"K1", b"K2"), "next.csv")
    assignment = assign_segments(month, result.segmentation)
    check = check_model(month, assignment)
    said = [note.text for note in (*month.notes, *assignment.notes, *assignment.questions)]
    drawn = [figure.to_json() for _, _, figure in charts_of(check)]
    assert not found_in("\n".join([*said, *drawn, repr(check), repr(assignment)]).encode())


def test_a_kept_work_and_what_is_said_of_columns_hold_no_personal_value(result):
    dataset = result.dataset
    recipe = Recipe(suggest_features(dataset), 3)
    work = Work(dataset.name, dataset.fingerprint, N, recipe, ReadOptions(), {}, (2, 6), result.segmentation)
    told = [*dataset.notes, *dataset.columns, *result.notes, dataset, recipe, result.segmentation, result.profiles]
    assert not found_in(work_to_bytes(work))
    assert not found_in("\n".join(map(repr, told)).encode())


@pytest.mark.parametrize(
    "algorithm", ["k-means", "ward", "k-medoids", "k-medians", "k-prototypes", "latent-class", "som"]
)
def test_no_customers_own_number_can_be_read_off_a_model(algorithm):
    random = np.random.default_rng(3)
    table = pd.DataFrame({"spend": random.lognormal(4, 1.3, 90), "height": random.normal(170, 9, 90)}).round(4)
    table["basket"] = np.where(random.random(90) < 0.3, 0.0, random.gamma(3, 17, 90).round(3))
    # One who alone is a segment, and two who are another one.
    table.loc[:2, ["spend", "height"]] = [[912345.6712, 333.3337], [51.2347, 12.3457], [63.4567, 13.4568]]
    dataset = read_frame(table)
    power = {"height": Transform.YEO_JOHNSON, "basket": Transform.LOG}
    features = [replace(each, cap=(1, 99) if each.column == "spend" and algorithm == "som" else None,
                        transform=power.get(each.column, each.transform))
                for each in choose_features(dataset, [*table])]  # fmt: skip
    model = fit_segmentation(dataset, Recipe(tuple(features), 5, algorithm=algorithm))
    written = json.loads(to_bytes(model))
    parts = ("features", "centres", "placement", "neighbours", "profile")
    numbers = np.array([each for part in parts for each in numbers_in(written[part])])
    X = model.preparation.transform(dataset.frame)
    for values in (*table.to_numpy().T, *X.T):
        own, counts = np.unique(values, return_counts=True)
        own = own[(counts < 5) & (np.abs(own) > 1e-6)]
        assert not [each for each in own if np.isclose(numbers, each, rtol=1e-9, atol=0).any()]
    placed = assign_segments(dataset, from_bytes(to_bytes(model)))
    assert (placed.segmentation.labels == model.pipeline.predict(dataset.frame)).all()


# What each column has one of, far from all others.
FAR_OFF = {"income": 987654321.0, "spend": 76543.21, "balance": -76543.21}


@pytest.mark.parametrize("scaling", list(Scaling))
@pytest.mark.parametrize(("algorithm", "transform"), [
    *((each, Transform.NONE) for each in ALGORITHMS), ("k-means", Transform.LOG), ("ward", Transform.YEO_JOHNSON),
])  # fmt: skip
def test_who_is_far_from_everybody_cannot_be_guessed_from_a_model(algorithm, transform, scaling):
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "income": random.normal(50_000, 9_000, 400).round(),
            "spend": random.gamma(2, 500, 400).round(2),
            "balance": random.normal(0, 500, 400).round(2),
        }
    )
    for row, (column, value) in enumerate(FAR_OFF.items()):
        table.loc[7 + row, column] = value
    dataset = read_frame(table)
    features = tuple(replace(each, transform=transform) for each in choose_features(dataset, [*FAR_OFF]))
    model = fit_segmentation(dataset, Recipe(features, 5, algorithm=algorithm, scaling=scaling))
    content = to_bytes(model)
    written, read = json.loads(content), from_bytes(content)
    assert (read.pipeline.predict(dataset.frame) == model.pipeline.predict(dataset.frame)).all()
    raw = [each for part in ("features", "profile", "quality") for each in numbers_in(written[part])]
    clusterer = read.clusterer
    matrices = [each for each in vars(clusterer.placement_).values() if np.ndim(each) == 2]
    for place, column in enumerate(read.preparation.columns_):
        stored = [each[:, place] for each in (clusterer.centres_, *matrices) if each.shape[1] == len(FAR_OFF)]
        for way in (1, -1):
            # A centre and how far its customers are from it is one of them, too.
            stored += [clusterer.centres_[:, place] + way * np.array([each.reach for each in read.profile.segments])]
        guesses = np.array([*raw, *column.unscaled(np.concatenate(stored))])
        value = FAR_OFF[column.column]
        assert np.nanmin(np.abs(guesses / value - 1)) >= 1e-3


def test_a_number_that_no_rounding_hides_is_said():
    # Two customers lie half way to the next centre on either side: any other middle would lose one of them.
    X = np.array([[-10.0]] * 10 + [[10.0]] * 9 + [[0.0], [-5.0], [5.0]])
    clusterer = SegmentClusterer("k-means", 3).fit(X)
    clusterer.placement_ = NearestCentre(np.array([[0.0], [-10.0], [10.0]]))
    clusterer.labels_ = clusterer.placement_.place(X)
    found = with_nobodys_points(clusterer, X)
    assert (found.placement_.place(X) == clusterer.labels_).all()
    assert [each for each in found.notes_ if "near to those of single customers" in each]


def numbers_in(part) -> list[float]:
    if isinstance(part, dict | list):
        return [each for inner in (part.values() if isinstance(part, dict) else part) for each in numbers_in(inner)]
    return [part] if isinstance(part, float) else []


def test_taking_personal_data_for_something_else_says_none_of_its_values(content):
    for kind in (ColumnKind.NUMBER, ColumnKind.DATE):
        dataset = read_table(content, kinds=dict.fromkeys(PERSONAL, kind))
        assert not found_in("\n".join(note.text for note in dataset.notes if note.column in personal(dataset)).encode())


# What each command is asked, with {file}, {model} and {out}; None for those that read no customers, or only lists.
ASKED = {
    "describe": "{file}",
    "prepare": "{file} --columns visits,basket",
    "choose": "{file} --columns visits,basket --min 2 --max 4 --json",
    "segment": "{file} --columns visits,basket --segments 3 --out {out}",
    "report": "{file} --columns visits,basket --segments 3 --format html --out {out}",
    "assign": "{model} {file} --out {out}",
    "compare": "{file} --columns visits,basket --segments 3 --methods ward",
    "refit": "{model} {file} --out {out}",
    "export-sql": "{model} --dialect duckdb --out {out}.sql",
    "run": "{run} {file} --out {out}",
    **dict.fromkeys(("activate", "platforms", "power", "results", "rfm", "value", "offers", "app", "convert-model")),
    **dict.fromkeys(("methods", "learn", "classify", "classifiers", "moved", "track")),
}


def test_every_command_that_reads_customers_is_asked():
    assert set(ASKED) == set(COMMANDS)


@pytest.fixture(scope="module")
def formed(content, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("formed")
    (folder / "file.csv").write_bytes(content)
    asked = ASKED["segment"].format(file=folder / "file.csv", out=folder)
    assert main(["segment", *asked.split()]) == 0
    return folder


@pytest.mark.parametrize("command", [name for name, asked in ASKED.items() if asked])
def test_no_command_prints_writes_or_logs_a_personal_value(command, formed, tmp_path, capsys, caplog):
    caplog.set_level(logging.DEBUG)
    places = {
        "file": formed / "file.csv",
        "model": formed / "model.segmodel.json",
        "run": formed / "run.json",
        "out": tmp_path / "out",
    }
    code = main([command, *ASKED[command].format(**places).split()])
    printed = capsys.readouterr()
    assert code == 0, printed.err
    assert not found_in("\n".join([printed.out, printed.err, caplog.text]).encode())
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.stem != "customers"]
    assert not [(path.name, found) for path in written if (found := found_in(path.read_bytes()))]
