"""Fill my template: the header row of a file that was just downloaded from a platform decides the columns."""

import csv
import io
from dataclasses import dataclass
from typing import Final

import msgspec

from segmenter.activate.contacts import field_of_name
from segmenter.activate.platforms import Field, FileColumn, Format, Platform, Rule
from segmenter.errors.activating import TemplateError
from segmenter.table.infer.consent import plain_name

_LARGEST: Final = 1_000_000
_USUAL_RULES: Final = {
    Field.EMAIL: Rule.EMAIL,
    Field.PHONE: Rule.PHONE_E164,
    Field.COUNTRY: Rule.COUNTRY_UPPER,
    Field.VALUE: Rule.NUMBER,
}
_HASHED: Final = frozenset({Field.EMAIL, Field.PHONE})
_HASH_MARKS: Final = ("sha256", "hashed", "hash")


@dataclass(frozen=True)
class Template:
    """The header row of a platform's own file.

    Attributes
    ----------
    headers
        As they are written there, in their order.
    """

    headers: tuple[str, ...]
    delimiter: str = ","
    newline: str = "\r\n"

    def format_of(self, platform: Platform) -> Format:
        """Return how the filled template is written."""
        return Format(
            platform.format.extension,
            delimiter=self.delimiter,  # type: ignore[arg-type]
            newline=self.newline,  # type: ignore[arg-type]
            all_columns=True,
        )


def read_template(content: bytes) -> Template:
    """Return the header row of a template: a text file whose first line names the columns.

    Raises
    ------
    TemplateError
        If it is no such file.
    """
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        message = "This template is a workbook. Save its sheet as CSV, and take that."
        raise TemplateError(message)
    if len(content) > _LARGEST:
        message = "This is no empty template: it has more than a megabyte. Download the platform's template anew."
        raise TemplateError(message)
    text = _decoded(content)
    line = next((each for each in text.splitlines() if each.strip()), "")
    if not line or any(ord(letter) < 32 and letter != "\t" for letter in line):
        message = "The template has no line of column names. Download the platform's template anew."
        raise TemplateError(message)
    delimiter = max((",", ";", "\t"), key=line.count)
    headers = tuple(next(csv.reader(io.StringIO(line), delimiter=delimiter)))
    return Template(headers, delimiter, "\r\n" if "\r\n" in text or "\n" not in text else "\n")


def _decoded(content: bytes) -> str:
    for start, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if content.startswith(start):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                break
    return content.decode("cp1252", errors="replace")


def template_columns(
    template: Template, platform: Platform, *, hashes: bool
) -> tuple[tuple[FileColumn, ...], tuple[bool, ...]]:
    """Return the columns that a template asks for, and which are hashed.

    A column is filled where its header names something known, else left empty. Columns that repeat are filled by the
    customers' second, third … address or number, or left empty; of a plain and a hashed one side by side, the one that
    was chosen.

    Raises
    ------
    TemplateError
        If no header names an identifier, or hashes are wanted for which there is no column.
    """
    known = {plain_name(column.header): column for column in platform.columns}
    named = [_named(header, known) for header in template.headers]
    marked = {column.source for column, is_marked in named if is_marked}
    unmarked = {column.source for column, is_marked in named if not is_marked}
    filled: dict[Field, int] = {}
    columns, flags = [], []
    for column, is_marked in named:
        of = column.source
        chosen = is_marked == hashes if of in marked and of in unmarked else True
        repeats = of in (Field.EMAIL, Field.PHONE)
        if of is not None and ((of in filled and not repeats) or not chosen):
            columns.append(FileColumn(column.header))
            flags.append(False)
            continue
        if of is not None:
            column = msgspec.structs.replace(column, slot=min(filled.get(of, 0), 9))
            filled[of] = filled.get(of, 0) + 1
        if hashes and column.hashed_header and not is_marked:
            message = f"The template has no column for hashed values of {column.header}. Leave identifiers plain."
            raise TemplateError(message)
        columns.append(column)
        flags.append(is_marked or (hashes and column.hashed))
    if not any(set(fields) <= set(filled) for fields in platform.identified_by):
        message = (
            f"No column of the template is known to hold what {platform.title} finds people by. Its columns are: "
            f"{', '.join(template.headers[:12])}."
        )
        raise TemplateError(message)
    return tuple(columns), tuple(flags)


def template_preamble(template: Template, platform: Platform) -> tuple[tuple[str, ...], ...]:
    """Return the rows before the customers in the template's order; none where it is not that of the same file."""
    places = {column.header: place for place, column in enumerate(platform.columns)}
    if not set(places) <= set(template.headers):
        return ()
    return tuple(
        tuple(row[places[header]] if header in places else "" for header in template.headers)
        for row in platform.preamble
    )


def _named(header: str, known: dict[str, FileColumn]) -> tuple[FileColumn, bool]:
    """Return what a header asks for, and whether it asks for hashes."""
    plain = plain_name(header)
    is_marked = any(mark in plain for mark in _HASH_MARKS)
    for mark in _HASH_MARKS if is_marked else ():
        plain = plain.replace(mark, "")
    ours = known.get(plain)
    if ours is not None:
        return msgspec.structs.replace(ours, header=header, group="", optional=False), is_marked
    field = field_of_name(plain)
    if field is None:
        return FileColumn(header or " "), False
    return FileColumn(header, field, _USUAL_RULES.get(field, Rule.TRIMMED), hashed=field in _HASHED), is_marked
