"""What cells and columns mean in the writings of more countries and programs, and what is said where they stay open."""

import numpy as np
import pandas as pd
import pytest

from segmenter import find_repeated_customers, guess_purchases, join_spellings, read_frame
from segmenter.table.dataset import ColumnKind
from segmenter.table.infer.ordinal_scales import scale_levels
from segmenter.table.spellings import find_spellings

N = 120
random = np.random.default_rng(21)
DAYS = pd.to_datetime("2021-02-03") + pd.to_timedelta(random.integers(0, 1200, N), "D")
ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]
RUSSIAN = ["янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"]
UKRAINIAN = [
    "січня",
    "лютого",
    "березня",
    "квітня",
    "травня",
    "червня",
    "липня",
    "серпня",
    "вересня",
    "жовтня",
    "листопада",
    "грудня",
]
ROMANIAN = [
    "ianuarie",
    "februarie",
    "martie",
    "aprilie",
    "mai",
    "iunie",
    "iulie",
    "august",
    "septembrie",
    "octombrie",
    "noiembrie",
    "decembrie",
]
HUNGARIAN = [
    "január",
    "február",
    "március",
    "április",
    "május",
    "június",
    "július",
    "augusztus",
    "szeptember",
    "október",
    "november",
    "december",
]
TURKISH = [
    "Ocak",
    "Şubat",
    "Mart",
    "Nisan",
    "Mayıs",
    "Haziran",
    "Temmuz",
    "Ağustos",
    "Eylül",
    "Ekim",
    "Kasım",
    "Aralık",
]
WEEKDAYS = ["Pazartesi", "Salı", "Çarşamba", "Perşembe", "Cuma", "Cumartesi", "Pazar"]
POLISH = [
    "stycznia",
    "lutego",
    "marca",
    "kwietnia",
    "maja",
    "czerwca",
    "lipca",
    "sierpnia",
    "września",
    "października",
    "listopada",
    "grudnia",
]


def read(cells, name="x"):
    table = pd.DataFrame({name: list(cells)})
    dataset = read_frame(table.assign(other=np.arange(len(table)) * 1.5))
    said = [note for note in dataset.notes if note.column == name]
    return dataset.frame[name], dataset.columns[0], said


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (lambda day: f"{day.day} {POLISH[day.month - 1]} {day.year} r.", "x"),
        (lambda day: f"{day.day:02} {RUSSIAN[day.month - 1]} {day.year} г.", "x"),
        (lambda day: f"{day.day} {UKRAINIAN[day.month - 1]} {day.year}", "x"),
        (lambda day: f"{day.day} {ROMANIAN[day.month - 1]} {day.year}", "x"),
        (lambda day: f"{day.year}. {HUNGARIAN[day.month - 1]} {day.day}.", "x"),
        (lambda day: f"{day.day} {TURKISH[day.month - 1]} {day.year} {WEEKDAYS[day.weekday()]}", "x"),
        (lambda day: f"{day.day}.{ROMAN[day.month - 1]}.{day.year}", "x"),
        (lambda day: day.strftime("%d of %B %Y"), "x"),
        (lambda day: day.strftime("%a %b %d 09:05:00 %Y"), "x"),
        (lambda day: day.strftime("%d%b%y:13:05:00").upper(), "x"),
        (lambda day: f"{day.year}年{day.month}月{day.day}日({'月火水木金土日'[day.weekday()]})", "x"),
        (lambda day: f"令和{day.year - 2018}年{day.month}月{day.day}日", "x"),
        (lambda day: f"R{day.year - 2018}.{day.month}.{day.day}", "x"),
        (lambda day: f"ngày {day.day} tháng {day.month} năm {day.year}", "x"),
        (lambda day: day.strftime("%d.%m.%Y, 15:05 Uhr"), "x"),
        (lambda day: day.strftime("%d/%m/%Y à 15h05"), "x"),
        (lambda day: day.strftime("%Y-%m-%dT09:05:01+01:00[Europe/Berlin]"), "x"),
        (lambda day: day.strftime("%y/%m/%d"), "x"),
        (lambda day: day.strftime("%d%m%Y"), "Geburtsdatum"),
        (lambda day: day.strftime("%Y%m%d093005"), "timestamp"),
        (lambda day: f"{day.day}/{day.month}/{day.year}".translate({48 + i: 0x660 + i for i in range(10)}), "x"),
        (lambda day: f"{day.year}/{day.month:02}/{day.day:02}".translate({48 + i: 0xFF10 + i for i in range(10)}), "x"),
        (lambda day: (day - pd.Timestamp("1899-12-30")).days, "登録日"),
        (lambda day: (day - pd.Timestamp("1899-12-30")).days, "Дата покупки"),
    ],
)
def test_days_of_more_countries_and_programs_are_the_same_days(write, name):
    values, column, _ = read((write(day) for day in DAYS), name)
    assert column.kind is ColumnKind.DATE
    assert (pd.DatetimeIndex(values).normalize() == DAYS).all()


@pytest.mark.parametrize(
    ("write", "name", "start"),
    [
        (lambda day: day.strftime("%b%Y").upper(), "x", "M"),
        (lambda day: day.strftime("%YM%m"), "x", "M"),
        (lambda day: f"semaine {day.isocalendar().week} {day.isocalendar().year}", "x", "W"),
        (lambda day: f"v.{day.isocalendar().week} {day.isocalendar().year}", "x", "W"),
        (lambda day: day.isocalendar().year * 100 + day.isocalendar().week, "yearweek", "W"),
        (lambda day: f"{day.year % 100}Q{day.quarter}", "x", "Q"),
        (lambda day: f"{day.quarter}{'er' if day.quarter == 1 else 'e'} trimestre {day.year}", "x", "Q"),
        (lambda day: f"{day.year}年第{day.quarter}四半期", "x", "Q"),
        (lambda day: f"{ROMAN[day.quarter - 1]} kw. {day.year}", "x", "Q"),
        (lambda day: f"{day.quarter}-й квартал {day.year} г.", "x", "Q"),
    ],
)
def test_weeks_months_and_quarters_of_more_languages_are_their_first_days(write, name, start):
    values, column, _ = read((write(day) for day in DAYS), name)
    assert column.kind is ColumnKind.DATE
    assert (pd.DatetimeIndex(values) == pd.PeriodIndex(DAYS, freq=start).start_time).all()


def test_half_years_and_the_halves_of_the_day_are_told_apart():
    values, column, _ = read(f"H{(day.month + 5) // 6} {day.year}" for day in DAYS)
    assert column.kind is ColumnKind.DATE
    assert (values == [pd.Timestamp(day.year, 1 if day.month < 7 else 7, 1) for day in DAYS]).all()
    # S1 and S2 are half-years, and no weeks.
    assert read(f"S{(day.month + 5) // 6} {day.year}" for day in DAYS)[1].kind is not ColumnKind.DATE
    hours, _, _ = read(f"{day:%Y. %m. %d.} {('오전', '오후')[at % 2]} 3:05" for at, day in enumerate(DAYS))
    assert list(hours.dt.hour) == [3 if at % 2 == 0 else 15 for at in range(N)]


def test_years_of_the_buddhist_calendar_are_ours_and_this_is_said():
    values, _, said = read(f"{day.day:02}/{day.month:02}/{day.year + 543}" for day in DAYS)
    assert (values == DAYS).all()
    assert any("Buddhist" in note.text for note in said)


def test_an_old_day_among_other_old_ones_stays():
    births = [f"{1900 + at % 60}-01-01" for at in range(N)]
    values, column, said = read(births, "born")
    assert not column.missing
    assert not said
    assert values.min() == pd.Timestamp("1900-01-01")


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (lambda day: f"{day.year - 1911}/{day.month:02}/{day.day:02}", "日期"),
        (lambda day: day.strftime("%y%m%d"), "Datum"),
        (lambda day: day.strftime("%d-%b"), "x"),
        (lambda day: f"{day.day} mes de {'abcdefghijkl'[day.month - 1]} {day.year}", "x"),
    ],
)
def test_what_may_be_a_date_in_another_form_is_said(write, name):
    _, column, said = read((write(day) for day in DAYS), name)
    assert column.kind is not ColumnKind.DATE
    assert any(note.warning and "may hold dates" in note.text for note in said)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("product", [f"Wine {at}" for at in range(N)]),
        ("invoice", [f"INV-2021-{at:04d}" for at in range(N)]),
        ("campaign", [("Spring Sale 2021", "Black Friday 2022")[at % 2] for at in range(N)]),
        ("size", ["38", "40", "42"] * 40),
        ("date_type", ["exact2021", "about2022", "rough2023"] * 40),
    ],
)
def test_other_columns_are_not_said_to_hold_dates(name, cells):
    assert not any("may hold dates" in note.text for note in read(cells, name)[2])


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["CHF 1'234.-", "CHF 250.-", "CHF 90.-"], [1234, 250, 90]),
        (["1.234,- €", "250,- €", "90,- €"], [1234, 250, 90]),
        (["1.234,–", "-250,–", "90,50"], [1234, -250, 90.5]),
        (["%12", "%7,5", "%80"], [12, 7.5, 80]),
        (["12 ‰", "7 ‰", "80 ‰"], [12, 7, 80]),
        (["１２", "７", "８０"], [12, 7, 80]),
        (["2,5억", "3억", "1억"], [2.5e8, 3e8, 1e8]),
        (["4 out of 5", "2 out of 5", "3 out of 5"], [4, 2, 3]),
        (["37:41", "08:05", "59:00"], [37 + 41 / 60, 8 + 5 / 60, 59]),
        (["1 days 02:30:00", "0 days 00:45:00", "3 days 00:00:00"], [1590, 45, 4320]),
        (["1 saat 20 dk", "45 dk", "2 saat"], [80, 45, 120]),
        (["1 timme 20 minuter", "45 minuter", "2 timmar"], [80, 45, 120]),
        (["1時間20分", "45分", "2時間"], [80, 45, 120]),
        (["1小时20分钟", "45分钟", "2小时"], [80, 45, 120]),
        (["1시간 20분", "45분", "2시간"], [80, 45, 120]),
        (["2 lata 6 mies.", "1 rok", "3 mies."], [2.5 * 365.2425, 365.2425, 0.25 * 365.2425]),
    ],
)
def test_amounts_and_durations_of_more_countries_are_numbers(cells, expected):
    values, column, _ = read(cells * 8)
    assert column.kind in (ColumnKind.NUMBER, ColumnKind.MONEY, ColumnKind.PERCENTAGE)
    np.testing.assert_allclose(values[: len(cells)], expected, rtol=1e-6)


def test_numbers_in_different_units_are_said_and_not_compared():
    cells = [f"{at + 1} kg" if at % 2 else f"{100 * at + 50} g" for at in range(N)]
    _, column, said = read(cells)
    assert column.kind is not ColumnKind.NUMBER
    assert any(note.warning and "several units" in note.text for note in said)


def test_intervals_of_programs_and_ranges_taken_for_days_are_ordered():
    assert scale_levels(["[10, 20)", "[-5, 10)", "[100, inf)", "[20, 100)"]) == (
        "[-5, 10)", "[10, 20)", "[20, 100)", "[100, inf)",
    )  # fmt: skip
    _, column, said = read(["51-200", "5-Jan", "201-500", "11-50"] * 30)
    assert column.levels == ("5-Jan", "11-50", "51-200", "201-500")
    assert any("range 1-5" in note.text for note in said)


@pytest.mark.parametrize(
    "name",
    [
        *("Filialnummer", "codice_agente", "id_vendedor", "numero_magasin", "filiaalnummer", "nr_oddzialu", "butiksnr"),
        *(
            "mağaza_kodu",
            "код_магазина",
            "店舗コード",
            "店铺编号",
            "매장코드",
            "почтовый индекс",
            "郵便番号",
            "우편번호",
        ),
    ],
)
def test_numbers_of_shops_staff_and_places_are_no_amounts(name):
    _, column, _ = read([100 + 37 * (at % 25) for at in range(N)], name)
    assert column.kind in (ColumnKind.CODE, ColumnKind.IDENTIFIER, ColumnKind.CATEGORY)


@pytest.mark.parametrize("name", ["number of stores", "numero de tiendas", "orders", "nombre d'agences"])
def test_how_many_there_are_of_something_is_a_number(name):
    assert read([100 + 37 * (at % 25) for at in range(N)], name)[1].kind is ColumnKind.NUMBER


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Recipient", [f"Zq{at}x" for at in range(N)]),
        ("x", [f"ul. Polna {at}" for at in range(N)]),
        ("x", [f"{at}, rue de la Gare" for at in range(N)]),
        ("x", [f"https://www.linkedin.com/in/zq{at}" for at in range(N)]),
        ("x", [f"A B <zq{at}@example.org>" for at in range(N)]),
        ("x", [f"090-{1000 + 7 * at}-{2000 + at}" for at in range(N)]),
    ],
)
def test_personal_data_is_known_in_more_writings(name, cells):
    assert read(cells, name)[1].kind is ColumnKind.PERSONAL


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("ad", ["banner", "video"] * 60),
        ("app_version", [f"1.{at % 9}.{at % 7}.{at % 5}" for at in range(N)]),
        ("sku", [f"AB-{at:03d}-CD" for at in range(N)]),
    ],
)
def test_advertisements_versions_and_articles_are_nobody(name, cells):
    assert read(cells, name)[1].kind is not ColumnKind.PERSONAL


@pytest.mark.parametrize(
    ("values", "left"),
    [
        (["München", "Muenchen", "muenchen", "Köln", "Koeln"], 2),
        (["Credit Card", "credit-card", "credit_card", "Cash"], 2),
        (["Weiblich", "weibl.", "w", "männlich", "m"], 2),
    ],
)
def test_umlauts_hyphens_and_abbreviations_are_the_same_word(values, left):
    dataset = read_frame(pd.DataFrame({"x": values[:1] * 40 + values[-2:-1] * 30 + values * 3, "y": 1.5}))
    assert find_spellings(dataset)
    assert join_spellings(dataset).frame["x"].nunique() == left


def test_two_letters_in_each_others_place_are_a_slip_however_common():
    dataset = read_frame(pd.DataFrame({"x": ["Premium"] * 30 + ["Premuim"] * 10 + ["Basic"] * 30}))
    assert find_spellings(dataset) == {"x": {"Premuim": "Premium"}}
    apart = read_frame(pd.DataFrame({"x": ["Austria"] * 30 + ["Australia"] * 10 + ["casado"] * 30 + ["casada"] * 20}))
    assert not find_spellings(apart)


NAMES = [
    f"{first} {last}" for first in ("Anna", "Paul", "Mia", "Jan", "Tim") for last in ["Abel", "Beck", "Cohn", "Dorn"]
]


def test_names_that_come_back_are_customers_in_several_rows():
    table = pd.DataFrame({"CUSTNM": NAMES * 6, "score": random.gamma(2, 9, 120).round(1)})
    found = find_repeated_customers(read_frame(table))
    assert (found.column, found.n_customers, found.n_extra) == ("CUSTNM", 20, 100)
    firms = pd.DataFrame({"Client": [f"{name} Ltd" for name in NAMES] * 4, "licences": np.arange(80) % 7})
    assert find_repeated_customers(read_frame(firms)).n_extra == 60


def test_a_few_namesakes_and_family_names_are_different_customers():
    namesakes = pd.DataFrame({"customer name": [*NAMES, NAMES[0], NAMES[5]], "spend": random.gamma(2, 9, 22).round(2)})
    assert find_repeated_customers(read_frame(namesakes)) is None
    families = pd.DataFrame({"Nachname": NAMES * 6, "spend": random.gamma(2, 9, 120).round(2)})
    assert find_repeated_customers(read_frame(families)) is None
    numbered = pd.DataFrame({"customer_id": [f"K{at}" for at in range(120)], "name": NAMES * 6})
    assert find_repeated_customers(read_frame(numbered)) is None


@pytest.mark.parametrize(
    "columns",
    [
        ("TRXDT", "CUSTNM", "TRXAMT", ""),
        ("注文日", "顧客名", "単価", "本数"),
        ("дата", "клиент", "цена за штуку", "бутылки"),
        ("orderdate", "contactemail", "priceperlicence", "licences"),
        ("traveldate", "passenger", "fare", "seats"),
    ],
)
def test_purchases_under_more_names_have_their_parts(columns):
    date, customer, worth, pieces = columns
    people = [f"{name.replace(' ', '.').lower()}@example.org" for name in NAMES] if "passenger" in columns else NAMES
    table = pd.DataFrame(
        {date: DAYS.strftime("%Y-%m-%d"), customer: (people * 6), worth: random.gamma(3, 6, N).round(2)}
    )
    if pieces:
        table[pieces] = random.integers(1, 6, N)
    parts = guess_purchases(read_frame(table))
    assert (parts.date, parts.customer, parts.quantity) == (date, customer, pieces)
    assert (parts.price if pieces else parts.amount) == worth
