"""View of a Gaussian mixture's details."""

from typing import Final

import pandas as pd
import streamlit as st

from segmenter.charts.mixture import criterion
from segmenter.cluster.gaussian import MixtureDetails
from segmenter.segment.result import DOUBTFUL, Result, certainty_by_segment, probability_of_segment

CRITERION: Final = (
    "The Bayesian information criterion (BIC) weighs how well so many normal distributions describe the customers "
    "against how many numbers they need. The lowest is best; a number close to it does as well."
)
CERTAINTY: Final = (
    "Every customer has a probability of each segment; the file you download has that of its own, in the column "
    "`probability`. Customers in doubt have less than {:.0%}: another segment suits them nearly as well."
)


def show(result: Result, key: str) -> None:
    """Draw the criterion for each number of segments, and how sure the customers of each segment are."""
    details = result.segmentation.clusterer.details_
    if isinstance(details, MixtureDetails) and details.bic:
        st.write(CRITERION)
        st.plotly_chart(criterion(details), key=f"{key}_criterion")
        with st.expander("The criterion in numbers", icon=":material/table:"):
            table = pd.DataFrame({"Segments": list(details.bic), "BIC": [round(each) for each in details.bic.values()]})
            st.dataframe(table, hide_index=True, width="stretch")
    st.write(CERTAINTY.format(DOUBTFUL))
    st.dataframe(certainty_table(result), hide_index=True, width="stretch")


def certainty_table(result: Result) -> pd.DataFrame:
    """Return one row per segment."""
    segmentation = result.segmentation
    found = certainty_by_segment(segmentation.labels, probability_of_segment(segmentation, result.dataset.frame))
    return pd.DataFrame(
        {
            "Segment": [segmentation.names[each.segment] for each in found],
            "Customers": [each.size for each in found],
            "Mean probability": [f"{each.mean:.0%}" for each in found],
            "In doubt": [each.in_doubt for each in found],
        }
    )
