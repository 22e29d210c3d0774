"""`prepare`: diagnostics of the chosen columns on the command line."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from segmenter.choose.evidence import FurtherEvidence, Sensitivity
from segmenter.cli.describe import why_off
from segmenter.cli.output import print_json
from segmenter.display import counted, listed, number_text, percent_text
from segmenter.measures.tendency import Tendency
from segmenter.prepare.diagnostics import (
    PREVIEW_ROWS,
    column_diagnostics,
    column_influence,
    customers_far_out,
    find_outliers,
)
from segmenter.prepare.preparation import prepare
from segmenter.prepare.suggest import (
    missing_effect,
    special_codes,
    suggest_columns,
    transformed_features,
    transforms_in_words,
)
from segmenter.recipe.recipe import FeatureSpec, Recipe, Role
from segmenter.table.dataset import Dataset, subsample
from segmenter.table.repeats import missing_together

ROWS_NAMED = 5
# Gaps of two columns that go together so much have one cause; so many pairs are said at most.
GAPS_TOGETHER, PAIRS_NAMED = 0.5, 3


def print_preparation(
    dataset: Dataset, recipe: Recipe, tried: Sensitivity | None, tendency: Tendency | None = None, *, as_json: bool
) -> None:
    """Print what is worth knowing about the chosen columns; `tried` is what other choices would change."""
    if as_json:
        print_json(preparation_record(dataset, recipe, tried, tendency))
        return
    print("\n".join(_lines(dataset, recipe, tried)))
    if tendency:
        print(hopkins_words(tendency))


def hopkins_words(tendency: Tendency) -> str:
    """Return what the Hopkins statistic says, and what it does not."""
    return (
        f"Hopkins statistic {tendency.hopkins:.2f} ± {tendency.spread:.2f} (0.5: customers are spread evenly, near 1: "
        "they are in heaps). One single crowd is a heap too, so this is no verdict; Choose has one."
    )


def evidence_record(found: FurtherEvidence) -> dict[str, object]:
    """Return further evidence on the number of segments as plain values."""
    return {
        "prediction_strength": [asdict(each) for each in found.strengths],
        "votes": [asdict(each) for each in found.votes],
        "most_votes": list(found.most_votes),
        "mixture": {
            "method": found.mixture or None, "bic": found.bic, "aic": found.aic, "problem": found.problem or None,
        },
    }  # fmt: skip


def print_evidence(found: FurtherEvidence) -> None:
    """Print further evidence on the number of segments."""
    print("Prediction strength (above 0.8: halves foretell each other's segments):")
    for each in found.strengths:
        print(f"{each.k:>3} segments: {each.mean:.2f} ± {each.standard_error:.2f}")
    if found.bic:
        print(f"{found.mixture}, lower is better:")
        for k, bic in found.bic.items():
            print(f"{k:>3} segments: BIC {bic:,.1f}, AIC {found.aic[k]:,.1f}")
    print("Vote of the indices: " + ", ".join(f"{each.index} {each.k or 'none'}" for each in found.votes) + ".")
    print(found.summary)
    if found.problem:
        print(found.problem)


def preparation_record(
    dataset: Dataset, recipe: Recipe, tried: Sensitivity | None, tendency: Tendency | None = None
) -> dict[str, object]:
    """Return what is known before segments are formed as plain values."""
    effect = missing_effect(dataset, recipe)
    found = column_diagnostics(dataset, recipe)
    return {
        "rows_left_out": effect.rows_left_out,
        "values_filled": effect.values_filled,
        "recipe": json.loads(recipe.to_json()),
        "off": [
            {"column": each.spec.column, "cause": each.cause.value, "reason": each.reason}
            for each in suggest_columns(dataset)
            if each.cause and each.spec.column not in {spec.column for spec in recipe.segmenting}
        ],
        "evened_out": list(transformed_features(recipe.features)),
        "special_codes": [asdict(each) for each in special_codes(dataset, recipe.features)],
        "set_aside": [
            {"row": each.row + 1, "columns": list(each.columns)} for each in customers_far_out(dataset, recipe)
        ],
        "influence": [asdict(each) for each in column_influence(prepare(subsample(dataset, PREVIEW_ROWS), recipe))],
        "skewed": [
            {"column": name, "skewness": now.skewness, "proposed": then.transform.value, "then": then.skewness}
            for name, (now, then) in found.shapes.items()
        ],
        "redundant": [asdict(pair) for pair in found.pairs],
        "no_structure": list(found.structureless),
        "far_out": [_far_out(dataset, spec) for spec in recipe.segmenting if spec.role is Role.NUMBER],
        "sensitivity": _sensitivity_record(tried) if tried else None,
        "hopkins": (
            {"mean": tendency.hopkins, "spread": tendency.spread, "drawn": tendency.n_drawn} if tendency else None
        ),
        "missing_together": missing_together(dataset).to_dict("records"),
    }


def _lines(dataset: Dataset, recipe: Recipe, tried: Sensitivity | None) -> Iterable[str]:
    effect = missing_effect(dataset, recipe)
    yield f"{effect.rows_left_out:,} rows left out, {effect.values_filled:,} values filled in."
    yield from _default_lines(dataset, recipe)
    for each in column_influence(prepare(subsample(dataset, PREVIEW_ROWS), recipe)):
        yield f"  {each.column}: {percent_text(each.share, 1)} of the distance between customers"
    found = column_diagnostics(dataset, recipe)
    for name, (now, then) in found.shapes.items():
        skewness, left = (number_text(each.skewness, 1, signed=True) for each in (now, then))
        yield f"Strongly skewed: {name} ({skewness}; --transform {name}={then.transform} {left})"
    for pair in found.pairs:
        yield f"{pair.first} and {pair.second} carry nearly the same information (r = {number_text(pair.r, 2)})."
    for name in found.structureless:
        yield f"No sign of groups: {name} has one peak and nothing to do with any other chosen column."
    for gaps in missing_together(dataset).head(PAIRS_NAMED).to_dict("records"):
        if gaps["correlation"] >= GAPS_TOGETHER:
            yield (
                f"{gaps['first']} and {gaps['second']} are missing together: "
                f"{counted(int(gaps['both missing']), 'customer')} without both "
                f"(correlation of the gaps {number_text(gaps['correlation'], 2)})."
            )
    for spec in recipe.segmenting:
        far = find_outliers(dataset, spec)
        if far is not None and len(far.rows):
            rows = ", ".join(f"{row + 1}" for row in far.rows[:ROWS_NAMED])
            yield f"{spec.column}: far out are {counted(len(far.rows), 'customer')}, the farthest in row {rows}."
    if tried is not None:
        yield from _sensitivity_lines(tried)


def _default_lines(dataset: Dataset, recipe: Recipe) -> Iterable[str]:
    """Say what was chosen where nobody said anything."""
    if words := transforms_in_words(transformed_features(recipe.features)):
        yield f"{words} --no-evening-out leaves them as they are."
    for codes in special_codes(dataset, recipe.features):
        now = "They count as missing; --codes-are-numbers" if codes.as_missing else "They count as numbers; --unknown"
        yield f"{codes.question} {now} changes that."
    used = {spec.column for spec in recipe.segmenting}
    for suggestion in suggest_columns(dataset):
        if suggestion.cause and suggestion.spec.column not in used:
            yield f"Off: {suggestion.spec.column}, because {why_off(suggestion)}; --columns takes it in."
    for who in customers_far_out(dataset, recipe)[:ROWS_NAMED]:
        where = listed(who.columns)
        yield f"Row {who.row + 1} lies far out in {where}: set aside for the evidence, kept in the result."


def _sensitivity_lines(tried: Sensitivity) -> Iterable[str]:
    yield f"Other choices, by agreement (adjusted Rand index; another seed alone: {tried.by_chance:.2f}):"
    for effect in tried.effects:
        other = effect.alternative
        name = f"{other.column} {other.what} {other.to}".strip()
        shown = (
            ""
            if effect.agreement is None
            else f"{effect.agreement:.2f}, {percent_text(effect.moved or 0.0, 1)} would move, "
        )
        yield f"  {name}: {shown}{effect.problem or effect.verdict}"
    if tried.flips:
        named = ", ".join(f"{row + 1:,} ({percent_text(share)})" for row, share in tried.flips[:ROWS_NAMED])
        rows = "row" if len(tried.flips) == 1 else "rows"
        who = counted(len(tried.flips), "customer")
        yield f"  {who} would flip in at least one of these; most often {rows} {named}."


def _sensitivity_record(tried: Sensitivity) -> dict[str, object]:
    return {
        "by_chance": tried.by_chance,
        "customers": tried.n_customers,
        "flips": [{"row": row + 1, "share": share} for row, share in tried.flips],
        "effects": [
            {
                "column": effect.alternative.column,
                "what": effect.alternative.what,
                "to": effect.alternative.to,
                "agreement": effect.agreement,
                "moved": effect.moved,
                "compared": effect.n_compared,
                "means": effect.problem or effect.verdict,
            }
            for effect in tried.effects
        ],
    }


def _far_out(dataset: Dataset, spec: FeatureSpec) -> dict[str, object]:
    found = find_outliers(dataset, spec)
    if found is None:
        return {"column": spec.column, "count": 0}
    rows = [int(row) + 1 for row in found.rows[:ROWS_NAMED]]
    return {"column": spec.column, "count": len(found.rows), "low": found.low, "high": found.high, "rows": rows}
