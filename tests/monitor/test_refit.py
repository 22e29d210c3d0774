"""Names and numbers survive a refit where they mean the same, and it is said where not."""

import re

import numpy as np
import pandas as pd
import pytest

from segmenter import FeatureSpec, Recipe, choose_features, fit_segmentation, name_segments, read_frame
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.monitor.refit import Start, carry_on, match_segments, refit
from segmenter.recipe.recipe import read_edit
from segmenter.segment.assign import assign_segments
from segmenter.segment.segmentation import edit_segmentation

CENTRES = {
    "young": (20.0, 80.0),
    "thrifty": (80.0, 20.0),
    "calm": (20.0, 20.0),
    "rich": (80.0, 80.0),
    "odd": (50.0, 150.0),
    "richer": (150.0, 150.0),
}


def customers(sizes, seed):
    random = np.random.default_rng(seed)
    rows = [random.normal(CENTRES[name], 5, size=(n, 2)) for name, n in sizes.items()]
    truth = np.repeat(list(sizes), list(sizes.values()))
    order = random.permutation(len(truth))
    frame = pd.DataFrame(np.vstack(rows)[order], columns=["income", "spend"])
    return read_frame(frame), truth[order]


def formed(dataset, k, seed=0):
    return fit_segmentation(dataset, Recipe(choose_features(dataset, ("income", "spend")), k, seed=seed))


@pytest.fixture(scope="module")
def named():
    dataset, truth = customers({"young": 120, "thrifty": 90, "calm": 60, "rich": 40}, 1)
    found = formed(dataset, 4)
    names = tuple(truth[found.labels == number][0] for number in range(4))
    return found.renamed(names)


def names_of(segmentation, truth):
    """The name that each group of customers carries."""
    return {
        group: segmentation.names[np.bincount(segmentation.labels[truth == group]).argmax()] for group in set(truth)
    }


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_names_and_numbers_survive_other_sizes_and_seeds(named, seed):
    dataset, truth = customers({"young": 50, "thrifty": 60, "calm": 100, "rich": 110}, seed)
    now, found = carry_on(dataset, from_bytes(to_bytes(named)), formed(dataset, 4, seed))
    assert now.names == named.names
    assert names_of(now, truth) == {name: name for name in set(truth)}
    assert not found.notes
    # What is told of the numbers is told of those that the segments have now.
    assert found.carries_on.tolist() == [0, 1, 2, 3]
    assert found.overlap.sum(axis=1).tolist() == np.bincount(now.labels).tolist()


def test_a_gone_segment_leaves_the_names_of_the_others(named):
    dataset, truth = customers({"young": 120, "calm": 60, "rich": 40}, 5)
    now, found = carry_on(dataset, named, formed(dataset, 3))
    assert names_of(now, truth) == {name: name for name in set(truth)}
    assert [note.text for note in found.notes] == ["thrifty is gone: none of these customers is like it."]


def test_a_new_segment_gets_a_name_that_nobody_had(named):
    # More than those whom they are nearest to, whose name they would take.
    dataset, truth = customers({"young": 50, "thrifty": 90, "calm": 60, "rich": 60, "odd": 150}, 6)
    now, found = carry_on(dataset, named, formed(dataset, 5))
    given = names_of(now, truth)
    assert {group: given[group] for group in named.names} == {name: name for name in named.names}
    assert given["odd"] not in named.names
    assert now.names[:4] == named.names
    (said,) = (note.text for note in found.notes)
    assert said == f"{given['odd']} is new: 100 % of its customers fitted no segment of before."


@pytest.mark.parametrize(
    ("method", "n_far"),
    [("k-means", 1), ("k-means", 15), ("k-means", 31), ("ward", 5), ("gaussian-mixture", 15), ("k-medoids", 15)],
)
def test_a_few_customers_far_out_take_no_segment_from_people(method, n_far):
    sizes = {"young": 120, "thrifty": 90, "calm": 60, "rich": 40}
    before, truth = customers(sizes, 1)
    old = fit_segmentation(before, Recipe(choose_features(before, ("income", "spend")), 4, algorithm=method))
    old = old.renamed(tuple(truth[old.labels == number][0] for number in range(4)))
    usual, truth = customers(sizes, 2)
    far = np.random.default_rng(3).uniform(400, 900, size=(n_far, 2))
    frame = pd.concat([usual.original.astype(float), pd.DataFrame(far, columns=["income", "spend"])])
    now, found = refit(read_frame(frame.reset_index(drop=True)), old)
    assert now.names == old.names
    assert {name: now.names[np.bincount(now.labels[:310][truth == name]).argmax()] for name in sizes} == {
        name: name for name in sizes
    }
    # They stand in a segment all the same, and it is said whose rows they are.
    assert (now.labels >= 0).all()
    (said,) = (note.text for note in now.notes if "far from every segment" in note.text)
    assert ("1 customer lies" in said and "(row 311)" in said) or f"{n_far} customers lie" in said
    assert found.carries_on.tolist() == [0, 1, 2, 3]
    again = from_bytes(to_bytes(now))
    assert (assign_segments(read_frame(frame.reset_index(drop=True)), again).segmentation.labels == now.labels).all()
    # Next month whoever is like them fits no segment still.
    assert assign_segments(read_frame(frame.iloc[-1:]), again).distance.iloc[0] > max(
        extent.reach for extent in again.profile.segments
    )


def test_whoever_asks_for_one_more_segment_gets_the_new_kind_as_one(named):
    dataset, truth = customers({"young": 120, "thrifty": 90, "calm": 60, "rich": 40, "odd": 30}, 6)
    now, _ = refit(dataset, named, 5)
    assert now.names[:4] == named.names
    assert (now.labels[truth == "odd"] == 4).all()
    assert not any("far from every segment" in note.text for note in now.notes)


def found_among(old, new, n_strangers, sizes):
    """What carries on, where the last customers fitted none; the names are A, B … and Z for the newest."""
    unfit = np.arange(len(old)) >= len(old) - n_strangers
    return match_segments(np.array(old), np.array(new), ("A", "B"), ("A", "B", "Z")[: max(new) + 1], unfit, sizes)


def test_strangers_take_no_name_by_being_more_than_those_whose_it_is():
    # Those of B are in A now, where they share most with A; 80 strangers lie nearest to the old B.
    old, new = [0] * 100 + [1] * 20 + [1] * 80, [0] * 120 + [1] * 80
    found = found_among(old, new, 80, (100, 20))
    assert found.carries_on.tolist() == [0, -1]
    assert [note.text for note in found.notes] == [
        "B has become part of A.",
        "B is new: 100 % of its customers fitted no segment of before.",
    ]


def test_a_segment_that_has_moved_as_a_whole_keeps_its_name_and_that_is_said():
    # Nobody who fits is where the 40 of B were.
    placed = [0] * 102 + [1] * 38
    found = found_among(placed, placed, 38, (100, 40))
    assert found.carries_on.tolist() == [0, 1]
    assert [note.text for note in found.notes] == ["B has moved: 100 % of its customers fitted no segment of before."]


@pytest.mark.parametrize(("n_strangers", "said"), [(12, False), (20, True), (60, True)])
def test_it_is_said_when_an_old_name_takes_in_a_new_kind(n_strangers, said):
    old = [0] * 100 + [1] * (40 + n_strangers)
    found = found_among(old, old, n_strangers, (100, 40))
    assert found.carries_on.tolist() == [0, 1]
    share = round(100 * n_strangers / (40 + n_strangers))
    text = f"B also takes in customers unlike those it had: {share} % of its customers fitted no segment of before."
    assert [note.text for note in found.notes] == [text] * said


def test_a_split_is_said_with_its_parts(named):
    dataset, _ = customers({"young": 120, "thrifty": 90, "calm": 60}, 7)
    now, found = carry_on(dataset, named, formed(dataset, 6, 1))
    assert any("has split" in note.text for note in found.notes)
    assert len(set(now.names)) == 6


def test_what_is_renumbered_places_customers_as_before(named):
    dataset, _ = customers({"young": 50, "thrifty": 60, "calm": 100, "rich": 110}, 8)
    now, _ = carry_on(dataset, named, formed(dataset, 4))
    again = from_bytes(to_bytes(now))
    placed = assign_segments(dataset, again).segmentation.labels
    assert (placed == now.labels).all()
    sizes = [extent.size for extent in now.profile.segments]
    assert sizes == np.bincount(now.labels).tolist()
    assert [each.segment for each in now.stability] == [0, 1, 2, 3]


def test_colours_survive_when_a_number_falls_away_and_in_the_model_file(named):
    dataset, _ = customers({"young": 120, "calm": 60, "rich": 40}, 5)
    now, _ = carry_on(dataset, named, formed(dataset, 3))
    kept = now.colours or tuple(range(3))
    for number, name in enumerate(now.names):
        assert kept[number] == named.names.index(name)
    again = from_bytes(to_bytes(now))
    assert again.colours == now.colours
    # Next month the gone segment's colour is not taken for another kind of customers.
    wider, _ = customers({"young": 120, "calm": 60, "rich": 40, "odd": 50}, 6)
    later, _ = carry_on(wider, again, formed(wider, 4))
    colours = later.colours or tuple(range(4))
    assert len(set(colours)) == 4
    new = [number for number, name in enumerate(later.names) if name not in named.names]
    assert colours[new[0]] not in [kept[number] for number in range(3)]


def test_a_model_whose_segments_were_merged_by_hand_is_formed_anew_in_as_many(named):
    dataset, _ = customers({"young": 120, "thrifty": 90, "calm": 60, "rich": 40}, 1)
    merged, _ = edit_segmentation(dataset, formed(dataset, 4), read_edit("merge 3,4"))
    later, _ = customers({"young": 110, "thrifty": 100, "calm": 50, "rich": 50}, 7)
    now, _ = refit(later, merged, start=Start.MODEL)
    assert now.n_segments == 3
    assert now.names == merged.names
    assert any("merged or split" in note.text for note in now.notes)


def test_beginning_at_the_old_segments_moves_fewer_customers_than_another_seed_may(named):
    dataset, truth = customers({"young": 120, "thrifty": 90, "calm": 60, "rich": 40}, 8)
    now, _ = refit(dataset, named, start=Start.MODEL)
    assert now.names == named.names
    assert names_of(now, truth) == {name: name for name in set(truth)}
    wider, _ = refit(dataset, named, 6, start=Start.MODEL)
    assert wider.n_segments == 6
    fewer, _ = refit(dataset, named, 2, start=Start.MODEL)
    assert fewer.n_segments == 2


def test_a_refit_reads_answers_and_yes_as_the_model_does():
    n = 80
    group = np.arange(n) % 2
    answers = np.array(["web; app", "web", "shop; app", "shop"])[np.arange(n) // 2 % 4]
    frame = pd.DataFrame({"spend": 100.0 + 900 * group + np.arange(n) % 5, "channels": answers})
    old = fit_segmentation(
        read_frame(frame), Recipe((FeatureSpec("spend"), FeatureSpec("channels: app")), n_segments=2)
    )
    other = frame.assign(channels=frame["channels"].str.replace("; ", ", "))
    assert "channels: app" not in read_frame(other).frame
    new, _ = refit(read_frame(other), old)
    np.testing.assert_array_equal(new.labels, old.labels)


def test_a_model_formed_anew_says_from_which_when_and_why_and_no_value_of_a_customer(named):
    frame = customers({"young": 60, "thrifty": 60, "calm": 60, "rich": 60}, 8)[0].original
    frame = frame.assign(income=(1.5 * frame["income"].astype(float)).round(1))
    now, _ = refit(read_frame(frame), named)
    lineage = from_bytes(to_bytes(now)).lineage
    assert lineage == now.lineage
    assert lineage.trained_on == named.trained_on
    assert lineage.why.startswith("form anew: income had moved")
    assert not set(re.findall(r"[0-9.]+", lineage.why)) & set(frame.to_numpy().astype("str").ravel())
    assert from_bytes(to_bytes(named)).lineage is None
    same, _ = refit(customers({"young": 120, "thrifty": 90, "calm": 60, "rich": 40}, 9)[0], named)
    assert same.lineage.why == "still true: nothing had changed."


def test_a_new_segment_is_named_like_the_others_but_as_none_of_them():
    dataset, _ = customers({"young": 120, "thrifty": 90, "calm": 60, "rich": 40}, 1)
    old = name_segments(dataset, formed(dataset, 4))
    assert not any(re.fullmatch(r"Segment \d+", name) for name in old.names)
    # Nobody was so rich before, but the words that fit say the same of others.
    later, truth = customers({"young": 120, "thrifty": 90, "calm": 60, "rich": 40, "richer": 50}, 6)
    now, found = refit(later, old, 5)
    assert now.names[:4] == old.names
    richer = now.labels[truth == "richer"].iloc[0]
    name = now.names[richer]
    assert found.carries_on[richer] == -1
    assert name not in old.names
    assert not re.search(r"Segment \d|\(\d+\)$", name)
    assert any(note.text.startswith(f"{name} is new") for note in now.notes)
    # Nor does a new kind take the name of one that has gone.
    alone, truth = customers({"young": 120, "calm": 60, "rich": 40, "richer": 150}, 7)
    now, found = refit(alone, old)
    richer = now.labels[truth == "richer"].iloc[0]
    assert found.carries_on[richer] == -1
    assert now.names[richer] not in old.names
    assert "Segment" not in now.names[richer]


def test_segments_without_names_go_on_by_number(named):
    dataset, truth = customers({"young": 120, "thrifty": 90, "calm": 60, "rich": 40, "odd": 50}, 6)
    old = named.renamed(tuple(f"Segment {number}" for number in (1, 2, 4, 5)))
    now, _ = refit(dataset, old, 5)
    assert names_of(now, truth)["odd"] == "Segment 6"
