"""The registered charts of a finding."""

import streamlit as st

from segmenter.charts import charts_of


def show_charts(finding: object, key: str) -> None:
    """Draw every registered chart of a finding; `key` keeps two pages' charts apart."""
    for name, chart, figure in charts_of(finding):
        st.plotly_chart(figure, key=f"{key}_{name}", alt=chart.title)
