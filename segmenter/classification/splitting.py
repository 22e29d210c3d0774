"""Splits that keep each class's share and never part a group: rows of one customer, or copies of each other."""

from collections.abc import Sequence

import numpy as np

from segmenter.typing import FloatArray, IntArray


def all_alone(groups: IntArray) -> bool:
    """Whether every row is a group of its own."""
    return len(np.unique(groups)) == len(groups)


def stratified_group_parts(codes: IntArray, groups: IntArray, shares: Sequence[float], seed: int) -> IntArray:
    """Return the part of each row, shape (n,): every group in one part, each class in proportion to the shares.

    Groups of several rows go first, the largest first, each to the part that lacks most of what the group has; single
    rows then even out what is left.

    Parameters
    ----------
    codes
        Shape (n,): the class of each row, from 0.
    groups
        Shape (n,): rows of one group have the same number.
    shares
        Of the parts; they add up to 1.
    """
    random = np.random.default_rng(seed)
    members = np.unique(groups, return_inverse=True)[1]
    n_classes = int(codes.max()) + 1
    counts = np.zeros((int(members.max()) + 1, n_classes))
    np.add.at(counts, (members, codes), 1)
    sizes = counts.sum(axis=1)
    wanted = np.outer(shares, counts.sum(axis=0))
    left = wanted.copy()
    part_of_group = np.zeros(len(counts), dtype=np.intp)
    order = random.permutation(len(counts))
    order = order[np.argsort(-sizes[order], kind="stable")]
    for group in order[sizes[order] > 1]:
        part = int(((left / np.maximum(wanted, 1)) @ counts[group]).argmax())
        part_of_group[group] = part
        left[part] -= counts[group]
    alone = order[sizes[order] == 1]
    class_of = counts.argmax(axis=1)
    for code in range(n_classes):
        singles = alone[class_of[alone] == code]
        part_of_group[singles] = _dealt(len(singles), np.maximum(left[:, code], 0.0), shares)
    return part_of_group[members]


def _dealt(n: int, left: FloatArray, shares: Sequence[float]) -> IntArray:
    """Return the parts of n rows, in proportion to what the parts lack."""
    weights = left if left.sum() > 0 else np.asarray(shares)
    edges = np.round(np.cumsum(weights) / weights.sum() * n).astype(np.intp)
    return np.repeat(np.arange(len(weights)), np.diff(edges, prepend=0))
