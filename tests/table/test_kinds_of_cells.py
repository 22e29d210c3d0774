"""What single cells and columns mean, in many wordings: dates, numbers, answers, names, codes and spellings."""

import numpy as np
import pandas as pd
import pytest

from segmenter import (
    Recipe,
    Result,
    assign_segments,
    choose_features,
    fit_segmentation,
    join_spellings,
    read_frame,
    read_table,
)
from segmenter.io.export.csv import summary_csv
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.table.dataset import ColumnKind
from segmenter.table.infer.ordinal_scales import scale_levels
from segmenter.table.spellings import find_spellings

N = 120
random = np.random.default_rng(5)
DAYS = pd.to_datetime("2022-03-01") + pd.to_timedelta(random.integers(0, 800, N), "D")
SERIALS = [(day - pd.Timestamp("1899-12-30")).days for day in DAYS]
GERMAN = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)
FRENCH = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
DUTCH = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
CZECH = (
    "ledna",
    "února",
    "března",
    "dubna",
    "května",
    "června",
    "července",
    "srpna",
    "září",
    "října",
    "listopadu",
    "prosince",
)


def column_of(cells, name="x"):
    dataset = read_frame(pd.DataFrame({name: cells, "other": np.arange(len(cells)) * 1.5}))
    return dataset, dataset.columns[0]


def texts(dataset):
    return " ".join(note.text for note in dataset.notes)


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (lambda day: f"{day.day}. {GERMAN[day.month - 1]} {day.year}", "x"),
        (lambda day: f"{day.day} {FRENCH[day.month - 1]} {day.year}", "x"),
        (lambda day: f"{day.day} {DUTCH[day.month - 1]} {day.year}", "x"),
        (lambda day: f"{day.day}. {CZECH[day.month - 1]} {day.year}", "x"),
        (lambda day: f"{day.year}年{day.month}月{day.day}日", "x"),
        (lambda day: day.strftime("%a %b %d %Y 00:00:00 GMT+0200 (Eastern European Time)"), "x"),
        (lambda day: day.strftime("%Y%m%d"), "Bestelldatum"),
        (lambda day: (day - pd.Timestamp("1899-12-30")).days, "Kaufdatum"),
        (lambda day: str((day - pd.Timestamp("1899-12-30")).days), "signup_date"),
        (lambda day: int(day.timestamp()), "last_seen_at"),
        (lambda day: int(day.timestamp()) * 1000, "created"),
        (lambda day: str(int(day.timestamp())), "event_timestamp"),
    ],
)
def test_dates_in_many_ways_are_the_same_days(write, name):
    dataset, column = column_of([write(day) for day in DAYS], name)
    assert column.kind is ColumnKind.DATE
    assert (pd.DatetimeIndex(dataset.frame[name]).normalize() == DAYS).all()


@pytest.mark.parametrize(
    ("write", "name", "start"),
    [
        ("%b-%y", "x", "M"), ("%B %Y", "x", "M"), ("%Y-%m", "x", "M"), ("%m/%Y", "x", "M"), ("%Y%m", "month", "M"),
        ("%G-W%V", "x", "W"), ("KW %V/%G", "x", "W"), ("%Y-Q{quarter}", "x", "Q"), ("Q{quarter} %Y", "x", "Q"),
        ("{quarter}. Quartal %Y", "x", "Q"),
    ],
)  # fmt: skip
def test_months_weeks_and_quarters_are_their_first_days(write, name, start):
    dataset, column = column_of([day.strftime(write.format(quarter=day.quarter)) for day in DAYS], name)
    assert column.kind is ColumnKind.DATE
    assert (pd.DatetimeIndex(dataset.frame[name]) == pd.PeriodIndex(DAYS, freq=start).start_time).all()


@pytest.mark.parametrize("name", ["annual_spend", "income", "x", "account_days", "data_usage_mb", "total_time"])
def test_numbers_in_the_range_of_dates_are_numbers_under_other_names(name):
    assert column_of(SERIALS, name)[1].kind in (ColumnKind.NUMBER, ColumnKind.MONEY)


def test_mixed_orders_forms_and_time_zones_are_said():
    both = [day.strftime("%d/%m/%Y" if at % 3 else "%m/%d/%Y") for at, day in enumerate(DAYS)]
    dataset, column = column_of(both)
    assert column.kind is ColumnKind.DATE
    assert any(note.warning and "the other way round" in note.text for note in dataset.notes)
    forms = [day.strftime("%d.%m.%Y") if at % 3 else str(SERIALS[at]) for at, day in enumerate(DAYS)]
    assert (column_of(forms, "Datum")[0].frame["Datum"] == DAYS).all()
    zones = [day.strftime("%Y-%m-%dT12:00:00") + ("+02:00", "-05:00")[at % 2] for at, day in enumerate(DAYS)]
    dataset, _ = column_of(zones)
    assert "brought to UTC" in texts(dataset)
    assert set(dataset.frame["x"].dt.hour) == {10, 17}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1.2K", "950", "3.4M"], [1200, 950, 3_400_000]),
        (["$3.4M", "$12.0M", "$0.5M"], [3.4e6, 12e6, 5e5]),
        (["2,5 Mio. €", "10 Mio. €", "0,5 Mio. €"], [2.5e6, 10e6, 5e5]),
        (["3 Tsd", "12 Tsd", "7 Tsd"], [3e3, 12e3, 7e3]),
        (["12 years", "1 year", "30 years"], [12, 1, 30]),
        (["1h 20m", "45m", "2h"], [80, 45, 120]),
        (["01:20:30", "00:45:00", "12:00:00"], [80.5, 45, 720]),
        (["PT1H20M", "PT45M", "PT2H"], [80, 45, 120]),
        (["2 Jahre 6 Monate", "1 Jahr", "3 Monate"], [2.5 * 365.2425, 365.2425, 0.25 * 365.2425]),
    ],
)
def test_numbers_with_words_are_numbers(cells, expected):
    dataset, column = column_of(cells * 20)
    assert column.kind is ColumnKind.NUMBER
    assert dataset.frame["x"].tolist()[:3] == pytest.approx(expected, rel=1e-4)


MISSING = (
    "unknown", "(not set)", "(blank)", "TBD", "*", "k.A.", "keine Angabe", "s/d", "N.D.", "n.c.", "non renseigné",
    "não informado", "onbekend", "n.v.t.", "brak danych", "saknas", "ukendt", "нет данных", "不明", "未知", "해당없음",
    "bilinmiyor", "ei tietoa", "something nobody has thought of",
)  # fmt: skip


@pytest.mark.parametrize("word", MISSING)
@pytest.mark.parametrize("every", [9, 3])
def test_words_for_missing_leave_numbers_numbers_and_are_said(word, every):
    cells = [word if at % every == 0 else str(20 + at % 50) for at in range(N)]
    dataset, column = column_of(cells, "age")
    assert column.kind is ColumnKind.NUMBER
    assert column.missing == cells.count(word)
    assert word in texts(dataset)


def test_a_column_that_stays_text_though_most_of_it_is_numbers_is_said():
    dataset, column = column_of([f"{at}" if at % 4 else f"{'abcdefgh'[at % 8]}-{at}" for at in range(N)], "size_in_cm")
    assert column.kind is not ColumnKind.NUMBER
    assert any(note.warning and "of its cells are numbers" in note.text for note in dataset.notes)


def test_long_numbers_are_identifiers_and_lost_digits_are_said():
    assert column_of([4556_0000_0000_0000 + at for at in range(N)])[1].kind is ColumnKind.IDENTIFIER
    dataset, column = column_of([f"4.5560{at % 10}E+15" for at in range(N)], "member_no")
    assert column.kind is ColumnKind.CODE
    assert "their last digits are lost" in texts(dataset)
    assert column_of([f"{10.0 ** (at % 9):.3E}" for at in range(N)], "dose")[1].kind is ColumnKind.NUMBER


# Lowest first; written down by hand, from questionnaires as they are in use.
SCALES = [
    "Very dissatisfied / Somewhat dissatisfied / Neither satisfied nor dissatisfied / Very satisfied",
    "Stimme überhaupt nicht zu / Stimme eher nicht zu / Teils/teils / Stimme eher zu / Stimme voll und ganz zu",
    "Pas du tout d'accord / Plutôt pas d'accord / Ni d'accord ni pas d'accord / Plutôt d'accord / Tout à fait d'accord",
    "Muy insatisfecho / Insatisfecho / Neutral / Satisfecho / Muy satisfecho",
    "Per niente importante / Poco importante / Abbastanza importante / Molto importante",
    "Discordo totalmente / Discordo / Indiferente / Concordo / Concordo totalmente",
    "Zeer ontevreden / Ontevreden / Neutraal / Tevreden / Zeer tevreden",
    "Zdecydowanie nie / Raczej nie / Trudno powiedzieć / Raczej tak / Zdecydowanie tak",
    "Aldrig / Sällan / Ibland / Ofta / Alltid",
    "Helt uenig / Uenig / Hverken eller / Enig / Helt enig",
    "Rozhodně nesouhlasím / Spíše nesouhlasím / Spíše souhlasím / Rozhodně souhlasím",
    "Kesinlikle katılmıyorum / Katılmıyorum / Kararsızım / Katılıyorum / Kesinlikle katılıyorum",
    "Täysin eri mieltä / Jokseenkin eri mieltä / Jokseenkin samaa mieltä / Täysin samaa mieltä",
    "Полностью не согласен / Не согласен / Согласен / Полностью согласен",
    "全くそう思わない / あまりそう思わない / どちらともいえない / ややそう思う / とてもそう思う",
    "非常不满意 / 不满意 / 一般 / 满意 / 非常满意",
    "Kein Abschluss / Hauptschulabschluss / Mittlere Reife / Abitur / Hochschulabschluss",
    "Primaria / Secundaria / Bachillerato / Licenciatura / Maestría / Doctorado",
    "Under 18 / 18-24 / 25-34 / 35-44 / 65+",
    "unter 20.000 € / 20.000 - 39.999 € / 40.000 - 59.999 € / 60.000 € und mehr",
    "moins de 25 ans / 25 à 34 ans / 35 à 49 ans / 50 ans et plus",
    "meno di 18 anni / da 18 a 30 anni / da 31 a 50 anni / più di 50 anni",
    "poniżej 18 lat / 18-30 lat / 31-50 lat / powyżej 50 lat",
    "$0 - $25K / $25K - $50K / $50K - $100K / $100K+",
    "1 - very poor / 2 - poor / 3 - fair / 4 - good / 5 - excellent",
    "-5 / -1 / 0 / +3 / I love it! +5",
]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("unknown", ["", "Unknown", "k.A."])
def test_answers_of_any_wording_are_ordered_whatever_order_they_come_in(scale, unknown):
    answers = scale.split(" / ")
    cells = [*answers, *([unknown] if unknown else [])] * 9
    _, column = column_of(random.permutation(cells).tolist(), "answer")
    assert column.kind is ColumnKind.ORDERED
    assert list(column.levels) == answers
    assert column.missing == (9 if unknown else 0)
    assert list(scale_levels([each.upper() for each in answers])) == [each.upper() for each in answers]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["Oslo", "Rome", "Bonn"], "cities"), (["red", "green", "blue"], "colours"),
        (["web", "shop", "phone"], "channels"),
        (["single", "married", "divorced"], "states"), (["Visa", "Mastercard", "Amex"], "brands"),
        (["admin.", "technician", "services"], "jobs"), (["Mail", "Bill", "Cash"], "payments"),
        (["Iran", "Iraq", "Oman"], "countries"), (["Paris", "Florence", "Austin", "Sydney"], "cities with given names"),
        (["Food/Drink", "Toys", "Books/Media"], "names with a stroke"),
        (["Austin, TX", "Reno, NV", "Miami, FL"], "states"),
        (["A-1", "B-2", "C-3"], "names with numbers"), (["cellular", "telephone", "unknown"], "contact"),
    ],
)  # fmt: skip
def test_plain_categories_stay_categories_without_a_word(cells, reason):
    dataset, column = column_of((cells * N)[:N], "contact" if reason == "contact" else "group of")
    assert column.kind is ColumnKind.CATEGORY, reason
    assert not dataset.notes
    assert len(dataset.columns) == 2


NAMES = (
    "CONTACTLASTNAME", "CUSTNAME", "cust_nm", "lname", "F_NAME", "Nachname", "Ansprechpartner", "nom_client", "Prénom",
    "apellidos", "NombreCompleto", "cognome", "sobrenome", "achternaam", "imię", "efternamn", "fornavn", "příjmení",
    "soyadı", "sukunimi", "Фамилия", "氏名",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_of_people_are_known_by_what_the_column_is_called(name):
    cells = [f"{'Qw'[at % 2]}{'aeiou'[at % 5]}rn{'olm'[at % 3]}" for at in range(N)]
    assert column_of(cells, name)[1].kind is ColumnKind.PERSONAL


@pytest.mark.parametrize("form", ["{0}", "{0} {1}", "{1}, {0}"])
def test_names_of_people_are_known_by_their_given_names(form):
    given = ("Anna", "Lucía", "Thomas", "Jürgen", "Katarzyna", "François", "Mehmet", "Olga", "Priya", "Søren")
    cells = [form.format(given[at % 10], ("Wern", "Olm", "Quist")[at % 3]) for at in range(N)]
    assert column_of(cells)[1].kind is ColumnKind.PERSONAL
    assert column_of(cells, "product")[1].kind is not ColumnKind.PERSONAL


@pytest.mark.parametrize("name", ["LEID", "acct_mgr", "fkRegion", "region_fk", "serial_no", "HHID", "store_key"])
def test_keys_and_codes_are_off(name):
    assert column_of((np.arange(N) % 37 + 100).tolist(), name)[1].kind is ColumnKind.CODE


@pytest.mark.parametrize("name", ["amount_paid", "grid", "bid", "is_valid", "prepaid", "n_customers", "market_cap"])
def test_names_that_only_end_like_keys_are_numbers(name):
    assert column_of((np.arange(N) % 37 + 100).tolist(), name)[1].kind is ColumnKind.NUMBER


def test_words_under_a_name_with_code_are_a_category_and_half_filled_is_not_near_empty():
    assert column_of(["DE", "FR", "IT"] * 40, "country_code")[1].kind is ColumnKind.CATEGORY
    half = [None if at % 20 < 9 else float(at) for at in range(N)]
    assert column_of(half, "income")[1].kind is ColumnKind.NUMBER


def spelt():
    cells = random.choice(["Female", "Male"], 300).astype(object)
    cells[:6] = ["F", "female", "Femal", " Male ", "fémale", "M"]
    return pd.DataFrame({"x": random.normal(size=300), "y": random.normal(size=300), "gender": cells})


def test_spellings_are_said_joined_and_known_to_the_model_as_one():
    dataset = read_frame(spelt())
    assert set(find_spellings(dataset)["gender"]) == {"F", "female", "Femal", "fémale", "M"}
    assert any(note.warning and "other spellings" in note.text for note in dataset.notes)
    joined = join_spellings(dataset)
    assert set(joined.frame["gender"]) == {"Female", "Male"}
    assert joined.original is dataset.original
    segments = fit_segmentation(joined, Recipe(choose_features(joined, ("x", "y", "gender")), 3))
    model = from_bytes(to_bytes(segments))
    other = spelt().assign(**{name: joined.frame[name] for name in ("x", "y")})
    other["gender"] = joined.frame["gender"].replace({"Female": "FEMALE", "Male": "m"})
    placed = assign_segments(read_frame(other), model)
    assert placed.segmentation.labels.tolist() == segments.labels.tolist()
    assert not placed.questions


def test_blanks_around_values_never_matter():
    padded = spelt().iloc[6:].assign(gender=lambda rows: [f"  {each} " for each in rows["gender"]])
    dataset = read_frame(padded)
    assert set(dataset.frame["gender"]) == {"Female", "Male"}
    assert dataset.column("gender").distinct == 2
    assert not dataset.notes


@pytest.mark.parametrize("separator", [";", "; ", "|", ", ", "\n"])
def test_several_answers_in_a_cell_become_yes_no_columns(separator):
    options = ("Email", "SMS", "Post", "Shop, other")
    given = random.random((N, 4)) < 0.5
    given[:, 0] |= ~given.any(axis=1)
    cells = [separator.join(option for option, yes in zip(options, row, strict=True) if yes) for row in given]
    dataset, column = column_of(cells, "ways")
    assert set(column.answers) == set(options)
    for at, option in enumerate(options):
        assert dataset.column(f"ways: {option}").kind is ColumnKind.YES_NO
        assert dataset.frame[f"ways: {option}"].tolist() == given[:, at].astype(float).tolist()
    segments = fit_segmentation(dataset, Recipe(choose_features(dataset, ("other", "ways: SMS")), 2))
    assert list(Result(dataset, segments).labelled().columns)[:4] == ["ways", "other", "segment", "segment_name"]


def test_no_value_of_personal_data_is_in_a_model_or_a_summary():
    given = ("Zyx-Anna", "Zyx-Ben", "Zyx-Olga")
    table = pd.DataFrame(
        {
            "CONTACTFIRSTNAME": [given[at % 3] for at in range(N)],
            "custmail": [f"zyx{at}@example.org" for at in range(N)],
            "visits": random.poisson(9, N),
            "basket": random.gamma(4, 9, N).round(2),
        }
    )
    dataset = read_table(table.to_csv(index=False).encode(), "t.csv")
    result = Result(dataset, fit_segmentation(dataset, Recipe(choose_features(dataset, ("visits", "basket")), 3)))
    for content in (to_bytes(result.segmentation), summary_csv(result), texts(dataset).encode()):
        assert b"zyx" not in content.lower()


@pytest.mark.parametrize(
    ("yes", "no"),
    [("J", "N"), ("Evet", "Hayır"), ("да", "нет"), ("はい", "いいえ"), ("Tak", "Nie"), ("S", "N"), ("vrai", "faux")],
)
def test_yes_and_no_of_many_languages_and_of_two_at_once_are_yes_and_no(yes, no):
    cells = [yes, no, no, "Y", "N"] * 6
    frame = read_frame(pd.DataFrame({"member": cells, "spend": range(30)})).frame
    assert frame["member"].tolist() == [1.0, 0.0, 0.0, 1.0, 0.0] * 6


@pytest.mark.parametrize("words", [("J", "Y"), ("ja", "nu"), ("S", "N", "O"), ("yes", "no", "maybe"), ("x", "n")])
def test_words_that_are_no_yes_and_no_stay_groups(words):
    dataset = read_frame(pd.DataFrame({"member": words * 10, "spend": range(10 * len(words))}))
    assert dataset.column("member").kind is ColumnKind.CATEGORY


def test_a_few_cells_without_an_answer_leave_yes_and_no_what_they_are():
    few = read_frame(pd.DataFrame({"member": ["Ja", "Nein", "Ja", "Nein", "Ja", "Nein", "k.A."] * 6}))
    assert few.column("member").kind is ColumnKind.YES_NO
    assert few.frame["member"].isna().sum() == 6
    assert any("k.A." in note.text and note.column == "member" for note in few.notes)
    many = read_frame(pd.DataFrame({"member": ["Ja", "Nein", "k.A."] * 10}))
    assert many.column("member").kind is ColumnKind.CATEGORY


PEOPLE = {
    "English": "Imogen Callum Niamh Declan Keisha Gareth Bethany Wyatt Freddie Amelia",
    "German": "Jannik Thorben Antje Heinrich Hannelore Siegfried Hildegard Annegret Torben Leonie",
    "French": "Océane Loïc Thibault Solène Yannick Bérénice Geneviève Rémi Anaïs Tanguy",
    "Spanish": "Iker Ainhoa Gonzalo Itziar Macarena Encarnación Camilo Renata Ximena Álvaro",
    "Italian": "Ginevra Tommaso Edoardo Ludovica Gennaro Concetta Graziella Loredana Nicolò Arianna",
    "Portuguese": "Heitor Isadora Rosângela Wellington Gonçalo Filipa Duarte Matilde Afonso Leonor",
    "Dutch": "Daan Teun Joris Annelies Gerrit Willemijn Nienke Sjoerd Femke Wouter",
    "Polish": "Zuzanna Szymon Mikołaj Zbigniew Halina Bożena Grażyna Kazimierz Przemysław Sylwia",
    "Swedish": "Wilma Gunilla Göran Birgitta Håkan Torbjörn Agneta Rickard Ebba Tuva",
    "Turkish": "Zeynep Elif Ayşe Burak Hüseyin Hatice Özlem Gülay Nurcan Tolga",
    "Russian": "Екатерина Сергей Татьяна Наталья Артём Светлана Николай Людмила Ксения Игорь",
    "Japanese": "佐藤翔太 鈴木美咲 高橋健一 田中陽子 伊藤大輔 渡辺直樹 山本裕子 中村拓也 小林さくら 加藤誠",
    "Chinese": "王伟 李娜 张敏 刘洋 陈静 杨丽 赵磊 黄强 周杰 吴军",
    "Korean": "김민준 이서연 박지훈 최수빈 정하은 강도윤 조예린 윤시우 장서준 임지아",
}


@pytest.mark.parametrize("language", PEOPLE)
@pytest.mark.parametrize("write", ["{}", "{} Xavyr", "Xavyr, {}"])
def test_names_of_people_are_known_by_their_values(language, write):
    cells = [
        write.format(name) if language not in ("Japanese", "Chinese", "Korean") else name
        for name in PEOPLE[language].split()
    ] * 3
    dataset = read_frame(pd.DataFrame({"field_7": cells, "spend": range(30)}))
    assert dataset.column("field_7").kind is ColumnKind.PERSONAL


@pytest.mark.parametrize(
    "words",
    [
        "London Paris Berlin Madrid Vienna Lyon Munich Dublin Oslo Florence Charlotte Austin Houston Madison Victoria",
        "Rose Lily Jasmine Iris Violet Daisy Olive Ginger Sage Basil Rosemary Amber Ruby Pearl Coral",
        "Civic Corolla Clio Megane Zoe Octavia Fabia Golf Polo Passat Sharan Focus Fiesta Mondeo Kuga",
        "Jordan Chad Georgia Israel Cuba France India China Kenya Chile Malta Mali Cyprus Norway Oman",
        "Manager Director Engineer Clerk Nurse Doctor Teacher Baker Cook Mason Carter Taylor Porter Miller Smith",
        "北京 上海 广州 深圳 成都 杭州 武汉 西安 南京 重庆 天津 苏州 郑州 金华 唐山",
        "東京 大阪 京都 横浜 名古屋 札幌 神戸 福岡 川崎 広島 仙台 千葉 金沢 高松 松本",
        "이메일 전화 정상 주문 배송 고객 신규 우수 서울 부산 대구 인천 광주 대전 울산",
    ],
)
def test_words_that_only_look_like_names_of_people_are_none(words):
    dataset = read_frame(pd.DataFrame({"field_7": words.split() * 4, "spend": range(60)}))
    assert dataset.column("field_7").kind is ColumnKind.CATEGORY


@pytest.mark.parametrize("digit", ["²", "①", "٣", "𝟗"])
@pytest.mark.parametrize(
    "cell", ["120", "12", "2024", "45000", "2024-01-02", "3 times", "20-29", "1,234", "4111111111111111"]
)
def test_a_digit_that_is_no_decimal_figure_is_read_as_any_other_letter(cell, digit):
    cells = [cell + digit, *(cell.replace("1", figure) + digit for figure in "1234567"), cell[:-1] + digit, digit]
    header = f"name{digit};20{digit}4"
    table = read_table("\n".join([header, *(f"{each};{each}" for each in cells)]).encode(), "t.csv")
    assert table.original.iloc[:, 0].tolist() == cells
