"""How are a segmentation's scores written as plain values, and read back?"""

from dataclasses import asdict, fields
from typing import Final

from segmenter.core.quality import Quality
from segmenter.core.stability import Light, SegmentStability
from segmenter.store import checking

# Only finished segmentations have more than 50; the screen stops at config.MAX_SEGMENTS.
MOST_SEGMENTS: Final = 50
MOST_CUSTOMERS: Final = 10**12
_QUALITY = tuple(field.name for field in fields(Quality))


def written_quality(quality: Quality | None) -> dict[str, object] | None:
    """Return the scores as plain values."""
    if quality is None:
        return None
    return {**asdict(quality), "per_segment": [list(pair) for pair in sorted(quality.per_segment.items())]}


def read_quality(value: object, k: int) -> Quality | None:
    """Read the scores of `k` segments."""
    if value is None:
        return None
    plain = checking.mapping(value, "quality", _QUALITY)
    pairs = [
        checking.array(pair, f"quality.per_segment[{n}]", most=2, least=2)
        for n, pair in enumerate(checking.array(plain["per_segment"], "quality.per_segment", most=MOST_SEGMENTS))
    ]
    scores = ("wcss", "silhouette", "silhouette_se", "calinski_harabasz", "davies_bouldin")
    return Quality(
        silhouette_rows=checking.whole(
            plain["silhouette_rows"], "quality.silhouette_rows", least=0, most=MOST_CUSTOMERS
        ),
        per_segment={
            checking.whole(label, "quality.per_segment", least=0, most=k - 1): checking.number(
                width, "quality.per_segment"
            )
            for label, width in pairs
        },
        **{name: checking.number(plain[name], f"quality.{name}") for name in scores},
    )


def read_stability(value: object, k: int) -> tuple[SegmentStability, ...]:
    """Read how reliably each of `k` segments is found again."""
    names = tuple(field.name for field in fields(SegmentStability))
    found = []
    for n, each in enumerate(checking.array(value, "stability", most=k)):
        place = f"stability[{n}]"
        plain = checking.mapping(each, place, names)
        low, high = checking.array(plain["slsw_quartiles"], f"{place}.slsw_quartiles", most=2, least=2)
        found.append(
            SegmentStability(
                segment=checking.whole(plain["segment"], f"{place}.segment", least=0, most=k - 1),
                slsw=checking.number(plain["slsw"], f"{place}.slsw"),
                slsw_quartiles=(checking.number(low, place), checking.number(high, place)),
                jaccard=checking.number(plain["jaccard"], f"{place}.jaccard"),
                light=checking.choice(Light, plain["light"], f"{place}.light"),
            )
        )
    return tuple(found)
