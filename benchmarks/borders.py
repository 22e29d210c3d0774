"""Are groups found where there are any, and none where there are none, in customers of many kinds?

`python -m benchmarks.borders --first-seed 101 --sets 2` prints the table; `--today` asks the whole of `choose`.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import argparse  # noqa: E402
import time  # noqa: E402
from collections import defaultdict  # noqa: E402
from collections.abc import Iterator  # noqa: E402

import numpy as np  # noqa: E402

from benchmarks import structures  # noqa: E402
from benchmarks.families import (  # noqa: E402
    CLEAR,
    MILD,
    NUMBER,
    PLANTED,
    PLANTED_HELD_OUT,
    STRUCTURELESS,
    STRUCTURELESS_HELD_OUT,
    Customers,
    few_of_many,
    minority,
    planted,
    structureless,
)
from segmenter.choose.k import select_k  # noqa: E402
from segmenter.measures.recurrence import decide  # noqa: E402

FAR_APART = 4.5


def _bells(seed: int) -> Iterator[tuple[str, Customers]]:
    for number in range(10):
        made = structures.planted(60_000 + 10 * seed + number)
        part = "bells, 4.5 sd and more" if made.apart >= FAR_APART else "bells, nearer"
        yield part, Customers(made.kind, made.X, np.full(made.X.shape[1], NUMBER), made.k)
    for number in range(6):
        made = structures.structureless(60_000 + 6 * seed + number)
        yield "none, panel", Customers(made.kind, made.X, np.full(made.X.shape[1], NUMBER), 1)


def sets(seed: int) -> Iterator[tuple[str, Customers]]:
    """Yield every family once, with the line of the table to which it counts."""
    yield from _bells(seed)
    yield from (("none, families of the making", structureless(family, seed)) for family in STRUCTURELESS)
    yield from (("none, families held out", structureless(family, seed)) for family in STRUCTURELESS_HELD_OUT)
    for sharp, word in ((CLEAR, "clear"), (MILD, "mild")):
        yield from ((f"other shapes, {word}", planted(family, seed, sharp)) for family in PLANTED)
        yield from ((f"other shapes held out, {word}", planted(family, seed, sharp)) for family in PLANTED_HELD_OUT)
    for share in (0.05, 0.01):
        yield from ((f"minority of {share:.0%}", minority(share, 10 * seed + number)) for number in range(3))
    yield from (("3 columns of 20 or 60", few_of_many(columns, seed)) for columns in (20, 60))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--first-seed", type=int, default=101)
    parser.add_argument("--sets", type=int, default=2)
    parser.add_argument("--most-rows", type=int, default=50_000)
    parser.add_argument("--today", action="store_true")
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    right: dict[str, list[bool]] = defaultdict(list)
    seconds = 0.0
    for seed in range(asked.first_seed, asked.first_seed + 2 * asked.sets, 2):
        for part, made in sets(seed):
            if len(made.X) > asked.most_rows or asked.only not in part:
                continue
            start = time.process_time()
            if asked.today:
                selection = select_k(made.X)
                kind, k = str(selection.verdict), int(selection.recommended or 0)
            else:
                decision = decide(made.X, categories=made.categories)
                kind, k = decision.kind, decision.recommended
            spent = time.process_time() - start
            seconds += spent
            none = "none" if part == "none, panel" else "not natural"
            good = k == made.k if made.k > 1 else (kind == "none" if none == "none" else kind != "natural")
            right[part].append(good)
            if not good:
                print(
                    f"- {part}: {made.family}, {made.X.shape}, {made.k} planted: {kind} {k}, {spent:.1f} s", flush=True
                )
    print("| | right |", "|---|---|", sep="\n")
    for part, found in right.items():
        print(f"| {part} | {sum(found)} of {len(found)} |")
    print(f"CPU {seconds:.0f} s")


if __name__ == "__main__":
    main()
