"""How long a million customers take to become a platform's zip, in times of what pandas takes to write the same columns.

Run with `python -m benchmarks.audiences [CUSTOMERS]`.
"""

import io
import sys
import time
import zipfile

import numpy as np
import pandas as pd

from segmenter.activate.audience import AudienceOptions, build_audiences
from segmenter.activate.consent import Consent
from segmenter.activate.control import Control
from segmenter.activate.platforms import platforms
from segmenter.activate.selection import segments_in_file
from segmenter.io.export.audiences import audiences_zip
from segmenter.table.columns import read_frame


def customers(n: int) -> pd.DataFrame:
    """Return customers as files have them: numbers in several spellings, one in a hundred twice, some without consent."""
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


def seconds(work, times: int = 1) -> float:
    """Return the least time that some work takes."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def main() -> None:
    """Print the times and their ratio."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    dataset = read_frame(customers(n), "customers.csv")
    segments = segments_in_file(dataset).audiences()
    options = AudienceOptions(Consent(("newsletter",)), control=Control(0.1, "spring"))
    for name, hashes in (("klaviyo", False), ("meta", False), ("meta", True)):
        held = {}

        def lists(name=name, hashes=hashes, held=held):
            from dataclasses import replace

            held["made"] = build_audiences(dataset, segments, platforms()[name], replace(options, hashes=hashes))

        built = seconds(lists)
        zipped = seconds(lambda held=held: held.update(zip=audiences_zip(held["made"], dataset)))
        written = [column for column in held["made"].contacts.columns.values() if column != "customer_id"]
        plain = dataset.original[written]
        pandas = seconds(lambda plain=plain: plain.to_csv(io.BytesIO(), index=False), 2)
        with zipfile.ZipFile(io.BytesIO(held["zip"])) as archive:
            size = sum(each.file_size for each in archive.infolist())
        print(
            f"{n:,} customers for {name}{' hashed' if hashes else ''}: lists {built:.2f} s + zip {zipped:.2f} s ({size / 1e6:.0f} MB) = "
            f"{(built + zipped) / pandas:.2f} × pandas.to_csv of {', '.join(written)} ({pandas:.2f} s)"
        )


if __name__ == "__main__":
    main()
