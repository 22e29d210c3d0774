"""What is shown before anything is computed: previews, customers far out, influence, other choices."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import segmenter
from segmenter.choose.evidence import Alternative, alternatives_to, measure_sensitivity, verdict_of
from segmenter.errors.forming import PersonalColumnError, TooManyCategoriesError
from segmenter.prepare.diagnostics import (
    column_diagnostics,
    column_influence,
    fill_previews,
    find_outliers,
    named_rows,
    proposed_shapes,
    shape_previews,
)
from segmenter.prepare.encoders import lumped_levels
from segmenter.prepare.preparation import prepare
from segmenter.prepare.suggest import kept_features, suggest_features, used, with_transforms
from segmenter.recipe.recipe import DateUse, FeatureSpec, Missing, Recipe, Role, Scaling, Transform
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame


def dataset_of(**columns):
    return read_frame(pd.DataFrame(columns))


def test_each_filling_is_drawn_where_it_falls():
    dataset = dataset_of(spend=[1.0, 2, 2, 9, np.nan, np.nan], visits=[1.0, 2, 3, 4, 5, 6])
    found = fill_previews(dataset, Recipe((FeatureSpec("spend"), FeatureSpec("visits"))), "spend")
    previews = {each.choice: each for each in found.choices}
    assert previews[Missing.DROP].n_left_out == 2
    assert previews[Missing.MEAN].mean == pytest.approx(3.5)
    assert previews[Missing.MEDIAN].mean == pytest.approx((1 + 2 + 2 + 9 + 2 + 2) / 6)
    assert previews[Missing.MODE].deviation == pytest.approx(np.std([1, 2, 2, 9, 2, 2]))
    for choice in (Missing.MEAN, Missing.MEDIAN, Missing.MODE, Missing.KNN):
        assert previews[choice].known.sum() == 4
        assert previews[choice].filled.sum() == 2
    middle = found.bars[int(previews[Missing.MEAN].filled.argmax())]
    assert middle == pytest.approx(3.5, abs=8 / 24)
    assert Missing.CONSTANT not in previews


def test_what_similar_customers_have_is_drawn_as_it_would_be_filled_in(make_customers):
    frame = make_customers(200)
    frame.loc[::10, "spend"] = None
    dataset = read_frame(frame)
    specs = (FeatureSpec("income"), FeatureSpec("spend", missing=Missing.KNN))
    found = fill_previews(dataset, Recipe(specs), "spend")
    knn = next(each for each in found.choices if each.choice is Missing.KNN)
    prepared = prepare(dataset, Recipe(specs))
    filled = prepared.preparation.in_own_units(prepared.X)["spend"]
    assert knn.mean == pytest.approx(filled.mean())
    assert knn.deviation == pytest.approx(filled.std(ddof=0))


def test_a_constant_is_previewed_once_there_is_one():
    dataset = dataset_of(spend=[1.0, 2, 3, np.nan])
    spec = FeatureSpec("spend", missing=Missing.CONSTANT, constant=-5.0)
    found = fill_previews(dataset, Recipe((spec,)), "spend")
    assert found.choices[-1].mean == pytest.approx((1 + 2 + 3 - 5) / 4)


def test_categories_are_drawn_with_what_missing_ones_would_count_as():
    dataset = dataset_of(city=["Oslo"] * 5 + ["Rome"] * 3 + [None] * 2)
    found = fill_previews(dataset, Recipe((FeatureSpec("city", Role.CATEGORY, Missing.MODE),)), "city")
    assert found.bars == ("Oslo", "Rome", "(missing)", "all others")
    shown = {each.choice: each.filled.tolist() for each in found.choices}
    assert shown[Missing.MODE] == [2, 0, 0, 0]
    assert shown[Missing.CATEGORY] == [0, 0, 2, 0]
    assert found.before.known.tolist() == [5, 3, 0, 0]


def test_nothing_is_previewed_where_nothing_is_missing():
    assert fill_previews(dataset_of(spend=[1.0, 2, 3]), Recipe((FeatureSpec("spend"),)), "spend") is None


def as_it_is_in(dataset):
    return with_transforms(suggest_features(dataset), dataset, on=False)


def test_a_long_tail_is_shown_in_every_shape_and_one_is_proposed():
    values = np.random.default_rng(0).lognormal(3, 1, 500)
    dataset = dataset_of(spend=values, rare=(np.arange(500) == 0).astype(float))
    as_it_is, log, power = shape_previews(dataset, FeatureSpec("spend"))
    skewed = (values - values.mean()) / values.std()
    assert as_it_is.skewness == pytest.approx((skewed**3).mean())
    assert abs(log.skewness) < 1 < as_it_is.skewness
    assert as_it_is.counts.sum() == log.counts.sum() == power.counts.sum() == 500
    proposed = proposed_shapes(dataset, as_it_is_in(dataset))
    assert {name: after.transform for name, (_, after) in proposed.items()} == {"spend": Transform.LOG}


def test_a_logarithm_that_goes_too_far_gives_way_to_a_power():
    # Most customers have nothing: their zeros stay a pile that the logarithm leaves far from the rest.
    random = np.random.default_rng(1)
    values = np.where(random.random(600) < 0.75, 0.0, random.lognormal(3, 1.2, 600))
    dataset = dataset_of(spend=values)
    (before, after), *_ = proposed_shapes(dataset, as_it_is_in(dataset)).values()
    assert after.transform is Transform.YEO_JOHNSON
    assert abs(after.skewness) < 2 < before.skewness


def test_customers_far_out_are_found_by_the_fences_and_named():
    spend = [*range(1, 100), 1000, -500]
    dataset = dataset_of(customer_id=[f"C{n}" for n in range(101)], spend=spend)
    found = find_outliers(dataset, FeatureSpec("spend"))
    lower, upper = np.quantile(spend, [0.25, 0.75])
    assert (found.low, found.high) == pytest.approx((lower - 3 * (upper - lower), upper + 3 * (upper - lower)))
    assert found.rows.tolist() == [99, 100]
    assert found.fences_in_words == "below -125 or above 225"
    table = named_rows(dataset, found, 1)
    assert table.to_dict("list") == {"Row": [100], "customer_id": ["C99"], "spend": [1000]}


def test_who_is_far_out_is_judged_in_the_shape_that_is_used():
    spend = np.random.default_rng(0).lognormal(3, 1, 2000)
    plain = find_outliers(dataset_of(spend=spend), FeatureSpec("spend"))
    # Below the lower fence, which is no spend that there can be, is nobody.
    assert plain.low < 0
    assert plain.fences_in_words.startswith("above ")
    logged = find_outliers(dataset_of(spend=spend), FeatureSpec("spend", transform=Transform.LOG))
    assert len(plain.rows) > 20
    assert len(logged.rows) == 0
    assert logged.high > plain.high


def test_a_column_that_is_half_zeros_is_not_all_far_out():
    found = find_outliers(dataset_of(spend=[0.0] * 80 + [1.0, 2, 3, 4] * 5), FeatureSpec("spend"))
    assert len(found.rows) < 20


def test_a_rare_yes_is_not_far_out():
    assert find_outliers(dataset_of(bought=[1.0] + [0.0] * 99), FeatureSpec("bought")) is None


def test_a_category_counts_as_much_as_a_number_and_a_weight_counts_squared():
    random = np.random.default_rng(0)
    dataset = dataset_of(spend=random.normal(size=300), city=random.choice(["a", "b", "c"], 300))
    specs = (FeatureSpec("spend", weight=2.0), FeatureSpec("city", Role.CATEGORY, Missing.MODE))
    spend, city = column_influence(prepare(dataset, Recipe(specs)))
    assert (spend.column, spend.share, city.share) == ("spend", pytest.approx(0.8), pytest.approx(0.2))
    assert city.n_prepared == 4


@pytest.fixture(scope="module")
def gappy(make_customers):
    frame = make_customers(240)
    frame.loc[::8, "spend"] = None
    frame["visits"] = np.random.default_rng(0).lognormal(0, 2, 240)
    return read_frame(frame)


def test_other_choices_are_every_one_that_could_have_been_made(gappy):
    recipe = Recipe(as_it_is_in(gappy), 3)
    tried = {(each.column, each.what, each.to) for each in alternatives_to(gappy, recipe)}
    assert {("spend", "missing", each) for each in ("drop", "mean", "mode", "knn")} <= tried
    assert ("spend", "missing", "median") not in tried
    assert {("visits", "transform", "log"), ("visits", "cap", "1 to 99"), ("", "scaling", "robust")} <= tried
    assert {what for column, what, _ in tried if column == "income"} == {"without"}


def test_agreement_is_that_of_two_segmentations_formed_apart(gappy):
    recipe = Recipe(suggest_features(gappy), 3)
    other = next(each for each in alternatives_to(gappy, recipe) if (each.what, each.to) == ("missing", "drop"))
    found = measure_sensitivity(gappy, recipe, [other]).effects[0]
    first, second = fit_segmentation(gappy, recipe).labels, fit_segmentation(gappy, other.recipe).labels
    both = ((first >= 0) & (second >= 0)).to_numpy()
    assert found.n_compared == both.sum() == 210
    assert found.agreement == pytest.approx(adjusted_rand_score(first[both], second[both]))


def test_the_same_recipe_agrees_fully_and_the_one_that_changes_most_comes_first(gappy):
    recipe = Recipe(suggest_features(gappy), 3)
    same = Alternative("", "scaling", "standard", recipe)
    found = measure_sensitivity(gappy, recipe, [same, *alternatives_to(gappy, recipe)])
    agreements = [effect.agreement for effect in found.effects]
    assert agreements == sorted(agreements)
    effect = next(each for each in found.effects if each.alternative is same)
    assert (effect.agreement, effect.moved, effect.verdict) == (1.0, 0.0, "the same segments")
    assert found.by_chance == pytest.approx(1.0)


def test_a_choice_that_cannot_be_used_says_why(gappy):
    recipe = Recipe((FeatureSpec("visits"),), 3)
    none = Alternative("visits", "missing", "drop", replace(recipe, features=(FeatureSpec("city", Role.NUMBER),)))
    effect = measure_sensitivity(gappy, recipe, [none]).effects[0]
    assert effect.agreement is None
    assert effect.verdict == "cannot be used"
    assert "nothing to group" in effect.problem


@pytest.mark.parametrize(
    ("agreement", "words"),
    [(0.95, "the same segments"), (0.85, "nearly the same"), (0.7, "partly others"), (0.1, "other segments")],
)
def test_agreements_are_said_in_words(agreement, words):
    assert verdict_of(agreement) == words


def mails():
    return dataset_of(email=[f"a{n}@b.com" for n in range(30)], spend=[float(n * 7 % 13) for n in range(30)])


def test_personal_data_never_forms_segments_whoever_asks():
    dataset = mails()
    with pytest.raises(PersonalColumnError, match=r"email is personal data .e-mail addresses. and never forms"):
        used(FeatureSpec("email"), dataset)
    with pytest.raises(PersonalColumnError):
        fit_segmentation(dataset, Recipe((FeatureSpec("email", Role.CATEGORY), FeatureSpec("spend")), 2))


def test_nothing_personal_is_in_a_model_or_a_profile():
    from segmenter.io.export.csv import summary_csv
    from segmenter.io.export.run import run_json
    from segmenter.io.model.format import to_bytes
    from segmenter.segment.result import Result

    dataset = mails()
    segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), 2))
    result = Result(dataset, segmentation)
    for written in (to_bytes(segmentation), summary_csv(result), run_json(result, "segment")):
        assert b"@b.com" not in written


def test_too_many_values_of_categories_are_refused_with_the_columns_that_bring_most():
    random = np.random.default_rng(0)
    columns = {f"c{n}": random.integers(0, 45, 4000).astype(str) for n in range(5)}
    dataset = dataset_of(**columns, spend=random.normal(size=4000))
    specs = tuple(FeatureSpec(name, Role.CATEGORY, Missing.MODE, rare=0.0) for name in columns)
    with pytest.raises(TooManyCategoriesError, match=r"have 230 values together; the limit is 200. Most have: c0 .46."):
        fit_segmentation(dataset, Recipe((*specs, FeatureSpec("spend")), 2))


def test_what_would_stop_the_segments_is_found_before_and_the_rest_is_still_looked_at():
    random = np.random.default_rng(0)
    spend = random.lognormal(3, 2, 300)
    columns = {f"c{n}": random.integers(0, 15, 300).astype(str) for n in range(20)}
    dataset = dataset_of(huge=[1.0] * 299 + [1e200], spend=spend, cost=spend * 2, **columns)
    words = tuple(FeatureSpec(name, Role.CATEGORY, Missing.MODE, rare=0.0) for name in columns)
    found = column_diagnostics(
        dataset, Recipe((FeatureSpec("huge"), FeatureSpec("spend"), FeatureSpec("cost"), *words))
    )
    assert list(found.shapes) == ["spend", "cost"]
    assert [(pair.first, pair.second) for pair in found.pairs] == [("spend", "cost")]
    assert found.far_out["spend"] == len(find_outliers(dataset, FeatureSpec("spend")).rows) / 300
    too_large, too_many = (str(problem) for problem in found.problems)
    assert too_large.startswith("Row 300, huge = 1e+200 is too large to use")
    assert "the limit is 200" in too_many


def test_one_column_brings_at_most_fifty_values():
    values = np.repeat([f"v{n:02d}" for n in range(80)], 20)
    dataset = dataset_of(city=values, spend=np.arange(1600.0))
    prepared = prepare(dataset, Recipe((FeatureSpec("city", Role.CATEGORY, Missing.MODE, rare=0.0),), 2))
    assert len(prepared.preparation.names_) == 50


def test_what_becomes_of_a_categorys_values_is_said():
    dataset = dataset_of(city=["Oslo"] * 60 + ["Rome"] * 30 + ["Bonn"] * 4 + ["Lyon"] * 6 + [None] * 10)
    found = lumped_levels(dataset, FeatureSpec("city", Role.CATEGORY, Missing.DROP), Scaling.STANDARD)
    assert found.kept == (("Oslo", 0.6), ("Rome", 0.3))
    assert (found.n_gathered, found.gathered_share) == (2, pytest.approx(0.1))
    assert found.factor == pytest.approx(1 / np.sqrt(1 - 0.36 - 0.09 - 0.01))
    assert lumped_levels(dataset_of(spend=[1.0, 2]), FeatureSpec("spend"), Scaling.STANDARD) is None


def test_days_of_birth_become_ages_and_an_unknown_order_is_not_made_up():
    days = pd.date_range("1960-01-01", periods=60, freq="200D").strftime("%Y-%m-%d")
    dataset = dataset_of(birth_date=days, joined=days, mood=["plum", "teal", "sage"] * 20)
    specs = {spec.column: used(spec, dataset) for spec in suggest_features(dataset)}
    assert (specs["birth_date"].date_use, specs["joined"].date_use) == (DateUse.AGE, DateUse.DAYS)
    assert specs["mood"].role is Role.CATEGORY


def test_a_column_scaled_otherwise_than_the_others():
    dataset = dataset_of(a=[0.0, 1, 2, 3, 100], b=[0.0, 1, 2, 3, 4])
    X = prepare(dataset, Recipe((FeatureSpec("a", scaling=Scaling.MINMAX), FeatureSpec("b")), 2)).X
    assert X[:, 0].tolist() == pytest.approx([0, 0.01, 0.02, 0.03, 1])
    assert X[:, 1].std() == pytest.approx(1)


def test_settings_survive_that_another_column_is_given_another_kind():
    frame = pd.DataFrame({"a": np.arange(40.0) % 7, "b": np.arange(40.0) % 11})
    before = read_frame(frame)
    set_by_hand = tuple(replace(spec, weight=3.0) for spec in suggest_features(before))
    after = read_frame(frame.assign(b=frame["b"].astype(int).astype(str) + "x"))
    kept = kept_features(set_by_hand, before, after)
    assert [spec.weight for spec in kept] == [3.0, 1.0]


@pytest.mark.parametrize("algorithm", ["k-prototypes", "ward"])
def test_the_segments_compared_are_those_shown_for_mixed_data(make_customers, algorithm):
    random = np.random.default_rng(4)
    frame = make_customers(240).assign(
        plan=random.choice(["a", "b", "c"], 240),
        shop=random.choice(["x", "y"], 240),
        way=random.choice(list("pqr"), 240),
    )
    dataset = read_frame(frame)
    categories = tuple(FeatureSpec(name, Role.CATEGORY) for name in ("plan", "shop", "way"))
    recipe = Recipe((FeatureSpec("income"), FeatureSpec("spend"), *categories), n_segments=3, algorithm=algorithm)
    other = Alternative("", "scaling", "robust", replace(recipe, scaling=Scaling.ROBUST))
    shown = [fit_segmentation(dataset, each).labels for each in (recipe, other.recipe)]
    found = measure_sensitivity(dataset, recipe, [other])
    assert found.effects[0].agreement == pytest.approx(adjusted_rand_score(*shown))


def test_only_one_place_makes_clusterers():
    package = Path(segmenter.__file__).parent
    makers = {
        path.name for path in package.rglob("*.py") if re.search(r"\bSegmentClusterer\(", path.read_text("utf-8"))
    }
    assert makers - {"estimator.py"} == {"preparation.py"}
