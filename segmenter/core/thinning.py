"""Which customers are looked at where a picture or a hint needs no more than some of them?"""

from dataclasses import replace

from segmenter.algorithms.content import evenly_spaced
from segmenter.core.dataset import Dataset


def thinned(dataset: Dataset, most: int) -> Dataset:
    """Return at most so many customers, evenly spaced in the file."""
    if dataset.n_customers <= most:
        return dataset
    rows = evenly_spaced(dataset.n_customers, most)
    return replace(
        dataset,
        frame=dataset.frame.iloc[rows].reset_index(drop=True),
        original=dataset.original.iloc[rows].reset_index(drop=True),
    )
