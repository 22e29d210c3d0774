"""Words that mean a missing value."""

from typing import Final

# The one list of words that mean "nothing here". The first five are clear in any column; the rest can be
# an answer ("none" of the offers, "-" as a grade), so they count only where numbers or dates are expected.
CLEAR_MISSING: Final = ("", "NA", "N/A", "null", "NaN", "NULL", "nan", "#N/A", "<NA>", "n/a")
MISSING_AMONG_NUMBERS: Final = (
    *CLEAR_MISSING,
    "-",
    "--",
    "—",
    "–",
    ".",
    "None",
    "none",
    "NONE",
    "Null",
    "na",
    "N.A.",
    "n.a.",
    "nil",
    "NAT",
    "NaT",
    "NANA",
    "#NULL!",
    "#DIV/0!",
    "#VALUE!",
    "#REF!",
    "#NAME?",
    "#NUM!",
    "missing",
    "?",
)
