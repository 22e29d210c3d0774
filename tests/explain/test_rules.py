"""Rules are counted again by a database, from the file itself."""

import json
import sqlite3

import pandas as pd
import pytest

from segmenter import (
    FeatureSpec,
    Recipe,
    find_rules,
    fit_segmentation,
    name_segments,
    read_frame,
    suggest_features,
)
from segmenter.recipe.recipe import Role


@pytest.fixture(scope="module")
def found(make_customers):
    frame = make_customers(240)
    frame.loc[::17, "income"] = float("nan")
    frame['o\'brien "x"'] = ["it's" if spend > 50 else "no" for spend in frame["spend"]]
    frame["email"] = [f"p{i}@example.com" for i in range(len(frame))]
    frame["gender"] = ["female" if spend > 50 else "male" for spend in frame["spend"]]
    dataset = read_frame(frame)
    segmentation = name_segments(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=3)))
    labelled = frame.assign(segment=segmentation.labels.to_numpy() + 1)
    database = sqlite3.connect(":memory:")
    labelled[labelled["segment"] > 0].to_sql("customers", database, index=False)
    return find_rules(dataset, segmentation), database


def test_a_database_finds_as_many_customers_as_each_rule_says(found):
    rules, database = found
    for rule in rules.rules:
        assert 1 <= len(rule.conditions) <= 3
        (n, members) = database.execute(
            f"SELECT count(*), sum(segment = {rule.segment}) FROM customers WHERE {rule.sql}"
        ).fetchone()
        assert (n, members) == (rule.found, rule.members)
        assert rule.coverage == pytest.approx(members / rule.size)
        assert rule.exclusivity == pytest.approx(members / n)
        assert 2 * rule.coverage * rule.exclusivity / (rule.coverage + rule.exclusivity) > 0.9


def test_a_database_gives_customers_the_segments_that_the_tree_does(found):
    rules, database = found
    right = database.execute(f"SELECT avg(segment = ({rules.tree.sql})) FROM customers").fetchone()[0]
    assert right == pytest.approx(rules.tree.accuracy)
    assert rules.tree.accuracy > 0.9
    assert rules.tree.price >= 0


def test_no_rule_uses_personal_data_or_what_the_law_protects(found):
    rules, _ = found
    said = json.loads(rules.json)
    assert "email" not in rules.text + rules.sql + rules.json
    assert "gender" not in rules.text + rules.sql + rules.json
    assert [each["segment"] for each in said["rules"]] == [1, 2, 3]
    assert all(rule.name in rules.text for rule in rules.rules)


def test_a_name_cannot_end_the_comment_that_it_stands_in(make_customers):
    dataset = read_frame(make_customers(120))
    segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=2))
    rules = find_rules(dataset, segmentation.renamed(("a\nDROP TABLE customers;--", "")))
    assert all(line.startswith(("--", "SELECT", "  WHEN", "END", "")) for line in rules.sql.splitlines())
    assert not any(line.startswith("DROP") for line in rules.sql.splitlines())


def test_one_segment_is_everybody(make_customers):
    dataset = read_frame(make_customers(60))
    rules = find_rules(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=1)))
    assert rules.tree is None
    assert rules.rules[0].text == "everybody"
    assert pd.notna(rules.rules[0].coverage)


def test_dates_are_written_so_that_sqlite_reads_them_too():
    days = pd.Timestamp("2015-01-01") + pd.to_timedelta([*range(100), *range(2000, 2100)], unit="D")
    frame = pd.DataFrame({"joined": days, "visits": [3, 4] * 100})
    dataset = read_frame(frame)
    recipe = Recipe((FeatureSpec("joined", Role.DATE),), n_segments=2)
    segmentation = fit_segmentation(dataset, recipe)
    rules = find_rules(dataset, segmentation)
    database = sqlite3.connect(":memory:")
    frame.assign(joined=days.strftime("%Y-%m-%d"), segment=segmentation.labels + 1).to_sql("customers", database)
    assert "joined" in rules.tree.sql
    assert all("joined" in each.sql for each in rules.rules)
    right = database.execute(f"SELECT avg(segment = ({rules.tree.sql})) FROM customers").fetchone()[0]
    assert right == rules.tree.accuracy == 1
    for rule in rules.rules:
        counted = f"SELECT count(*), sum(segment = {rule.segment}) FROM customers WHERE {rule.sql}"
        assert database.execute(counted).fetchone() == (rule.found, rule.members)


def test_the_tree_has_an_end_for_a_segment_of_a_few():
    visits = [*range(1, 201), *range(1000, 1200), 9000, 9001, 9002]
    dataset = read_frame(pd.DataFrame({"visits": visits}))
    segmentation = fit_segmentation(dataset, Recipe((FeatureSpec("visits"),), n_segments=3))
    tree = find_rules(dataset, segmentation).tree
    assert {branch.segment for branch in tree.root.leaves()} == {1, 2, 3}
    assert tree.accuracy == 1
    assert tree.price == pytest.approx(0)
