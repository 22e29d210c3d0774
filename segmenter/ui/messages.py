"""Every sentence a user reads on the screen, and how data-derived words become safe ones."""

import re
import string
from collections.abc import Sequence
from typing import Final

from segmenter import config
from segmenter.choose.k import VERDICT_WORDS as VERDICT_WORDS
from segmenter.choose.k import KSelection, Verdict
from segmenter.display import counted, percent_text
from segmenter.errors.base import SegmenterError, Surface
from segmenter.explain import cards
from segmenter.segment.quality import Light, SegmentStability
from segmenter.table.dataset import Note
from segmenter.ui.jobs import Queued

LONGEST_NAME: Final = 80
_MARKS: Final = str.maketrans({mark: f"\\{mark}" for mark in string.punctuation})

# Streamlit makes links of bare addresses after it has read the escapes: an invisible joiner inside prevents that.
_ADDRESS: Final = re.compile(r":(?=/)|www(?=\.)|@|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)

APP_TITLE: Final = "Segmenter"
LIMITS: Final = (
    f"CSV, Excel, Parquet or SQLite, up to {config.MAX_UPLOAD_MB} MB, {config.MAX_ROWS:,} rows and "
    f"{config.MAX_COLUMNS} columns."
)
PRIVACY: Final = (
    "Your file stays on this server, in memory, for you alone. Nothing is sent to other sites. "
    "Uploads over 1 MB may pass through a temporary file that is deleted at once."
)
UPLOAD_UNDER_WAY: Final = "**{} is on its way.** You are taken to it as soon as it has arrived."
UPLOAD_FOR_WHICH: Final = "**{} has arrived while you were on another page.** Which of these is it?"
NOT_KEPT: Final = (
    "Your file is not kept when the page is reloaded; upload it again then. Keep your work as a file, under Use, and "
    "nothing else is lost."
)
NOT_CUSTOMERS_YET: Final = (
    "The rows are not one for each customer yet, and a person in two rows could end in two segments. Say on the page "
    "Data which rows count."
)
WHICH_ROWS_FIRST: Final = "Say which rows count first."
START_FIRST: Final = "Start by uploading a customer file."
DELETED: Final = "Deleted. This page holds no customer data."

DATA_TITLE: Final = "Upload your customers"
DATA_INTRO: Final = (
    "One line per customer, one column per thing you know about them. Missing values are fine: nothing stops you here. "
    "To go on with a work that you kept (.segwork.json), drop it here, too."
)
SEPARATOR_WORDS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
MISSING_INTRO: Final = (
    "For each column, choose what happens to customers without a value. We suggest leaving them out when fewer than "
    "3 % lack it, and filling in a typical value otherwise."
)
NOTHING_MISSING: Final = "No value is missing in the columns you segment by."
MISSING_WORDS: Final = {
    "drop": "leave these customers out",
    "median": "fill in the median",
    "mean": "fill in the mean",
    "mode": "fill in the most frequent value",
    "knn": "fill in what similar customers have (k-nearest neighbours)",
    "constant": "fill in a value of your own",
    "category": 'count "missing" as a category of its own',
}

PREPARE_INTRO: Final = "No click is needed; a tick takes a column in or out."
SCALING_WORDS: Final = {
    "standard": "Standard",
    "minmax": "Min–max",
    "robust": "Robust",
    "none": "None",
}
SCALING_HELP: Final = (
    "Standard: every column counts the same (mean 0, standard deviation 1). Min–max: from 0 to 1. Robust: like "
    "standard, but a few extreme customers do not stretch it. None: columns with large numbers decide alone."
)
MISSING_TOGETHER: Final = (
    "1: the same customers lack both columns, so one question or one system explains them; 0: the gaps have nothing to "
    "do with each other; below 0: who lacks one has the other."
)
UNSCALED: Final = "Without scaling, the column with the largest numbers decides almost alone."

CHOOSE_TITLE: Final = "Are there groups among your customers?"
CHOOSE_INTRO: Final = (
    "We are forming segments of your {n:,} customers for several numbers, and see which of them come back. You need do "
    "nothing."
)
FIND_SEGMENTS: Final = "Find the segments"
WCSS_HELP: Final = (
    "Within-cluster sum of squares (WCSS): how far customers are from their segment's centre, all together. It always "
    "falls; look for where it stops falling fast."
)
SILHOUETTE_HELP: Final = (
    "Silhouette: how much nearer customers are to their own segment than to the next one. 1 is best; below 0.25 the "
    "segments hardly stand apart."
)
GAP_HELP: Final = (
    "Gap: how much closer the segments fit than they would in data without any. Where it stops rising, more segments "
    "only divide what belongs together."
)
STABILITY_HELP: Final = (
    "Stability: how alike the segments are when K-Means forms them from other customers of the same kind (adjusted "
    "Rand index). 1 is the same every time; from 0.8 the same nearly every time; below 0.6 expect them to move."
)
# From one crowd to natural groups, each step with its meaning in three words.
SCALE_WORDS: Final = {
    "none": "one crowd",
    "constructed": "your own cut",
    "reproducible": "found again",
    "natural": "real groups",
}
GO_ON_ANYWAY: Final = (
    "You may still go on with any number: the segments will be convenient portions of one group, and their borders "
    "are a convention, not a fact about your customers."
)
BORDERS_HELP: Final = (
    "For each two segments of the number recommended, or else of the cut: how many fewer customers stand on their "
    "border than on its emptier side, counted among customers who did not shape the segments. p is how probable so few "
    "are if there were no border; it is called real below 0.01 with at least a quarter fewer, unless customers lead "
    "from one to the other another way, through a third segment or around an empty middle. Groups shaped like bells "
    "are told apart by their likelihood before their borders are."
)
SPLITS_HELP: Final = (
    "Each column is one number of segments; the bands are customers. A band that divides is a segment that splits; "
    "bands that cross many segments show a solution that was formed anew. 1 in the table means that all customers of "
    "a segment come from one segment before."
)
LIGHT_WORDS: Final = {light.value: words.lower() for light, words in cards.LIGHT_WORDS.items()}
LIGHT_MARKS: Final = {
    "green": ":green[:material/check_circle:]",
    "amber": ":orange[:material/error:]",
    "red": ":red[:material/cancel:]",
}
FEW_CUSTOMERS: Final = "few customers"
LIGHT_HELP: Final = (
    "How often a segment comes back when the segments are formed from other customers of the same kind: it counts as "
    "found again when three quarters of its customers, its own and its new ones together, are the same (Jaccard index "
    "of 0.75 or more). Green: in at least 9 of 10 samples. Amber: in at least 4 of 10. Red: less often. Found again "
    "does not mean separated."
)
CHOOSE_CANCELLED: Final = "Cancelled. Nothing was kept; your settings are."
CHOOSE_CANCELLED_AGAIN: Final = "Cancelled. Your settings and the comparison from before are kept."
CHOOSE_COMPARED_FURTHER: Final = "There are more groups than {asked}, so {low} to {compared} segments were compared."
NO_COLUMNS: Final = "No column is picked to segment by, so there is nothing to compare. Pick at least one on Prepare."
PICK_HELP: Final = "Nothing is recomputed: every number in the range has been tried."

JOB_LIMIT: Final = (
    f"You may go to other pages meanwhile. This ends by itself after {config.JOB_MINUTES} minutes of work, or "
    f"{config.RECONNECT_SECONDS} seconds after you have closed this tab."
)
RFM_LINK: Final = "The RFM grid needs no groups: it names customers by recency, orders and spend, each once"
COMPARE_LINK: Final = "Compare the methods"
SEGMENTS_TITLE: Final = "Your segments are being formed."
SEGMENTS_NOT_FORMED: Final = "No segments have been formed."
CHOOSE_FIRST: Final = "Choose the number of segments first."
CHANGED_SINCE: Final = "A column or a setting has changed since the segments were formed: Choose looks at them again."

SEGMENTS_CANCELLED: Final = "You cancelled, so the segments are not formed. What you chose is kept."
BORDERS_ARE_A_CONVENTION: Final = (
    "These columns hold no groups of their own: the borders are a convention. Reliable below means only that the "
    "same cut would be found again."
)
BORDERS_MOVE: Final = (
    "Formed again from other customers, these segments come out differently: the borders are a convention."
)
FORM_SEGMENTS: Final = "Form the segments"
NEXT_MONTH_TITLE: Final = "Do your segments still fit?"
NEXT_MONTH_INTRO: Final = (
    "Take last month's model and this month's file. Everybody gets a segment by their own values alone, and you read "
    "here whether the segments still fit, what has changed, and who moved."
)
EXPORT_TITLE: Final = "Take it with you"
EXPORT_INTRO: Final = "Each file is built by the click on it; of a large table, its progress is shown first."
SUMMARY_WORDS: Final = {
    "segment": "Segment",
    "segment_name": "Name",
    "size": "Customers",
    "share": "Share of those in segments",
    "silhouette": "Silhouette",
    "jaccard": "Same customers again (Jaccard)",
    "found_again": "Found again in (share of samples)",
    "light": "Reliability",
}
NO_VALUE: Final = "–"
FAULT: Final = "Something went wrong in our code, not in your file. Your data was not saved."


def share_words(share: float) -> str:
    """Return a share, 0-1, in per cent; a small one never as none."""
    return percent_text(share, 1)


def safe_md(text: str, longest: int = LONGEST_NAME) -> str:
    """Return data-derived text as Markdown that shows exactly it: no image, link, formula or directive."""
    return _ADDRESS.sub("\\g<0>\u2060", safe_text(text, longest)).translate(_MARKS)


def safe_text(text: str, longest: int = LONGEST_NAME) -> str:
    """Return data-derived text for where Markdown is not read, such as the options of a select box."""
    visible = "".join(letter for letter in text if letter.isprintable())
    return visible if len(visible) <= longest else visible[: longest - 1] + "…"


def explain(error: SegmenterError) -> str:
    """Return an error as Markdown, its first sentence in bold."""
    return _first_bold(error.told_on(Surface.PAGE))


def advise(note: Note) -> str:
    """Return a note as Markdown."""
    return safe_md(note.text, longest=600)


def _first_bold(text: str) -> str:
    first, mark, rest = text.partition(". ")
    return f"**{safe_md(first + mark.strip(), 500)}** {safe_md(rest, 900)}".strip()


def queue_words(queued: Queued) -> str:
    """Say where a job stands that does not run now, and for about how long."""
    state = "Paused" if queued.started else "Waiting"
    if not queued.ahead:
        return f"{state}: you are next"
    others = "1 other visitor's work goes" if queued.ahead == 1 else f"the work of {queued.ahead:,} others goes"
    return f"{state}: {others} first, {duration_words(queued.seconds)}"


def duration_words(seconds: float) -> str:
    """Say about how long something takes; a guess has no more digits than it deserves."""
    if seconds < 10:
        return "a few seconds more"
    if seconds < 55:
        return f"about {round(seconds, -1):.0f} seconds"
    minutes = round(seconds / 60)
    if minutes < 60:
        return "about 1 minute" if minutes <= 1 else f"about {minutes} minutes"
    return "more than an hour"


def count_columns(n: int) -> str:
    """Say how many columns, in the singular where it is one."""
    return "1 column" if n == 1 else f"{n:,} columns"


def structure_words(selection: KSelection) -> tuple[str, str]:
    """Return whether there are groups, as a title, and in a sentence or two what follows from it."""
    k, n_groups = selection.recommended or 1, selection.n_groups or 1
    steady = all(each.light is Light.GREEN for each in selection.found_again.get(k, ()))
    match selection.verdict:
        case Verdict.NATURAL:
            line = "Each comes back in other samples." if steady else _SOME_MOVE
            line = f"{line} Keep {k}, or move the slider." if selection.followed else f"{line} {_NOT_FOLLOWED}"
        case Verdict.REPRODUCIBLE:
            again = "comes back " + ("nearly every time" if steady else "most times")
            line = _reproducible(selection, k, n_groups, again)
        case Verdict.CONSTRUCTED:
            line = _constructed(k, n_groups) if selection.followed else f"{_between_groups(k)}. {_NOT_FOLLOWED}"
        case _:
            cut = selection.cut
            tiers = _TIERS.format(cut=cut) if cut else _NO_TIERS
            gaps = _gaps_of_a_cut(selection) if selection.n_real else "There are no groups and no gaps between them."
            line = f"{gaps} {tiers}"
    return selection.headline, line


def _reproducible(selection: KSelection, k: int, n_groups: int, again: str) -> str:
    if n_groups > 1:
        return f"A division into {k} {again}, but cuts through them. Compare {n_groups} under Settings."
    real = selection.n_real
    if real == len(selection.borders) > 0:
        return f"There are gaps between all {k}, which a search from scratch misses. The division {again}."
    if real:
        lie = "lies in a gap" if real == 1 else "lie in gaps"
        return f"{real} of the {len(selection.borders)} borders {lie}. The division {again}."
    return f"There are no gaps between them, but a division into {k} {again}: you can work with it."


def _gaps_of_a_cut(selection: KSelection) -> str:
    of_them = f"{selection.n_real} of {counted(len(selection.borders), 'border')}"
    return f"A search for groups finds none, though a cut has few customers on {of_them}."


def _between_groups(k: int) -> str:
    return f"There are gaps between {k} groups"


def _constructed(k: int, n_groups: int) -> str:
    if n_groups == k:
        return f"{_between_groups(k)}, which segments formed again do not all follow: form them each time."
    if n_groups > k:
        return (
            f"There are at least {k} groups, more than you compared, and {k} segments do not come back. Compare more."
        )
    return (
        f"There are {n_groups} natural groups. {k} segments cut through them, otherwise each time: compare {n_groups}."
    )


_NOT_FOLLOWED = "K-Means cuts elsewhere: try more segments or another method."
_SOME_MOVE = "Those marked doubtful move in other samples."
_TIERS = "For tiers, a cut into {cut} comes back nearly every time; its borders are a convention."
_NO_TIERS = "No cut comes back every time either: any border is your own choice."


def why_words(selection: KSelection, k: int) -> str:
    """Return in a line why a number of segments was taken, or what it costs to take it instead."""
    weakest = {number: _weakest(found) for number, found in selection.found_again.items()}
    held, best = weakest.get(k), selection.recommended or 1
    if held is None:
        return ""
    hundred = f"{_of_hundred(held)} of 100 samples"
    if best == 1:
        advised = f" The largest number that comes back is {selection.cut}." if selection.cut not in (None, k) else ""
        return f"**{k} segments:** the weakest comes back in {hundred}.{advised}"
    if k != best:
        other = weakest.get(best)
        against = f"; of {best}, in {_of_hundred(other)}" if other is not None else ""
        return f"**{k} instead of {best}:** the weakest segment comes back in {hundred}{against}."
    after = weakest.get(k + 1)
    more = f"; with {k + 1}, in {_of_hundred(after)}" if after is not None and after < held else ""
    return f"**Why {k}?** Even the weakest segment comes back in {hundred}{more}."


def _weakest(found: Sequence[SegmentStability]) -> float | None:
    known = [each.found for each in found if each.found is not None]
    return min(known) if known else None


def _of_hundred(share: float) -> str:
    return f"{100 * share:.0f}"
