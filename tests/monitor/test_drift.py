"""A model is still true of its own customers, and says so when they change."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segmenter import Recipe, choose_features, fit_segmentation, read_frame
from segmenter.errors.forming import InvalidSettingError
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.measures.association import holm, wilson
from segmenter.monitor.drift import (
    Advice,
    ColumnDrift,
    Drift,
    SegmentShift,
    _chi_square,
    _equal_shares,
    _Fit,
    _rank_test,
    check_model,
    leave_out_unfit,
    population_stability,
    without_unfit,
)
from segmenter.recipe.recipe import Scaling, Transform
from segmenter.segment.assign import assign_segments

CENTRES = np.array([[20.0, 20.0], [80.0, 20.0], [20.0, 80.0], [80.0, 80.0]])


def customers(n, seed, *, shares=(0.4, 0.3, 0.2, 0.1), new_city=0.0, factor=1.0):
    random = np.random.default_rng(seed)
    group = random.choice(4, n, p=shares)
    points = CENTRES[group] + random.normal(size=(n, 2)) * 6
    city = np.where(
        random.random(n) < new_city, "Graz", random.choice(["Wien", "Linz", "Salzburg"], n, p=[0.5, 0.3, 0.2])
    )
    return pd.DataFrame({"income": points[:, 0] * factor, "spend": points[:, 1], "city": city})


@pytest.fixture(scope="module")
def model():
    dataset = read_frame(customers(1_000, 1))
    recipe = Recipe(choose_features(dataset, ("income", "spend", "city")), 4)
    return from_bytes(to_bytes(fit_segmentation(dataset, recipe)))


def checked(model, frame):
    dataset = read_frame(frame)
    return check_model(dataset, assign_segments(dataset, model))


def test_a_fresh_sample_of_the_same_customers_raises_no_alarm(model):
    alarms = sum(checked(model, customers(800, 100 + seed)).advice is not Advice.KEEP for seed in range(40))
    assert alarms <= 2  # 5 %


def test_too_few_customers_do_not_tell_whether_a_model_is_still_true(model):
    few, enough = (checked(model, customers(n, 5)) for n in (3, 20))
    assert few.sentence.startswith("Nothing speaks against the segments: 3 customers are too few to tell")
    assert "too few" not in enough.sentence


def test_a_resample_raises_no_alarm(model):
    frame, random = customers(1_000, 1), np.random.default_rng(3)
    alarms = 0
    for _ in range(20):
        again = frame.iloc[random.integers(0, 1_000, 1_000)].reset_index(drop=True)
        alarms += checked(model, again).advice is not Advice.KEEP
    assert alarms <= 1


def test_grown_incomes_ask_for_new_segments_and_name_the_column(model):
    found = checked(model, customers(800, 7, factor=1.3))
    assert found.advice is Advice.REFIT
    assert any(reason.startswith("income") for reason in found.reasons)
    levels = {column.column: column.level for column in found.columns}
    assert levels["income"] is not Drift.NONE
    assert levels["city"] is Drift.NONE
    assert found.sentence.startswith("Form the segments anew")


def test_a_new_value_in_one_of_twenty_rows_is_named_with_its_share(model):
    found = checked(model, customers(1_000, 8, new_city=0.05))
    assert found.advice is not Advice.KEEP
    city = next(column for column in found.columns if column.column == "city")
    assert city.new_values[0] == pytest.approx(0.05, abs=0.02)
    assert city.new_values[1] == 0
    assert any("does not list" in reason for reason in found.reasons)


def test_a_doubled_segment_is_seen(model):
    found = checked(model, customers(1_000, 9, shares=(0.36, 0.27, 0.18, 0.19)))
    assert found.advice is not Advice.KEEP
    changed = [shift for shift in found.segments if shift.changed]
    grown = max(changed, key=lambda shift: shift.now / shift.before)
    assert grown.now == pytest.approx(0.19, abs=0.04)
    assert grown.low < grown.now < grown.high


def test_customers_far_from_every_segment_are_counted_and_known(model):
    frame = customers(500, 10)
    frame.loc[:49, ["income", "spend"]] = 400.0
    found = checked(model, frame)
    assert found.advice is Advice.REFIT
    assert found.fits_none[:50].all()
    assert found.unfit == pytest.approx(0.1, abs=0.03)


def test_missing_values_where_there_were_none_are_drift(model):
    frame = customers(800, 11)
    frame.loc[:239, "spend"] = np.nan
    found = checked(model, frame)
    assert any(reason.startswith("spend") and "30 %" in reason for reason in found.reasons)


def test_an_older_model_says_that_it_cannot_tell(model):
    from dataclasses import replace

    dataset = read_frame(customers(100, 1))
    with pytest.raises(InvalidSettingError, match="earlier version"):
        check_model(dataset, assign_segments(dataset, replace(model, profile=None)))


def test_the_index_is_the_formula_and_chance_is_its_mean():
    random = np.random.default_rng(0)
    p = np.full(10, 0.1)
    values = []
    for _ in range(400):
        before, now = random.multinomial(2_000, p), random.multinomial(1_000, p)
        psi, chance = population_stability(before, now)
        values.append(psi)
    assert chance == pytest.approx(9 * (1 / 2_000 + 1 / 1_000))
    assert np.mean(values) == pytest.approx(chance, rel=0.1)
    # By hand: shares .5/.5 against .75/.25 give .25·ln 1.5 + (−.25)·ln .5.
    psi, _ = population_stability(np.array([50_000, 50_000]), np.array([75_000, 25_000]))
    assert psi == pytest.approx(0.25 * np.log(1.5) - 0.25 * np.log(0.5), rel=1e-3)


def test_intervals_and_corrections_are_the_published_ones():
    # Newcombe (1998), table I: 81 of 263, Wilson's score interval without correction.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])
    assert stats.norm.ppf(0.975) == pytest.approx(1.95996, abs=1e-5)


def test_no_value_of_a_customer_stands_in_the_model():
    random = np.random.default_rng(5)
    frame = pd.DataFrame({"income": random.lognormal(10, 1, 300), "age": random.normal(40, 9, 300)})
    dataset = read_frame(frame)
    profile = fit_segmentation(dataset, Recipe(choose_features(dataset, ("income", "age")), 3)).profile
    for column in profile.columns:
        assert not set(column.edges) & set(frame[column.column])
        assert max(column.edges) < frame[column.column].max()
        assert sum(column.counts) == 300


def moved(psi, p_value, by_chance=0.0):
    return ColumnDrift("income", psi, by_chance, None, p_value, (0.0, 0.0), (0.0, 0.0)).level


def test_a_column_has_moved_below_one_in_a_hundred_and_strongly_from_a_quarter_beyond_chance_on():
    assert moved(0.9, 0.01) is Drift.NONE
    assert moved(0.25, 0.0099) is Drift.STRONG
    assert moved(0.2499, 0.0099) is Drift.CLEAR
    assert moved(0.10, 0.0099) is Drift.CLEAR
    assert moved(0.0999, 0.0099) is Drift.SLIGHT
    assert moved(0.75, 0.0099, by_chance=0.5) is Drift.STRONG
    assert moved(0.30, 0.0099, by_chance=0.25) is Drift.SLIGHT


def test_a_share_has_changed_below_one_in_a_hundred():
    changed = [SegmentShift(0, "A", 0.5, 0.4, 0.3, 0.5, p).changed for p in (0.01, 0.0099)]
    assert changed == [False, True]


def test_whoever_lies_just_as_far_out_as_99_of_100_did_still_fits(model):
    dataset = read_frame(customers(50, 1))
    assignment = assign_segments(dataset, model)
    reach = np.array([extent.reach for extent in model.profile.segments])[assignment.segmentation.labels]
    just, beyond = (
        check_model(dataset, replace(assignment, distance=pd.Series(each)))
        for each in (reach, np.nextafter(reach, 1e9))
    )
    assert not just.fits_none.any()
    assert beyond.fits_none.all()


def test_bins_stand_alone_from_five_expected_in_each_file_on():
    # Ten customers of both files together are five of each.
    before, now = np.array([4, 50, 46]), np.array([6, 40, 54])
    assert _chi_square(before, now) == pytest.approx(stats.chi2_contingency([before, now]).pvalue)
    # Nine are not, and join the next rarest.
    before, now = np.array([4, 50, 46]), np.array([5, 41, 54])
    pooled = [[54, 46], [46, 54]]
    assert _chi_square(before, now) == pytest.approx(stats.chi2_contingency(pooled, correction=False).pvalue)


def test_shares_are_compared_exactly_below_five_customers():
    table = np.array([[4, 196], [12, 188]])
    assert _equal_shares(4, 200, 12, 200) == pytest.approx(stats.fisher_exact(table).pvalue)
    table = np.array([[5, 195], [12, 188]])
    assert _equal_shares(5, 200, 12, 200) == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)


def test_customers_beyond_a_percentile_are_as_many_as_chance_makes_them():
    # The percentile is of few customers itself: a test that takes it for exact alarms at every tenth file.
    random = np.random.default_rng(3)
    alarms = 0
    for _ in range(1_000):
        reach = np.quantile(random.random(400), 0.99, method="higher")
        count = int((random.random(400) > reach).sum())
        alarms += _Fit(count, 400, 0.01, 400).p_value < 0.01
    assert alarms <= 20
    assert _Fit(20, 400, 0.01, 400).p_value < 0.001


@pytest.mark.parametrize("scaling", list(Scaling))
def test_no_customers_own_number_stands_in_a_model_file_and_it_labels_as_before(scaling):
    random = np.random.default_rng(3)
    n = 401
    frame = pd.DataFrame(
        {
            "income": random.lognormal(10, 0.6, n).round(2),
            "balance": (random.lognormal(7, 1.2, n) + 13.37).round(2),
            "score": random.normal(50, 9, n).round(3),
        }
    )
    frame.loc[:19, "score"] = np.nan
    dataset = read_frame(frame)
    features = choose_features(dataset, tuple(frame))
    for transform in Transform:
        chosen = tuple(replace(each, transform=transform) for each in features)
        model = fit_segmentation(dataset, Recipe(chosen, 4, scaling=scaling))
        content = to_bytes(model)
        # Whole numbers are counts of customers, too.
        own = {each for each in frame.to_numpy().ravel().tolist() if each % 1}
        assert [number for number in numbers_in(json.loads(content)) if number in own] == []
        placed = assign_segments(dataset, from_bytes(content)).segmentation.labels
        assert placed.equals(model.labels)


def numbers_in(record):
    """Every number of a JSON record."""
    if isinstance(record, dict | list):
        for each in record.values() if isinstance(record, dict) else record:
            yield from numbers_in(each)
    elif isinstance(record, int | float) and not isinstance(record, bool):
        yield float(record)


def test_the_very_customers_of_the_model_cannot_have_changed(model):
    found = checked(model, customers(1_000, 1))
    assert found.advice is Advice.KEEP
    assert "the very customers" in found.sentence
    assert "later file" in found.sentence
    assert "the very customers" not in checked(model, customers(1_000, 2)).sentence


def rare(n, seed, *, rare_share=0.0):
    """Customers whose many towns are too small to be listed by the model."""
    random = np.random.default_rng(seed)
    frame = customers(n, seed)
    frame["city"] = random.choice([f"Town {i}" for i in range(60)], n)
    return frame.assign(city=frame["city"].mask(random.random(n) < rare_share, "Wien"))


def test_values_too_rare_to_be_listed_are_no_news_where_there_were_as_many():
    dataset = read_frame(rare(600, 1, rare_share=0.4))
    model = fit_segmentation(dataset, Recipe(choose_features(dataset, ("income", "spend", "city")), 4))
    fresh = read_frame(rare(500, 2, rare_share=0.4))
    assignment = assign_segments(fresh, model)
    assert not assignment.questions
    assert check_model(fresh, assignment).advice is Advice.KEEP
    # Where hardly any were, most are.
    fewer = fit_segmentation(
        read_frame(rare(600, 1, rare_share=0.97)), Recipe(choose_features(dataset, ("income", "spend", "city")), 4)
    )
    assert assign_segments(fresh, fewer).questions


def test_other_customers_of_the_same_kind_fit_as_well_as_those_that_a_tree_was_made_of():
    random = np.random.default_rng(1)
    shares = []
    for _ in range(4):
        frame = pd.DataFrame(random.normal(50, 10, (700, 4)), columns=["income", "spend", "visits", "tenure"])
        dataset = read_frame(frame[:350])
        model = fit_segmentation(dataset, Recipe(choose_features(dataset, tuple(frame)), 4, algorithm="ward"))
        shares.append(checked(model, frame[350:].reset_index(drop=True)).fits_none.mean())
    assert np.mean(shares) < 0.02


def test_a_skewed_column_that_grows_by_three_tenths_is_seen():
    random = np.random.default_rng(4)
    frame = pd.DataFrame({"revenue": random.lognormal(4, 1, 2_000), "age": random.normal(44, 12, 2_000)})
    dataset = read_frame(frame[:1_000])
    model = fit_segmentation(dataset, Recipe(choose_features(dataset, ("revenue", "age")), 3))
    grown = frame[1_000:].assign(revenue=lambda table: table["revenue"] * 1.3).reset_index(drop=True)
    levels = {column.column: column.level for column in checked(model, grown).columns}
    assert levels["revenue"] is not Drift.NONE
    assert levels["age"] is Drift.NONE


def test_ranks_are_compared_as_published():
    random = np.random.default_rng(2)
    before, now = random.integers(0, 6, 80), random.integers(1, 6, 60)
    expected = stats.mannwhitneyu(before, now, method="asymptotic", use_continuity=False).pvalue
    assert _rank_test(np.bincount(before, minlength=6), np.bincount(now, minlength=6)) == pytest.approx(expected)


def test_a_new_value_is_found_among_very_many():
    # Two hundred towns, of which four are common enough to form segments by.
    shares = 1 / np.arange(1, 201) ** 1.1
    names = [f"Town {i}" for i in range(200)]

    def towns(seed, new=0.0):
        random = np.random.default_rng(seed)
        city = pd.Series(random.choice(names, 1_000, p=shares / shares.sum()))
        return customers(1_000, seed).assign(city=city.mask(random.random(1_000) < new, "Graz"))

    dataset = read_frame(towns(1))
    model = fit_segmentation(dataset, Recipe(choose_features(dataset, ("income", "city")), 4))
    model = from_bytes(to_bytes(model))
    assert checked(model, towns(2)).advice is Advice.KEEP
    found = checked(model, towns(2, new=0.05))
    assert any(reason.startswith("city") and "such as Graz" in reason for reason in found.reasons)


def test_growth_of_the_few_who_spend_is_seen_beside_the_many_who_do_not():
    def spenders(seed, n=3_000):
        random = np.random.default_rng(seed)
        spend = np.where(random.random(n) < 0.7, 0.0, random.lognormal(3, 0.8, n)).round(2)
        return customers(n, seed).assign(spend=spend)

    dataset = read_frame(spenders(1))
    model = fit_segmentation(dataset, Recipe(choose_features(dataset, ("income", "spend")), 3))
    assert checked(model, spenders(2)).advice is Advice.KEEP
    grown = spenders(2).assign(spend=lambda table: (1.3 * table["spend"]).round(2))
    assert any(reason.startswith("spend has moved") for reason in checked(model, grown).reasons)
    cents = spenders(2).assign(spend=lambda table: (100 * table["spend"]).round())
    assert any("times larger" in reason and "same unit" in reason for reason in checked(model, cents).reasons)


def test_cells_that_cannot_be_read_are_no_missing_values():
    random = np.random.default_rng(6)
    frame = customers(1_000, 12).assign(member=random.choice(["yes", "no"], 1_000, p=[0.3, 0.7]))
    dataset = read_frame(frame)
    model = fit_segmentation(dataset, Recipe(choose_features(dataset, ("income", "member")), 3))
    odd = frame.assign(member=frame["member"].mask(random.random(1_000) < 0.05, "perhaps"))
    member = next(each for each in checked(model, odd).columns if each.column == "member")
    assert member.missing == (0.0, 0.0)
    assert member.new_values[0] == pytest.approx(0.05, abs=0.02)
    assert any("such as perhaps" in reason for reason in checked(model, odd).reasons)


def test_dates_that_have_moved_are_told_as_days():
    def signed_up(seed, first):
        days = np.random.default_rng(seed).integers(0, 300, 800)
        dates = (pd.Timestamp(first) + pd.to_timedelta(days, "D")).strftime("%Y-%m-%d")
        return customers(800, seed).assign(signup=dates)

    dataset = read_frame(signed_up(1, "2023-01-01"))
    model = fit_segmentation(dataset, Recipe(choose_features(dataset, ("income", "signup")), 3))
    found = checked(model, signed_up(2, "2023-04-01"))
    assert any("typically 2023-08-" in reason and "it was 2023-0" in reason for reason in found.reasons)


def test_shares_are_those_of_all_customers_wherever_those_who_fit_none_stand(model):
    far = customers(200, 5, shares=(0, 0, 0, 1)).assign(income=160.0, spend=160.0)
    dataset = read_frame(pd.concat([customers(800, 4), far], ignore_index=True))
    nearest = assign_segments(dataset, model)
    check = check_model(dataset, nearest)
    kept = leave_out_unfit(dataset, nearest, check)
    told = check_model(dataset, kept)
    sizes = kept.segmentation.labels.value_counts().reindex(range(4), fill_value=0)
    assert [shift.now for shift in told.segments] == list(sizes / 1_000)
    assert told.in_none[1] == pytest.approx((kept.segmentation.labels < 0).mean())
    assert sum(shift.before for shift in told.segments) + told.in_none[0] == pytest.approx(1)
    # In the nearest segment, 200 strangers made one of them twice as large.
    assert sum(shift.now for shift in check.segments) == pytest.approx(1)
    assert any(shift.changed for shift in check.segments)
    # A fifth of all fits none: the largest segment went from 41 % of the customers to 30 %.
    assert [shift.changed for shift in told.segments] == [True, False, False, False]
    assert told.reasons == without_unfit(model, check).reasons
    assert told.unfit == check.unfit


def scattered(n, seed):
    """Skewed customers without gaps between them: a third stand in no dense region."""
    return skewed_customers(n, seed).drop(columns="tenure")


def formed_by(method, frame):
    dataset = read_frame(frame)
    recipe = Recipe(choose_features(dataset, list(frame.columns)), 4, algorithm=method)
    return from_bytes(to_bytes(fit_segmentation(dataset, recipe)))


@pytest.mark.parametrize("method", ["hdbscan", "average"])
def test_as_many_fit_no_segment_as_was_said_of_customers_whom_the_model_has_not_seen(method):
    model = formed_by(method, scattered(1_500, 1))
    others = checked(model, scattered(30_000, 2))
    # Of 1,500 customers a share has a standard error of up to 1.3 points; units and reach were drawn around them.
    assert others.unfit == pytest.approx(others.unfit_by_chance, abs=0.03 if method == "hdbscan" else 0.006)


def test_neither_the_customers_of_a_model_that_leaves_many_out_nor_others_like_them_raise_an_alarm():
    frame = scattered(1_500, 3)
    model = formed_by("hdbscan", frame)
    random = np.random.default_rng(4)
    again = [checked(model, frame.iloc[random.integers(0, 1_500, 1_500)].reset_index(drop=True)) for _ in range(10)]
    others = [checked(model, scattered(1_500, 10 + seed)) for seed in range(10)]
    assert sum(each.advice is not Advice.KEEP for each in again + others) <= 1
    assert checked(model, frame).is_of_the_fit


def skewed_customers(n, seed):
    """Return customers in one crowd with long tails, whose edge no two samples draw at the same place."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "revenue": random.lognormal(4, 1.2, n).round(2),
            "basket": (random.gamma(1.2, 30, n) + 1).round(2),
            "visits": 1 + random.negative_binomial(1, 0.15, n),
            "tenure": (random.weibull(0.8, n) * 400).round(),
        }
    )


@pytest.mark.parametrize("n", [5_000, 12_000])
def test_dense_regions_expect_as_many_who_fit_none_as_other_customers_of_the_same_kind_do(n):
    dataset = read_frame(skewed_customers(n, 1))
    recipe = Recipe(choose_features(dataset, tuple(dataset.frame)), 4, algorithm="hdbscan")
    model = fit_segmentation(dataset, recipe)
    others = [checked(model, skewed_customers(n, 10 + seed)) for seed in range(4)]
    assert np.mean([each.unfit for each in others]) == pytest.approx(others[0].unfit_by_chance, rel=0.2)
    assert not any("fit no segment" in reason for each in others for reason in each.reasons)
    assert not any(shift.changed for each in others for shift in each.segments)
    # A tenth of strangers far out is seen all the same.
    changed = skewed_customers(n, 20)
    changed[: n // 10] = changed.quantile(0.99).to_numpy() * 3
    assert any("fit no segment" in reason for reason in checked(model, changed).reasons)


def test_a_small_file_is_told_what_it_can_show_and_a_large_one_is_not(model):
    small, large = checked(model, customers(200, 4)), checked(model, customers(5_000, 4))
    assert small.sensitivity.sentence.startswith("With 200 customers, then or now, a change is seen four times in five")
    assert "income is typically" in small.sensitivity.sentence
    # The model was made from 1,000: ten times as many now do not make them more.
    assert large.sensitivity.n_before == 1_000
    assert large.sensitivity.unfit < small.sensitivity.unfit
    many = read_frame(customers(3_000, 6))
    formed = fit_segmentation(many, Recipe(choose_features(many, ("income", "spend")), 4))
    assert checked(formed, customers(3_000, 7)).sensitivity is None
    assert checked(formed, many.original).sensitivity is None


def test_what_a_small_file_is_said_to_show_shows_four_times_in_five(model):
    said = checked(model, customers(200, 4)).sensitivity
    name, before, grown = said.segment
    assert before == pytest.approx(0.4, abs=0.05)
    seen = {"share": 0, "column": 0}
    _, middle, moved = said.column
    for seed in range(60):
        shares = (grown, *(np.array([0.3, 0.2, 0.1]) / 0.6 * (1 - grown)))
        found = checked(model, customers(200, 1_000 + seed, shares=shares))
        seen["share"] += next(shift.changed for shift in found.segments if shift.name == name)
        later = customers(200, 2_000 + seed)
        # The same shape, moved by as many of the ranks of then: its middle lands on the value that was said.
        then = np.sort(customers(20_000, 3)["income"])
        step = stats.norm.ppf(np.searchsorted(then, moved) / len(then)) - stats.norm.ppf(
            np.searchsorted(then, middle) / len(then)
        )
        ranks = stats.norm.cdf(stats.norm.ppf((np.searchsorted(then, later["income"]) + 0.5) / (len(then) + 1)) + step)
        later["income"] = np.quantile(then, ranks)
        moves = {each.column: each.level for each in checked(model, later).columns}
        seen["column"] += moves["income"] is not Drift.NONE
    assert all(40 <= count <= 58 for count in seen.values()), seen


def test_a_few_strangers_are_seen_where_all_customers_stood_in_dense_regions():
    dataset = read_frame(customers(1_500, 1)[["income", "spend"]])
    recipe = Recipe(choose_features(dataset, ("income", "spend")), 4, algorithm="hdbscan")
    strangers = customers(1_500, 2)[["income", "spend"]]
    strangers.iloc[:40] = 300 + np.arange(80).reshape(40, 2) / 10
    found = checked(fit_segmentation(dataset, recipe), strangers)
    assert found.fits_none[:40].all()
    assert found.reasons[0].endswith("would by chance.")
