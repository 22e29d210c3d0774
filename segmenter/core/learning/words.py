"""What does it mean, in sentences that a marketer can use?"""

from segmenter.classifiers import CLASSIFIERS
from segmenter.core.dataset import Note
from segmenter.core.learning.copies import CustomerGroups
from segmenter.core.learning.golden import KEPT_SHARE, GoldenQuestions
from segmenter.core.learning.leaderboard import BASE_RATE, Lead, Leaderboard
from segmenter.core.learning.learned import HeldOut


def leaderboard_verdict(board: Leaderboard) -> str:
    """Say who leads, over whom that is more than noise, and whether anything can be told at all."""
    if not board.rows:
        return "No classifier has been tried on every part yet."
    first = board.rows[0]
    over_base = next(lead for lead in board.leads if lead.other == BASE_RATE)
    if not over_base.more_than_noise:
        return (
            f"No classifier tells the segments better than always naming the largest one ({board.base.accuracy:.1%}): "
            "these columns say nothing about them."
        )
    level = [CLASSIFIERS[lead.other].title for lead in _over_others(board) if not lead.more_than_noise]
    start = f"{first.title} tells {first.accuracy:.1%} right (± {first.accuracy_se:.1%}), "
    start += f"always naming the largest segment {board.base.accuracy:.1%}. "
    if level:
        return start + f"Its lead over {', '.join(level)} is no more than noise: take whichever you can explain best."
    return start + ("Its lead over every other one is more than noise." if len(board.rows) > 1 else "")


def held_out_verdict(held_out: HeldOut) -> str:
    """Say how good the chosen one is on customers that no choice has seen."""
    return (
        f"Of {held_out.n_customers:,} customers that no choice had seen, {held_out.scores.accuracy:.1%} were told "
        f"right; always naming the largest segment would be right for {held_out.base_rate:.1%}."
    )


def repeats_notes(customers: CustomerGroups) -> list[Note]:
    """Say how many rows are one customer's, or near-copies, and what was done about it."""
    kept = (
        "They are kept together, always on the same side when customers are set aside to judge by, or else a row would "
        f"be judged by what was learnt from its own copy. There are {customers.n_groups:,} different customers."
    )
    notes = []
    if customers.n_repeated:
        text = f"{customers.n_repeated:,} rows repeat the identifier of another row. {kept}"
        notes.append(Note(text, warning=True))
    if customers.n_copies:
        text = f"{customers.n_copies:,} rows are copies, or nearly, of another row: equal in most columns. {kept}"
        notes.append(Note(text, warning=True))
    return notes


def golden_verdict(golden: GoldenQuestions) -> str:
    """Say which few questions suffice."""
    asked = ", ".join(golden.columns)
    word = "this question keeps" if len(golden.columns) == 1 else f"these {len(golden.columns)} questions keep"
    return (
        f"{asked}: {word} {golden.share_kept:.0%} of the accuracy (at least {KEPT_SHARE:.0%} was asked for). On the "
        f"customers held out: {golden.held_out:.1%} right, with all columns {golden.held_out_all:.1%}."
    )


def _over_others(board: Leaderboard) -> list[Lead]:
    return [lead for lead in board.leads if lead.other != BASE_RATE]
