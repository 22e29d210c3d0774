"""A spreadsheet's formulas place people as the model does, by another program's arithmetic."""

import shutil
import subprocess
from io import BytesIO

import numpy as np
import openpyxl
import pandas as pd
import pytest

from segmenter import (
    FeatureSpec,
    LearningRecipe,
    Recipe,
    Role,
    add_column,
    assign_segments,
    choose_features,
    classify,
    fit_segmentation,
    learn,
    model_sql,
    read_frame,
)
from segmenter.errors.forming import InvalidSettingError
from segmenter.errors.models import NoSqlError
from segmenter.io.export.learning import has_typing_tool, typing_tool
from segmenter.recipe.recipe import DateUse, Missing, Transform

# The part that calculates is installed by itself on some systems: an office without it opens no workbook.
OFFICE = shutil.which("soffice") if shutil.which("localc") else None
with_office = pytest.mark.skipif(
    OFFICE is None,
    reason="LibreOffice Calc is not installed (tests/report/install_office.sh): no other program calculates",
)
FEATURES = (
    FeatureSpec("income", transform=Transform.YEO_JOHNSON, missing=Missing.MEDIAN, indicator=True),
    FeatureSpec("spend", transform=Transform.LOG, cap=(1.0, 99.0)),
    FeatureSpec("visits", missing=Missing.DROP, unknown=(-1.0,)),
    FeatureSpec("city", Role.CATEGORY, missing=Missing.CATEGORY, joined=(("bon", "Bonn"), ("ULM", "Ulm"))),
    FeatureSpec("size", Role.ORDINAL, order=("S", "M", "L")),
    FeatureSpec("member"),
    FeatureSpec("since", Role.DATE, date_use=DateUse.MONTH),
    FeatureSpec("since", Role.DATE, date_use=DateUse.WEEK),
    FeatureSpec("since", Role.DATE, date_use=DateUse.WEEKDAY),
    FeatureSpec("since", Role.DATE, date_use=DateUse.AGE),
)


def people(n, seed):
    draw = np.random.default_rng(seed)
    kind = draw.integers(0, 3, n)
    table = pd.DataFrame(
        {
            "income": (np.array([20, 60, 150])[kind] * draw.lognormal(0, 0.2, n)).round(2),
            "spend": (np.array([5, 300, 60])[kind] * draw.lognormal(0, 0.3, n)).round(2),
            "visits": draw.poisson(np.array([2, 9, 25])[kind]).astype(float),
            "city": np.array(["Ulm", "Bonn", 'St. "A", B'])[draw.integers(0, 3, n)],
            "size": np.array(["S", "M", "L"])[np.clip(kind + draw.integers(-1, 2, n), 0, 2)],
            "member": np.array(["yes", "no"])[(draw.random(n) < 0.2 + 0.3 * kind).astype(int)],
            "since": pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 700, n), unit="D"),
            "tier": np.array(["bronze", "silver", "gold"])[kind],
        }
    )
    for name in ("income", "visits", "city", "size"):
        table.loc[draw.random(n) < 0.04, name] = None
    table.loc[draw.random(n) < 0.03, "visits"] = -1
    table.loc[draw.random(n) < 0.03, "city"] = "Oslo"
    table.loc[draw.random(n) < 0.03, "city"] = "bon"
    table.loc[draw.random(n) < 0.03, "city"] = "ulm"
    return table


def calculated(content, table, folder):
    """Fill people in, let another program calculate, and return the answers."""
    book = openpyxl.load_workbook(BytesIO(content))
    sheet = book["People"]
    columns = [cell.value for cell in sheet[1]]
    for place, name in enumerate(columns, start=1):
        if name not in table:
            continue
        for row, value in enumerate(table[name], start=2):
            known = value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
            sheet.cell(row, place).value = None if pd.isna(value) else known
    book.save(folder / "filled.xlsx")
    profile = f"-env:UserInstallation=file://{folder}/profile"
    target = ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", folder / "out"]
    command = [OFFICE, profile, "--headless", *target, folder / "filled.xlsx"]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    found = openpyxl.load_workbook(folder / "out" / "filled.xlsx", data_only=True)["People"]
    rows = list(found.iter_rows(min_row=2, max_row=len(table) + 1, values_only=True))
    return pd.DataFrame(rows, columns=columns)


@with_office
def test_formulas_place_people_as_the_segments_do(tmp_path):
    segmentation = fit_segmentation(read_frame(people(600, 1)), Recipe(FEATURES, n_segments=4))
    new = people(200, 2)
    answers = calculated(typing_tool(segmentation, len(new)), new, tmp_path)
    assigned = assign_segments(read_frame(new), segmentation)
    labels = assigned.segmentation.labels
    placed = labels.notna() & (labels >= 0)
    told = pd.to_numeric(answers["segment"], errors="coerce")
    assert (told.isna() == ~placed.to_numpy()).all()
    assert (told[placed.to_numpy()].to_numpy() == labels[placed].to_numpy() + 1).all()
    np.testing.assert_allclose(
        pd.to_numeric(answers["distance"][placed.to_numpy()]), assigned.distance[placed], rtol=1e-6
    )
    assert (answers.loc[~placed.to_numpy(), "reason"] == "visits is missing").all()


@with_office
def test_formulas_answer_as_logistic_regression_does(tmp_path):
    recipe = LearningRecipe("tier", features=FEATURES, classifiers=("logistic-regression",), tune=False, folds=3)
    model = learn(read_frame(people(600, 1)), recipe).model
    new = people(1_000, 2).drop(columns="tier")
    answers = calculated(typing_tool(model, len(new)), new, tmp_path)
    told = classify(read_frame(new), model)
    labelled = told.labelled()
    placed = told.placed.to_numpy() if hasattr(told.placed, "to_numpy") else np.asarray(told.placed)
    assert placed.sum() > 900
    assert (answers["segment_name"][placed].to_numpy() == labelled["segment"][placed].to_numpy()).all()


def test_what_formulas_cannot_follow_is_said():
    dataset = read_frame(people(300, 3))
    mixture = fit_segmentation(dataset, Recipe((FeatureSpec("spend"),), n_segments=2, algorithm="gaussian-mixture"))
    assert not has_typing_tool(mixture)
    with pytest.raises(InvalidSettingError, match=r"nearest centre.*Gaussian mixture.*K-Means"):
        typing_tool(mixture)
    neighbours = Recipe((FeatureSpec("spend"), FeatureSpec("visits", missing=Missing.KNN)), n_segments=2)
    with pytest.raises(InvalidSettingError, match="most similar"):
        typing_tool(fit_segmentation(dataset, neighbours))


def test_twice_the_same_bytes_and_no_customer_in_it():
    dataset = read_frame(people(300, 4))
    segmentation = fit_segmentation(dataset, Recipe(FEATURES, n_segments=3))
    assert typing_tool(segmentation, 5) == typing_tool(segmentation, 5)
    book = openpyxl.load_workbook(BytesIO(typing_tool(segmentation, 5)))
    asked = dict.fromkeys(each.column for each in FEATURES)
    assert [cell.value for cell in book["People"][2]][: len(asked)] == [None] * len(asked)


OWN = {
    "per visit": "spend / visits",
    "wealth": "bins(income, 40, 100)",
    "loyal": "where(member and not (size == 'S'), 'yes', 'no') == 'yes'",
    "squared": "(round(spend / 7, 1) - 3) ^ 2 % 11",
    "days": "max(since - first, 1) + log(income) * -1",
    "group": "where(city == 'Ulm', size, city)",
    "twice": "mean(per visit, spend) if 5 < visits <= 20 else sqrt(spend)",
}


@with_office
def test_columns_of_ones_own_are_worked_out_in_the_workbook(tmp_path):
    def table(seed, n):
        draw = np.random.default_rng(seed)
        first = pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 1_400, n), unit="D")
        found = people(n, seed).assign(first=first)
        found.loc[draw.random(n) < 0.04, "since"] = None
        return found

    dataset = read_frame(table(1, 600))
    for name, formula in OWN.items():
        dataset = add_column(dataset, name, formula)
    segmentation = fit_segmentation(dataset, Recipe(choose_features(dataset, ("income", *OWN)), n_segments=4))
    new = table(2, 200)
    content = typing_tool(segmentation, len(new))
    asked = [cell.value for cell in openpyxl.load_workbook(BytesIO(content))["People"][1]]
    assert not set(asked) & set(OWN)
    assert {"spend", "visits", "income", "member", "size", "since", "first", "city"} <= set(asked)
    answers = calculated(content, new, tmp_path)
    assigned = assign_segments(read_frame(new), segmentation)
    labels = assigned.segmentation.labels.to_numpy()
    assert (labels >= 0).mean() > 0.8
    assert (pd.to_numeric(answers["segment"], errors="coerce").fillna(0).to_numpy() == labels + 1).all()
    np.testing.assert_allclose(pd.to_numeric(answers["distance"], errors="coerce"), assigned.distance, rtol=1e-6)
    assert (answers["reason"].fillna("") == assigned.reasons.to_numpy()).all()


def test_a_formula_that_repeats_itself_without_end_gives_no_workbook():
    dataset = read_frame(people(300, 3))
    for number in range(40):
        before = f"own{number - 1}" if number else "spend"
        dataset = add_column(dataset, f"own{number}", f"({before} + {before}) / 2")
    segmentation = fit_segmentation(dataset, Recipe(choose_features(dataset, ("own39", "visits")), n_segments=2))
    # A cell for each step: forty columns of columns are no more than that.
    assert has_typing_tool(segmentation)
    assert len(typing_tool(segmentation, 5)) < 200_000
    with pytest.raises(NoSqlError, match="too long"):
        model_sql(segmentation)
