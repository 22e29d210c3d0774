"""Control groups: fixed by the identifier, of the size asked for, drawn anew by another salt."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from segmenter.activate.control import Arm, Control, arm, bucket
from segmenter.activate.identifiers import digests
from segmenter.errors.forming import InvalidSettingError

IDS = [f"C{number:06d}" for number in range(20_000)]


def test_a_bucket_is_the_hash_modulo_ten_thousand():
    # Computed apart, from the hexadecimal digits.
    assert bucket("C000007", "spring") == int(hashlib.sha256(b"springC000007").hexdigest(), 16) % 10_000
    assert bucket("Zoë", "") == int(hashlib.sha256("Zoë".encode()).hexdigest(), 16) % 10_000


def test_the_same_customer_stands_on_the_same_side_in_any_order():
    control = Control(0.1, "spring")
    forwards = dict(zip(IDS, control.held_out(IDS), strict=True))
    backwards = dict(zip(IDS[::-1], control.held_out(IDS[::-1]), strict=True))
    assert forwards == backwards
    assert all((arm(each, "spring", 0.1) is Arm.CONTROL) == held for each, held in list(forwards.items())[:500])


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_about_the_share_asked_for_is_held_out(share):
    held = Control(share, "spring").held_out(IDS).mean()
    # Five standard errors.
    assert abs(held - share) < 5 * np.sqrt(share * (1 - share) / len(IDS))


def test_nobody_is_held_out_at_none():
    assert not Control(0.0).held_out(IDS).any()


def test_a_larger_share_holds_out_the_smaller_one_and_more():
    small, large = Control(0.05).held_out(IDS), Control(0.2).held_out(IDS)
    assert (large[small]).all()
    assert large.sum() > small.sum()


def test_campaigns_draw_independently_unless_the_control_group_is_global():
    spring, summer = (Control(0.1, "s", campaign).held_out(IDS) for campaign in ("spring", "summer"))
    assert abs((spring & summer).mean() - 0.01) < 5 * np.sqrt(0.01 * 0.99 / len(IDS))
    assert (Control(0.1, "s").held_out(IDS) == Control(0.1, "s", "").held_out(IDS)).all()


@pytest.mark.parametrize("share", [-0.1, 1.0, 10.0, float("nan")])
def test_a_share_that_leaves_nobody_to_contact_is_refused(share):
    with pytest.raises(InvalidSettingError, match="can be held out"):
        Control(share)


def test_a_customer_is_held_out_from_the_share_above_its_own_bucket_on():
    number = bucket("C000007", "spring")
    assert arm("C000007", "spring", number / 10_000) is Arm.CONTACTED
    assert arm("C000007", "spring", (number + 1) / 10_000) is Arm.CONTROL
    assert Control((number + 1) / 10_000, "spring").held_out(["C000007"]).tolist() == [True]
    assert Control(number / 10_000, "spring").held_out(["C000007"]).tolist() == [False]


@pytest.mark.parametrize("salt", ["", "spring/ö", "s" * 64])
def test_many_texts_are_hashed_as_one_by_one(salt):
    # Lengths around the blocks of SHA-256, letters of one to four bytes, nothing at all.
    random = np.random.default_rng(1)
    texts = ["".join(random.choice(list("aß€😀0"), size)) for size in random.integers(0, 140, 400)]
    many = (texts * 130)[:51_000]
    one_by_one = {text: hashlib.sha256((salt + text).encode()).digest() for text in texts}
    found = digests(pd.Series(many, dtype="str"), salt)
    assert found == b"".join(one_by_one[text] for text in many)
    assert found[: 32 * 400] == digests(texts, salt)
