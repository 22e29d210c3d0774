"""Pictures are written without a browser, show every name, and are the same bytes twice."""

import io
import zipfile

import numpy as np
import pytest
from lxml import etree
from PIL import Image

from segmenter.charts.paper import PICTURES, as_png, as_svg, drawable, sizes_figure
from segmenter.io.export.report import pictures_zip
from tests.report.results_for_tests import HOSTILE, PERSONAL, hostile_result


@pytest.fixture(scope="module")
def result():
    return hostile_result(3)


@pytest.fixture(scope="module")
def files(result):
    with zipfile.ZipFile(io.BytesIO(pictures_zip(result))) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_each_is_there_twice_and_opens(files):
    assert set(files) == {f"{name}.{form}" for name in PICTURES for form in ("png", "svg")}
    for name, content in files.items():
        if name.endswith(".png"):
            # Something is drawn on the paper.
            assert np.asarray(Image.open(io.BytesIO(content)).convert("L")).std() > 1
        else:
            assert etree.fromstring(content).tag.endswith("}svg")


def test_a_drawing_asks_no_other_place_for_anything_and_holds_no_customer(files):
    for content in (each for name, each in files.items() if name.endswith(".svg")):
        links = [
            value
            for each in etree.fromstring(content).iter()
            for key, value in each.attrib.items()
            if key.endswith("href")
        ]
        assert not [link for link in links if not link.startswith(("#", "data:image/png;base64,"))]
        assert PERSONAL.format(7).encode() not in content


def test_the_same_result_gives_the_same_bytes(files, result):
    # Where parts are numbered, and where dots are painted.
    for name in ("sizes", "map"):
        figure = PICTURES[name](result)
        assert as_png(figure) == files[f"{name}.png"]
        assert as_svg(figure) == files[f"{name}.svg"]


def test_bars_are_the_sizes(result):
    bars = sizes_figure(result).axes[0].patches
    assert [bar.get_width() for bar in bars] == [profile.size for profile in result.profiles]


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_can_be_drawn(name):
    # Without a warning of a letter that the font lacks, and without a formula.
    drawn = drawable(name)
    drawn.encode()
    assert drawn.count("$") < 2
    assert drawn.isprintable()
