"""Which colour does each class have?"""

from collections.abc import Sequence

from segmenter.ui.state import session


def places_of(classes: Sequence[str]) -> tuple[int, ...]:
    """Return the number of each class's colour: that of the segment of this name where there is one."""
    result = session().result
    names = list(result.segmentation.names) if result is not None else []
    if set(classes) <= set(names):
        return tuple(names.index(name) for name in classes)
    return tuple(range(len(classes)))
