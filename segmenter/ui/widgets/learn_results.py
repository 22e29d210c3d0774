"""What learning has found, and how networks learnt, epoch by epoch."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd
import streamlit as st

from segmenter.charts.learning import (
    accuracies,
    accuracy_curves,
    calibration_curve,
    confusion_map,
    dependence_lines,
    elbow_in_encoding,
    importance_bars,
    learning_curves,
    network_picture,
    questions_line,
)
from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.classifiers.network import NetworkClassifier
from segmenter.classification.interpretation import MinimalFeatures, PartialDependence
from segmenter.classification.leaderboard import Leaderboard, LeaderboardRow
from segmenter.classification.model import (
    HeldOut,
    Learned,
    SegmentModel,
    golden_verdict,
    held_out_verdict,
    is_hardly_better,
    leaderboard_verdict,
)
from segmenter.cluster.assigners import LatentCentres
from segmenter.display import percent_text
from segmenter.errors.base import SegmenterError
from segmenter.io.export import XLSX, check_code
from segmenter.io.export.learning import (
    event_files_zip,
    leaderboard_csv,
    learning_record,
    typing_tool,
    why_no_typing_tool,
)
from segmenter.io.model.classifiers import add_classifier
from segmenter.io.model.folder import MODELS_FOLDER
from segmenter.io.writing import json_text
from segmenter.networks.network import Curves, LearningCurve
from segmenter.segment.embed import encoded_elbow
from segmenter.segment.result import Result
from segmenter.ui.messages import safe_md
from segmenter.ui.pages import page_file
from segmenter.ui.state import session
from segmenter.ui.widgets.notes import in_per_cent, show_chart, show_error, show_notes
from segmenter.ui.widgets.text_fields import text_line


def places_of(classes: Sequence[str]) -> tuple[int, ...]:
    """Return the number of each class's colour: that of the segment of this name where there is one."""
    result = session().result.latest
    names = list(result.segmentation.names) if result is not None else []
    if set(classes) <= set(names):
        return tuple(names.index(name) for name in classes)
    return tuple(range(len(classes)))


COLUMN_HELP: Final = {
    "Accuracy": "Share of the customers classified correctly, with its standard error over the parts.",
    "Balanced accuracy": "The mean over the segments of the share found again: small segments count as much as large.",
    "Macro F1": "The mean over the segments of F1, the harmonic mean of precision and recall.",
    "Log loss": "How surprised the answers are by the truth: 0 is perfect, and being sure and wrong costs most.",
    "Seconds": "Of one processor, for all parts together.",
    "Behind the first": "Difference in accuracy, and whether it is more than noise (corrected resampled t-test).",
}
ALL_ON_THE_SAME: Final = (
    "All were tried on the same parts of the customers, each told by what was learnt from the others. Behind ±: the "
    "standard error over the parts."
)

Row = dict[str, str | float]


def show_board(learned: Learned, key: str) -> None:
    """Draw who tells the segments best, and whether the lead is more than noise."""
    board = learned.leaderboard
    if board is None:
        return
    st.write(f"**{safe_md(leaderboard_verdict(board), 900)}**")
    if learned.tuning and learned.choice:
        st.write(
            safe_md(f"Kept: {learned.tuning.standing.title.removesuffix(', tuned')}: {learned.choice.reason}.", 600)
        )
    show_chart(accuracies(board), key=f"{key}_accuracies")
    rows = board_rows(board)
    if learned.tuning:
        rows.insert(len(rows) - 1, _row(learned.tuning.standing, ""))
    show_rows(rows)
    st.caption(ALL_ON_THE_SAME)


def show_rows(rows: Sequence[Row]) -> None:
    """Draw rows of the leaderboard as a table."""
    config = {name: st.column_config.Column(help=text) for name, text in COLUMN_HELP.items()}
    st.dataframe(list(rows), hide_index=True, width="stretch", column_config=config)


def board_rows(board: Leaderboard) -> list[Row]:
    """Return one row per classifier tried so far, the most accurate first, and the base rate."""
    behind = {lead.other: _behind(lead.ahead, real=lead.more_than_noise) for lead in board.leads}
    rows = [_row(row, behind.get(row.classifier, "")) for row in board.rows]
    return [*rows, _row(board.base, behind.get(board.base.classifier, ""))]


def _row(row: LeaderboardRow, behind: str) -> Row:
    return {
        "Classifier": row.title,
        "Accuracy": _percent(row, "accuracy"),
        "Balanced accuracy": _percent(row, "balanced_accuracy"),
        "Macro F1": f"{row.mean('macro_f1'):.3f} ± {row.se('macro_f1'):.3f}",
        "Log loss": f"{row.mean('log_loss'):.3f} ± {row.se('log_loss'):.3f}",
        "Seconds": round(row.seconds, 2),
        "Behind the first": behind,
    }


def _percent(row: LeaderboardRow, measure: str) -> str:
    return f"{percent_text(row.mean(measure), 1)} ± {percent_text(row.se(measure), 1)}"


def _behind(ahead: float, *, real: bool) -> str:
    return f"{percent_text(ahead, 1)}, {'more than noise' if real else 'no more than noise'}"


HELD_OUT_HELP: Final = "Share classified correctly of the customers who were set aside before anything was looked at."
BASE_HELP: Final = "What always naming the largest segment would get right of them."
BALANCED_HELP: Final = (
    "The mean over the segments of the share found again: small segments count as much as large ones."
)
CALIBRATION: Final = (
    "How far probabilities can be believed: of the answers that were 60 % sure, 60 % should be right. Below the dotted "
    "line, answers are surer than they should be."
)
IMPORTANCE: Final = (
    "How much accuracy is lost on the held-out customers when a column's values are dealt out anew among them, with "
    "its standard error (permutation importance, Breiman 2001). Columns that say the same share what they are worth."
)
DEPENDENCE: Final = (
    "The mean answer if every customer had the same value in one column, all else as it is (partial dependence, "
    "Friedman 2001)."
)
GOLDEN: Final = (
    "The smallest set of questions found that keeps at least 95 % of the accuracy: enough for a short survey or a form "
    "at the till."
)

YES_AND_NO: Final = 2


def show_learned(learned: Learned, key: str) -> None:
    """Draw everything that learning found, the sum of it first."""
    _facts(learned)
    # What gives the answer away is said above, beside the columns.
    leaks = {leak.column for leak in learned.leaks}
    show_notes(note for note in learned.notes if note.column not in leaks)
    curve = learned.curve
    titles = [
        "Leaderboard",
        "Held-out check",
        "What it listens to",
        "Golden questions",
        *(["Training"] if curve else []),
    ]
    board, held_out, listens, golden, *training = st.tabs(titles, key=f"{key}_tabs")
    with board:
        show_board(learned, key)
    with held_out:
        if learned.held_out:
            _held_out(learned.held_out, learned.classes, key)
    with listens:
        _listens(learned, key)
    with golden:
        if learned.golden and learned.held_out:
            _golden(learned.golden, learned.held_out, key)
    if curve:
        with training[0]:
            show_curve(curve, key)
            if learned.model is not None and isinstance(learned.model.learner, NetworkClassifier):
                stack = learned.model.learner.stack_
                widths = [stack.n_in, *(len(layer.bias) for layer in stack.layers)]
                hidden = (f"layer {number}" for number in range(1, len(widths) - 1))
                names = ["your columns", *hidden, "segments"]
                show_network(list(zip(names, widths, strict=True)), key)


def _facts(learned: Learned) -> None:
    held_out, golden, choice = learned.held_out, learned.golden, learned.choice
    if held_out is None or golden is None or choice is None:
        return
    words = f"**Kept: {CLASSIFIERS[choice.classifier].title}.** {safe_md(held_out_verdict(held_out), 600)}"
    hardly = is_hardly_better(held_out.scores.accuracy, held_out.base_rate, held_out.n_customers)
    if hardly:
        st.warning(words, icon=":material/warning:")
    else:
        st.success(words, icon=":material/school:")
    first, second, third, fourth = st.columns(4)
    first.metric("Right, held out", percent_text(held_out.scores.accuracy, 1), help=HELD_OUT_HELP)
    second.metric("Always the largest", percent_text(held_out.base_rate, 1), help=BASE_HELP)
    third.metric("Balanced accuracy", percent_text(held_out.scores.balanced_accuracy, 1), help=BALANCED_HELP)
    asked = "none" if hardly else f"{len(golden.columns)} of {len(learned.recipe.features)}"
    fourth.metric("Golden questions", asked, help=GOLDEN)


def _held_out(held_out: HeldOut, classes: tuple[str, ...], key: str) -> None:
    st.write(safe_md(held_out_verdict(held_out), 600))
    left, right = st.columns(2)
    with left:
        st.subheader("Who is taken for whom")
        show_chart(confusion_map(held_out.confusion, classes), key=f"{key}_confusion")
    with right:
        st.subheader("Can the probabilities be believed?", help=CALIBRATION)
        show_chart(calibration_curve(held_out.calibration), key=f"{key}_calibration")
    st.write(
        f"On average the answers are {percent_text(held_out.calibration.error, 1)} too sure or not sure enough "
        "(expected "
        f"calibration error). Log loss {held_out.scores.log_loss:.3f}, macro F1 {held_out.scores.macro_f1:.3f}."
    )
    st.subheader("Segment by segment")
    rows = [
        {
            "Segment": name,
            "Precision": row.precision,
            "Recall": row.recall,
            "F1": round(row.f1, 3),
            "Customers": row.support,
        }
        for name, row in zip(classes, held_out.report, strict=True)
    ]
    table, config = in_per_cent(pd.DataFrame(rows), ["Precision", "Recall"], decimals=1)
    st.dataframe(table, hide_index=True, width="stretch", column_config=config)
    st.caption(
        "Precision: of those told this segment, how many belong there. Recall: of those who do, how many are told."
    )
    with st.expander("The charts in numbers", icon=":material/table:"):
        told = {f"told {name}": held_out.confusion[:, code] for code, name in enumerate(classes)}
        st.dataframe({"True": list(classes), **told}, hide_index=True, width="stretch")
        sure = held_out.calibration
        points = pd.DataFrame({"Mean sureness": sure.said, "Share right": sure.true, "Customers": sure.count})
        table, config = in_per_cent(points, ["Mean sureness", "Share right"], decimals=1)
        st.dataframe(table, hide_index=True, width="stretch", column_config=config)


def _listens(learned: Learned, key: str) -> None:
    st.subheader("Which columns matter", help=IMPORTANCE)
    show_chart(importance_bars(learned.importances), key=f"{key}_importances")
    with st.expander("The chart in numbers", icon=":material/table:"):
        rows = [{"Column": each.column, "Accuracy lost": each.loss, "±": each.se} for each in learned.importances]
        table, config = in_per_cent(pd.DataFrame(rows), ["Accuracy lost", "±"], decimals=1)
        st.dataframe(table, hide_index=True, width="stretch", column_config=config)
    st.subheader("What they do", help=DEPENDENCE)
    places = places_of(learned.classes)
    drawn = [_in_words(dependence, learned) for dependence in learned.dependences]
    for first in range(0, len(drawn), 2):
        for place, dependence in zip(st.columns(2), drawn[first : first + 2], strict=False):
            with place:
                chart = dependence_lines(dependence, learned.classes, places)
                show_chart(chart, key=f"{key}_dependence_{dependence.column}")
    with st.expander("The charts in numbers", icon=":material/table:"):
        for dependence in drawn:
            st.dataframe(_table(dependence, learned.classes), hide_index=True, width="stretch")


def _in_words(dependence: PartialDependence, learned: Learned) -> PartialDependence:
    """Return the effect of a column of yes and no under the file's own words in place of 0 and 1."""
    fields = learned.model.fields if learned.model else ()
    words = next((each.choices for each in fields if each.column == dependence.column), ())
    if len(words) != YES_AND_NO or not set(dependence.numbers) <= {0.0, 1.0} or not dependence.numbers:
        return dependence
    return replace(dependence, values=tuple(words[int(number)] for number in dependence.numbers), numbers=())


def _table(dependence: PartialDependence, classes: tuple[str, ...]) -> list[dict[str, str]]:
    return [
        {
            dependence.column: value,
            **{name: percent_text(share, 1) for name, share in zip(classes, shares, strict=True)},
        }
        for value, shares in zip(dependence.values, dependence.probability, strict=True)
    ]


def _golden(golden: MinimalFeatures, held_out: HeldOut, key: str) -> None:
    st.write(GOLDEN)
    st.write(f"**{safe_md(golden_verdict(golden, held_out), 900)}**")
    show_chart(questions_line(golden), key=f"{key}_golden")
    rows = [
        {"Question": step.column, "Accuracy with it": step.accuracy, "Kept": step.column in golden.columns}
        for step in golden.steps
    ]
    table, config = in_per_cent(pd.DataFrame(rows), ["Accuracy with it"], decimals=1)
    st.dataframe(table, hide_index=True, width="stretch", column_config=config)


STAYS_HERE: Final = (
    "Classifiers stay on this server. They are opened only here, in a limited process of their own and after their "
    "hash was found in the manifest, and are never taken from an upload."
)
LISTED: Final = "A saved classifier is listed on the page “Place with a classifier” for everyone who uses this server."
PRINTS: Final = (
    "It holds no identifier, only salted fingerprints of them, so that it can say which customers it was learnt from."
)
KEEPS_ROWS: Final = (
    "{} answers by looking at the customers that it was learnt from: their prepared values are part of the file. Save "
    "another one where that must not be."
)
PLACE: Final = page_file("place")


def show_keeping(learned: Learned, key: str) -> None:
    """Draw the ways on: place customers, save on this server, download the record."""
    st.subheader("Use it")
    st.page_link(PLACE, label="Place new customers with it", icon=":material/person_search:")
    if learned.model is not None:
        _save(learned.model, key)
    _downloads(learned)


def _save(model: SegmentModel, key: str) -> None:
    st.write(f"{STAYS_HERE} {LISTED} {PRINTS if model.identities.column else ''}".strip())
    if CLASSIFIERS[model.classifier].keeps_rows:
        st.warning(KEEPS_ROWS.format(model.title), icon=":material/warning:")
    name = text_line("Name of the classifier", most=80, key=f"{key}_name")
    if st.button("Save on this server", key=f"{key}_save", icon=":material/save:", disabled=not name.strip()):
        try:
            saved = add_classifier(MODELS_FOLDER, model, name.strip())
        except SegmenterError as error:
            show_error(error)
            return
        st.success(f"Saved as {safe_md(saved.title)} ({safe_md(saved.file)}).", icon=":material/check_circle:")


def _downloads(learned: Learned) -> None:
    if learned.leaderboard is None:
        return
    record = json_text(learning_record(learned)).encode()
    with st.container(horizontal=True):
        _download("Leaderboard (CSV)", "leaderboard.csv", leaderboard_csv(learned.leaderboard), "text/csv")
        _download("Everything found (JSON)", "learned.json", record, "application/json")
        if (curve := learned.curve) is not None:
            _download("Learning curve (TensorBoard)", "tensorboard.zip", event_files_zip(curve), "application/zip")
        why = why_no_typing_tool(learned.model) if learned.model is not None else ""
        if learned.model is not None and not why:
            _download("Typing tool (Excel)", "typing_tool.xlsx", typing_tool(learned.model), XLSX)
    if why:
        st.write(safe_md(why, 400))


def _download(label: str, name: str, content: bytes, mime: str) -> None:
    stem, _, suffix = name.partition(".")
    file = f"{stem}_{check_code(content)}_{session().downloads.nonce}.{suffix}"
    st.download_button(
        label, content, file, mime, on_click="ignore", key=f"learn_{stem}_download", icon=":material/download:"
    )


INTRO: Final = (
    "After each epoch, a pass over the customers that it learns from, the network is tried on customers held out "
    "(validation). Where that loss is lowest, its weights are kept; a validation line that rises while the training "
    "line falls means that it learns by heart. With dropout, the training line may well be the higher one."
)
ELBOW_HELP: Final = (
    "Within-cluster sum of squares of K-Means for 1 to 10 segments, in the encoding and in your columns."
)
ELBOW_CAUTION: Final = (
    "The network was trained to make its encoding compact, so its curve often lies lower, also where there are no "
    "groups. The curve in your columns is the one to go by."
)
NOT_THE_SEGMENTS: Final = (
    "These losses say how well the network gives back what it was told of a customer, not how well the segments "
    "stand apart. The Quality tab measures that on your own columns, for every method in the same way."
)
# Of the networks that learn one after the other, as many are seen as usually learn side by side.
MOST_AT_ONCE: Final = 5


def draw_curves(curves: Curves, key: str) -> None:
    """Draw how networks are learning; of many, the newest few. Draws nothing where none has learnt an epoch yet."""
    if not curves:
        return
    shown = curves[-MOST_AT_ONCE:]
    show_chart(learning_curves(shown), key=f"{key}_curves", theme="streamlit")
    if len(curves) > 1:
        of_them = f"; the newest {len(shown)} are drawn" if len(curves) > len(shown) else ""
        st.caption(f"{len(curves)} networks so far, of other customers or with another seed{of_them}.")


def show(result: Result, key: str) -> None:
    """Draw how the network behind a result learnt, and say what became of it."""
    curve = result.segmentation.clusterer.details_
    if isinstance(curve, LearningCurve):
        show_curve(curve, key)
        st.caption(NOT_THE_SEGMENTS)
        rule = result.segmentation.clusterer.placement_
        if isinstance(rule, LatentCentres):
            widths = [rule.encoder.n_in, *(len(layer.bias) for layer in rule.encoder.layers)]
            names = ["your columns", *(f"layer {number}" for number in range(1, len(widths) - 1)), "encoding"]
            back = [("back again", width) for width in reversed(widths[1:-1])]
            show_network([*zip(names, widths, strict=True), *back, ("your columns", widths[0])], key)
            if st.toggle("Elbow in the encoding", key=f"{key}_elbow", help=ELBOW_HELP):
                show_chart(elbow_in_encoding(encoded_elbow(result)), key=f"{key}_elbow_chart", theme="streamlit")
                st.caption(ELBOW_CAUTION)


def show_network(layers: Sequence[tuple[str, int]], key: str) -> None:
    """Draw a network's layers, folded away."""
    with st.expander("What the network looks like", icon=":material/hub:"):
        show_chart(network_picture(layers), key=f"{key}_network")


def show_curve(curve: LearningCurve, key: str) -> None:
    """Draw a finished network's losses with their table; does nothing for a network that learnt no epoch."""
    if not curve.n_epochs:
        return
    st.write(INTRO)
    st.write(outcome(curve))
    show_chart(learning_curves((curve,)), key=f"{key}_curves", theme="streamlit")
    if curve.training_accuracy:
        show_chart(accuracy_curves((curve,)), key=f"{key}_accuracy", theme="streamlit")
    with st.expander("The numbers of the chart", icon=":material/table:"):
        st.dataframe(_epochs_table(curve), hide_index=True, width="stretch", key=f"{key}_epochs")


def outcome(curve: LearningCurve) -> str:
    """Return in a sentence or two when learning stopped and what was kept."""
    kept = (
        f"It learned for {curve.n_epochs:,} epochs. The weights of epoch {curve.best_epoch:,} were kept: "
        f"{curve.measured} {curve.best_loss:.4g} on the customers held out, {curve.training[curve.best_epoch - 1]:.4g} "
        "while learning."
    )
    if curve.best_epoch == curve.n_epochs:
        return f"{kept} It was still getting better: more epochs may help."
    return kept


def _epochs_table(curve: LearningCurve) -> dict[str, list[float]]:
    right = (
        {"Accuracy, training": list(curve.training_accuracy), "Accuracy, validation": list(curve.validation_accuracy)}
        if curve.training_accuracy
        else {}
    )
    return {
        "Epoch": list(range(1, curve.n_epochs + 1)),
        "Training": list(curve.training),
        "Validation": list(curve.validation),
        **right,
        "Learning rate": list(curve.rates),
    }
