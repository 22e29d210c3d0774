"""`methods` and `compare`: clustering methods on the command line."""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict, replace

from segmenter.choose.methods import BASELINE, MethodChoice, MethodComparison, MethodScore
from segmenter.cli.arguments import column_list
from segmenter.cli.output import print_json
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import Algorithm
from segmenter.errors.forming import InvalidSettingError
from segmenter.recipe.recipe import Reduction
from segmenter.recipe.settings import Setting, SettingPairs, SettingValue, complete


def methods(args: Namespace) -> None:
    """List the ways to form segments."""
    if args.json:
        print_json([_entry(each) for each in ALGORITHMS.values()])
        return
    for each in ALGORITHMS.values():
        print(f"{each.key}: {each.title}, for {each.suits}. {each.needs}".rstrip())
        for setting in each.settings:
            possible = ", ".join(setting.choices) or setting.example or f"{setting.low:g} to {setting.high:g}"
            print(f"  --set {setting.key}={setting.default}  ({possible}) {setting.explanation}")


def settings_of(method: str, given: Sequence[str]) -> SettingPairs:
    """Return what `name=value` texts set in a method, as a recipe keeps it.

    Raises
    ------
    InvalidSettingError
        If one is no `name=value`, or not possible for the method.
    """
    pairs = dict(_pair(each) for each in given)
    checked = complete(ALGORITHMS[method].settings, pairs)
    return tuple(sorted((name, checked[name]) for name in pairs))


def method_choices(names: str | None, given: Sequence[str]) -> tuple[MethodChoice, ...]:
    """Return the methods named in `a,b`, all by default; `method:name=value` sets something in one of them.

    Raises
    ------
    InvalidSettingError
        If there is no such method or setting.
    """
    wanted = column_list(names) or (*ALGORITHMS, f"{BASELINE.key}+{Reduction.PCA}")
    choices = tuple(MethodChoice.named(name) for name in wanted)
    unknown = [each.key for each in choices if each.key not in ALGORITHMS]
    if unknown:
        message = f"There is no method {unknown[0]!r}. There are: {', '.join(ALGORITHMS)}."
        raise InvalidSettingError(message)
    args: dict[str, list[str]] = {each.name: [] for each in choices}
    for each in given:
        key, colon, setting = each.partition(":")
        if not colon or key not in args:
            message = f"--set {each} says no method of the comparison; write METHOD:NAME=VALUE."
            raise InvalidSettingError(message)
        args[key].append(setting)
    return tuple(replace(each, settings=settings_of(each.key, args[each.name])) for each in choices)


def print_comparison(comparison: MethodComparison) -> None:
    """Print one line per method, what it means, and which method is worth taking."""
    for score in comparison.scores:
        print(f"{score.choice.title}: {score.problem or _figures(score)}")
    print()
    print("\n".join(comparison.findings))
    print(comparison.recommendation)


def comparison_record(comparison: MethodComparison) -> dict[str, object]:
    """Return a comparison as plain values."""
    best = comparison.recommended
    return {
        "methods": [_record(score) for score in comparison.scores],
        "findings": list(comparison.findings),
        "recommended": best.name if best else None,
        "recommendation": comparison.recommendation,
        "notes": [note.text for note in comparison.notes],
    }


def _record(score: MethodScore) -> dict[str, object]:
    plain = asdict(score)
    del plain["choice"], plain["over_samples"], plain["over_seeds"]
    stability = {
        name: {"mean": each.mean, "standard_error": each.standard_error} if each else None
        for name, each in (("stability_samples", score.over_samples), ("stability_seeds", score.over_seeds))
    }
    choice = {"method": score.choice.name, "title": score.choice.title, "settings": dict(score.choice.settings)}
    return {**choice, **plain, **stability}


def _figures(score: MethodScore) -> str:
    parts = [
        f"{score.n_segments} segments",
        _said("silhouette", score.silhouette, 3, score.silhouette_se),
        _said("Davies-Bouldin", score.davies_bouldin, 2),
        _said("Calinski-Harabasz", score.calinski_harabasz, 0),
        _said("found again over samples", score.over_samples.mean if score.over_samples else None, 2),
        _said("over seeds", score.over_seeds.mean if score.over_seeds else None, 2),
        f"smallest {score.smallest_share or 0.0:.1%}",
        f"in none {score.noise_share or 0.0:.1%}",
        _said("agreement with K-Means", score.agreement, 2),
        f"{score.seconds or 0.0:.2f} s",
        _said("memory in MB", score.memory_mb, 0),
    ]
    return ", ".join(parts)


def _said(name: str, value: float | None, digits: int, error: float | None = None) -> str:
    if value is None:
        return f"{name} not defined"
    return f"{name} {value:.{digits}f}" + (f" ± {error:.{digits}f}" if error is not None else "")


def _entry(algorithm: Algorithm) -> dict[str, object]:
    return {
        "key": algorithm.key,
        "title": algorithm.title,
        "suits": algorithm.suits,
        "settings": [_plain(setting) for setting in algorithm.settings],
        "available": not algorithm.needs,
        "needs": algorithm.needs,
    }


def _plain(setting: Setting) -> dict[str, object]:
    plain = asdict(replace(setting, parse=None))
    del plain["parse"]
    return plain


def _pair(text: str) -> tuple[str, SettingValue]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        message = f"--set {text} is no setting; write NAME=VALUE."
        raise InvalidSettingError(message)
    return name.strip(), _value(value.strip())


def _value(text: str) -> SettingValue:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
