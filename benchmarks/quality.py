"""Does the verdict say what is true?"""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import joblib

from benchmarks.measuring import Line
from benchmarks.structures import Made, planted, structureless
from segmenter.choose.k import select_k
from segmenter.recipe.recipe import Recipe

N_SETS = 100
# Far from the seeds of the tests and from those with which the rule was found.
FIRST_SEED = 90_000
FAR_APART = 4.5
LEAST_NONE, LEAST_RIGHT, LEAST_RIGHT_FAR, LEAST_AGREEMENT = 0.95, 0.90, 0.94, 0.98
GOAL_RIGHT, GOAL_RIGHT_FAR = 0.93, 0.97

Answer = tuple[str, int]


def verdict() -> Iterator[Line]:
    clouds = [structureless(FIRST_SEED + number) for number in range(N_SETS)]
    mixtures = [planted(FIRST_SEED + number) for number in range(N_SETS)]
    first, second = (_answers([*clouds, *mixtures], seed) for seed in (0, 1))
    none = [verdict == "none" for verdict, _ in first[:N_SETS]]
    right = [k == made.k for (_, k), made in zip(first[N_SETS:], mixtures, strict=True)]
    far = [found for found, made in zip(right, mixtures, strict=True) if made.apart >= FAR_APART]
    same = [one == other for one, other in zip(first, second, strict=True)]
    yield _share("structureless data called none", none, LEAST_NONE)
    yield _share(f"planted k recommended (goal {GOAL_RIGHT})", right, LEAST_RIGHT)
    yield _share(f"the same, centres ≥ {FAR_APART} apart (goal {GOAL_RIGHT_FAR})", far, LEAST_RIGHT_FAR)
    yield _share("verdict and k agree between two seeds", same, LEAST_AGREEMENT)


def _answers(sets: Sequence[Made], seed: int) -> list[Answer]:
    jobs: Callable[[Made], Answer] = partial(_answer, seed=seed)
    # What is measured here is no time, so every core may help.
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        return list(joblib.Parallel(n_jobs=os.cpu_count())(joblib.delayed(jobs)(made) for made in sets))


def _answer(made: Made, seed: int) -> Answer:
    selection = select_k(made.X, recipe=Recipe((), seed=seed))
    return str(selection.verdict), int(selection.recommended or 0)


def _share(work: str, found: Sequence[bool], least: float) -> Line:
    share = sum(found) / len(found)
    measured = f"{share:.3f} ({sum(found)} of {len(found)})"
    return Line("verdict", work, measured, f"≥ {least}", share >= least)
