"""Old encodings are told by the likelihood of their letters, and what stays in doubt is said."""

import pytest

from segmenter import read_table
from segmenter.errors.reading import NotTextError
from segmenter.io.read.csv.delimited import read_delimited
from segmenter.io.read.parsed import ReadOptions

WORDS = {
    "German": ("Müller Köln Düsseldorf Schäfer Straße Größe Österreich", "cp1252 mac_roman cp850"),
    "French": ("Hélène Réunion Besançon François Théâtre élève Noël", "cp1252 iso8859-15 mac_roman"),
    "Spanish": ("Peña Muñoz Málaga Córdoba León José Íñigo", "cp1252 mac_roman"),
    "Portuguese": ("São João Conceição Gonçalves Ação", "cp1252"),
    "Swedish": ("Malmö Göteborg Åsa Växjö", "cp1252 mac_roman"),
    "Polish": ("Łódź Kraków Paweł Gdańsk Wałbrzych Żółw Święty", "cp1250 iso8859-2 mac_latin2 cp852"),
    "Czech": ("Plzeň Jeseník Město Přerov Břeclav Příbram", "cp1250 iso8859-2"),
    "Hungarian": ("Győr Székesfehérvár Pécs Tűzoltó Hódmezővásárhely", "cp1250 iso8859-2"),
    "Croatian": ("Šibenik Čakovec Đakovo Požega Županja", "cp1250 iso8859-2"),
    "Romanian": ("Bucureşti Iaşi Piteşti Braşov Timişoara Băneasa", "cp1250 iso8859-2"),
    "Russian": ("Москва Иванов Наталья Казань Тверь", "cp1251 koi8-r iso8859-5 mac_cyrillic cp866"),
    "Ukrainian": ("Київ Шевченко Львів Ірина Запоріжжя", "cp1251 koi8-u"),
    "Turkish": ("İstanbul Şişli Beyoğlu Muğla Çağrı Işık", "cp1254 iso8859-9 mac_turkish cp857"),
    "Greek": ("Αθήνα Θεσσαλονίκη Παπαδόπουλος Γιώργος", "cp1253 iso8859-7"),
    "Hebrew": ("ירושלים תל אביב חיפה", "cp1255"),
    "Arabic": ("القاهرة محمد الرياض", "cp1256 iso8859-6"),
    "Lithuanian": ("Šiauliai Kėdainiai Panevėžys Žemaitė Ąžuolas", "cp1257"),
    "Latvian": ("Rīga Jūrmala Liepāja Ķekava Ģirts", "cp1257"),
    "Icelandic": ("Reykjavík Þór Guðrún Ísafjörður Akureyri", "cp1252"),
    "Japanese": ("東京 さくら アンナ 大阪 すずき", "cp932 euc_jp"),
    "Korean": ("서울 부산 김민수 이영희", "cp949"),
    "Chinese": ("北京 上海 广州 王小明 李娜", "gb18030"),
}
CASES = [(language, encoding) for language, (_, encodings) in WORDS.items() for encoding in encodings.split()]


def parsed(content: bytes):
    return read_delimited(memoryview(content), ReadOptions())


def read_words(words: list[str], encoding: str):
    rows = "".join(f"C{at},{words[at % len(words)]},{20 + at}\n" for at in range(30))
    table = parsed(f"id,city,age\n{rows}".encode(encoding))
    return table, table.cells.column(1).to_pylist() == [words[at % len(words)] for at in range(30)]


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_words_of_a_language_are_read_right(language, encoding):
    assert read_words(WORDS[language][0].split(), encoding)[1]


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_two_words_are_read_right_or_doubted(language, encoding):
    table, is_right = read_words(WORDS[language][0].split()[:2], encoding)
    assert is_right or any("export it again as UTF-8" in note.text for note in table.notes)


@pytest.mark.parametrize(
    "word", ["café", "José", "Zoë", "Müller", "Señor", "São", "Malmö", "François", "£5", "5 €", "don’t"]
)
def test_a_few_western_letters_are_no_reason_for_doubt(word):
    table = parsed(f"id,word\n1,{word}\n2,plain\n3,plain\n".encode("cp1252"))
    assert table.cells.column(1)[0].as_py() == word
    assert not table.notes


def test_spaces_in_numbers_are_no_letters_of_another_language():
    rows = "".join(f"C{at};{at + 1}\u00a0{at:03d},50\n" for at in range(300))
    table = parsed(f"id;spend\n{rows}".encode("cp1250"))
    assert table.cells.column(1)[7].as_py() == "8\u00a0007,50"
    assert not table.notes


@pytest.mark.parametrize("letter", ["\x80", "\x85", "\x92", "\x9f"])
def test_control_letters_are_told_with_their_line(letter):
    notes = parsed(f"id,word\n1,plain\n2,a{letter}b\n3,plain\n".encode()).notes
    assert [(note.line, note.warning) for note in notes] == [(3, True)]
    assert "control letter" in notes[0].text


def test_text_that_was_saved_twice_is_told():
    notes = parsed("id,word\n1,plain\n2,RenÃ©e\n3,plain\n".encode()).notes
    assert [(note.line, note.warning) for note in notes] == [(3, True)]
    assert "once read in the wrong encoding" in notes[0].text


def test_random_bytes_are_no_text_whatever_encoding_they_are_nearest_to():
    with pytest.raises(NotTextError):
        read_table(bytes(range(256)) * 40, "x.csv")


@pytest.mark.parametrize(
    ("encoding", "header", "amount"),
    [
        ("cp1252", "Öffnungen", "{},50 €"),
        ("cp1251", "Сумма продаж", "{} 311,50 руб."),
        ("cp1250", "Wartość", "{},10 zł"),
    ],
)
def test_the_sign_of_a_currency_beside_each_number_outvotes_no_word(encoding, header, amount):
    rows = [f"K{at};{amount.format(7 * at + 3)};Web" for at in range(60)]
    table = parsed("\n".join([f"Nr;{header};Kanal", *rows, ""]).encode(encoding))
    assert table.headers[1] == header
    assert table.cells.column(1)[0].as_py() == amount.format(3)
