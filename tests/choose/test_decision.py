"""The sentence about natural groups claims no more than the silhouette and the stability carry."""

import pytest

from segmenter.choose.decision import Verdict, decide_structure
from segmenter.choose.diagnostics import Grouping
from segmenter.measures.vee_mixture import MixtureScore


def judged(silhouette, stability):
    clear = MixtureScore(bic=0.0, icl=0.0, certainty=0.95)
    grouping = Grouping(separate=0.2, uneven=0.2, k=8, scores={8: clear})
    return decide_structure(grouping, {7: 1.0, 8: stability}, {7: 0.9, 8: silhouette})


@pytest.mark.parametrize("silhouette", [0.36, 0.499, 0.5, 0.8])
@pytest.mark.parametrize("stability", [0.5, 0.749, 0.75, 1.0])
def test_the_words_follow_the_scores_of_the_recommended_number_and_the_verdict_does_not(silhouette, stability):
    found = judged(silhouette, stability)
    assert (found.verdict, found.recommended) == (Verdict.NATURAL, 8)
    assert ("8 separate groups, with few customers in between" in found.reason) == (silhouette >= 0.5)
    assert ("the groups touch" in found.reason) == (silhouette < 0.5)
    assert ("samples move some of the borders" in found.reason) == (stability < 0.75)
    assert found.reason.count(". ") == 1
