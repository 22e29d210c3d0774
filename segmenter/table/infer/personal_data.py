"""Detection of personal data by name and content of a column, with common given names of many languages.

Names that are also words of shops (Rose, Amber, May, Florence, Paris) are left out, as they are in too many columns.
given_names.txt holds more of them, in lower case and without accents, from the lists of some thirty countries in Faker
(MIT licence), without what is also a country, a state, a colour or a common word.
"""

import re
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from segmenter.table.dataset import FORMER_COLUMN
from segmenter.table.infer import header as called
from segmenter.table.infer.header import without_accents, word_set

_COMMONEST: Final = word_set(
    """
james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark donald
steven paul andrew joshua kenneth kevin brian george timothy ronald edward jason jeffrey ryan jacob gary nicholas eric
jonathan stephen larry justin scott brandon benjamin samuel gregory alexander patrick frank raymond jack dennis jerry
tyler aaron jose adam nathan henry zachary douglas peter kyle noah ethan jeremy walter christian keith roger terry sean
gerald carl harold dylan arthur lawrence jordan jesse bryan billy bruce gabriel joe logan alan juan elijah willie albert
wayne randy mason vincent liam roy bobby caleb russell louis oliver oscar philip ben tom tim sam dan max leo lucas
mary patricia jennifer linda elizabeth barbara susan jessica karen sarah lisa nancy sandra betty ashley emily kimberly
margaret donna michelle carol amanda melissa deborah stephanie rebecca laura helen sharon cynthia kathleen amy angela
shirley brenda emma anna pamela nicole samantha katherine christine debra rachel carolyn janet maria catherine heather
diane olivia julie joyce victoria ruth virginia lauren kelly christina joan evelyn judith andrea hannah megan cheryl
jacqueline martha madison teresa gloria sara janice ann kathryn abigail sophia frances jean alice judy isabella julia
denise danielle beverly theresa marilyn chloe grace natalie sophie lucy zoe ella mia eva gina petra elsa ken chidi
hans klaus jurgen juergen wolfgang gunter guenter heinz horst dieter uwe bernd manfred helmut gerhard werner stefan
matthias andreas sebastian florian tobias jan lukas felix jonas moritz niklas fabian philipp dominik markus ralf jens
torsten thorsten karsten sven lars ulrich holger detlef rainer joachim ursula renate helga monika sabine brigitte ingrid
birgit gisela karin heike gabriele silke katrin kathrin anja claudia susanne martina kerstin ute elke angelika christa
johanna lena lea leonie marie lina clara ida frieda greta mathilda charlotte annika franziska steffi heidi gudrun
jean pierre michel philippe alain patrice jacques bernard daniel francois christophe laurent nicolas julien thierry
olivier frederic stephane pascal sylvain antoine guillaume mathieu maxime romain hugo theo camille chloe manon lea ines
sandrine nathalie isabelle sylvie valerie catherine veronique celine aurelie sophie amelie elodie marion lucie juliette
jeanne louise adele margaux clement quentin baptiste etienne benoit yves gilles didier herve bruno loic cedric
antonio jose manuel francisco juan david javier daniel carlos jesus alejandro miguel rafael pedro angel pablo fernando
sergio jorge luis alberto alvaro diego adrian raul ivan ruben enrique ramon vicente andres joaquin santiago emilio
carmen josefa isabel dolores pilar teresa ana francisca laura cristina marta mercedes lucia rosario raquel elena sofia
paula beatriz silvia nuria patricia rocio irene inmaculada montserrat alba noelia esther consuelo guadalupe lupita
ximena
marco giuseppe giovanni francesco antonio luigi roberto stefano andrea paolo luca matteo alessandro lorenzo davide
riccardo simone federico giorgio massimo claudio fabio enrico pietro salvatore vincenzo giulia chiara francesca sara
martina valentina elisa alessia giorgia silvia paola federica elena ilaria serena simona daniela caterina lucia rosa
joao jose antonio francisco carlos paulo pedro lucas luiz marcos luis gabriel rafael daniel marcelo bruno eduardo felipe
rodrigo thiago tiago mateus gustavo guilherme vinicius leandro fabio ricardo maria ana francisca antonia adriana juliana
marcia fernanda patricia aline sandra camila amanda bruna jessica leticia larissa beatriz luciana vanessa mariana renata
jan johan pieter willem hendrik cornelis dirk jeroen bas sander thijs daan sem bram lars niels ruud joost maarten wouter
anneke marieke saskia femke sanne lotte fleur anouk iris esmee maud lieke roos tessa inge ingeborg wilma els greet
anna jan piotr krzysztof andrzej tomasz pawel michal marcin jakub adam mateusz wojciech kamil grzegorz lukasz mariusz
katarzyna malgorzata agnieszka barbara ewa krystyna elzbieta zofia jadwiga magdalena joanna aleksandra monika dorota
erik lars karl anders johan per nils mikael lennart hans olof gunnar bjorn magnus fredrik emil axel gustav ingrid karin
kristina birgitta astrid linnea freja saga ebba alva soren niels jens mads rasmus mette kirsten hanne lone olav
ole kari solveig bjarne mikko juha antti matti timo jukka heikki pekka ville sami jari tuula ritva leena paivi sari
minna kaisa jiri petr pavel tomas martin jaroslav miroslav zdenek vaclav josef jana hana lenka katerina veronika lucie
mehmet mustafa ahmet ali huseyin hasan ibrahim osman yusuf murat emre burak can ayse fatma emine hatice zeynep elif
meryem merve esra busra selin deniz ozlem
alexey aleksei sergei sergey dmitry dmitri andrei andrey alexei ivan mikhail nikolai vladimir pavel yuri igor oleg
olga tatiana elena natalia svetlana irina ekaterina anastasia ludmila galina oksana yulia ksenia
mohammed muhammad mohamed ahmed ali omar hassan hussein khalid youssef abdullah fatima aisha layla leila noor maryam
amina zainab rajesh amit sanjay rahul vijay suresh ramesh anil sunil deepak ravi arjun rohan vikram aditya priya
pooja neha anjali sunita kavita anita rekha lakshmi divya aarav ananya diya ishaan
wei li jing yan hiroshi takashi kenji satoshi yuki sakura haruto yui aoi hina akiko keiko yoko naoko minjun jihoon
jiwoo seoyeon minji eunji chidi amara chinedu ngozi oluwaseun kwame ama kofi thabo sipho lerato
"""
)
# Read with the module: the worker that judges columns opens no file.
_GIVEN: Final = _COMMONEST | frozenset(Path(__file__).with_name("given_names.txt").read_text(encoding="utf-8").split())
# Family names that come first in Japanese, Chinese and Korean; so few letters in all are a person's name.
_EAST: Final = """
佐藤 鈴木 高橋 田中 伊藤 渡辺 渡邊 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林
斎藤 斉藤 清水 山崎 森 池田 橋本 阿部 石川 山下 中島 石井 小川 前田 岡田 長谷川 藤田 後藤 近藤
村上 遠藤 青木 坂本 福田 太田 西村 藤井 金子 岡本 藤原 中野 三浦 原田 中川 松田 竹内 小野 田村
中山 和田 石田 上田 森田 柴田 酒井 工藤 横山 宮崎 内田 高木 安藤 谷口 大野 丸山 今井 高田 藤本
武田 村田 上野 杉山 増田 平野 小島 千葉 久保 松井 岩崎 桜井 木下 野口 松尾 野村 菊地 菊池 佐野
大西 杉本 新井 王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 罗 郑 梁 谢 宋 唐 许 韩
冯 邓 曹 彭 曾 萧 蔡 潘 袁 于 董 余 苏 叶 吕 魏 蒋 杜 丁 沈 姜 范 傅 钟 卢 汪 戴 崔 任
陆 廖 姚 方 金 邱 夏 谭 韦 贾 邹 熊 孟 秦 阎 薛 侯 雷 郝 龚 邵 張 劉 陳 楊 趙 吳 孫 馬
羅 鄭 謝 許 韓 馮 鄧 葉 呂 蔣 鍾 盧 戴 陸 賴 김 이 박 최 정 강 조 윤 장 임 한 오 서 신
권 황 안 송 류 전 홍 고 문 양 손 배 백 허 유 남 심 노 하 곽 성 차 주 우 구 민
"""
_EAST_NAME: Final = re.compile(
    # Korean names have three syllables; words have two as often.
    rf"^(?:{'|'.join(_EAST.split())})[ \u3000]?(?:[\u3040-\u30ff\u3400-\u9fff々]{{1,3}}|[\uac00-\ud7af]{{2}})$"
)
_FEWEST_EAST: Final = 8
# A column under one of these words holds names of something else, such as of dresses or cities.
_NOT_OF_PEOPLE: Final = word_set(
    """
city town place state region country province stadt ort ville ciudad citta cidade product item brand store shop branch
campaign color colour flower model street station hotel team club school saint plan channel segment cluster label group
artikel produkt marke filiale produit marque producto marca prodotto category brands cities products stores shops
campaigns models hotels teams clubs schools designer artist book books title titel film movie song album metro line pet
"""
)
_NAME_LIKE: Final = re.compile(r"^[^\W\d_][^\d_@/\\:;|]{1,60}$")
_FIRST_EAST: Final = 0x3000
_FEWEST: Final = 4
_MOSTLY: Final = 0.6
_FEW: Final = 8
_NEARLY_ALL: Final = 0.8


def are_names_of_people(cells: Sequence[str], header_words: frozenset[str]) -> bool:
    """Whether most different cells begin or end with a common given name, as in Anna, Anna Meyer and Meyer, Anna.

    Parameters
    ----------
    cells
        A sample of the column's cells.
    header_words
        The words of the column's name.
    """
    if header_words & _NOT_OF_PEOPLE:
        return False
    different = list(dict.fromkeys(cells))
    if len(different) < _FEWEST or sum(_NAME_LIKE.match(cell) is not None for cell in different) < 0.9 * len(different):
        return False
    if len(different) >= _FEWEST_EAST and all(ord(cell[0]) > _FIRST_EAST for cell in different):
        return sum(_EAST_NAME.match(cell) is not None for cell in different) >= _NEARLY_ALL * len(different)
    parts = [re.split(r"[\s,]+", without_accents(cell).replace(".", " ").strip()) for cell in different]
    if sum(len(words) > 4 for words in parts) > 0.1 * len(parts):
        return False
    found = sum(bool({words[0], words[-1], words[min(1, len(words) - 1)]} & _GIVEN) for words in parts)
    return found >= (_NEARLY_ALL if len(different) < _FEW else _MOSTLY) * len(different)


_EMAIL: Final = re.compile(r"^[^@\s]{1,64}@[^@\s]+\.[A-Za-z]{2,}$")
_PHONE: Final = re.compile(r"^(?:\+|00)?[\d()\-./ ]{7,20}(?:\s*(?:x|ext\.?)\s*\d{1,6})?$")
_WORLD_PHONE: Final = re.compile(r"^\+\d[\d()\-./ ]{7,18}$")
_CARD: Final = re.compile(r"^\d{4}[ -]?\d{4,6}[ -]?\d{4,5}[ -]?\d{0,4}$")
_IBAN: Final = re.compile(r"^[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?$")
# Written as people write them: a zero or a bracket first, or three groups; plain digits may be any number.
_NATIONAL_PHONE: Final = re.compile(
    r"^(?=(?:\D*\d){9})(?:0\d|\(\d)[\d()./ ]{7,18}(?:-\d{3,5})?$|^0\d{1,2}-\d{3,4}-\d{4}$|^\d{3}[-. ]\d{3}[-. ]\d{4}$"
)
_DATE_OR_DECIMAL: Final = re.compile(r"^\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b|^\d+[.,]\d+$")
_ABROAD: Final = re.compile(r"^00[1-9][\d()\-./ ]{6,18}$")
# Where the customers of a file without a country code may live; numbers of other countries need one.
_PHONE_REGIONS: Final = (
    "US", "GB", "DE", "FR", "IT", "ES", "NL", "PL", "BE", "AT", "CH", "SE", "BR", "AU", "JP", "IN", "KR"
)  # fmt: skip
_ID_SHAPE: Final = re.compile(r"^[A-Za-z]{0,6}[\dA-Za-z+\-./ ]{6,18}[\dA-Za-z]$")
# Anna Meyer <anna@example.com>
_WITH_EMAIL: Final = re.compile(r"^[^@<>]{1,100}<[^@\s<>]{1,64}@[^@\s<>]{1,100}\.[A-Za-z]{2,}>$")
_PROFILE: Final = re.compile(
    r"^(?:https?://)?(?:[a-z]{2,3}\.)?(?:linkedin|facebook|instagram|twitter|xing|tiktok|x)\.com/", re.IGNORECASE
)
_SSN: Final = re.compile(r"^\d{3}-\d{2}-\d{4}$")
# National identity numbers whose check digits, dates or letters few other codes pass, by the module of python-stdnum.
# Left out are those that other codes pass: the British NHS number is checked as an ISBN
# is, the Canadian SIN as cards are, Danish and old Czech ones hold a date alone.
_NATIONAL_IDS: Final = (
    "at.vnr", "be.nn", "br.cpf", "bg.egn", "ch.ssn", "cl.rut", "cn.ric", "de.idnr", "ee.ik", "es.dni",
    "es.nie", "fi.hetu", "fr.nir", "hr.oib", "in_.aadhaar", "it.codicefiscale", "mx.curp", "nl.bsn", "no.fodselsnummer",
    "pl.pesel", "ro.cnp", "se.personnummer", "tr.tckimlik", "za.idnr",
)  # fmt: skip
# So many different cells are looked at for each kind of number; by chance one cell in ten passes a check digit.
_CHECKED: Final = 12
_FEWEST_CHECKED: Final = 5
# A number before the word or after it. Looked for from the first of the two on and not from each (the group that
# is not gone back into): the time of the other way grows with the square of the length.
_STREET: Final = re.compile(
    r"^(?:\D*\d.*\b(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|way|place|square|rue"
    r"|chemin|allée|impasse|quai)\b"
    r"|(?>.*?(?:(?:straße|strasse|weg|platz|rue|via|calle|rua|avenida|straat|laan|gatan|vägen|gade|vej|katu|ulice|ulica"
    r"|caddesi|sokak)\b|str\.|\bul\.|ул\.|cad\.|sok\.)).*\d)",
    re.IGNORECASE | re.DOTALL,
)
_FEWEST_LETTERS: Final = 5
_PART_OF_A_CELL: Final = 100
_LETTERS: Final = re.compile(r"[^\W\d_]")
_AT: Final = re.compile("@")
_SIX_DIGITS_APART: Final = re.compile(r"(?:\d\D{0,2}){6}")


# Plates of Germany and Austria, Britain, France, Italy and Spain.
_PLATES: Final = (
    r"^[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4}[EH]?$", r"^[A-Z]{2}\d{2} [A-Z]{3}$",
    r"^[A-HJ-NP-TV-Z]{2}-\d{3}-[A-HJ-NP-TV-Z]{2}$",
    r"^[A-HJ-NPR-TV-Z]{2} ?\d{3} ?[A-HJ-NPR-TV-Z]{2}$", r"^\d{4} ?[BCDFGHJKLMNPRSTVWXYZ]{3}$",
)  # fmt: skip
_PLATE_PATTERNS: Final = tuple(map(re.compile, _PLATES))
_FEWEST_PLATES: Final = 8
_IP: Final = re.compile(r"^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$")
_HANDLE: Final = re.compile(r"^@[A-Za-z0-9_.]{2,40}$")
_DIGIT: Final = re.compile(r"\d")
EMAILS: Final = "e-mail addresses"
PHONES: Final = "telephone numbers"
# What a way of contact is called rather than a person.
_WAYS: Final = frozenset(
    [
        "email",
        "e-mail",
        "mail",
        "phone",
        "telephone",
        "telefon",
        "telefono",
        "cellular",
        "mobile",
        "mobil",
        "cell",
        "sms",
        "post",
        "letter",
        "fax",
        "call",
        "web",
        "online",
        "chat",
        "app",
        "in-person",
        "store",
        "branch",
        "none",
        "no",
        "yes",
        "unknown",
        "whatsapp",
        "landline",
        "home",
        "work",
    ]
)


def personal_reason(header: str, sample: Sequence[str]) -> str:
    """Return why a column is personal data, in words; nothing when it is not.

    Parameters
    ----------
    sample
        Cells that are trimmed, and cut where they are long.
    """
    # Shops put an apostrophe before digits, so that spreadsheets keep them.
    cells = [cell.removeprefix("'") for cell in sample]
    if not cells:
        return ""
    if header == FORMER_COLUMN:
        return "addresses that customers had before"
    # Whatever the cells tell by themselves has digits, or the marks of names in networks and of addresses.
    marked = any(letter.isdecimal() or letter in "@:" for cell in set(cells) for letter in cell)
    return (marked and _by_content(cells, header)) or _by_name(header, cells) or _by_given_names(header, cells)


def is_card_number(cell: str) -> bool:
    """Whether the digits pass the check (Luhn) that payment card numbers pass."""
    digits = [int(letter) for letter in cell if letter.isdecimal()]
    if not 13 <= len(digits) <= 19:
        return False
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _share(cells: Sequence[str], pattern: re.Pattern[str]) -> float:
    found = {cell: pattern.search(cell) is not None for cell in set(cells)}
    return sum(found[cell] for cell in cells) / len(cells)


def _by_content(cells: Sequence[str], header: str) -> str:
    if _share(cells, _EMAIL) >= 0.8 or _share(cells, _WITH_EMAIL) >= 0.8:
        return EMAILS
    # One number in ten passes the check by chance, so nearly all must.
    if _share(cells, _CARD) >= 0.9 and sum(map(is_card_number, cells)) >= 0.9 * len(cells):
        return "payment card numbers" if len(cells) >= 3 else ""
    if _share(cells, _WORLD_PHONE) >= 0.8:
        return PHONES
    if _share(cells, _IBAN) >= 0.8 and _are_valid("iban", cells):
        return "bank account numbers"
    if _are_phone_numbers(cells):
        return PHONES
    if _are_national_ids(cells):
        return "national identity numbers"
    words = frozenset(called.known_words(header))
    if _share(cells, _IP) >= 0.9 and not words & _VERSIONS:
        return "internet addresses"
    if _share(cells, _HANDLE) >= 0.9 or _share(cells, _PROFILE) >= 0.9:
        return "names in social networks"
    if not words & _OF_GOODS and _are_plates(cells):
        return "number plates"
    # 120.50 DR is a debit; a street has a name.
    named = [cell for cell in cells if len(_LETTERS.findall(cell[:_PART_OF_A_CELL])) >= _FEWEST_LETTERS]
    return "street addresses" if named and len(named) * _share(named, _STREET) >= 0.6 * len(cells) else ""


_VERSIONS: Final = word_set("version versions release build firmware")
_OF_GOODS: Final = word_set("sku product item article artikel produkt produit producto prodotto part stock model code")


def _are_plates(cells: Sequence[str]) -> bool:
    different = list(dict.fromkeys(cells))
    if len(different) < max(_FEWEST_PLATES, 0.8 * len(cells)):
        return False
    return any(_share(different, pattern) >= 0.95 for pattern in _PLATE_PATTERNS)


def _are_phone_numbers(cells: Sequence[str]) -> bool:
    """Whether the cells are numbers as they are dialled from abroad (00…) or within one of some countries."""
    abroad = _share(cells, _ABROAD) >= 0.8
    if not abroad and (_share(cells, _NATIONAL_PHONE) < 0.8 or _share(cells, _DATE_OR_DECIMAL) > 0):
        return False
    # With separators only: zeros are put in front of identifiers too.
    written = list(dict.fromkeys(each for each in cells if not each.isdecimal()))[:_CHECKED]
    if len(written) < _FEWEST_CHECKED:
        return False
    import phonenumbers  # takes a tenth of a second, which most files never need

    def valid(cell: str, region: str | None) -> bool:
        try:
            number = phonenumbers.parse("+" + cell[2:] if region is None else cell, region)
        except phonenumbers.NumberParseException:
            return False
        if region is None:
            return bool(phonenumbers.is_possible_number(number))
        return bool(phonenumbers.is_valid_number(number))

    regions = (None,) if abroad else _PHONE_REGIONS
    return any(sum(valid(each, region) for each in written) >= 0.8 * len(written) for region in regions)


def _are_national_ids(cells: Sequence[str]) -> bool:
    if _share(cells, _SSN) >= 0.9:
        return True
    if _share(cells, _ID_SHAPE) < 0.9 or _share(cells, _SIX_DIGITS_APART) < 0.9:
        return False
    return any(_are_valid(module, cells) for module in _NATIONAL_IDS)


def load_national_ids() -> None:
    """Load every kind of number's own check, which workers that are forked later then share."""
    for module in _NATIONAL_IDS:
        import_module(f"stdnum.{module}")


def _are_valid(module: str, cells: Sequence[str]) -> bool:
    """Whether nearly all of the first different cells pass a kind of number's own check."""
    different = list(dict.fromkeys(cells))[:_CHECKED]
    if len(different) < (1 if module == "iban" else _FEWEST_CHECKED):
        return False
    kind = import_module(f"stdnum.{module}")
    if module == "it.codicefiscale":
        # Eleven digits are a company's.
        n_valid = sum(len(each) > 11 and kind.is_valid(each) for each in different)
    elif module == "iban":
        n_valid = sum(kind.is_valid(each, check_country=False) for each in different)
    else:
        n_valid = sum(kind.is_valid(each) for each in different)
    return bool(n_valid >= 0.8 * len(different))


def _by_given_names(header: str, cells: Sequence[str]) -> str:
    if _share(cells, _LETTERS) < 0.9 or _share(cells, _DIGIT) > 0.1:
        return ""
    found = are_names_of_people(cells, frozenset(called.known_words(header)))
    return "names of people, as most of them hold a given name" if found else ""


def _are_ways(cells: Sequence[str]) -> bool:
    """Whether cells name a way of contact, such as cellular, and nobody."""
    different = {cell.strip().lower() for cell in cells}
    return len(different) <= len(_WAYS) and len(different & _WAYS) >= 0.5 * len(different)


_FEWEST_NAMES: Final = 3


def _by_name(header: str, cells: Sequence[str]) -> str:
    with_letters = _share(cells, _LETTERS) >= 0.8
    # Two kinds of an "ad" are no names, though that is the Turkish word for them.
    several = len(set(cells)) >= min(_FEWEST_NAMES, len(cells))
    if called.names_a_person(header) and with_letters and several:
        return "names of people, as the column is called"
    if called.names_a_contact(header) and with_letters and _share(cells, _DIGIT) < 0.2 and not _are_ways(cells):
        capital = sum(cell[:1].isupper() and (" " in cell or cell[1:].islower()) for cell in cells)
        if capital >= 0.8 * len(cells) and len(set(cells)) > _FEWEST_CHECKED:
            return "names of people, as the column is called"
    if called.names_a_plate(header) and _share(cells, _DIGIT) >= 0.8:
        return "number plates, as the column is called"
    if called.names_an_address(header) and with_letters and several:
        return "addresses, as the column is called"
    if called.names_a_phone(header) and _share(cells, _PHONE) >= 0.6:
        return "telephone numbers, as the column is called"
    if called.names_an_email(header) and _share(cells, _AT) >= 0.5:
        return "e-mail addresses, as the column is called"
    if called.names_a_card(header) and _share(cells, _SIX_DIGITS_APART) >= 0.6:
        return "card or document numbers, as the column is called"
    return ""
