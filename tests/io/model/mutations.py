"""Real model files with values and structure changed at random, under a checksum that is right again."""

import hashlib
import json
import re

RAW = "\N{WHITE SQUARE}"
# What JSON text can say and Python's own writer does not, or a writer with other limits does.
TEXTS = (
    "1e999", "-1e999", "NaN", "Infinity", "-Infinity", "9" * 4_000, "9" * 5_000, "-" + "9" * 4_000, "1e-999", "-0",
    "1.0", "0." + "3" * 4_000, '"\\ud800"', '"a\\udc00b"', '"\\u0000"', '"\\u202e"', "[" * 3_000 + "]" * 3_000,
    '{"a":' * 500 + "1" + "}" * 500, '{"type": "number", "type": "category"}', "[" + ",".join(["1"] * 50_000) + "]",
    "[" + ",".join(["[]"] * 50_000) + "]",
)  # fmt: skip
VALUES = (
    None, True, False, 0, 1, -1, 2, -5, 7, 50, 0.5, 1.0, -0.5, 2**31, 2**63, 2**64, 10**30, 1e-320, 1e-300, 1e-150,
    1e-9, 1e9, 1e149, 1e150, -1e150, 1.1e150, 1e308, "", "x", "income", "now", "2024-02-30",
    "2024-01-01T00:00:00+02:00", "9999-12-31", "0001-01-01", "1e5", "\x07", "\n", "a" * 201, "a" * 1_000_000,
    "number", "category", "date", "ordinal",
    "drop", "knn", "log", "yeo-johnson", "month", "age", "nested", [], {}, [[]], [0], [None], ["", ""], {"a": 1},
)  # fmt: skip


def mutated(plain, random):
    """Return plain values with one to three changes."""
    plain = json.loads(json.dumps(plain))
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        holder, key = _place(plain, random)
        _change(holder, key, random)
    return plain


def _place(plain, random):
    """Return an object or a list and a key in it: every depth about as likely, however long the lists are."""
    holder = plain
    while True:
        key = random.choice(list(holder)) if isinstance(holder, dict) else random.randrange(len(holder))
        below = holder[key]
        if not isinstance(below, dict | list) or not below or random.random() < 0.15:
            return holder, key
        holder = below


def _change(holder, key, random):
    value = holder[key]
    ways = [_replaced, _replaced, _replaced, _removed, _twice]
    if isinstance(value, float):
        ways += [_rescaled] * 8
    if isinstance(value, list) and value:
        ways += [_reordered, _shortened, _lengthened]
    random.choice(ways)(holder, key, random)


def _replaced(holder, key, random):
    if random.random() < 0.3:
        holder[key] = f"{RAW}{random.randrange(len(TEXTS))}{RAW}"
    elif isinstance(holder, dict) and random.random() < 0.2:
        holder[key] = holder[random.choice(list(holder))]
    else:
        holder[key] = random.choice(VALUES)


def _removed(holder, key, random):
    del holder[key]
    if not holder:
        holder.update({"x": 1}) if isinstance(holder, dict) else holder.append(None)


def _twice(holder, key, random):
    if isinstance(holder, list):
        holder.insert(key, holder[key])
    else:
        holder[random.choice([f"{key}2", "x" * 1_000_000, "\x00\u202e` - at `$.k`", f"{key}{RAW}twin{RAW}"])] = holder[
            key
        ]


def _rescaled(holder, key, random):
    factor = random.choice([-1, 0, 1 + 1e-9, 10 ** random.uniform(-3, 3), 10 ** random.uniform(-160, 160)])
    holder[key] = min(max(holder[key] * factor, -1e308), 1e308)


def _reordered(holder, key, random):
    random.shuffle(holder[key])


def _shortened(holder, key, random):
    del holder[key][random.randrange(len(holder[key])) :]


def _lengthened(holder, key, random):
    holder[key] = holder[key] * random.choice([2, 3, 40])


def text_of(plain):
    """Return mutated values as JSON text."""
    text = json.dumps(plain, ensure_ascii=False)
    text = re.sub(f'"{RAW}(\\d+){RAW}"', lambda found: TEXTS[int(found[1])], text)
    return text.replace(f"{RAW}twin{RAW}", "")


def signed(text):
    """Return model bytes whose checksum is right."""
    unsigned = re.sub(r'("sha256_of_rest": ")[0-9a-f]{64}(?=")', r"\g<1>" + "0" * 64, text)
    digest = hashlib.sha256(unsigned.encode()).hexdigest()
    return re.sub(r'("sha256_of_rest": ")0{64}(?=")', r"\g<1>" + digest, unsigned).encode()
