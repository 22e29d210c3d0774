"""What is shown of segments, whether they were just formed or come from a saved model."""

import streamlit as st

from segmenter import config
from segmenter.charts import CHARTS, Tab, is_empty
from segmenter.charts.maps import scatter
from segmenter.charts.paper import as_png, histogram_figure
from segmenter.charts.segments import histogram
from segmenter.charts.theme import segment_colours
from segmenter.segment.embed import rank_columns_by_eta_squared
from segmenter.segment.profile import number_columns, summary_table
from segmenter.segment.quality import Light
from segmenter.segment.result import Result
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import session
from segmenter.ui.widgets.details_view import view_of
from segmenter.ui.widgets.known_view import show_known
from segmenter.ui.widgets.maps_view import show_maps
from segmenter.ui.widgets.notes import show_notes


def show_result(result: Result, key: str) -> None:
    """Draw sizes, map, columns and separation; `key` keeps two results' widgets apart."""
    with segment_colours(result.segmentation.colours):
        _show(result, key)


def _show(result: Result, key: str) -> None:
    _facts(result)
    show_notes((*result.segmentation.notes, *(result.assignment.notes if result.assignment else ())))
    own = view_of(result)
    titles = ["Overview", "Map", "Columns", "Quality", "Known labels", *([own.title] if own else [])]
    overview, where, columns, quality, known, *added = st.tabs(titles, key=f"{key}_tabs")
    with overview:
        _overview(result, key)
    with where:
        _map(result, key)
    with columns:
        _columns(result, key)
    with quality:
        _quality(result, key)
    with known:
        show_known(result, key)
    if own:
        with added[0]:
            own.show(result, f"{key}_own")


def _facts(result: Result) -> None:
    quality = result.segmentation.quality
    facts = {
        "Segments": f"{result.segmentation.n_segments}",
        "Customers in segments": f"{result.n_placed:,}",
        "Without a segment": f"{result.n_left_out:,}",
        "Mean silhouette": f"{quality.silhouette:.3f}" if quality else "not defined",
    }
    for place, (label, value) in zip(st.columns(len(facts)), facts.items(), strict=True):
        place.metric(label, value)
    unfit = int(result.fits_none.sum())
    if unfit:
        st.write(
            f"{unfit:,} customers ({unfit / result.dataset.n_customers:.1%}) fit no segment: they are like none. "
            "They are grey in the charts; the scores, and the shares in the summary, are of those in segments."
        )


def _overview(result: Result, key: str) -> None:
    _charts("Overview", result, key)
    lights = [
        f"{messages.LIGHT_MARKS[profile.stability.light.value]} {safe_md(profile.name)}: "
        f"{_reliability(profile.stability.light, profile.size)}"
        for profile in result.profiles
        if profile.stability
    ]
    if lights:
        st.markdown(" · ".join(lights), help=messages.LIGHT_HELP)
    _names(result, key)
    st.subheader("Summary in your own units")
    _summary(result)


def _summary(result: Result) -> None:
    table = summary_table(result.profiles)
    table["light"] = table["light"].map(messages.LIGHT_WORDS)
    texts = {"segment", "segment_name", "light"}
    shown = {
        name: st.column_config.Column(messages.SUMMARY_WORDS[name])
        if name in texts
        else st.column_config.NumberColumn(messages.SUMMARY_WORDS.get(name), format=_format(name))
        for name in map(str, table.columns)
    }
    st.dataframe(table, hide_index=True, width="stretch", column_config=shown, placeholder=messages.NO_VALUE)


def _reliability(light: Light, size: int) -> str:
    few = f" ({messages.FEW_CUSTOMERS})" if size < config.SMALL_GROUP else ""
    return f"{messages.LIGHT_WORDS[light.value]}{few}"


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.0%}"


def _format(name: str) -> str:
    if name in ("share", "found_again") or name.endswith("(share)"):
        return "percent"
    if name == "size":
        return "localized"
    return "%.0f" if name.endswith("(index)") else "%.3f" if name == "silhouette" else "%.2f"


def _names(result: Result, key: str) -> None:
    with st.expander("Rename the segments", icon=":material/edit:"), st.form(f"{key}_names", border=False):
        typed = [
            st.text_input(f"Segment {number}", name, max_chars=60, key=f"{key}_name_{number}")
            for number, name in enumerate(result.segmentation.names, start=1)
        ]
        if st.form_submit_button("Use these names"):
            session().rename(result, tuple(typed))
            st.rerun()


def _map(result: Result, key: str) -> None:
    names = list(number_columns(result.dataset, result.segmentation))
    picked = st.multiselect(
        "Two or three columns",
        names,
        list(rank_columns_by_eta_squared(result)[:2]),
        max_selections=3,
        key=f"{key}_axes",
    )
    if len(picked) >= 2:
        st.plotly_chart(scatter(result, tuple(picked)), key=f"{key}_scatter")
    else:
        st.write("Pick two or three columns to see the customers on them.")
    if len(picked) >= 2 and result.n_placed > config.MAX_POINTS_SHOWN:
        st.write(
            f"About {config.MAX_POINTS_SHOWN:,} of {result.n_placed:,} customers are drawn, each segment in proportion."
        )
    st.subheader("Map of all customers")
    show_maps(result, key)


def _columns(result: Result, key: str) -> None:
    names = list(number_columns(result.dataset, result.segmentation))
    if not names:
        st.write("There is no column of numbers to draw.")
        return
    column = st.selectbox("Column", names, key=f"{key}_column")
    st.plotly_chart(histogram(result, column), key=f"{key}_histogram")
    with st.expander("The same for paper", icon=":material/print:"):
        picture = as_png(histogram_figure(result, column))
        st.image(picture, width=700, caption=f"Distribution of {safe_md(column)} by segment")
        st.download_button(
            "Download the picture",
            picture,
            "histogram.png",
            "image/png",
            on_click="ignore",
            key=f"{key}_picture",
        )


def _quality(result: Result, key: str) -> None:
    quality = result.segmentation.quality
    if quality is None:
        st.write("With fewer than two segments there is nothing to tell apart.")
        return
    _stability(result)
    _charts("Quality", result, key)
    estimated = f", estimated from {quality.silhouette_rows:,} customers" if quality.silhouette_se else ""
    rows = {
        "Mean silhouette": f"{quality.silhouette:.4f}{estimated}",
        "Within-cluster sum of squares (WCSS)": f"{quality.wcss:,.2f}",
        "Calinski-Harabasz (higher is better)": f"{quality.calinski_harabasz:,.1f}",
        "Davies-Bouldin (lower is better)": f"{quality.davies_bouldin:.4f}",
    }
    st.dataframe({"Measure": list(rows), "Value": list(rows.values())}, hide_index=True)


def _stability(result: Result) -> None:
    known = [profile for profile in result.profiles if profile.stability]
    if not known:
        return
    st.subheader("Can each segment be relied on?", help=messages.LIGHT_HELP)
    rows = [
        {
            "Segment": profile.name,
            "Reliability": _reliability(profile.stability.light, profile.size),
            messages.SUMMARY_WORDS["found_again"]: _percent(profile.stability.found),
            messages.SUMMARY_WORDS["jaccard"]: round(profile.stability.jaccard, 3),
        }
        for profile in known
        if profile.stability
    ]
    st.dataframe(rows, hide_index=True, width="stretch")


def _charts(tab: Tab, result: Result, key: str) -> None:
    for name, chart in CHARTS.items():
        if chart.tab != tab:
            continue
        figure = chart.draw(result)
        if not is_empty(figure):
            st.subheader(chart.title, help=chart.help or None)
            st.plotly_chart(figure, key=f"{key}_{name}", theme="streamlit")
        elif chart.nothing:
            st.subheader(chart.title)
            st.write(chart.nothing)
