"""Workbooks of every kind are read alike, whoever wrote them; and so are tables that only bear their name."""

import io
import struct
import zipfile

import pytest
import xlsxwriter
import xlwt

from segmenter import errors
from segmenter.io.read.table import read_table

# What is read is the question here, and not who reads it.
pytestmark = pytest.mark.usefixtures("without_workers")

HEADER = ["id", "age", "city", "spend"]
ROWS = [[f"C{at}", 20 + at, "Köln" if at % 2 else "York", 1.5 * at + 0.25] for at in range(20)]
OASIS = "urn:oasis:names:tc:opendocument:xmlns"
OF = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def as_xlsx(*sheets):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for name, rows in sheets or (("Data", [HEADER, *ROWS]),):
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return content.getvalue()


def as_xls(rows=None):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Data")
    for line, row in enumerate(rows or [HEADER, *ROWS]):
        for column, cell in enumerate(row):
            sheet.write(line, column, cell)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_ods(rows=None, error=""):
    def cell(value):
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows or [HEADER, *ROWS])
    spaces = " ".join(f'xmlns:{name}="{OASIS}:{name}:1.0"' for name in ("office", "table", "text"))
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="Data">{lines}{error}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", text, zipfile.ZIP_DEFLATED)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<?xml version="1.0"?><m:manifest xmlns:m="{OASIS}:manifest:1.0"/>',
        )
    return content.getvalue()


def record(kind: int, body: bytes) -> bytes:
    """A record of Excel's binary workbooks: its kind and length in groups of seven bits, and its body."""
    number = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    size, length = b"", len(body)
    while True:
        size += bytes([length & 127 | (128 if length > 127 else 0)])
        length >>= 7
        if not length:
            return number + size + body


def words(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def as_xlsb():
    """A binary workbook as [MS-XLSB] describes it: BrtBundleSh, BrtRowHdr, BrtCellSt and BrtCellReal."""
    lines = b""
    for line, row in enumerate([HEADER, *ROWS]):
        lines += record(0, struct.pack("<IIHBBI", line, 0, 300, 0, 0, 0) + struct.pack("<I", 0))
        for column, cell in enumerate(row):
            place = struct.pack("<II", column, 0)
            lines += (
                record(6, place + words(cell)) if isinstance(cell, str) else record(5, place + struct.pack("<d", cell))
            )
    sheet = record(129, b"") + record(148, struct.pack("<IIII", 0, 20, 0, 3)) + record(145, b"") + lines
    sheet += record(146, b"") + record(130, b"")
    book = record(131, b"") + record(143, b"") + record(156, struct.pack("<II", 0, 1) + words("rId1") + words("Data"))
    book += record(144, b"") + record(132, b"")
    relations = (("rId1", "_rels/.rels", "officeDocument", "xl/workbook.bin"),
                 ("rId1", "xl/_rels/workbook.bin.rels", "worksheet", "worksheets/sheet1.bin"))  # fmt: skip
    parts = {
        part: f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="{key}" Type="{OF}/{kind}" '
        f'Target="{target}"/></Relationships>'
        for key, part, kind, target in relations
    }
    types = f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="bin" ContentType="x"/></Types>'
    parts |= {"[Content_Types].xml": types, "xl/workbook.bin": book, "xl/worksheets/sheet1.bin": sheet}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def with_backslashes(content: bytes) -> bytes:
    """The same archive, as some writers name its parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(written, "w") as other:
        for part in archive.infolist():
            named = zipfile.ZipInfo("x")
            named.filename = part.filename.replace("/", "\\")
            other.writestr(named, archive.read(part))
    return written.getvalue()


def as_page(rows=None, head='<html><head><meta charset="utf-8"></head><body>'):
    lines = "".join(
        "<tr>" + "".join(f"<td align=right>{cell}</td>" for cell in row) + "</tr>\n" for row in rows or [HEADER, *ROWS]
    )
    return f"{head}<p>List of customers</p><table border=1>\n{lines}</table></body></html>".encode()


def as_xml_of_2003():
    def cell(value):
        kind = "String" if isinstance(value, str) else "Number"
        return f'<Cell><Data ss:Type="{kind}">{value}</Data></Cell>'

    lines = "".join(f"<Row>{''.join(map(cell, row))}</Row>" for row in [HEADER, *ROWS])
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook '
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="Data"><Table>{lines}</Table></Worksheet></Workbook>'
    ).encode()


KINDS = {
    "xlsx": as_xlsx(),
    "xls": as_xls(),
    "xlsb": as_xlsb(),
    "ods": as_ods(),
    "backslashes": with_backslashes(as_xlsx()),
    "web page": as_page(),
    "web page with a mark": b"\xef\xbb\xbf" + as_page(),
    "web page in UTF-16": as_page(head="<html><body>").decode().encode("utf-16"),
    "table alone": as_page(head=""),
    "XML of 2003": as_xml_of_2003(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_workbook_gives_the_same_table(kind):
    dataset = read_table(KINDS[kind])
    assert list(dataset.original.columns) == HEADER
    assert dataset.original["id"].tolist() == [row[0] for row in ROWS]
    assert dataset.original["city"].tolist() == [row[2] for row in ROWS]
    assert dataset.frame["age"].tolist() == [row[1] for row in ROWS]
    assert dataset.frame["spend"].tolist() == [row[3] for row in ROWS]
    assert not dataset.notes


def test_the_sheet_with_the_largest_table_is_read_and_the_others_are_named():
    cover = [["Report of the shop", ""], ["made by", "Ann"], ["for", "the board"]]
    codes = [["code", "means"], ["1", "yes"], ["2", "no"]]
    dataset = read_table(as_xlsx(("Read me", cover), ("Customers", [HEADER, *ROWS]), ("Codes", codes)))
    assert dataset.n_customers == 20
    assert dataset.dialect.sheet == "Customers"
    assert "'Read me', 'Codes'" in dataset.notes[0].text


def test_a_long_column_of_remarks_is_no_larger_table():
    remarks = [["remark"], *([f"note {at}"] for at in range(500))]
    assert read_table(as_xlsx(("Remarks", remarks), ("Customers", [HEADER, *ROWS]))).n_customers == 20


def test_a_title_in_a_column_of_its_own_moves_no_numbers():
    dataset = read_table(as_xlsx(("Data", [["Report"], [], *(["", *row] for row in [HEADER, *ROWS])])))
    assert dataset.frame["age"].tolist() == [row[1] for row in ROWS]
    assert dataset.frame["spend"].tolist() == [row[3] for row in ROWS]


@pytest.mark.parametrize("start", [0, 3])
def test_of_two_tables_in_a_sheet_the_larger_is_read_and_the_other_is_told(start):
    pivot = [["Row Labels", "Count"], ["Köln", 10], ["York", 10]]
    rows = [
        [*own, "", *other] if start else [*other, "", *own]
        for own, other in zip([HEADER, *ROWS], pivot + [["", ""]] * 18, strict=True)
    ]
    dataset = read_table(as_xlsx(("Data", rows)))
    assert dataset.frame["spend"].tolist() == [row[3] for row in ROWS]
    assert list(dataset.original.columns) == HEADER
    assert [note.warning for note in dataset.notes if "'Row Labels', 'Count'" in note.text] == [True]


@pytest.mark.parametrize("kind", ["xlsx", "web page"])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: [[row[0], "", *row[1:3]] if at == 9 else row for at, row in enumerate(rows)], "row 10"),
        (lambda rows: [*rows, ["sub total", "", "", 330.0], *rows[:3]], "total"),
    ],
    ids=["a row that moved", "a total amid the others"],
)
def test_what_is_told_of_text_files_is_told_of_workbooks(kind, change, said):
    rows = [HEADER, *change(ROWS)]
    content = as_xlsx(("Data", rows)) if kind == "xlsx" else as_page(rows)
    assert any(said in note.text for note in read_table(content).notes if note.warning)


def test_fractions_that_a_workbook_shortens_move_no_row():
    rows = [[f"C{at}", at * 37 % 900, "Rome", 15_000.25 + at] for at in range(60)]
    rows[5][3], rows[5][1] = 4852.0, 17
    assert not read_table(as_xlsx(("Data", [HEADER, *rows]))).notes


def test_separated_values_in_one_column_are_read_as_such():
    lines = [[";".join(map(str, row))] for row in [HEADER, *ROWS]]
    dataset = read_table(as_xlsx(("Data", lines)))
    assert dataset.frame["spend"].tolist() == [row[3] for row in ROWS]


def test_one_column_is_a_table():
    assert read_table(as_xlsx(("Data", [[row[3]] for row in [HEADER, *ROWS]]))).n_customers == 20


def test_an_open_document_that_was_packed_again_is_one():
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_ods())) as archive, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as other:
        for name in reversed(archive.namelist()):
            other.writestr(name, archive.read(name))
    assert read_table(content.getvalue()).n_customers == 20


def test_a_password_is_told():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", bytes(range(256)))
        archive.writestr("META-INF/manifest.xml", '<m:manifest xmlns:m="x"><m:encryption-data/></m:manifest>')
    start = as_xls().index(b"\x09\x08\x10\x00")
    locked = as_xls()[: start + 20] + b"\x2f\x00\x36\x00\x01" + as_xls()[start + 25 :]
    for locked_book in (content.getvalue(), locked):
        with pytest.raises(errors.EncryptedWorkbookError):
            read_table(locked_book)


def test_errors_and_merged_cells_of_an_old_workbook_are_told():
    book = xlwt.Workbook()
    sheet = book.add_sheet("Data")
    for line, row in enumerate([HEADER, *ROWS]):
        for column, cell in enumerate(row):
            if (line, column) not in {(3, 1), (6, 2), (7, 2)}:
                sheet.write(line, column, cell)
    sheet.row(3).set_cell_error(1, "#DIV/0!")
    sheet.write_merge(6, 7, 2, 2, "Bath")
    content = io.BytesIO()
    book.save(content)
    said = [note.text for note in read_table(content.getvalue()).notes]
    assert any(text.startswith("Column B holds 1 cell with an error") and "line 4" in text for text in said)
    assert any("C7:C8" in text for text in said)


def test_errors_of_an_open_document_are_told():
    error = (
        '<table:table-row><table:table-cell office:value-type="string" calcext:value-type="error" '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"><text:p>#DIV/0!</text:p>'
        "</table:table-cell></table:table-row>"
    )
    assert any("1 cell with an error" in note.text for note in read_table(as_ods(error=error)).notes)


def test_cells_that_reach_over_others_keep_the_columns_in_place():
    page = as_page([["id", "age", "city"], *([f"C{at}", 20 + at, "York"] for at in range(6))])
    over = b'<tr><td rowspan="2">C7</td><td>31</td><td>Bath</td></tr><tr><td>32</td><td>Ely</td></tr>'
    page = page.replace(b"</table>", over + b"</table>")
    rows = read_table(page).original.fillna("").to_numpy().tolist()
    assert rows[-2:] == [["C7", "31", "Bath"], ["", "32", "Ely"]]


def test_the_largest_table_of_a_page_is_read_and_the_others_are_told():
    menu = b"<table><tr><td>Home</td><td>Help</td></tr><tr><td>Shop</td><td>Cart</td></tr></table>"
    dataset = read_table(as_page().replace(b"<p>", menu + b"<p>"))
    assert dataset.n_customers == 20
    assert any("largest table" in note.text for note in dataset.notes)


@pytest.mark.parametrize(
    "content",
    [
        b"<html><body><p>Please sign in</p></body></html>",
        b'<?xml version="1.0"?><svg><path d="M0 0"/></svg>',
        b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n<html>",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
    ],
    ids=["a page without a table", "a picture", "a web archive", "XML with entities"],
)
def test_what_holds_no_table_is_refused_with_the_way_out(content):
    with pytest.raises(errors.NotATableError, match=r"export its table as CSV or \.xlsx"):
        read_table(content)


def test_a_damaged_old_workbook_is_refused():
    with pytest.raises(errors.SegmenterError, match="damaged"):
        read_table(as_xls()[:512] + bytes(1_500) + as_xls()[2_012:])
