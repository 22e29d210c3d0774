"""Files that parse without a fault and are not what they seem, and clean ones that only look odd."""

import pytest

from segmenter.io.read.table import read_table
from segmenter.table.dataset import ColumnKind

# What is read is the question here, and not who reads it.
pytestmark = pytest.mark.usefixtures("without_workers")

CITIES = ("Leeds", "York", "Bath")
PLANS = ("Basic", "Plus", "Pro")
WORDS = [["name", "city", "plan", "channel"]] + [
    [f"n{at}x", CITIES[at % 3], PLANS[at % 2], ("web", "shop")[at % 2]] for at in range(20)
]


def written(rows, separator=","):
    return "".join(separator.join(row) + "\n" for row in rows).encode()


def warned(content):
    return [note.text for note in read_table(content).notes if note.warning]


def with_row(at, row):
    return written([*WORDS[:at], row, *WORDS[at:]])


@pytest.mark.parametrize("mark", ["*", "&", "/"])
def test_an_unusual_separator_that_makes_one_column_is_told(mark):
    assert any(f"{mark!r} stands in every line" in text for text in warned(written(WORDS, mark)))


@pytest.mark.parametrize("separator", [",", ";"])
def test_lines_quoted_as_a_whole_are_freed_from_their_marks(separator):
    rows = [[*WORDS[0], "said"], *([*row, f'""{separator}now""'] for row in WORDS[1:])]
    content = "".join(f'"{separator.join(row)}"\n' for row in rows).encode()
    dataset = read_table(content)
    assert dataset.original.iloc[:, :4].to_numpy().tolist() == WORDS[1:]
    assert set(dataset.original["said"]) == {f"{separator}now"}
    assert any("around every line" in note.text for note in dataset.notes)


@pytest.mark.parametrize(
    "value", ['{"a":1,"b":"x, y"}', "[1, 2, 3]", "['a', \"it's\"]", '{"a":{"b":[1,{"c":null}]},"d":""}']
)
@pytest.mark.parametrize("at", [1, 4])
def test_json_and_lists_that_nobody_quoted_are_one_value(value, at):
    values = [value, "{}", value, '"quoted, too"'] * 5
    rows = [[*row[:at], extra, *row[at:]] for row, extra in zip(WORDS[1:], values, strict=True)]
    names = [*WORDS[0][:at], "extra", *WORDS[0][at:]]
    dataset = read_table(written([names, *rows]))
    assert list(dataset.original.columns[:5]) == names
    assert dataset.original["extra"].tolist() == [each.strip('"') if "quoted" in each else each for each in values]
    assert dataset.original["channel"].tolist() == [row[3] for row in WORDS[1:]]


def test_text_that_programs_write_for_spreadsheets_is_the_text_alone():
    rows = [["shop", "spend"], *([f'="00{100 + at}"', f"'{at}.5"] for at in range(20))]
    dataset = read_table(written(rows))
    assert dataset.original["shop"].tolist() == [f"00{100 + at}" for at in range(20)]
    assert dataset.frame["spend"].tolist() == [at + 0.5 for at in range(20)]
    one = written([["shop", "spend"], ['="007"', "1"], ["=1+2", "2"], ["x", "3"]])
    assert read_table(one).original["shop"].tolist() == ['="007"', "=1+2", "x"]


@pytest.mark.parametrize("write", ["{}*", "~{}", "{}¹", "<{}", "ca. {}"])
def test_numbers_with_a_mark_beside_them_are_numbers_and_told(write):
    cells = [write.format(f"{at}.25") if at % 5 == 0 else f"{at}.25" for at in range(10, 50)]
    dataset = read_table(written([["name", "spend"], *([f"n{at}x", cell] for at, cell in enumerate(cells))]))
    assert dataset.frame["spend"].tolist() == [at + 0.25 for at in range(10, 50)]
    assert any("a mark beside them" in note.text and note.column == "spend" for note in dataset.notes if note.warning)


def test_letters_as_web_pages_write_them_are_told():
    assert any("as pages or programs" in text for text in warned(with_row(3, ["M&#252;ller", "York", "Pro", "web"])))
    assert not warned(with_row(3, ["Smith & Sons; London", "York", "Pro", "web"]))


def test_of_two_tables_side_by_side_the_larger_is_read_and_the_other_is_told():
    other = ["key", "a", "b", *[""] * 18]
    for rows in (
        [[*row, "", extra] for row, extra in zip(WORDS, other, strict=True)],
        [[extra, extra, "", *row] for row, extra in zip(WORDS, other, strict=True)],
    ):
        dataset = read_table(written(rows))
        assert dataset.original.columns.tolist() == WORDS[0]
        assert [note.text for note in dataset.notes if note.warning and "'key'" in note.text]
    # Rows cut short before the larger table lose it, and nothing else.
    rows = [[extra, "", *row] for row, extra in zip(WORDS, other, strict=True)]
    assert read_table(written([*rows[:9], ["a"], ["b", ""], *rows[9:]])).n_customers == len(WORDS) - 1
    # As many rows on both sides may be one table, which an empty column divides.
    rows = [[*row[:2], "", *row[2:]] for row in WORDS]
    assert any("side by side" in text for text in warned(written(rows)))


def test_a_narrower_table_below_a_blank_line_is_none_of_the_customers():
    below = [["", "", "", ""], ["Region", "Manager", "", ""], ["North", "Ann", "", ""], ["South", "Bob", "", ""]]
    dataset = read_table(written([*WORDS, *below]))
    assert dataset.n_customers == len(WORDS) - 1
    assert any("second table" in note.text for note in dataset.notes if note.warning)


def test_rows_that_are_numbered_without_a_name_keep_their_names():
    rows = [WORDS[0], *([str(at), *row] for at, row in enumerate(WORDS[1:], 1))]
    dataset = read_table(written(rows))
    assert dataset.original[WORDS[0]].to_numpy().tolist() == WORDS[1:]
    assert not [note for note in dataset.notes if note.warning]


def test_columns_of_fixed_width_with_decimal_commas_are_read():
    rows = [["name", "spend", "visits"], *([f"n{at}x", f"{at},25", str(at)] for at in range(20))]
    dataset = read_table("".join("".join(cell.ljust(10) for cell in row) + "\n" for row in rows).encode())
    assert dataset.frame["spend"].tolist() == [at + 0.25 for at in range(20)]


def test_a_padded_title_above_two_columns_is_no_line_of_names():
    rows = [["Report", ""], ["", ""], ["visits", "spend"], *([str(at), f"{at}.5"] for at in range(20))]
    assert list(read_table(written(rows)).original.columns) == ["visits", "spend"]


def test_columns_of_fixed_width_are_read_and_told():
    dataset = read_table("".join("".join(cell.ljust(12) for cell in row) + "\n" for row in WORDS).encode())
    assert dataset.original.to_numpy().tolist() == WORDS[1:]
    assert any("fixed width" in note.text for note in dataset.notes)


def test_wide_gaps_that_do_not_stand_below_each_other_are_told():
    content = "".join("   ".join(cell + " " * (3 * at % 7) for cell in row) + "\n" for at, row in enumerate(WORDS))
    assert any("wide gaps" in text for text in warned(content.encode()))


@pytest.mark.parametrize("separator", ["¦", "§", "\x1e", ";;"])
def test_rarer_separators_are_found(separator):
    dataset = read_table(written(WORDS, separator))
    assert dataset.original.to_numpy().tolist() == WORDS[1:]
    assert not dataset.notes


@pytest.mark.parametrize("mark", ["`", "'"])
def test_a_row_in_other_quotation_marks_is_told(mark):
    row = [f"{mark}{cell}{mark}" for cell in ("Ann", "York", "Plus", "web")]
    dataset = read_table(with_row(6, row))
    assert [note.line for note in dataset.notes if "another kind" in note.text] == [7]


@pytest.mark.parametrize("mark", ["`", "$", "%"])
def test_names_in_marks_that_were_kept_are_told(mark):
    content = written([[f"{mark}{cell}{mark}" for cell in row] for row in WORDS])
    assert any("Every column name stands between" in text for text in warned(content))


@pytest.mark.parametrize(
    "row",
    [
        ["name (2)", "city (2)", "plan (2)", "channel (2)"],
        ["text", "text", "text", "text"],
        ["full name", "place", "contract", "way"],
    ],
    ids=["names again", "all alike", "values of their own"],
)
def test_a_second_line_of_names_above_words_is_told(row):
    dataset = read_table(with_row(1, row))
    assert [note.line for note in dataset.notes if note.warning] == [2]


def test_names_of_another_table_below_are_told():
    assert any(
        "further line of column names" in text
        for text in warned(with_row(12, ["Other name", "Other city", "Other plan", "Other channel"]))
    )


def test_a_subtotal_among_the_rows_is_told():
    dataset = read_table(with_row(9, ["Subtotal", "", "", "8"]))
    assert [note.line for note in dataset.notes if "looks like a total" in note.text] == [10]


def test_a_customer_called_total_with_all_values_is_none():
    assert not warned(with_row(9, ["Total", "York", "Pro", "web"]))


@pytest.mark.parametrize("letter", ["\u200b", "\ufeff", "\x1a"])
def test_a_letter_that_nobody_sees_is_told_with_its_line(letter):
    dataset = read_table(with_row(4, [f"{letter}Ann", "York", "Plus", "web"]))
    assert [note.line for note in dataset.notes if "can't be seen" in note.text] == [5]


def test_the_end_mark_of_old_systems_is_no_part_of_a_clean_table():
    assert not any("can't be seen" in text for text in warned(written(WORDS) + b"\x1a"))


def test_byte_order_marks_are_taken_off_however_many_there_are():
    assert read_table(b"\xef\xbb\xbf" * 2 + written(WORDS)).columns[0].header == "name"
    assert read_table(("\ufeff\ufeff" + written(WORDS).decode()).encode("utf-16-le")).columns[0].header == "name"


def test_lines_in_different_encodings_are_told():
    content = written(WORDS[:5]) + "Zoë,York,Plus,web\n".encode() + "René,York,Plus,web\n".encode("cp1252")
    notes = [note for note in read_table(content).notes if note.warning]
    assert [note.line for note in notes] == [6]


def test_windows_text_alone_is_not_called_mixed():
    assert not warned(with_row(4, ["MÜLLER «Zoë» £5", "Köln", "Plus", "web"]).decode().encode("cp1252"))


def test_moments_in_one_column_are_not_split_at_the_space():
    dataset = read_table(b"seen at\n2024-01-05 10:00:00\n2024-02-06 11:30:00\n2024-03-07 12:45:00\n")
    assert [column.kind for column in dataset.columns] == [ColumnKind.DATE]


def test_two_words_a_line_are_one_column():
    dataset = read_table(b"favourite colour\ndark green\nlight blue\nred\n")
    assert dataset.original.iloc[:, 0].tolist() == ["dark green", "light blue", "red"]
    assert not dataset.notes


def test_words_and_numbers_with_a_space_between_are_two_columns():
    assert read_table(b"name age\nAnn 30\nBob 41\nCid 28\n").frame["age"].tolist() == [30, 41, 28]


def test_eight_digit_dates_are_dates_whatever_the_column_is_called():
    dataset = read_table(b"id,last_order\n1,20240131\n2,20231205\n3,20240229\n4,20230704\n")
    assert dataset.column("last_order").kind is ColumnKind.DATE


def test_eight_digit_numbers_that_are_no_dates_stay_numbers():
    dataset = read_table(b"id,revenue\n1,20240131\n2,20231305\n3,20240229\n4,20999999\n")
    assert dataset.frame["revenue"].tolist() == [20240131, 20231305, 20240229, 20999999]


def test_the_row_number_that_programs_write_needs_no_word():
    assert not read_table(b",age,spend\n0,30,5.5\n1,41,7.25\n2,28,9.75\n").notes
    assert read_table(b",age,spend\n7,30,5.5\n1,41,7.25\n2,28,9.75\n").notes


def test_long_account_numbers_are_identifiers_without_a_word():
    dataset = read_table(b"account_no,age\n725753838842063175,30\n725753838842063176,41\n725753838842063177,28\n")
    assert dataset.column("account_no").kind is ColumnKind.IDENTIFIER
    assert not dataset.notes


@pytest.mark.parametrize(
    ("values", "last"),
    [
        (["2024-05-01", "2024-06-11"], "2024-0"),
        (["North", "South"], "Nor"),
        (["12:30", "14:45"], "09:"),
        (["38.50", "9.25", "120.75"], "11"),
        (["4120", "980", "2750"], "31"),
        (["Hamburg", "Bremen", "Leipzig", "Dresden", "Erfurt", "Kassel", "Kiel", "Bonn", "Ulm"], "Leip"),
    ],
)
def test_a_file_cut_off_inside_its_last_value_is_told(values, last):
    rows = "".join(f"K{n},{n * 7 % 50},{values[n % len(values)]}\n" for n in range(40))
    told = [note.text for note in read_table(f"id,visits,end\n{rows}K99,5,{last}".encode(), name="x.csv").notes]
    assert any("cut off" in text for text in told)
    whole = read_table(f"id,visits,end\n{rows}K99,5,{values[0]}".encode(), name="x.csv")
    assert not [note.text for note in whole.notes if note.warning]


def test_pairs_of_words_and_values_above_an_empty_line_are_titles():
    head = "Report,Customers,,\nPeriod,2024-01,,\nCurrency,EUR,,\n,,,\n"
    rows = "".join(f"K{n},{n * 7 % 50},{n * 1.5:.2f},{'Bonn' if n % 2 else 'Ulm'}\n" for n in range(14))
    customers = read_table(f"{head}id,visits,spend,city\n{rows}".encode(), name="x.csv")
    assert list(customers.frame.columns) == ["id", "visits", "spend", "city"]
    assert customers.n_customers == 14


def numbers_in_rows(n_rows, change=lambda row, at: row):
    """Return recency, orders, spend, returns and days as a customer, all numbers of one size a column."""
    rows = [
        [
            str(7 + at * 37 % 350),
            str(1 + at % 9),
            f"{140 + at * 53 % 700}.{at % 10}5",
            str(at % 3),
            str(900 + at * 71 % 800),
        ]
        for at in range(n_rows)
    ]
    names = ["recency", "orders", "spend", "returns", "days"]
    return written([names, *(change(row, at) for at, row in enumerate(rows))])


@pytest.mark.parametrize(
    "move",
    [
        lambda row: [*row[:1], *row[2:4], "", row[4]],
        lambda row: ["", *row[:-1]],
        lambda row: [*row[1:], ""],
        lambda row: [*row[:2], *row[2].split("."), *row[3:]][:5],
    ],
)
def test_numbers_of_a_row_that_moved_into_other_columns_are_told(move):
    told = warned(numbers_in_rows(60, lambda row, at: move(row) if at == 33 else row))
    assert [text for text in told if "row 34" in text]
    assert not warned(numbers_in_rows(60))
    # A missing value alone is none that moved.
    assert not warned(numbers_in_rows(60, lambda row, at: [*row[:4], ""] if at in (5, 33) else row))


def test_words_of_another_column_among_numbers_are_told():
    rows = [[f"n{at}x", CITIES[at % 3], str(at * 7 % 50)] for at in range(30)]
    rows[11][1:], rows[12][1:] = rows[11][:0:-1], rows[12][:0:-1]
    assert any("a value of 'city'" in text for text in warned(written([["name", "city", "visits"], *rows])))


def test_an_apostrophe_that_marks_text_is_taken_off_where_every_value_has_one():
    rows = [[f"'K-{2000 + at}", str(at * 7 % 50)] for at in range(30)]
    dataset = read_table(written([["id", "visits"], *rows]))
    assert dataset.original["id"].tolist() == [f"K-{2000 + at}" for at in range(30)]
    assert any("apostrophe" in note.text for note in dataset.notes)
    rows[4][0] = "K-2999"
    assert any("'K-2000" in text for text in warned(written([["id", "visits"], *rows])))
    # What follows would be run as a formula, and is not what stands without the mark.
    risky = [["'=1", "1"], ["=1", "2"], ["'=2", "3"]]
    assert read_table(written([["id", "visits"], *risky])).original["id"].tolist() == ["'=1", "=1", "'=2"]
    towns = [["'s-Hertogenbosch", "1"], ["Utrecht", "2"], ["'t Harde", "3"], ["Delft", "4"]]
    dataset = read_table(written([["town", "visits"], *towns]))
    assert dataset.original["town"].tolist() == [row[0] for row in towns]
    assert not dataset.notes


@pytest.mark.parametrize("letter", ["\x07", "\u00ad", "\u200e"])
def test_letters_that_nobody_sees_are_told(letter):
    assert any("can't be seen" in text for text in warned(with_row(3, [f"n{letter}x", "York", "Pro", "web"])))


def test_letters_that_were_lost_are_told():
    assert any("was lost" in text for text in warned(with_row(3, ["M\ufffdller", "York", "Pro", "web"])))


@pytest.mark.parametrize("word", ["xx", "(en blanco)", "00.00.0000", "niemals"])
def test_dates_stay_dates_where_a_word_says_that_there_is_none(word):
    rows = [[f"n{at}x", word if at % 6 == 2 else f"{1 + at % 28:02d}.{1 + at % 12:02d}.2023"] for at in range(60)]
    dataset = read_table(written([["name", "since"], *rows]))
    assert dataset.column("since").kind is ColumnKind.DATE
    assert dataset.column("since").missing == 10


def test_months_are_known_by_their_beginnings():
    cells = ["3 febr 2021", "14 mayo 2020", "9 agos 2019", "21 wrze 2022", "2 janu 2018", "30 dicie 2017"]
    dataset = read_table(written([["name", "since"], *([f"n{at}x", cell] for at, cell in enumerate(cells))]))
    assert dataset.frame["since"].dt.month.tolist() == [2, 5, 8, 9, 1, 12]


@pytest.mark.parametrize("code", ["99", "999", "-1", "9"])
def test_a_row_with_one_code_for_not_known_has_not_moved(code):
    scale = ("Disagree", "Neither", "Agree")
    rows = [
        [
            str(at),
            scale[at % 3],
            *(str(1 + at * step % 5) for step in (7, 11, 13)),
            "mf"[at % 2],
            f"{0.5 + at % 13 / 9:.3f}",
        ]
        for at in range(200)
    ]
    for at in range(5, 200, 40):
        # As low as its neighbours are high: what stands beside it would fit here, and the code there.
        rows[at][2:5] = [code, "1", "1"]
    assert not warned(written([["respondent", "Q1", "Q2", "Q3", "Q4", "gender", "score"], *rows]))


def test_a_customer_who_ordered_once_is_no_row_that_moved_because_of_the_mailbox_beside():
    customers = [at // 20 for at in range(400)]
    customers[201] = 500
    rows = [[f"O{at}", f"K{one}", f"k{one}@shop.example", f"{1 + at * 7 % 30}.5"] for at, one in enumerate(customers)]
    dataset = read_table(written([["order", "customer", "email", "amount"], *rows]))
    assert not [note.text for note in dataset.notes if "moved" in note.text]


PEOPLE = [["id", "name", "city", "age", "joined"]] + [
    [f"{7000 + at}", f"n{at}x", CITIES[at % 3], str(20 + at), f"2024-01-{at + 1:02d}"] for at in range(24)
]


@pytest.mark.parametrize("marks", ["“”", "““", "«»", "„“", "»«", "‹›"])
def test_typographic_marks_around_all_values_are_quotation_marks(marks):
    dataset = read_table(written([[f"{marks[0]}{cell}{marks[1]}" for cell in row] for row in PEOPLE], ";"))
    assert list(dataset.original.columns) == PEOPLE[0]
    assert dataset.original.to_numpy().tolist() == PEOPLE[1:]
    assert dataset.column("joined").kind is ColumnKind.DATE
    assert any("quotation marks" in note.text for note in dataset.notes)


def test_values_in_three_pairs_of_marks_are_freed_from_all():
    dataset = read_table(written([[f'"""{cell}"""' for cell in row] for row in PEOPLE]))
    assert dataset.original.to_numpy().tolist() == PEOPLE[1:]


def test_a_column_of_quotations_keeps_its_marks():
    rows = [[*PEOPLE[0], "said"], *([*row, f'""" {row[1]} """'] for row in PEOPLE[1:])]
    assert read_table(written(rows)).original["said"].str.contains('"').all()


def test_a_heading_above_a_group_of_rows_is_told():
    heading = lambda words: [words, "", "", "", ""]  # noqa: E731 - used twice
    rows = [PEOPLE[0], heading("Group North"), *PEOPLE[1:13], heading("Group South"), *PEOPLE[13:]]
    assert any("heading above a group" in text for text in warned(written(rows)))


def test_a_customer_of_whom_only_the_number_is_known_is_no_heading():
    rows = [*PEOPLE[:9], ["7900", "", "", "", ""], *PEOPLE[9:]]
    assert warned(written(rows)) == []


def test_a_table_on_its_side_is_told():
    assert any("lie on its side" in text for text in warned(written(list(zip(*PEOPLE, strict=True)))))


def test_two_columns_that_change_places_half_way_are_told():
    few = WORDS[1:] * 3
    rows = [WORDS[0], *few[:41], *([name, plan, city, channel] for name, city, plan, channel in few[41:])]
    assert any(
        "From row 42 on, 'city' and 'plan' hold what stood in the other one" in each for each in warned(written(rows))
    )
    # Sorted by one of them, none has changed places.
    assert warned(written([WORDS[0], *sorted(WORDS[1:], key=lambda row: row[1])])) == []


def test_question_marks_in_place_of_letters_are_told():
    rows = [[cell.replace("Leeds", "K?ln").replace("York", "M??ersburg") for cell in row] for row in WORDS]
    assert any("letters were lost" in text for text in warned(written(rows)))


def test_questions_and_addresses_of_pages_have_lost_no_letters():
    rows = [
        [*WORDS[0], "asked", "page"],
        *([*row, ("Why? Really?", "How many?")[at % 2], f"shop?id={at}"] for at, row in enumerate(WORDS[1:])),
    ]
    assert warned(written(rows)) == []


@pytest.mark.parametrize(
    ("words", "numbers"),
    [("Ciudad", "Importe"), ("Miasto", "Kwota"), ("Город", "Сумма"), ("都市", "購入金額"), ("Cidade", "Gasto")],
)
def test_exchanged_names_are_told_in_more_languages(words, numbers):
    right = [["x", words, numbers], *([f"n{at}", CITIES[at % 3], f"{at * 7}.5"] for at in range(20))]
    assert warned(written(right)) == []
    assert any(
        "names may stand over the wrong columns" in each
        for each in warned(written([["x", numbers, words], *right[1:]]))
    )


def test_dates_that_programs_write_where_none_is_known_are_told():
    rows = [*PEOPLE[:20], *([*row[:4], "1900-01-01"] for row in PEOPLE[20:])]
    assert any("5 rows say 1900-01-01" in text for text in warned(written(rows)))
    births = [["id", "born"], *([str(7000 + at), f"{1895 + 5 * at}-01-01"] for at in range(20))]
    assert warned(written(births)) == []


def test_a_currency_in_some_cells_only_is_told():
    rows = [["id", "spend"], *([str(7000 + at), f"£{at}.50" if at == 9 else f"{at}.50"] for at in range(30))]
    assert any("has £ in some cells only" in text for text in warned(written(rows)))
    rows = [["id", "spend"], *([str(7000 + at), f"£{at}.50" if at % 5 else "0"] for at in range(30))]
    assert warned(written(rows)) == []


@pytest.mark.parametrize("none", [",-", ",–", ",—", ",--"])
def test_a_dash_in_place_of_cents_is_no_minus(none):
    rows = [["id", "price"], *([str(7000 + at), f"1.{100 + at}{none}" if at % 2 else f"{at},50"] for at in range(20))]
    dataset = read_table(written(rows, ";"))
    assert dataset.frame["price"].tolist() == [1100.0 + at if at % 2 else at + 0.5 for at in range(20)]


def test_a_refund_that_turns_all_signs_has_not_moved():
    rows = [["day", "type", "gross", "fee", "net", "code"]]
    for at in range(60):
        sign = -1 if at in (9, 31) else 1
        gross = 40 + 13 * (at * 7 % 29)
        rows.append([f"2024-03-{at % 28 + 1:02d}", "refund" if sign < 0 else "payment"])
        rows[-1] += [
            f"{sign * gross:.2f}",
            f"{-sign * gross * 0.03:.2f}",
            f"{sign * gross * 0.97:.2f}",
            f"7XK{at * 7919:09d}T",
        ]
    assert warned(written(rows)) == []


def test_name_and_mailbox_of_whoever_bought_once_are_one_oddity():
    """Shops leave the name empty on further lines of an order, so that the two columns are filled in other rows."""
    rows = [["order", "email", "paid", "item", "name"]]
    for at in range(60):
        who = 99 if at == 40 else at // 4 % 7
        further = at % 4 == 1
        rows.append([f"#{1000 + at // 2}", f"p{who}@example.com", "" if further else "paid", f"Mug {at % 5}"])
        rows[-1].append("" if further else f"Person {who}")
    assert warned(written(rows)) == []


@pytest.mark.parametrize("column", [0, 2])
def test_values_that_stand_on_the_first_row_of_a_group_alone_are_told(column):
    rows = [list(row) for row in PEOPLE[1:]]
    for at, row in enumerate(rows):
        row[column] = f"{'ABCDEFGH'[at // 3]}x" if at % 3 == 0 else ""
    assert any("first row of its group" in text for text in warned(written([PEOPLE[0], *rows])))


def test_what_is_of_a_whole_order_may_stand_on_its_first_line_alone():
    rows = [["order", "item", "paid"]]
    rows += [
        [f"#{1000 + at // 3}", f"Mug {at % 5}", f"2024-01-{at // 3 + 1:02d}" if at % 3 == 0 else ""] for at in range(60)
    ]
    assert not any("first row of its group" in text for text in warned(written(rows)))


def test_a_seldom_used_column_is_no_heading_of_groups():
    rows = [
        [*PEOPLE[0], "coupon"],
        *([*row, ("", f"C{at * 7 % 23}")[at % 3 == 0]] for at, row in enumerate(PEOPLE[1:])),
    ]
    assert warned(written(rows)) == []


@pytest.mark.parametrize("cell", ["<b>Leeds</b>", "Gie\\xdfen", "Gie%C3%9Fen", "Gie+AN8-en", "Gie&szlig;en"])
def test_letters_that_are_written_as_programs_write_them_are_told(cell):
    assert any("as pages or programs write them" in text for text in warned(with_row(9, ["n8x", cell, "Pro", "web"])))


def test_addresses_of_pages_and_sums_are_as_they_are():
    rows = [[*WORDS[0], "page"], *([*row, f"https://x.example/K%C3%B6ln+A{at}"] for at, row in enumerate(WORDS[1:]))]
    assert warned(written(rows)) == []


def test_lists_that_a_program_wrote_are_told():
    assert any("stands between [ and ]" in text for text in warned("".join(f"{row}\n" for row in PEOPLE).encode()))
    # Decimal commas stand beside those that separate, so that none of them does.
    rows = [PEOPLE[0], *([*row[:3], f"{row[3]},5", row[4]] for row in PEOPLE[1:])]
    assert warned("".join(f"{row}\n" for row in rows).encode())
