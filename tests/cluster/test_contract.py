"""What every way to form segments promises, whatever it is called."""

import inspect
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler

from segmenter.cluster import ALGORITHMS
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.errors.base import SegmenterError
from segmenter.errors.forming import NoDenseGroupError
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.prepare.suggest import choose_features
from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe, Role, Scaling
from segmenter.segment.profile import profile_segments
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame

every_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS)
# Latent classes know answers, no distances: of one question alone no classes can be told, and nobody lies far out.
OF_DISTANCES = [key for key in ALGORITHMS if key != "latent-class"]
every_algorithm_of_distances = pytest.mark.parametrize("algorithm", OF_DISTANCES)
# Other ways through the same code: summaries of large files, other shapes, other rules.
VARIANTS = (
    ("mini-batch", (("batch", 100), ("starts", 1))),
    ("bisecting", (("split", "size"),)),
    ("ward", (("groups", 50), ("rows", 50))),
    ("average", (("groups", 50), ("rows", 50))),
    ("complete", (("groups", 50), ("rows", 50))),
    ("gaussian-mixture", (("shape", "tied"),)),
    ("gaussian-mixture", (("shape", "diag"),)),
    ("gaussian-mixture", (("bic_to", 0), ("shape", "spherical"))),
    ("hdbscan", (("neighbours", 3), ("selection", "leaf"), ("smallest", 0.1))),
    ("k-prototypes", (("rows", 100), ("starts", 1))),
    ("k-medoids", (("distance", "manhattan"), ("rows", 100), ("starts", 1))),
)
every_variant = pytest.mark.parametrize(
    ("algorithm", "chosen"),
    [*((key, ()) for key in ALGORITHMS), *VARIANTS],
    ids=lambda each: each if isinstance(each, str) else ",".join(f"{name}={value}" for name, value in each) or "plain",
)
# Nine customers have few neighbours.
FOR_FEW = {"hdbscan": (("neighbours", 2),)}
NUMBERS = (FeatureSpec("income"), FeatureSpec("spend"))
MIXED = (*NUMBERS, FeatureSpec("city", Role.CATEGORY), FeatureSpec("visits", missing=Missing.KNN))


def segmented(frame, algorithm, *, features=NUMBERS, n_segments=3, **more):
    recipe = Recipe(features, n_segments=n_segments, algorithm=algorithm, **more)
    return fit_segmentation(read_frame(frame), recipe)


def finds_number(algorithm):
    return ALGORITHMS[algorithm].finds_number


@pytest.fixture(scope="module", autouse=True)
def _few_refits():
    """Form segments again twice only: how stable they are is not what is promised here."""
    with pytest.MonkeyPatch.context() as patch:
        for key, entry in ALGORITHMS.items():
            patch.setitem(ALGORITHMS, key, replace(entry, refits=2))
        yield


@pytest.fixture(scope="module")
def customers(make_customers):
    frame = make_customers(160)
    frame["visits"] = frame["visits"].astype(float)
    frame.loc[::9, "visits"] = np.nan
    return frame


@pytest.fixture(scope="module")
def fitted(customers):
    found = {}

    def fit(algorithm, chosen=()):
        if (algorithm, chosen) not in found:
            found[algorithm, chosen] = segmented(customers, algorithm, features=MIXED, settings=chosen)
        return found[algorithm, chosen]

    return fit


def test_every_registered_way_to_form_segments_is_held_to_every_promise():
    promises = [
        each
        for name, each in vars(sys.modules[__name__]).items()
        if name.startswith("test_") and "algorithm" in inspect.signature(each).parameters
    ]
    assert len(promises) >= 20
    for promise in promises:
        marks = [mark for mark in promise.pytestmark if mark.name == "parametrize" and "algorithm" in mark.args[0]]
        held = {each if isinstance(each, str) else each[0] for each in marks[0].args[1]}
        assert held >= set(OF_DISTANCES), promise.__name__


@every_variant
@given(cut=st.integers(1, 159), order=st.randoms(use_true_random=False))
@settings(max_examples=8)
def test_a_customers_segment_does_not_depend_on_who_else_is_in_the_file(
    customers, fitted, algorithm, chosen, cut, order
):
    segmentation = fitted(algorithm, chosen)
    frame = read_frame(customers).frame
    whole = segmentation.pipeline.predict(frame)
    parts = [segmentation.pipeline.predict(frame[:cut]), segmentation.pipeline.predict(frame[cut:])]
    np.testing.assert_array_equal(whole, np.concatenate(parts))
    row = order.randrange(len(frame))
    assert segmentation.pipeline.predict(frame[row : row + 1])[0] == whole[row]


@every_algorithm
def test_prepared_numbers_are_the_same_to_the_last_bit_in_any_batch(customers, fitted, algorithm):
    preparation = fitted(algorithm).preparation
    frame = read_frame(customers).frame
    alone = np.vstack([preparation.transform(frame[row : row + 1]) for row in range(len(frame))])
    np.testing.assert_array_equal(preparation.transform(frame), alone)


@every_variant
def test_the_model_gives_the_labels_of_the_fit_or_says_how_often_it_does_not(customers, fitted, algorithm, chosen):
    segmentation = fitted(algorithm, chosen)
    same = segmentation.pipeline.predict(read_frame(customers).frame) == segmentation.labels
    assert same.mean() == pytest.approx(segmentation.agreement)
    assert segmentation.agreement >= 0.9
    said = [note.text for note in segmentation.notes if "puts" in note.text and "new customers" in note.text]
    assert len(said) == (segmentation.agreement < 1)


@every_variant
def test_a_saved_model_gives_every_customer_the_segment_and_the_distance_it_had(customers, fitted, algorithm, chosen):
    segmentation = fitted(algorithm, chosen)
    frame = read_frame(customers).frame
    strange = frame[:3].assign(city=["Atlantis", np.nan, "Oslo"], income=[np.nan, -1e6, 1e6], visits=np.nan)
    loaded = from_bytes(to_bytes(segmentation))
    for rows in (frame, strange):
        np.testing.assert_array_equal(loaded.pipeline.predict(rows), segmentation.pipeline.predict(rows))
        X = segmentation.preparation.transform(rows)
        placements = (each.clusterer.placement_ for each in (loaded, segmentation))
        np.testing.assert_array_equal(*(placement.distances(X) for placement in placements))
    assert loaded.agreement == segmentation.agreement


@every_algorithm
def test_no_customer_is_in_a_saved_model(customers, fitted, algorithm):
    content = to_bytes(fitted(algorithm)).decode()
    assert not [each for each in customers["customer_id"] if each in content]
    X = fitted(algorithm).preparation.transform(read_frame(customers).frame)
    # Every prepared row has a number of many digits; found together they would be somebody's row.
    assert not [row for row in X if all(f"{value!r}" in content for value in row[row % 1 != 0].tolist())]


@every_variant
@pytest.mark.parametrize("features", [NUMBERS, MIXED], ids=["numbers", "mixed"])
def test_the_order_of_the_rows_changes_nothing(customers, algorithm, chosen, features):
    first = segmented(customers, algorithm, features=features, settings=chosen)
    shuffled = customers.sample(frac=1, random_state=0)
    second = segmented(shuffled.reset_index(drop=True), algorithm, features=features, settings=chosen)
    np.testing.assert_array_equal(second.labels, first.labels.to_numpy()[shuffled.index])


@every_algorithm
def test_the_order_of_the_columns_changes_nothing(customers, algorithm):
    first = segmented(customers, algorithm, features=MIXED)
    turned = segmented(customers[customers.columns[::-1]], algorithm, features=MIXED[::-1])
    np.testing.assert_array_equal(turned.labels, first.labels)


@every_algorithm
@pytest.mark.parametrize("scaling", [Scaling.STANDARD, Scaling.MINMAX, Scaling.ROBUST])
def test_the_unit_of_a_scaled_column_changes_nothing(customers, algorithm, scaling):
    pence = customers.assign(income=customers["income"] * 100 + 50_000)
    first = segmented(customers, algorithm, scaling=scaling)
    second = segmented(pence, algorithm, scaling=scaling)
    assert adjusted_rand_score(first.labels, second.labels) == 1


@every_algorithm
def test_sizes_add_up_and_weighted_means_give_the_overall_mean(customers, algorithm):
    dataset = read_frame(customers)
    segmentation = fit_segmentation(dataset, Recipe(NUMBERS, 4, algorithm=algorithm))
    profiles = profile_segments(dataset, segmentation)
    placed = segmentation.labels >= 0
    assert sum(profile.size for profile in profiles) == placed.sum()
    assert sum(profile.share for profile in profiles) == pytest.approx(1)
    weighted = sum(profile.size * profile.means["income"] for profile in profiles) / placed.sum()
    assert weighted == pytest.approx(customers["income"][placed].mean())


@every_algorithm
def test_clear_segments_come_back_when_they_are_formed_once_more(customers, algorithm):
    X = StandardScaler().fit_transform(customers[["income", "spend"]])
    first = SegmentClusterer(algorithm, 3).fit(X)
    sample = np.random.default_rng(0).integers(0, len(X), len(X))
    again = first.again(7).fit(X[sample])
    assert (again.algorithm, again.n_segments, again.seed) == (algorithm, 3, 7)
    assert adjusted_rand_score(first.labels_, again.predict(X)) > 0.85


@every_algorithm
def test_segments_are_numbered_by_size(customers, algorithm):
    labels = segmented(customers, algorithm, n_segments=5).labels
    sizes = np.bincount(labels[labels >= 0])
    assert list(sizes) == sorted(sizes, reverse=True)


@every_algorithm_of_distances
def test_segments_of_equal_size_are_numbered_by_their_centre(algorithm):
    frame = pd.DataFrame({"income": [9.0, 9.1, 9.2, 1.0, 1.1, 1.2, 5.0, 5.1, 5.2], "spend": [1.0, 2, 3] * 3})
    recipe_features = (FeatureSpec("income", weight=9.0), FeatureSpec("spend", weight=0.1))
    labels = segmented(frame, algorithm, features=recipe_features, settings=FOR_FEW.get(algorithm, ())).labels
    assert labels.tolist() == [2, 2, 2, 0, 0, 0, 1, 1, 1]


@every_algorithm
def test_the_same_seed_gives_the_same_segments(customers, algorithm):
    first, second = (segmented(customers, algorithm, n_segments=6, seed=7) for _ in range(2))
    np.testing.assert_array_equal(first.labels, second.labels)
    np.testing.assert_array_equal(
        first.clusterer.placement_.distances(np.eye(2)), second.clusterer.placement_.distances(np.eye(2))
    )


@every_algorithm
def test_a_value_never_seen_and_a_missing_one_still_get_a_segment(customers, fitted, algorithm):
    segmentation = fitted(algorithm)
    strange = read_frame(customers).frame[:2].assign(city=["Atlantis", np.nan], income=np.nan, visits=np.nan)
    none = {-1} if finds_number(algorithm) else set()
    assert set(segmentation.pipeline.predict(strange)) <= set(range(segmentation.n_segments)) | none


@every_algorithm
def test_a_constant_column_changes_nothing_and_is_said_to_be_left_out(customers, algorithm):
    plain = segmented(customers, algorithm)
    noise = np.where(np.arange(len(customers)) % 2, 0.1, 0.1 + 2e-17 + 1e-16)
    constant = segmented(customers.assign(c=noise), algorithm, features=(*NUMBERS, FeatureSpec("c")))
    np.testing.assert_array_equal(plain.labels, constant.labels)
    assert "Left out: c has the same value in every row." in [note.text for note in constant.notes]
    assert [spec.column for spec in constant.recipe.segmenting] == ["income", "spend"]


@every_algorithm
@pytest.mark.parametrize(
    ("income", "n_segments", "sentence"),
    [
        ([1.0], 2, "You need at least 3 customers for 2 segments; there are 1"),
        ([1.0, 2, 3, 4], 4, "You need at least 5 customers for 4 segments; there are 4"),
        ([1.0, 2, 3] * 5, 4, "Only 3 different rows, so at most 3 segments."),
        ([7.0] * 9, 2, "All rows are the same in the chosen columns; there is nothing to group."),
        ([0.1, 0.1 + 1e-17, 0.3 - 0.2] * 3, 2, "All rows are the same in the chosen columns"),
        ([5.0, 1e200, 3, 4, 2], 2, r"Row 2, income = 1e\+200 is too large to use \(limit 1e\+150\)"),
        ([5.0, 1e308, -1e308, 4, 2], 2, r"Row 2, income = 1e\+308 is too large to use"),
        ([None] * 5, 2, "All rows are the same in the chosen columns"),
    ],
)
def test_what_cannot_be_segmented_is_said_in_a_sentence(algorithm, income, n_segments, sentence):
    frame = pd.DataFrame({"income": income, "spend": 1.0})
    with pytest.raises(SegmenterError, match=sentence):
        segmented(frame, algorithm, features=NUMBERS, n_segments=n_segments)


@every_algorithm
@given(st.lists(st.sampled_from([0.0, 1.0, -1e100, 1e149, 3.5, 1e-300]), min_size=8, max_size=20))
@example([0.0] * 7 + [1e-300])
@settings(max_examples=12)
def test_every_number_shown_is_finite(algorithm, values):
    frame = pd.DataFrame({"income": values, "spend": np.arange(len(values), dtype=float)})
    try:
        quality = segmented(frame, algorithm, n_segments=2).quality
    except NoDenseGroupError:
        # The one method that may find nothing.
        assert finds_number(algorithm)
        return
    if quality is None:
        assert finds_number(algorithm)
        return
    shown = [quality.wcss, quality.silhouette, quality.calinski_harabasz, quality.davies_bouldin]
    assert np.isfinite(shown).all()


@every_algorithm_of_distances
def test_one_column_makes_bands_and_says_so(customers, algorithm):
    segmentation = segmented(customers, algorithm, features=NUMBERS[:1])
    assert "one column alone" in segmentation.notes[-1].text
    incomes = [customers["income"][segmentation.labels == label].agg(["min", "max"]).tolist() for label in range(3)]
    bands = sorted(incomes)
    assert all(first[1] < second[0] for first, second in pairwise(bands))


@every_algorithm_of_distances
def test_a_customer_alone_in_a_segment_is_pointed_out(customers, algorithm):
    outlier = pd.concat([customers, pd.DataFrame({"income": [9_999.0], "spend": [9_999.0]})], ignore_index=True)
    segmentation = segmented(outlier, algorithm, n_segments=2)
    alone = any(note.text.startswith("One customer forms a segment alone.") for note in segmentation.notes)
    assert alone or (finds_number(algorithm) and segmentation.labels.iloc[-1] == -1)


@every_algorithm
def test_an_unknown_column_is_named(customers, algorithm):
    with pytest.raises(SegmenterError, match=r"The file has no column 'age'\. It has: customer_id, income"):
        choose_features(read_frame(customers), ("age",))
    with pytest.raises(SegmenterError, match="The file has no column 'age'"):
        segmented(customers, algorithm, features=(FeatureSpec("age"),))


@every_algorithm
@pytest.mark.parametrize("n_segments", [0, -3, 31])
def test_a_number_of_segments_that_is_not_possible_is_refused(customers, algorithm, n_segments):
    with pytest.raises(SegmenterError, match=f"{n_segments} segments were asked for; 1 to 30 are possible."):
        segmented(customers, algorithm, n_segments=n_segments)


@every_algorithm
def test_one_segment_holds_everybody(customers, algorithm):
    segmentation = segmented(customers, algorithm, n_segments=1)
    if finds_number(algorithm):
        np.testing.assert_array_equal(segmentation.labels, segmented(customers, algorithm, n_segments=4).labels)
        assert "does not depend on the 1 asked for" in segmentation.notes[0].text
        return
    assert set(segmentation.labels) == {0}
    assert segmentation.quality is None


def test_an_unknown_method_is_refused_with_those_there_are(customers):
    with pytest.raises(SegmenterError, match=r"There is no method 'magic'\. There are: k-means"):
        segmented(customers, "magic")


def test_names_follow_and_stay_distinct(customers):
    segmentation = segmented(customers, "k-means")
    assert segmentation.names == ("Segment 1", "Segment 2", "Segment 3")
    assert segmentation.renamed(("Loyal", " ", "Loyal")).names == ("Loyal", "Segment 2", "Loyal (2)")
    assert replace(segmentation).names == segmentation.names
