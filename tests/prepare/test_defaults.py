"""What is chosen when nobody touches a setting: special codes, skew, copies, sums, and what changes nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segmenter.io.read.table import read_table
from segmenter.prepare.diagnostics import customers_far_out
from segmenter.prepare.preparation import prepare
from segmenter.prepare.relations import find_copies, find_relations
from segmenter.prepare.suggest import (
    Cause,
    filled_values,
    special_codes,
    suggest_columns,
    suggest_features,
    transformed_features,
    transforms_in_words,
    with_special_codes,
    with_transforms,
)
from segmenter.recipe.recipe import Missing, Recipe, Role, Transform
from segmenter.segment.assign import assign_segments
from segmenter.segment.profile import profile_segments
from segmenter.segment.result import Result
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame

N = 400


def base(n=N, seed=0):
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "visits": random.poisson(4, n).astype(float),
            "basket": random.gamma(9, 5, n).round(2),
            "minutes": random.normal(300, 40, n).round(1),
        }
    )


def specs_of(frame):
    return {spec.column: spec for spec in suggest_features(read_frame(frame))}


def causes_of(frame):
    return {each.spec.column: each.cause for each in suggest_columns(read_frame(frame)) if each.cause}


def forming(frame):
    return {spec.column for spec in suggest_features(read_frame(frame)) if spec.segments}


def with_code(values, code, rows):
    values = np.array(values, dtype=float)
    values[rows] = code
    return values


RANDOM = np.random.default_rng(3)
FEW = np.arange(0, N, 40)
AGES = RANDOM.integers(18, 91, N)
CHILDREN = RANDOM.choice(4, N)
SPEND = RANDOM.gamma(4, 50, N).round(2)


@pytest.mark.parametrize(
    ("name", "values", "codes"),
    [
        ("children", with_code(CHILDREN, 99, FEW), (99.0,)),
        ("children", with_code(with_code(CHILDREN, -1, FEW), 999, FEW + 1), (-1.0, 999.0)),
        # Three nines say it once, two only again and again.
        ("children", with_code(CHILDREN, 999, [5]), (999.0,)),
        ("children", with_code(CHILDREN, 99, [5]), ()),
        ("minutes used", with_code(SPEND, 9999, FEW), (9999.0,)),
        ("income", with_code(SPEND * 100, -999, FEW), (-999.0,)),
        ("income", with_code(SPEND * 100, 999999, FEW), (999999.0,)),
        ("age", with_code(AGES, 99, FEW), (99.0,)),
        ("Alter", with_code(AGES, 999, FEW), (999.0,)),
        ("age", with_code(AGES, 0, FEW), (0.0,)),
        ("bmi index", with_code(RANDOM.normal(26, 3, N), 0, FEW), (0.0,)),
        ("answer 4", with_code(with_code(RANDOM.choice(5, N) + 1, 98, FEW), 99, FEW + 1), (98.0, 99.0)),
        # No codes: debts, opinions, large orders, a top-coded score, a customer of 99, real zeros.
        ("balance", SPEND - 180, ()),
        ("trend", RANDOM.choice([-1, 0, 1], N), ()),
        ("score points", np.append(RANDOM.integers(0, 100, N - 1), 99), ()),
        ("age", with_code(AGES, 99, [5]), ()),
        ("spend", with_code(SPEND, 0, FEW), ()),
        ("orders", with_code(RANDOM.poisson(60, N), 99, FEW), ()),
        ("income", np.append(SPEND[:-1], 1234567.0), ()),
    ],
)
def test_special_codes_are_told_from_amounts(name, values, codes):
    assert specs_of(base().assign(**{name: values}))[name].unknown == codes


def test_a_special_code_is_asked_about_counts_as_missing_and_is_switched_back():
    frame = base().assign(children=with_code(CHILDREN, 99, FEW))
    dataset = read_frame(frame)
    features = suggest_features(dataset)
    (asked,) = special_codes(dataset, features)
    assert asked.question == "Does 99 in children (10 customers) mean “not known”?"
    as_missing = base().assign(children=with_code(CHILDREN, np.nan, FEW))
    plain = replace(next(each for each in features if each.column == "children"), unknown=())
    wanted = tuple(plain if each.column == "children" else each for each in features)
    np.testing.assert_allclose(prepare(dataset, Recipe(features)).X, prepare(read_frame(as_missing), Recipe(wanted)).X)
    back = with_special_codes(features, dataset, ["children"], on=False)
    assert special_codes(dataset, back)[0].as_missing is False
    assert with_special_codes(back, dataset, ["children"], on=True) == features


def test_profiles_leave_special_codes_out():
    frame = base().assign(children=with_code(CHILDREN, 99, FEW))
    dataset = read_frame(frame)
    profiles = profile_segments(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), 2)))
    assert max(profile.means["children"] for profile in profiles) <= 3


def test_a_column_that_is_mostly_a_code_is_off_and_says_so():
    pdays = np.where(np.arange(N) % 5 == 0, RANDOM.integers(1, 60, N), -1)
    found = {each.spec.column: each for each in suggest_columns(read_frame(base().assign(pdays=pdays)))}["pdays"]
    assert found.cause is Cause.MOSTLY_UNKNOWN
    assert "80 % of the customers have -1" in found.reason


TAILS = {
    "log-normal": RANDOM.lognormal(3, 1, N),
    "refunds": RANDOM.lognormal(3, 1.2, N) - RANDOM.lognormal(2, 1, N),
    "zero-inflated": np.where(RANDOM.random(N) < 0.6, 0, RANDOM.lognormal(3, 1, N)),
    "one millionaire": np.append(RANDOM.normal(50_000, 9_000, N - 1), 666_666),
    "counts": RANDOM.negative_binomial(0.6, 0.08, N).astype(float),
}


@pytest.mark.parametrize("tail", list(TAILS))
def test_a_column_whose_few_large_values_would_decide_alone_is_evened_out(tail):
    dataset = read_frame(base().assign(tail=TAILS[tail]))
    features = suggest_features(dataset)
    assert transformed_features(features) == ("tail",)
    prepared = prepare(dataset, Recipe(features))
    place = prepared.preparation.names_.index("tail")
    raw = (TAILS[tail] - TAILS[tail].mean()) / TAILS[tail].std()
    even = prepared.X[:, place]
    assert abs((even**3).mean()) <= max(1, abs((raw**3).mean()) / 2)
    # Centres are shown in the column's own units.
    np.testing.assert_allclose(prepared.preparation.in_own_units(prepared.X)["tail"], TAILS[tail], rtol=1e-6, atol=1e-6)
    back = with_transforms(features, dataset, on=False)
    assert transformed_features(back) == ()
    assert with_transforms(back, dataset, on=True) == features


@pytest.mark.parametrize(
    "values",
    [
        RANDOM.normal(50, 5, N), RANDOM.uniform(0, 1, N), RANDOM.poisson(3, N).astype(float),
        # 98 % have nothing, and no power tells the others apart from two values.
        np.where(np.arange(N) % 50 == 0, RANDOM.lognormal(3, 0.2, N), 0.0),
        RANDOM.choice(5, N, p=[0.8, 0.1, 0.05, 0.03, 0.02]).astype(float),
    ],
)  # fmt: skip
def test_a_cure_that_cures_nothing_is_not_applied(values):
    assert specs_of(base().assign(column=values))["column"].transform is Transform.NONE


def test_what_was_evened_out_is_said_in_one_sentence():
    assert transforms_in_words(()) == ""
    assert transforms_in_words(("spend",)) == "A few very large values in spend were evened out."
    assert transforms_in_words(("a",) * 6) == "A few very large values in 6 columns were evened out."


@pytest.mark.parametrize(
    ("copy", "cause"),
    [
        (lambda b: b["basket"], Cause.COPY),
        (lambda b: b["basket"] * 1000 + 7, Cause.COPY),
        (lambda b: -b["basket"], Cause.COPY),
        (lambda b: b["basket"].round(0), Cause.COPY),
        (lambda b: np.sqrt(b["basket"]), Cause.COPY),
        (lambda b: b["basket"] + np.random.default_rng(5).normal(0, 8, N), None),
        (lambda b: b["basket"].sample(frac=1, random_state=1).to_numpy(), None),
    ],
)
def test_copies_in_whatever_unit_are_off(copy, cause):
    frame = base()
    assert causes_of(frame.assign(other=copy(frame))).get("other") is cause


def test_one_customer_who_is_huge_in_two_columns_makes_no_copy_of_them():
    frame = pd.DataFrame({"a": [*RANDOM.normal(0, 1, N), 1e6], "b": [*RANDOM.normal(0, 1, N), 1e6]})
    assert find_copies(frame) == ()


def test_a_recoded_copy_of_a_protected_column_is_off_for_the_same_reason():
    sex = RANDOM.choice(["male", "female"], N)
    frame = base().assign(gender=sex, blue=np.where(sex == "male", "A", "B"))
    assert causes_of(frame) == {"gender": Cause.PROTECTED, "blue": Cause.PROTECTED}


PARTS = pd.DataFrame(RANDOM.gamma(2, 40, (N, 5)).round(2), columns=list("abcde"))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (PARTS["a"] + PARTS["b"], "the sum of a and b"),
        ((PARTS["a"] + PARTS["b"]).round(0), "the sum of a and b"),
        (PARTS[["a", "b", "c", "d"]].sum(axis=1), "the sum of a, b, c and d"),
        (PARTS[["a", "b", "c"]].mean(axis=1).round(2), "the average of a, b and c"),
        ((PARTS["a"] / PARTS["b"]).round(3), "a divided by b"),
        ((PARTS["a"] + PARTS["b"]).where(np.arange(N) != 9, 500.0), "the sum of a and b"),
    ],
)
def test_what_follows_from_others_is_off_and_said(made, words):
    (found,) = find_relations(PARTS.assign(made=made))
    assert (found.column, found.words.replace("b and a", "a and b")) == ("made", words)
    assert set(found.words.split()) & set("abcd") <= {*found.sources, *words.split()}


def test_a_difference_leaves_its_parts():
    profit = PARTS["a"] - PARTS["b"]
    (found,) = find_relations(PARTS.assign(profit=profit))
    assert (found.column, found.words) == ("a", "the sum of b and profit")


@pytest.mark.parametrize("seed", range(6))
def test_independent_columns_and_counts_follow_from_nothing(seed):
    random = np.random.default_rng(seed)
    flags = random.random((200, 8)) < 0.05
    counts = random.poisson(0.4, (200, 6))
    frame = pd.DataFrame(np.hstack([flags, counts, random.normal(size=(200, 6)).round(1)]).astype(float))
    assert find_relations(frame.set_axis([f"c{place}" for place in frame], axis=1)) == ()


def test_a_nearly_constant_column_is_off():
    assert causes_of(base().assign(rare=[5.0, *[0.0] * (N - 1)])) == {"rare": Cause.NEARLY_CONSTANT}
    assert "rare" in forming(base().assign(rare=np.where(np.arange(N) % 20 == 0, AGES, 0.0)))


def groups(n=300):
    random = np.random.default_rng(11)
    group = np.arange(n) % 3
    return pd.DataFrame(
        {
            "visits": random.poisson(np.array([3, 12, 30])[group]).astype(float),
            "spend": random.lognormal(np.array([2.0, 5.0, 3.5])[group], 0.3).round(2),
            "age": random.normal(np.array([25, 40, 60])[group], 3).round(0),
        }
    )


def labels_of(frame):
    dataset = read_frame(frame)
    return fit_segmentation(dataset, Recipe(suggest_features(dataset), 3)).labels.to_numpy()


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.assign(copy=f["spend"]),
        lambda f: f.assign(copy=f["spend"] * 0.01),
        lambda f: f.assign(same=7.0),
        lambda f: f.assign(spend=f["spend"] * 1000),
        lambda f: f.assign(spend=f["spend"] + 250, age=f["age"] * 12),
        lambda f: f.assign(total=f["spend"] + f["age"]),
        lambda f: f[["age", "visits", "spend"]],
    ],
    ids=["a copy", "in cents", "a constant", "thousandfold", "shifted", "a total", "other order"],
)
def test_what_says_nothing_new_changes_no_segment(change):
    before = labels_of(groups())
    np.testing.assert_array_equal(labels_of(change(groups())), before)


def test_every_customer_twice_gives_the_same_choices_and_segments():
    frame = groups()
    double = pd.concat([frame, frame], ignore_index=True)
    assert specs_of(double) == specs_of(frame)
    np.testing.assert_array_equal(labels_of(double)[: len(frame)], labels_of(frame))


def test_the_order_of_the_rows_changes_no_choice():
    frame = base().assign(tail=TAILS["zero-inflated"], total=lambda f: f["basket"] + f["minutes"])
    assert specs_of(frame.sample(frac=1, random_state=2)) == specs_of(frame)


def test_customers_far_out_in_many_columns_are_named_and_stay_in_the_result():
    frame = base()
    frame.loc[17, ["basket", "minutes"]] = [900.0, 5000.0]
    frame.loc[40, "minutes"] = 5000.0
    dataset = read_frame(frame)
    recipe = Recipe(with_transforms(suggest_features(dataset), dataset, on=False), 2)
    (found,) = customers_far_out(dataset, recipe)
    assert (found.row, set(found.columns)) == (17, {"basket", "minutes"})
    assert (fit_segmentation(dataset, recipe).labels >= 0).all()


def test_a_group_far_out_is_no_handful_to_set_aside():
    frame = base()
    frame.loc[:19, ["basket", "minutes"]] += [900.0, 5000.0]
    dataset = read_frame(frame)
    features = with_transforms(suggest_features(dataset), dataset, on=False)
    assert customers_far_out(dataset, Recipe(features)) == ()


def test_one_number_alone_lets_categories_join_but_none_that_is_off():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "spend": random.gamma(5, 9, N),
            "city": random.choice(["Oslo", "Rome"], N),
            "gender": random.choice(["male", "female"], N),
            "segment": random.choice(["A", "B", "C"], N),
        }
    )
    assert forming(frame) == {"spend", "city"}


PAID = {"MntFruits", "MntMeatProducts", "MntFishProducts", "MntSweetProducts", "MntGoldProds"}
CARD_OFF = {"CUST_ID", "PURCHASES"}


def test_the_campaign_files_default_columns(shared_data: Path):
    found = {each.spec.column: each for each in suggest_columns(read_table(shared_data / "marketing_campaign.csv"))}
    numbers = {name for name in found if name.startswith(("Mnt", "Num"))}
    assert {name for name, each in found.items() if each.spec.segments} == {
        *numbers, "Year_Birth", "Education", "Income", "Kidhome", "Teenhome", "Recency",
    }  # fmt: skip
    evened = set(transformed_features(tuple(each.spec for each in found.values())))
    assert evened == {*PAID, "Income", "NumDealsPurchases", "NumCatalogPurchases"}
    assert found["Complain"].cause is Cause.NEARLY_CONSTANT


def test_the_card_files_default_columns(shared_data: Path):
    dataset = read_table(shared_data / "cc_general.csv")
    found = {each.spec.column: each for each in suggest_columns(dataset)}
    assert {name for name, each in found.items() if not each.spec.segments} == CARD_OFF
    assert found["PURCHASES"].reason == "it is the sum of INSTALLMENTS_PURCHASES and ONEOFF_PURCHASES"
    assert {"BALANCE", "CASH_ADVANCE", "PAYMENTS", "MINIMUM_PAYMENTS"} <= set(
        transformed_features(tuple(each.spec for each in found.values()))
    )


@pytest.mark.parametrize("name", ["Train.csv", "Test.csv"])
def test_the_labelled_files_default_columns(shared_data: Path, name):
    found = {each.spec.column: each for each in suggest_columns(read_table(shared_data / name))}
    assert {name for name, each in found.items() if each.spec.segments} == {
        "Age", "Work_Experience", "Spending_Score", "Family_Size",
    }  # fmt: skip
    assert found["Spending_Score"].spec.role is Role.ORDINAL
    assert found["Spending_Score"].spec.order == ("Low", "Average", "High")
    assert found["Gender"].cause is Cause.PROTECTED
    assert "Segmentation" not in found or found["Segmentation"].cause is Cause.RESULT


def test_the_hotels_and_the_schools_default_columns_hold_numbers_alone(shared_data: Path):
    for name in ("brussels_hotels_cp1252_semicolon_deccomma.csv", "FY10_EDU_preamble_thousands.csv"):
        features = suggest_features(read_table(shared_data / "dialects" / name))
        assert any(spec.segments for spec in features)
        assert all(spec.missing is not Missing.CONSTANT for spec in features)


@pytest.mark.parametrize(
    ("name", "largest"),
    [
        ("weight", 2.0), ("Gewicht", 2.0), ("wgt", 2.0), ("SampleWeight", 2.0), ("weight", 0.8), ("weight", 6.0),
        # Of a survey, how many people of the market a row stands for.
        ("sample_weight", 5_000.0), ("Hochrechnungsfaktor", 5_000.0),
    ],
)  # fmt: skip
def test_survey_weights_form_no_segments_unless_asked(name, largest):
    weights = np.random.default_rng(3).uniform(largest / 4, largest, N).round(3)
    found = {each.spec.column: each for each in suggest_columns(read_frame(base().assign(**{name: weights})))}
    assert found[name].cause is Cause.WEIGHT
    assert not found[name].spec.segments


@pytest.mark.parametrize(
    ("name", "mean"),
    [("weight", 70.0), ("weight_kg", 1.1), ("basket weight kg", 1.0), ("wait", 1.0), ("parcel_weight", 4.0)],
)
def test_what_things_weigh_forms_segments(name, mean):
    weights = np.random.default_rng(3).normal(mean, mean / 8, N).round(3)
    found = {each.spec.column: each for each in suggest_columns(read_frame(base().assign(**{name: weights})))}
    assert found[name].spec.segments


def test_filled_values_are_counted_by_column():
    frame = base()
    frame.loc[:39, "visits"] = np.nan
    dataset = read_frame(frame)
    assert filled_values(dataset, Recipe(suggest_features(dataset))) == {"visits": (40, Missing.MEDIAN)}


@pytest.mark.parametrize("placed", [False, True])
def test_what_a_file_of_labelled_customers_says_of_each_forms_no_segments_again(placed):
    dataset = read_frame(base())
    segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=3))
    assignment = assign_segments(dataset, segmentation) if placed else None
    labelled = read_frame(Result(dataset, segmentation, assignment).labelled())
    assert Recipe(suggest_features(labelled)).segmenting == Recipe(suggest_features(dataset)).segmenting
    # Distances and margins of nobody's segments are columns like any others.
    other = base().assign(distance=base(seed=1)["basket"])
    assert "distance" in specs_of(other)
