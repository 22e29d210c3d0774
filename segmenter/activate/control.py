"""Control groups: who is held out, and what so many customers can show."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtri

from segmenter.activate.identifiers import digests, remainders
from segmenter.display import listed, percent_text
from segmenter.errors.base import PowerError
from segmenter.errors.forming import InvalidSettingError
from segmenter.typing import BoolArray

BUCKETS: Final = 10_000


class Arm(StrEnum):
    """The side of a test on which a customer stands."""

    CONTACTED = "contacted"
    CONTROL = "control"


def bucket(identifier: str, salt: str) -> int:
    """Return the customer's number in 0 … 9,999: SHA-256 of salt and identifier, as one number, modulo 10,000."""
    return int.from_bytes(hashlib.sha256(f"{salt}{identifier}".encode()).digest()) % BUCKETS


def arm(identifier: str, salt: str, share: float) -> Arm:
    """Return the side on which a customer stands.

    Parameters
    ----------
    identifier
        What names the customer in every file, as text.
    salt
        What tells one draw from another: keep it for the same control group, change it for a new one.
    share
        Of customers to hold out, 0-1, in steps of 1/10,000.
    """
    return Arm.CONTROL if bucket(identifier, salt) < round(share * BUCKETS) else Arm.CONTACTED


@dataclass(frozen=True)
class Control:
    """Who is held out, to see afterwards whether contact made a difference.

    Attributes
    ----------
    share
        Of customers held out, 0-1; a larger share with the same salt holds out all of the smaller one, and more.
    salt
        What tells this draw from others.
    campaign
        Draws anew for each campaign; empty holds out the same customers in every campaign.

    Raises
    ------
    InvalidSettingError
        If the share is not between nobody and everybody.
    """

    share: float
    salt: str = "segmenter"
    campaign: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1:
            message = f"A share from 0 up to, not including, 1 of customers can be held out; not {self.share:g}."
            raise InvalidSettingError(message)

    @property
    def draw(self) -> str:
        """The salt of this campaign's draw."""
        return f"{self.salt}/{self.campaign}" if self.campaign else self.salt

    def held_out(self, identifiers: Iterable[str]) -> BoolArray:
        """Return which customers are in the control group, shape (n_identifiers,)."""
        texts = identifiers if isinstance(identifiers, pd.Series) else list(identifiers)
        buckets = remainders(digests(texts, self.draw), BUCKETS)
        return buckets < round(self.share * BUCKETS)


ALPHA: Final = 0.05
POWER: Final = 0.80
# With fewer expected responses in an arm, the normal approximation itself is rough.
FEW_RESPONSES: Final = 5


@dataclass(frozen=True)
class SampleSize:
    """Customers that a test needs in each arm."""

    contacted: int
    control: int

    @property
    def total(self) -> int:
        """Customers in both arms."""
        return self.contacted + self.control


def sample_size(
    base_rate: float, lift: float, hold_out: float = 0.5, *, alpha: float = ALPHA, power: float = POWER
) -> SampleSize:
    """Return how many customers show a lift with the given power.

    Parameters
    ----------
    base_rate
        Share of customers who respond without contact, above 0 and below 1.
    lift
        Relative change, .2 for 20 % more responses; negative for fewer.
    hold_out
        Share of customers in the control group, above 0 and below 1.
    alpha, power
        Probability of seeing a difference where there is none, two-sided, and of seeing the lift where it is there.

    Raises
    ------
    PowerError
        If a rate, the lift or the share is impossible.
    """
    _check(base_rate, hold_out, alpha, power)
    contacted_rate = base_rate * (1 + lift)
    if lift == 0 or not math.isfinite(lift):
        message = "A lift of 0 % can't be shown by any number of customers. Give the smallest lift that would matter."
        raise PowerError(message)
    if not 0 <= contacted_rate <= 1:
        message = (
            f"A lift of {percent_text(lift, signed=True)} would take a rate of {_percent(base_rate)} to "
            f"{_percent(contacted_rate)}, which no rate can be. From {_percent(base_rate)}, a lift is between −100 % "
            f"and {_lift_words((1 - base_rate) / base_rate)}."
        )
        raise PowerError(message)
    needed = _spread(base_rate, contacted_rate, 1 - hold_out, hold_out, alpha, power) / (contacted_rate - base_rate)
    total = needed**2
    return SampleSize(math.ceil(total * (1 - hold_out) - 1e-9), math.ceil(total * hold_out - 1e-9))


def smallest_lift(
    base_rate: float, n_contacted: float, n_control: float, *, alpha: float = ALPHA, power: float = POWER
) -> float | None:
    """Return the smallest relative lift that arms of this size show with the given power; None where none would.

    Parameters
    ----------
    base_rate
        Share of customers who respond without contact, above 0 and below 1.
    n_contacted, n_control
        Customers in each arm.
    alpha, power
        Probability of seeing a difference where there is none, two-sided, and of seeing the lift where it is there.

    Raises
    ------
    PowerError
        If the rate is impossible, or an arm has nobody.
    """
    if not (n_contacted > 0 and n_control > 0):
        message = "A test needs customers in both groups: hold out more than 0 % and less than 100 %."
        raise PowerError(message)
    _check(base_rate, 0.5, alpha, power)

    # Convex in the difference and negative at none: it crosses zero once at most.
    def surplus(difference: float) -> float:
        reached = base_rate + difference
        return difference - _spread(base_rate, reached, n_contacted, n_control, alpha, power)

    most = 1 - base_rate
    if surplus(most) < 0:
        return None
    return float(brentq(surplus, 0.0, most, xtol=1e-14)) / base_rate


def _spread(
    base_rate: float, contacted_rate: float, n_contacted: float, n_control: float, alpha: float, power: float
) -> float:
    """Return the difference that is just seen, were the rates these."""
    pooled = (n_control * base_rate + n_contacted * contacted_rate) / (n_control + n_contacted)
    none = math.sqrt(pooled * (1 - pooled) * (1 / n_control + 1 / n_contacted))
    own = math.sqrt(base_rate * (1 - base_rate) / n_control + contacted_rate * (1 - contacted_rate) / n_contacted)
    return float(ndtri(1 - alpha / 2)) * none + float(ndtri(power)) * own


def _check(base_rate: float, hold_out: float, alpha: float, power: float) -> None:
    if not 0 < base_rate < 1:
        message = (
            f"A base rate of {_percent(base_rate)} leaves nothing to measure. Give the share of customers who respond "
            "without contact, above 0 % and below 100 %."
        )
        raise PowerError(message)
    if not 0 < hold_out < 1:
        message = (
            f"With {_percent(hold_out)} held out, one group has nobody. Hold out more than 0 % and less than 100 %."
        )
        raise PowerError(message)
    if not (0 < alpha < 1 and alpha < power < 1):
        message = "The level of a test is above 0 and below 1, and its power above the level and below 1."
        raise PowerError(message)


@dataclass(frozen=True)
class SegmentPower:
    """What a segment can show.

    Attributes
    ----------
    smallest
        The smallest relative lift that is seen; None where none would be.
    enough
        Whether the wished lift is seen in this segment alone.
    rough
        Whether so few responses are expected in an arm that the figures are rough.
    """

    name: str
    n_customers: int
    smallest: float | None
    enough: bool
    rough: bool


@dataclass(frozen=True)
class PowerPlan:
    """Which segments can be measured alone, which only together, and that in words.

    Attributes
    ----------
    together
        Groups of segments that are too small alone and large enough as one.
    hopeless
        Segments that are too small even together.
    sentences
        The advice, one sentence for each thing to do.
    """

    base_rate: float
    lift: float
    hold_out: float
    needed: SampleSize
    segments: tuple[SegmentPower, ...]
    together: tuple[tuple[str, ...], ...]
    hopeless: tuple[str, ...]
    sentences: tuple[str, ...]


def plan_test(sizes: Mapping[str, int], base_rate: float, lift: float, hold_out: float = 0.1) -> PowerPlan:
    """Return what a test in these segments can show, before anything is sent.

    Parameters
    ----------
    sizes
        Customers of each segment who will be in the test, by name.
    base_rate, lift, hold_out
        As in `sample_size`.

    Raises
    ------
    PowerError
        As `sample_size` does, and where there is no segment.
    """
    if not sizes:
        message = "There is no segment to measure. Choose at least one."
        raise PowerError(message)
    needed = sample_size(base_rate, lift, hold_out)
    segments = tuple(_of_segment(name, size, base_rate, lift, hold_out) for name, size in sizes.items())
    small = [each for each in segments if not each.enough]
    together, hopeless = _pools(small, base_rate, lift, hold_out)
    plan = PowerPlan(base_rate, lift, hold_out, needed, segments, together, hopeless, ())
    return PowerPlan(base_rate, lift, hold_out, needed, segments, together, hopeless, _sentences(plan))


def _of_segment(name: str, size: int, base_rate: float, lift: float, hold_out: float) -> SegmentPower:
    smallest = _seen(size, base_rate, hold_out)
    rough = base_rate * size * min(hold_out, 1 - hold_out) < FEW_RESPONSES
    return SegmentPower(name, size, smallest, _is_enough(size, base_rate, lift, hold_out), rough)


def _is_enough(size: int, base_rate: float, lift: float, hold_out: float) -> bool:
    """Whether the arms of so many customers are as large as the wished lift needs, on average over draws."""
    return size >= sample_size(base_rate, lift, hold_out).total


def _seen(size: int, base_rate: float, hold_out: float) -> float | None:
    return smallest_lift(base_rate, size * (1 - hold_out), size * hold_out) if size else None


def _pools(
    small: Sequence[SegmentPower], base_rate: float, lift: float, hold_out: float
) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """Put segments together, the largest first, until each pool is large enough; what remains joins the last."""
    order = {each.name: place for place, each in enumerate(small)}
    pools: list[list[SegmentPower]] = []
    open_pool: list[SegmentPower] = []
    for each in sorted(small, key=lambda one: (-one.n_customers, order[one.name])):
        open_pool.append(each)
        if _is_enough(sum(one.n_customers for one in open_pool), base_rate, lift, hold_out):
            pools.append(open_pool)
            open_pool = []
    if pools:
        pools[-1].extend(open_pool)
        open_pool = []
    named = tuple(tuple(sorted((one.name for one in pool), key=order.__getitem__)) for pool in pools)
    return named, tuple(each.name for each in small if each in open_pool)


def _sentences(plan: PowerPlan) -> tuple[str, ...]:
    said = []
    sizes = {each.name: each.n_customers for each in plan.segments}
    alone = [each.name for each in plan.segments if each.enough]
    wished = _lift_words(plan.lift)
    if alone:
        verb = "is" if len(alone) == 1 else "are each"
        said.append(f"{listed(alone)} {verb} large enough to show a lift of {wished} alone.")
    for pool in plan.together:
        size = sum(sizes[name] for name in pool)
        seen = _seen_words(size, plan.base_rate, plan.hold_out)
        verb = "is" if len(pool) == 1 else "are"
        said.append(
            f"{listed(pool)} {verb} too small to measure alone; measure these {_count(len(pool))} together, "
            f"{size:,} customers in which {seen}."
        )
    if plan.hopeless:
        said.append(_hopeless_words(plan, sizes))
    needed = plan.needed
    said.append(
        f"To show {wished} on a base rate of {_percent(plan.base_rate)} takes {needed.contacted:,} contacted and "
        f"{needed.control:,} held out."
    )
    if any(each.rough for each in plan.segments):
        said.append(
            f"Where fewer than {FEW_RESPONSES} responses are expected in a group, the figures themselves are rough."
        )
    return tuple(said)


def _hopeless_words(plan: PowerPlan, sizes: Mapping[str, int]) -> str:
    names = plan.hopeless
    size = sum(sizes[name] for name in names)
    seen = _seen_words(size, plan.base_rate, plan.hold_out)
    everybody = sum(sizes.values())
    if len(names) == 1:
        start = f"{names[0]} is too small to measure alone: in its {size:,} customers {seen}"
    else:
        start = f"{listed(names)} are too small even together: in their {size:,} customers {seen}"
    even = sample_size(plan.base_rate, plan.lift, 0.5).total
    if size >= even:
        return f"{start}. Hold out half of them, which takes {even:,}, or look for a larger lift."
    if len(names) < len(sizes) and everybody >= plan.needed.total:
        return f"{start}. Measure all segments as one."
    return f"{start}. Look for a larger lift, or repeat the same test until enough customers have been in it."


def _seen_words(size: int, base_rate: float, hold_out: float) -> str:
    seen = _seen(size, base_rate, hold_out)
    if seen is None:
        return "not even a response of everybody would be seen"
    return f"the smallest lift that can be seen is {_lift_words(seen)}"


def _lift_words(lift: float) -> str:
    return percent_text(lift, 0 if abs(lift) >= 0.1 else 1, signed=True)


def _percent(rate: float) -> str:
    return f"{100 * rate:.4g} %"


def _count(number: int) -> str:
    words = ("", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    return words[number] if number < len(words) else f"{number}"
