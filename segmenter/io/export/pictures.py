"""The pictures of a result as files, PNG and SVG, drawn without a browser."""

from segmenter.charts.paper import PICTURES, as_png, as_svg
from segmenter.charts.theme import segment_colours
from segmenter.io.writing import zipped
from segmenter.progress import Progress, silent
from segmenter.segment.result import Result


def pictures_zip(result: Result, progress: Progress = silent) -> bytes:
    """Return every picture in `PICTURES` that has something to show, twice: as dots for slides, as lines for print.

    Parameters
    ----------
    progress
        Is called with the share done, 0 to 1, and what is being done.
    """
    files = {}
    for number, (name, draw) in enumerate(PICTURES.items()):
        progress(number / len(PICTURES), f"Drawing {name.replace('_', ' ')}")
        with segment_colours(result.segmentation.colours):
            figure = draw(result)
        if figure is not None:
            files[f"{name}.png"], files[f"{name}.svg"] = as_png(figure), as_svg(figure)
    return zipped(files)
