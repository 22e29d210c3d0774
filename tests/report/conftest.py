"""Results that several tests of reports look at; formed once."""

import pytest

from segmenter import Recipe, Result, fit_segmentation, read_sample, suggest_features
from tests.report.results_for_tests import hostile_result


@pytest.fixture(scope="session")
def mall_result():
    dataset = read_sample("mall")
    return Result(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=5)))


@pytest.fixture(scope="session", params=[3, 12])
def hostile(request):
    return hostile_result(request.param)
