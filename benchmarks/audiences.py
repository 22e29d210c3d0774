"""How long a million customers take to become a platform's zip, in times of what pandas takes to write its columns.

Run with `python -m benchmarks.audiences [CUSTOMERS]`.
"""

import io
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from segmenter.activate.audience import AudienceOptions, build_audiences
from segmenter.activate.control import Control
from segmenter.activate.identifiers import recognise_contacts
from segmenter.activate.permission import Consent
from segmenter.activate.platforms import Platform, platforms
from segmenter.activate.selection import segments_in_file
from segmenter.io.export.audiences import audiences_zip
from segmenter.table.columns import read_frame


def customers(n: int) -> pd.DataFrame:
    """Return customers as files have them: numbers in several spellings, one in a hundred twice, some without consent.

    The e-mail addresses stand at two domains.
    """
    chance = np.random.default_rng(1)
    number = np.arange(n)
    number[chance.random(n) < 0.01] -= 1
    forms = chance.integers(0, 3, n)
    national = pd.Series(6_640_000_000 + np.abs(number) % 9_999_999 + 1_000_000).astype("str")
    phone = np.select([forms == 0, forms == 1], ["+43 " + national, "0043" + national], "0" + national)
    return pd.DataFrame(
        {
            "customer_id": pd.Series(np.arange(n)).astype("str").str.zfill(8),
            "email": pd.Series(number)
            .astype("str")
            .radd("Customer.")
            .add(np.where(forms == 0, "@gmail.com", "@example.org")),
            "phone": phone,
            "country": chance.choice(["AT", "Österreich"], n),
            "newsletter": chance.choice(["ja", "nein", ""], n, p=[0.8, 0.15, 0.05]),
            "segment": chance.integers(1, 7, n).astype(str),
        }
    )


def seconds(work: Callable[[], object]) -> float:
    """Return the time that some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print the times and their ratio; other work on the machine meets both, as they take turns."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    dataset = read_frame(customers(n), "customers.csv")
    segments = segments_in_file(dataset)
    assert segments is not None
    wanted = segments.audiences()
    consent = Consent(("newsletter",))
    for name, options in (
        ("plain", AudienceOptions(consent)),
        ("klaviyo", AudienceOptions(consent)),
        ("meta", AudienceOptions(consent)),
        ("meta with a control group", AudienceOptions(consent, control=Control(0.1, "spring"))),
        ("meta hashed", AudienceOptions(consent, hashes=True)),
        ("meta hashed, with a control group", AudienceOptions(consent, hashes=True, control=Control(0.1, "spring"))),
    ):
        platform = platforms()[name.split()[0]]

        def make(platform: Platform = platform, options: AudienceOptions = options) -> bytes:
            return audiences_zip(dataset, build_audiences(dataset, wanted, platform, options))

        written = [column for field, column in recognise_contacts(dataset).items() if platform.has(field)]
        plain = dataset.original[written]
        pairs = [(seconds(make), seconds(partial(plain.to_csv, io.BytesIO(), index=False))) for _ in range(3)]
        ours, pandas = (min(times) for times in zip(*pairs, strict=True))
        print(
            f"{n:,} customers for {name}: {ours:.2f} s, pandas.to_csv of {', '.join(written)} {pandas:.2f} s: "
            f"{ours / pandas:.2f} times"
        )


if __name__ == "__main__":
    main()
