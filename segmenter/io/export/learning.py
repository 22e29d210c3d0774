"""What was learnt, customers with the segments that a classifier predicted, and the workbook that places people.

Three sheets: People takes the answers and shows the segment, Working prepares each answer as the model does, Model
holds the numbers. Whoever opens it needs no other program, and nobody's data is in it.
"""

import io
import struct
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
import xlsxwriter
from sklearn.linear_model import LogisticRegression
from xlsxwriter.utility import xl_col_to_name, xl_range_abs

from segmenter.classification.interpretation import MinimalFeatures
from segmenter.classification.leaderboard import Leaderboard, LeaderboardRow, PairwiseTest, Tuning
from segmenter.classification.model import HeldOut, Learned, SegmentModel, is_hardly_better, leaderboard_verdict
from segmenter.classification.predict import Classified
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.assigners import NearestCentre
from segmenter.errors.forming import InvalidSettingError
from segmenter.io.export.csv import to_csv
from segmenter.io.export.own_columns import OwnColumns, quoted, yes_or_no
from segmenter.io.export.run import versions
from segmenter.io.writing import json_text
from segmenter.networks.network import LearningCurve
from segmenter.prepare.coerce import DAYS_PER_YEAR, WEEKS_PER_YEAR
from segmenter.prepare.encoders import CategoryColumn, CycleColumn, NumberColumn, is_date
from segmenter.prepare.formulas import dates_of
from segmenter.prepare.preparation import Preparation
from segmenter.recipe.recipe import DateUse, Missing, Transform
from segmenter.segment.assign import columns_needed
from segmenter.segment.segmentation import Segmentation
from segmenter.typing import FloatArray


def learning_record(learned: Learned) -> dict[str, object]:
    """Return everything that learning found as plain values."""
    board, choice = learned.leaderboard, learned.choice
    return {
        "target": learned.recipe.target,
        "classes": list(learned.classes),
        "customers": {
            "known": learned.n_known,
            "unlabelled": learned.n_unlabelled,
            "incomplete": learned.n_incomplete,
            "different": learned.n_customers,
            "repeated_identifiers": learned.n_repeated,
            "near_copies": learned.n_copies,
        },
        "columns": [spec.column for spec in learned.recipe.features],
        "base_rate": board.base.accuracy if board else None,
        "leaderboard": leaderboard_rows(board) if board else [],
        "verdict": leaderboard_verdict(board) if board else "",
        "tuning": _tuning(learned.tuning) if learned.tuning else None,
        "held_out": _held_out(learned, learned.held_out) if learned.held_out else None,
        "chosen": choice.classifier if choice else None,
        "settings": dict(choice.settings) if choice else {},
        "reason": choice.reason if choice else "",
        "importances": [{"column": each.column, "loss": each.loss, "se": each.se} for each in learned.importances],
        "golden_questions": _golden(learned.golden) if learned.golden else None,
        "leaks": [{"column": leak.column, "share": leak.share, "reason": leak.reason} for leak in learned.leaks],
        "notes": [note.text for note in learned.notes],
    }


def leaderboard_rows(board: Leaderboard) -> list[dict[str, object]]:
    """Return one row per classifier, the most accurate first; means over the folds with standard errors."""
    leads = {lead.other: lead for lead in board.leads}
    return [_row(row, leads.get(row.classifier)) for row in board.rows]


def leaderboard_csv(board: Leaderboard) -> bytes:
    """Return the leaderboard as CSV."""
    return to_csv(pd.DataFrame(leaderboard_rows(board)))


def _row(row: LeaderboardRow, lead: PairwiseTest | None) -> dict[str, object]:
    measures = ("accuracy", "macro_f1", "log_loss", "balanced_accuracy")
    means = {name: row.mean(name) for name in measures}
    errors = {f"{name}_se": row.se(name) for name in measures}
    return {
        "classifier": row.classifier,
        "accuracy": means["accuracy"],
        "accuracy_se": errors["accuracy_se"],
        "macro_f1": means["macro_f1"],
        "log_loss": means["log_loss"],
        "seconds": row.seconds,
        "title": row.title,
        "balanced_accuracy": means["balanced_accuracy"],
        **{name: value for name, value in errors.items() if name != "accuracy_se"},
        "behind_first": lead.ahead if lead else 0.0,
        "behind_first_p": lead.p if lead else None,
        "more_than_noise": lead.more_than_noise if lead else None,
    }


def _tuning(tuning: Tuning) -> dict[str, object]:
    return {
        "classifier": tuning.standing.classifier,
        "settings": dict(tuning.settings),
        "accuracy": tuning.standing.accuracy,
        "accuracy_se": tuning.standing.accuracy_se,
        "log_loss": tuning.standing.mean("log_loss"),
        "seconds": tuning.standing.seconds,
        "kept": tuning.better,
        "tried": [{"settings": dict(each.settings), "log_loss": each.log_loss} for each in tuning.candidates],
    }


def _held_out(learned: Learned, held_out: HeldOut) -> dict[str, object]:
    scores = held_out.scores
    return {
        "customers": held_out.n_customers,
        "base_rate": held_out.base_rate,
        "accuracy": scores.accuracy,
        "hardly_better": bool(is_hardly_better(scores.accuracy, held_out.base_rate, held_out.n_customers)),
        "balanced_accuracy": scores.balanced_accuracy,
        "macro_f1": scores.macro_f1,
        "log_loss": scores.log_loss,
        "calibration_error": held_out.calibration.error,
        "confusion": held_out.confusion.tolist(),
        "classes": [
            {"segment": name, "precision": row.precision, "recall": row.recall, "f1": row.f1, "support": row.support}
            for name, row in zip(learned.classes, held_out.report, strict=True)
        ],
    }


def _golden(golden: MinimalFeatures) -> dict[str, object]:
    return {
        "columns": list(golden.columns),
        "share_kept": golden.share_kept,
        "accuracy": golden.accuracy,
        "accuracy_all": golden.accuracy_all,
        "held_out": golden.held_out,
        "held_out_all": golden.held_out_all,
        "steps": [{"column": step.column, "accuracy": step.accuracy} for step in golden.steps],
    }


def classified_csv(classified: Classified) -> bytes:
    """Return every customer of the file with segment, probability and runner-up."""
    return to_csv(classified.labelled())


def plain_csv(classified: Classified) -> bytes:
    """Return two columns: the customer and its segment."""
    return to_csv(classified.plain())


def classified_json(classified: Classified) -> bytes:
    """Return the record of the run as JSON."""
    return json_text(classified_record(classified)).encode()


def classified_record(classified: Classified) -> dict[str, object]:
    """Return the record of the run as plain values."""
    model, n_customers = classified.model, classified.dataset.n_customers
    n_placed = int(classified.placed.sum())
    return {
        "command": "classify",
        "file": classified.dataset.name,
        "fingerprint": classified.dataset.fingerprint,
        "trained_on": model.trained_on,
        "classifier": model.classifier,
        "target": model.recipe.target,
        "held_out_accuracy": model.held_out.accuracy,
        "rows": {"read": n_customers, "placed": n_placed, "not_placed": n_customers - n_placed},
        "segments": [{"segment": name, "size": size} for name, size in classified.counts().items()],
        "used_for_learning": int(classified.learnt_from.sum()),
        "used_for_learning_share": float(classified.learnt_from.mean()) if n_customers else 0.0,
        "matched": dict(classified.matched),
        "unused": list(classified.unused),
        "versions": versions(),
        "questions": [note.text for note in classified.questions],
        "notes": [note.text for note in classified.notes],
    }


_POLYNOMIAL: Final = 0x82F63B78
_MASK: Final = 0xA282EAD8
# Zip files begin in 1980; the same curve gives the same bytes on every day.
_DAY: Final = (1980, 1, 1, 0, 0, 0)


def _table() -> tuple[int, ...]:
    found = []
    for start in range(256):
        value = start
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        found.append(value)
    return tuple(found)


_CRC: Final = _table()


def crc32c(content: bytes) -> int:
    """Return the CRC-32C (Castagnoli) of some bytes."""
    value = 0xFFFFFFFF
    for byte in content:
        value = _CRC[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ 0xFFFFFFFF


def event_file(series: Mapping[str, Sequence[float]]) -> bytes:
    """Return an event file of numbers per epoch.

    Parameters
    ----------
    series
        Tag, such as "loss", to its value after each epoch from 1 on.
    """
    return b"".join(_record(event) for event in _events(series))


def event_files_zip(curve: LearningCurve) -> bytes:
    """Return a folder for `tensorboard --logdir`: training and validation as two runs, so that they share charts."""
    runs = {
        "training": {"loss": curve.training, "accuracy": curve.training_accuracy, "learning_rate": curve.rates},
        "validation": {"loss": curve.validation, "accuracy": curve.validation_accuracy},
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, series in runs.items():
            known = {tag: values for tag, values in series.items() if values}
            file = zipfile.ZipInfo(f"{name}/events.out.tfevents.0000000000.segmenter", _DAY)
            folder.writestr(file, event_file(known), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _events(series: Mapping[str, Sequence[float]]) -> Iterator[bytes]:
    yield _double(1, 0.0) + _bytes(3, b"brain.Event:2")
    for tag, values in series.items():
        for epoch, value in enumerate(values, start=1):
            scalar = _bytes(1, tag.encode()) + _key(2, 5) + struct.pack("<f", value)
            yield _double(1, float(epoch)) + _key(2, 0) + _varint(epoch) + _bytes(5, _bytes(1, scalar))


def _record(event: bytes) -> bytes:
    length = struct.pack("<Q", len(event))
    return length + _masked(length) + event + _masked(event)


def _masked(content: bytes) -> bytes:
    value = crc32c(content)
    return struct.pack("<I", (((value >> 15) | (value << 17)) + _MASK) & 0xFFFFFFFF)


def _key(field: int, wire: int) -> bytes:
    return _varint(field << 3 | wire)


def _double(field: int, value: float) -> bytes:
    return _key(field, 1) + struct.pack("<d", value)


def _bytes(field: int, value: bytes) -> bytes:
    return _key(field, 2) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


PEOPLE: Final = 200
# The first rows of each sheet are its heading.
_FIRST_ROW: Final = 1
# Dates of spreadsheets count days from here (for every day after February 1900).
_DAY_ZERO: Final = datetime(1899, 12, 30)
_SHORTENED: Final = "The workbook holds formulas for at most {} prepared columns; this model has {}. Use fewer columns."
MOST_COLUMNS: Final = 400
_LIMIT_OF_A_FORMULA: Final = 8_000


@dataclass(frozen=True, eq=False)
class _Scores:
    """What decides the segment: a number per segment from the prepared columns, the largest wins.

    Attributes
    ----------
    names
        Of the segments.
    numbers
        Shape (n_segments, n_prepared): centres, or coefficients.
    constants
        Shape (n_segments,): intercepts; None where `numbers` are centres and the nearest wins.
    """

    names: tuple[str, ...]
    numbers: FloatArray
    constants: FloatArray | None


def has_typing_tool(model: Segmentation | SegmentModel) -> bool:
    """Whether a model's rule is one that formulas can follow."""
    return not why_no_typing_tool(model)


def why_no_typing_tool(model: Segmentation | SegmentModel) -> str:
    """Return why formulas cannot place people as a model does and what to do about it; empty where they can.

    Parameters
    ----------
    model
        Formed segments, or known segments that were learnt.
    """
    if _scores(model) is not None:
        return _why_not(model)
    if isinstance(model, Segmentation):
        method = ALGORITHMS[model.recipe.algorithm].title
        return (
            f"There is no typing tool: formulas follow the nearest centre, and {method} places customers otherwise. "
            "Form the segments with K-Means of the columns themselves, or learn these segments by logistic regression."
        )
    return (
        f"There is no typing tool: formulas follow logistic regression, and {model.title} was kept. To get one, keep "
        "logistic regression (on the screen under “How it is learnt and checked”, or --classifier "
        "logistic-regression)."
    )


def typing_tool(model: Segmentation | SegmentModel, n_people: int = PEOPLE) -> bytes:
    """Return a workbook that places people by formulas.

    Parameters
    ----------
    model
        Segments whose rule is the nearest centre, or known segments learnt by logistic regression.
    n_people
        For how many rows there are formulas.

    Raises
    ------
    InvalidSettingError
        If the model's rule, or how it fills missing values, is none that formulas can follow.
    """
    scores = _scores(model)
    why = why_no_typing_tool(model)
    if why or scores is None:
        raise InvalidSettingError(why)
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False}) as book:
        # The same bytes for the same model.
        book.set_properties({"created": datetime(2000, 1, 1)})
        _Book(book, model, scores, n_people).write()
    return content.getvalue()


def _scores(model: Segmentation | SegmentModel) -> _Scores | None:
    if isinstance(model, Segmentation):
        rule = model.clusterer.placement_
        return _Scores(tuple(model.names), rule.centres, None) if type(rule) is NearestCentre else None
    learner = getattr(model.learner, "learner_", model.learner)
    if not isinstance(learner, LogisticRegression):
        return None
    numbers, constants = learner.coef_, learner.intercept_
    if len(numbers) == 1:
        # Of two classes only the second has numbers of its own.
        numbers, constants = np.vstack([np.zeros_like(numbers), numbers]), np.append(0.0, constants)
    return _Scores(model.classes, numbers, constants)


def _why_not(model: Segmentation | SegmentModel) -> str:
    preparation = model.preparation
    neighbours = [each.column for each in preparation.columns_ if each.missing is Missing.KNN]
    if neighbours:
        return (
            f"Missing values of {neighbours[0]} are filled from the most similar customers, who are not in a workbook. "
            "Fill them with the median instead."
        )
    n_prepared = sum(len(each.names) for each in preparation.columns_)
    if n_prepared > MOST_COLUMNS:
        return _SHORTENED.format(MOST_COLUMNS, n_prepared)
    try:
        _own_cells(preparation, OwnColumns(dict(model.recipe.formulas), str, str))
    except InvalidSettingError as error:
        return str(error)
    return ""


def _own_cells(preparation: Preparation, own: OwnColumns) -> dict[str, str]:
    """Return the cell of each column of the model that it works out itself."""
    return {
        each.column: own.column(each.column, words=bool(_choices(each)))
        for each in preparation.columns_
        if each.column in own.formulas
    }


class _Book:
    def __init__(
        self,
        book: Any,  # noqa: ANN401
        model: Segmentation | SegmentModel,
        scores: _Scores,
        n_people: int,
    ) -> None:
        preparation = model.preparation
        self._preparation, self._formulas = preparation, dict(model.recipe.formulas)
        self._book, self._columns, self._scores, self._n_people = book, preparation.columns_, scores, n_people
        # A date may be used twice; it is asked for once. What is worked out is not asked for, but what it is made of.
        asked = columns_needed([each.column for each in self._columns], model.recipe.formulas)
        self._asked = {name: place for place, name in enumerate(asked)}
        self._order = {name: place for place, name in enumerate(preparation.get_feature_names_out())}
        self._people = book.add_worksheet("People")
        self._working = book.add_worksheet("Working")
        self._model = book.add_worksheet("Model")
        self._bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._answer = book.add_format({"bold": True, "bg_color": "#e8f0f4"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})

    def write(self) -> None:
        self._write_model()
        self._write_heads()
        for row in range(_FIRST_ROW, _FIRST_ROW + self._n_people):
            self._write_person(row)
        self._people.freeze_panes(_FIRST_ROW, 0)
        self._working.freeze_panes(_FIRST_ROW, 0)
        self._people.activate()

    def _write_model(self) -> None:
        self._model.write_string(0, 0, "segment", self._bold)
        self._model.write_string(0, 1, "constant", self._bold)
        for name, place in self._order.items():
            self._model.write_string(0, 2 + place, name[:200], self._bold)
        for number, name in enumerate(self._scores.names, start=1):
            self._model.write_string(number, 0, name)
            constants = self._scores.constants
            self._model.write_number(number, 1, 0.0 if constants is None else float(constants[number - 1]))
            for place, value in enumerate(self._scores.numbers[number - 1].tolist()):
                self._model.write_number(number, 2 + place, value)

    def _write_heads(self) -> None:
        dates = {name for formula in self._formulas.values() for name in dates_of(formula)}
        for name, place in self._asked.items():
            self._people.write_string(0, place, name, self._bold)
            self._people.set_column(place, place, 16, self._day if name in dates else None)
        for fitted in self._columns:
            if fitted.column not in self._asked:
                continue
            place = self._asked[fitted.column]
            self._people.set_column(place, place, 16, self._day if is_date(fitted) else None)
            if words := _choices(fitted):
                listed = {"validate": "list", "source": words, "ignore_blank": True}
                # Excel takes lists of at most 255 letters; then whoever fills it in types the word.
                if len(",".join(words)) <= 255 and not any("," in word for word in words):
                    self._people.data_validation(_FIRST_ROW, place, _FIRST_ROW + self._n_people - 1, place, listed)
        after = len(self._asked)
        heads = ("segment", "segment_name", "distance" if self._scores.constants is None else "probability", "reason")
        for place, head in enumerate(heads, start=after):
            self._people.write_string(0, place, head, self._bold)
        self._people.set_column(after + 1, after + 1, 28)
        self._people.set_column(after + 3, after + 3, 40)
        for name, place in self._order.items():
            self._working.write_string(0, place, name[:200], self._bold)
        for number, name in enumerate(self._scores.names):
            self._working.write_string(0, len(self._order) + number, name, self._bold)

    def _write_person(self, row: int) -> None:
        reasons = []
        after = len(self._order) + len(self._scores.names)
        own = OwnColumns(
            self._formulas,
            lambda name: f"People!${xl_col_to_name(self._asked[name])}{row + 1}",
            lambda number: f"Working!${xl_col_to_name(after + number)}{row + 1}",
        )
        cells = _own_cells(self._preparation, own)
        for number, formula in enumerate(own.cells):
            self._working.write_formula(row, after + number, f"={formula}")
        for fitted in self._columns:
            cell = cells.get(fitted.column) or f"People!${xl_col_to_name(self._asked[fitted.column])}{row + 1}"
            for name, formula in zip(fitted.names, _prepared(fitted, cell), strict=True):
                self._working.write_formula(row, self._order[name], f"={formula}")
            if fitted.missing is Missing.DROP:
                reasons.append(f'IF({_is_gap(fitted, cell)},"; "&{quoted(fitted.column + " is missing")},"")')
        prepared = f"Working!{_across(row, 0, len(self._order))}"
        for number in range(len(self._scores.names)):
            numbers = f"Model!{xl_range_abs(number + 1, 2, number + 1, 1 + len(self._order))}"
            score = f"SUMPRODUCT({prepared},{numbers})+Model!$B${number + 2}"
            if self._scores.constants is None:
                # The largest wins, so a distance counts as its negative.
                score = f"-SQRT(SUMXMY2({prepared},{numbers}))"
            self._working.write_formula(row, len(self._order) + number, f"={score}")
        self._write_answer(row, reasons)

    def _write_answer(self, row: int, reasons: Sequence[str]) -> None:
        first = len(self._asked)
        own = f"Working!{_across(row, len(self._order), len(self._scores.names))}"
        answers = _across(row, 0, first)
        empty = f"COUNTA({answers})=0"
        reason = f"${xl_col_to_name(first + 3)}{row + 1}"
        nobody = f'OR({empty},{reason}<>"")'
        segment = f"${xl_col_to_name(first)}{row + 1}"
        sure = f"-MAX({own})" if self._scores.constants is None else f"1/SUMPRODUCT(EXP({own}-MAX({own})))"
        names = f"Model!$A$2:$A${len(self._scores.names) + 1}"
        self._people.write_formula(row, first, f'=IF({nobody},"",MATCH(MAX({own}),{own},0))', self._answer, "")
        self._people.write_formula(row, first + 1, f'=IF({segment}="","",INDEX({names},{segment}))', self._answer, "")
        self._people.write_formula(row, first + 2, f'=IF({segment}="","",{sure})', None, "")
        why = f"MID({'&'.join(reasons)},3,500)" if reasons else '""'
        self._people.write_formula(row, first + 3, f'=IF({empty},"",{why})', None, "")


def _across(row: int, first: int, count: int) -> str:
    return f"${xl_col_to_name(first)}{row + 1}:${xl_col_to_name(first + count - 1)}{row + 1}"


def _choices(fitted: NumberColumn | CycleColumn | CategoryColumn) -> list[str]:
    if isinstance(fitted, CategoryColumn):
        return list(fitted.categories)
    return list(fitted.levels) if isinstance(fitted, NumberColumn) else []


def _prepared(fitted: NumberColumn | CycleColumn | CategoryColumn, cell: str) -> list[str]:
    """Return the formula of each prepared column of one answer."""
    if isinstance(fitted, NumberColumn):
        formulas = [_scaled(fitted, cell)]
    elif isinstance(fitted, CycleColumn):
        formulas = _places(fitted, cell)
    else:
        return _indicators(fitted, cell)
    if fitted.indicator:
        formulas.append(f"IF({_is_gap(fitted, cell)},{_number(fitted.indicator * fitted.weight)},0)")
    return formulas


def _is_gap(fitted: NumberColumn | CycleColumn | CategoryColumn, cell: str) -> str:
    """Return the formula that says whether an answer is missing, or none that the model can read."""
    if isinstance(fitted, CategoryColumn):
        return f'TRIM({cell})=""'
    return f'{_read(fitted, cell)}=""'


def _read(fitted: NumberColumn | CycleColumn, cell: str) -> str:
    """Return an answer as a number in the column's own units, or empty text."""
    if is_date(fitted):
        latest = getattr(fitted, "latest", "")
        if isinstance(fitted, CycleColumn):
            return f'IF(ISNUMBER({cell}),{cell},"")'
        since = (datetime.fromisoformat(latest) - _DAY_ZERO).total_seconds() / 86_400 if latest else 0.0
        days = f"({_number(since)}-{cell})"
        return f'IF(ISNUMBER({cell}),{days if fitted.date_use is not DateUse.AGE else _over(days, DAYS_PER_YEAR)},"")'
    assert isinstance(fitted, NumberColumn)
    if fitted.levels:
        steps = [f"IF({_is_word(f'TRIM({cell})', level, fitted)},{step}," for step, level in enumerate(fitted.levels)]
        return "".join(steps) + '""' + ")" * len(steps)
    words = yes_or_no(cell) if fitted.may_be_yes_no else '""'
    if not fitted.unknown:
        return f"IF(ISNUMBER({cell}),{cell},{words})"
    known = ",".join(f"{cell}={_number(code)}" for code in fitted.unknown)
    return f'IF(ISNUMBER({cell}),IF(OR({known}),"",{cell}),{words})'


def _scaled(fitted: NumberColumn, cell: str) -> str:
    value = _read(fitted, cell)
    capped = value if fitted.floor is None else f"MIN(MAX({value},{_number(fitted.floor)}),{_number(fitted.ceiling)})"
    if fitted.transform is not Transform.NONE:
        capped = _transformed(f"(({capped})-{_number(fitted.origin)})/{_number(fitted.unit)}", fitted)
    away = f"(({capped})-{_number(fitted.centre)})/{_number(fitted.scale)}*{_number(fitted.weight)}"
    fill = float(fitted.scaled(np.array([fitted.fill]))[0])
    formula = f'IF({value}="",{_number(fill)},{away})'
    if len(formula) > _LIMIT_OF_A_FORMULA:
        message = f"{fitted.column} has too many values for a formula of a spreadsheet. Leave it out."
        raise InvalidSettingError(message)
    return formula


def _transformed(value: str, fitted: NumberColumn) -> str:
    if fitted.transform is Transform.LOG:
        return f"SIGN({value})*LN(1+ABS({value}))"
    above, below = (_powered(value, power) for power in (fitted.power, 2.0 - fitted.power))
    return f"IF(({value})<0,-({below}),{above})"


def _powered(value: str, power: float) -> str:
    """Return ((1 + |value|)^power − 1) / power, the logarithm at power 0."""
    size = f"LN(1+ABS({value}))"
    return size if power == 0 else f"(EXP({_number(power)}*{size})-1)/{_number(power)}"


def _places(fitted: CycleColumn, cell: str) -> list[str]:
    phase = {
        DateUse.MONTH: f"(MONTH({cell})-1)/12",
        DateUse.WEEKDAY: f"(WEEKDAY({cell},2)-1)/7",
    }.get(fitted.date_use, f"(_xlfn.ISOWEEKNUM({cell})-1)/{_number(WEEKS_PER_YEAR)}")
    height = fitted.factor * fitted.weight
    return [
        f"IF({_is_gap(fitted, cell)},{_number(fitted.fill[axis] * height)},{turn}(2*PI()*{phase})*{_number(height)})"
        for axis, turn in enumerate(("COS", "SIN"))
    ]


def _indicators(fitted: CategoryColumn, cell: str) -> list[str]:
    height = _number(fitted.factor * fitted.weight)
    gap = _is_gap(fitted, cell)
    written = f"IF({gap},{quoted(fitted.fill)},TRIM({cell}))"
    listed = [_is_word(written, value, fitted) for value in fitted.categories]
    formulas = [f"IF({each},{height},0)" for each in listed]
    formulas.append(f"IF({_any_of(listed)},0,{height})")
    if fitted.indicator:
        formulas.append(f"IF({gap},{_number(fitted.indicator * fitted.weight)},0)")
    return formulas


def _is_word(written: str, value: str, fitted: NumberColumn | CategoryColumn) -> str:
    """Return the formula that says whether an answer is a value, in any spelling that counts as it."""
    if not fitted.joined:
        return f"EXACT({written},{quoted(value)})"
    # Where spellings count as one, capitals are nothing: a spreadsheet's sign of equality takes them so.
    spelled = [one for one, meant in fitted.joined if meant == value]
    return _any_of(f"{written}={quoted(each)}" for each in (value, *spelled))


def _any_of(conditions: Iterable[str]) -> str:
    listed = list(conditions)
    return f"OR({','.join(listed)})" if listed else "FALSE"


def _over(value: str, by: float) -> str:
    return f"{value}/{_number(by)}"


def _number(value: float | None) -> str:
    """Return a number with all of its digits, in brackets where a sign could meet an operator."""
    assert value is not None
    return f"({value!r})" if value < 0 else f"{float(value)!r}"
