"""Audiences as one zip: lists in exactly the platform's format, a sheet that accounts for everybody, a manifest."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmenter import config
from segmenter.activate.audience import ONE_PERSON, STEPS, AudienceList, Audiences
from segmenter.activate.render import template_preamble
from segmenter.io.export.csv import characters, in_quotes, joined_lines, to_csv
from segmenter.io.writing import json_text, zipped
from segmenter.table.dataset import Dataset
from segmenter.table.infer.cells import text_array, text_scalar
from segmenter.threads import n_threads

READ_ME: Final = (
    "lists/ goes to the platform. Everything else is for you: reconciliation.csv accounts for every customer, "
    "left_out/ says who is in no list and why, manifest.json holds every choice and a hash of each file. Files for you "
    "open in a spreadsheet."
)
# Shorter lists are written before threads have begun.
_WORTH_THREADS: Final = 20_000


def audiences_zip(dataset: Dataset, audiences: Audiences) -> bytes:
    """Return the lists, what accounts for everybody, and the manifest, as one zip; the same input is the same bytes.

    Parameters
    ----------
    dataset
        The customers that the lists were made of.
    audiences
        What `build_audiences` returned.
    """
    files = audience_files(audiences)
    manifest = _manifest(audiences, dataset, files)
    files["manifest.json"] = json_text(manifest).encode()
    return zipped(files)


def audience_files(audiences: Audiences) -> dict[str, bytes]:
    """Return every file but the manifest, by its name in the zip."""
    made: dict[str, Callable[[], bytes]] = {
        f"lists/{name}": partial(platform_file, audiences, each)
        for name, each in zip(list_names(audiences), audiences.lists, strict=True)
    }
    made["reconciliation.csv"] = partial(to_csv, audiences.reconciliation)
    for number, step in enumerate(STEPS, 1):
        made[f"left_out/{number}_{step.replace(' ', '_')}.csv"] = partial(_left_out_csv, audiences, step)
    made["left_out/cells_not_used.csv"] = partial(to_csv, audiences.dropped)
    if len(audiences.groups):
        made["test_and_control.csv"] = partial(to_csv, audiences.groups)
    with _pool(audiences) as pool:
        return dict(zip(made, pool.map(lambda make: make(), made.values()), strict=True))


def _pool(audiences: Audiences) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(n_threads() if audiences.n_people > _WORTH_THREADS else 1)


def _left_out_csv(audiences: Audiences, step: str) -> bytes:
    there = audiences.left_out[audiences.left_out["step"] == step]
    return to_csv(there.drop(columns="step"))


def list_names(audiences: Audiences) -> list[str]:
    """Return the file name of each list: its segment's number, then letters, digits and underscores of any system."""
    extension = audiences.platform.format.extension
    own = [each.number for each in audiences.lists if each.number is not None]
    # Lists that are no numbered segments are counted: two files must not share a name.
    numbers = own if len({*own}) == len(audiences.lists) else list(range(1, len(audiences.lists) + 1))
    width = len(str(max(numbers, default=1)))
    return [
        f"{audiences.platform.id}_{number:0{width}d}{_slug(each.name)}.{extension}"
        for number, each in zip(numbers, audiences.lists, strict=True)
    ]


def platform_file(audiences: Audiences, people: AudienceList) -> bytes:
    """Return one list in the platform's format: no byte order mark, no apostrophes, quotes only where needed."""
    platform, template = audiences.platform, audiences.options.template
    layout = platform.format if template is None else template.format_of(platform)
    preamble = platform.preamble if template is None else template_preamble(template, platform)
    rows = [people.headers] if layout.header else []
    rows += [tuple(cell.replace("{audience}", people.name[:128]) for cell in row) for row in preamble]
    head = [layout.delimiter.join(_quoted_text(cell, layout.delimiter) for cell in row) for row in rows]
    there = people.cells.columns[: len(people.cells.columns) if len(people.cells) else 0]
    columns = [_quoted_texts(people.cells[place], layout.delimiter) for place in there]
    return joined_lines(layout.newline.join([*head, ""]), columns, layout.delimiter, layout.newline)


def _quoted_texts(texts: pd.Series, delimiter: str) -> pa.Array:
    cells = text_array(texts)
    text = characters(cells)
    if not any(mark in text for mark in (b'"', b"\r", b"\n", delimiter.encode())):
        return cells
    special = pc.match_substring_regex(cells, f'["\\r\\n{delimiter}]')
    doubled = pc.replace_substring(cells, '"', '""')
    return pc.if_else(
        special, pc.binary_join_element_wise(text_scalar('"'), doubled, text_scalar('"'), text_scalar("")), cells
    )


def _quoted_text(cell: str, delimiter: str) -> str:
    return in_quotes(cell) if any(mark in cell for mark in ('"', "\r", "\n", delimiter)) else cell


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    words = re.findall(r"[a-z0-9]+", "".join(letter for letter in plain if not unicodedata.combining(letter)))
    # Names of segments often begin with the number that the file has already.
    words = words[1:] if words and words[0].isdecimal() else words
    return f"_{'_'.join(words)[:60]}" if words else ""


def _manifest(audiences: Audiences, customers: Dataset, files: Mapping[str, bytes]) -> dict[str, object]:
    platform, options = audiences.platform, audiences.options
    control, counts = options.control, audiences.reconciliation.set_index("segment")
    with _pool(audiences) as pool:
        hashes = list(pool.map(lambda content: hashlib.sha256(content).hexdigest(), files.values()))
    rows = {f"lists/{name}": len(each.rows) for name, each in zip(list_names(audiences), audiences.lists, strict=True)}
    return {
        "read_me": READ_ME,
        "segmenter": config.VERSION,
        "file": customers.name,
        "fingerprint": customers.fingerprint,
        "platform": {
            "id": platform.id,
            "title": platform.title,
            "checked_on": platform.checked_on.isoformat(),
            "certainty": platform.certainty,
            "sources": list(platform.sources),
        },
        "columns": {of.value: name for of, name in audiences.contacts.columns.items()},
        "further_columns": {
            of.value: [name for name, _ in cells[1:]] for of, cells in audiences.contacts.written.items()
        },
        "hashed": audiences.hashes,
        "template": list(options.template.headers) if options.template else None,
        "region": options.region or None,
        "consent": {"columns": list(options.consent.columns), "stated": options.consent.stated or None},
        "suppression": [
            {"file": each.name, "identifiers": len(each), "not_readable": each.n_unreadable}
            for each in (*options.suppressed, *options.earlier)
        ],
        "control": None
        if control is None or not control.share
        else {"share": control.share, "salt": control.salt, "campaign": control.campaign or None},
        "one_person": ONE_PERSON,
        "reconciliation": [
            {"segment": name, **{key: int(n) for key, n in row.items()}} for name, row in counts.iterrows()
        ],
        "notes": [note.text for note in audiences.notes],
        "versions": {name: version(name) for name in ("phonenumbers", "email-validator")},
        "files": [
            {
                "name": name,
                "sha256": digest,
                "bytes": len(content),
                **({"people": rows[name]} if name in rows else {}),
            }
            for (name, content), digest in zip(files.items(), hashes, strict=True)
        ],
    }
