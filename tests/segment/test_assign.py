"""Customers of another file are placed by name and by their own values, and every difference is said."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmenter.errors.forming import MissingColumnsError
from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe, Role
from segmenter.segment.assign import assign_segments, match_columns
from segmenter.segment.result import Result
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame
from segmenter.table.spellings import join_spellings

FEATURES = (FeatureSpec("income"), FeatureSpec("spend"), FeatureSpec("city", Role.CATEGORY, Missing.MODE))


@pytest.fixture(scope="module")
def customers(make_customers):
    return make_customers(200)


@pytest.fixture(scope="module")
def segmentation(customers):
    return fit_segmentation(read_frame(customers), Recipe(FEATURES, n_segments=3))


def assigned(segmentation, frame, columns=None):
    return assign_segments(read_frame(frame), segmentation, columns)


def texts(notes):
    return [note.text for note in notes]


def test_the_same_customers_get_the_same_segments_without_a_word(segmentation, customers):
    assignment = assigned(segmentation, customers)
    np.testing.assert_array_equal(assignment.segmentation.labels, segmentation.labels)
    assert (assignment.notes, assignment.questions, dict(assignment.matched)) == ((), (), {})
    assert assignment.unused == ("customer_id", "visits")
    assert (assignment.reasons == "").all()


def test_the_quality_shown_is_that_of_this_file(segmentation, customers):
    part = customers[::3].reset_index(drop=True)
    assignment = assigned(segmentation, part)
    assert assignment.segmentation.quality.silhouette_rows == len(part)
    assert assignment.segmentation.trained_on == segmentation.trained_on


def test_columns_in_another_order_change_nothing(segmentation, customers):
    assignment = assigned(segmentation, customers[customers.columns[::-1]])
    np.testing.assert_array_equal(assignment.segmentation.labels, segmentation.labels)


def test_names_that_differ_in_case_spaces_and_marks_are_matched_and_listed(segmentation, customers):
    assignment = assigned(segmentation, customers.rename(columns={"income": " INCOME ", "spend": "Spend (£)"}))
    assert assignment.matched == {"income": "INCOME", "spend": "Spend (£)"}
    np.testing.assert_array_equal(assignment.segmentation.labels, segmentation.labels)


def test_a_missing_column_is_named_with_what_it_may_be_called_now(segmentation, customers):
    with pytest.raises(MissingColumnsError) as raised:
        assigned(segmentation, customers.rename(columns={"spend": "spending"}))
    assert str(raised.value) == (
        "The model needs income, spend, city; your file has no spend. Did you mean spending for spend? "
        "Match the columns or rename them in the file."
    )
    assert raised.value.suggestions == {"spend": ("spending",)}


def test_a_missing_column_with_nothing_like_it_gets_no_guess(segmentation, customers):
    with pytest.raises(MissingColumnsError, match=r"your file has no spend\. Match the columns"):
        assigned(segmentation, customers.rename(columns={"spend": "qqq"}))


def test_the_user_may_match_a_column_by_hand(segmentation, customers):
    renamed = customers.rename(columns={"spend": "qqq"})
    assignment = assigned(segmentation, renamed, {"spend": "qqq"})
    assert assignment.matched == {"spend": "qqq"}
    np.testing.assert_array_equal(assignment.segmentation.labels, segmentation.labels)


def test_an_exact_name_wins_over_a_similar_one(segmentation, customers):
    both = customers.assign(**{"Spend": 0.0, "INCOME": 0.0})
    assert match_columns(read_frame(both), segmentation).found["spend"] == "spend"


@pytest.mark.parametrize(
    ("factor", "sentence"),
    [
        (100, "spend is about 100 times larger than when the model was made. Is it the same unit?"),
        (1 / 100, "spend is about 100 times smaller than when the model was made. Is it the same unit?"),
        (12, "spend is about 12 times larger than when the model was made. Is it the same unit?"),
    ],
)
def test_another_unit_is_asked_about(segmentation, customers, factor, sentence):
    assert sentence in texts(assigned(segmentation, customers.assign(spend=customers["spend"] * factor)).questions)


def test_a_little_more_spending_is_no_question(segmentation, customers):
    assert assigned(segmentation, customers.assign(spend=customers["spend"] * 1.05)).questions == ()


def test_values_outside_what_the_model_knows_are_counted(segmentation, customers):
    richer = customers.copy()
    richer.loc[:3, "income"] = 400.0
    assert texts(assigned(segmentation, richer).notes) == [
        "income: 4 customers (2 %) have values outside 10 to 108, the range that the model knows."
    ]


def test_a_few_new_values_count_as_other_and_many_are_asked_about(segmentation, customers):
    few, many = customers.copy(), customers.copy()
    few.loc[:9, "city"] = "Atlantis"
    many.loc[:99, "city"] = "Atlantis"
    sentence = 'city: {} have values that the model does not list, such as Atlantis; they count as "other".'
    assert texts(assigned(segmentation, few).notes) == [sentence.format("10 customers (5 %)")]
    question = assigned(segmentation, many).questions
    assert texts(question) == [sentence.format("100 customers (50 %)")]
    assert question[0].warning


def test_missing_values_are_filled_as_when_the_model_was_made(segmentation, customers):
    gappy = customers.copy()
    gappy.loc[:4, "income"] = np.nan
    assignment = assigned(segmentation, gappy)
    assert texts(assignment.notes) == ["income: 5 missing values were filled the way the model was made."]
    filled = gappy.fillna({"income": customers["income"].median()})
    np.testing.assert_array_equal(assignment.segmentation.labels, assigned(segmentation, filled).segmentation.labels)


def test_customers_that_cannot_be_placed_say_why(customers):
    features = (FeatureSpec("income", missing=Missing.DROP), FeatureSpec("spend", missing=Missing.DROP))
    segmentation = fit_segmentation(read_frame(customers), Recipe(features, n_segments=3))
    strange = customers[:4].copy()
    strange.loc[0, "income"] = np.nan
    strange.loc[1, ["income", "spend"]] = np.nan
    strange.loc[2, "spend"] = 1e200
    assignment = assigned(segmentation, strange)
    assert assignment.reasons.tolist() == [
        "income is missing",
        "income is missing; spend is missing",
        "spend is too large to use",
        "",
    ]
    assert assignment.segmentation.labels.tolist()[:3] == [-1, -1, -1]
    assert assignment.distance.isna().tolist() == [True, True, True, False]


def test_nobody_placed_is_a_result_not_a_crash(customers):
    features = (FeatureSpec("income", missing=Missing.DROP),)
    segmentation = fit_segmentation(read_frame(customers), Recipe(features, n_segments=3))
    assignment = assigned(segmentation, pd.DataFrame({"income": [np.nan, np.nan]}))
    assert assignment.segmentation.labels.tolist() == [-1, -1]
    assert assignment.segmentation.quality is None


def test_one_customer_is_placed_as_among_many(segmentation, customers):
    for row in (0, 77, 199):
        one = assigned(segmentation, customers[row : row + 1])
        assert one.segmentation.labels.tolist() == [segmentation.labels[row]]


def test_a_number_column_that_arrives_as_words_counts_as_missing(segmentation, customers):
    assignment = assigned(segmentation, customers.assign(income="rich"))
    assert texts(assignment.questions) == [
        "income: 200 customers (100 %) have values that cannot be read as numbers, such as rich; they were filled like "
        "missing ones."
    ]


@pytest.fixture(scope="module")
def tiers():
    random = np.random.default_rng(2)
    visits = np.concatenate([random.normal(10, 1, 60), random.normal(40, 1, 60)]).round(1)
    return pd.DataFrame({"visits": visits, "tier": random.choice(["Bronze", "Silver", "Gold"], 120)})


def by_tier(tiers, missing=Missing.MEDIAN):
    tier = FeatureSpec("tier", Role.ORDINAL, missing, order=("Bronze", "Silver", "Gold"))
    return fit_segmentation(read_frame(tiers), Recipe((FeatureSpec("visits"), tier), n_segments=2))


def test_a_value_that_an_order_does_not_list_is_not_called_missing(tiers):
    tiers = tiers.copy()
    model = by_tier(tiers)
    tiers.loc[:2, "tier"] = "Platinum"
    tiers.loc[3:4, "tier"] = None
    found = assigned(model, tiers)
    assert texts(found.notes) == [
        "tier: 2 missing values were filled the way the model was made.",
        "tier: 3 customers (3 %) have values that the model does not list, such as Platinum; they were filled like "
        "missing ones.",
    ]
    assert found.questions == ()


def test_segments_formed_of_values_that_an_order_does_not_list_say_so(tiers):
    tiers = tiers.copy()
    tiers.loc[:4, "tier"] = "Platinum"
    assert by_tier(tiers).notes[0].text == (
        "tier: 5 customers have values that its order does not name, such as Platinum; they count as missing. Name "
        "them in the order, or correct the file."
    )


def test_many_values_that_an_order_does_not_list_are_asked_about(tiers):
    model = by_tier(tiers)
    found = assigned(model, tiers.assign(tier=np.where(np.arange(120) < 25, "Platinum", tiers["tier"])))
    assert [note for note in texts(found.questions) if note.startswith("tier: 25 customers (21 %)")]


@pytest.mark.parametrize("write", [str.upper, lambda value: f"{value[0]} {value[1:]}"])
def test_values_that_differ_in_capitals_and_blanks_only_are_asked_about(tiers, write):
    found = assigned(by_tier(tiers), tiers.assign(tier=tiers["tier"].map(write)))
    (question,) = texts(found.questions)
    assert "120 customers (100 %)" in question
    assert f"{write('Gold')} for Gold" in question


def test_one_value_in_other_capitals_is_asked_about_in_unordered_categories_too(segmentation, customers):
    found = assigned(segmentation, customers.assign(city=customers["city"].where(customers.index > 1, "OSLO")))
    assert ["OSLO for Oslo" in note for note in texts(found.questions)] == [True]


def test_customers_whose_value_is_not_listed_are_told_why_they_are_not_placed(tiers):
    model = by_tier(tiers, Missing.DROP)
    tiers = tiers.copy()
    tiers.loc[0, "tier"], tiers.loc[1, "tier"] = "Platinum", None
    found = assigned(model, tiers)
    assert found.reasons[:3].tolist() == ["tier has a value that the model does not list", "tier is missing", ""]


def test_words_among_numbers_are_counted_and_said(segmentation, customers):
    words = customers["spend"].astype(object)
    words[:3] = "plenty"
    words[3:5] = "n/a"
    found = assigned(segmentation, customers.assign(spend=words.astype(str)))
    said = " ".join(texts((*found.notes, *found.questions)))
    assert "spend: 3 customers (2 %) have values that cannot be read as numbers, such as plenty" in said
    assert "spend: 2 missing values were filled" in said


def spelled(words, answers="web; app"):
    n = 120
    group = np.arange(n) % 3
    return pd.DataFrame(
        {
            "income": 10.0 + 40 * group + np.arange(n) % 7,
            "city": [words[each % len(words)] if each % 2 else "Linz" for each in range(n)],
            "channels": np.array([answers, answers.split(";")[0], "shop; app", "shop"])[np.arange(n) % 4],
        }
    )


def test_what_is_said_of_customers_agrees_with_spellings_that_the_model_joined():
    """The next file isn't joined by anybody; its profiles must count the same customers as the labels do."""
    frame = spelled(["Wien", "WIEN", "wien"])
    dataset = join_spellings(read_frame(frame))
    features = (FeatureSpec("income"), FeatureSpec("city", Role.CATEGORY, Missing.MODE))
    features = tuple(replace(each, joined=tuple(dataset.joined.get(each.column, {}).items())) for each in features)
    segmentation = fit_segmentation(dataset, Recipe(features, n_segments=3))
    assignment = assigned(segmentation, frame)
    shares = Result(read_frame(frame), assignment.segmentation, assignment).dataset.frame["city"].value_counts()
    assert shares.to_dict() == {"Linz": 60, dataset.frame["city"][1]: 60}
    assert any("other spellings" in note.text for note in read_frame(frame).notes)
    result = Result(read_frame(frame), assignment.segmentation, assignment)
    assert not [note for note in result.notes if "count as different" in note.text]


def test_a_file_joined_to_its_own_commonest_spelling_is_read_in_the_models_words():
    features = (FeatureSpec("income"), FeatureSpec("city", Role.CATEGORY, Missing.MODE))
    segmentation = fit_segmentation(read_frame(spelled(["Wien"])), Recipe(features, n_segments=3))
    here = join_spellings(read_frame(spelled(["WIEN", "WIEN", "Wien"])))
    assert here.frame["city"].value_counts().to_dict() == {"Linz": 60, "WIEN": 60}
    assignment = assign_segments(here, segmentation)
    np.testing.assert_array_equal(assignment.segmentation.labels, segmentation.labels)
    assert (assignment.questions, assignment.notes) == ((), ())


def test_answers_that_this_file_is_too_small_to_tell_become_the_models_columns():
    before = read_frame(spelled(["Wien"]))
    column = "channels: app"
    assert column in before.frame
    features = (FeatureSpec("income"), FeatureSpec(column))
    segmentation = fit_segmentation(before, Recipe(features, n_segments=4))
    frame = spelled(["Wien"]).assign(channels=lambda rows: rows["channels"].str.replace("; ", ", "))
    few = frame[:9].reset_index(drop=True)
    assert column not in read_frame(few).frame
    np.testing.assert_array_equal(assigned(segmentation, few).segmentation.labels, segmentation.labels[:9])
    with pytest.raises(MissingColumnsError):
        assigned(segmentation, few.assign(channels="by post"))


@pytest.mark.parametrize(("yes", "no"), [(["Yes", "YES", "yes"], ["no", "No"]), (["Y", "ja"], ["nein"])])
def test_a_yes_in_other_letters_is_a_yes(yes, no):
    said = np.arange(120) % 5 < 2
    frame = spelled(["Wien"]).drop(columns="channels").assign(member=np.where(said, "yes", "no"))
    segmentation = fit_segmentation(read_frame(frame), Recipe((FeatureSpec("member"),), n_segments=2))
    member = [(yes if each else no)[place % len(yes if each else no)] for place, each in enumerate(said)]
    assignment = assigned(segmentation, frame.assign(member=member))
    np.testing.assert_array_equal(assignment.segmentation.labels, segmentation.labels)
    assert assignment.questions == ()
    everybody = assigned(segmentation, frame.assign(member="Yes"))
    assert set(everybody.segmentation.labels) == set(segmentation.labels[said])
